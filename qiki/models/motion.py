"""Motion models of a tracker's targets that you write: compiled by numba, or as capsules."""

import math
from collections.abc import Callable
from typing import Any

from qiki._core import CompiledMotion
from qiki.models.capsule import inner_capsule
from qiki.models.numba_functions import capsule, compiled, numba_for

MOTION_SIGNATURE = "void (int, double *, double *, double *, double *, double *, double *)"
"""C signature of a motion model: count, state, time_step_s, parameters, mean, transition, noise."""

MOTION_SIGNATURE_WITH_DATA = (
    "void (int, double *, double *, double *, double *, double *, double *, void *)"
)
"""The same with user data, the context of the capsule."""

Function = Callable[..., None]

_NAME = MOTION_SIGNATURE.encode()


def motion_model(
    *, state_size: int = 6, parameter_count: int = 0
) -> Callable[[Function], CompiledMotion]:
    """Compile a motion model: ``f(state, dt_s, parameters, mean, transition, noise)``.

    Parameters
    ----------
    state_size : int
        Numbers of a state, d, 6 to 9: x, y, z [m], vx, vy, vz [m/s], what the model adds.
    parameter_count : int
        Numbers that `qiki.tracking.UserMotion.parameters` must hold, 0 to 16.

    Returns
    -------
    callable
        A decorator of a function that is given ``state`` (d,), ``dt_s`` above 0 and ``parameters``,
        and writes into ``mean`` (d,) the state ``dt_s`` later, into ``transition`` (d, d) the
        derivative of each number then by each now, and into ``noise`` (d, d) the covariance of the
        process noise over the step. They hold zeros before.

    Raises
    ------
    qiki.errors.SettingError
        numba is not installed, or cannot compile the function; sizes outside their limits.
    """

    def compile_motion(function: Function) -> CompiledMotion:
        what = f"motion model {function.__name__!r}"
        numba = numba_for(what, "qiki.models.motion_from_capsule")
        vector, matrix = (
            numba.types.Array(numba.float64, 1, "C"),
            numba.types.Array(numba.float64, 2, "C"),
        )
        types = numba.void(vector, numba.float64, vector, vector, matrix, matrix)
        inner = compiled(numba, what, types, function, "a state, a time step and parameters")
        numbers = numba.types.CPointer(numba.float64)
        outer = numba.cfunc(numba.void(numba.intc, *[numbers] * 6), error_model="numpy")(
            _for_each(numba.carray, inner, state_size, parameter_count)
        )
        made = capsule(outer.address, _NAME)
        return CompiledMotion(function.__name__, state_size, parameter_count, made, outer)

    return compile_motion


def _for_each(carray: Any, function: Function, size: int, parameter_count: int) -> Function:
    """Ask `function` of state after state; where it raises the answer is NaN, which is refused."""

    def for_each(  # noqa: PLR0917 - the C signature
        count: int, state: Any, step: Any, parameters: Any, mean: Any, transition: Any, noise: Any
    ) -> None:
        states, steps = carray(state, (count, size)), carray(step, (count,))
        given, means = carray(parameters, (parameter_count,)), carray(mean, (count, size))
        transitions = carray(transition, (count, size, size))
        noises = carray(noise, (count, size, size))
        for k in range(count):
            try:
                function(states[k], steps[k], given, means[k], transitions[k], noises[k])
            except Exception:  # noqa: BLE001 - numba can catch no narrower one
                means[k, 0] = math.nan

    return for_each


def motion_from_capsule(
    capsule: Any, name: str, *, state_size: int = 6, parameter_count: int = 0
) -> CompiledMotion:
    """Make a motion model of a compiled function.

    Parameters
    ----------
    capsule : PyCapsule or scipy.LowLevelCallable
        Its name is `MOTION_SIGNATURE` or `MOTION_SIGNATURE_WITH_DATA`, its pointer the function,
        as `qiki_motion_model` in ``qiki_models.h``.
    name : str
        By which errors call it, 1 to 64 bytes.
    state_size : int
        Numbers of a state, 6 to 9, for which the function must write.
    parameter_count : int
        Numbers that `qiki.tracking.UserMotion.parameters` must hold, 0 to 16.

    Returns
    -------
    CompiledMotion

    Raises
    ------
    qiki.errors.SettingError
        A name or a size outside its limits, or another signature.
    TypeError
        No capsule.
    """
    inner = inner_capsule(capsule)
    return CompiledMotion(name, state_size, parameter_count, inner, capsule)
