"""Models of a module that commands and services are told."""

import re

import pytest

from qiki.errors import SettingError
from qiki.models import models_for, models_of
from tests.radar.scenes import scenario, target

FILE = """
from beside import RCS_M2
from qiki.models import detection_probability_model, rcs_model

@rcs_model
def body(azimuth_deg, elevation_deg, time_s):
    return RCS_M2

@rcs_model
def spare(azimuth_deg, elevation_deg, time_s):
    return 2.0

@detection_probability_model
def chance(snr_db, range_m, range_rate_m_s):
    return 0.5

the_same = body
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(FILE)
    (tmp_path / "beside.py").write_text("RCS_M2 = 3.0\n")
    return str(path)


def scene(name="body"):
    entry = target("one", (0.0, 5000.0, 0.0), rcs_model=name)
    del entry["rcs_dbsm"]
    return scenario([entry])


def test_a_file_gives_its_models_once_in_their_order(file):
    models = models_of(file)
    assert [model.name for model in models] == ["body", "spare", "chance"]
    assert models[0](0.0, 0.0, 0.0) == 3.0


def test_a_module_is_found_by_its_name(file, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    assert [model.name for model in models_of("mine")] == ["body", "spare", "chance"]


def test_only_what_the_scenario_names_is_taken(file):
    assert [model.name for model in models_for(scene(), file)] == ["body"]
    assert models_for(scenario(), file) == ()
    assert models_for(scenario(), None) == ()


def test_what_is_missing_or_wrong_is_told(file):
    cases = {
        ("tail", file): "are body, chance, spare, must be with tail (rcs) of scenario",
        ("chance", file): 'model "chance" is for detection_probability, must be the rcs model',
        ("body", None): 'models is none, must be with the rcs model "body"',
    }
    for (name, module), message in cases.items():
        with pytest.raises(SettingError, match=re.escape(message)):
            models_for(scene(name), module)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "must have a UserModel among its attributes"),
        ("import nowhere_at_all\n", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def broken(:\n", "SyntaxError: "),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, text, message):
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(SettingError, match=re.escape(message)) as caught:
        models_of(str(path))
    assert str(caught.value).startswith(f"models is {str(path)!r}, must ")


def test_a_module_that_is_not_there_is_refused(tmp_path):
    for module in ("no_such_module", str(tmp_path / "none.py")):
        with pytest.raises(SettingError, match=r"must be a module that can be imported or a \.py"):
            models_of(module)
