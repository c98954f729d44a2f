"""Snapshots deleted or damaged cost replay time; only where inputs are gone too the bridge refuses.

Each bridge answers 20 frames and saves at the 8th, the 16th and, when it is stopped, at the 20th;
two snapshots are kept.
"""

import asyncio

import msgspec
import pytest
from nats.js.api import DiscardPolicy
from structlog.testing import capture_logs

from qiki.errors import RecoveryError
from qiki.serve.bridge import Bridge
from qiki.settings import BridgeSettings
from tests.faults import bucket
from tests.faults.undisturbed import Comparison, Frames, answered, stored
from tests.serve.running_bridge import bridge_running


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, bridge=BridgeSettings(snapshot_every=8))


@pytest.fixture
async def frames(client, settings):
    """Twenty frames, answered by a bridge that has been stopped."""
    frames = Frames(client)
    async with bridge_running(client, settings):
        await frames.send(20)
        await answered(client, 20)
    return frames


async def go_on(client, settings, frames):
    """Start the bridge again and let it answer ten more frames.

    Return what it has stored, the slots it could not use, and how many frames it has replayed.
    """
    with capture_logs() as lines:
        async with bridge_running(client, settings):
            await frames.send(10)
            await answered(client, frames.sent)
    skipped = [line["slot"] for line in lines if line["event"] == "snapshot_skipped"]
    found = Comparison(await stored(client, 1, frames.sent))
    (ended,) = (line for line in lines if line["event"] == "bridge_ended")
    return found, skipped, ended["replayed"]


async def lose_inputs(client, kept):
    """Let the stream of frames lose all but its newest messages, as by age."""
    jetstream = client.jetstream()
    config = (await jetstream.stream_info("QIKI_RADAR_V1")).config
    config.max_msgs, config.discard = kept, DiscardPolicy.OLD
    await jetstream.update_stream(config)


async def test_without_any_snapshot_all_is_replayed(client, settings, frames, bar):
    assert len(await bucket.manifests(client)) == 2
    await bucket.delete_all(client)
    found, skipped, replayed = await go_on(client, settings, frames)
    bar(
        "all snapshots deleted: replayed from the beginning, the same bytes",
        found.same and replayed == 20,
        {"frames": frames.sent, "replayed": replayed},
    )
    assert (skipped, replayed) == ([], 20)
    assert found.same


async def test_without_snapshots_and_first_frames_the_bridge_refuses(client, settings, frames, bar):
    await bucket.delete_all(client)
    await lose_inputs(client, kept=6)
    with pytest.raises(RecoveryError, match=r"no usable snapshot.*--new-epoch") as refusal:
        await Bridge(client, settings).run(asyncio.Event())
    bar("all snapshots deleted, frames gone: refused with the remedy", True, {"refused": 1})
    assert r"the input stream begins at 55, must begin at 1 to do without" in str(refusal.value)


@pytest.mark.parametrize("part", ["manifest", "chunk"])
@pytest.mark.parametrize(("damaged", "expected_replay"), [(1, 4), (2, 20)], ids=["newest", "both"])
async def test_damaged_snapshots_are_passed_over(
    client, settings, frames, bar, part, damaged, expected_replay
):
    manifests = (await bucket.manifests(client))[:damaged]
    for manifest in manifests:
        await bucket.damage(client, bucket.key_of(manifest, part))
    found, skipped, replayed = await go_on(client, settings, frames)
    bar(
        "snapshots damaged: an older one or a replay, the same bytes",
        found.same and replayed == expected_replay,
        {"damaged": damaged, "replayed": replayed},
    )
    assert set(skipped) == {manifest.slot for manifest in manifests}
    assert replayed == expected_replay
    assert found.same


async def test_both_damaged_and_first_frames_gone_the_bridge_refuses(client, settings, frames, bar):
    for manifest in await bucket.manifests(client):
        await bucket.damage(client, bucket.key_of(manifest, "chunk"))
    await lose_inputs(client, kept=6)
    with pytest.raises(RecoveryError, match=r"no usable snapshot.*restore the.*--new-epoch"):
        await Bridge(client, settings).run(asyncio.Event())
    bar("snapshots damaged, frames gone: refused with the remedy", True, {"refused": 1})
