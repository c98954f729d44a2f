"""The registrar's side of its database: batches in, old records out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from qiki.errors import QikiError
from qiki.registrar.record import Batch, FrameCount, Move, Record
from qiki.registrar.schema import open_to_write

CHUNK_ROWS = 5000  # removed in one transaction, so that a stop never waits long
SURPLUS_PARTS = 20  # of all records one goes at a time
TRIM_TO = 0.95  # of the size limit; pages freed by then are used again before the file grows
VACUUM_PAGES = 2000  # given back to the file system at a time
FRAME_MINUTES_MAX = 200_000  # whoever may publish may also invent sensors
WAL_BYTES_MAX = 32 << 20  # cut then, at the next retention
WAL_HELD_BYTES_MAX = 256 << 20  # a reader that never ends keeps it from being cut

INSERT = "INSERT INTO records VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SUMS = ", ".join(f"{name} = {name} + excluded.{name}" for name in FrameCount._fields)
COUNT = f"""
INSERT INTO frame_minutes VALUES (?, ?, ?{", ?" * len(FrameCount._fields)})
ON CONFLICT DO UPDATE SET {_SUMS}
"""  # noqa: S608 - the words are ours

_WAITING_HELPS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class DatabaseError(QikiError):
    """The registrar's database cannot be used as it must be."""


class DatabaseWaitError(DatabaseError):
    """It is locked or full: nothing was stored, and trying again may help."""


class StreamPlace(NamedTuple):
    """Where the registrar stands in a stream."""

    stream_id: int
    created: str
    sequence: int
    time_us: int  # when that message was stored by the broker; 0: none was read yet


