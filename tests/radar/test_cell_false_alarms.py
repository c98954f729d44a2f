"""False alarms that come from resolution cells: as many as the cells make, where a look looks.

Seeds are fixed. Counts lie in the 99.9 % Poisson interval of scipy around the probability of a
false alarm times the cells, which are counted here; places pass a Kolmogorov-Smirnov test of
probability 1e-4.
"""

import numpy as np
import pytest
from scipy import stats

from qiki.errors import ScenarioError
from qiki.radar import Radar, Scenario
from tests.radar.scenes import scenario, sensor
from tests.radar.test_steered import beam, steered_sensor

PFA = 1e-6
P_VALUE = 1e-4
FROM_CELLS = {"false_alarms_per_frame": "from_cells", "false_alarm_probability": PFA}
COVERAGE = {"min_range_m": 200.0, "max_range_m": 9200.0, "elevation_deg": [-4.0, 16.0]}
RANGE_CELLS = 9000.0 / 15.0
RATE_CELLS = 2.0 * 600.0 / 3.0
"""Of the sensor in scenes.py: 15 m, 1.5 deg, 2 deg, 3 m/s up to 600 m/s either way."""


def staring(period_s=0.1, **changes):
    cells = {"detection": FROM_CELLS, "coverage": COVERAGE, **changes}
    return sensor(scan={"staring": {"period_s": period_s}}, **cells)


def rotating(**changes):
    turn = {"rotation_period_s": 3.0, "sectors": 30}
    changed = staring(**changes)
    changed["scan"] = {"rotating": turn}
    return changed


def frames_of(sensor_document, count, **fields):
    radar = Radar(scenario([], [sensor_document], **fields))
    return radar, [radar.frame(number) for number in range(count)]


def assert_poisson(count, mean):
    low, high = stats.poisson.interval(0.999, mean)
    assert low <= count <= high, (count, mean)


@pytest.mark.parametrize(
    ("document", "cells"),
    [
        (staring(), RANGE_CELLS * 240 * 10 * RATE_CELLS),
        (staring(elevation=None), RANGE_CELLS * 240 * RATE_CELLS),
        (
            staring(range_rate=None, detection={**FROM_CELLS, "false_alarm_probability": 1e-5}),
            10 * RANGE_CELLS * 240 * 10,
        ),
        (
            staring(coverage={**COVERAGE, "bearing_start_deg": 350.0, "bearing_extent_deg": 40.5}),
            RANGE_CELLS * 27 * 10 * RATE_CELLS,
        ),
        (rotating(), RANGE_CELLS * 8 * 10 * RATE_CELLS),
        # Ten looks in a frame, each with its own cells.
        (staring(0.001, range_rate=None), 10 * RANGE_CELLS * 240 * 10),
    ],
    ids=["staring", "no elevation", "no range rate", "sector", "rotating", "looks"],
)
def test_there_are_as_many_as_the_cells_make(document, cells):
    mean = PFA * cells
    count = round(max(30.0, 3000.0 / mean))
    radar, frames = frames_of(document, count)
    assert radar.sensor.false_alarms_per_frame == pytest.approx(mean, rel=1e-12)
    counts = np.array([len(frame) for frame in frames])
    assert_poisson(counts.sum(), count * mean)
    # Index of dispersion: its n-fold is chi-square with n - 1 degrees.
    dispersion = counts.var() * count / counts.mean()
    low, high = stats.chi2.interval(0.999, count - 1)
    assert low < dispersion < high
    assert all((frame.truth == -1).all() for frame in frames)


def test_a_turning_ship_looks_at_more_cells_with_each_sector():
    bow = {**rotating(), "mount": {"relative_to": "bow"}}
    own_ship = {"attitude": {"given": {"heading_deg": 0.0, "turn_rate_deg_s": 30.0}}}
    _, frames = frames_of(bow, 300, own_ship=own_ship)
    # A sector is 12 deg, and the ship turns 3 deg meanwhile.
    extents_deg = {round(frame.coverage.bearing_extent_deg, 9) for frame in frames}
    assert extents_deg == {15.0}
    assert_poisson(sum(map(len, frames)), 300 * PFA * RANGE_CELLS * 10 * 10 * RATE_CELLS)


BEAMS = [
    beam(20.0, 3.0, 0.02, bearing_width_deg=3.0, elevation_width_deg=4.0),
    beam(120.0, 2.0, 0.05, bearing_width_deg=12.0, elevation_width_deg=8.0),
    beam(200.0, 0.0, 0.03, bearing_width_deg=1.5, elevation_width_deg=2.0),
]


def steered(beams, **changes):
    detection = {**FROM_CELLS, "false_alarm_probability": 1e-3}
    given = {"detection": detection, "coverage": {"min_range_m": 200.0, "max_range_m": 9200.0}}
    return steered_sensor(beams, **given, **changes)


