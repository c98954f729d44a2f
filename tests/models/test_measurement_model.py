"""Measurement models as capsules: of Cython, of C with user data, and of numba."""

import sys

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.models import (
    MEASUREMENT_SIGNATURE,
    START_SIGNATURE,
    measurement_from_capsules,
    measurement_model,
)
from qiki.tracking import Tracker
from tests.models.test_motion_model import name_of

DT_NS = 1_000_000_000
NOISE_M2 = np.diag([25.0, 49.0, 81.0])


def test_cython_functions_are_a_model(cython_models):
    capsules = [cython_models.__pyx_capi__[name] for name in ("positions", "begins")]
    assert [name_of(capsule) for capsule in capsules] == [MEASUREMENT_SIGNATURE, START_SIGNATURE]
    model = measurement_from_capsules(*capsules, "positions", periods=(0.0,) * 3)
    assert (model.name, model.periods, model.parameter_count) == ("positions", (0.0,) * 3, 0)
    assert repr(model) == 'CompiledMeasurement(name="positions", periods=[0.0, 0.0, 0.0])'
    found, expected = Tracker(), Tracker()
    for second in range(8):
        scan = np.array([[30.0 * second, -200.0, 50.0], [900.0, 20.0 * second, 8.0]])
        own = found.step_measurements(model, scan, NOISE_M2, second * DT_NS, volume=1e12)
        built_in = expected.step_positions(scan, NOISE_M2, second * DT_NS, volume_m3=1e12)
        for field in ("position_m", "velocity_m_s", "quality"):
            np.testing.assert_allclose(own.tracks[field], built_in.tracks[field], rtol=1e-9)


def test_c_functions_are_called_without_the_gil_and_with_their_data(c_models):
    model = measurement_from_capsules(
        c_models.height, c_models.below, "height", periods=(0.0,), parameter_count=1
    )
    predicted, jacobian = model.answers(np.array([[0.0, 0.0, 100.0, 0.0, 0.0, 0.0]]), (7.0,))
    np.testing.assert_array_equal(predicted, [[53.0]])
    np.testing.assert_array_equal(jacobian, [[[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]])
    tracker = Tracker()
    for second in range(3):
        result = tracker.step_measurements(
            model, np.array([[53.0]]), np.eye(1), second * DT_NS, volume=1e4, parameters=(7.0,)
        )
    assert result.tracks["position_m"][0, 2] == pytest.approx(100.0)
    assert result.tracks["hit_count"][0] == 3


def test_other_signatures_are_refused(c_models, cython_models):
    right = [cython_models.__pyx_capi__[name] for name in ("positions", "begins")]
    for capsules in (right[::-1], [right[0], right[0]], [c_models.straight, right[1]]):
        with pytest.raises(SettingError, match=r'capsule\'s name is "void .* must be "void \('):
            measurement_from_capsules(*capsules, "odd", periods=(0.0,) * 3)
    with pytest.raises(TypeError):
        measurement_from_capsules(42, right[1], "none", periods=(0.0,) * 3)
    with pytest.raises(SettingError, match="name is"):
        measurement_from_capsules(*right, "", periods=(0.0,) * 3)


def test_what_numba_cannot_compile_is_refused(monkeypatch):
    def of_one_number(state):
        return state

    def nothing(state, parameters, predicted, jacobian):
        pass

    with pytest.raises(SettingError, match=r"^measurement model 'of_one_number' is nothing that"):
        measurement_model(periods=(0.0,), start=of_one_number)(of_one_number)
    with pytest.raises(
        SettingError, match=r"^start of measurement model 'nothing' is nothing that"
    ):
        measurement_model(periods=(0.0,), start=of_one_number)(nothing)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(SettingError, match=r"pip install 'qiki\[numba\]'.*from_capsules"):
        measurement_model(periods=(0.0,), start=nothing)(nothing)
