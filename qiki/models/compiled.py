"""Models written in Python and compiled by numba."""

import math
from collections.abc import Callable

from qiki.models.capsule import SIGNATURE
from qiki.models.numba_functions import capsule, compiled, numba_for
from qiki.models.user_model import UserModel

Function = Callable[[float, float, float], float]

_TYPES = "float64(float64, float64, float64)"
_NAME = SIGNATURE.encode()  # a capsule keeps the address of its name: it must outlive them all


def rcs_model(function: Function) -> UserModel:
    """Compile a radar cross section: ``f(azimuth_deg, elevation_deg, time_s)`` in m^2.

    Parameters
    ----------
    function : callable
        Of the direction in which the radar lies, as the target sees it: azimuth clockwise from its
        nose, 0 to 360, elevation up from its level plane, -90 to 90; and the time in the scenario.
        Returns the mean cross section [m^2], at least 0.

    Returns
    -------
    UserModel

    Raises
    ------
    qiki.errors.SettingError
        numba is not installed, or cannot compile the function.
    """
    return _compiled("rcs", function)


def detection_probability_model(function: Function) -> UserModel:
    """Compile a probability of detection: ``f(snr_db, range_m, range_rate_m_s)``, 0 to 1.

    Parameters
    ----------
    function : callable
        Of the mean SNR of one pulse [dB], the range, and the range rate (negative when
        approaching).

    Returns
    -------
    UserModel

    Raises
    ------
    qiki.errors.SettingError
        numba is not installed, or cannot compile the function.
    """
    return _compiled("detection_probability", function)


def clutter_density_model(function: Function) -> UserModel:
    """Compile a clutter density: ``f(east_m, north_m, time_s)`` in plots per km^2 and look.

    Parameters
    ----------
    function : callable
        Of a place in the world frame and the time in the scenario.

    Returns
    -------
    UserModel

    Raises
    ------
    qiki.errors.SettingError
        numba is not installed, or cannot compile the function.
    """
    return _compiled("clutter_density", function)


def _compiled(kind: str, function: Function) -> UserModel:
    what = f"{kind} model {function.__name__!r}"
    numba = numba_for(what, "qiki.models.from_capsule")
    inner = compiled(numba, what, _TYPES, function, "three numbers")
    outer = numba.cfunc(_TYPES, error_model="numpy")(_contained(inner))
    return UserModel(kind, function.__name__, capsule(outer.address, _NAME), outer)


def _contained(function: Function) -> Function:
    """Give NaN where `function` raises: an exception cannot leave a C function.

    Without this numba prints it and returns 0, which is a cross section as good as any other; NaN
    is found and named where it is used, as the infinity is that a division by zero gives.
    """

    def contained(first: float, second: float, third: float) -> float:
        try:
            return function(first, second, third)
        except Exception:  # noqa: BLE001 - numba can catch no narrower one
            return math.nan

    return contained
