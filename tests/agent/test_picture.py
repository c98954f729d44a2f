"""The picture of all tracks, and the alerts that stand, against dictionaries."""

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.agent.alert import Alert, StandingAlerts
from qiki.agent.picture import Picture
from qiki.agent.sample_view import sample_tracks
from qiki.tracking import TrackStatus
from qiki.wire import decode_tracks
from tests.wire.messages import track_columns
from tests.wire.samples import tracks


class Message(NamedTuple):
    """What the picture reads of a tracks message."""

    tracker_id: str
    tracker_epoch: int
    time_ns: int
    tracks: np.ndarray


def message(statuses, time_ns=0, tracker=("t", 0), quality=1.0):
    tracks = sample_tracks(np.zeros((len(statuses), 3)))
    tracks["number"], tracks["status"] = list(statuses), list(statuses.values())
    tracks["quality"], tracks["time_ns"] = quality, time_ns
    return Message(*tracker, time_ns, tracks)


STATUSES = st.dictionaries(st.integers(1, 8), st.sampled_from(list(TrackStatus)), max_size=6)
MESSAGES = st.lists(st.tuples(STATUSES, st.sampled_from([("t", 0), ("t", 0), ("t", 1)])))


@settings(deadline=None)
@given(MESSAGES)
def test_the_picture_is_what_the_messages_left(messages):
    picture, expected, last_tracker = Picture(), {}, None
    for time_ns, (statuses, tracker) in enumerate(messages):
        picture.take(message(statuses, time_ns, tracker))
        if tracker != last_tracker:
            expected, last_tracker = {}, tracker
        expected |= {number: (status, time_ns) for number, status in statuses.items()}
        expected = {it: told for it, told in expected.items() if told[0] is not TrackStatus.LOST}
        columns = (picture.tracks[name].tolist() for name in ("number", "status", "time_ns"))
        found = {number: (status, at_ns) for number, status, at_ns in zip(*columns, strict=True)}
        assert found == expected
        assert list(found) == sorted(found)
        assert picture.time_ns == time_ns


def test_messages_of_the_wire_are_read():
    rows = tracks(np.random.default_rng(1), 20)
    said = track_columns(rows)
    rule = said.guard.rules.add(id="NEAR", title="Near", description="Too near", action_required="")
    rule.severity, rule.fsm_event = 3, "CLOSE"
    about = {"track_id": bytes(range(16)), "track_number": 7, "quality": 0.75, "friend_foe": 2}
    place = {"range_m": 64.0, "bearing_deg": 1.0, "elevation_deg": 0.0, "range_rate_m_s": 0.0}
    said.guard.alerts.add(
        rule=0,
        kind=1,
        time_ns=9,
        since_ns=4,
        transponder_on=True,
        transponder_mode=1,
        **about,
        **place,
    )
    said.guard.unwatched_count = 0
    read = decode_tracks(said.SerializeToString())
    picture, alerts = Picture(), StandingAlerts()
    picture.take(read)
    alerts.take(read.alerts)
    living = rows[rows["status"] != TrackStatus.LOST]
    assert 0 < len(living) < len(rows)
    assert picture.tracks["number"].tolist() == sorted(living["number"].tolist())
    track_id = "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert alerts.all == (Alert("NEAR", "Near", "critical", "CLOSE", track_id, 7, 9, 4, 64.0),)


def test_there_is_nothing_before_the_first_message():
    assert len(Picture().tracks) == 0
    assert Picture().time_ns is None


def test_only_confirmed_tracks_of_sufficient_quality_may_be_acted_on():
    picture = Picture()
    statuses = dict(enumerate(TrackStatus, start=1)) | {9: TrackStatus.TRACKED}
    told = message(statuses, quality=[0.5] * len(TrackStatus) + [0.49])
    picture.take(told)
    found = picture.confirmed(0.5)["number"].tolist()
    assert [statuses[number].name for number in found] == ["TRACKED", "COASTING"]
    assert 9 not in found
    assert 9 in picture.confirmed(0.49)["number"]


class Told(NamedTuple):
    """What is read of a guard's alert."""

    kind: str
    rule_id: str
    track_id: str
    title: str = "Close"
    severity: str = "warning"
    fsm_event: str = "CLOSE"
    track_number: int = 1
    time_ns: int = 5
    since_ns: int = 3
    range_m: float = 100.0


TOLD = st.builds(Told, st.sampled_from(["raised", "cleared", "lost"]), *[st.sampled_from("ab")] * 2)


@settings(deadline=None)
@given(st.lists(st.lists(TOLD, max_size=4)))
def test_the_alerts_that_stand_are_those_raised_and_not_ended(messages):
    alerts, expected = StandingAlerts(), set()
    for told in messages:
        raised = alerts.take(told)
        assert [(it.rule_id, it.track_id) for it in raised] == [
            (it.rule_id, it.track_id) for it in told if it.kind == "raised"
        ]
        for it in told:
            change = expected.add if it.kind == "raised" else expected.discard
            change((it.rule_id, it.track_id))
        assert {(it.rule_id, it.track_id) for it in alerts.all} == expected
    alerts.clear()
    assert alerts.all == ()


def test_an_alert_keeps_what_was_told():
    (raised,) = StandingAlerts().take([Told("raised", "r", "t")])
    assert raised == Alert("r", "Close", "warning", "CLOSE", "t", 1, 5, 3, 100.0)