class RegistrarDatabase:
    """Stores batches, each wholly or not at all; not for two threads at a time.

    Parameters
    ----------
    path : file; made where there is none.
    max_bytes : of the file; the oldest records make room.

    Raises
    ------
    SettingError : the file cannot be used.
    DatabaseWaitError : it is locked.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._log = path.with_name(path.name + "-wal")
        self._max_bytes = max_bytes
        with self._errors_named():
            self._connection = open_to_write(path)
        self._forget_streams()

    def close(self) -> None:
        """Close the file; the write-ahead log goes into it."""
        self._connection.close()

    def memory(self) -> dict[str, str]:
        """Return what the interpreter left, by name."""
        with self._errors_named():
            return dict(self._connection.execute("SELECT name, value FROM memory").fetchall())

    def confirmed_tracks(self) -> list[bytes]:
        """Return the tracks that were confirmed and have not ended."""
        with self._errors_named():
            rows = self._connection.execute("SELECT track_id FROM confirmed_tracks").fetchall()
        return [track_id for (track_id,) in rows]

    def place(self, name: str) -> StreamPlace | None:
        """Return where the registrar stands in the stream of that name; None: never seen."""
        with self._errors_named():
            row = self._connection.execute(
                "SELECT id, created, sequence, time_us FROM streams WHERE name = ? "
                "ORDER BY id DESC LIMIT 1",
                (name,),
            ).fetchone()
        return None if row is None else StreamPlace(*row)

    def begin_stream(self, name: str, created: str, sequence: int, record: Record) -> StreamPlace:
        """Take note, with a record, of a stream never read: it is read from behind `sequence`."""
        with self._transaction():
            cursor = self._connection.execute(
                "INSERT INTO streams VALUES (NULL, ?, ?, ?, 0)", (name, created, sequence)
            )
            stream_id = cursor.lastrowid or 0
            self._connection.execute(INSERT, record)
        return StreamPlace(stream_id, created, sequence, 0)

    def messages_of(self, stream_id: int) -> list[tuple[int, int]]:
        """Return sequence and time of the messages of a stream that have records, in order.

        The birth of a track is told later, with a time of its own before that of the message.
        """
        with self._errors_named():
            return self._connection.execute(
                "SELECT sequence, max(time_us) FROM records WHERE stream_id = ? "
                "AND sequence IS NOT NULL GROUP BY sequence ORDER BY sequence",
                (stream_id,),
            ).fetchall()

    def store(self, batch: Batch) -> None:
        """Store a batch, wholly or not at all.

        Raises
        ------
        DatabaseWaitError : locked or full, or a reader keeps the write-ahead log.
        DatabaseError : another registrar has written, or the file is damaged or read-only.
        """
        self._require_short_log()
        with self._transaction():
            execute, many = self._connection.execute, self._connection.executemany
            for stream_id, move in batch.moves.items():
                self._move(stream_id, move)
            many(INSERT, batch.records)
            many(
                COUNT,
                [(m.minute_s, m.sensor_id, m.epoch, *n) for m, n in batch.frame_counts.items()],
            )
            if batch.tracks_began_anew:
                execute("DELETE FROM confirmed_tracks")
            for track_id, lives in batch.confirmed.items():
                execute(
                    "INSERT OR IGNORE INTO confirmed_tracks VALUES (?)"
                    if lives
                    else "DELETE FROM confirmed_tracks WHERE track_id = ?",
                    (track_id,),
                )
            many("INSERT OR REPLACE INTO memory VALUES (?, ?)", batch.memory.items())

    def remove_old(self, oldest_us: int) -> int:
        """Remove a chunk of what is older than `oldest_us`; return how many records it was.

        Raises
        ------
        DatabaseError : as `store`.
        """
        with self._transaction():
            self._connection.execute(
                "DELETE FROM frame_minutes WHERE minute_s < ?", (oldest_us // 1_000_000 - 60,)
            )
            self._connection.execute(
                "DELETE FROM frame_minutes WHERE minute_s < (SELECT minute_s FROM frame_minutes "
                "ORDER BY minute_s DESC LIMIT 1 OFFSET ?)",
                (FRAME_MINUTES_MAX,),
            )
            return self._remove("time_us < ? ORDER BY time_us", oldest_us)

    def remove_surplus(self) -> int:
        """Remove a chunk of the oldest records where the file is near its limit; return how many.

        Raises
        ------
        DatabaseError : as `store`.
        """
        if self.used_bytes() <= TRIM_TO * self._max_bytes:
            return 0
        with self._transaction():
            ends = self._connection.execute("SELECT min(id), max(id) FROM records")
            first, last = ends.fetchone()
            if first is None:
                return 0
            rows = min(CHUNK_ROWS, 1 + (last - first) // SURPLUS_PARTS)
            return self._remove("id < ? ORDER BY id", first + rows)

    def give_back(self) -> None:
        """Shrink file and write-ahead log by what is not used; a part of it at a time."""
        with self._errors_named():
            pages, free = self._pragma("page_count"), self._pragma("freelist_count")
            if free > pages // 4 or pages * self._pragma("page_size") > self._max_bytes:
                # `execute` would stop behind the first page.
                self._connection.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES})")
                # The file itself shrinks with the log that says so, which might be hours later.
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            if self._log_bytes() > WAL_BYTES_MAX:
                self._cut_log()

    def used_bytes(self) -> int:
        """Return how much of the file holds something."""
        with self._errors_named():
            pages = self._pragma("page_count") - self._pragma("freelist_count")
            return pages * self._pragma("page_size")

    def _forget_streams(self) -> None:
        """Remove the streams that are no more and of which nothing is left."""
        with self._transaction():
            self._connection.execute(
                "DELETE FROM streams WHERE id NOT IN (SELECT max(id) FROM streams GROUP BY name) "
                "AND id NOT IN (SELECT stream_id FROM records WHERE stream_id = streams.id)"
            )

    def _require_short_log(self) -> None:
        if self._log_bytes() <= WAL_HELD_BYTES_MAX:
            return
        with self._errors_named():
            self._cut_log()
        if (size := self._log_bytes()) > WAL_HELD_BYTES_MAX:
            raise DatabaseWaitError(
                f"{self._log} has {size} bytes, must have at most {WAL_HELD_BYTES_MAX}: somebody "
                "reads the database and does not end"
            )

    def _log_bytes(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _cut_log(self) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _remove(self, which: str, value: int) -> int:
        cursor = self._connection.execute(
            "DELETE FROM records WHERE id IN "  # noqa: S608 - the words are ours
            f"(SELECT id FROM records WHERE {which} LIMIT {CHUNK_ROWS})",
            (value,),
        )
        return cursor.rowcount

    def _move(self, stream_id: int, move: Move) -> None:
        cursor = self._connection.execute(
            "UPDATE streams SET sequence = ?, time_us = ? WHERE id = ? AND sequence = ?",
            (move.to, move.time_us, stream_id, move.behind),
        )
        if cursor.rowcount != 1:
            raise DatabaseError(
                f"{self.path} stands elsewhere than at sequence {move.behind} of stream "
                f"{stream_id}: another registrar writes it, must be one alone: stop one of the two"
            )

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors_named():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None) or 0
            if code & 0xFF in _WAITING_HELPS:
                raise DatabaseWaitError(f"{self.path}: {error}") from error
            raise DatabaseError(
                f"registrar.path is {self.path}, must be a sound database that can be written "
                f"({error}): see to the file and its disk, or name another"
            ) from error
