"""The floor of a store of records: rows into an SQLite table without key or index.

What a database that finds nothing again and guards nothing costs; the same file, the same
write-ahead log, the same transactions.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path


class PlainRows:
    """A table of ten columns.

    Parameters
    ----------
    path : Path
        File that is made.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("CREATE TABLE plain (a, b, c, d, e, f, g, h, i, j)")

    def store(self, rows: Sequence[Sequence[object]]) -> None:
        """Store rows in one transaction.

        Parameters
        ----------
        rows : sequence of sequences of ten values
        """
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO plain VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        self._connection.execute("COMMIT")

    def count(self) -> int:
        """Return the number of rows."""
        (count,) = self._connection.execute("SELECT count(*) FROM plain").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
