"""Heat: the network against scipy's exponential and its integrator, trips, and what they shed."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from qiki.errors import VehicleError
from qiki.vehicle import Vehicle, VehicleConfig
from qiki.yaml_document import YamlDocument

BOT = VehicleConfig.load("default")
DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
SECOND_NS = 1_000_000_000
STEP_NS = 1_000_000


def bot_with(thermal, **power):
    document = json.loads(json.dumps(DOCUMENT))
    document["power"].update(power)
    document["thermal"] = thermal
    return VehicleConfig(json.dumps(document))


def changed(**nodes):
    """Give the default bot with other values in some of its nodes."""
    thermal = json.loads(json.dumps(DOCUMENT["thermal"]))
    for node in thermal["nodes"]:
        node.update(nodes.get(node["name"], {}))
    return bot_with(thermal)


def matrices(thermal):
    """Give capacities [J/K] and conductances [W/K] of the network: C x' = -G x + Q."""
    names = [node["name"] for node in thermal["nodes"]]
    conductances = np.diag([float(node["ambient_w_per_k"]) for node in thermal["nodes"]])
    for coupling in thermal["couplings"]:
        one, other = (names.index(name) for name in coupling["between"])
        conductance = coupling["conductance_w_per_k"]
        conductances[[one, other], [one, other]] += conductance
        conductances[[one, other], [other, one]] -= conductance
    return np.array([float(node["capacity_j_per_k"]) for node in thermal["nodes"]]), conductances


def expected_c(thermal, heat_w, time_s):
    """Give temperatures after a time of constant heat, by the augmented matrix's exponential."""
    capacities, conductances = matrices(thermal)
    count = len(capacities)
    matrix = np.zeros((count + 1, count + 1))
    matrix[:count, :count] = -conductances / capacities[:, None]
    matrix[:count, count] = heat_w / capacities
    initial_c = np.array([node["initial_c"] for node in thermal["nodes"]], float)
    start = np.append(initial_c - thermal["ambient_c"], 1.0)
    return (expm(matrix * time_s) @ start)[:count] + thermal["ambient_c"]


def test_a_vehicle_without_the_section_has_no_temperatures():
    document = json.loads(json.dumps(DOCUMENT))
    del document["thermal"]
    vehicle = Vehicle(VehicleConfig(json.dumps(document)))
    assert vehicle.thermal is None
    vehicle.advance(SECOND_NS)
    assert vehicle.power.loads["radar"].is_powered


def test_without_power_nothing_heats():
    document = json.loads(json.dumps(DOCUMENT))
    del document["power"]
    vehicle = Vehicle(VehicleConfig(json.dumps(document)))
    vehicle.advance(10 * SECOND_NS)
    assert not vehicle.thermal.heat_w.any()
    found = vehicle.thermal.temperature_c
    np.testing.assert_allclose(
        found, expected_c(DOCUMENT["thermal"], np.zeros(6), 10), rtol=0, atol=1e-9
    )


def test_the_default_bot_warms_as_the_exponential_says():
    vehicle = Vehicle(BOT)
    vehicle.advance(STEP_NS)
    thermal = vehicle.thermal
    assert thermal.names == ("core", "pdu", "supercapacitor", "battery", "dock_bridge", "hull")
    lost_w = 109 / 0.98 - 109
    heat_w = np.array([55, 24, 0, lost_w, 0, 36 + 0.8 * 18 + 3])
    np.testing.assert_allclose(thermal.heat_w, heat_w, rtol=1e-12)
    vehicle.advance(600 * SECOND_NS - STEP_NS)
    found = vehicle.thermal.temperature_c
    np.testing.assert_allclose(
        found, expected_c(DOCUMENT["thermal"], heat_w, 600), rtol=0, atol=1e-8
    )
    assert not vehicle.thermal.warned.any()


def test_heat_that_changes_is_followed_as_the_integrator_does():
    vehicle = Vehicle(BOT)
    times_s, heats_w, temperatures_c = [], [], []
    for second in range(60):
        vehicle.set_load("drive", demand_w=40.0 * (second % 3 == 0))
        vehicle.advance(SECOND_NS)
        times_s.append(second + 1.0)
        heats_w.append(vehicle.thermal.heat_w)
        temperatures_c.append(vehicle.thermal.temperature_c)
    capacities, conductances = matrices(DOCUMENT["thermal"])
    state = np.full(6, 80.0)
    for heat_w, found_c in zip(heats_w, temperatures_c, strict=True):
        answer = solve_ivp(
            lambda _, x, heat_w=heat_w: (heat_w - conductances @ x) / capacities,
            (0.0, 1.0),
            state,
            rtol=1e-11,
            atol=1e-11,
        )
        state = answer.y[:, -1]
        np.testing.assert_allclose(found_c, state - 60.0, rtol=0, atol=1e-7)


