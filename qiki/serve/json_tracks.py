"""Tracks in the original's JSON: one message per track, made of the log of tracks.

It keeps nothing. Each message says of which message of the log it is, and which of its tracks, so
the newest one tells where to go on. The last track of a message goes out when all others are
stored: where it is the newest, nothing of its message is missing. Else the message is told again,
under the same ids, and the broker drops what it has.
"""

import asyncio
from typing import NamedTuple

import structlog
from nats.aio.client import Client

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate, rfc3339
from qiki.bus.publish import Message, Publisher
from qiki.bus.stored_messages import DatedMessage, StoredMessages
from qiki.bus.stream_reader import ANSWER_TIMEOUT_S, StreamNow, StreamReader
from qiki.bus.tracks_log import tracks_log
from qiki.bus.worker_effects import StoredMessage
from qiki.errors import DecodeError, TracksError
from qiki.figures import FIGURES
from qiki.settings import Settings
from qiki.wire import TrackJson, TracksMessage, decode_tracks, encode_tracks_json

PUBLISHED_AT_ONCE = 64
LOOKED_AT_MAX = 1000  # newest messages of the stream, for a track that says its place in the log

_TEMPLATE = EventTemplate(
    "urn:qiki:faststream-bridge:radar",
    "qiki.radar.v1.Track",
    schema=None,
    headers={headers.TRUTH_STATE: "OK", headers.FALLBACK: "false"},
    original=True,
)

log = structlog.get_logger()


class _Place(NamedTuple):
    """Of which message of the log a track is: which log, which message, whether its last track."""

    created: str | None
    sequence: int
    is_last: bool


class JsonTracks:
    """Publishes the tracks of the log as JSON.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, times.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._log = tracks_log(settings)
        self._durable = settings.bridge.durable
        self._stream = settings.streams.tracks
        self._messages = StoredMessages(client, ANSWER_TIMEOUT_S)
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self._created = ""
        self._has_told = asyncio.Event()
        self.told_sequence = 0  # of the log: all up to it are told, or are counted

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set.

        Raises
        ------
        BrokerError : a stream or consumer is gone, or the broker refuses to read or to store; one
            that is away is waited for.
        """
        reader = StreamReader(
            self._client, self._log.stream, self._durable, self._stand, self._take
        )
        await reader.run(stop)
        log.info("json_tracks_ended", told_sequence=self.told_sequence)

    async def reach(self, sequence: int) -> None:
        """Wait until the log is told so far."""
        while self.told_sequence < sequence:
            self._has_told.clear()
            await self._has_told.wait()

    async def _stand(self, now: StreamNow) -> int:
        """Return the sequence of the log behind which to read."""
        newest = await self._newest_of_ours()
        told = None if newest is None else _told_sequence(newest, now)
        gone = max(0, now.first_sequence - 1)
        # What is left is told again; of what is not, this process knows whether it was told.
        known = min(self.told_sequence, gone) if self._created == now.created else None
        if told is None and known is None:
            told = gone
            if gone:
                log.info("json_tracks_place_unknown", first_sequence=now.first_sequence)
        self._created, self.told_sequence = now.created, max(told or 0, known or 0)
        self._miss_through(gone)
        return self.told_sequence

    async def _newest_of_ours(self) -> _Place | None:
        """Return the place that the newest track says which says one; others may publish, too."""
        newest = await self._messages.get_of_others(self._stream, subject=subjects.TRACKS)
        if newest is None:
            return None
        if (place := _place_of(newest.message)) is not None:
            return place
        newest_sequence = newest.message.sequence
        oldest = max(0, newest_sequence - LOOKED_AT_MAX)
        for sequence in range(newest_sequence - 1, oldest, -1):
            found = await self._messages.get_of_others(self._stream, seq=sequence)
            if found is None or found.subject != subjects.TRACKS:
                continue
            if (place := _place_of(found.message)) is not None:
                return place
        log.warning(
            "json_tracks_of_others",
            looked_at=newest_sequence - oldest,
            effect="none says its place in the log, so all that the log has is told",
        )
        return None

    def _miss_through(self, sequence: int) -> None:
        """Count the answers up to that sequence that aged out before they were told."""
        if sequence > self.told_sequence:
            self._miss("aged_out", self.told_sequence + 1, sequence)

    def _miss(self, why: str, first: int, last: int, **facts: object) -> None:
        FIGURES.tracks_not_told[why] += last - first + 1
        log.warning("tracks_not_told", why=why, from_sequence=first, to_sequence=last, **facts)
        self._tell_reached(last)

    def _tell_reached(self, sequence: int) -> None:
        self.told_sequence = sequence
        self._has_told.set()

    async def _take(self, dated: DatedMessage) -> None:
        """Publish the tracks of one message of the log."""
        sequence, payload, header = dated.message
        self._miss_through(sequence - 1)
        try:
            message = decode_tracks(payload, headers.expected_checksum(header, payload))
        except (DecodeError, TracksError) as error:
            self._miss("unreadable", sequence, sequence, reason=str(error))
            return
        # The same at each reading, or a track that is told again would be another event.
        stored_ns = round(dated.time_s * 1e6) * 1000
        messages = self._messages_of(message, sequence, stored_ns)
        before_last = max(0, len(messages) - 1)
        for first in range(0, before_last, PUBLISHED_AT_ONCE):
            some = messages[first : min(first + PUBLISHED_AT_ONCE, before_last)]
            await self._publish_all(some)
        for last in messages[before_last:]:
            await self._publish(last)
        self._tell_reached(sequence)

    async def _publish_all(self, messages: list[Message]) -> None:
        """Publish in any order; none is on its way any more when one could not be stored."""
        ends = await asyncio.gather(*map(self._publish, messages), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end

    async def _publish(self, message: Message) -> None:
        await self._publisher.publish(message, may_be_stored=True)

    def _messages_of(self, message: TracksMessage, sequence: int, stored_ns: int) -> list[Message]:
        texts = encode_tracks_json(message.tracks, stored_ns)
        frame = f"{message.sensor_id}:{message.epoch}:{message.number}"
        place = {
            headers.TRACKS_CREATED: self._created,
            headers.TRACKS_SEQUENCE: str(sequence),
            headers.TRACKS: str(len(texts)),
        }

        def of(index: int, text: TrackJson) -> Message:
            event = _TEMPLATE.headers(f"{text.track_id}:{rfc3339(stored_ns, 6)}", message.time_ns)
            own = {
                headers.MESSAGE_ID: f"{text.track_id}:{frame}",
                headers.TRACK_INDEX: str(index),
            }
            absent = {headers.ABSENT: text.absent} if text.absent else {}
            return Message(subjects.TRACKS, text.payload, event | place | own | absent)

        return [of(index, text) for index, text in enumerate(texts)]


def _place_of(track: StoredMessage) -> _Place | None:
    """Return the place that a track says, None where it is not ours."""
    header = track.headers
    sequence = headers.integer(header, headers.TRACKS_SEQUENCE)
    index = headers.integer(header, headers.TRACK_INDEX)
    count = headers.integer(header, headers.TRACKS)
    if sequence is None or index is None or count is None:
        return None
    return _Place(header.get(headers.TRACKS_CREATED), sequence, is_last=index + 1 == count)


def _told_sequence(newest: _Place, now: StreamNow) -> int | None:
    """Return the sequence up to which the log is told, 0 where the newest track is of another log.

    None where the log has not that sequence.
    """
    if newest.created != now.created:
        return 0
    if newest.sequence > now.last_sequence:
        return None
    return newest.sequence if newest.is_last else newest.sequence - 1
