"""The scan scenes have the statistics that they are named for."""

import numpy as np
import pytest

from bench.scenes import CROWDED, PERIOD_NS, POSITION_STD_M, SPARSE, make_scene


@pytest.fixture(scope="module")
def scene():
    return make_scene(SPARSE, 1000, 20)


def test_the_same_seed_makes_the_same_scans(scene):
    again = make_scene(SPARSE, 1000, 20)
    other = make_scene(SPARSE, 1000, 20, seed=2)
    np.testing.assert_array_equal(scene.scans[7].positions_m, again.scans[7].positions_m)
    assert scene.scans[7].positions_m[0, 0] != other.scans[7].positions_m[0, 0]


def test_targets_move_in_straight_lines_at_ten_scans_a_second(scene):
    times_ns = [scan.time_ns for scan in scene.scans]
    assert times_ns == [number * PERIOD_NS for number in range(20)]
    steps_m = np.diff([scan.truth_m for scan in scene.scans], axis=0)
    np.testing.assert_allclose(steps_m, np.broadcast_to(steps_m[0], steps_m.shape), atol=1e-9)


def test_nine_of_ten_targets_are_seen_among_a_fifth_of_clutter(scene):
    seen = np.mean([np.count_nonzero(scan.origin >= 0) for scan in scene.scans])
    clutter = np.mean([np.count_nonzero(scan.origin < 0) for scan in scene.scans])
    # Five standard deviations over 20 scans: binomial sqrt(90/20), Poisson sqrt(200/20).
    assert seen == pytest.approx(900.0, abs=11.0)
    assert clutter == pytest.approx(200.0, abs=16.0)


def test_measurements_scatter_by_the_stated_deviation(scene):
    errors_m = []
    for scan in scene.scans:
        of_target = scan.origin >= 0
        errors_m.append(scan.positions_m[of_target] - scan.truth_m[scan.origin[of_target]])
    errors_m = np.concatenate(errors_m)
    np.testing.assert_allclose(errors_m.std(axis=0), POSITION_STD_M, rtol=0.03)
    np.testing.assert_allclose(errors_m.mean(axis=0), 0.0, atol=0.8)


@pytest.mark.parametrize("density", [SPARSE, CROWDED])
def test_targets_fill_the_volume_at_their_spacing(density):
    truth_m = make_scene(density, 400, 1).scans[0].truth_m
    side_m = 20 * density.spacing_m
    assert truth_m.min() >= 0.0
    assert side_m * 0.97 < truth_m[:, :2].max() <= side_m
    assert truth_m[:, 2].max() <= density.layer_m
