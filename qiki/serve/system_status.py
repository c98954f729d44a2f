"""The state of a running system: what its services say of themselves, the broker of its streams."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError

from qiki.bus.connection import api_failure
from qiki.bus.streams import StreamPlan
from qiki.errors import BrokerError
from qiki.serve.consumer_lag import ConsumerName, LagReader
from qiki.serve.observed import SERVICE_PREFIX

SERVICES = ("sim", "bridge", "registrar", "guard", "bios", "agent")
STATS = "$SRV.STATS"  # to which every micro service answers
ANSWER_S = 1.0  # a service that has not answered by then is down
QUIET_S = 0.1  # behind the last expected answer: one that nobody expects shows itself, too
STUCK_S = 10.0  # with work before it
ANSWER_FAULTS = ("late", "raised", "nonsense")
STATUS_HEADER = "Status"  # of the broker's own word that nobody listens


class ServiceState(NamedTuple):
    """One service: what it says of itself; None where it does not answer."""

    name: str
    figures: dict[str, Any] | None
    frames_per_s: float | None = None
    detections_per_s: float | None = None
    failing: tuple[str, ...] = ()  # faults of its agents since it was asked before


class StreamHealth(NamedTuple):
    """One stream as the broker has it, and the lags of its durables."""

    name: str
    messages: int
    bytes: int
    max_bytes: int
    oldest_s: float | None
    consumers: dict[str, int | None]  # messages not delivered or not acknowledged; None: missing


class SystemStatus(NamedTuple):
    """Everything that `qiki status` shows."""

    services: list[ServiceState]
    streams: list[StreamHealth]
    faults: list[str]


async def read_status(
    client: Client,
    plans: Sequence[StreamPlan],
    expected: Sequence[str],
    readers: Mapping[str, str],
    interval_s: float,
    *,
    durables: Set[str] | None = None,
) -> SystemStatus:
    """Ask services and broker twice, for rates and for what stays undone.

    Parameters
    ----------
    client : an open connection.
    plans : the declared streams.
    expected : names of the services that must answer.
    readers : of a service the durable by which it reads what it must work on.
    interval_s : between the two times [s].
    durables : where the health of the expected services alone is asked for, those by which they
        read: what becomes of other services, consumers and streams is no fault then. None: every
        fault of the system counts.

    Raises
    ------
    BrokerError : the broker does not answer, or has no JetStream.
    """
    before = {_instance(answer): answer for answer in await _answers(client, expected)}
    earlier = [await _stream(client, plan) for plan in plans]
    await asyncio.sleep(interval_s)
    # The lags before the answers: what has come since an idle service answered is no work left.
    streams = [await _stream(client, plan) for plan in plans]
    answers = await _answers(client, expected)
    found = [_state(answer, before.get(_instance(answer))) for answer in answers]
    missing = [ServiceState(name, None) for name in expected if name not in map(_name, answers)]
    services = sorted([*found, *missing], key=lambda state: state.name)
    there = _there(streams)
    judged = [it for it in services if durables is None or it.name in expected]
    are_read = [durables is None or _has_one_of(plan, durables) for plan in plans]
    faults = [
        *_service_faults(judged),
        *(it for it in itertools.compress(streams, are_read) if isinstance(it, str)),
        *_consumer_faults(there, durables),
        *stuck_faults(judged, (_there(earlier), there), readers),
    ]
    return SystemStatus(services, there, faults)


async def services_answering(client: Client, expected: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the figures of each running service of ours by its name, after a second at most."""
    return {_name(answer): _figures(answer) for answer in await _answers(client, expected)}


def _has_one_of(plan: StreamPlan, durables: Set[str]) -> bool:
    return any(it.durable_name in durables for it in plan.durables)


def _there(streams: Sequence[StreamHealth | str]) -> list[StreamHealth]:
    return [stream for stream in streams if isinstance(stream, StreamHealth)]


async def _answers(client: Client, expected: Sequence[str]) -> list[dict[str, Any]]:
    """Return what each running service of ours answers."""
    answers: list[dict[str, Any]] = []
    complete = asyncio.Event()

    async def take(message: Msg) -> None:
        if STATUS_HEADER in (message.headers or {}):
            return
        answer = json.loads(message.data)
        if answer["name"].startswith(SERVICE_PREFIX):
            answers.append(answer)
        if set(expected) <= set(map(_name, answers)):
            complete.set()

    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox, cb=take)
    await client.publish(STATS, b"", reply=inbox)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(complete.wait(), ANSWER_S)
        await asyncio.sleep(QUIET_S)
    await subscription.unsubscribe()
    return answers


def _name(answer: dict[str, Any]) -> str:
    return str(answer["name"]).removeprefix(SERVICE_PREFIX)


def _instance(answer: dict[str, Any]) -> str:
    return str(answer["id"])


