"""Radars where the own ship goes a way that was told, beside the same way in the scenario."""

import dataclasses

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.radar import OwnShipState, Radar, RangeBand, TransponderMode
from tests.radar.scenes import scenario, sensor, target
from tests.radar.test_platforms import mounted, ship_at, turning

START_NS = 1_700_000_000_000_000_000
ROTATING = {"rotating": {"rotation_period_s": 4.0, "sectors": 8}}
TARGETS = [
    target(
        f"t{k}", (900.0 * k - 4000.0, 3000.0 - 700.0 * k, 100.0 * k), (20.0, -5.0 * k, 0.0), 20.0
    )
    for k in range(9)
]


@dataclasses.dataclass(frozen=True)
class Told:
    """The ship of `turning`, told every `step_s`."""

    step_s: float

    def states(self, until_s):
        times_s = np.arange(0.0, until_s + self.step_s, self.step_s)
        return [self.state(float(time_s)) for time_s in times_s]

    def state(self, time_s):
        position_m, velocity_m_s = ship_at(time_s)
        heading_deg = float(np.degrees(np.arctan2(velocity_m_s[0], velocity_m_s[1])) % 360.0)
        return OwnShipState(
            START_NS + round(time_s * 1e9), position_m.tolist(), velocity_m_s.tolist(), heading_deg
        )


def played(scan, **mount):
    carried = sensor(mount=mounted(**mount)) | {"scan": scan}
    return scenario(TARGETS, [carried], own_ship=turning())


@pytest.mark.parametrize("relative_to", ["bow", "north"])
@pytest.mark.parametrize("scan", [{"staring": {"period_s": 0.5}}, ROTATING])
def test_frames_are_those_of_the_same_way_in_the_scenario(scan, relative_to):
    """What the acceleration of 0.63 m/s² makes of a way that is told every 10 ms: 8e-6 m."""
    radar = Radar(played(scan, relative_to=relative_to), start_time_ns=START_NS)
    told = radar.with_own_ship(Told(0.01).states(30.0))
    seen = 0
    for number in range(1, 60):
        one, other = radar.frame(number), told.frame(number)
        np.testing.assert_allclose(one.sensor_position_m, other.sensor_position_m, atol=1e-4)
        np.testing.assert_allclose(one.sensor_velocity_m_s, other.sensor_velocity_m_s, atol=1e-2)
        assert len(one) == len(other)
        assert np.array_equal(one.truth, other.truth)
        for name, atol in (("range_m", 1e-3), ("bearing_deg", 1e-3), ("range_rate_m_s", 1e-2)):
            np.testing.assert_allclose(
                one.detections[name], other.detections[name], rtol=0, atol=atol
            )
        seen += len(one)
    assert seen > 60


