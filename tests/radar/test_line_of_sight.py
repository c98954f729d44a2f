"""What the horizon and other bodies hide."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qiki.errors import ScenarioError
from qiki.radar import Radar
from tests.radar.scenes import scenario, sensor, target

RADIUS_M = 6_371_000.0 * 4.0 / 3.0
SEES_ALL = {
    "coverage": {"min_range_m": 0.0, "max_range_m": 1e7, "elevation_deg": [-90.0, 90.0]},
    "range_rate": None,
}
STRONG_DBSM = 100.0


def at(position_m):
    """An own ship that stands."""
    return {"motion": {"constant_velocity": {"position_m": [float(x) for x in position_m]}}}


def strong(name, position_m, velocity_m_s=(0.0, 0.0, 0.0), **fields):
    return target(name, position_m, velocity_m_s, STRONG_DBSM, **fields)


def clearance_m(own_m, target_m, centre_m):
    """Least distance of the segments' points from the centres."""
    along = target_m - own_m
    share = np.sum((centre_m - own_m) * along, axis=-1) / np.sum(along**2, axis=-1)
    nearest_m = own_m + np.clip(share, 0.0, 1.0)[..., np.newaxis] * along
    return np.linalg.norm(nearest_m - centre_m, axis=-1)


def above_ground(height_m, arc_m):
    """Points above the sphere, the given arc from the origin to the north."""
    angle, from_centre_m = arc_m / RADIUS_M, RADIUS_M + height_m
    return 0.0, from_centre_m * np.sin(angle), from_centre_m * np.cos(angle) - RADIUS_M


@given(st.floats(1.0, 3e4), st.floats(1.0, 3e4), st.floats(0.9, 1.1))
def test_the_horizon_is_where_the_tangent_from_both_meets(radar_m, height_m, share):
    """Both arcs to the tangent point are R acos(R / (R + h)), exactly."""
    arcs_m = [RADIUS_M * np.arccos(RADIUS_M / (RADIUS_M + h)) for h in (radar_m, height_m)]
    assume(abs(share - 1.0) > 1e-6)
    body = target("one", above_ground(height_m, share * sum(arcs_m)))
    scene = scenario([body], [sensor(**SEES_ALL)], horizon={}, own_ship=at((0.0, 0.0, radar_m)))
    truth = Radar(scene).truth(0)
    assert truth.is_hidden[0] == (share > 1.0)
    # The distance of the books, for heights that are small against the radius.
    book_m = np.sqrt(2.0 * RADIUS_M * radar_m) + np.sqrt(2.0 * RADIUS_M * height_m)
    assert sum(arcs_m) == pytest.approx(book_m, rel=5e-3)


def test_the_horizon_is_off_when_it_is_left_out():
    below = strong("one", (0.0, 5e5, -1000.0))
    radars = [
        Radar(scenario([below], [sensor(**SEES_ALL)], **fields)) for fields in ({}, {"horizon": {}})
    ]
    assert [len(radar.frame(0)) for radar in radars] == [1, 0]
    assert [radar.truth(0).detection_probability[0] > 0.0 for radar in radars] == [True, False]
    scenes = [scenario(), scenario(horizon={}), scenario(horizon={"effective_radius_m": 1.7e6})]
    assert [scene.horizon_radius_m for scene in scenes] == [None, pytest.approx(RADIUS_M), 1.7e6]


places = st.tuples(*[st.floats(-9000.0, 9000.0)] * 3)


@settings(max_examples=200, deadline=None)
@given(places, places, st.lists(st.tuples(places, st.floats(1.0, 5000.0)), max_size=4))
def test_bodies_hide_what_is_behind_them(own_m, target_m, spheres):
    """Distance of a point from a segment, which knows nothing of tangents, is the oracle."""
    own, body = np.array(own_m), np.array(target_m)
    assume(np.linalg.norm(own - body) > 1.0)
    centres_m = np.array([centre_m for centre_m, _ in spheres]).reshape(-1, 3)
    margin_m = clearance_m(own, body, centres_m) - [radius_m for _, radius_m in spheres]
    assume((np.abs(margin_m) > 1e-3).all())
    hiding = [
        target(f"sphere-{index}", centre_m, occluding_radius_m=radius_m)
        for index, (centre_m, radius_m) in enumerate(spheres)
    ]
    scene = scenario([*hiding, strong("one", target_m)], [sensor(**SEES_ALL)], own_ship=at(own_m))
    radar = Radar(scene)
    expected = bool((margin_m < 0.0).any())
    truth, index = radar.truth(0), len(spheres)
    assert truth.is_hidden[index] == expected
    assert (truth.detection_probability[index] > 0.5) != expected
    assert (index in radar.frame(0).truth) != expected


def test_what_is_not_hidden_keeps_its_bytes():
    """The other way through the kernel gives the same numbers, whatever stands in the list."""
    random = np.random.default_rng(4)
    bodies = [
        target(f"t{index}", random.uniform(-9000.0, 9000.0, 3), random.uniform(-99.0, 99.0, 3))
        for index in range(300)
    ]
    spheres = [
        target(f"s{index}", random.uniform(-5000.0, 5000.0, 3), occluding_radius_m=700.0)
        for index in range(10)
    ]
    spheres = [body | {"rcs_dbsm": -100.0} for body in spheres]
    without = Radar(scenario(bodies))
    with_spheres = Radar(scenario([*bodies, *spheres]))
    reversed_order = Radar(scenario([*spheres[::-1], *bodies[::-1]]))
    hidden_count = 0
    for number in range(20):
        plain, hidden = without.frame(number), with_spheres.frame(number)
        is_hidden = with_spheres.truth(plain.time_ns).is_hidden
        hidden_count += np.count_nonzero(is_hidden)
        kept = ~is_hidden[plain.truth]
        assert hidden.detections.tobytes() == plain.detections[kept].tobytes()
        assert hidden.truth.tolist() == plain.truth[kept].tolist()
        assert reversed_order.frame(number).detections.tobytes() == hidden.detections.tobytes()
    assert hidden_count > 200


