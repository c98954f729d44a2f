"""Electrical power: closed forms, the balance of the bus, shedding, and what thrusters need."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import SettingError, SnapshotError, VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
# Without ports the dock bridge needs none.
del DOCUMENT["docking"]
SECOND_NS = 1_000_000_000
STEP_NS = 1_000_000
KEPT_W = 95.0


def changed(**sections):
    """Give the default bot with other values in the sections of its power."""
    document = json.loads(json.dumps(DOCUMENT))
    for name, values in sections.items():
        if isinstance(values, dict):
            document["power"][name].update(values)
        else:
            document["power"][name] = values
    return VehicleConfig(json.dumps(document))


BOT = changed()


def stored_j(power):
    return power.battery_energy_j + power.supercapacitor_energy_j


def powered(vehicle):
    return {name for name, load in vehicle.power.loads.items() if load.is_powered}


def test_a_vehicle_without_the_section_has_no_power_and_needs_none():
    document = json.loads(json.dumps(DOCUMENT))
    del document["power"]
    vehicle = Vehicle(VehicleConfig(json.dumps(document)))
    assert vehicle.power is None
    vehicle.command([0.0, 700.0, 0.0])
    vehicle.advance(SECOND_NS)
    assert vehicle.velocity_m_s[1] > 1.0
    with pytest.raises(SettingError, match="power is absent"):
        vehicle.set_load("radar", is_on=False)
    with pytest.raises(SettingError, match="power is absent"):
        vehicle.set_dock_power(True)


def test_what_a_vehicle_has_not_is_absent():
    vehicle = Vehicle(changed(supercapacitor=None, dock=None))
    power = vehicle.power
    absent = ("supercapacitor_charge", "supercapacitor_energy_j", "supercapacitor_w")
    assert all(getattr(power, name) is None for name in (*absent, "dock_w", "is_dock_on"))
    with pytest.raises(SettingError, match=r"power\.dock is absent"):
        vehicle.set_dock_power(True)


def test_the_default_loads_empty_the_battery_as_the_closed_form_says():
    vehicle = Vehicle(BOT)
    vehicle.advance(600 * SECOND_NS)
    power = vehicle.power
    expected_j = 0.8 * 500 * 3600 - (139.0 - 30.0) / 0.98 * 600
    assert power.battery_energy_j == pytest.approx(expected_j, rel=1e-12)
    assert power.charge == pytest.approx(expected_j / 1.8e6, rel=1e-12)
    # The voltage is that of the step's beginning.
    assert power.bus_v == pytest.approx(22 + 6 * power.charge, rel=1e-6)
    assert power.bus_a == pytest.approx(139.0 / power.bus_v, rel=1e-12)
    assert (power.load_w, power.input_w, power.dock_w) == (139.0, 30.0, 0.0)
    assert power.faults == ()


def test_dock_power_rises_evenly_and_charges_within_the_limits():
    vehicle = Vehicle(changed(supercapacitor={"initial_charge": 0.98}))
    vehicle.set_dock_power(True)
    given_w = []
    for _ in range(3000):
        vehicle.advance(STEP_NS)
        given_w.append(vehicle.power.dock_w)
    full_w = 250 * 0.95
    # 237.5 W by the dock and 30 W; 139 W go into loads, 120 W at most into the supercapacitor.
    ramp_w = full_w * np.minimum((np.arange(3000) + 0.5) / 2000, 1.0)
    np.testing.assert_allclose(given_w, np.minimum(ramp_w, full_w), rtol=1e-12)
    assert vehicle.power.supercapacitor_w == pytest.approx(120.0)
    vehicle.advance(5 * SECOND_NS)
    power = vehicle.power
    assert (power.supercapacitor_charge, power.supercapacitor_w) == (1.0, 0.0)
    assert power.battery_w == 120.0
    # What the station offers and nobody may take is not taken.
    assert power.dock_w == pytest.approx(139 + 120 - 30)
    assert power.faults == ("BATTERY_CHARGE_LIMIT",)
    vehicle.set_dock_power(False)
    vehicle.advance(STEP_NS)
    assert vehicle.power.dock_w == 0.0
    assert vehicle.power.battery_w < 0.0


def test_what_is_without_power_is_off():
    vehicle = Vehicle(
        changed(battery={"initial_charge": 1e-5}, supercapacitor={"initial_charge": 0})
    )
    vehicle.advance(SECOND_NS)
    assert powered(vehicle) == set()
    assert "POWER_SHORTAGE" in vehicle.power.faults
    vehicle.command([0.0, 700.0, 0.0])
    vehicle.advance(SECOND_NS)
    assert not vehicle.velocity_m_s.any()
    assert vehicle.propellant_kg == 12.0
    vehicle.set_dock_power(True)
    vehicle.advance(5 * SECOND_NS)
    # The charge is still low: the radar and the transponder stay off, thrusters have power.
    assert powered(vehicle) == {"nbl", "computer", "base"}
    assert vehicle.power.loads["radar"].shed == "low_charge"
    assert vehicle.velocity_m_s[1] > 0.1


def test_a_load_is_switched_and_told_what_it_may_want():
    vehicle = Vehicle(BOT)
    vehicle.set_load("radar", is_on=False)
    vehicle.set_load("nbl", demand_w=5.0)
    vehicle.set_load("drive", demand_w=40.0)
    vehicle.advance(STEP_NS)
    loads = vehicle.power.loads
    assert list(loads) == ["nbl", "radar", "transponder", "drive", "computer", "base"]
    assert [load.power_w for load in loads.values()] == [5.0, 0.0, 6.0, 40.0, 35.0, 60.0]
    assert not loads["radar"].is_on
    assert not loads["radar"].is_powered
    assert loads["radar"].shed is None
    before = vehicle.snapshot()
    with pytest.raises(SettingError, match=r'load is "radio", must be nbl, radar, trans'):
        vehicle.set_load("radio", is_on=True)
    for wrong in (-1.0, 20.5, float("nan")):
        with pytest.raises(SettingError, match=r"demand_w is .*, must be 0 to 20"):
            vehicle.set_load("nbl", is_on=False, demand_w=wrong)
    assert vehicle.snapshot() == before


def test_thrusters_take_power_only_while_they_fire():
    vehicle = Vehicle(BOT)
    vehicle.command([0.0, 300.0, 0.0], duration_ns=SECOND_NS)
    seen = set()
    for _ in range(1500):
        vehicle.advance(STEP_NS)
        power = vehicle.power
        assert power.thruster_w == 20.0 * vehicle.firing.sum()
        seen.add(power.thruster_w)
    assert len(seen) > 1
    # One that is stuck open takes nothing: its valve needs no holding.
    vehicle.set_condition(3, "stuck_open")
    vehicle.advance(STEP_NS)
    assert vehicle.firing[3]
    assert vehicle.power.thruster_w == 0.0


def test_thrusters_fire_all_together_or_not_at_all():
    """A part of them would turn the vehicle, so the window is refused as a whole."""
    bus_v = 22 + 6 * 0.8
    vehicle = Vehicle(changed(bus={"maximum_a": (KEPT_W + 70.0) / bus_v}))
    vehicle.command([0.0, 735.0, 0.0])
    for _ in range(1000):
        vehicle.advance(STEP_NS)
        assert not vehicle.firing.any()
    assert "THRUSTERS_UNPOWERED" in vehicle.power.faults
    assert not vehicle.angular_velocity_rad_s.any()
    vehicle.stop()
    vehicle.advance(SECOND_NS)
    assert "THRUSTERS_UNPOWERED" not in vehicle.power.faults


commands = st.lists(
    st.tuples(
        st.sampled_from(["nbl", "radar", "drive", "base", "dock", "thrust", "wait"]),
        st.floats(0.0, 1.0),
        st.integers(1, 900),
    ),
    min_size=1,
    max_size=15,
)
bots = st.builds(
    lambda charge, amperes, battery_w, start_s: changed(
        battery={"capacity_wh": 0.5, "initial_charge": charge, "maximum_discharge_w": battery_w},
        supercapacitor={"capacity_wh": 0.01, "initial_charge": charge},
        bus={"maximum_a": amperes},
        dock={"soft_start_s": start_s},
        shedding={"hold_s": 0.1},
    ),
    st.floats(0.0, 1.0),
    st.floats(1.0, 20.0),
    st.floats(0.0, 300.0),
    st.floats(0.0, 2.0),
)


def obey(vehicle, command, part):
    if command == "dock":
        vehicle.set_dock_power(part > 0.3)
    elif command == "thrust":
        vehicle.command([0.0, 900.0 * part, 0.0], duration_ns=SECOND_NS)
    elif command != "wait":
        most_w = {"nbl": 20.0, "radar": 18.0, "drive": 40.0, "base": 60.0}[command]
        vehicle.set_load(command, is_on=part > 0.1, demand_w=most_w * part)


@settings(max_examples=60, deadline=None)
@given(bots, commands)
def test_the_bus_is_balanced_and_within_its_limit_whatever_is_told(bot, told):
    vehicle = Vehicle(bot)
    before_j = stored_j(vehicle.power)
    for command, part, steps in told:
        obey(vehicle, command, part)
        for _ in range(0, steps, 50):
            vehicle.advance(50 * STEP_NS)
            power = vehicle.power
            assert power.bus_w <= power.limit_w * (1 + 1e-12)
            assert 0.0 <= power.charge <= 1.0
            assert 0.0 <= power.supercapacitor_charge <= 1.0
            left_w = power.load_w + power.battery_w + power.supercapacitor_w
            assert power.input_w + power.dock_w == pytest.approx(left_w, abs=1e-9)
            loads_w = sum(load.power_w for load in power.loads.values())
            assert power.load_w == pytest.approx(loads_w + power.thruster_w, abs=1e-9)
            kept_first = power.loads["base"]
            if kept_first.shed in ("overcurrent", "undersupply"):
                others = (load for name, load in power.loads.items() if name != "base")
                assert all(load.power_w == 0.0 for load in others)
    power = vehicle.power
    balance_j = power.taken_j - power.used_j - power.lost_j - (stored_j(power) - before_j)
    assert abs(balance_j) <= 1e-9 * max(power.used_j, 1.0)


@settings(max_examples=25, deadline=None)
@given(bots, commands, st.integers(1, 40))
def test_a_run_is_the_same_at_any_rate_and_from_any_snapshot(bot, told, piece):
    one, other = Vehicle(bot), Vehicle(bot)
    for command, part, steps in told:
        obey(one, command, part)
        obey(other, command, part)
        one.advance(steps * STEP_NS)
        for start in range(0, steps, piece):
            other.advance(min(piece, steps - start) * STEP_NS)
        other = Vehicle.restore(bot, other.snapshot())
        assert other.snapshot() == one.snapshot()


def test_energy_is_conserved_over_ten_minutes():
    vehicle = Vehicle(BOT)
    before_j = stored_j(vehicle.power)
    for minute in range(10):
        vehicle.set_dock_power(minute % 3 == 1)
        vehicle.set_load("drive", demand_w=4.0 * minute)
        vehicle.command([0.0, 40.0 * (minute % 2), 0.0], duration_ns=10 * SECOND_NS)
        vehicle.advance(60 * SECOND_NS)
    power = vehicle.power
    balance_j = power.taken_j - power.used_j - power.lost_j - (stored_j(power) - before_j)
    assert abs(balance_j) <= 1e-9 * power.used_j
    assert power.lost_j > 0.0


def test_a_snapshot_of_another_power_is_refused():
    snapshot = Vehicle(BOT).snapshot()
    with pytest.raises(SnapshotError, match="another configuration"):
        Vehicle.restore(changed(base_input_w=31), snapshot)
