"""Models compiled by numba: their values, the checks of them, and how long they live."""

import gc
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.errors import ModelError, SettingError
from qiki.models import clutter_density_model, detection_probability_model, rcs_model


@rcs_model
def ellipsoid(azimuth_deg, elevation_deg, time_s):
    """Broad at the side: 1 m^2 at the nose, 10 at the beam."""
    side = math.sin(math.radians(azimuth_deg)) * math.cos(math.radians(elevation_deg))
    return 1.0 + 9.0 * side * side


@detection_probability_model
def given_back(snr_db, range_m, range_rate_m_s):
    return snr_db


finite = st.floats(-1e6, 1e6)


@given(finite, finite, finite)
def test_the_values_are_those_of_the_function(azimuth_deg, elevation_deg, time_s):
    side = math.sin(math.radians(azimuth_deg)) * math.cos(math.radians(elevation_deg))
    expected = 1.0 + 9.0 * side * side
    assert ellipsoid(azimuth_deg, elevation_deg, time_s) == pytest.approx(expected, rel=1e-12)


def test_arguments_broadcast_and_keep_their_shape():
    azimuth_deg = np.linspace(0.0, 360.0, 12).reshape(3, 4)
    values = ellipsoid(azimuth_deg, 0.0, 0.0)
    assert values.shape == (3, 4)
    np.testing.assert_allclose(values, 1.0 + 9.0 * np.sin(np.radians(azimuth_deg)) ** 2)
    assert isinstance(ellipsoid(0, 0, 0), float)
    assert ellipsoid(np.zeros(0), 0.0, 0.0).shape == (0,)
    assert ellipsoid(np.linspace(0.0, 360.0, 24)[::2], 0.0, 0.0).shape == (12,)


def test_a_model_says_what_it_is():
    assert (ellipsoid.kind, ellipsoid.name) == ("rcs", "ellipsoid")
    assert ellipsoid.arguments == ("azimuth_deg", "elevation_deg", "time_s")
    assert given_back.limits == (0.0, 1.0)
    assert repr(ellipsoid) == 'UserModel(kind="rcs", name="ellipsoid")'


@pytest.mark.parametrize(
    ("bad", "shown"),
    [(math.nan, "NaN"), (math.inf, "inf"), (-math.inf, "-inf"), (-0.5, "-0.5"), (1.5, "1.5")],
)
def test_what_a_model_must_not_return_is_named(bad, shown):
    message = (
        f'detection_probability model "given_back" is {shown} at snr_db {shown}, range_m 1, '
        "range_rate_m_s 2, must be 0 to 1: correct the model"
    )
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        given_back([0.5, bad, 0.25], 1.0, 2.0)


def test_a_division_by_zero_is_found_not_raised():
    @clutter_density_model
    def pole(east_m, north_m, time_s):
        return 1.0 / east_m

    assert pole(2.0, 0.0, 0.0) == 0.5
    with pytest.raises(ModelError, match=r'clutter_density model "pole" is inf at east_m 0'):
        pole(0.0, 0.0, 0.0)


def raises_beyond_the_wall(azimuth_deg, elevation_deg, time_s):
    if azimuth_deg > 180.0:
        raise ValueError
    return 1.0


def looks_up_what_is_not_there(azimuth_deg, elevation_deg, time_s):
    return {1: 2.0}[int(azimuth_deg)]


def reads_behind_the_end(azimuth_deg, elevation_deg, time_s):
    return np.ones(3)[int(azimuth_deg)]


@pytest.mark.parametrize(
    "function", [raises_beyond_the_wall, looks_up_what_is_not_there, reads_behind_the_end]
)
def test_what_a_model_raises_is_found_as_nan(function, capfd):
    model = rcs_model(function)
    assert model(1.0, 0.0, 0.0) in {1.0, 2.0}
    message = f'rcs model "{function.__name__}" is NaN at azimuth_deg 200, elevation_deg 0, time_s'
    with pytest.raises(ModelError, match=message):
        model(200.0, 0.0, 0.0)
    assert capfd.readouterr().err == ""


def test_what_numba_cannot_compile_is_refused():
    def opens_a_file(azimuth_deg, elevation_deg, time_s):
        return open("x").read()  # noqa: PTH123

    def of_one_number(azimuth_deg):
        return azimuth_deg

    for function in (opens_a_file, of_one_number):
        with pytest.raises(SettingError, match=f"rcs model '{function.__name__}' is nothing"):
            rcs_model(function)


def test_without_numba_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(SettingError, match=r"pip install 'qiki\[numba\]'"):
        rcs_model(math.pow)


def test_a_model_outlives_the_function_it_was_made_of():
    def made():
        @rcs_model
        def constant(azimuth_deg, elevation_deg, time_s):
            return 7.0 + 0.0 * time_s

        return constant

    models = [made() for _ in range(3)]
    gc.collect()
    assert [model(0.0, 0.0, 0.0) for model in models] == [7.0] * 3
