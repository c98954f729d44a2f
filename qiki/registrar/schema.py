"""The tables of the registrar's database, and how it is opened: for writing, or only to read.

Write-ahead log: readers never wait for the writer, nor it for them. ``synchronous = NORMAL``:
a commit is not synced, so a power cut may take back the last ones, but whole and from the end.
Where the registrar stands in each stream is in the same transactions, goes back with them, and what
was taken back is read from the streams again. Syncing each commit would buy nothing but waiting.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from qiki.errors import SettingError

APPLICATION_ID = 0x51494B49  # "QIKI"
VERSION = 1
CACHE_BYTES = 16 << 20  # an index over ids without order is written all over
BUSY_TIMEOUT_S = 0.5  # of one attempt; the service tries again

TABLES = """
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  created TEXT NOT NULL,        -- by the broker, which tells a stream from its successor
  sequence INTEGER NOT NULL,    -- of the last message that is stored here
  time_us INTEGER NOT NULL      -- when the broker stored that message; 0: none is stored yet
);
CREATE TABLE records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_us INTEGER NOT NULL,     -- microseconds since 1970, by the broker's clock
  type TEXT NOT NULL,
  about TEXT,                   -- track, sensor, or request
  subject TEXT,
  stream_id INTEGER REFERENCES streams(id),
  sequence INTEGER,
  part INTEGER NOT NULL,        -- of the records of one message
  payload NOT NULL,             -- JSON as text; bytes where refused
  headers TEXT,
  reason TEXT                   -- why it is refused
);
CREATE UNIQUE INDEX records_of_message ON records (stream_id, sequence, part);
CREATE INDEX records_by_time ON records (time_us);
CREATE INDEX records_about ON records (about) WHERE about IS NOT NULL;
CREATE TABLE frame_minutes (
  minute_s INTEGER NOT NULL,    -- seconds since 1970, a multiple of 60
  sensor_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  frames INTEGER NOT NULL,
  detections INTEGER NOT NULL,
  clock_frames INTEGER NOT NULL,
  gaps INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  born INTEGER NOT NULL,        -- tracks, those that were never confirmed included
  confirmed INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  PRIMARY KEY (minute_s, sensor_id, epoch)
) WITHOUT ROWID;
CREATE TABLE confirmed_tracks (track_id BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_NOT_OURS = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open the database, make it where there is none.

    Raises
    ------
    SettingError : the file cannot be made or written, or is something else.
    sqlite3.OperationalError : it is locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = _connected(path, "rwc")
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    try:
        _require_ours(connection, path)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before any table
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_BYTES >> 10}")
        _make_tables(connection)
    except BaseException as error:
        connection.close()
        _raise_setting(path, error)
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the database only to read; the registrar may write meanwhile.

    Raises
    ------
    SettingError : there is none, or it is something else.
    """
    if not path.is_file():
        raise SettingError(
            f"registrar.path is {path}, must be a database that `qiki registrar` has written: "
            "start it, or name the file with --database, or with --data-dir the folder of a "
            "`qiki up` that has one"
        )
    connection = _connected(path, "ro")
    try:
        version = _require_ours(connection, path)
    except BaseException as error:
        connection.close()
        _raise_setting(path, error)
        raise
    if version == 0:
        connection.close()
        raise _not_ours(path)
    return connection


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    try:
        return sqlite3.connect(
            address,
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,  # transactions are begun here, by hand
            check_same_thread=False,  # one at a time, which the service sees to
        )
    except sqlite3.Error as error:
        raise _unusable(path, str(error)) from error


def _require_ours(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the tables, 0 where there are none yet."""
    application = _number(connection, "application_id")
    version = _number(connection, "user_version")
    if application == 0 and version == 0 and _number(connection, "schema_version") == 0:
        return 0
    if application != APPLICATION_ID:
        raise _not_ours(path)
    if version != VERSION:
        raise SettingError(
            f"registrar.path is {path}, whose schema has version {version}, must be {VERSION}: "
            "install the qiki that wrote it or a newer one, or name another file"
        )
    return version


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(value)


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _number(connection, "user_version") == 0:  # else another has made them meanwhile
            for statement in TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _raise_setting(path: Path, error: BaseException) -> None:
    """Raise the error for a file that stays as it is; return where waiting may help."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return
    if code & 0xFF in _NOT_OURS:
        raise _not_ours(path) from error
    if code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        raise _unusable(path, str(error)) from error


def _not_ours(path: Path) -> SettingError:
    return SettingError(
        f"registrar.path is {path}, which is no database of `qiki registrar`, must be one or a "
        "file that is not there yet: name another"
    )


def _unusable(path: Path, reason: str) -> SettingError:
    return SettingError(
        f"registrar.path is {path}, must be a file that can be opened and written ({reason}): "
        "free it, or name another"
    )
