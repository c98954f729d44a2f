"""The snapshots of the bridge as they stand in the bucket: read, changed, deleted."""

from nats.js.errors import NotFoundError

from qiki.bus import subjects
from qiki.bus.worker_snapshot import Manifest, chunk_key, manifest_key
from qiki.settings import Settings

SETTINGS = Settings()
BUCKET = SETTINGS.streams.snapshots
TRACKER_ID = SETTINGS.tracker.id
SLOTS = 2


async def value(client, key):
    """Return what stands under a key, nothing where there is nothing."""
    try:
        subject = f"{subjects.SNAPSHOTS}.{key}"
        return (await client.jetstream().get_msg(BUCKET, subject=subject, direct=True)).data
    except NotFoundError:
        return b""


async def manifests(client):
    """Return the whole manifests, newest first."""
    found = []
    for slot in range(SLOTS):
        content = await value(client, manifest_key(TRACKER_ID, slot))
        if content.startswith(b"QIKI-SNAPSHOT 1 "):
            found.append(Manifest.decode(content, slot))
    return sorted(found, key=lambda manifest: manifest.position.order, reverse=True)


def key_of(manifest, part):
    """Return the key of a snapshot's manifest or first chunk."""
    slot = manifest.slot
    return manifest_key(TRACKER_ID, slot) if part == "manifest" else chunk_key(TRACKER_ID, slot, 0)


async def damage(client, key):
    """Change one bit in the middle of a value."""
    content = bytearray(await value(client, key))
    content[len(content) // 2] ^= 1
    await client.jetstream().publish(f"{subjects.SNAPSHOTS}.{key}", bytes(content))


async def delete_all(client):
    """Delete every snapshot of every tracker."""
    await client.jetstream().purge_stream(BUCKET)