def _figures(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in the answer; a service that is none of ours may tell nothing."""
    data = answer["endpoints"][0].get("data") if answer["endpoints"] else None
    return {"started": answer["started"], **(data if isinstance(data, dict) else {})}


def _state(answer: dict[str, Any], before: dict[str, Any] | None) -> ServiceState:
    figures = _figures(answer)
    if before is None:  # it has just started
        return ServiceState(_name(answer), figures)
    earlier = _figures(before)
    failing = failing_agents(figures, earlier)
    if not {"uptime_s", "frames", "detections"} <= figures.keys() & earlier.keys():
        return ServiceState(_name(answer), figures, failing=failing)
    passed_s = figures["uptime_s"] - earlier["uptime_s"]
    frames, detections = (figures[key] - earlier[key] for key in ("frames", "detections"))
    rates = (frames / passed_s, detections / passed_s)
    return ServiceState(_name(answer), figures, *rates, failing)


def failing_agents(figures: Mapping[str, Any], earlier: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fault of each agent that answered less than half of the ticks as it should.

    Parameters
    ----------
    figures, earlier : of a service, now and when it was asked before; only agents' have any.
    """
    ticks = figures.get("ticks", 0) - earlier.get("ticks", 0)
    faults = []
    for name, counts in figures.get("agents", {}).items():
        before = earlier.get("agents", {}).get(name, counts)
        passed = {key: count - before.get(key, 0) for key, count in counts.items()}
        good = passed["asked"] - sum(passed.get(key, 0) for key in ANSWER_FAULTS)
        if 2 * good < ticks:
            faults.append(
                f"agent {name} answered {max(good, 0)} of {ticks} ticks as it should, must half of "
                "them: see `qiki events --type event.agent.fault`"
            )
    return tuple(faults)


async def _stream(client: Client, plan: StreamPlan) -> StreamHealth | str:
    """Return the state of a declared stream, or the fault where it is missing."""
    name = plan.config.name or ""
    try:
        answer = await client.request(f"$JS.API.STREAM.INFO.{name}", b"", timeout=ANSWER_S)
        info = json.loads(answer.data)
        if "error" in info:
            APIError.from_error(info["error"])  # raises what stands there
    except APIError as error:
        return str(api_failure(f"stream {name}", error))
    except (TimeoutError, nats.errors.Error) as error:
        raise BrokerError(
            f"stream {name}: the broker did not answer ({error!r}): see whether it runs with "
            "JetStream"
        ) from error
    return StreamHealth(
        name,
        info["state"]["messages"],
        info["state"]["bytes"],
        info["config"]["max_bytes"],
        _oldest_s(info["state"]),
        await _lags(client, plan),
    )


def _oldest_s(state: dict[str, Any]) -> float | None:
    if not state["messages"]:
        return None
    return time.time() - datetime.fromisoformat(state["first_ts"]).timestamp()


async def _lags(client: Client, plan: StreamPlan) -> dict[str, int | None]:
    names = [ConsumerName(plan.config.name or "", it.durable_name or "") for it in plan.durables]
    lags = await LagReader(client, names).read()
    return {name.durable: sum(lags[name]) if name in lags else None for name in names}


def _remedy_for(name: str) -> str:
    if name in SERVICES:
        return "see whether it runs"
    return f"it is none of {', '.join(SERVICES)}: correct the name, or see whether it runs"


def _service_faults(services: Sequence[ServiceState]) -> list[str]:
    names = [service.name for service in services]
    down = [
        f"{service.name} does not answer, must within {ANSWER_S:g} s: {_remedy_for(service.name)}"
        for service in services
        if service.figures is None
    ]
    more = [
        f"{name} answers {names.count(name)} times, must once for each broker: stop the others"
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    return down + more + [fault for service in services for fault in service.failing]


def stuck_faults(
    services: Sequence[ServiceState],
    rounds: Sequence[Sequence[StreamHealth]],
    readers: Mapping[str, str],
) -> list[str]:
    """Return the fault of each service that answers, has work before it, and does none.

    Work is what was there in each of the `rounds`, all of them before the services answered: to one
    that was idle for lack of work a message may just have come.
    """
    faults = []
    for service in services:
        figures = service.figures or {}
        idle_s = figures.get("idle_s")
        idle_s = figures.get("uptime_s", 0.0) if idle_s is None else idle_s
        durable = readers.get(service.name)
        behind = min(
            sum(stream.consumers.get(durable or "") or 0 for stream in streams)
            for streams in rounds
        )
        if behind and idle_s > STUCK_S:
            faults.append(
                f"{service.name} has {behind} messages before it and has done nothing for "
                f"{idle_s:.0f} s, must within {STUCK_S:g} s: see its log"
            )
    return faults


def _consumer_faults(streams: Sequence[StreamHealth], durables: Set[str] | None) -> list[str]:
    return [
        f"consumer {stream.name}/{durable} is missing, must be there: run `qiki js apply`"
        for stream in streams
        for durable, lag in stream.consumers.items()
        if lag is None and (durables is None or durable in durables)
    ]
