"""Scenarios and vehicles of the tests: what comes with QIKI, with something changed."""

import json

from qiki.errors import ScenarioError, VehicleError
from qiki.radar import Scenario
from qiki.vehicle import VehicleConfig
from qiki.yaml_document import YamlDocument

REFUSALS = {Scenario: ScenarioError, VehicleConfig: VehicleError}


def document(kind, name="default"):
    """Return the document of a file that comes with QIKI."""
    return YamlDocument(kind.built_in_text(name), REFUSALS[kind]).values


def made(kind, document):
    """Return what a document says."""
    return kind(json.dumps(document))


def changed(kind, path, value, name="default"):
    """Return what comes with QIKI, with the value at a path changed."""
    whole = document(kind, name)
    part = whole
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return made(kind, whole)


def faulty():
    """Return the default scenario with a radar that is late, twice, out of order, off and stuck."""
    faults = [
        {"fault": {"late": {"probability": 0.2, "delay_s": 0.33}}},
        {"fault": {"duplicated": {"probability": 0.2}}},
        {"fault": {"reordered": {"probability": 0.2}}},
        {"from_s": 3.0, "until_s": 4.0, "fault": "off"},
        {"from_s": 6.0, "until_s": 7.5, "fault": "stuck"},
    ]
    return changed(Scenario, ["sensors", 0, "faults"], faults)


def with_second_radar():
    """Return the default scenario with a second radar, faster and on a consort."""
    whole = document(Scenario)
    motion = {"constant_velocity": {"position_m": [500, -800, 0], "velocity_m_s": [0, 3, 0]}}
    whole["platforms"] = [{"name": "consort", "motion": motion, "visible_as": {"rcs_dbsm": 20}}]
    whole["own_ship"]["visible_as"] = {"rcs_dbsm": 10, "transponder": {"mode": "on", "id": "OWN"}}
    second = whole["sensors"][0] | {"name": "second", "platform": "consort"}
    whole["sensors"].append(second | {"scan": {"staring": {"period_s": 0.03}}})
    return made(Scenario, whole)


def near_station(distance_m=3.0):
    """Return the default scenario with the own ship before the station's port, its bow to it."""
    whole = document(Scenario)
    place_m = whole["targets"][0]["motion"]["constant_velocity"]["position_m"]
    ahead_m = [place_m[0], place_m[1] - 1.0 - distance_m, place_m[2]]
    whole["own_ship"] = {"motion": {"constant_velocity": {"position_m": ahead_m}}}
    return made(Scenario, whole)


def outwards(place_m=99_999_999.0):
    """Return the default scenario with the own ship near the end of the world, moving out."""
    whole = document(Scenario)
    motion = {"position_m": [place_m, 0, 0], "velocity_m_s": [10, 0, 0]}
    whole["own_ship"] = {"motion": {"constant_velocity": motion}}
    return made(Scenario, whole)
