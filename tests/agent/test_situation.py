"""Situations: closed forms of closest approach, confirmation, cooldown, acknowledged, lost."""

import math

import numpy as np
import pytest

from qiki.agent.sample_view import sample_tracks, sample_vehicle
from qiki.agent.situation import SituationKind, SituationLimits, Situations
from qiki.tracking import FriendFoe, TrackAlarm

TICK_S = 0.5
AT_ONCE = SituationLimits(confirm_ticks=1)


class Scene:
    """Situations around a vehicle, tick by tick."""

    def __init__(self, limits=AT_ONCE, **vehicle):
        self.situations = Situations(limits)
        self.vehicle = sample_vehicle(**vehicle)
        self.time_ns = 0

    def look(self, *tracks, ticks=1):
        """Look at tracks for some ticks; return what the last one changes."""
        for _ in range(ticks):
            self.time_ns += round(TICK_S * 1e9)
            all_tracks = np.concatenate([sample_tracks([]), *tracks])
            changes = self.situations.look(all_tracks, self.vehicle, self.time_ns)
        return [(change.what, str(change.situation.kind)) for change in changes]

    @property
    def standing(self):
        return [(str(it.kind), it.severity) for it in self.situations.standing]


def track(
    position_m, velocity_m_s=(0.0, 0.0, 0.0), number=1, friend_foe=FriendFoe.FRIEND, **columns
):
    return sample_tracks(
        [position_m],
        [velocity_m_s],
        number=number,
        track_id=np.void(number.to_bytes(16, "big")),
        friend_foe=friend_foe,
        **columns,
    )


def unknown(range_m=100.0, **columns):
    return track((range_m, 0.0, 0.0), friend_foe=FriendFoe.UNKNOWN, **columns)


FAR = unknown(range_m=1e4)


@pytest.mark.parametrize("angle_rad", [0.0, 1.0, 2.5, 4.0])
@pytest.mark.parametrize("moved", [False, True])
def test_closest_approach_is_that_of_a_straight_pass(angle_rad, moved):
    """A body passes at distance b with speed v, s short of the nearest point: t = s/v, d = b."""
    b, v, s = 120.0, 4.0, 50.0
    along = np.array([math.cos(angle_rad), math.sin(angle_rad), 0.0])
    aside = np.array([-math.sin(angle_rad), math.cos(angle_rad), 0.0])
    place, speed = np.array([7e3, -2e3, 300.0]), np.array([30.0, -20.0, 5.0])
    place, speed = (place, speed) if moved else (np.zeros(3), np.zeros(3))
    scene = Scene(position_m=place, velocity_m_s=speed)
    scene.look(track(place + b * aside - s * along, speed + v * along))
    (found,) = scene.situations.standing
    assert (found.kind, found.severity) == ("CPA_RISK", "warning")
    range_m = math.hypot(b, s)
    assert found.approach_time_s == pytest.approx(s / v)
    assert found.approach_distance_m == pytest.approx(b)
    assert found.range_m == pytest.approx(range_m)
    assert found.closing_m_s == pytest.approx(v * s / range_m)
    assert (found.track_number, found.track_id[-2:]) == (1, "01")


@pytest.mark.parametrize(
    ("time_s", "distance_m", "expected"),
    [
        (7.9, 149.0, "critical"),
        (7.9, 151.0, "warning"),
        (8.1, 149.0, "warning"),
        (19.9, 299.0, "warning"),
        (19.9, 301.0, None),
        (20.1, 299.0, None),
        (-1.0, 10.0, None),
        (0.0, 10.0, None),
    ],
)
def test_a_risk_is_soon_and_near(time_s, distance_m, expected):
    scene = Scene()
    scene.look(track((distance_m, -time_s, 0.0), (0.0, 1.0, 0.0)))
    assert dict(scene.standing).get("CPA_RISK") == expected


def test_what_keeps_its_distance_is_no_risk():
    scene = Scene(velocity_m_s=np.array([50.0, 0.0, 0.0]))
    scene.look(track((10.0, 0.0, 0.0), (50.0, 0.0, 0.0)), track((0.0, 0.0, 0.0), number=2))
    assert scene.standing == []


def test_a_closest_approach_that_is_past_is_now():
    scene = Scene()
    scene.look(track((30.0, 40.0, 0.0), (3.0, 4.0, 0.0), friend_foe=FriendFoe.UNKNOWN))
    (found,) = scene.situations.standing
    assert (found.approach_time_s, found.approach_distance_m) == (0.0, 50.0)
    assert found.closing_m_s == pytest.approx(-5.0)


