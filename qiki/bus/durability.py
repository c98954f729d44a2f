"""Whether the broker has each message on its disk before it acknowledges it.

No subject tells: a client hears that a stream is kept in files, but not how often these are
synced. The server's HTTP monitoring does, so a service that must know is given its address.
"""

import asyncio
from collections.abc import Sequence
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.js.api import PersistMode, StorageType, StreamInfo
from nats.js.errors import APIError

from qiki.bus.addresses import without_credentials
from qiki.bus.connection import FLUSH_TIMEOUT_S, api_failure
from qiki.errors import BrokerError, SettingError
from qiki.settings import NatsSettings, Settings

REPORT = "/jsz?config=true"
REPORT_BYTES = 1 << 20
SCHEMES = {"http", "https"}
ATTEMPTS = 2  # the server may be started anew between two questions
EXAMPLE = "QIKI_NATS__MONITORING_URL=http://127.0.0.1:8222"
WHY = "since broker.durable is set"
REMEDY = "start it with a configuration of `qiki js conf`, or unset broker.durable"


class _Config(msgspec.Struct):
    """What JetStream was configured to do."""

    sync_interval: int = 0  # [ns]; shown beside `sync_always` too
    sync_always: bool = False


class _Report(msgspec.Struct):
    """The part of the server's report that counts here."""

    server_id: str
    config: _Config


async def require_durable(client: Client, settings: Settings, streams: Sequence[str]) -> None:
    """Refuse a broker that acknowledges before it has synced, where the settings ask for more.

    It is asked once: a server started anew with another configuration is not noticed.

    Parameters
    ----------
    client : an open connection.
    settings : ``broker.durable`` says whether to ask, ``nats.monitoring_url`` where.
    streams : that must be kept in files of that server alone; they exist.

    Raises
    ------
    SettingError : it does not sync each message, or its monitoring is unset or another server's.
    BrokerError : it does not answer.
    """
    if not settings.broker.durable:
        return
    config = (await _report(client, settings.nats)).config
    if not config.sync_always:
        raise SettingError(
            f"the broker syncs its files every {config.sync_interval / 1e9:g} s (sync_interval), "
            f"must sync each message (always), {WHY}: {REMEDY}"
        )
    for name in streams:
        _require_files_of(_server(client, "server_name"), await _info(client, name))


def _require_files_of(server: str, info: StreamInfo) -> None:
    """Refuse a stream that other servers keep, or that is acknowledged before it is in a file."""
    config = info.config
    place = f"stream {config.name}"
    if config.storage != StorageType.FILE:
        raise SettingError(
            f"{place} is kept in {config.storage}, must be in file, {WHY}: delete it and run "
            "`qiki js apply`"
        )
    if config.persist_mode == PersistMode.ASYNC:
        raise SettingError(
            f"{place} has persist_mode async, must not have it, {WHY}: delete it and run "
            "`qiki js apply`"
        )
    leader = info.cluster.leader if info.cluster else server
    if config.num_replicas != 1 or leader != server:
        raise SettingError(
            f"{place} has num_replicas {config.num_replicas} and leader {leader}, must be on "
            f"{server} alone, whose monitoring answers, {WHY}: connect to a broker of one server"
        )


async def _info(client: Client, name: str) -> StreamInfo:
    try:
        return await client.jetstream().stream_info(name)
    except APIError as error:
        raise api_failure(f"stream {name}", error) from error
    except (TimeoutError, nats.errors.Error) as error:
        raise BrokerError(f"stream {name}: the broker did not answer ({error!r})") from error


async def _report(client: Client, settings: NatsSettings) -> _Report:
    """Return the report of the server that the client is connected to."""
    url = _checked(settings.monitoring_url)
    report = await _read_report(url, settings.connect_timeout_s)
    for _ in range(ATTEMPTS - 1):
        if report.server_id == await _connected_server(client):
            break
        report = await _read_report(url, settings.connect_timeout_s)
    if report.server_id != (ours := await _connected_server(client)):
        raise SettingError(
            f"nats.monitoring_url is {without_credentials(url)}, where server {report.server_id} "
            f"answers, must be that of {ours}, to which nats.url leads: correct one of the two"
        )
    return report


async def _connected_server(client: Client) -> str:
    """Return the id of the server that answers on the connection now."""
    try:
        await client.flush(FLUSH_TIMEOUT_S)
    except (TimeoutError, nats.errors.Error) as error:
        raise BrokerError(f"the broker did not answer ({error!r}): see whether it runs") from error
    return _server(client, "server_id")


def _server(client: Client, name: str) -> str:
    """Return what the server said of itself when the connection was made."""
    return str(client._server_info[name])  # nats-py has no public name for it


def _checked(url: str | None) -> str:
    if url is None:
        raise SettingError(
            f"nats.monitoring_url is unset, must be where nats-server's monitoring answers, {WHY}: "
            f"set it, for example {EXAMPLE}, or unset broker.durable"
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingError(
            f"nats.monitoring_url is {without_credentials(url)}, must be http://HOST:PORT or "
            f"https://HOST:PORT: correct it, for example {EXAMPLE}"
        )
    return url.rstrip("/")


async def _read_report(url: str, timeout_s: float) -> _Report:
    shown = without_credentials(url)
    try:
        answer = await asyncio.to_thread(_read, url + REPORT, timeout_s)
        return msgspec.json.decode(answer, type=_Report)
    except (HTTPError, HTTPException, msgspec.MsgspecError, UnicodeError) as error:
        raise SettingError(
            f"nats.monitoring_url is {shown}, must be the monitoring of nats-server, which answers "
            f"{REPORT} ({' '.join(str(error).split())}): correct it, for example {EXAMPLE}"
        ) from error
    except OSError as error:
        raise BrokerError(
            f"nats.monitoring_url is {shown}, must answer within {timeout_s:g} s ({error}): start "
            "the broker with `http` in its configuration, or correct the address"
        ) from error


def _read(url: str, timeout_s: float) -> bytes:
    """Read a page; the server is near, no proxy of the environment is asked for it."""
    with build_opener(ProxyHandler({})).open(url, timeout=timeout_s) as answer:
        return bytes(answer.read(REPORT_BYTES))
