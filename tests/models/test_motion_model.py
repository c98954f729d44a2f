"""Motion models as capsules: of Cython, of C with and without user data, and of numba."""

import ctypes
import sys

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.models import (
    MOTION_SIGNATURE,
    MOTION_SIGNATURE_WITH_DATA,
    SIGNATURE,
    from_capsule,
    motion_from_capsule,
    motion_model,
)
from qiki.tracking import ConstantVelocity, UserMotion, predict_by

STATES = np.random.default_rng(8).normal(size=(21, 6)) * 100.0
COVARIANCES = np.tile(np.diag([90.0] * 3 + [4.0] * 3), (21, 1, 1))


def name_of(capsule):
    get = ctypes.pythonapi.PyCapsule_GetName
    get.restype, get.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return get(capsule).decode()


def test_a_cython_function_is_a_model(cython_models):
    capsule = cython_models.__pyx_capi__["at_rest"]
    assert name_of(capsule) == MOTION_SIGNATURE
    model = motion_from_capsule(capsule, "at_rest", parameter_count=1)
    mean, transition, noise = model.answers(STATES, 0.5, (3.0,))
    np.testing.assert_array_equal(mean[:, :3], STATES[:, :3])
    np.testing.assert_array_equal(mean[:, 3:], 0.0)
    np.testing.assert_array_equal(transition, np.tile(np.eye(6), (21, 1, 1)))
    np.testing.assert_array_equal(noise[20], np.diag([0.0] * 3 + [1.5] * 3))


@pytest.mark.parametrize("name", ["straight", "straight_with_data"])
def test_a_c_function_is_called_without_the_gil_and_with_its_data(c_models, name):
    capsule = getattr(c_models, name)
    expected_name = MOTION_SIGNATURE_WITH_DATA if name.endswith("data") else MOTION_SIGNATURE
    assert name_of(capsule) == expected_name
    model = motion_from_capsule(capsule, name, parameter_count=1)
    found = predict_by(UserMotion(model=model, parameters=(3.0,)), STATES, COVARIANCES, 2.0)
    built_in = ConstantVelocity(process_noise_m2_s3=7.0, vertical_process_noise_m2_s3=7.0)
    expected = predict_by(built_in, STATES, COVARIANCES, 2.0)
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-13, atol=1e-12)


def test_the_header_names_the_radars_models_too(c_models):
    assert name_of(c_models.steady) == SIGNATURE
    assert from_capsule("rcs", c_models.steady, "steady")(1.0, 2.0, 3.0) == 6.0


def test_another_signature_is_refused(c_models, cython_models):
    with pytest.raises(SettingError, match=r'capsule\'s name is "double .* must be "void \(int'):
        motion_from_capsule(c_models.steady, "steady")
    with pytest.raises(SettingError, match=r'capsule\'s name is "void \(int'):
        from_capsule("rcs", cython_models.__pyx_capi__["at_rest"], "at_rest")
    with pytest.raises(TypeError):
        motion_from_capsule(42, "none")


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"state_size": 5}, "state_size is 5, must be 6 to 9"),
        ({"state_size": 10}, "state_size is 10, must be 6 to 9"),
        ({"parameter_count": 17}, "parameter_count is 17, must be 0 to 16"),
    ],
)
def test_sizes_outside_their_limits_are_refused(c_models, sizes, told):
    with pytest.raises(SettingError, match=told):
        motion_from_capsule(c_models.straight, "straight", **sizes)
    with pytest.raises(SettingError, match="name is"):
        motion_from_capsule(c_models.straight, "n" * 65)


def test_shapes_that_do_not_fit_are_refused(c_models):
    model = motion_from_capsule(c_models.straight, "straight", parameter_count=1)
    assert (model.name, model.state_size, model.parameter_count) == ("straight", 6, 1)
    assert repr(model) == 'CompiledMotion(name="straight", state_size=6)'
    for states, parameters in ((np.zeros((2, 7)), (1.0,)), (np.zeros((2, 6)), ())):
        with pytest.raises(ValueError, match=r"must be \(n, 6\) and 1"):
            model.answers(states, 1.0, parameters)
    assert model.answers(np.zeros((0, 6)), 1.0, (1.0,))[1].shape == (0, 6, 6)


def test_what_numba_cannot_compile_is_refused(monkeypatch):
    def of_one_number(state):
        return state

    with pytest.raises(SettingError, match="motion model 'of_one_number' is nothing that numba"):
        motion_model()(of_one_number)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(SettingError, match=r"pip install 'qiki\[numba\]'.*motion_from_capsule"):
        motion_model()(of_one_number)
