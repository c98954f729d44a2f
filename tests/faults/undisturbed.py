"""The frames of the fault tests, what an undisturbed tracker answers, and what is stored."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator

from nats.aio.client import Client
from nats.js.api import RawStreamMsg

from qiki.bus import headers
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.radar import Radar, Scenario
from qiki.serve.tracker_config import tracker_config
from qiki.settings import Settings, TrackerSettings
from qiki.tracking import FrameTracker
from qiki.wire import decode_tracks, encode_frame

RADAR = Radar(Scenario.load("default"))
SETTINGS = Settings()
TRACKS = SETTINGS.streams.tracks
PUBLISH_TIMEOUT_S = 30
AT_ONCE = 100  # messages asked for in one go


class Frames:
    """Sends the frames of the radar one by one."""

    def __init__(self, client: Client) -> None:
        self._sender = FrameSender(Publisher(client, PUBLISH_TIMEOUT_S), RADAR.sensor_id)
        self.sent = 0

    async def send(self, count: int) -> None:
        """Store so many frames, as fast as it goes."""
        for number in range(self.sent, self.sent + count):
            await self._sender.send(RADAR.frame(number).split(RADAR.sr_threshold_m))
            self.sent = number + 1


def undisturbed(
    numbers: Iterable[int], epoch: int, settings: TrackerSettings = SETTINGS.tracker
) -> Iterator[bytes]:
    """Give what one tracker answers, to the frames in this order, that nothing ever happens to."""
    tracker = FrameTracker(tracker_config(settings), tracker_id=settings.id, epoch=epoch)
    for number in numbers:
        yield tracker.answer(encode_frame(RADAR.frame(number))).payload


async def answered(client: Client, through: int, timeout_s: float = 60) -> None:
    """Wait until the stream of tracks reaches sequence `through`, and no further."""
    jetstream = client.jetstream()
    async with asyncio.timeout(timeout_s):
        while True:
            last = (await jetstream.stream_info(TRACKS)).state.last_seq
            if last >= through:
                break
            await asyncio.sleep(0.02)
    assert last == through


async def stored(client: Client, first: int, last: int) -> list[RawStreamMsg]:
    """Return the tracks messages of these sequences."""
    get, found = client.jetstream().get_msg, []
    for at in range(first, last + 1, AT_ONCE):
        part = range(at, min(at + AT_ONCE, last + 1))
        found += await asyncio.gather(*(get(TRACKS, sequence, direct=True) for sequence in part))
    return found


class Comparison:
    """Tracks messages beside those of an undisturbed run.

    Parameters
    ----------
    messages : all that are stored of frames `skipped` and later.

    Attributes
    ----------
    different : numbers of the frames that have another answer.
    each_once : each answer names another frame message, in their order.
    sha256 : over all payloads; `expected_sha256` over the undisturbed ones.
    """

    def __init__(self, messages: list[RawStreamMsg], skipped: int = 0) -> None:
        count = skipped + len(messages)
        expected = list(undisturbed(range(count), epoch_of(messages)))[skipped:]
        payloads = [message.data or b"" for message in messages]
        pairs = enumerate(zip(payloads, expected, strict=True))
        self.different = [skipped + number for number, (one, other) in pairs if one != other]
        names = [int((message.headers or {})[headers.INPUT_SEQUENCE]) for message in messages]
        self.each_once = names == sorted(set(names))
        self.sha256 = hashlib.sha256(b"".join(payloads)).hexdigest()
        self.expected_sha256 = hashlib.sha256(b"".join(expected)).hexdigest()

    @property
    def same(self) -> bool:
        """Return whether these are the bytes of the undisturbed run, each frame answered once."""
        return self.sha256 == self.expected_sha256 and self.each_once and not self.different


def epoch_of(messages: list[RawStreamMsg]) -> int:
    """Return the tracker's epoch, which the first message names."""
    return decode_tracks(messages[0].data or b"").tracker_epoch
