"""What a tracks message says of alerts, against the Python protobuf library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import DecodeError, TracksError
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarTrackColumns
from tests.wire.messages import track_columns
from tests.wire.samples import tracks

BARE = track_columns(tracks(np.random.default_rng(0), 3)).SerializeToString()
KINDS = ("raised", "cleared", "lost")
SEVERITIES = ("info", "warning", "critical")


def message(*, kind=1, severity=3, time_ns=2_000, range_m=64.0, approach=True, unwatched=0):
    said = RadarTrackColumns.FromString(BARE)
    rule = said.guard.rules.add(
        id="NEAR_1", title="Near", description="Näher als 70 m", action_required="", fsm_event="E-1"
    )
    rule.severity = severity
    alert = RadarTrackColumns.GuardAlert(
        rule=0,
        kind=kind,
        track_id=bytes(range(16)),
        track_number=7,
        time_ns=time_ns,
        since_ns=time_ns - 1_000,
        range_m=range_m,
        bearing_deg=359.0,
        elevation_deg=-3.0,
        range_rate_m_s=-2.5,
        quality=0.75,
        friend_foe=2,
        transponder_on=True,
        transponder_mode=1,
    )
    if approach:
        alert.approach.time_s, alert.approach.distance_m = 12.0, 3.0
        alert.approach.probability = 0.5
    said.guard.alerts.append(alert)
    said.guard.unwatched_count = unwatched
    return said


@given(
    kind=st.integers(1, 3),
    severity=st.integers(1, 3),
    time_ns=st.integers(-(2**60), 2**60),
    range_m=st.floats(0, 1e300),
    approach=st.booleans(),
    unwatched=st.integers(0, 2**64 - 1),
)
def test_what_the_library_writes_is_read(kind, severity, time_ns, range_m, approach, unwatched):
    said = message(
        kind=kind,
        severity=severity,
        time_ns=time_ns,
        range_m=range_m,
        approach=approach,
        unwatched=unwatched,
    )
    read = wire.decode_tracks(said.SerializeToString())
    (alert,) = read.alerts
    assert read.unwatched_count == unwatched
    assert (alert.kind, alert.severity) == (KINDS[kind - 1], SEVERITIES[severity - 1])
    assert (alert.rule_id, alert.title, alert.fsm_event) == ("NEAR_1", "Near", "E-1")
    assert (alert.description, alert.action_required) == ("Näher als 70 m", "")
    assert (alert.time_ns, alert.since_ns, alert.range_m) == (time_ns, time_ns - 1_000, range_m)
    assert alert.track_id == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (alert.track_number, alert.bearing_deg, alert.elevation_deg) == (7, 359.0, -3.0)
    assert (alert.range_rate_m_s, alert.quality) == (-2.5, 0.75)
    assert (alert.friend_foe, alert.transponder_on, alert.transponder_mode) == (2, True, 1)
    expected = (12.0, 3.0, 0.5) if approach else (None, None, None)
    told = (alert.approach_time_s, alert.approach_distance_m, alert.approach_probability)
    assert told == expected


def test_there_are_none_where_they_are_left_out():
    read = wire.decode_tracks(BARE)
    assert (read.alerts, read.unwatched_count) == ((), 0)


def set_alert(**fields):
    def change(guard):
        for name, value in fields.items():
            setattr(guard.alerts[0], name, value)

    return change


REFUSALS = {
    "rule": (set_alert(rule=1), TracksError, "guard.rule is 1, must be below the number of rules"),
    "range": (set_alert(range_m=math.nan), TracksError, "guard.range_m is NaN, must be finite"),
    "since": (set_alert(since_ns=2_001), TracksError, "since_ns is 2001, must be at most time_ns"),
    "number": (set_alert(track_number=0), TracksError, "track_number is 0, must be at least 1"),
    "kind": (set_alert(kind=0), DecodeError, "guard.alerts.kind is 0, must be 1"),
    "id": (set_alert(track_id=b"short"), DecodeError, "guard.alerts.track_id has 5 bytes"),
    "no quality": (lambda g: g.alerts[0].ClearField("quality"), DecodeError, "quality is missing"),
    "no count": (lambda g: g.ClearField("unwatched_count"), DecodeError, "unwatched_count is mis"),
    "severity": (lambda g: setattr(g.rules[0], "severity", 0), TracksError, "severity is 0, must"),
    "name": (lambda g: setattr(g.rules[0], "id", "A\r\nB"), TracksError, "of letters, digits, _"),
    "probability": (
        lambda g: setattr(g.alerts[0].approach, "probability", 1.5),
        TracksError,
        "approach.probability is 1.5, must be 0 to 1",
    ),
}


@pytest.mark.parametrize(("change", "error", "text"), REFUSALS.values(), ids=REFUSALS)
def test_what_breaks_the_contract_is_refused(change, error, text):
    said = message()
    change(said.guard)
    with pytest.raises(error) as refused:
        wire.decode_tracks(said.SerializeToString())
    assert text in str(refused.value)
