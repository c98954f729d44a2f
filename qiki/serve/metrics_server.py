"""The figures of a service over HTTP, as Prometheus reads them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from qiki.errors import ListenError, SettingError
from qiki.serve.consumer_lag import LagReader
from qiki.serve.loopback import require_loopback
from qiki.settings import MetricsSettings

log = structlog.get_logger()


@asynccontextmanager
async def serve_metrics(
    settings: MetricsSettings, service: str, lags: LagReader
) -> AsyncIterator[str | None]:
    """Serve ``/metrics`` in a thread of its own while the service runs, if a port is set.

    Gives the URL, None where nothing is served.

    Raises
    ------
    SettingError : the address is not loopback, or prometheus-client is not installed.
    ListenError : the port is taken.
    """
    if settings.port is None:
        yield None
        return
    server, thread = _start(settings, settings.port, service, lags)
    url = f"http://{settings.host}:{server.server_port}/metrics"
    log.info("metrics_listen", service=service, url=url)
    try:
        yield url
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


def _start(settings: MetricsSettings, port: int, service: str, lags: LagReader) -> Any:
    require_loopback("metrics.host", settings.host)
    try:
        from prometheus_client import ProcessCollector, start_http_server  # noqa: PLC0415
        from prometheus_client.registry import CollectorRegistry  # noqa: PLC0415

        from qiki.serve.metrics import FiguresCollector  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingError(
            f"metrics.port is {port}, must be unset where {error.name} is not installed: "
            "`pip install 'qiki[metrics]'`"
        ) from error
    registry = CollectorRegistry()
    registry.register(FiguresCollector(service, lags, asyncio.get_running_loop()))
    ProcessCollector(registry=registry)
    try:
        return start_http_server(port, settings.host, registry)
    except OSError as error:
        raise ListenError(
            f"metrics.port is {port}, must be free on {settings.host} ({error.strerror}): stop "
            "what listens there, or pick another with QIKI_METRICS__PORT (0: any free one)"
        ) from error
