"""The machines as tables: every pair of state and event, and tables that are none."""

from enum import StrEnum

import pytest

from qiki.agent.machines import SHIP, SYSTEM, ShipEvent, ShipState, SystemEvent, SystemState
from qiki.agent.state_table import StateTable

# The original's transitions, section 6.2 of its description, and what ours has besides: a fault of
# a device counts at any time, and an agent can be told to end.
SYSTEM_MOVES = {
    ("BOOTING", "BOOT_COMPLETE"): "IDLE",
    ("BOOTING", "BIOS_ERROR"): "ERROR_STATE",
    ("IDLE", "PROPOSALS_RECEIVED"): "ACTIVE",
    ("ACTIVE", "NO_PROPOSALS"): "IDLE",
    ("ERROR_STATE", "ERROR_CLEARED"): "IDLE",
    ("BOOTING", "GUARD_CRITICAL"): "ERROR_STATE",
    ("IDLE", "GUARD_CRITICAL"): "ERROR_STATE",
    ("ACTIVE", "GUARD_CRITICAL"): "ERROR_STATE",
    ("IDLE", "GUARD_WARNING"): "ACTIVE",
} | {
    ("IDLE", "BIOS_ERROR"): "ERROR_STATE",
    ("ACTIVE", "BIOS_ERROR"): "ERROR_STATE",
    ("BOOTING", "SHUTDOWN_REQUESTED"): "SHUTDOWN",
    ("IDLE", "SHUTDOWN_REQUESTED"): "SHUTDOWN",
    ("ACTIVE", "SHUTDOWN_REQUESTED"): "SHUTDOWN",
    ("ERROR_STATE", "SHUTDOWN_REQUESTED"): "SHUTDOWN",
}

FLYING = {
    "SHIP_IDLE": "REST",
    "FLIGHT_CRUISE": "CRUISE",
    "FLIGHT_MANEUVERING": "MANOEUVRE",
    "DOCKING_APPROACH": "APPROACH",
    "DOCKING_ENGAGED": "CAPTURED",
}
"""States of a ship that works, and the event that leads to each from any other of them."""


def ship_moves():
    """Section 6.5: safe mode and a stop from everywhere, each left by its own event alone."""
    moves = {
        (state, event): target
        for state in FLYING
        for target, event in FLYING.items()
        if state != target
    }
    moves |= {(state, "FAULT"): "SYSTEMS_ERROR" for state in (*FLYING, "SHIP_STARTUP")}
    moves |= {("SHIP_STARTUP", "READY"): "SHIP_IDLE", ("SYSTEMS_ERROR", "READY"): "SHIP_IDLE"}
    awake = (*FLYING, "SHIP_STARTUP", "SYSTEMS_ERROR")
    moves |= {(state, "SAFE_MODE_REQUEST"): "SAFE_MODE" for state in awake}
    moves |= {(state, "STOP"): "EMERGENCY_STOP" for state in (*awake, "SAFE_MODE")}
    moves["SAFE_MODE", "SAFE_MODE_EXIT"] = "SHIP_IDLE"
    moves["EMERGENCY_STOP", "STOP_CLEARED"] = "SHIP_IDLE"
    return moves


SHIP_MOVES = ship_moves()
PAIRS = [
    pytest.param(table, state, event, moves, id=f"{name}-{state}-{event}")
    for name, table, moves in (("system", SYSTEM, SYSTEM_MOVES), ("ship", SHIP, SHIP_MOVES))
    for state in table.states
    for event in table.events
]


@pytest.mark.parametrize(("table", "state", "event", "moves"), PAIRS)
def test_every_pair_goes_where_the_original_goes(table, state, event, moves):
    following = table.next(state, event)
    assert following == moves.get((str(state), str(event)), str(state))
    assert type(following) is type(state)


@pytest.mark.parametrize("table", [SYSTEM, SHIP], ids=["system", "ship"])
def test_no_state_is_unreachable(table):
    assert table.reachable() == set(table.states)


def test_the_pairs_are_all_there_are():
    assert len(SYSTEM.pairs) == len(SystemState) * len(SystemEvent) == 40
    assert len(SHIP.pairs) == len(ShipState) * len(ShipEvent) == 99
    assert len(list(SYSTEM.transitions())) == len(SYSTEM_MOVES)
    assert len(list(SHIP.transitions())) == len(SHIP_MOVES)
    assert (SYSTEM.start, SHIP.start) == (SystemState.BOOTING, ShipState.SHIP_STARTUP)


@pytest.mark.parametrize(("table", "moves"), [(SYSTEM, SYSTEM_MOVES), (SHIP, SHIP_MOVES)])
def test_the_diagram_has_each_transition_once(table, moves):
    head, start, *arrows = table.diagram().splitlines()
    assert head == "stateDiagram-v2"
    assert start == f"    [*] --> {table.start}"
    shown = []
    for arrow in arrows:
        way, _, events = arrow.strip().partition(": ")
        from_state, _, to_state = way.partition(" --> ")
        shown += [((from_state, event), to_state) for event in events.split(", ")]
    assert sorted(shown) == sorted(moves.items())
    assert len({arrow.partition(":")[0] for arrow in arrows}) == len(arrows)


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"


class Press(StrEnum):
    SHORT = "short"
    LONG = "long"


def lamp(text):
    return StateTable(Lamp, Press, Lamp.OFF, text)


def test_a_table_is_read_in_any_order():
    table = lamp("LONG SHORT\nON OFF .\nOFF . ON")
    assert table.next(Lamp.OFF, Press.SHORT) is Lamp.ON
    assert table.next(Lamp.ON, Press.SHORT) is Lamp.ON
    assert table.next(Lamp.ON, Press.LONG) is Lamp.OFF
    assert table.reachable() == {Lamp.OFF, Lamp.ON}


def test_an_unreachable_state_is_found():
    assert lamp("LONG SHORT\nON OFF .\nOFF . .").reachable() == {Lamp.OFF}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table has the events : SHORT, LONG it is"),
        ("SHORT\nOFF ON\nON OFF", "has the events SHORT: SHORT, LONG it is"),
        ("SHORT LONG LONG\nOFF ON . .\nON . . .", "events SHORT, LONG, LONG"),
        ("SHORT WIDE\nOFF ON .\nON OFF .", "events SHORT, WIDE"),
        ("SHORT LONG\nOFF ON .", "has the states OFF: OFF, ON it is"),
        ("SHORT LONG\nOFF ON .\nON . .\nON . .", "states OFF, ON, ON"),
        ("SHORT LONG\nOFF ON .\nDIM . .", "states OFF, DIM"),
        ("SHORT LONG\nOFF ON\nON . .", "line OFF has 1 cells, must have 2"),
        ("SHORT LONG\nOFF ON . .\nON . .", "line OFF has 3 cells, must have 2"),
        ("SHORT LONG\nOFF DIM .\nON . .", "line OFF has DIM, must be a state or a dot"),
    ],
)
def test_a_malformed_table_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        lamp(text)
