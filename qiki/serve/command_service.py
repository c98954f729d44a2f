"""Commands from their stream to the interpreter, its answers to whoever asked."""

import asyncio
import contextlib
import time
import uuid
from datetime import UTC, datetime
from typing import NoReturn

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.client import JetStreamContext as PullContext
from nats.js.errors import APIError, NotFoundError
from structlog.typing import FilteringBoundLogger

from qiki.bus import subjects
from qiki.bus.command_message import Outcome, encode_answer
from qiki.bus.connection import api_failure
from qiki.errors import BrokerError
from qiki.serve.command_interpreter import CommandInterpreter, StoredCommand
from qiki.serve.world_commands import CommandedBot
from qiki.settings import Settings

ASK_S = 2.0  # how long one request for a command stands
RETRY_WAIT_S = 0.2

log = structlog.get_logger()


async def newest_command(client: Client, settings: Settings) -> int:
    """Return the sequence of the newest stored command, 0 where there was none.

    Raises
    ------
    BrokerError : the stream or its durable is missing, or the broker refuses.
    """
    jetstream = client.jetstream()
    name = settings.streams.commands
    try:
        await _require_durable(jetstream, settings)
        return (await jetstream.stream_info(name)).state.last_seq
    except APIError as error:
        raise api_failure(f"stream {name}", error) from error
    except (TimeoutError, nats.errors.Error) as error:
        raise BrokerError(
            f"stream {name}: the broker did not answer ({error!r}): see whether it runs"
        ) from error


class CommandService:
    """Reads commands one at a time, in order, and answers each.

    A command is acknowledged to the broker only behind its answer. One that the broker delivers
    again, because that acknowledgement was lost, does not act again (`CommandInterpreter`).

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : stream, durable, how old a command may be.
    bot : what commands act on, with its world.
    begin_sequence : of the newest command when the world began.
    bot_log : says which bot it is, of several.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        bot: CommandedBot,
        begin_sequence: int,
        bot_log: FilteringBoundLogger = log,
    ) -> None:
        self._client = client
        self._jetstream = client.jetstream()
        self._settings = settings
        self._interpreter = CommandInterpreter(bot, begin_sequence, settings.commands.timeout_s)
        self._newest: Outcome | None = None
        self._log = bot_log

    async def run(self) -> NoReturn:
        """Answer commands until the task is cancelled.

        Raises
        ------
        BrokerError : the durable is gone.
        """
        streams = self._settings.streams
        pull = await self._jetstream.pull_subscribe_bind(streams.commands_durable, streams.commands)
        try:
            while True:
                message = await self._next(pull)
                if message is not None:
                    await self._answer(message)
        finally:
            # Else the request that stands would take the next command from whoever reads then.
            with contextlib.suppress(nats.errors.Error):
                await pull.unsubscribe()

    async def _next(self, pull: PullContext.PullSubscription) -> Msg | None:
        """Return the next command; None where none came, or the broker was away meanwhile."""
        try:
            return (await pull.fetch(1, ASK_S))[0]
        except TimeoutError:
            return None
        except nats.errors.Error as error:
            self._log.warning("commands_unread", error=repr(error))
            await asyncio.sleep(RETRY_WAIT_S)
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            await _require_durable(self._jetstream, self._settings)
        return None

    async def _answer(self, message: Msg) -> None:
        metadata = message.metadata
        stored_s = metadata.timestamp.timestamp()
        age_s = max(0.0, time.time() - stored_s)
        stored = StoredCommand(metadata.sequence.stream, stored_s, age_s, message.data)
        outcome = self._interpreter.answer(stored)
        if outcome is not self._newest:  # else the broker delivered it again
            _tell(outcome, self._log)
        self._newest = outcome
        await self._client.publish(
            subjects.COMMAND_RESPONSES,
            encode_answer(outcome, uuid.uuid4(), datetime.now(UTC)),
        )
        await message.ack()


async def _require_durable(jetstream: JetStreamContext, settings: Settings) -> None:
    streams = settings.streams
    try:
        await jetstream.consumer_info(streams.commands, streams.commands_durable)
    except NotFoundError as error:
        raise BrokerError(
            f"consumer {streams.commands}/{streams.commands_durable} is missing, must be there: "
            "run `qiki js apply`"
        ) from error


def _tell(outcome: Outcome, log: FilteringBoundLogger) -> None:
    refusal = outcome.refusal
    log.info(
        "command_applied" if refusal is None else "command_rejected",
        command=outcome.command_name,
        sequence=outcome.sequence,
        **({} if refusal is None else {"reason": str(refusal)}),
    )
