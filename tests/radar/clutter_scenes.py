"""Clutter for the tests, and what its plots must obey."""

import numpy as np
from scipy import stats

from qiki.radar import Radar
from tests.radar.scenes import scenario, sensor

PFA = 1e-6
P_VALUE = 1e-4
THRESHOLD = -np.log(PFA)

NOISE_FREE = {
    "range": {"resolution_m": 1e-3, "floor_m": 0.0},
    "bearing": {"beamwidth_deg": 1e-3, "floor_deg": 0.0},
    "elevation": {"beamwidth_deg": 1e-3, "floor_deg": 0.0},
    "range_rate": {"resolution_m_s": 1e-3, "floor_m_s": 0.0, "limit_m_s": 600.0},
    "coverage": {"min_range_m": 0.0, "max_range_m": 40_000.0, "elevation_deg": [-90.0, 90.0]},
}
NOISE_M = 0.5
"""More than six standard deviations of any place at 40 km, by the finest beams there are."""

DISC = {"disc": {"centre_m": [3000.0, -2000.0], "radius_m": 2500.0, "density_per_km2": 1.5}}
STAR_M = [[-9000, 0], [-6000, 800], [-5000, 4000], [-4000, 700], [-1000, 100], [-5000, -1500]]
POLYGON = {"polygon": {"corners_m": STAR_M, "density_per_km2": 2.0}}
ROWS = [[0.0, 1.0, 4.0, 0.5], [2.0, 0.0, 3.0, 1.0], [0.25, 6.0, 0.0, 2.0]]
MAP = {"map": {"south_west_m": [500.0, 1000.0], "cell_m": 1500.0, "density_per_km2": ROWS}}
SHAPES = {"disc": DISC, "polygon": POLYGON, "map": MAP}


def shoelace_km2(corners_m):
    """Area of a polygon."""
    x, y = np.transpose(corners_m)
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2e6


MEANS = {
    "disc": 1.5 * np.pi * 2.5**2,
    "polygon": 2.0 * shoelace_km2(STAR_M),
    "map": np.sum(ROWS) * 1.5**2,
}
"""Mean number of plots of each shape in one look, by closed form."""


def source(shape=DISC, name="sea", **fields):
    """One source of clutter."""
    return {"name": name, "shape": shape, "mean_snr_db": 16.0, **fields}


def clutter_radar(sources, document=None, targets=(), seed=None, **fields):
    """A radar that sees the sources, without noise unless a sensor is given."""
    scene = scenario(targets, [document or sensor(**NOISE_FREE)], clutter=sources, **fields)
    return Radar(scene, seed=seed)


def plots_of(radar, count, first=0):
    """The detections of many frames that no target made."""
    frames = (radar.frame(number) for number in range(first, first + count))
    return np.concatenate([frame.detections[frame.truth == -1] for frame in frames])


def ground_m(plots):
    """East and north of plots from the radar, two arrays [m]."""
    bearing, elevation = np.radians(plots["bearing_deg"]), np.radians(plots["elevation_deg"])
    ground = plots["range_m"] * np.cos(elevation)
    return ground * np.sin(bearing), ground * np.cos(bearing)


def rows_of(plots):
    """The records as a set of bytes."""
    return {plot.tobytes() for plot in plots}


def assert_poisson(count, mean):
    """A count lies in the two-sided 99.9 % interval."""
    low, high = stats.poisson.interval(0.999, mean)
    assert low <= count <= high, (count, mean)
