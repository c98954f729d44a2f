"""Many runs of one filter over truth of its own model, and how large its errors are for it.

Truth and measurements are drawn here, from matrices written a second time; the filter is the
core's. A fault is put between the two: the filter is told something other than what was drawn.
"""

from dataclasses import dataclass

import numpy as np

from qiki.metrics import consistency, nees, nis
from qiki.tracking import FilterSet, TrackerConfig
from tests.tracking.oracles.constant_velocity import process_noise, transition

SIGNIFICANCE = 1e-6
DT_S = 1.0
NOISE_M2_S3 = 2.0
COVARIANCE_M2 = np.array([[400.0, 60.0, -40.0], [60.0, 900.0, 90.0], [-40.0, 90.0, 1600.0]])
MEAN = np.array([0.0, 0.0, 0.0, 200.0, 0.0, 0.0])
SPREAD = np.diag([20.0, 30.0, 40.0, 10.0, 10.0, 10.0]) ** 2


@dataclass(frozen=True)
class Errors:
    """Normalised errors of each step and run, and how many components they have."""

    nees: np.ndarray  # (steps, runs)
    nis: np.ndarray
    components: int = 3

    @property
    def of_nis(self):
        """NIS beside its bands: independent from step to step, so the pooled one counts."""
        return consistency(self.nis, dimensions=self.components, significance=SIGNIFICANCE)

    @property
    def of_nees(self):
        """NEES beside its bands: independent from run to run, so those of the steps count."""
        return consistency(self.nees, dimensions=6, significance=SIGNIFICANCE)

    @property
    def consistent(self):
        return self.of_nis.is_pooled_consistent and self.of_nees.steps_outside == 0


@dataclass(frozen=True)
class Fault:
    """What the filter is told wrong."""

    measurement_covariance: float = 1.0  # factors
    process_noise: float = 1.0
    time_step: float = 1.0
    axes_of_covariance: tuple[int, ...] = (0, 1, 2)
    axes_of_measurement: tuple[int, ...] = (0, 1, 2)


HONEST = Fault()
LINEAR_FAULTS = {
    "measurement covariance -10 %": Fault(measurement_covariance=0.9),
    "measurement covariance +10 %": Fault(measurement_covariance=1.1),
    "process noise halved": Fault(process_noise=0.5),
    "process noise doubled": Fault(process_noise=2.0),
    "time step -2 % at 200 m/s": Fault(time_step=0.98),
    "time step +2 % at 200 m/s": Fault(time_step=1.02),
    "east and north of the covariance swapped": Fault(axes_of_covariance=(1, 0, 2)),
    "east and north of the measurements swapped": Fault(axes_of_measurement=(1, 0, 2)),
}


def draw(random, runs, mean=MEAN, spread=SPREAD):
    """States of the prior that the filter is given."""
    return mean + random.normal(size=(runs, 6)) @ np.linalg.cholesky(spread).T


def moved(random, state, density_m2_s3, dt_s=DT_S):
    """States a step later; a density for all or one for each."""
    root = np.linalg.cholesky(process_noise(dt_s, 1.0))
    noise = random.normal(size=state.shape) @ root.T
    return state @ transition(dt_s).T + noise * np.sqrt(density_m2_s3)


def linear_errors(runs=400, steps=100, seed=1, fault=HONEST):
    """Errors of the single filter by positions."""
    random = np.random.default_rng(seed)
    config = TrackerConfig(
        process_noise_m2_s3=NOISE_M2_S3 * fault.process_noise,
        vertical_process_noise_m2_s3=NOISE_M2_S3 * fault.process_noise,
    )
    told = COVARIANCE_M2[np.ix_(fault.axes_of_covariance, fault.axes_of_covariance)]
    states = draw(random, runs)
    truths = [states := moved(random, states, NOISE_M2_S3) for _ in range(steps)]
    return position_errors(random, config, truths, told * fault.measurement_covariance, fault)


def position_errors(random, config, truths, told_covariance_m2=COVARIANCE_M2, fault=HONEST):
    """Errors of a bank of filters by positions with noise of `COVARIANCE_M2`."""
    runs, root = len(truths[0]), np.linalg.cholesky(COVARIANCE_M2)
    filters = FilterSet(np.tile(MEAN, (runs, 1)), np.tile(SPREAD, (runs, 1, 1)), config)
    found = []
    for number, truth in enumerate(truths, 1):
        time_ns = round(number * DT_S * fault.time_step * 1e9)
        measured_m = truth[:, :3] + random.normal(size=(runs, 3)) @ root.T
        measured_m = np.ascontiguousarray(measured_m[:, fault.axes_of_measurement])
        ahead, covariance = filters.states_at(time_ns)
        nis_now = nis(measured_m - ahead[:, :3], covariance[:, :3, :3] + told_covariance_m2)
        filters.update_position(measured_m, told_covariance_m2, time_ns)
        state, covariance = filters.states_at(time_ns)
        found.append((nees(state - truth, covariance), nis_now))
    return Errors(*(np.array(part) for part in zip(*found, strict=True)))
