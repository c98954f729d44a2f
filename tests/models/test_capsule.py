"""The capsule's convention: functions of Cython, of C with user data, and of SciPy."""

import ctypes
import math
import threading
import time

import pytest
from scipy import LowLevelCallable

from qiki.errors import SettingError
from qiki.models import SIGNATURE, SIGNATURE_WITH_DATA, UserModel, from_capsule

NAME, NAME_WITH_DATA = SIGNATURE.encode(), SIGNATURE_WITH_DATA.encode()
OTHER_NAMES = [
    b"double (double)",
    b"float (double, double, double)",
    b"double(double,double,double)",
]
"""A capsule keeps the address of its name, so these live as long as the module."""

PLAIN = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * 3)
WITH_DATA = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * 3, ctypes.c_void_p)


def new_capsule(address, name, context=None):
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    capsule = new(address, name, None)
    set_context = ctypes.pythonapi.PyCapsule_SetContext
    set_context.argtypes = [ctypes.py_object, ctypes.c_void_p]
    set_context(capsule, context)
    return capsule


def address_of(function):
    return ctypes.cast(function, ctypes.c_void_p).value


def test_a_cython_function_is_a_model(cython_models):
    model = from_capsule("rcs", cython_models.__pyx_capi__["corner_reflector"], "corner")
    assert model(10.0, 0.0, 0.0) == pytest.approx(4.0 * math.cos(math.radians(20.0)) ** 2)
    assert model(46.0, 0.0, 1.0) == pytest.approx(model(10.0, 0.0, 0.0))


def test_a_cython_function_of_other_types_is_refused(cython_models):
    with pytest.raises(SettingError, match=r'name is "double \(double, float, double\)", must be'):
        from_capsule("rcs", cython_models.__pyx_capi__["with_a_fault"], "fault")


def test_the_core_asks_without_the_gil(cython_models):
    model = from_capsule("rcs", cython_models.__pyx_capi__["waits"], "waits")
    answers = []
    asked = threading.Thread(target=lambda: answers.append(model(0.0, 0.0, 0.0)))
    asked.start()
    until_s = time.monotonic() + 20.0
    while not cython_models.is_waiting() and time.monotonic() < until_s:
        time.sleep(0.001)
    cython_models.release()  # no one could, if the waiting model held the GIL
    asked.join()
    assert answers == [1.0]


def test_the_context_of_a_capsule_is_the_last_argument():
    scale = ctypes.c_double(2.5)

    @WITH_DATA
    def scaled_sum(first, second, third, data):
        return ctypes.c_double.from_address(data).value * (first + second + third)

    address = address_of(scaled_sum)
    model = from_capsule("rcs", new_capsule(address, NAME_WITH_DATA, ctypes.addressof(scale)), "s")
    assert model(1.0, 2.0, 3.0) == 15.0
    scale.value = 0.5
    assert model(1.0, 2.0, 3.0) == 3.0


def test_scipys_callables_are_taken(cython_models):
    plain = LowLevelCallable(cython_models.__pyx_capi__["corner_reflector"])
    assert plain.signature == SIGNATURE
    assert from_capsule("rcs", plain, "corner")(0.0, 0.0, 0.0) == 4.0


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_another_signature_is_refused(name):
    with pytest.raises(SettingError, match=r"the capsule's name is .*double.*must be .*void"):
        from_capsule("rcs", new_capsule(1, name), "other")


def test_what_is_no_capsule_is_refused():
    with pytest.raises(SettingError, match="the capsule's name is nothing"):
        from_capsule("rcs", new_capsule(1, None), "nameless")
    for what in (42, "double (double, double, double)", None, ()):
        with pytest.raises(TypeError):
            from_capsule("rcs", what, "none")
        with pytest.raises(TypeError):
            UserModel("rcs", "none", what)


def test_kind_and_name_are_checked():
    capsule = new_capsule(1, NAME)
    with pytest.raises(SettingError, match='kind is "weather", must be rcs, detection_probability'):
        from_capsule("weather", capsule, "other")
    with pytest.raises(SettingError, match=r"name is .* \(65 bytes\), must be 1 to 64 bytes"):
        from_capsule("rcs", capsule, "n" * 65)
