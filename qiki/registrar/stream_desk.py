"""Where the reading of one stream stands, also when the stream is not what it was.

A stream may be deleted and made anew, or come back from a power cut without its last messages; its
sequences then name other messages than those that are stored. To the database it is another stream
from there on.
"""

import time

import msgspec
import structlog
from nats.aio.client import Client

from qiki.bus.stored_messages import DatedMessage, StoredMessages
from qiki.bus.stream_reader import ANSWER_TIMEOUT_S, StreamNow
from qiki.registrar.database import RegistrarDatabase
from qiki.registrar.record import Arrival, Record
from qiki.registrar.writer import BatchWriter

ROUNDING_US = 2  # of one time, told in two ways

log = structlog.get_logger()


class StreamDesk:
    """Stands between the reader of one stream and the writer.

    Parameters
    ----------
    client : asked for single messages.
    database : asked through `writer`, whose thread owns it.
    writer : gets the messages.
    are_recorded : each message of the stream that tells something leaves a record.
    """

    def __init__(
        self,
        client: Client,
        database: RegistrarDatabase,
        writer: BatchWriter,
        *,
        are_recorded: bool,
    ) -> None:
        self._are_recorded = are_recorded
        self._messages = StoredMessages(client, ANSWER_TIMEOUT_S)
        self._database = database
        self._writer = writer
        self._stream_id = 0
        self._created = ""
        self._sequence = -1  # of the last message taken; -1: the database knows
        self._time_us = 0  # when it was stored

    async def stand(self, now: StreamNow) -> int:
        """Return the sequence behind which to read on.

        Raises
        ------
        TimeoutError, nats.errors.Error : the broker does not answer.
        DatabaseError : the database cannot be used.
        """
        if self._sequence < 0:
            place = await self._writer.ask(self._database.place, now.name)
            if place is not None:
                self._stream_id, self._created, self._sequence, self._time_us = place
        if self._created != now.created:
            await self._begin(now, max(0, now.first_sequence - 1))
        elif not await self._holds(now, self._sequence, self._time_us):
            await self._begin(now, await self._last_common(now))
        self._writer.stand(self._stream_id, self._sequence)
        return self._sequence

    async def take(self, message: DatedMessage) -> None:
        """Hand a message on."""
        sequence, payload, headers = message.message
        time_us = _time_us(message)
        arrival = Arrival(message.subject, payload, headers, time_us, self._stream_id, sequence)
        await self._writer.take(arrival)
        self._sequence, self._time_us = sequence, time_us

    async def _holds(self, now: StreamNow, sequence: int, time_us: int) -> bool:
        """Return whether the stream holds, or has held, the message that was stored then."""
        if sequence > now.last_sequence:
            return False
        if time_us == 0 or sequence < now.first_sequence:
            return True  # none was read yet, or it has aged out
        found = await self._messages.get_of_others(now.name, seq=sequence)
        return found is None or abs(_time_us(found) - time_us) <= ROUNDING_US

    async def _last_common(self, now: StreamNow) -> int:
        """Return the newest message with a record that both have, so that none is lost or doubled.

        Frames are counted, not recorded: reading on from the end may leave out those that came
        meanwhile, reading again would count twice.
        """
        if not self._are_recorded:
            return now.last_sequence
        await self._writer.flushed()
        stored = await self._writer.ask(self._database.messages_of, self._stream_id)
        low, high = 0, len(stored)  # of the first `low` all are in the stream, behind `high` none
        while low < high:
            middle = (low + high) // 2
            if await self._holds(now, *stored[middle]):
                low = middle + 1
            else:
                high = middle
        return stored[low - 1][0] if low else max(0, now.first_sequence - 1)

    async def _begin(self, now: StreamNow, behind: int) -> None:
        told = {"stream": now.name, "created": now.created, "behind": behind}
        told["went_back_from"] = self._sequence if self._created == now.created else None
        tell = log.info if self._sequence < 0 else log.warning
        tell("stream_begun", **told)
        payload = msgspec.json.encode(told).decode()
        time_us = time.time_ns() // 1000
        record = Record(time_us, "stream.began", now.name, None, None, None, 0, payload)
        place = await self._writer.ask(
            self._database.begin_stream, now.name, now.created, behind, record
        )
        self._stream_id, self._created, self._sequence, self._time_us = place


def _time_us(message: DatedMessage) -> int:
    return round(message.time_s * 1e6)
