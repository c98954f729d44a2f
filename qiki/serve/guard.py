"""The guard's service: alerts of the tracks messages as events of their own.

It keeps nothing. Each event says of which tracks message and which of its alerts it is, so the
last one tells where to go on: every alert is published once, whatever is killed, however long it
is away. While there is nothing to alert of, an event of another subject says now and then how far
it has read, so that the next start need not read all that again.
"""

import asyncio
import time
from collections import Counter

import structlog
from nats.aio.client import Client

from qiki.bus import headers, subjects
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.publish import Publisher
from qiki.bus.stored_messages import DatedMessage, StoredMessages
from qiki.bus.stream_apply import require
from qiki.bus.stream_reader import ANSWER_TIMEOUT_S, StreamNow, StreamReader
from qiki.bus.tracks_log import tracks_log
from qiki.errors import DecodeError, TracksError
from qiki.figures import FIGURES
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.guard_events import Place, guard_event, place_event
from qiki.serve.observed import observed
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.settings import Settings
from qiki.wire import TracksMessage, crc32c, decode_tracks

PLACE_EVERY_S = 60.0

log = structlog.get_logger()


class GuardFanOut:
    """Publishes the alerts of a stream of tracks messages.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, times.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._streams = settings.streams
        self._log = tracks_log(settings)
        self._messages = StoredMessages(client, ANSWER_TIMEOUT_S)
        self._publisher = Publisher(client, settings.nats.publish_timeout_s)
        self._done = Place("", 0, -1)  # up to there every alert is published
        self._alert_sequence: int | None = None
        self._told_s = 0.0  # when an event last said where it stands
        self._not_guarded: Counter[str] = Counter()

    def facts(self) -> dict[str, object]:
        """Return the sequence of the tracks message whose alert was published last."""
        return {"alert_sequence": self._alert_sequence}

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set.

        Raises
        ------
        BrokerError : a stream or consumer is gone, or the broker refuses to read or to store; one
            that is away is waited for.
        """
        streams = self._streams
        reader = StreamReader(
            self._client, self._log.stream, streams.guard_durable, self._stand, self._take
        )
        log.info("guard_started", stream=self._log.stream)
        await reader.run(stop)
        log.info("guard_ended", sequence=self._done.sequence)

    async def _stand(self, now: StreamNow) -> int:
        """Return the sequence behind which to read: the last event's message is read again."""
        alert = await self._last(subjects.GUARD, now)
        read = await self._last(subjects.GUARD_PLACE, now)
        self._alert_sequence = None if alert is None else alert.sequence
        begin = Place(now.created, max(1, now.first_sequence), -1)
        self._done = max((place for place in (alert, read) if place is not None), default=begin)
        self._told_s = time.monotonic()
        return self._done.sequence - 1

    async def _last(self, subject: str, now: StreamNow) -> Place | None:
        """Return the place that the last event of a subject tells; None if it is no place now."""
        last = await self._messages.get_of_others(self._streams.events, subject=subject)
        place = None if last is None else Place.of_headers(last.message.headers)
        if last is None or place is None or place.created != now.created:
            return None
        if place.sequence > now.last_sequence:
            return None
        # After a power cut the sequence may be another message's; of one that has aged out nothing
        # before it is left, either.
        told = last.message.headers.get(headers.TRACKS_CRC32C)
        if told is not None:
            message = await self._messages.get_of_others(now.name, seq=place.sequence)
            if message is None or headers.checksum_text(crc32c(message.message.payload)) != told:
                return None
        return place

    async def _take(self, dated: DatedMessage) -> None:
        """Publish the alerts of a message that are not published yet, and how far it has read."""
        FIGURES.worked()
        await self._publish_alerts(dated)
        self._done = max(self._done, self._done._replace(sequence=dated.message.sequence, alert=-1))
        if time.monotonic() - self._told_s >= PLACE_EVERY_S:
            event = place_event(self._done, crc32c(dated.message.payload), dated.time_s)
            await self._publisher.publish(event, may_be_stored=True)
            self._told_s = time.monotonic()

    async def _publish_alerts(self, dated: DatedMessage) -> None:
        sequence, payload, header = dated.message
        try:
            message = decode_tracks(payload, headers.expected_checksum(header, payload))
        except (DecodeError, TracksError) as error:
            self._miss("unreadable", sequence=sequence, reason=str(error))
            return
        if message.unwatched_count:
            self._miss("unwatched", sequence=sequence, pairs=message.unwatched_count)
        for number, alert in enumerate(message.alerts):
            place = self._done._replace(sequence=sequence, alert=number)
            if place > self._done:
                event = guard_event(message, alert, place, dated.time_s)
                # Another one of us may have been there first: the same event, by its id.
                await self._publisher.publish(event, may_be_stored=True)
                self._done = place
                self._alert_sequence, self._told_s = sequence, time.monotonic()
                _tell(message, number)

    def _miss(self, why: str, **facts: object) -> None:
        """Count a message that is not guarded; the log has the first and each doubling.

        A table of pairs that is full stays so for many frames.
        """
        FIGURES.not_guarded[why] += 1
        self._not_guarded[why] += 1
        if (count := self._not_guarded[why]).bit_count() == 1:
            log.warning(f"tracks_{why}", messages=count, **facts)


def _tell(message: TracksMessage, number: int) -> None:
    alert = message.alerts[number]
    facts = {"rule": alert.rule_id, "track": alert.track_number, "range_m": round(alert.range_m, 1)}
    log.info(f"guard_{alert.kind}", severity=alert.severity, time_ns=alert.time_ns, **facts)


async def serve_guard(settings: Settings) -> None:
    """Run the fan-out until SIGTERM or SIGINT.

    Raises
    ------
    SettingError : the broker is not as durable as asked, or the metrics cannot be served.
    ListenError : the port of the metrics is taken.
    BrokerError : the broker is missing, lacks a stream, or refuses to read or to store.
    """
    stop = stop_signal()
    async with connected(settings.nats, "qiki-guard") as client:
        tracks = tracks_log(settings).stream
        needed = [tracks, settings.streams.events]
        await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
        await require_durable(client, settings, needed)
        guard = GuardFanOut(client, settings)
        reads = [ConsumerName(tracks, settings.streams.guard_durable)]
        async with observed(client, settings, "guard", reads, guard.facts):
            settle()
            await guard.run(stop)
