"""The configuration file of a nats-server, for the embedded broker and for one of your own."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from qiki.bus.bot_accounts import account_lines, quoted
from qiki.bus.bots_file import BotUser
from qiki.errors import SettingError

LOOPBACK = "127.0.0.1"
SERVER_NAME = "qiki"
FREE_PORT = -1  # the server picks one
STORE_FOLDER = "jetstream"  # below store_dir, where nats-server puts all it stores
STAT_BLOCK_BYTES = 512  # of st_blocks, whatever the partition's own blocks are


class BrokerConfiguration(NamedTuple):
    """What a nats-server is told: one server, on loopback, no cluster.

    Attributes
    ----------
    store_dir : folder of the JetStream store.
    port, monitoring_port : where clients connect and where HTTP monitoring answers; 0: any free.
    max_payload_bytes : largest message.
    sync_always : every message is on the disk before it is acknowledged; else every two minutes.
    comment : lines at the head of the file; None of them has a line end.
    max_file_store_bytes : largest sum of all streams; None: three quarters of what is free.
    ports_dir : where the server writes a file that says on which ports it listens.
    log_file : where it logs, in files of at most 10 MB; None: standard error.
    bots : users of bots, each of which gets an account of its own (`qiki.bus.bot_accounts`).
    """

    store_dir: Path
    port: int
    monitoring_port: int
    max_payload_bytes: int
    sync_always: bool
    comment: tuple[str, ...]
    max_file_store_bytes: int | None = None
    ports_dir: Path | None = None
    log_file: Path | None = None
    bots: tuple[BotUser, ...] = ()

    def text(self) -> str:
        """Return the file, each line ended."""
        lines = [
            *(f"# {line}" for line in self.comment),
            f"host: {quoted(LOOPBACK)}",
            f"port: {self.port or FREE_PORT}",
            f"http: {quoted(f'{LOOPBACK}:{self.monitoring_port or FREE_PORT}')}",
            f"server_name: {quoted(SERVER_NAME)}",
            f"max_payload: {self.max_payload_bytes}",
            *self._files(),
            "jetstream {",
            *(f"  {line}" for line in self._jetstream()),
            "}",
            *account_lines(self.bots),
        ]
        return "".join(f"{line}\n" for line in lines)

    def _files(self) -> list[str]:
        lines = []
        if self.ports_dir is not None:
            lines.append(f"ports_file_dir: {quoted(self.ports_dir)}")
        if self.log_file is not None:
            lines += [
                f"logfile: {quoted(self.log_file)}",
                "logfile_size_limit: 10MB",
                "logfile_max_num: 3",
            ]
        return lines

    def _jetstream(self) -> list[str]:
        lines = [
            f"store_dir: {quoted(self.store_dir)}",
            # Quoted: bare, nats-server reads 2m as two million seconds.
            f"sync_interval: {'always' if self.sync_always else quoted('2m')}",
        ]
        if self.max_file_store_bytes is not None:
            lines.append(f"max_file_store: {self.max_file_store_bytes}")
        return lines


class StoreLimit(NamedTuple):
    """How much a broker may store: a share of what is free and of what it holds already.

    Attributes
    ----------
    share_percent : of the room.
    free_bytes : of the partition, now.
    held_bytes : on the disk by the store, which are not free but the broker's to fill.
    """

    share_percent: int
    free_bytes: int
    held_bytes: int

    @property
    def room_bytes(self) -> int:
        """Return what the broker could fill if nobody else wrote there."""
        return self.free_bytes + self.held_bytes

    @property
    def max_bytes(self) -> int:
        """Return the limit [bytes]."""
        return self.room_bytes * self.share_percent // 100


def store_limit(store_dir: Path, share_percent: int) -> StoreLimit:
    """Measure what is free where `store_dir` is, or will be made, and what the store holds there.

    Raises
    ------
    SettingError : the folder cannot be looked at.
    """
    try:
        store = folder = (store_dir / STORE_FOLDER).resolve()
        while not folder.exists():
            folder = folder.parent
        free_bytes = shutil.disk_usage(folder).free
        return StoreLimit(share_percent, free_bytes, _held_bytes(store))
    except OSError as error:
        raise SettingError(
            f"the broker's folder is {store_dir}, must be one whose partition can be measured "
            f"({error.strerror}): name another, or run as the user who may enter it"
        ) from error


def _held_bytes(store: Path) -> int:
    """Return what the files of a store take of the disk; a server may delete some meanwhile."""
    held_bytes = 0
    for folder, _, names in os.walk(store, onerror=_raise_unless_gone):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                held_bytes += Path(folder, name).lstat().st_blocks * STAT_BLOCK_BYTES
    return held_bytes


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
