"""Radars on moving vehicles: numpy works out where each is and where it looks."""

import numpy as np
import pytest

from qiki.errors import ScenarioError
from qiki.radar import Radar
from tests.radar.scenes import scenario, sensor, target

TURN_RATE_DEG_S = 3.0
SPEED_M_S = 12.0
OFFSET_M = np.array([4.0, -18.0, 25.0])  # starboard, ahead, up


def turning(position_m=(100.0, -200.0, 5.0), **fields):
    """A ship that starts northbound and turns right."""
    motion = {"position_m": list(position_m), "velocity_m_s": [0.0, SPEED_M_S, 0.0]}
    return {"motion": {"coordinated_turn": motion | {"turn_rate_deg_s": TURN_RATE_DEG_S}}, **fields}


def mounted(**mount):
    return {"offset_m": OFFSET_M.tolist(), **mount}


def turned(vector, heading_deg):
    """A vector of the body frame (starboard, ahead, up) in the world."""
    sine, cosine = np.sin(np.radians(heading_deg)), np.cos(np.radians(heading_deg))
    starboard, ahead, up = vector
    return np.array([starboard * cosine + ahead * sine, ahead * cosine - starboard * sine, up])


def ship_at(time_s, position_m=(100.0, -200.0, 5.0)):
    """Position and velocity of the ship: a circle around a point to starboard."""
    heading = np.radians(TURN_RATE_DEG_S * time_s)
    radius_m = SPEED_M_S / np.radians(TURN_RATE_DEG_S)
    circle_m = radius_m * np.array([1 - np.cos(heading), np.sin(heading), 0.0])
    return np.add(position_m, circle_m), SPEED_M_S * np.array([np.sin(heading), np.cos(heading), 0])


@pytest.mark.parametrize("number", [0, 7, 300, 1999])
def test_the_radar_moves_with_its_lever_arm(number):
    scene = scenario(
        [target("one", (3000.0, 2000.0, 100.0), (-20.0, 5.0, 0.0))],
        [sensor(mount=mounted())],
        own_ship=turning(),
    )
    radar, time_s = Radar(scene), number * 0.1
    frame, truth = radar.frame(number), radar.truth(round(time_s * 1e9))
    ship_m, ship_m_s = ship_at(time_s)
    arm_m = turned(OFFSET_M, TURN_RATE_DEG_S * time_s)
    # A turn to the right is a negative rotation about the vertical.
    rotation_rad_s = np.array([0.0, 0.0, -np.radians(TURN_RATE_DEG_S)])
    radar_m, radar_m_s = ship_m + arm_m, ship_m_s + np.cross(rotation_rad_s, arm_m)
    np.testing.assert_allclose(frame.sensor_position_m, radar_m, rtol=0, atol=1e-9)
    np.testing.assert_allclose(frame.sensor_velocity_m_s, radar_m_s, rtol=0, atol=1e-12)
    relative_m = np.array([3000.0, 2000.0, 100.0]) + time_s * np.array([-20, 5, 0]) - radar_m
    range_m = np.linalg.norm(relative_m)
    rate_m_s = relative_m @ (np.array([-20.0, 5.0, 0.0]) - radar_m_s) / range_m
    bearing_deg = np.degrees(np.arctan2(relative_m[0], relative_m[1])) % 360
    assert truth.range_m[0] == pytest.approx(range_m, abs=1e-8)
    assert truth.bearing_deg[0] == pytest.approx(bearing_deg, abs=1e-10)
    assert truth.range_rate_m_s[0] == pytest.approx(rate_m_s, abs=1e-10)


@pytest.mark.parametrize("relative_to", ["north", "bow"])
@pytest.mark.parametrize("attitude", ["follows_velocity", {"given": {"heading_deg": 40.0}}])
def test_the_sector_turns_only_with_an_antenna_that_is_not_stabilised(relative_to, attitude):
    mount = {
        "relative_to": relative_to,
        "boresight_bearing_deg": 20.0,
        "boresight_elevation_deg": 5.0,
    }
    sector = {"bearing_start_deg": -0.0, "bearing_extent_deg": 60.0, "elevation_deg": [-10, 40]}
    radar = Radar(
        scenario(
            [],
            [sensor(mount=mount, coverage=sector, range_rate=None)],
            own_ship=turning(attitude=attitude),
        )
    )
    for number in (0, 33, 800):
        follows = attitude == "follows_velocity"
        heading_deg = TURN_RATE_DEG_S * number * 0.1 if follows else 40.0
        coverage = radar.frame(number).coverage
        start_deg = 20.0 + (heading_deg if relative_to == "bow" else 0.0)
        assert coverage.bearing_start_deg == pytest.approx(start_deg % 360, abs=1e-9)
        assert coverage.bearing_extent_deg == 60.0
        assert (coverage.min_elevation_deg, coverage.max_elevation_deg) == (-5.0, 45.0)


