"""What the streams hold of a run, read from the first message to the last by an outsider."""

from collections import Counter
from typing import NamedTuple

from nats.js.api import ConsumerConfig

from qiki.bus import headers, subjects

IDLE_S = 30.0  # on a machine that has much else to do


class Flow(NamedTuple):
    """The frames and their answers, as the streams hold them."""

    frames: Counter[tuple[str, int, int]]  # by sensor, epoch and number
    by_sequence: dict[int, tuple[str, int, int]]
    answers: list[int]  # the frame's sequence that each tracks message answers, in their order
    refused: int

    @property
    def lost_frames(self):
        """Numbers that are missing between the first and the last of each radar's epoch."""
        numbers = {}
        for sensor_id, epoch, number in self.frames:
            numbers.setdefault((sensor_id, epoch), []).append(number)
        return sum(max(found) + 1 - len(found) for found in numbers.values())

    @property
    def duplicated_frames(self):
        """Frames that are stored more than once."""
        return sum(count - 1 for count in self.frames.values())

    @property
    def lost_answers(self):
        """Frames without a tracks message."""
        return len(self.by_sequence.keys() - set(self.answers))

    @property
    def duplicated_answers(self):
        """Frames with more than one, or answers to none."""
        return len(self.answers) - len(self.by_sequence.keys() & set(self.answers))

    @property
    def is_in_order(self):
        """Whether frames are answered in the order in which they are stored."""
        return self.answers == sorted(self.answers)


async def stored_flow(jetstream):
    """Read both streams."""
    by_sequence, frames = {}, Counter()
    async for message in _stored(jetstream, subjects.FRAMES):
        header = message.headers
        names = (header[headers.SENSOR_ID], *_integers(header, headers.EPOCH, headers.NUMBER))
        frames[names] += 1
        by_sequence[message.metadata.sequence.stream] = names
    answers, refused = [], 0
    async for message in _stored(jetstream, subjects.TRACKS):
        answers += _integers(message.headers, headers.INPUT_SEQUENCE)
        refused += message.headers[headers.VERDICT] != "accepted"
    return Flow(frames, by_sequence, answers, refused)


def _integers(header, *names):
    return [headers.integer(header, name) for name in names]


async def _stored(jetstream, subject):
    """Give what a stream holds of a subject, without the payloads."""
    stream = await jetstream.find_stream_name_by_subject(subject)
    state = (await jetstream.stream_info(stream, subjects_filter=subject)).state
    left = (state.subjects or {}).get(subject, 0)
    config = ConsumerConfig(headers_only=True)
    reader = await jetstream.subscribe(subject, stream=stream, ordered_consumer=True, config=config)
    for _ in range(left):
        yield await reader.next_msg(IDLE_S)
    await reader.unsubscribe()
