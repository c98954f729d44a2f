"""Two targets that fly straight through one point at the same time, seen by a radar 50 km away."""

from dataclasses import dataclass

import numpy as np

from bench.accuracy.case import Array
from qiki.radar import Present, RadarFrame, empty_detections

SPEED_M_S = 200.0
STD_M = 30.0
RANGE_RATE_STD_M_S = 1.0
DETECTION_PROBABILITY = 0.95
POINT_M = np.array([0.0, 50_000.0, 5000.0])
APART_M = 300.0
"""Beyond ten standard deviations there is no doubt which track is whose."""
SETTLE_S = 12
"""Scans, one a second, that are further than that from the point: tracks begin in them."""
RANGE_STD_M = STD_M
ANGLE_STD_RAD = STD_M / float(np.linalg.norm(POINT_M))


@dataclass(frozen=True)
class Crossing:
    """Truth and measurements of one pair.

    Attributes
    ----------
    truth_m : (scans, 2, 3) float64
    polar : tuple of (n, 4) float64
        Range [m], bearing and elevation [rad], range rate [m/s] of each scan's detections, in
        random order.
    """

    truth_m: Array
    polar: tuple[Array, ...]


def crossing(angle_deg: float, seed: int) -> Crossing:
    """Make a pair.

    Parameters
    ----------
    angle_deg : float
        Between their headings; the direction of the pair is random.
    seed : int

    Returns
    -------
    Crossing
    """
    random = np.random.default_rng([seed, int(angle_deg * 10)])
    half = 0.5 * np.radians(angle_deg)
    before_s = SETTLE_S + int(np.ceil(APART_M / (2.0 * SPEED_M_S * np.sin(half))))
    heading = random.uniform(0.0, 2.0 * np.pi) + np.array([half, -half])
    velocity_m_s = SPEED_M_S * np.stack([np.sin(heading), np.cos(heading), np.zeros(2)], axis=1)
    # The point lies between scans as it may.
    time_s = np.arange(-before_s, before_s + 1) + random.uniform(-0.5, 0.5)
    truth_m = POINT_M + time_s[:, None, None] * velocity_m_s
    return Crossing(truth_m, tuple(_detections(place, velocity_m_s, random) for place in truth_m))


def _detections(place_m: Array, velocity_m_s: Array, random: np.random.Generator) -> Array:
    ground_m, range_m = np.hypot(place_m[:, 0], place_m[:, 1]), np.linalg.norm(place_m, axis=1)
    bearing, elevation = (
        np.arctan2(place_m[:, 0], place_m[:, 1]),
        np.arctan2(place_m[:, 2], ground_m),
    )
    rate_m_s = (place_m * velocity_m_s).sum(axis=1) / range_m
    noise = random.normal(size=(2, 4)) * [
        RANGE_STD_M,
        ANGLE_STD_RAD,
        ANGLE_STD_RAD,
        RANGE_RATE_STD_M_S,
    ]
    measured = np.stack([range_m, bearing, elevation, rate_m_s], axis=1) + noise
    return random.permutation(measured[random.random(2) < DETECTION_PROBABILITY])


def frame_of(polar: Array, number: int, *, range_rate: bool) -> RadarFrame:
    """Give one scan as a radar frame, with or without its range rates."""
    detections = empty_detections(len(polar))
    detections["time_ns"] = number * 10**9
    detections["range_m"], detections["range_std_m"] = polar[:, 0], RANGE_STD_M
    detections["bearing_deg"] = np.degrees(polar[:, 1]) % 360.0
    detections["elevation_deg"] = np.degrees(polar[:, 2])
    for field in ("bearing_std_deg", "elevation_std_deg"):
        detections[field] = np.degrees(ANGLE_STD_RAD)
    detections["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
    if range_rate:
        detections["range_rate_m_s"] = polar[:, 3]
        detections["range_rate_std_m_s"] = RANGE_RATE_STD_M_S
        detections["present"] |= np.uint32(Present.RANGE_RATE)
    return RadarFrame(detections, time_ns=number * 10**9, number=number)
