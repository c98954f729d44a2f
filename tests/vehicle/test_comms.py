"""Communications: when the transponder replies, what it takes, and how well a station hears."""

import itertools
import json

import numpy as np
import pytest
from scipy import constants

from qiki.errors import SettingError, VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

BOT = VehicleConfig.load("default")
DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
SECOND_NS = 1_000_000_000
STEP_NS = 1_000_000
TRUE_ID = DOCUMENT["comms"]["transponder"]["id"]
FALSE_ID = DOCUMENT["comms"]["transponder"]["spoof_id"]


def changed(**parts):
    document = json.loads(json.dumps(DOCUMENT))
    for name, values in parts.items():
        document["comms"][name] = values and {**document["comms"][name], **values}
    return VehicleConfig(json.dumps(document))


def without(section):
    document = json.loads(json.dumps(DOCUMENT))
    del document[section]
    return VehicleConfig(json.dumps(document))


@pytest.mark.parametrize("has_power", [True, False])
def test_the_rule_of_when_it_replies_holds_for_each_case(has_power):
    """On, power and mode: all that there is, and no identity without a reply."""
    modes = ("off", "on", "silent", "spoof")
    for is_on, is_load_on, mode in itertools.product((True, False), (True, False), modes):
        vehicle = Vehicle(BOT if has_power else without("power"))
        comms = vehicle.comms
        comms.set_transponder_mode(mode)
        comms.switch(is_on)
        if has_power:
            vehicle.set_load("transponder", is_on=is_load_on)
        vehicle.advance(2 * STEP_NS)
        replies = is_on and (is_load_on or not has_power) and mode in ("on", "spoof")
        assert comms.is_transponder_active == replies
        assert comms.transponder_id == (
            {"on": TRUE_ID, "spoof": FALSE_ID}[mode] if replies else None
        )
        assert comms.transponder_mode == (mode if is_on else "off")
        if has_power:
            assert vehicle.power.loads["transponder"].power_w == (6.0 if replies else 0.0)