@pytest.mark.parametrize(
    ("range_m", "closing_m_s", "expected"),
    [(1999.0, 5.1, True), (2001.0, 5.1, False), (1999.0, 4.9, False), (1999.0, -9.0, False)],
)
def test_closing_fast_is_fast_and_near(range_m, closing_m_s, expected):
    scene = Scene()
    # Past the vehicle at more than the distance of a risk, so that this is the only situation.
    place, velocity = (math.sqrt(range_m**2 - 400.0**2), 400.0, 0.0), -closing_m_s * range_m
    scene.look(track(place, (velocity / place[0], 0.0, 0.0)))
    assert scene.standing == [("CLOSING_FAST", "warning")] * expected


@pytest.mark.parametrize(
    ("range_m", "who", "expected"),
    [
        (299.0, FriendFoe.UNKNOWN, True),
        (301.0, FriendFoe.UNKNOWN, False),
        (299.0, FriendFoe.FRIEND, False),
        (299.0, FriendFoe.FOE, False),
    ],
)
def test_an_unknown_nearby_is_unknown_and_near(range_m, who, expected):
    scene = Scene()
    scene.look(track((0.0, 0.0, -range_m), friend_foe=who))
    assert scene.standing == [("UNKNOWN_NEARBY", "warning")] * expected


@pytest.mark.parametrize(
    ("alarms", "expected"),
    [
        (TrackAlarm.IDENTITY_REFUTED, True),
        (TrackAlarm.IDENTITY_REFUTED | TrackAlarm.IDENTITY_CONTESTED, True),
        (TrackAlarm.IDENTITY_CONTESTED, False),
        (0, False),
    ],
)
def test_an_identity_that_is_refuted_does_not_fit(alarms, expected):
    scene = Scene()
    scene.look(track((5e4, 0.0, 0.0), alarms=alarms))
    assert scene.standing == [("IDENTITY_MISMATCH", "warning")] * expected


def test_a_condition_is_raised_after_so_many_ticks_in_a_row():
    scene = Scene(SituationLimits(confirm_ticks=3))
    assert scene.look(unknown(), ticks=2) == []
    assert scene.look(FAR) == []
    assert scene.look(unknown(), ticks=2) == []
    assert scene.look(unknown()) == [("created", "UNKNOWN_NEARBY")]
    assert scene.look(unknown()) == []
    (found,) = scene.situations.standing
    assert (found.since_ns, found.time_ns) == (scene.time_ns - 500_000_000, scene.time_ns)


def test_each_track_has_its_own_count():
    scene = Scene(SituationLimits(confirm_ticks=2))
    scene.look(unknown(number=1))
    assert scene.look(FAR, unknown(number=2)) == []
    assert scene.look(unknown(number=1), unknown(number=2)) == [("created", "UNKNOWN_NEARBY")]
    assert [it.track_number for it in scene.situations.standing] == [2]


def test_a_change_of_severity_is_told_and_ends_what_was_acknowledged():
    scene = Scene()
    passing = (0.0, 1.0, 0.0)
    assert scene.look(track((100.0, -15.0, 0.0), passing)) == [("created", "CPA_RISK")]
    created_ns = scene.time_ns
    assert scene.situations.acknowledge(SituationKind.CPA_RISK, 1, scene.time_ns)
    assert scene.look(track((100.0, -9.0, 0.0), passing)) == []
    assert scene.situations.shown(scene.time_ns) == ()
    assert scene.look(track((100.0, -7.0, 0.0), passing)) == [("updated", "CPA_RISK")]
    (found,) = scene.situations.shown(scene.time_ns)
    assert (found.severity, found.since_ns) == ("critical", created_ns)
    assert (found.approach_time_s, found.time_ns) == (7.0, scene.time_ns)


def test_it_is_resolved_when_it_is_gone_for_a_while():
    scene = Scene(AT_ONCE._replace(resolve_s=2.0))
    scene.look(unknown())
    assert scene.look(FAR, ticks=4) == []
    assert scene.standing == [("UNKNOWN_NEARBY", "warning")]
    assert scene.look(FAR) == [("resolved", "UNKNOWN_NEARBY")]
    assert scene.standing == []
    assert scene.look(FAR) == []


