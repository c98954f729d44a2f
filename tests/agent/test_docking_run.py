"""The reference agent flies from the default scenario's start into the station's latches."""

import json

import numpy as np
import pytest

from qiki.errors import ScenarioError, VehicleError
from qiki.radar import Scenario
from qiki.settings import VehicleSettings
from qiki.vehicle import VehicleConfig
from qiki.yaml_document import YamlDocument
from tests.agent.docking_run import run


@pytest.mark.parametrize("seed", [0, 31])
def test_it_docks_without_coming_near_to_anybody_else(seed):
    flown = run(Scenario.load("default"), seed)
    assert flown.is_latched
    assert flown.time_s < 600.0
    assert min(flown.nearest_m, flown.station_m) > 20.0
    assert flown.propellant_kg > 0.0
    assert flown.late_alerts == 0


STATION_M = np.array([1200.0, 2600.0, 80.0])


def after_an_evasion(aside_m_s):
    """Return the default scenario with the vehicle 450 m from the station, flying past it."""
    document = YamlDocument(Scenario.built_in_text("default"), ScenarioError).values
    towards = STATION_M / np.linalg.norm(STATION_M)
    aside = np.array([towards[1], -towards[0], 0.0]) / np.hypot(*towards[:2])
    motion = document["own_ship"]["motion"]["constant_velocity"]
    motion["position_m"] = (STATION_M - 450.0 * towards).tolist()
    motion["velocity_m_s"] = (aside_m_s * aside).tolist()
    return Scenario.from_yaml(json.dumps(document))


@pytest.mark.parametrize(("aside_m_s", "propellant_kg"), [(3.0, 5.0), (1.5, 4.0)])
def test_it_docks_with_what_an_evasion_has_left(aside_m_s, propellant_kg, tmp_path):
    vehicle = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
    vehicle["propellant"]["mass_kg"] = propellant_kg
    file = tmp_path / "light.yaml"
    file.write_text(json.dumps(vehicle))
    settings = VehicleSettings(config=str(file))
    flown = run(after_an_evasion(aside_m_s), 0, most_s=1200.0, settings=settings)
    assert flown.is_latched
    assert flown.retreats == 0
    assert flown.propellant_kg > 0.0