def test_a_reply_ends_at_once_and_begins_with_the_next_step():
    vehicle = Vehicle(BOT)
    comms = vehicle.comms
    assert comms.transponder_id is None
    vehicle.advance(STEP_NS)
    assert comms.transponder_id == TRUE_ID
    comms.set_transponder_mode("silent")
    assert comms.transponder_id is None
    vehicle.advance(STEP_NS)
    assert vehicle.power.loads["transponder"].demand_w == 0.0
    comms.set_transponder_mode("spoof")
    assert comms.transponder_id is None
    vehicle.advance(STEP_NS)
    assert comms.transponder_id == FALSE_ID
    comms.set_transponder_mode("on")
    assert comms.transponder_id == TRUE_ID
    comms.switch(False)
    assert comms.transponder_id is None
    vehicle.advance(STEP_NS)
    comms.switch(True)
    vehicle.advance(STEP_NS)
    assert comms.transponder_id == TRUE_ID
    told = [(event.time_ns // STEP_NS, event.kind) for event in vehicle.take_events()]
    began, ended = "transponder_activated", "transponder_deactivated"
    assert told == [(1, began), (2, ended), (3, began), (4, ended), (5, began)]


def test_a_transponder_that_is_shed_is_silent():
    document = json.loads(json.dumps(DOCUMENT))
    document["power"]["battery"]["initial_charge"] = 0.19
    vehicle = Vehicle(VehicleConfig(json.dumps(document)))
    vehicle.advance(SECOND_NS)
    assert vehicle.power.loads["transponder"].shed == "low_charge"
    assert (vehicle.comms.is_transponder_active, vehicle.comms.transponder_id) == (False, None)
    assert vehicle.comms.transponder_mode == "on"


def friis(distance_m, link):
    """Give received power and noise [W] by the formulas in watts."""
    wavelength_m = constants.c / link["frequency_hz"]
    gains = 10 ** ((link["antenna_dbi"] + link["station_antenna_dbi"]) / 10)
    received_w = link["transmit_w"] * gains * (wavelength_m / (4 * np.pi * distance_m)) ** 2
    return received_w, constants.k * link["noise_temperature_k"] * link["bandwidth_hz"]


def test_a_link_is_that_of_friis_at_any_distance():
    link = DOCUMENT["comms"]["link"]
    vehicle = Vehicle(BOT, position_m=[100.0, -50.0, 20.0])
    comms = vehicle.comms
    assert comms.link is None
    ups = []
    for distance_m in np.geomspace(1.0, 5e7, 25):
        comms.set_station([100.0, -50.0 + 0.6 * distance_m, 20.0 - 0.8 * distance_m])
        found = comms.link
        assert found.distance_m == pytest.approx(distance_m, rel=1e-12)
        received_w, noise_w = friis(distance_m, link)
        assert found.received_dbm == pytest.approx(10 * np.log10(received_w / 1e-3), abs=1e-9)
        assert found.snr_db == pytest.approx(10 * np.log10(received_w / noise_w), abs=1e-9)
        loss_db = 20 * np.log10(4 * np.pi * distance_m * link["frequency_hz"] / constants.c)
        assert found.path_loss_db == pytest.approx(loss_db, abs=1e-9)
        assert found.is_up == (found.snr_db >= link["required_snr_db"])
        ups.append(found.is_up)
    assert ups[0]
    assert not ups[-1]
    assert ups == sorted(ups, reverse=True)
    # Nearer than a wavelength the formula does not hold.
    comms.set_station([100.0, -50.0, 20.01])
    assert comms.link is None


def test_a_station_goes_on_with_its_velocity_until_it_is_forgotten():
    vehicle = Vehicle(BOT, velocity_m_s=[0.0, 1.0, 0.0])
    comms = vehicle.comms
    vehicle.advance(SECOND_NS)
    comms.set_station([0.0, 101.0, 0.0], [0.0, 11.0, 0.0])
    vehicle.advance(5 * SECOND_NS)
    assert comms.link.distance_m == pytest.approx(150.0, rel=1e-12)
    comms.switch(False)
    assert comms.link is None
    comms.switch(True)
    assert comms.link is not None
    comms.forget_station()
    assert comms.link is None


def test_what_a_vehicle_has_not_is_absent():
    assert Vehicle(without("comms")).comms is None
    comms = Vehicle(changed(transponder=None, link=None)).comms
    assert (comms.transponder_mode, comms.is_transponder_active) == (None, False)
    comms.set_station([0, 1000, 0])
    assert comms.link is None
    with pytest.raises(SettingError, match=r"comms\.transponder is absent"):
        comms.set_transponder_mode("on")


def test_what_is_refused_says_why_and_changes_nothing():
    vehicle = Vehicle(BOT)
    comms = vehicle.comms
    vehicle.advance(STEP_NS)
    comms.switch(False)
    before = vehicle.snapshot()
    for refused, message in [
        (lambda: comms.set_transponder_mode("ON"), 'mode is "ON", must be off, on, silent, spoof'),
        (lambda: comms.set_transponder_mode("on"), "comms is off, must be on: switch"),
        (lambda: comms.set_station([0, float("nan"), 0]), r"position_m\[1\] is NaN, must be"),
        (lambda: comms.set_station([0, 0, 0], [1e6, 0, 0]), r"velocity_m_s\[0\] is 1000000, must"),
        (lambda: vehicle.set_load("transponder", demand_w=1.0), "set the transponder's mode"),
    ]:
        with pytest.raises(SettingError, match=message):
            refused()
        assert vehicle.snapshot() == before


def test_a_restored_vehicle_is_heard_as_before():
    vehicle = Vehicle(BOT)
    vehicle.comms.set_station([0, 5000, 0], [1, 2, 3])
    vehicle.comms.set_transponder_mode("spoof")
    vehicle.advance(SECOND_NS)
    other = Vehicle.restore(BOT, vehicle.snapshot())
    assert other.comms.transponder_id == FALSE_ID
    for one in (vehicle, other):
        one.advance(SECOND_NS)
    assert other.comms.link.snr_db == vehicle.comms.link.snr_db
    assert other.snapshot() == vehicle.snapshot()


def test_a_load_that_is_not_there_is_refused():
    with pytest.raises(VehicleError, match=r'transponder\.load: is "radio", must be one of nbl'):
        changed(transponder={"load": "radio"})


def test_the_same_vehicle_has_another_identity_and_nothing_else_new():
    named = BOT.with_transponder_id("BOT-7")
    vehicle, other = Vehicle(BOT), Vehicle(named)
    for it in (vehicle, other):
        it.comms.set_transponder_mode("on")
        it.advance(SECOND_NS)
    assert other.comms.transponder_id == "BOT-7"
    assert vehicle.comms.transponder_id != "BOT-7"
    assert other.snapshot() == vehicle.snapshot()
    other.comms.set_transponder_mode("spoof")
    other.advance(SECOND_NS)
    assert other.comms.transponder_id == FALSE_ID
    for identity in ("", "x" * 33):
        with pytest.raises(SettingError, match="must be 1 to 32 bytes"):
            BOT.with_transponder_id(identity)
