"""Radiation: the inverse square of the distance, a background, nothing where none is known."""

import json

import numpy as np
import pytest

from qiki.errors import VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values


def bot_with(radiation):
    document = json.loads(json.dumps(DOCUMENT))
    document["radiation"] = radiation
    return VehicleConfig(json.dumps(document))


def source(name, position_m, at_one_metre_usv_h, radius_m=1.0):
    return {
        "name": name,
        "position_m": position_m,
        "at_one_metre_usv_h": at_one_metre_usv_h,
        "radius_m": radius_m,
    }


def test_without_the_section_the_dose_rate_is_absent():
    assert Vehicle(bot_with(None)).radiation_usv_h is None


def test_a_background_alone_is_everywhere():
    bot = bot_with({"background_usv_h": 0.1})
    assert Vehicle(bot, position_m=[3e7, -1.0, 8.0]).radiation_usv_h == 0.1


def test_sources_add_by_the_inverse_square_down_to_their_surface():
    places = np.array([[0.0, 2000.0, 0.0], [-30.0, 4.0, 100.0]])
    sources = [source("one", [*places[0]], 4e6), source("other", [*places[1]], 50.0, 20.0)]
    bot = bot_with({"background_usv_h": 0.25, "sources": sources})
    for position_m in np.random.default_rng(7).normal(0.0, 1500.0, (50, 3)):
        squares_m2 = ((position_m - places) ** 2).sum(axis=1)
        expected = 0.25 + (np.array([4e6, 50.0]) / np.maximum(squares_m2, [1.0, 400.0])).sum()
        found = Vehicle(bot, position_m=list(position_m)).radiation_usv_h
        assert found == pytest.approx(expected, rel=1e-12)
    inside = Vehicle(bot, position_m=[-30.0, 4.0, 103.0]).radiation_usv_h
    on_surface = Vehicle(bot, position_m=[-30.0, 4.0, 120.0]).radiation_usv_h
    far = 4e6 * np.array([1 / (900 + 1996**2 + 103**2), 1 / (900 + 1996**2 + 120**2)])
    assert inside - far[0] == pytest.approx(0.25 + 50 / 400, rel=1e-12)
    assert on_surface - far[1] == pytest.approx(0.25 + 50 / 400, rel=1e-12)


def test_it_is_that_of_where_the_vehicle_has_come_to():
    bot = bot_with({"background_usv_h": 0.0, "sources": [source("one", [0, 0, 0], 100.0)]})
    vehicle = Vehicle(bot, position_m=[0, 20, 0], velocity_m_s=[0, -2, 0])
    vehicle.advance(5_000_000_000)
    assert vehicle.radiation_usv_h == pytest.approx(1.0, rel=1e-12)


def test_a_source_that_cannot_be_is_refused():
    with pytest.raises(VehicleError, match=r"sources\[0\]\.radius_m: is 0, must be 0.001 to"):
        bot_with({"background_usv_h": 0, "sources": [source("one", [0, 0, 0], 1.0, 0.0)]})