def test_beams_have_false_alarms_in_proportion_to_their_cells():
    radar, frames = frames_of(steered(BEAMS), 2400)
    cells = np.array([2.0 * 2.0, 8.0 * 4.0, 1.0 * 1.0]) * RANGE_CELLS
    assert radar.sensor.false_alarms_per_frame == pytest.approx(1e-3 * cells.mean())
    for index, mean in enumerate(1e-3 * cells):
        assert_poisson(sum(map(len, frames[index::3])), 800 * mean)


def test_beams_of_one_frame_keep_theirs_to_themselves():
    """Beams of 2 ms that stand side by side go out together; each plot is in the beam of its time.

    They overlap by half, where both have their own.
    """
    widths = {"bearing_width_deg": 6.0, "elevation_width_deg": 4.0}
    beams = [beam(30.0 + 3.0 * k, 1.0, 0.002, **widths) for k in range(5)]
    radar, frames = frames_of(steered(beams), 500)
    assert radar.period_ns == 10_000_000
    assert_poisson(sum(map(len, frames)), 500 * 5 * 1e-3 * RANGE_CELLS * 4 * 2)
    plots = np.concatenate([frame.detections for frame in frames])
    since_begin_ns = (plots["time_ns"] + 10_000_000) % 10_000_000
    look = since_begin_ns // 2_000_000
    assert (since_begin_ns % 2_000_000 == 1_000_000).all()
    aside_deg = plots["bearing_deg"] - (30.0 + 3.0 * look)
    assert np.abs(aside_deg).max() <= 3.0
    assert np.abs(plots["elevation_deg"] - 1.0).max() <= 2.0
    for number in range(5):
        in_look = aside_deg[look == number]
        assert stats.kstest(in_look, "uniform", args=(-3.0, 6.0)).pvalue > P_VALUE


def test_looks_of_a_bundle_are_those_of_the_frames_one_by_one():
    """A radar with one look per frame has in frame n what look n of the bundle has."""
    _, bundles = frames_of(staring(0.002, range_rate=None), 4)
    _, singles = frames_of(staring(0.01, range_rate=None), 20)
    for number, bundle in enumerate(bundles):
        looks = singles[5 * number : 5 * number + 5]
        expected = np.sort(np.concatenate([look.detections["range_m"] for look in looks]))
        np.testing.assert_array_equal(np.sort(bundle.detections["range_m"]), expected)
        times_ns, counts = np.unique(bundle.detections["time_ns"], return_counts=True)
        by_time = dict(zip(times_ns - bundle.time_ns + 8_000_000, counts, strict=True))
        assert by_time == {2_000_000 * k: len(look) for k, look in enumerate(looks) if len(look)}


@pytest.mark.parametrize("document", [staring(), rotating()], ids=["staring", "rotating"])
def test_places_are_even_over_what_is_looked_at(document):
    _, frames = frames_of(document, 300)
    plots = np.concatenate([frame.detections for frame in frames])
    into_deg = np.concatenate(
        [
            (frame.detections["bearing_deg"] - frame.coverage.bearing_start_deg)
            % 360.0
            / frame.coverage.bearing_extent_deg
            for frame in frames
        ]
    )
    for values, low, extent in [
        (plots["range_m"], 200.0, 9000.0),
        (into_deg, 0.0, 1.0),
        (plots["elevation_deg"], -4.0, 20.0),
        (plots["range_rate_m_s"], -600.0, 1200.0),
    ]:
        assert stats.kstest(values, "uniform", args=(low, extent)).pvalue > P_VALUE


def test_too_many_are_refused():
    with pytest.raises(ScenarioError) as refusal:
        scenario([], [staring(detection={**FROM_CELLS, "false_alarm_probability": 1e-2})])
    (problem,) = refusal.value.problems
    assert problem.path == "sensors[0].detection.false_alarms_per_frame"
    assert problem.reason == (
        "is from_cells, 5.760e6 in a frame of 5.760e8 cells with a probability of 1e-2 each, must "
        "be at most 100000: lower false_alarm_probability, narrow the coverage or give a number"
    )


def test_only_a_number_or_the_word_is_right():
    for value in ("from cells", None, [1.0]):
        with pytest.raises(ScenarioError, match="must be a number or from_cells"):
            scenario([], [staring(detection={**FROM_CELLS, "false_alarms_per_frame": value})])
    with pytest.raises(ScenarioError, match="is -1, must be 0 to 100000"):
        scenario([], [staring(detection={**FROM_CELLS, "false_alarms_per_frame": -1})])


def test_the_scenario_of_cells_has_the_cells_of_its_sectors():
    sensor = Scenario.load("clutter").sensors[0]
    cells = (12_000 - 150) / 15 * (15.0 / 1.2) * (2 * 30 / 1.5)
    assert sensor.false_alarms_per_frame == pytest.approx(1e-6 * cells, rel=1e-12)
