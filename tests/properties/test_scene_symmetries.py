"""What must not matter to a tracker: place, direction, names of sensors, order, far clutter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.tracking import (
    Tracker,
    TrackerConfig,
    TrackEvent,
    position_covariance,
    velocity_covariance,
)
from tests.properties.scenes import (
    PERIOD_NS,
    SENSORS,
    STILL,
    Placement,
    Plots,
    configs,
    frame_of,
    plots_of,
)

SCANS = 8
PLACES_M = ((-400.0, 700.0, 20.0), (900.0, -300.0, 5.0))

NORTHWARD_M = ((0.0, 0.0, 20.0), (0.0, -500.0, 5.0))
"""Places that see targets near the northern axis in the north."""

seeds = st.integers(0, 2**32 - 1)
laws = settings(max_examples=40, deadline=None, derandomize=True)


def run(config, scans, *, placed=STILL, sensors=SENSORS, radars_m=PLACES_M):
    """Records of each step; two radars at two places take turns."""
    tracker, records = Tracker(config), []
    for scan, plots in enumerate(scans):
        sensor = scan % 2
        frame = frame_of(
            plots, sensor=sensor, at_m=radars_m[sensor], placed=placed, sensors=sensors
        )
        records.append(tracker.step(frame).tracks)
    return records


def assert_moved_likewise(before, after, placed):
    """The same tracks, turned and moved.

    The values are float64. A turned bearing is rounded by 3e-14 degrees, and a place a kilometre to
    a thousand away from the origin by 1e-10 m; covariances mix the two over eight scans. So states
    agree to 1e-9 of the scene's size, covariances to 1e-7 of their variances.
    """
    for name in ("number", "status", "event", "hit_count", "miss_count", "address"):
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    np.testing.assert_allclose(after["quality"], before["quality"], rtol=1e-7)
    position_m = placed.turned(before["position_m"]) + placed.shift_m
    np.testing.assert_allclose(after["position_m"], position_m, rtol=1e-9, atol=1e-5)
    velocity_m_s = placed.turned(before["velocity_m_s"])
    np.testing.assert_allclose(after["velocity_m_s"], velocity_m_s, rtol=1e-9, atol=1e-6)
    for matrices in (position_covariance, velocity_covariance):
        turned = placed.turned(np.swapaxes(placed.turned(matrices(before)), -1, -2))
        scale = np.trace(turned, axis1=-2, axis2=-1)[:, None, None]
        assert np.abs((matrices(after) - turned) / scale).max(initial=0.0) < 1e-7


@given(
    config=configs,
    seed=seeds,
    turn_deg=st.floats(0.0, 360.0, exclude_max=True),
    east_m=st.floats(-1e5, 1e5),
    north_m=st.floats(-1e5, 1e5),
    up_m=st.floats(-1e3, 1e3),
)
@laws
def test_a_scene_turned_and_moved_turns_and_moves_its_tracks(
    config, seed, turn_deg, east_m, north_m, up_m
):
    scans, placed = plots_of(seed, SCANS), Placement(turn_deg, (east_m, north_m, up_m))
    straight, moved = run(config, scans), run(config, scans, placed=placed)
    assert sum(map(len, straight)) > SCANS
    for before, after in zip(straight, moved, strict=True):
        assert_moved_likewise(before, after, placed)


@given(config=configs, seed=seeds)
@laws
def test_north_is_a_direction_like_any_other(config, seed):
    """Targets that scatter about north, where bearings wrap, and the same about south."""
    rng = np.random.default_rng(seed)
    scans = []
    for scan in range(SCANS):
        places_m = np.array([[6.0 * scan - 20.0, 6e3, 800.0], [10.0 * (-1.0) ** scan, 9e3, 900.0]])
        places_m += rng.normal(0.0, [5.0, 15.0, 5.0], (2, 3))
        scans.append(Plots(scan * PERIOD_NS, places_m, np.zeros(2, int)))
    frames = [frame_of(plots, at_m=NORTHWARD_M[0]).detections for plots in scans]
    bearings_deg = np.concatenate(frames)["bearing_deg"]
    assert bearings_deg.min() < 1.0
    assert bearings_deg.max() > 359.0
    south = Placement(turn_deg=180.0)
    about_north = run(config, scans, radars_m=NORTHWARD_M)
    about_south = run(config, scans, placed=south, radars_m=NORTHWARD_M)
    for before, after in zip(about_north, about_south, strict=True):
        assert_moved_likewise(before, after, south)
    # The two are followed across north, not begun anew.
    assert about_north[-1]["number"].tolist() == [1, 2]
    assert (about_north[-1]["hit_count"] == SCANS).all()


@given(config=configs, seed=seeds, names=st.lists(st.uuids(), min_size=2, max_size=2, unique=True))
@laws
def test_the_names_of_sensors_do_not_matter(config, seed, names):
    scans = plots_of(seed, SCANS)
    renamed = run(config, scans, sensors=tuple(map(str, names)))
    for one, other in zip(run(config, scans), renamed, strict=True):
        assert one.tobytes() == other.tobytes()


def shuffled(plots, random):
    order = list(range(len(plots.places_m)))
    random.shuffle(order)
    return Plots(plots.time_ns, plots.places_m[order], plots.addresses[order])


def by_place(records):
    """All that is no name and no place in a frame, in the order of the positions."""
    order = np.lexsort(records["position_m"].T)
    return records[order]


@pytest.mark.parametrize("association", ["gnn", "jpda"])
@given(seed=seeds, random=st.randoms(use_true_random=False))
@laws
def test_the_order_of_detections_changes_names_alone(association, seed, random):
    """With jpda the sums have another order, too, and so another rounding."""
    config, scans = TrackerConfig(association=association), plots_of(seed, SCANS)
    other_order = [shuffled(plots, random) for plots in scans]
    runs = [map(by_place, run(config, it)) for it in (scans, other_order)]
    for one, other in zip(*runs, strict=True):
        assert len(one) == len(other)
        for name in ("status", "event", "hit_count", "miss_count", "address", "update_time_ns"):
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)
        for name in ("position_m", "velocity_m_s", "position_covariance_m2", "quality"):
            if association == "gnn":
                assert one[name].tobytes() == other[name].tobytes(), name
            else:
                np.testing.assert_allclose(one[name], other[name], rtol=1e-7, atol=1e-7)


def with_far_clutter(plots, rng, count):
    """The same scan and plots in a ring 30 to 45 km away, which no gate reaches."""
    around, away_m = rng.uniform(0.0, 2.0 * np.pi, count), rng.uniform(30e3, 45e3, count)
    ring_m = np.stack([away_m * np.cos(around), away_m * np.sin(around), 0.1 * away_m], axis=1)
    places_m = np.concatenate([plots.places_m, ring_m])
    return Plots(plots.time_ns, places_m, np.concatenate([plots.addresses, np.zeros(count, int)]))


@given(config=configs, seed=seeds, count=st.integers(1, 12))
@laws
def test_far_clutter_leaves_the_records_of_tracks_as_they_were(config, seed, count):
    """In each step; what it begins has numbers of its own."""
    rng, tracker = np.random.default_rng(seed), Tracker(config)
    for plots in plots_of(seed, SCANS):
        beside = Tracker.restore(tracker.snapshot(), config)
        alone = tracker.step(frame_of(plots)).tracks
        more = beside.step(frame_of(with_far_clutter(plots, rng, count))).tracks
        assert more[: len(alone)].tobytes() == alone.tobytes()
        assert (more["event"][len(alone) :] == TrackEvent.BORN).all()
        assert len(more) == len(alone) + count
