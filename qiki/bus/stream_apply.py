"""Create or update the declared streams, or say how the broker's differ."""

import asyncio
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import nats.errors
import structlog
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from qiki.bus.connection import STARTING, api_failure
from qiki.bus.stream_shrink import shrinks
from qiki.bus.streams import StreamPlan
from qiki.errors import BrokerError, SettingError

RETRY_WAIT_S = 0.1

log = structlog.get_logger()


class _NoAnswerError(BrokerError):
    """The broker is away, or starting."""


class ShrinkError(SettingError):
    """A stream that holds messages would become smaller."""


class Difference(NamedTuple):
    """One thing of a stream or consumer that is not as declared; None: absent."""

    place: str
    actual: object
    declared: object

    def __str__(self) -> str:
        if self.actual is None:
            return f"{self.place}: missing"
        return f"{self.place}: is {self.actual}, must be {self.declared}"


async def check(jetstream: JetStreamContext, plans: Sequence[StreamPlan]) -> list[Difference]:
    """Compare the broker's streams and durables with the declared ones.

    Raises
    ------
    BrokerError : the broker has no JetStream, or does not answer.
    """
    differences = []
    for plan in plans:
        name = plan.config.name or ""
        actual = await _info(jetstream, name)
        if actual is None:
            differences.append(Difference(name, None, "a stream"))
            continue
        differences += _compare(name, actual.config, plan.config)
        for durable in plan.durables:
            differences += await _check_durable(jetstream, name, durable)
    return differences


async def apply(
    jetstream: JetStreamContext, plans: Sequence[StreamPlan], *, force: bool = False
) -> list[Difference]:
    """Make the broker's streams and durables as declared; return what had to change.

    Parameters
    ----------
    jetstream : of an open connection.
    plans : what is declared.
    force : shrink streams that hold messages, too, and put into the log what that takes.

    Raises
    ------
    ShrinkError : a stream that holds messages would become smaller; nothing was changed.
    BrokerError : the broker refuses a change, with its words.
    """
    differences = await check(jetstream, plans)
    if differences:
        await _settle_shrinks(jetstream, plans, force=force)
    places = {difference.place.partition(".")[0] for difference in differences}
    for plan in plans:
        name = plan.config.name or ""
        if name in places:
            await _apply_stream(jetstream, plan.config)
        for durable in plan.durables:
            if name in places or f"{name}/{durable.durable_name}" in places:
                await _apply_durable(jetstream, name, durable)
    return differences


async def _settle_shrinks(
    jetstream: JetStreamContext, plans: Sequence[StreamPlan], *, force: bool
) -> None:
    """Refuse what would make streams smaller that hold messages, or log it where it is forced."""
    found = []
    for plan in plans:
        info = await _info(jetstream, plan.config.name or "")
        found += shrinks(info, plan.config) if info is not None else []
    if found and not force:
        raise ShrinkError(
            f"{'; '.join(found)}. Nothing was changed: keep the present values in the settings, "
            "or give up what is named with `qiki js apply --force`"
        )
    for what in found:
        log.warning("stream_shrunk", what=what)


async def require(jetstream: JetStreamContext, names: Sequence[str], timeout_s: float) -> None:
    """Refuse to start without the streams that a service needs.

    A broker that is killed right behind the connection, and started again, is asked again.

    Parameters
    ----------
    jetstream : of an open connection.
    names : of the streams.
    timeout_s : ask a broker that does not answer again for so long.

    Raises
    ------
    BrokerError : one is missing, the broker has no JetStream, or does not answer.
    """
    deadline_s = asyncio.get_running_loop().time() + timeout_s
    for name in names:
        if await _stream_by(jetstream, name, deadline_s) is None:
            raise BrokerError(f"stream {name} is missing, must be there: run `qiki js apply`")


async def _stream_by(
    jetstream: JetStreamContext, name: str, deadline_s: float
) -> StreamInfo | None:
    while True:
        try:
            return await _info(jetstream, name)
        except _NoAnswerError:
            if asyncio.get_running_loop().time() > deadline_s:
                raise
        await asyncio.sleep(RETRY_WAIT_S)


async def _info(jetstream: JetStreamContext, name: str) -> StreamInfo | None:
    try:
        return await jetstream.stream_info(name)
    except NotFoundError:
        return None
    except ServiceUnavailableError as error:
        if error.err_code == STARTING:
            raise _NoAnswerError(f"stream {name}: the broker is starting ({error!r})") from error
        raise BrokerError(
            "the broker has no JetStream, must have it: start nats-server with -js"
        ) from error
    except APIError as error:
        raise api_failure(f"stream {name}", error) from error
    except (TimeoutError, nats.errors.Error) as error:
        raise _NoAnswerError(f"stream {name}: the broker did not answer ({error!r})") from error


async def _check_durable(
    jetstream: JetStreamContext, stream: str, declared: ConsumerConfig
) -> list[Difference]:
    place = f"{stream}/{declared.durable_name}"
    try:
        info = await jetstream.consumer_info(stream, declared.durable_name or "")
    except NotFoundError:
        return [Difference(place, None, "a durable consumer")]
    return _compare(place, info.config, declared)


async def _apply_stream(jetstream: JetStreamContext, config: StreamConfig) -> None:
    try:
        if await _info(jetstream, config.name or "") is None:
            await jetstream.add_stream(config)
        else:
            await jetstream.update_stream(config)
    except APIError as error:
        raise api_failure(f"stream {config.name}", error) from error


async def _apply_durable(jetstream: JetStreamContext, stream: str, config: ConsumerConfig) -> None:
    try:
        await jetstream.add_consumer(stream, config)
    except APIError as error:
        raise api_failure(f"consumer {stream}/{config.durable_name}", error) from error


def _compare(
    place: str, actual: StreamConfig | ConsumerConfig, declared: StreamConfig | ConsumerConfig
) -> list[Difference]:
    """Return the declared fields that differ; what is not declared is the server's choice."""
    differences = []
    for name, wanted in vars(declared).items():
        found = getattr(actual, name)
        if wanted is None or _plain(found) == _plain(wanted):
            continue
        if name in _SERVER_CHOOSES:
            continue
        differences.append(Difference(f"{place}.{name}", _plain(found), _plain(wanted)))
    return differences


# Defaults of nats-py's classes that the declaration does not mean.
_SERVER_CHOOSES = frozenset({"max_msgs_per_subject", "max_msg_size"})


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return sorted(value) if isinstance(value, list) else value