def crossing_scene(scan, **sphere_fields):
    """Still bodies round the radar, and a sphere that flies through between."""
    angles = np.radians(np.arange(0.0, 360.0, 3.0))
    bodies = [
        strong(f"b{index}", (8000.0 * np.sin(angle), 8000.0 * np.cos(angle), 0.0))
        for index, angle in enumerate(angles)
    ]
    sphere = target(
        "sphere", (-9000.0, 3000.0, 0.0), (900.0, 0.0, 0.0), -100.0,
        occluding_radius_m=600.0, **sphere_fields,
    )  # fmt: skip
    return scenario([*bodies, sphere], [sensor(scan=None, **SEES_ALL) | {"scan": scan}])


SCANS = {
    "staring": {"staring": {"period_s": 0.25}},
    "fast": {"staring": {"period_s": 0.002}},
    "rotating": {"rotating": {"rotation_period_s": 2.0, "sectors": 8}},
}


@pytest.mark.parametrize("name", SCANS)
def test_bodies_are_hidden_while_a_sphere_passes(name):
    """At the very time at which the radar meets each of them."""
    scan = SCANS[name]
    free = Radar(crossing_scene(scan, present_from_s=1e6))
    radar = Radar(crossing_scene(scan))
    hidden = 0
    for number in range(0, 400, 7) if name == "fast" else range(80):
        all_met, seen = free.frame(number), radar.frame(number)
        time_s = all_met.detections["time_ns"] * 1e-9
        target_m = radar.truth(0).position_m[all_met.truth]
        centre_m = np.array([-9000.0, 3000.0, 0.0]) + time_s[:, np.newaxis] * [900.0, 0.0, 0.0]
        margin_m = clearance_m(np.zeros(3), target_m, centre_m) - 600.0
        if name == "fast":
            # Of the looks of one frame the strongest that sees it: all but those at the edge.
            margin_m = np.where(np.abs(margin_m) < 30.0, np.nan, margin_m)
        expected = dict(zip(all_met.truth.tolist(), margin_m > 0.0, strict=True))
        unsure = set(all_met.truth[np.isnan(margin_m)].tolist())
        assert {index for index, is_seen in expected.items() if is_seen} <= set(seen.truth.tolist())
        gone = {index for index, is_seen in expected.items() if not is_seen} - unsure
        assert not gone & set(seen.truth.tolist())
        hidden += len(gone)
    assert hidden > 40


def test_a_sphere_hides_only_while_it_is_there():
    wall = target("wall", (0.0, 2000.0, 0.0), occluding_radius_m=100.0, present_from_s=1.0,
                  present_until_s=2.0)  # fmt: skip
    radar = Radar(scenario([strong("one", (0.0, 5000.0, 0.0)), wall]))
    seen = [0 in radar.frame(number).truth for number in range(30)]
    assert seen == [not 10 <= number < 20 for number in range(30)]


def test_no_body_hides_itself_or_what_its_own_radar_sees():
    """The vehicle's sphere is no wall for its own radar, but for one behind it."""
    bodies = [
        strong("big", (0.0, 9000.0, 0.0), occluding_radius_m=50.0),
        strong("inside", (0.0, 9010.0, 0.0)),
    ]
    own_ship = at((0.0, 4000.0, 0.0)) | {
        "visible_as": {"rcs_dbsm": STRONG_DBSM, "occluding_radius_m": 30.0}
    }
    behind = {"name": "behind", **at((0.0, 100.0, 0.0))}
    sensors = [sensor(**SEES_ALL), sensor(name="other", platform="behind", **SEES_ALL)]
    scene = scenario(bodies, sensors, own_ship=own_ship, platforms=[behind])
    assert [body.occluding_radius_m for body in scene.targets] == [50.0, None, 30.0]
    own, other = Radar(scene), Radar(scene, sensor=1)
    assert own.truth(0).is_hidden.tolist() == [False, True, False]
    assert other.truth(0).is_hidden.tolist() == [True, True, False]
    assert [set(radar.frame(0).truth.tolist()) for radar in (own, other)] == [{0}, {2}]


def test_a_radar_inside_a_sphere_sees_no_other_body():
    bodies = [strong("round", (0.0, 10.0, 0.0), occluding_radius_m=50.0),
              strong("one", (0.0, 20.0, 0.0))]  # fmt: skip
    truth = Radar(scenario(bodies, [sensor(**SEES_ALL)])).truth(0)
    assert truth.is_hidden.tolist() == [False, True]


@pytest.mark.parametrize("radius_m", [0.0, -5.0, 1e9])
def test_radii_have_limits(radius_m):
    with pytest.raises(ScenarioError, match=r"targets\[0\].occluding_radius_m: is .*, must be"):
        scenario([target("one", (0.0, 1.0, 0.0), occluding_radius_m=radius_m)])
    with pytest.raises(ScenarioError, match=r"horizon\.effective_radius_m: is .*, must be 1 to"):
        scenario(horizon={"effective_radius_m": 10.0 * radius_m})


def test_too_many_spheres_are_refused():
    bodies = [target(f"t{index}", (0.0, 1.0, 0.0), occluding_radius_m=1.0) for index in range(1001)]
    assert len(scenario(bodies[:1000]).targets) == 1000
    with pytest.raises(ScenarioError, match=r"makes 1001 bodies .* must be at most 1000: leave it"):
        scenario(bodies)
