"""Whether covariances are honest, and whether faults show: `tests/tracking/test_consistency.py`.

The figures are those of the tests' own functions, at more seeds.
"""

from bench.accuracy.case import Case
from tests.tracking.consistency_measured import measured_errors, steps_outside, wrong_sign
from tests.tracking.consistency_references import (
    bank_errors,
    deviations_apart,
    polar_errors,
    reference_bank_errors,
    reference_polar_errors,
)
from tests.tracking.consistency_runs import LINEAR_FAULTS, Errors, linear_errors
from tests.tracking.user_measurements import polar

SEEDS = 5
RUNS = 400
STEPS = 100
REFERENCE_RUNS = 200
JACOBIAN = "sign of a bearing's derivatives"
"""Of a user's measurement model; all other faults are those of the linear filter."""


def _linear(seed: int) -> dict[str, float]:
    errors = linear_errors(RUNS, STEPS, seed)
    step_mean = errors.of_nees.step_mean
    figures = {
        "linear_nis": errors.of_nis.pooled_mean,
        "linear_nees_least": float(step_mean.min()),
        "linear_nees_most": float(step_mean.max()),
        "linear_nees_outside": float(errors.of_nees.steps_outside),
    }
    for name, band in (
        ("linear_nis", errors.of_nis.pooled_band),
        ("linear_nees", errors.of_nees.step_band),
    ):
        figures[f"{name}_low"], figures[f"{name}_high"] = band
    for fault, told in LINEAR_FAULTS.items():
        wrong = linear_errors(RUNS, STEPS, seed, told)
        figures[f"{fault}_nis"] = wrong.of_nis.pooled_mean
        figures[f"{fault}_nees_outside"] = float(wrong.of_nees.steps_outside)
        figures[f"{fault}_noticed"] = float(not wrong.consistent)
    return figures


def _measured(seed: int) -> dict[str, float]:
    right, wrong = (measured_errors(model, seed=seed) for model in (polar, wrong_sign))
    outside = steps_outside(wrong)
    return {
        "measured_nees": float(right.mean()),
        "measured_nees_outside": float(steps_outside(right)),
        f"{JACOBIAN}_nees_outside": float(outside),
        f"{JACOBIAN}_noticed": float(outside > 0),
    }


def _compared(name: str, errors: Errors, reference: Errors) -> dict[str, float]:
    return {
        f"{name}_nis": float(errors.nis.mean()),
        f"{name}_reference_nis": float(reference.nis.mean()),
        f"{name}_nis_deviations": deviations_apart(errors.nis, reference.nis),
        f"{name}_nees": float(errors.nees.mean()),
        f"{name}_reference_nees": float(reference.nees.mean()),
        f"{name}_nees_deviations": deviations_apart(errors.nees, reference.nees),
    }


def run(seed: int) -> dict[str, float]:
    """NIS and NEES of each filter, and of the linear one for each fault.

    Parameters
    ----------
    seed : int

    Returns
    -------
    dict of str to float
    """
    reference = reference_polar_errors(REFERENCE_RUNS, seed=seed + 1000)
    bank = bank_errors(RUNS, seed=seed), reference_bank_errors(REFERENCE_RUNS, seed=seed + 1000)
    return (
        _linear(seed)
        | _measured(seed)
        | _compared("polar", polar_errors(RUNS, seed=seed), reference)
        | _compared("bank", *bank)
    )


CASES = (Case("consistency", SEEDS, run),)
