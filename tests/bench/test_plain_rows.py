import sqlite3
from contextlib import closing

from bench.peers.plain_rows import PlainRows

ROWS = [[n, "type", None, 1.5, b"bytes", *"fghij"] for n in range(3)]


def test_rows_stand_in_the_file_as_they_were_given(tmp_path):
    with closing(PlainRows(tmp_path / "plain")) as plain:
        plain.store(ROWS[:2])
        plain.store(ROWS[2:])
        assert plain.count() == 3
        with closing(sqlite3.connect(tmp_path / "plain")) as other:
            assert [list(row) for row in other.execute("SELECT * FROM plain")] == ROWS
            (mode,) = other.execute("PRAGMA journal_mode").fetchone()
            assert mode == "wal"
            assert other.execute("PRAGMA index_list(plain)").fetchall() == []
