"""One connection to the broker; what it refuses becomes a `BrokerError`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError

from qiki.errors import BrokerError, SettingError
from qiki.settings import DEFAULT_NATS_URL, NatsSettings

RECONNECT_WAIT_S = 0.05
FLUSH_TIMEOUT_S = 2
SCHEMES = {"nats", "tls", "ws", "wss"}
BUFFERED_BYTES = 64 << 20  # held back while the broker is away

# JetStream's error codes: github.com/nats-io/nats-server, server/errors.json.
WRONG_LAST_SEQUENCE = 10071
REMEDIES = {
    10014: "run `qiki js apply`",
    10047: "free disk space, or lower streams.max_bytes",
    10059: "run `qiki js apply`",
    10077: "raise streams.max_bytes, or lower streams.max_age_s so that it empties sooner",
    WRONG_LAST_SEQUENCE: "another service writes this subject: stop one of the two",
}

log = structlog.get_logger()


class WrongSequenceError(BrokerError):
    """The subject's last message is not the one that the writer expected."""


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
    BrokerError : no broker answers within ``nats.connect_timeout_s``.
    """
    client = await _connect(settings, name)
    try:
        yield client
    finally:
        # A broker that is gone must not hide why we end.
        with contextlib.suppress(nats.errors.Error, OSError):
            if client.is_connected:
                await client.flush(FLUSH_TIMEOUT_S)
            await client.close()


def api_failure(action: str, error: APIError) -> BrokerError:
    """Return the error for a request that JetStream refused: its words, its code, the remedy."""
    remedy = REMEDIES.get(error.err_code or 0, "see the broker's log")
    kind = WrongSequenceError if error.err_code == WRONG_LAST_SEQUENCE else BrokerError
    return kind(f"{action}: refused, {error.description} ({error.err_code}): {remedy}")


async def _connect(settings: NatsSettings, name: str) -> Client:
    url = _checked(settings.url or DEFAULT_NATS_URL)
    client = Client()
    failures: list[Exception] = []

    async def remember(error: Exception) -> None:
        failures[:] = [error]
        if client.is_connected:
            log.warning("broker_error", client=name, error=str(error))

    async def lost() -> None:
        if client.is_reconnecting:  # not by our own will
            log.warning("broker_lost", client=name, url=url)

    async def found_again() -> None:
        log.info("broker_found_again", client=name, url=url)

    try:
        await asyncio.wait_for(
            client.connect(
                url,
                name=name,
                user=settings.user,
                password=settings.password,
                token=settings.token,
                error_cb=remember,
                disconnected_cb=lost,
                reconnected_cb=found_again,
                connect_timeout=max(1, round(settings.connect_timeout_s)),
                reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # seconds, any
                max_reconnect_attempts=-1,
                pending_size=BUFFERED_BYTES,
            ),
            settings.connect_timeout_s,
        )
    except (TimeoutError, OSError, ValueError, nats.errors.Error) as error:
        failures.append(error)
        await client.close()
        raise BrokerError(
            f"nats.url is {url}, must be a broker that answers within "
            f"{settings.connect_timeout_s:g} s ({_reason(failures[0])}): start one, for example "
            "with `qiki up`, or set NATS_URL"
        ) from error
    return client


def _checked(url: str) -> str:
    """Return `url`, one or more addresses with commas between, if the client can use it."""
    for address in url.split(","):
        try:
            parts = urlsplit(address)
            usable = parts.scheme in SCHEMES and parts.hostname and parts.port is not None
        except ValueError:
            usable = False
        if not usable:
            raise SettingError(
                f"nats.url is {address}, must be nats://HOST:PORT (or tls, ws, wss): "
                "correct NATS_URL"
            )
    return url


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    return " ".join(str(error).split()) or type(error).__name__
