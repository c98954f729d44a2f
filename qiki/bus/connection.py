"""One connection to the broker; what it refuses becomes a `BrokerError`."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError, ServiceUnavailableError

from qiki.bus.addresses import without_credentials
from qiki.errors import BrokerError, SettingError
from qiki.settings import DEFAULT_NATS_URL, NatsSettings

RECONNECT_WAIT_S = 0.05
FLUSH_TIMEOUT_S = 2
SCHEMES = {"nats", "tls"}
BUFFERED_BYTES = 64 << 20  # held back while the broker is away

# JetStream's error codes: github.com/nats-io/nats-server, server/errors.json.
STARTING = 10008  # JetStream is temporarily unavailable
WRONG_LAST_SEQUENCE = 10071
NO_JETSTREAM = 503  # HTTP's; nobody is there who would send one of JetStream's
REMEDIES = {
    NO_JETSTREAM: "start nats-server with -js",
    10014: "run `qiki js apply`",
    10039: "enable JetStream for the account of that user",
    10047: "free disk space, or lower streams.max_bytes",
    10059: "run `qiki js apply`",
    10077: "raise streams.max_bytes, or lower streams.max_age_s so that it empties sooner",
    WRONG_LAST_SEQUENCE: "another service writes this subject: stop one of the two",
}

log = structlog.get_logger()


class SilentBrokerError(BrokerError):
    """The broker did not answer in time; it may when it is back, so whoever can wait asks again."""


class WrongSequenceError(BrokerError):
    """The subject's last message is not the one that the writer expected."""


class _Events:
    """What the client tells us, and the way to make it let go.

    On Python 3.11 `asyncio.wait_for` can lose a cancellation, and nats-py then goes on trying to
    connect, so that neither a timeout nor the end of the event loop stops it. It reports every
    failed attempt; raising the cancellation again there ends it.
    """

    def __init__(self, client: Client, name: str, url: str) -> None:
        self._client = client
        self._log = log.bind(client=name, broker=without_credentials(url))
        self.newest_error: Exception = TimeoutError()
        self.give_up_after_s = math.inf  # on the loop's clock
        self.closing_task: asyncio.Task[object] | None = None

    async def error(self, error: Exception) -> None:
        too_late = asyncio.get_running_loop().time() > self.give_up_after_s
        if too_late and asyncio.current_task() is not self.closing_task:
            raise asyncio.CancelledError
        # How a connection broke says less than what the broker said before it did.
        said = isinstance(self.newest_error, nats.errors.Error) and isinstance(error, OSError)
        self.newest_error = self.newest_error if said else error
        if self._client.is_connected:
            self._log.warning("broker_error", error=str(error))

    async def disconnected(self) -> None:
        if self._client.is_reconnecting:  # not by our own will
            self._log.warning("broker_lost")

    async def reconnected(self) -> None:
        self._log.info("broker_found_again")

    def close(self) -> None:
        """From now on any attempt to connect ends, but for what `Client.close` itself does."""
        self.closing_task = asyncio.current_task()
        self.give_up_after_s = -math.inf


@asynccontextmanager
async def connected(settings: NatsSettings, name: str) -> AsyncIterator[Client]:
    """Connect, give the client, and close it at the end, when all it published is sent.

    Once connected the client reconnects for as long as it takes.

    Parameters
    ----------
    settings : where, as whom, how long to try.
    name : of this client, shown by the broker.

    Raises
    ------
    SettingError : the URL is none.
    BrokerError : no broker answers within ``nats.connect_timeout_s``.
    """
    url = settings.url or DEFAULT_NATS_URL
    servers = _checked(url)
    client = Client()
    events = _Events(client, name, url)
    try:
        await _connect(client, events, settings, name, servers)
        yield client
    finally:
        # A broker that is gone must not hide why we end.
        with contextlib.suppress(nats.errors.Error, OSError):
            if client.is_connected:
                await client.flush(FLUSH_TIMEOUT_S)
        events.close()
        with contextlib.suppress(nats.errors.Error, OSError):
            if client.options:  # else `connect` refused its arguments, and nothing is open
                await client.close()


def api_failure(action: str, error: APIError) -> BrokerError:
    """Return the error for a request that JetStream refused: its words, its code, the remedy."""
    nobody = isinstance(error, ServiceUnavailableError) and error.err_code is None
    code = NO_JETSTREAM if nobody else error.err_code
    words = "no JetStream answers" if nobody else error.description
    remedy = REMEDIES.get(code or 0, "see the broker's log")
    kind = WrongSequenceError if code == WRONG_LAST_SEQUENCE else BrokerError
    return kind(f"{action}: refused, {words} ({code}): {remedy}")


async def _connect(
    client: Client, events: _Events, settings: NatsSettings, name: str, servers: list[str]
) -> None:
    timeout_s = settings.connect_timeout_s
    shown = without_credentials(",".join(servers))
    events.give_up_after_s = asyncio.get_running_loop().time() + timeout_s
    try:
        await asyncio.wait_for(
            client.connect(
                servers,
                name=name,
                user=settings.user,
                password=settings.password,
                token=settings.token,
                error_cb=events.error,
                disconnected_cb=events.disconnected,
                reconnected_cb=events.reconnected,
                connect_timeout=max(1, round(timeout_s)),
                reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # seconds, any
                max_reconnect_attempts=-1,
                pending_size=BUFFERED_BYTES,
            ),
            timeout_s,
        )
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise BrokerError(
            f"nats.url is {shown}, must be a broker that answers within "
            f"{timeout_s:g} s ({_reason(events.newest_error)}): start one, for example with "
            "`qiki up`, or name another with --nats or QIKI_NATS_URL"
        ) from error
    events.give_up_after_s = math.inf


def _checked(url: str) -> list[str]:
    """Return the addresses of `url`, which has commas between them, if the client can use them."""
    servers = url.split(",")
    for address in servers:
        try:
            parts = urlsplit(address)
            usable = parts.scheme in SCHEMES and parts.hostname and parts.port is not None
        except ValueError:
            usable = False
        if not usable:
            raise SettingError(
                f"nats.url is {without_credentials(address)}, must be nats://HOST:PORT or "
                "tls://HOST:PORT, with a comma between brokers of one cluster; WebSockets (ws, "
                "wss) are not supported: correct --nats, QIKI_NATS_URL or the settings file"
            )
    return servers


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    return " ".join(str(error).split()) or type(error).__name__
