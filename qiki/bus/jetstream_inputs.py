"""The input side of a worker on a real broker: the next input, or the proof that there is none."""

import asyncio
from contextlib import AsyncExitStack

from nats.aio.client import Client

from qiki.bus import subjects
from qiki.bus.retention_proof import RetentionProof, clock_s
from qiki.bus.standing_pull import StandingPull
from qiki.bus.stored_messages import StoredMessages
from qiki.bus.stream_state import DatedState, read_state
from qiki.bus.worker_effects import NextInput, NoInput, StopAsked, StreamState, Unanswered
from qiki.settings import Settings


class JetStreamInputs:
    """Reads frames through a standing pull; `close` gives it up.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of stream and durable, waits.
    stop : when it is set, no further input is given.
    timeout_s : for one answer of the broker.
    """

    def __init__(
        self, client: Client, settings: Settings, stop: asyncio.Event, timeout_s: float
    ) -> None:
        self._client = client
        self._messages = StoredMessages(client, timeout_s)
        self._timeout_s = timeout_s
        self._bridge = settings.bridge
        self._stream = settings.streams.radar
        self._stop = stop
        self._stopping = False
        self._open = AsyncExitStack()
        self._pull: StandingPull | None = None
        self._behind = 0  # the pull's next message is the first behind this
        self._behind_time_s = 0.0  # when that one was stored, by the broker's clock
        self._proof = RetentionProof()

    async def next(self, after: int) -> NextInput | NoInput | StopAsked | Unanswered:
        """Wait for the first frame behind `after`.

        Raises
        ------
        BrokerError : the consumer is gone, or the broker refuses to let it be read.
        """
        if self._stop.is_set():
            return await self._at_stop(after)
        pull = await self._pull_behind(after)
        silences = pull.silences
        taken = await pull.take(self._bridge.idle_save_s)
        if self._stop.is_set():
            return await self._at_stop(after)
        if pull.silences != silences:
            await self.close()
            return Unanswered("the pull was opened again")
        if taken is None:
            return await self._no_input(after)
        after_is_dated = after == self._behind
        after_time_s = self._behind_time_s if after_is_dated else 0.0
        self._behind, self._behind_time_s = taken.message.sequence, taken.time_s
        return NextInput(taken.message, await self._held_from(after, after_time_s))

    async def state(self) -> StreamState:
        """Return where the stream begins and ends."""
        return (await self._dated_state()).state

    async def close(self) -> None:
        """Give the pull up; the next input is read by another."""
        self._pull = None
        await self._open.aclose()

    async def _at_stop(self, after: int) -> NoInput | StopAsked:
        """Let the worker save that nothing is left to answer, before it stops.

        Else the parts of its last frame, should they age out before it starts again, would look
        like frames that nobody has answered.
        """
        if not self._stopping:
            self._stopping = True
            outcome = await self._no_input(after)
            if isinstance(outcome, NoInput):
                return outcome
        return StopAsked()

    async def _pull_behind(self, after: int) -> StandingPull:
        """Return a pull whose next message is the first input behind `after`."""
        if self._pull is None or after < self._behind:
            await self.close()
            self._pull = await self._open.enter_async_context(
                StandingPull(
                    self._client,
                    self._stream,
                    self._bridge.durable,
                    self._stop,
                    first_sequence=after + 1,
                    batch=self._bridge.pull_batch,
                    idle_heartbeat_s=self._bridge.idle_heartbeat_s,
                )
            )
            self._behind, self._behind_time_s = after, 0.0
        return self._pull

    async def _no_input(self, after: int) -> NoInput | Unanswered:
        """Make sure that none is there; the end of the stream is read before it is looked for."""
        before = await self.state()
        found = await self._messages.get_of_others(
            self._stream, seq=after + 1, subject=subjects.FRAMES, next=True
        )
        if found is not None:
            await self.close()
            return Unanswered(f"input {found.message.sequence} is stored, and was not delivered")
        return NoInput(before.last, (await self.state()).first)

    async def _held_from(self, after: int, after_time_s: float) -> int:
        """Return from which sequence on all is held, by proof or by asking."""
        if self._proof.holds(after_time_s, clock_s()):
            return after + 1
        return (await self.state()).first

    async def _dated_state(self) -> DatedState:
        asked_s = clock_s()
        dated = await read_state(self._client, self._stream, self._timeout_s)
        self._proof.learn(dated, asked_s)
        return dated
