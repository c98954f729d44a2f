"""The BIOS over HTTP, under the original's paths."""

import asyncio
import socket
import socketserver
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec
import structlog

from qiki.bios.report import Report
from qiki.bus.cloudevents import JSON, PROTOBUF
from qiki.errors import ListenError, VehicleError
from qiki.serve.loopback import require_loopback
from qiki.settings import BiosSettings

REQUEST_S = 5.0  # a client that is slower than that is let go
RELOAD_S = 15.0
REQUESTS_AT_ONCE = 32
BODY_BYTES_MAX = 65_536  # of a request, which says nothing; it is read and dropped
COMPONENT = "/bios/component/"
PATHS = {"/healthz": "GET", "/bios/status": "GET", "/bios/reload": "POST"}

log = structlog.get_logger()


class ShownBios(Protocol):
    """What HTTP shows of the BIOS, and asks of it."""

    @property
    def newest(self) -> Report:
        """The newest report."""

    @property
    def age_s(self) -> float:
        """Age of the newest report [s]."""

    @property
    def stale_after_s(self) -> float:
        """Age at which the newest report is too old."""

    async def reload(self) -> Report:
        """Read the vehicle's file anew."""


@asynccontextmanager
async def serve_bios_http(settings: BiosSettings, bios: ShownBios) -> AsyncIterator[str]:
    """Serve in a thread of its own, give the URL.

    Raises
    ------
    SettingError : the address is not loopback.
    ListenError : the port is taken.
    """
    require_loopback("bios.host", settings.host)
    try:
        server = _Server(settings.host, settings.port, bios, asyncio.get_running_loop())
    except OSError as error:
        raise ListenError(
            f"bios.port is {settings.port}, must be free on {settings.host} ({error.strerror}): "
            "stop what listens there, or pick another with QIKI_BIOS__PORT (0: any free one)"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="bios-http")
    thread.start()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    block_on_close = False  # a client that is slow must not hold up the end

    def __init__(
        self, host: str, port: int, bios: ShownBios, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.bios = bios
        self.loop = loop
        self._slots = threading.BoundedSemaphore(REQUESTS_AT_ONCE)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, as `HTTPServer` would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a request into a thread, or close it where too many are there already."""
        if not self._slots.acquire(blocking=False):
            log.warning("http_refused", client=str(client_address), limit=REQUESTS_AT_ONCE)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a request, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, _request: Any, client_address: Any) -> None:
        """Tell in the log of a request that failed, as of a client that went away."""
        log.warning("http_failed", client=str(client_address), reason=repr(sys.exception()))


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "qiki-bios"
    sys_version = ""
    timeout = REQUEST_S

    def do_GET(self) -> None:
        path = self._path("GET")
        if path is None:
            return
        if path == "/healthz":
            self._health()
        elif path == "/bios/status":
            self._status()
        else:
            self._component(path.removeprefix(COMPONENT))

    def do_POST(self) -> None:
        self._drop_body()
        if self._path("POST") is None:
            return
        asked = asyncio.run_coroutine_threadsafe(self.server.bios.reload(), self.server.loop)
        try:
            report = asked.result(RELOAD_S)
        except VehicleError as error:
            self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)})
        except (TimeoutError, CancelledError):
            asked.cancel()
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "the self test does not come to an end")
        else:
            self._answer(HTTPStatus.OK, {"reloaded": True, **report.document()})

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer as JSON, also what the library refuses."""
        words = message or explain or HTTPStatus(code).phrase
        self._answer(HTTPStatus(code), {"error": words})

    def log_message(self, format: str, *args: Any) -> None:
        """Log no line per request."""

    def _path(self, method: str) -> str | None:
        """Return the path where that method does something with it; else answer, return None."""
        path = urlsplit(self.path).path
        allowed = "GET" if path.startswith(COMPONENT) else PATHS.get(path)
        if allowed is None:
            paths = ", ".join([*PATHS, f"{COMPONENT}ID"])
            self.send_error(HTTPStatus.NOT_FOUND, f"{path!r:.200} is none of {paths}")
        elif allowed != method:
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {allowed}, not {method}")
        else:
            return path
        return None

    def _status(self) -> None:
        report = self.server.bios.newest
        if PROTOBUF in self.headers.get("Accept", ""):
            self._send(HTTPStatus.OK, PROTOBUF, report.message().SerializeToString())
        else:
            self._answer(HTTPStatus.OK, report.document())

    def _health(self) -> None:
        bios = self.server.bios
        age_s = bios.age_s
        healthy = age_s <= bios.stale_after_s
        code = HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(code, {"status": "ok" if healthy else "stale", "age_s": age_s})

    def _component(self, text: str) -> None:
        name = unquote(text)
        row = self.server.bios.newest.component(name)
        if row is None:
            words = f"device {name!r:.200} is not there; /bios/status has all"
            self.send_error(HTTPStatus.NOT_FOUND, words)
        else:
            self._answer(HTTPStatus.OK, row)

    def _drop_body(self) -> None:
        """Read what the request has besides, so that closing does not cut off our answer."""
        length = self.headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit():
            self.rfile.read(min(int(length[:9]), BODY_BYTES_MAX))

    def _answer(self, code: HTTPStatus, document: dict[str, Any]) -> None:
        self._send(code, JSON, msgspec.json.encode(document))

    def _send(self, code: HTTPStatus, content_type: str, payload: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
