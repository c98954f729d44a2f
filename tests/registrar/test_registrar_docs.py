"""What docs/registrar.md says of the settings and shows for the sqlite3 shell."""

import re
import sqlite3
from contextlib import closing

import pytest

from qiki.registrar.database import RegistrarDatabase
from qiki.registrar.record import Arrival, FrameCount, Minute
from qiki.settings import Settings
from tests.registrar.messages import TIME_US, answer, arrival, begin, command, interpreted
from tests.source_tree import ROOT

PAGE = (ROOT / "docs" / "registrar.md").read_text()
(SQL,) = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "r.sqlite3"
    with closing(RegistrarDatabase(file, 64 << 20)) as database:
        begin(database, "COMMANDS")
        asked = arrival("qiki.commands.control", command("sim.pause", "3" * 32))
        told = Arrival("qiki.responses.control", answer("3" * 32, "it stands still"), {}, TIME_US)
        batch = interpreted(asked, told)
        batch.frame_counts[Minute("radar", "1", 60)] = FrameCount(3, 20, 1, 1, 4, 6, 5)
        for type in ("track.born", "track.confirmed", "track.lost"):
            batch.records.append(batch.records[1]._replace(type=type, about="a track"))
        database.store(batch)
    return file


def test_the_statements_answer_what_they_say(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        lives, commands, minutes = (
            connection.execute(statement).fetchall() for statement in SQL.split(";\n")[:3]
        )
    assert lives == [("a track", "2027-01-15 08:00:00", "track.born track.confirmed track.lost")]
    assert commands == [("command.sim.pause", "acknowledgement.rejected", "it stands still")]
    assert minutes == [("1970-01-01 00:01:00", "radar", 3, 20, 4, 6, 5)]


def test_the_settings_have_the_defaults_that_it_names():
    settings = PAGE.partition("## Settings")[2].partition("##")[0]
    rows = re.findall(r"^\| (`\w+\.\w+`.*?) \| (.*?) \|", settings, re.MULTILINE)
    told = {}
    for names, defaults in rows:
        found = re.findall(r"`(\w+)\.(\w+)`", names)
        told |= dict(zip(found, re.split(", ", defaults), strict=True))
    for (section, key), text in told.items():
        default = getattr(getattr(Settings(), section), key)
        shown = {"path": "~/.local/share/qiki/registrar.sqlite3", "max_bytes": "512 MB"}
        expected = shown.get(
            key, f"{default:g}" if isinstance(default, float) else str(default).lower()
        )
        assert text.strip("`").startswith(expected), key
    assert Settings().registrar.max_bytes == 512_000_000
    assert len(told) == 9
