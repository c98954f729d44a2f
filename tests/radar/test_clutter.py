"""Clutter: as dense as told, where it is told, with the powers and range rates that are told.

Seeds are fixed. Counts lie in the 99.9 % Poisson interval of scipy around area times density, the
areas by closed forms of this side; laws pass a Kolmogorov-Smirnov or chi-square test of
probability 1e-4.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path
from scipy import stats

from qiki.radar import Present
from tests.radar.clutter_scenes import (
    DISC,
    MAP,
    MEANS,
    NOISE_FREE,
    NOISE_M,
    P_VALUE,
    POLYGON,
    ROWS,
    SHAPES,
    STAR_M,
    THRESHOLD,
    assert_poisson,
    clutter_radar,
    ground_m,
    plots_of,
    source,
)
from tests.radar.scenes import scenario, sensor
from tests.radar.test_steered import beam

FRAMES = 400


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_has_area_times_density_plots(name):
    radar = clutter_radar([source(SHAPES[name])])
    counts = np.array([len(radar.frame(number)) for number in range(FRAMES)])
    assert_poisson(counts.sum(), FRAMES * MEANS[name])
    dispersion = counts.var() * FRAMES / counts.mean()
    low, high = stats.chi2.interval(0.999, FRAMES - 1)
    assert low < dispersion < high
    (told,) = scenario([], clutter=[source(SHAPES[name])]).clutter
    assert told.mean_count == pytest.approx(MEANS[name], rel=1e-12)


def test_no_plot_lies_outside_its_region():
    east_m, north_m = ground_m(plots_of(clutter_radar([source(DISC)]), FRAMES))
    assert np.hypot(east_m - 3000.0, north_m + 2000.0).max() < 2500.0 + NOISE_M
    east_m, north_m = ground_m(plots_of(clutter_radar([source(POLYGON)]), FRAMES))
    star = Path([*STAR_M, STAR_M[0]], closed=True)
    points = np.stack([east_m, north_m], axis=-1)
    # matplotlib grows a path to the left of its sense.
    inside = star.contains_points(points, radius=NOISE_M) | star.contains_points(
        points, radius=-NOISE_M
    )
    assert inside.all()


def test_discs_are_even():
    """The squared radius over the largest, and the angle, are uniform."""
    east_m, north_m = ground_m(plots_of(clutter_radar([source(DISC)]), FRAMES))
    share = np.hypot(east_m - 3000.0, north_m + 2000.0) ** 2 / 2500.0**2
    angle = np.arctan2(east_m - 3000.0, north_m + 2000.0)
    assert stats.kstest(share, "uniform").pvalue > P_VALUE
    assert stats.kstest(angle, "uniform", args=(-np.pi, 2.0 * np.pi)).pvalue > P_VALUE


def test_a_map_is_right_cell_by_cell():
    east_m, north_m = ground_m(plots_of(clutter_radar([source(MAP)]), FRAMES))
    column = np.floor((east_m - 500.0) / 1500.0).astype(int)
    row = 2 - np.floor((north_m - 1000.0) / 1500.0).astype(int)
    found = np.zeros((3, 4))
    # Noise carries next to nothing over an edge: what is outside counts in no cell.
    inside = (column >= 0) & (column < 4) & (row >= 0) & (row < 3)
    assert inside.mean() > 0.999
    np.add.at(found, (row[inside], column[inside]), 1)
    expected = FRAMES * np.array(ROWS) * 1.5**2
    is_dense = expected > 0
    assert found[~is_dense].sum() < 0.001 * found.sum()
    chi2 = np.sum((found[is_dense] - expected[is_dense]) ** 2 / expected[is_dense])
    assert stats.chi2.sf(chi2, is_dense.sum()) > P_VALUE


def test_heights_are_even_and_the_radar_sees_from_where_it_is():
    fields = {"height_m": [500.0, 2500.0]}
    own_ship = {"motion": {"constant_velocity": {"position_m": [-1000.0, 500.0, 100.0]}}}
    plots = plots_of(clutter_radar([source(DISC, **fields)], own_ship=own_ship), FRAMES)
    height_m = plots["range_m"] * np.sin(np.radians(plots["elevation_deg"])) + 100.0
    assert stats.kstest(height_m, "uniform", args=(500.0, 2000.0)).pvalue > P_VALUE
    east_m, north_m = ground_m(plots)
    assert np.hypot(east_m - 4000.0, north_m + 2500.0).max() < 2500.0 + NOISE_M


def test_only_what_the_radar_covers_is_seen():
    """A sector of 90 degrees from the centre of a disc, from 500 m on, holds a quarter of it."""
    disc = {"disc": {"centre_m": [0.0, 0.0], "radius_m": 2000.0, "density_per_km2": 5.0}}
    coverage = {**NOISE_FREE["coverage"], "min_range_m": 500.0}
    part = {**coverage, "bearing_start_deg": 300.0, "bearing_extent_deg": 90.0}
    radar = clutter_radar([source(disc)], sensor(**{**NOISE_FREE, "coverage": part}))
    plots = plots_of(radar, FRAMES)
    assert_poisson(len(plots), FRAMES * 5.0 * np.pi * (2.0**2 - 0.5**2) / 4.0)
    assert ((plots["bearing_deg"] - 300.0 + 0.01) % 360.0 <= 90.02).all()


def test_what_is_too_high_is_not_seen():
    """Elevations end at 60 deg: at the height h the disc is covered from h / sqrt(3) outwards."""
    disc = {"disc": {"centre_m": [0.0, 0.0], "radius_m": 2000.0, "density_per_km2": 5.0}}
    radar = clutter_radar([source(disc, height_m=[3000.0, 4000.0])], sensor())
    highest_km = 2.0 * np.sqrt(3.0)
    area_km2 = np.pi * (4.0 * (highest_km - 3.0) - (highest_km**3 - 27.0) / 9.0)
    assert_poisson(len(plots_of(radar, 1000)), 1000 * 5.0 * area_km2)


def test_a_turning_radar_meets_it_once_in_each_turn():
    turning = sensor(**{**NOISE_FREE, "range_rate": None})
    turning["scan"] = {"rotating": {"rotation_period_s": 2.0, "sectors": 16}}
    radar = clutter_radar([source(DISC), source(POLYGON, "land")], turning)
    plots = plots_of(radar, 16 * 200)
    assert_poisson(len(plots), 200 * (MEANS["disc"] + MEANS["polygon"]))
    turned_deg = (plots["time_ns"] % 2_000_000_000) / 2e9 * 360.0 + 22.5
    # Noise of a bearing at most; a frame ends where the next begins.
    assert np.abs((turned_deg - plots["bearing_deg"] + 180.0) % 360.0 - 180.0).max() < 1e-2


def test_each_beam_that_looks_there_has_its_own():
    """Two beams at one place: twice the clutter, each in its half of the time."""
    disc = {"disc": {"centre_m": [0.0, 4000.0], "radius_m": 5000.0, "density_per_km2": 3.0}}
    widths = {"bearing_width_deg": 20.0, "elevation_width_deg": 10.0}
    changes = {**NOISE_FREE, "range_rate": None}
    changes["coverage"] = {**NOISE_FREE["coverage"], "max_range_m": 6000.0}
    steered = sensor(**changes)
    steered["scan"] = {"steered": {"beams": [beam(0.0, 0.0, 0.005, **widths)] * 2}}
    radar = clutter_radar([source(disc)], steered)
    plots = plots_of(radar, 300)
    # The disc holds the whole beam out to 6 km.
    assert_poisson(len(plots), 300 * 2 * 3.0 * np.pi * 6.0**2 * 20.0 / 360.0)
    assert set(plots["time_ns"] % 10_000_000) == {2_500_000, 7_500_000}


def test_powers_are_exponential_above_the_threshold_with_the_mean_told():
    plots = plots_of(clutter_radar([source(DISC, mean_snr_db=16.0)]), FRAMES)
    snr = 10.0 ** (0.1 * plots["snr_db"].astype(float))
    scale = 10.0**1.6 - (THRESHOLD - 1.0)
    assert stats.kstest((snr + 1.0 - THRESHOLD) / scale, "expon").pvalue > P_VALUE
    # The mean of n exponential numbers, 4.5 standard errors.
    assert abs(snr.mean() - 10.0**1.6) < 4.5 * scale / np.sqrt(len(snr))


@pytest.mark.parametrize("std_m_s", [0.0, 2.5])
def test_range_rates_are_those_of_drift_own_motion_and_spread(std_m_s):
    drift = np.array([6.0, -4.0, 3.0])
    fields = {
        "drift_velocity_m_s": drift.tolist(),
        "range_rate_std_m_s": std_m_s,
        "height_m": [0.0, 3000.0],
    }
    velocity = [12.0, 5.0, 0.0]
    motion = {"position_m": [0.0, 0.0, 0.0], "velocity_m_s": velocity}
    own_ship = {"motion": {"constant_velocity": motion}}
    plots = plots_of(clutter_radar([source(DISC, **fields)], own_ship=own_ship), 200)
    bearing, elevation = np.radians(plots["bearing_deg"]), np.radians(plots["elevation_deg"])
    ground = np.cos(elevation)
    sight = np.stack([np.sin(bearing) * ground, np.cos(bearing) * ground, np.sin(elevation)])
    excess = plots["range_rate_m_s"] - (drift - velocity) @ sight
    if std_m_s == 0.0:
        assert np.abs(excess).max() < 0.01
    else:
        assert stats.kstest(excess, "norm", args=(0.0, std_m_s)).pvalue > P_VALUE


def test_measurements_have_the_noise_that_they_report():
    """A source as small as a point: what is left is the noise of the sensor."""
    point = {"disc": {"centre_m": [3000.0, 4000.0], "radius_m": 1.0, "density_per_km2": 1e6}}
    plots = plots_of(clutter_radar([source(point)], sensor()), 1000)
    assert len(plots) > 2500
    range_error = (plots["range_m"] - 5000.0) / plots["range_std_m"]
    bearing = np.degrees(np.arctan2(3000.0, 4000.0))
    bearing_error = (plots["bearing_deg"] - bearing) / plots["bearing_std_deg"]
    elevation_error = plots["elevation_deg"] / plots["elevation_std_deg"]
    for error in (bearing_error, elevation_error, range_error):
        # The disc itself adds at most 1 m / (2 * 1.5 m) to a range in its variance: below 5 %.
        assert stats.kstest(error / error.std(), "norm").pvalue > P_VALUE
        assert abs(error.std() - 1.0) < 4.5 / np.sqrt(2.0 * len(plots)) + 0.05


def test_clutter_has_no_identity():
    radar = clutter_radar([source(DISC)], sensor(sr_threshold_m=4000.0))
    plots = plots_of(radar, 50)
    assert set(plots["range_band"]) == {1, 2}
    assert (plots["present"] & (Present.TRANSPONDER_REPLY | Present.TRANSPONDER_ID) == 0).all()


corner = st.tuples(st.floats(-2e4, 2e4), st.floats(-2e4, 2e4))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=40), corner, corner)
def test_densities_of_polygons_are_where_matplotlib_sees_them(radii, centre, probe):
    """Star-shaped polygons of any number of corners, at places all around."""
    angle = np.arange(len(radii)) * 2.0 * np.pi / len(radii)
    ray = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    corners_m = np.array(centre) + 5000.0 * np.array(radii)[:, np.newaxis] * ray
    shape = {"polygon": {"corners_m": corners_m.tolist(), "density_per_km2": 0.5}}
    (told,) = scenario([], clutter=[source(shape)]).clutter
    places = np.random.default_rng(3).uniform(-6000.0, 6000.0, (500, 2)) + centre
    places = np.concatenate([places, [probe]])
    expected = Path(np.vstack([corners_m, corners_m[:1]])).contains_points(places)
    found = told.density_per_km2(places[:, 0], places[:, 1]) > 0.0
    np.testing.assert_array_equal(found, expected)