def test_a_sector_to_the_bow_sees_what_lies_ahead():
    """A ring of targets around the circle of the ship: seen are those in the turned sector."""
    bearings_deg = np.arange(0.0, 360.0, 5.0) + 1.0
    ring = [
        target(
            f"t{k}",
            (8000 * np.sin(np.radians(b)), 8000 * np.cos(np.radians(b)), 0.0),
            rcs_dbsm=60.0,
        )
        for k, b in enumerate(bearings_deg)
    ]
    sector = {"bearing_start_deg": 330.0, "bearing_extent_deg": 60.0}
    scene = scenario(
        ring, [sensor(mount={"relative_to": "bow"}, coverage=sector)], own_ship=turning()
    )
    radar = Radar(scene)
    for number in (0, 250, 777):
        seen = set(radar.frame(number).truth.tolist())
        ship_m, _ = ship_at(number * 0.1)
        x, y = 8000 * np.sin(np.radians(bearings_deg)), 8000 * np.cos(np.radians(bearings_deg))
        off_deg = np.degrees(np.arctan2(x - ship_m[0], y - ship_m[1])) - number * 0.1 * 3.0
        ahead = np.abs((off_deg + 180) % 360 - 180) <= 30
        assert seen == set(np.flatnonzero(ahead).tolist())


def test_a_platform_is_a_target_of_others_but_not_of_itself():
    consort = {
        "name": "consort",
        "motion": {"constant_velocity": {"position_m": [2000, 3000, 0], "velocity_m_s": [5, 0, 0]}},
        "visible_as": {"object_type": "ship", "rcs_dbsm": 30},
    }
    own_ship = turning(visible_as={"rcs_dbsm": 25, "transponder": {"mode": "on", "id": "OWN"}})
    sensors = [
        sensor(mount=mounted()),
        sensor(name="other", platform="consort", coverage={"min_range_m": 0.0}),
    ]
    group = {
        "id_prefix": "g",
        "count": 3,
        "rcs_dbsm": [0, 0],
        "ground_range_m": [5000, 6000],
        "height_m": [0, 0],
        "speed_m_s": [0, 0],
    }
    scene = scenario(
        [target("plain", (0.0, 4000.0, 0.0))],
        sensors,
        own_ship=own_ship,
        platforms=[consort],
        groups=[group],
    )
    assert scene.platform_names == ("own_ship", "consort")
    assert [entry.platform for entry in scene.sensors] == ["own_ship", "consort"]
    assert scene.sensors[0].mount_offset_m == tuple(OFFSET_M)
    names = [entry.id for entry in scene.targets]
    assert names == ["plain", "own_ship", "consort", "g-0000", "g-0001", "g-0002"]
    for index, (own, other) in enumerate([("own_ship", "consort"), ("consort", "own_ship")]):
        radar = Radar(scene, sensor=index)
        seen = {names[k] for number in range(40) for k in radar.frame(number).truth}
        assert own not in seen
        assert other in seen
        probability = radar.truth(0).detection_probability
        assert probability[names.index(own)] == 0.0
        assert probability[names.index(other)] > 0.9


def test_a_further_platform_changes_nothing_for_the_others():
    consort = {"name": "consort", "motion": {"constant_velocity": {"position_m": [900, 0, 0]}}}
    bodies = [target("one", (0.0, 4000.0, 0.0)), target("two", (3000.0, 100.0, 50.0))]
    alone = Radar(scenario(bodies, own_ship=turning()))
    both = Radar(scenario(bodies, own_ship=turning(), platforms=[consort]))
    for number in range(20):
        a, b = alone.frame(number), both.frame(number)
        assert a.detections.tobytes() == b.detections.tobytes()


@pytest.mark.parametrize(
    ("sensors", "fields", "message"),
    [
        ([sensor(platform="boat")], {}, r'platform: is "boat", must be one of own_ship$'),
        (
            [sensor(mount={"offset_m": [0, 0, 2000]})],
            {},
            r"mount\.offset_m\[2\]: is 2000, must be -1000 to 1000",
        ),
        (
            [sensor(mount={"boresight_elevation_deg": 40})],
            {},
            r"coverage\.elevation_deg: is 10 to 100 with the boresight",
        ),
        ([sensor(mount={"relative_to": "stern"})], {}, 'is "stern", must be one of north, bow'),
        (
            [sensor()],
            {"platforms": [{"name": "own_ship", "motion": turning()["motion"]}]},
            r'platforms\[0\]\.name: is "own_ship", already a platform',
        ),
        (
            [sensor()],
            {"own_ship": turning(attitude={"given": {"heading_deg": 400}})},
            r"own_ship\.attitude\.given\.heading_deg: is 400",
        ),
        (
            [sensor()],
            {"own_ship": turning(visible_as={"rcs_dbsm": 900})},
            r"own_ship\.visible_as\.rcs_dbsm: is 900",
        ),
    ],
)
def test_errors_name_the_place(sensors, fields, message):
    with pytest.raises(ScenarioError, match=message):
        scenario([], sensors, **fields)


def test_a_target_may_not_have_the_name_of_a_platform_that_is_one():
    with pytest.raises(ScenarioError, match=r'own_ship\.visible_as: makes the id "own_ship"'):
        scenario(
            [target("own_ship", (0.0, 1.0, 2.0))], own_ship=turning(visible_as={"rcs_dbsm": 1})
        )
