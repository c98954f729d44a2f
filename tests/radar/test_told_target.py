"""Targets whose way is told, beside the same way in the scenario."""

import itertools

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.radar import OwnShipState, Radar, RangeBand, TransponderMode
from tests.radar.scenes import scenario, sensor, target
from tests.radar.test_told_own_ship import START_NS, coast_and_ship

WAYS = {
    "a": ((1500.0, 2000.0, 100.0), (12.0, -30.0, 0.5)),
    "b": ((-2500.0, 900.0, -20.0), (0.0, 8.0, 0.0)),
    "c": ((600.0, -3000.0, 5.0), (-5.0, 2.0, 0.0)),
}
FIELDS = ("range_m", "bearing_deg", "elevation_deg", "range_rate_m_s", "snr_db", "time_ns")


def scene(moves):
    """Three bodies that reply, on their ways or at rest in a place of their own."""
    replies = [{"mode": "on", "id": f"ID-{name}"} for name in WAYS]
    ways = [way if moves else ((900.0, 900.0, 0.0), (0.0, 0.0, 0.0)) for way in WAYS.values()]
    return scenario(
        target(name, *way, rcs_dbsm=15.0, transponder=reply)
        for name, way, reply in zip(WAYS, ways, replies, strict=True)
    )


def told(position_m, velocity_m_s, until_s=4.0):
    """The way of a body at constant velocity, every 10 ms."""
    times_s = np.arange(0.0, until_s + 0.01, 0.01)
    return [
        OwnShipState(
            START_NS + round(time_s * 1e9),
            (np.array(position_m) + time_s * np.array(velocity_m_s)).tolist(),
            velocity_m_s,
            0.0,
        )
        for time_s in times_s.tolist()
    ]


def told_in(order):
    radar = Radar(scene(moves=False), start_time_ns=START_NS)
    for name in order:
        radar = radar.with_told_target(radar.target_names.index(name), told(*WAYS[name]))
    return radar


def test_detections_are_those_of_the_same_ways_in_the_scenario():
    played, radar = Radar(scene(moves=True), start_time_ns=START_NS), told_in("abc")
    for number in range(1, 35):
        one, other = played.frame(number), radar.frame(number)
        assert sorted(one.truth) == [0, 1, 2]
        assert np.array_equal(one.truth, other.truth)
        for name in FIELDS:
            np.testing.assert_allclose(
                one.detections[name], other.detections[name], rtol=0, atol=1e-6
            )
        assert np.array_equal(one.detections["transponder_id"], other.detections["transponder_id"])


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_the_order_of_telling_does_not_matter(order):
    expected, radar = told_in("abc"), told_in(order)
    for number in (1, 12, 34):
        assert radar.frame(number).detections.tobytes() == (
            expected.frame(number).detections.tobytes()
        )


def test_only_the_one_who_is_told_moves_and_replies_otherwise():
    radar = Radar(scene(moves=False), start_time_ns=START_NS)
    moved = radar.with_told_target(
        1, told(*WAYS["b"]), transponder_mode=TransponderMode.SPOOF, transponder_id="LIAR"
    )
    truth = moved.truth(START_NS + 2_000_000_000)
    np.testing.assert_allclose(truth.position_m[1], [-2500.0, 916.0, -20.0], atol=1e-6)
    np.testing.assert_allclose(truth.position_m[[0, 2]], [[900.0, 900.0, 0.0]] * 2, atol=1e-9)
    frame = moved.frame(20)
    replies = frame.detections["transponder_id"]
    heard = dict(zip(frame.truth.tolist(), replies, strict=True))
    assert bytes(heard[1]).rstrip(b"\0") == b"LIAR"
    assert bytes(heard[0]).rstrip(b"\0") == b"ID-a"
    silent = radar.with_told_target(1, told(*WAYS["b"]), transponder_mode=TransponderMode.OFF)
    frame = silent.frame(20)
    (row,) = np.flatnonzero(frame.truth == 1)
    assert not bytes(frame.detections["transponder_id"][row]).strip(b"\0")
    assert frame.detections["range_band"][row] == RangeBand.SHORT


def test_a_body_is_told_of_beside_the_own_ship():
    """The radar goes with its ship while it sees the body go."""
    radar = told_in("abc").with_own_ship(told((100.0, 0.0, 0.0), (3.0, 0.0, 0.0)))
    truth = radar.truth(START_NS + 1_000_000_000)
    seen_m = np.linalg.norm(np.array([1512.0, 1970.0, 100.5]) - [103.0, 0.0, 0.0])
    assert truth.range_m[0] == pytest.approx(seen_m)


def test_what_is_no_target_or_no_way_is_refused():
    radar = Radar(scene(moves=False), start_time_ns=START_NS)
    with pytest.raises(SettingError, match="target is 3, must be one of the 3 targets"):
        radar.with_told_target(3, told(*WAYS["a"]))
    with pytest.raises(SettingError, match="target is -1, must be 0 to"):
        radar.with_told_target(-1, told(*WAYS["a"]))
    with pytest.raises(SettingError, match="number of states is 0, must be 1 to 100000"):
        radar.with_told_target(0, [])
    stuck = radar.with_fault('{"from_s": 3, "fault": "stuck"}')
    assert stuck.with_told_target(0, told(*WAYS["a"])).fault_count == 1
    ashore = Radar(coast_and_ship(), start_time_ns=START_NS)
    assert len(ashore.with_told_target(0, told(*WAYS["a"])).frame(1)) == 1
    seen = {"object_type": "ship", "rcs_dbsm": 30.0}
    aboard = Radar(scenario([], [sensor()], own_ship={"visible_as": seen}))
    with pytest.raises(SettingError, match="not the radar's own vehicle"):
        aboard.with_told_target(aboard.target_names.index("own_ship"), told(*WAYS["a"]))
