"""What numba makes of a user's functions: compiled code, and capsules named by its signature."""

import ctypes
from collections.abc import Callable
from typing import Any

from qiki.errors import SettingError


def numba_for(what: str, otherwise: str) -> Any:
    """Import numba, here because it takes half a second and is an extra."""
    try:
        import numba  # noqa: PLC0415
    except ImportError:
        raise SettingError(
            f"{what} needs numba, which is not installed: pip install 'qiki[numba]', or give a "
            f"capsule to {otherwise}"
        ) from None
    return numba


def compiled(numba: Any, what: str, types: Any, function: Callable[..., Any], of: str) -> Any:
    """Compile a function of the given types; what it divides by zero becomes an infinity."""
    try:
        return numba.njit(types, error_model="numpy", boundscheck=True)(function)
    except (numba.core.errors.NumbaError, TypeError) as error:
        raise SettingError(
            f"{what} is nothing that numba can compile to a function of {of}: {error}"
        ) from error


def capsule(address: int, name: bytes) -> Any:
    """Put a function into a capsule; `name` must outlive it, which keeps the address alone."""
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return new(address, name, None)
