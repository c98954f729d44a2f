"""Measurement models that you write: compiled by numba, or as capsules."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from qiki._core import CompiledMeasurement
from qiki.models.capsule import inner_capsule
from qiki.models.numba_functions import capsule, compiled, numba_for

MEASUREMENT_SIGNATURE = "void (double *, double *, double *, double *)"
"""C signature of a measurement model: state, parameters, predicted, jacobian."""

START_SIGNATURE = "void (double *, double *, double *, double *, double *)"
"""C signature of its start: measured, noise, parameters, position, covariance."""

Function = Callable[..., None]

_NAME = MEASUREMENT_SIGNATURE.encode()
_START_NAME = START_SIGNATURE.encode()


def measurement_model(
    *, periods: Sequence[float], start: Function, parameter_count: int = 0
) -> Callable[[Function], CompiledMeasurement]:
    """Compile a measurement model: ``f(state, parameters, predicted, jacobian)``.

    Parameters
    ----------
    periods : sequence of float
        One for each of the 1 to 4 numbers of a measurement, m: its period, as 2 pi of an angle in
        rad; 0 for none.
    start : callable
        ``f(measured, noise, parameters, position, covariance)``: is given what was measured (m,)
        and the covariance of its noise (m, m), and writes into ``position`` (3,) [m] where the
        target is and into ``covariance`` (3, 3) [m^2] how well that is known.
    parameter_count : int
        Numbers that each scan must give, 0 to 16.

    Returns
    -------
    callable
        A decorator of a function that is given ``state`` (6,), position [m] and velocity [m/s], and
        ``parameters``, and writes into ``predicted`` (m,) what is measured of it and into
        ``jacobian`` (m, 6) the derivatives of that by the state. They hold zeros before.

    Raises
    ------
    qiki.errors.SettingError
        numba is not installed, or cannot compile a function; sizes outside their limits.
    """

    def compile_measurement(function: Function) -> CompiledMeasurement:
        what = f"measurement model {function.__name__!r}"
        numba = numba_for(what, "qiki.models.measurement_from_capsules")
        m = len(periods)
        vector = numba.types.Array(numba.float64, 1, "C")
        matrix = numba.types.Array(numba.float64, 2, "C")
        numbers = numba.types.CPointer(numba.float64)

        def c_function(around: Function, count: int) -> Any:
            return numba.cfunc(numba.void(*[numbers] * count), error_model="numpy")(around)

        types = numba.void(vector, vector, vector, matrix)
        inner = compiled(numba, what, types, function, "a state and parameters")
        outer = c_function(_predict(numba.carray, inner, m, parameter_count), 4)
        types = numba.void(vector, matrix, vector, vector, matrix)
        begin = compiled(numba, f"start of {what}", types, start, "a measurement and its noise")
        outer_start = c_function(_start(numba.carray, begin, m, parameter_count), 5)
        return CompiledMeasurement(
            function.__name__,
            tuple(periods),
            parameter_count,
            capsule(outer.address, _NAME),
            capsule(outer_start.address, _START_NAME),
            (outer, outer_start),
        )

    return compile_measurement


def _predict(carray: Any, function: Function, m: int, parameter_count: int) -> Function:
    """Give NaN where `function` raises, which is refused."""

    def predict(state: Any, parameters: Any, predicted: Any, jacobian: Any) -> None:
        values = carray(predicted, (m,))
        given = carray(parameters, (parameter_count,))
        try:
            function(carray(state, (6,)), given, values, carray(jacobian, (m, 6)))
        except Exception:  # noqa: BLE001 - numba can catch no narrower one
            values[0] = math.nan

    return predict


def _start(carray: Any, function: Function, m: int, parameter_count: int) -> Function:
    """Give NaN where `function` raises, which is refused."""

    def start(measured: Any, noise: Any, parameters: Any, position: Any, covariance: Any) -> None:
        values, given = carray(measured, (m,)), carray(parameters, (parameter_count,))
        place = carray(position, (3,))
        try:
            function(values, carray(noise, (m, m)), given, place, carray(covariance, (3, 3)))
        except Exception:  # noqa: BLE001 - numba can catch no narrower one
            place[0] = math.nan

    return start


def measurement_from_capsules(
    predict: Any, start: Any, name: str, *, periods: Sequence[float], parameter_count: int = 0
) -> CompiledMeasurement:
    """Make a measurement model of two compiled functions.

    Parameters
    ----------
    predict, start : PyCapsule or scipy.LowLevelCallable
        Named `MEASUREMENT_SIGNATURE` and `START_SIGNATURE`, or the same with ``, void *``, and then
        given their contexts; as `qiki_measurement_model` and `qiki_measurement_start` in
        ``qiki_models.h``.
    name : str
        By which errors call it, 1 to 64 bytes.
    periods : sequence of float
        As for `measurement_model`; there are as many numbers in a measurement.
    parameter_count : int
        Numbers that each scan must give, 0 to 16.

    Returns
    -------
    CompiledMeasurement

    Raises
    ------
    qiki.errors.SettingError
        A name, a period or a size outside its limits, or another signature.
    TypeError
        No capsule.
    """
    functions = inner_capsule(predict), inner_capsule(start)
    return CompiledMeasurement(name, tuple(periods), parameter_count, *functions, (predict, start))