def test_a_gap_that_is_short_is_none():
    scene = Scene(AT_ONCE._replace(resolve_s=2.0))
    scene.look(unknown())
    for _ in range(5):
        assert scene.look(FAR, ticks=4) == []
        assert scene.look(unknown()) == []
    assert scene.standing == [("UNKNOWN_NEARBY", "warning")]


def test_it_is_not_raised_again_before_the_cooldown_is_over():
    scene = Scene(AT_ONCE._replace(resolve_s=0.0, cooldown_s=3.0))
    scene.look(unknown())
    assert scene.look(FAR) == [("resolved", "UNKNOWN_NEARBY")]
    assert scene.look(unknown(), ticks=5) == []
    assert scene.look(unknown(number=2), FAR) == [("created", "UNKNOWN_NEARBY")]
    assert scene.look(unknown(), unknown(number=2)) == [("created", "UNKNOWN_NEARBY")]
    assert [it.track_number for it in scene.situations.standing] == [1, 2]


def test_ticks_before_a_gap_in_the_cooldown_do_not_count():
    scene = Scene(SituationLimits(confirm_ticks=3, resolve_s=0.0, cooldown_s=2.0))
    scene.look(unknown(), ticks=3)
    assert scene.look(FAR) == [("resolved", "UNKNOWN_NEARBY")]
    scene.look(unknown(), ticks=2)
    scene.look(FAR)
    assert scene.look(unknown(), ticks=2) == []
    assert scene.look(unknown()) == [("created", "UNKNOWN_NEARBY")]


def test_what_somebody_has_in_hand_is_not_shown_for_a_while():
    scene = Scene(AT_ONCE._replace(snooze_s=1.0))
    scene.look(unknown())
    assert len(scene.situations.shown(scene.time_ns)) == 1
    assert scene.situations.acknowledge(SituationKind.UNKNOWN_NEARBY, 1, scene.time_ns)
    scene.look(unknown())
    assert scene.situations.shown(scene.time_ns) == ()
    assert scene.standing == [("UNKNOWN_NEARBY", "warning")]
    scene.look(unknown())
    assert len(scene.situations.shown(scene.time_ns)) == 1


def test_what_does_not_stand_cannot_be_acknowledged():
    scene = Scene(SituationLimits(confirm_ticks=2))
    scene.look(unknown())
    assert not scene.situations.acknowledge(SituationKind.UNKNOWN_NEARBY, 1, scene.time_ns)
    assert not scene.situations.acknowledge(SituationKind.CPA_RISK, 1, scene.time_ns)


@pytest.mark.parametrize(("range_m", "expected"), [(1999.0, True), (2001.0, False)])
def test_a_contact_lost_was_near_and_is_told_at_once(range_m, expected):
    scene = Scene(SituationLimits(confirm_ticks=3, resolve_s=2.0))
    scene.look(track((0.0, range_m, 0.0)))
    assert scene.look() == [("created", "CONTACT_LOST")] * expected
    if expected:
        (found,) = scene.situations.standing
        assert (found.track_number, found.range_m, found.track_id[-2:]) == (1, range_m, "01")
        assert scene.look(ticks=4) == []
        assert scene.look() == [("resolved", "CONTACT_LOST")]


def test_a_contact_that_stays_is_not_lost():
    scene = Scene()
    near = track((0.0, 1000.0, 0.0))
    assert scene.look(near, track((0.0, 900.0, 0.0), number=2), ticks=3) == []
    assert scene.look(near) == [("created", "CONTACT_LOST")]
    assert [it.track_number for it in scene.situations.standing] == [2]


def test_the_critical_ones_stand_first():
    scene = Scene()
    passing = (0.0, 1.0, 0.0)
    scene.look(
        unknown(number=1),
        track((100.0, -15.0, 0.0), passing, number=2),
        track((100.0, -7.0, 0.0), passing, number=3),
    )
    found = [(it.severity, str(it.kind), it.track_number) for it in scene.situations.standing]
    assert found == [
        ("critical", "CPA_RISK", 3),
        ("warning", "CPA_RISK", 2),
        ("warning", "UNKNOWN_NEARBY", 1),
    ]


def test_what_is_over_is_forgotten():
    """Of ten thousand contacts that came and went nothing is kept."""
    scene = Scene(AT_ONCE._replace(resolve_s=0.0, cooldown_s=0.5))
    for first in range(1, 10_000, 100):
        scene.look(*(unknown(number=number) for number in range(first, first + 100)))
    scene.look(ticks=10)
    assert scene.situations._watches == {}
    assert scene.situations._last == {}