# None, or one that counts: beside 2e-16 W/K scipy's exponential of a triangular matrix is wrong.
conductances_w_per_k = st.just(0.0) | st.floats(1e-3, 50.0)
networks = st.integers(1, 6).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.tuples(
                st.floats(1.0, 5000.0),
                conductances_w_per_k,
                st.floats(-100.0, 60.0),
                st.floats(0.0, 1.0 / count),
            ),
            min_size=count,
            max_size=count,
        ),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), conductances_w_per_k),
            max_size=8,
        ),
    )
)


@settings(max_examples=60, deadline=None)
@given(networks)
def test_any_network_is_the_exponential_and_conserves_its_energy(drawn):
    nodes, couplings = drawn
    thermal = {
        "ambient_c": -60,
        "nodes": [
            {
                "name": f"n{number}",
                "capacity_j_per_k": capacity,
                "ambient_w_per_k": conductance,
                "initial_c": initial_c,
                "trip_c": 2000,
                "warn_c": 2000,
                "hysteresis_k": 5,
                "heated_by": [{"source": "base", "fraction": fraction}],
            }
            for number, (capacity, conductance, initial_c, fraction) in enumerate(nodes)
        ],
        "couplings": [
            {"between": [f"n{one}", f"n{other}"], "conductance_w_per_k": conductance}
            for one, other, conductance in couplings
            if one != other
        ],
    }
    vehicle = Vehicle(bot_with(thermal))
    vehicle.advance(2 * SECOND_NS)
    heat_w = np.array([60.0 * fraction for *_, fraction in nodes])
    found_c = vehicle.thermal.temperature_c
    np.testing.assert_allclose(found_c, expected_c(thermal, heat_w, 2.0), rtol=0, atol=1e-9)
    if not any(conductance for _, conductance, *_ in nodes):
        capacities, _ = matrices(thermal)
        stored_j = capacities @ (found_c - [initial_c for _, _, initial_c, _ in nodes])
        assert stored_j == pytest.approx(2.0 * heat_w.sum(), abs=1e-6)


def test_a_trip_sheds_its_loads_until_it_has_cooled():
    vehicle = Vehicle(changed(pdu={"initial_c": 96, "ambient_w_per_k": 20}))
    assert vehicle.thermal.tripped.tolist() == [False, True, False, False, False, False]
    states = []
    for _ in range(200):
        vehicle.advance(100 * STEP_NS)
        loads, thermal = vehicle.power.loads, vehicle.thermal
        states.append((thermal.temperature_c[1], thermal.tripped[1], loads["radar"].shed))
        assert loads["transponder"].shed == loads["radar"].shed
        assert loads["nbl"].is_powered
    temperatures_c, tripped, shed = map(np.array, zip(*states, strict=True))
    assert (tripped == (temperatures_c > 90.0)).all()
    assert tripped.any()
    assert not tripped.all()
    # The power heeds in a step what tripped in the one before.
    assert ((shed == "heat") == tripped).sum() >= len(states) - 1
    # It trips again at its limit, not where it cooled down to.
    assert "heat" not in shed[temperatures_c < 90.0][1:]


def test_a_node_below_the_surroundings_warms_up_and_is_not_lifted():
    vehicle = Vehicle(changed(dock_bridge={"initial_c": -150}))
    vehicle.advance(STEP_NS)
    assert -150 < vehicle.thermal.temperature_c[4] < -149.99


def test_a_run_is_the_same_at_any_rate_and_from_a_snapshot():
    bot = changed(core={"initial_c": 89.9, "trip_c": 90, "ambient_w_per_k": 0})
    whole, pieces = Vehicle(bot), Vehicle(bot)
    whole.advance(7 * SECOND_NS)
    for _ in range(7 * 60):
        pieces.advance(16_666_666)
        pieces = Vehicle.restore(bot, pieces.snapshot())
    pieces.advance(7 * SECOND_NS - 7 * 60 * 16_666_666)
    assert pieces.snapshot() == whole.snapshot()
    np.testing.assert_array_equal(pieces.thermal.temperature_c, whole.thermal.temperature_c)
