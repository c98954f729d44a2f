"""Models written in Python and compiled by numba."""

import ctypes
import math
from collections.abc import Callable
from typing import Any

from qiki.errors import SettingError
from qiki.models.capsule import SIGNATURE
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
    try:
        # Here, because it takes half a second and is an extra.
        from numba import cfunc, njit  # noqa: PLC0415
        from numba.core.errors import NumbaError  # noqa: PLC0415
    except ImportError:
        raise SettingError(
            f"{kind} model {function.__name__!r} needs numba, which is not installed: "
            "pip install 'qiki[numba]', or give a capsule to qiki.models.from_capsule"
        ) from None
    try:
        inner = njit(_TYPES, error_model="numpy", boundscheck=True)(function)
    except (NumbaError, TypeError) as error:
        raise SettingError(
            f"{kind} model {function.__name__!r} is nothing that numba can compile to a function "
            f"of three numbers: {error}"
        ) from error
    compiled = cfunc(_TYPES, error_model="numpy")(_contained(inner))
    return UserModel(kind, function.__name__, _capsule(compiled.address), compiled)


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


def _capsule(address: int) -> Any:
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return new(address, _NAME, None)
