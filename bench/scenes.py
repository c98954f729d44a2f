"""Scan scenes for the trackers: constant velocity targets, 10 Hz, missed detections and clutter.

The scenes of the peer study: detection probability 0.9, clutter of a fifth of the number of
targets per scan, 3-D position measurements with a standard deviation of 20 m. ``SPARSE`` has one
target per 500 m square, ``CROWDED`` one per 150 m square in a layer of 200 m.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PERIOD_NS = 100_000_000
DETECTION_PROBABILITY = 0.9
CLUTTER_PER_TARGET = 0.2
POSITION_STD_M = 20.0
SPEED_STD_M_S = 40.0
"""Per horizontal axis; a tenth of it vertically."""


@dataclass(frozen=True)
class Density:
    """How close the targets are.

    Attributes
    ----------
    name : str
    spacing_m : float
        Side of the horizontal square that holds one target on average.
    layer_m : float
        Height of the layer that holds them all.
    """

    name: str
    spacing_m: float
    layer_m: float

    def extent_m(self, target_count: int) -> Array:
        """Edge lengths of the volume for a number of targets.

        Returns
        -------
        (3,) float64 [m]
        """
        side_m = self.spacing_m * np.sqrt(target_count)
        return np.array([side_m, side_m, self.layer_m])


SPARSE = Density("sparse", spacing_m=500.0, layer_m=2000.0)
CROWDED = Density("crowded", spacing_m=150.0, layer_m=200.0)


@dataclass(frozen=True)
class Scan:
    """What one scan sees, and what is there.

    Attributes
    ----------
    time_ns : int
    positions_m : (m, 3) float64
        Measured positions in random order, clutter among them.
    origin : (m,) int64
        Target of each measurement; -1 for clutter.
    truth_m : (n, 3) float64
        True position of every target.
    """

    time_ns: int
    positions_m: Array
    origin: npt.NDArray[np.int64]
    truth_m: Array


@dataclass(frozen=True)
class Scene:
    """A number of scans of the same targets.

    Attributes
    ----------
    density : Density
    target_count : int
    volume_m3 : float
        Volume that clutter is spread over.
    scans : tuple of Scan
    """

    density: Density
    target_count: int
    volume_m3: float
    scans: tuple[Scan, ...]

    @property
    def name(self) -> str:
        """Density and number of targets, as in ``sparse-1000``."""
        return f"{self.density.name}-{self.target_count}"

    @property
    def clutter_per_scan(self) -> float:
        """Expected number of false alarms."""
        return CLUTTER_PER_TARGET * self.target_count


def measurement_covariance_m2() -> Array:
    """Covariance of every measurement.

    Returns
    -------
    (3, 3) float64 [m²]
    """
    return np.eye(3) * POSITION_STD_M**2


def make_scene(density: Density, target_count: int, scan_count: int, seed: int = 1) -> Scene:
    """Make the scans of one scene.

    Parameters
    ----------
    density : Density
    target_count : int
    scan_count : int
    seed : int
        Same seed, same scene.

    Returns
    -------
    Scene
    """
    random = np.random.default_rng([seed, target_count, int(density.spacing_m)])
    extent_m = density.extent_m(target_count)
    start_m = random.random((target_count, 3)) * extent_m
    velocity_m_s = random.normal(size=(target_count, 3)) * SPEED_STD_M_S * [1.0, 1.0, 0.1]
    scans = tuple(
        _scan(
            random, number * PERIOD_NS, start_m + velocity_m_s * number * 1e-9 * PERIOD_NS, extent_m
        )
        for number in range(scan_count)
    )
    return Scene(density, target_count, float(np.prod(extent_m)), scans)


def _scan(random: np.random.Generator, time_ns: int, truth_m: Array, extent_m: Array) -> Scan:
    target_count = len(truth_m)
    seen = np.flatnonzero(random.random(target_count) < DETECTION_PROBABILITY)
    measured_m = truth_m[seen] + random.normal(size=(len(seen), 3)) * POSITION_STD_M
    clutter_count = random.poisson(CLUTTER_PER_TARGET * target_count)
    clutter_m = random.random((clutter_count, 3)) * extent_m
    positions_m = np.concatenate([measured_m, clutter_m])
    origin = np.concatenate([seen, np.full(clutter_count, -1)])
    # A tracker must not be helped by the order.
    shuffled = random.permutation(len(positions_m))
    return Scan(time_ns, positions_m[shuffled], origin[shuffled], truth_m)
