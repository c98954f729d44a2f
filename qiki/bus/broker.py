"""An embedded nats-server: a child process on loopback, its store in a folder of ours."""

import fcntl
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

import msgspec

from qiki.bus.bots_file import BotUser, write_private
from qiki.bus.broker_configuration import LOOPBACK, BrokerConfiguration
from qiki.bus.child_process import child_options
from qiki.bus.server_lookup import find_server
from qiki.errors import BrokerError
from qiki.settings import BrokerSettings, NatsSettings

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 20.0
POLL_S = 0.005


class EmbeddedBroker:
    """A nats-server that lives as long as this object; a context manager.

    Parameters
    ----------
    data_dir : folder for the JetStream store, the log and a lock; made when absent.
    settings : port (0 picks a free one), durability, largest message, program.
    require_going : called while the server starts; what it raises ends the start.
    bots : users of bots, each of which gets an account of its own.

    Attributes
    ----------
    url : where clients connect.
    monitoring_url : the server's HTTP monitoring, on loopback.

    Raises
    ------
    BrokerError : program missing, port taken, folder in use or not writable.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: BrokerSettings,
        require_going: Callable[[], object] = lambda: None,
        bots: tuple[BotUser, ...] = (),
    ) -> None:
        self.url = ""
        self.monitoring_url = ""
        self._data_dir = data_dir.absolute()
        self._settings = settings
        self._require_going = require_going
        self._bots = bots
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Start the server and wait until it listens. Call from the main thread."""
        program = find_server(self._settings.server)
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            self._lock = _take_lock(self._data_dir)
            _remove_ports_files(self._data_dir)
            self._process = self._spawn(program, self._lock)
            self._await_ports(self._process)
        except OSError as error:
            self.stop()
            raise BrokerError(
                f"broker folder is {self._data_dir}, must be writable "
                f"({error.strerror}): choose another with --data-dir"
            ) from error
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    def addressed(self, settings: NatsSettings) -> NatsSettings:
        """Return `settings` with the addresses of this server."""
        return msgspec.structs.replace(settings, url=self.url, monitoring_url=self.monitoring_url)

    def ended(self) -> str | None:
        """Return why the server is no longer running, None while it is."""
        if self._process is None or self._process.poll() is None:
            return None
        return f"nats-server ended with exit code {self._process.returncode}: {self._last_words()}"

    def stop(self) -> None:
        """Stop the server and free the folder; nothing happens when it is stopped already."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _spawn(self, program: Path, lock: IO[str]) -> subprocess.Popen[bytes]:
        configuration = self._data_dir / "nats-server.conf"
        write_private(configuration, self._configuration().encode())
        with self._log.open("wb") as log:
            try:
                return subprocess.Popen(  # noqa: S603 - the program the user chose, no shell
                    [program, "-c", configuration],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # The server keeps the lock too: a folder stays taken as long as it runs.
                    pass_fds=[lock.fileno()],
                    **child_options(),
                )
            except OSError as error:
                raise BrokerError(
                    f"broker.server is {program}, must be a program that this machine can run "
                    f"({error.strerror}): install nats-server for it, or set QIKI_NATS_SERVER"
                ) from error

    def _configuration(self) -> str:
        return BrokerConfiguration(
            store_dir=self._data_dir,
            port=self._settings.port,
            monitoring_port=0,
            max_payload_bytes=self._settings.max_payload_bytes,
            sync_always=self._settings.durable,
            comment=("Written by qiki at each start.",),
            ports_dir=self._data_dir,
            log_file=self._log,
            bots=self._bots,
        ).text()

    def _await_ports(self, process: subprocess.Popen[bytes]) -> None:
        """Read the addresses from the file that the server writes once it listens."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (text := _ports_text(self._data_dir)):
            self._require_going()
            if process.poll() is not None:
                raise BrokerError(self._start_failure())
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"nats-server was silent for {START_TIMEOUT_S:.0f} s after its start: "
                    f"see {self._log}"
                )
            time.sleep(POLL_S)
        ports = json.loads(text)
        self.url = ports["nats"][0]
        self.monitoring_url = ports["monitoring"][0]

    def _start_failure(self) -> str:
        reason = self._last_words()
        if "address already in use" in reason:
            port = self._settings.port
            return (
                f"broker.port is {port}, must be free on {LOOPBACK}: stop what listens there, or "
                "pick another (0: any free one)"
            )
        return f"nats-server did not start: {reason}; see {self._log}"

    @property
    def _log(self) -> Path:
        return self._data_dir / "nats-server.log"

    def _last_words(self) -> str:
        """Return the last fatal line of the log, or its last line."""
        lines = self._log.read_text(errors="replace").splitlines() or ["no log"]
        fatal = [line.partition("[FTL] ")[2] for line in lines if "[FTL] " in line]
        return fatal[-1] if fatal else lines[-1]


@contextmanager
def private_broker(
    settings: BrokerSettings, require_going: Callable[[], object] = lambda: None
) -> Iterator[EmbeddedBroker]:
    """Run a broker on a free port whose store is deleted afterwards."""
    with TemporaryDirectory(prefix="qiki-broker-") as folder:
        on_free_port = msgspec.structs.replace(settings, port=0)
        with EmbeddedBroker(Path(folder), on_free_port, require_going) as broker:
            yield broker


def _ports_files(data_dir: Path) -> Iterator[Path]:
    """Return the files in which servers say where they listen: PROGRAM_PID.ports."""
    return data_dir.glob("*_[0-9]*.ports")


def _remove_ports_files(data_dir: Path) -> None:
    """Remove what killed servers left; call with the lock, which a running one would hold."""
    for file in _ports_files(data_dir):
        file.unlink()


def _ports_text(data_dir: Path) -> str:
    """Return what the server has written there, nothing as long as there is nothing."""
    for file in _ports_files(data_dir):
        with suppress(FileNotFoundError):  # the server has ended and taken it away
            return file.read_text()
    return ""


def _take_lock(data_dir: Path) -> IO[str]:
    """Lock the folder: nats-server itself lets two servers ruin one store."""
    lock = (data_dir / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise BrokerError(
            f"broker folder is {data_dir}, must not be in use by another broker: stop that one, "
            "or choose another folder with --data-dir"
        ) from error
    return lock
