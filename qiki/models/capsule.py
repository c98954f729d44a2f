"""Models written in Cython or C, handed over as capsules that are named by their C signature."""

from typing import Any

from qiki.models.user_model import UserModel

SIGNATURE = "double (double, double, double)"
"""C signature of a model."""

SIGNATURE_WITH_DATA = "double (double, double, double, void *)"
"""The same with user data, the context of the capsule."""


def from_capsule(kind: str, capsule: Any, name: str) -> UserModel:
    """Make a model of a compiled function.

    Parameters
    ----------
    kind : str
        "rcs", "detection_probability" or "clutter_density"; `qiki.models` says what each is asked.
    capsule : PyCapsule or scipy.LowLevelCallable
        Its name is `SIGNATURE` or `SIGNATURE_WITH_DATA`, its pointer the function. The functions
        that a Cython module declares `cdef api` stand in its ``__pyx_capi__`` as such capsules.
    name : str
        By which errors call it, 1 to 64 bytes.

    Returns
    -------
    UserModel

    Raises
    ------
    qiki.errors.SettingError
        An unknown kind, a name outside its limits, or another signature.
    TypeError
        No capsule.
    """
    return UserModel(kind, name, inner_capsule(capsule), capsule)


def inner_capsule(capsule: Any) -> Any:
    """Return the capsule itself.

    SciPy's class is a tuple, the capsule its first entry, which only its own indexing hides.
    """
    return tuple.__getitem__(capsule, 0) if isinstance(capsule, tuple) and capsule else capsule