def test_a_frame_takes_no_more_of_the_way_than_its_time():
    radar = Radar(played(ROTATING), start_time_ns=START_NS)
    states = Told(0.01).states(30.0)
    end_ns = radar.frame_time_ns(40)
    near = [s for s in states if end_ns - radar.period_ns - 10_000_000 <= s.time_ns <= end_ns]
    whole, part = (radar.with_own_ship(way).frame(40) for way in (states, near))
    assert len(near) < 60
    np.testing.assert_allclose(
        whole.detections["range_m"], part.detections["range_m"], rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(whole.sensor_position_m, part.sensor_position_m, atol=1e-6)


def test_a_ship_that_nothing_pushes_makes_the_frames_of_the_scenario():
    scene = scenario(
        TARGETS,
        own_ship={
            "motion": {
                "constant_velocity": {"position_m": [5, 6, 7], "velocity_m_s": [0.6, 0.2, 0]}
            }
        },
    )
    start = scene.own_ship_start
    assert (start.time_ns, start.position_m, start.velocity_m_s) == (0, (5, 6, 7), (0.6, 0.2, 0))
    radar = Radar(scene, start_time_ns=START_NS)
    states = [
        OwnShipState(
            START_NS + 10_000_000 * k,
            np.add(start.position_m, 0.01 * k * np.array(start.velocity_m_s)).tolist(),
            start.velocity_m_s,
            start.heading_deg,
        )
        for k in range(100)
    ]
    one, other = radar.frame(9), radar.with_own_ship(states).frame(9)
    for name in ("range_m", "bearing_deg", "elevation_deg", "range_rate_m_s", "snr_db"):
        np.testing.assert_allclose(one.detections[name], other.detections[name], rtol=1e-8)


def test_the_truth_has_the_own_ship_where_it_was_told_to_be():
    seen = {"object_type": "ship", "rcs_dbsm": 30.0}
    scene = scenario(TARGETS, [sensor(mount=mounted())], own_ship=turning(visible_as=seen))
    radar = Radar(scene, start_time_ns=START_NS)
    way = [
        OwnShipState(START_NS + k * 100_000_000, (3000.0, 1000.0 + k, 5.0), (0.0, 10.0, 0.0), 0.0)
        for k in range(20)
    ]
    played, truth = (it.truth(START_NS + 1_000_000_000) for it in (radar, radar.with_own_ship(way)))
    own = radar.target_names.index("own_ship")
    np.testing.assert_allclose(played.position_m[own], ship_at(1.0)[0], atol=1e-9)
    np.testing.assert_allclose(truth.position_m[own], [3000.0, 1010.0, 5.0], atol=1e-6)
    np.testing.assert_allclose(truth.velocity_m_s[own], [0.0, 10.0, 0.0], atol=1e-6)
    arm_m = np.linalg.norm(mounted()["offset_m"])
    assert played.range_m[own] == pytest.approx(arm_m)
    assert truth.range_m[own] == pytest.approx(arm_m)
    np.testing.assert_array_equal(truth.position_m[:own], played.position_m[:own])


def coast_and_ship():
    """A radar ashore sees the own ship, whose transponder the scenario leaves off."""
    ashore = sensor(platform="coast")
    seen = {"object_type": "ship", "rcs_dbsm": 30.0}
    return scenario(
        [],
        [ashore],
        own_ship=turning((100.0, 2000.0, 5.0), visible_as=seen),
        platforms=[
            {"name": "coast", "motion": {"constant_velocity": {"position_m": [0, 0, 0]}}},
        ],
    )


@pytest.mark.parametrize(
    ("mode", "identity", "told"),
    [
        (TransponderMode.ON, "ALLY-1", "ALLY-1"),
        (TransponderMode.SPOOF, "SPOOF-9", "SPOOF-9"),
        (TransponderMode.SILENT, None, None),
        (TransponderMode.OFF, None, None),
    ],
)
def test_others_see_it_go_and_hear_what_it_replies(mode, identity, told):
    radar = Radar(coast_and_ship(), start_time_ns=START_NS)
    way = [
        OwnShipState(START_NS + k * 100_000_000, (3000.0, 1000.0 + k, 5.0), (0.0, 10.0, 0.0), 0.0)
        for k in range(20)
    ]
    ways = radar.with_own_ship(way, transponder_mode=mode, transponder_id=identity)
    truth = ways.truth(START_NS + 1_000_000_000)
    np.testing.assert_allclose(truth.position_m[0], [3000.0, 1010.0, 5.0], atol=1e-6)
    seen = [ways.frame(number).detections for number in range(20)]
    found = np.concatenate(seen)
    assert len(found) > 15
    assert set(found["range_band"]) == {RangeBand.SHORT}
    heard = {bytes(text).rstrip(b"\0").decode() for text in found["transponder_id"]}
    assert heard == {told or ""}


def test_faults_stay_and_a_way_that_cannot_be_is_refused():
    radar = Radar(played(ROTATING), start_time_ns=START_NS)
    stuck = radar.with_fault('{"from_s": 3, "until_s": 5, "fault": "stuck"}')
    told = stuck.with_own_ship(Told(0.01).states(10.0))
    assert told.fault_count == 1
    assert [told.is_stuck(number) for number in (2, 8, 20)] == [False, True, False]
    with pytest.raises(SettingError, match="number of states is 0, must be 1 to 100000"):
        radar.with_own_ship([])
    with pytest.raises(SettingError, match="must be later than"):
        radar.with_own_ship([Told(1.0).state(2.0), Told(1.0).state(1.0)])
    with pytest.raises(SettingError, match="transponder_mode is 9, must be 0 to 3"):
        radar.with_own_ship([Told(1.0).state(2.0)], transponder_mode=9)
    state = Told(1.0).state(2.0)
    with pytest.raises(SettingError, match='transponder_id is "A", must be told with a trans'):
        radar.with_own_ship([Told(1.0).state(2.0)], transponder_id="A")
    with pytest.raises(SettingError, match="at most 32 bytes"):
        radar.with_own_ship([state], transponder_mode=1, transponder_id="x" * 33)
