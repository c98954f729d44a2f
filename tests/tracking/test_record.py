"""The record of a track: its fields are told, its bits and covariances can be read."""

import re

import numpy as np
import pytest

from qiki.radar import Present, RangeBand, TransponderMode
from qiki.recording import PlotFlags
from qiki.tracking import (
    TRACK_DTYPE,
    FriendFoe,
    TrackAlarm,
    TrackEvent,
    TrackPresent,
    TrackStatus,
    is_confirmed,
    position_covariance,
    record,
    velocity_covariance,
)
from tests.source_tree import ROOT

PAGE = (ROOT / "docs/tracks.md").read_text()
TOLD = set(TRACK_DTYPE.names) - {"reserved"}


def test_the_page_tells_of_each_field():
    (table,) = re.findall(r"^\| field .*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    first_columns = [row.split("|")[1] for row in table.splitlines()[2:] if row]
    assert sorted(re.findall(r"`(\w+)`", "".join(first_columns))) == sorted(TOLD)


def test_help_tells_of_each_field_with_its_type():
    rows = re.findall(r"^``(\w+)`` +(.{12}) \S", record.__doc__, re.MULTILINE)
    assert len(rows) == len(TOLD)
    for name, shown in rows:
        element, shape = TRACK_DTYPE[name].base, TRACK_DTYPE[name].shape
        parts = {"track_id": "16 bytes", "transponder_id": "32 bytes"}
        kind = parts.get(name, f"({shape[0]},) {element}" if shape else str(element))
        assert shown.strip() == kind


def test_the_page_names_each_status():
    (table,) = re.findall(r"^\| status .*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(TrackStatus.__members__)


def test_the_examples_of_the_page_run(capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, object] = {}
    exec(compile(example, "docs/tracks.md", "exec"), found)
    assert "STN-1 TRACKED" in capsys.readouterr().out
    assert found["std_m"].shape == (len(found["tracks"]), 3)
    (subscriber,) = re.findall(r"^```py\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    compile(subscriber, "docs/tracks.md", "exec")


@pytest.mark.parametrize(
    ("flags", "element"),
    [
        (TrackAlarm, np.uint8),
        (TrackPresent, np.uint32),
        (Present, np.uint32),
        (PlotFlags, np.uint16),
    ],
)
def test_bits_may_come_from_arrays(flags, element):
    for value in (0, 1, 2, 3):
        assert flags(element(value)) is flags(value)
    assert not flags(element(0))


NUMBERED = (FriendFoe, TrackEvent, TrackStatus, RangeBand, TransponderMode)


@pytest.mark.parametrize("kind", [*NUMBERED, TrackAlarm, TrackPresent, Present, PlotFlags])
def test_help_tells_of_each_member(kind):
    told = re.findall(r"^    ((?:[A-Z0-9_]+(?:, )?)+)\n        \S", kind.__doc__, re.MULTILINE)
    assert sorted(", ".join(told).split(", ")) == sorted(kind.__members__)


def test_what_is_no_whole_number_is_no_bits():
    for value in (0.5, "IDENTITY_REFUTED", np.float64(1.5)):
        with pytest.raises(ValueError, match="is not a valid TrackAlarm"):
            TrackAlarm(value)


def test_confirmed_are_those_that_are_detected_and_those_that_coast():
    tracks = np.zeros(len(TrackStatus), TRACK_DTYPE)
    tracks["status"] = list(TrackStatus)
    found = {TrackStatus(status).name for status in tracks["status"][is_confirmed(tracks)]}
    assert found == {"TRACKED", "COASTING"}


def test_covariances_are_whole_matrices():
    matrices = np.cov(np.random.default_rng(1).normal(size=(3, 9)))[np.newaxis] * [[[1.0]], [[2.0]]]
    tracks = np.zeros(2, TRACK_DTYPE)
    tracks["position_covariance_m2"] = matrices[:, *np.triu_indices(3)]
    tracks["velocity_covariance_m2_s2"] = 3.0 * tracks["position_covariance_m2"]
    np.testing.assert_array_equal(position_covariance(tracks), matrices)
    np.testing.assert_array_equal(velocity_covariance(tracks), 3.0 * matrices)
    np.testing.assert_array_equal(position_covariance(tracks[0]), matrices[0])
