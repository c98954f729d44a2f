"""Records read back, while the registrar writes or when it does not run."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from qiki.registrar.database import DatabaseError
from qiki.registrar.schema import open_to_read

_FIELDS = (
    "records.id, records.time_us, type, about, subject, name, records.sequence, payload, headers"
)
_SELECT = (
    f"SELECT {_FIELDS}, reason FROM records LEFT JOIN streams ON streams.id = stream_id WHERE "  # noqa: S608
)
NEWEST = " ORDER BY records.id DESC LIMIT ?"


class StoredRecord(NamedTuple):
    """One record as it is stored; `qiki.registrar.record.Record` explains the fields."""

    id: int  # grows in the order of storing
    time_us: int
    type: str
    about: str | None
    subject: str | None
    stream: str | None
    sequence: int | None
    payload: str | bytes
    headers: str | None
    reason: str | None


class RecordQuery:
    """Reads records; a context manager. Each answer is of one moment, and holds no lock behind it.

    Parameters
    ----------
    path : of the database.
    types : only records of these types, and of those below them; none: all.

    Raises
    ------
    SettingError : there is no such database.
    """

    def __init__(self, path: Path, types: Sequence[str] = ()) -> None:
        self._path = path
        self._connection = open_to_read(path)
        below = "(type = ? OR substr(type, 1, ?) = ?)"
        self._condition = f" AND ({' OR '.join([below] * len(types))})" if types else ""
        self._values = [value for name in types for value in (name, len(name) + 1, f"{name}.")]

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._connection.close()

    def newest(self, limit: int, since_us: int | None = None) -> list[StoredRecord]:
        """Return the newest records, at most `limit`, the oldest of them first.

        Raises
        ------
        DatabaseError : the file cannot be read.
        """
        if since_us is None:
            rows = self._rows("1", NEWEST, [], limit)
        else:
            rows = self._rows("records.time_us >= ?", NEWEST, [since_us], limit)
        return rows[::-1]

    def behind(self, id: int, limit: int) -> list[StoredRecord]:
        """Return the records that were stored behind one, at most `limit`, in their order.

        Raises
        ------
        DatabaseError : the file cannot be read.
        """
        return self._rows("records.id > ?", " ORDER BY records.id LIMIT ?", [id], limit)

    def last_id(self) -> int:
        """Return the key of the newest record, 0 where there is none.

        Raises
        ------
        DatabaseError : the file cannot be read.
        """
        with_id = self._execute("SELECT coalesce(max(id), 0) FROM records", [])
        return int(with_id[0][0])

    def _rows(
        self, condition: str, order: str, values: list[int], limit: int
    ) -> list[StoredRecord]:
        statement = _SELECT + condition + self._condition + order
        return [
            StoredRecord(*row) for row in self._execute(statement, [*values, *self._values, limit])
        ]

    def _execute(self, statement: str, values: Sequence[object]) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise DatabaseError(
                f"{self._path} must be a database that can be read ({error}): see to the file, or "
                "ask again"
            ) from error
