"""How a running service is seen from outside: it announces itself, and serves its metrics.

A service announces itself as a NATS micro service (ADR-32 of NATS), so that ``nats micro stats``
and whatever else knows them find it; `qiki status` asks for the same.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.micro.request import Request
from nats.micro.service import EndpointStats, Service, ServiceConfig

import qiki
from qiki.bus import subjects
from qiki.figures import FIGURES
from qiki.serve.consumer_lag import ConsumerName, LagReader
from qiki.serve.metrics_server import serve_metrics
from qiki.settings import Settings

Facts = Callable[[], Mapping[str, object]]

SERVICE_PREFIX = "qiki-"


@asynccontextmanager
async def observed(
    client: Client, settings: Settings, name: str, reads: list[ConsumerName], facts: Facts
) -> AsyncIterator[None]:
    """Let a service be seen while it runs.

    Parameters
    ----------
    client : its connection.
    settings : where metrics are served, if at all.
    name : of the service, as that of its command.
    reads : the consumers by which it reads, whose lag is shown.
    facts : what it tells of itself besides the figures of its process, asked when somebody asks.

    Raises
    ------
    SettingError : metrics are asked for on an address that is not loopback, or cannot be served.
    ListenError : the port of the metrics is taken.
    """
    async with serve_metrics(settings.metrics, name, LagReader(client, reads)) as url:
        await announced(client, name, lambda: {"metrics_url": url, **facts()})
        yield


async def announced(client: Client, name: str, facts: Facts) -> None:
    """Answer for as long as the connection lasts, after each time that it is found again, too."""

    def shown(_: EndpointStats | None = None) -> dict[str, object]:
        return {"version": qiki.__version__, **facts(), **FIGURES.shown()}

    async def answer(request: Request) -> None:
        await request.respond(msgspec.json.encode(shown()))

    config = ServiceConfig(
        name=SERVICE_PREFIX + name,
        version=semantic(qiki.__version__),
        description=f"qiki {name}",
        stats_handler=shown,
    )
    service = Service(client, config)
    # A broker that goes away just now gets the subscriptions when it is back.
    with contextlib.suppress(TimeoutError, nats.errors.Error):
        await service.start()
    await service.add_endpoint(name="status", subject=f"{subjects.STATUS}.{name}", handler=answer)


def semantic(version: str) -> str:
    """Return the three numbers of a version, which is all that a micro service may have."""
    numbers = re.findall(r"\d+", version)[:3]
    return ".".join([*numbers, "0", "0", "0"][:3])
