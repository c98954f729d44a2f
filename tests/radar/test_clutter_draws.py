"""Each source of clutter has draws of its own; bias and faults treat its plots like others."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from qiki._core import set_simd_level, simd_level, simd_levels
from qiki.errors import ScenarioError
from qiki.radar import Radar
from tests.radar.clutter_scenes import (
    DISC,
    MAP,
    MEANS,
    NOISE_FREE,
    P_VALUE,
    POLYGON,
    assert_poisson,
    clutter_radar,
    plots_of,
    rows_of,
    source,
)
from tests.radar.scenes import scenario, sensor, target
from tests.radar.test_steered import beam

SEA, LAND, RAIN = source(DISC, "sea"), source(MAP, "land"), source(POLYGON, "rain")
TURNING = {"rotating": {"rotation_period_s": 1.0, "sectors": 10}}
BEAMS = [beam(80.0 + 4.0 * k, 0.0, 0.005, elevation_width_deg=20.0) for k in range(9)]
STEERED = {"steered": {"beams": BEAMS}}
SCANS = {"staring": sensor()["scan"], "turning": TURNING, "steered": STEERED}


def scanning(name):
    changed = sensor(coverage={"elevation_deg": [-30.0, 60.0]})
    return {**changed, "scan": SCANS[name]}


@pytest.mark.parametrize("scan", SCANS)
def test_other_sources_and_targets_change_nothing(scan):
    document = scanning(scan)
    alone = plots_of(clutter_radar([SEA], document), 60)
    other = plots_of(clutter_radar([LAND], document), 60)
    assert len(alone) > 20
    bodies = [target(f"t{k}", (400.0 * k, 3000.0, 10.0), rcs_dbsm=20.0) for k in range(30)]
    together = plots_of(clutter_radar([LAND, SEA], document, bodies), 60)
    assert rows_of(together) == rows_of(alone) | rows_of(other)
    assert len(together) == len(alone) + len(other)


def test_other_clutter_changes_no_target_and_no_false_alarm():
    bodies = [target("one", (0.0, 6000.0, 10.0)), target("two", (5000.0, 0.0, 10.0))]
    document = sensor(detection={"false_alarms_per_frame": 10.0})
    without = Radar(scenario(bodies, [document]))
    radar = clutter_radar([SEA], document, bodies)
    for number in range(50):
        few, many = without.frame(number), radar.frame(number)
        assert rows_of(few.detections) <= rows_of(many.detections)
        assert sorted(many.truth[many.truth >= 0]) == sorted(few.truth[few.truth >= 0])


def test_frames_seeds_sensors_and_names_have_draws_of_their_own():
    radar = clutter_radar([SEA])
    assert not rows_of(plots_of(radar, 10)) & rows_of(plots_of(radar, 10, first=10))

    def ranges(radar):
        return set(plots_of(radar, 20)["range_m"])

    base = ranges(radar)
    assert not base & ranges(clutter_radar([SEA], seed=6))
    assert not base & ranges(clutter_radar([source(DISC, "lake")]))
    assert not base & ranges(clutter_radar([SEA], sensor(**NOISE_FREE, name="other")))
    assert base == ranges(clutter_radar([SEA]))


@pytest.mark.parametrize("scan", SCANS)
def test_order_threads_and_instruction_set_do_not_matter(scan):
    sources = [SEA, LAND, RAIN]
    document = scanning(scan)

    def frames(radar, number):
        frame = radar.frame(number)
        return frame.detections.tobytes(), frame.truth.tobytes()

    radar = clutter_radar(sources, document)
    expected = [frames(radar, number) for number in range(40)]
    reversed_radar = clutter_radar(sources[::-1], document)
    assert [frames(reversed_radar, number) for number in range(40)] == expected
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: frames(radar, number), range(40))) == expected
    chosen = simd_level()
    try:
        for level in simd_levels():
            set_simd_level(level)
            again = clutter_radar(sources, document)
            assert [frames(again, number) for number in range(40)] == expected, level
    finally:
        set_simd_level(chosen)


def test_a_staring_radar_with_several_looks_per_frame_has_one_clutter_per_frame():
    fast = sensor(**NOISE_FREE)
    fast["scan"] = {"staring": {"period_s": 0.001}}
    plots = plots_of(clutter_radar([SEA], fast), 300)
    assert_poisson(len(plots), 300 * MEANS["disc"])


def test_registration_bias_shifts_clutter():
    bias = {"range_m": 35.0, "bearing_deg": 0.5, "elevation_deg": -1.0, "clock_offset_ns": 500}
    sound = plots_of(clutter_radar([SEA], sensor()), 20)
    shifted = plots_of(clutter_radar([SEA], sensor(registration_bias=bias)), 20)
    for name, shift in (("range_m", 35.0), ("bearing_deg", 0.5), ("elevation_deg", -1.0)):
        np.testing.assert_allclose(shifted[name] - sound[name], shift, atol=1e-9)
    assert (shifted["time_ns"] == sound["time_ns"] + 500).all()


def test_a_noisy_radar_disturbs_clutter_as_it_does_targets():
    radar = clutter_radar([SEA], sensor())
    noisy = radar.with_fault(json.dumps({"fault": {"noisy": {"factor": 2.0}}}))
    errors = []
    for number in range(300):
        sound, bad = radar.frame(number).detections, noisy.frame(number).detections
        # Power does not change, so it tells which is which.
        order, bad_order = np.argsort(sound["snr_db"]), np.argsort(bad["snr_db"])
        error_m = bad["range_m"][bad_order] - sound["range_m"][order]
        errors.append(error_m / sound["range_std_m"][order])
    errors = np.concatenate(errors)
    # Brought to twice the standard deviation by a normal number of variance 2² - 1.
    assert stats.kstest(errors, "norm", args=(0.0, np.sqrt(3.0))).pvalue > P_VALUE
    # Each plot has a number of its own.
    assert len(np.unique(errors)) == len(errors)


def problems_of(sources, document=None):
    with pytest.raises(ScenarioError) as refusal:
        clutter_radar(sources, document)
    return {problem.path: problem.reason for problem in refusal.value.problems}


def with_shape(kind, **changes):
    shapes = {"disc": DISC, "polygon": POLYGON, "map": MAP}
    return source({kind: {**shapes[kind][kind], **changes}})


def test_bad_sources_are_refused():
    bow_tie = [[0.0, 0.0], [1000.0, 1000.0], [1000.0, 0.0], [0.0, 1000.0]]
    ragged = [[1.0, 2.0], [3.0]]
    cases = [
        ([SEA, source(MAP, "sea")], "clutter[1].name", 'is "sea", already a clutter\'s name'),
        ([with_shape("disc", radius_m=-1.0)], "clutter[0].shape.disc.radius_m", "is -1, must be"),
        (
            [with_shape("polygon", corners_m=bow_tie)],
            "clutter[0].shape.polygon.corners_m",
            "has edges that meet, those from corners 0 and 2, must be a line that",
        ),
        (
            [with_shape("polygon", corners_m=bow_tie[:2])],
            "clutter[0].shape.polygon.corners_m",
            "has 2 entries, must have 3 to 1000",
        ),
        (
            [with_shape("map", density_per_km2=ragged)],
            "clutter[0].shape.map.density_per_km2[1]",
            "has 1 entries, must have 2 as the first",
        ),
        (
            [source(mean_snr_db=11.0)],
            "clutter[0].mean_snr_db",
            'is 11, must be above 11.08, the SNR at the threshold of "main": its plots are '
            "stronger than that",
        ),
        ([source(height_m=[5.0, 4.0])], "clutter[0].height_m[1]", "is 4, must be 5 to"),
    ]
    for sources, path, reason in cases:
        found = problems_of(sources)
        assert found[path].startswith(reason), (path, found)


def test_too_many_candidates_are_refused():
    found = problems_of(
        [SEA, with_shape("disc", radius_m=1e5, density_per_km2=10.0) | {"name": "x"}]
    )
    assert found["clutter[1].shape"].startswith("brings the candidates of a frame, ")
    assert (
        "4.000e5 with those before it, must be at most 100000: lower" in found["clutter[1].shape"]
    )
