"""The examples in examples/models: built as their setup.py says, against formulas in numpy."""

import numpy as np
import pytest

from qiki.models import models_for, models_of
from qiki.radar import Radar, Scenario
from tests.hardware.compiled_module import build
from tests.source_tree import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    copied = tmp_path_factory.mktemp("examples")
    build(ROOT / "examples" / "models", copied)
    return copied


@pytest.fixture(scope="module")
def models(folder):
    found = models_of(str(folder / "all_models.py"))
    return {model.name: model for model in found}


azimuth_deg = np.linspace(0.0, 359.0, 719)
sinc = np.sinc  # sin(pi x) / (pi x)


def test_the_cylinder_is_that_of_physical_optics(models):
    off_side = np.pi / 2 - np.radians(azimuth_deg)
    lobe = sinc(2.0 * 4.0 / 0.1 * np.sin(off_side))
    expected = 2 * np.pi / 0.1 * 0.5 * 4.0**2 * np.abs(np.cos(off_side)) * lobe**2 + 0.05
    found = models["cylinder"](azimuth_deg, 0.0, 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    assert found.max() == pytest.approx(502.7, abs=0.1)


def test_the_plate_tumbles(models):
    for time_s in (0.0, 1.3):
        psi = np.radians(azimuth_deg - 45.0 * time_s)
        lobe = sinc(2.0 * 0.3 / 0.1 * np.sin(psi))
        expected = 4 * np.pi * (0.09 / 0.1 * np.cos(psi) * lobe) ** 2 + 0.01
        found = models["tumbling_plate"](azimuth_deg, 0.0, time_s)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_the_filter_stops_what_does_not_move(models):
    chance = models["moving_target_filter"]
    assert chance(12.0, 5000.0, 5.0) == pytest.approx(0.25)
    assert chance(40.0, 5000.0, 0.0) == 0.0
    assert chance(200.0, 5000.0, -1000.0) == pytest.approx(1.0, abs=1e-4)


def test_the_scene_runs_with_them(folder, models):
    scene = Scenario.load(folder / "scene.yaml")
    found = models_for(scene, str(folder / "all_models.py"))
    assert sorted(model.name for model in found) == sorted(models)
    radar = Radar(scene, models=found)
    frames = [radar.frame(number) for number in range(50)]
    assert sum(len(frame) for frame in frames) > 100
    chances = radar.truth(0).detection_probability
    assert chances.max() > 0.5
    assert chances.min() < 0.25
