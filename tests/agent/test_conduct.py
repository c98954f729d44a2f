"""How the machines move: safe mode in at once and out after good ticks; what the vehicle does."""

import numpy as np
import pytest

from qiki.agent.alert import Alert
from qiki.agent.conduct import Conduct, ConductLimits
from qiki.agent.machines import ShipState, SystemState
from qiki.agent.sample_view import ALL_IS_WELL, sample_vehicle
from qiki.agent.trust import Trust, Verdict, freshness
from qiki.agent.vehicle_view import DockingView

STALE = Trust(Verdict.STALE, 3.0, "tracks are 3.0 s old, must be at most 2 s")
NOTHING_YET = {name: freshness(name, None, 2.0) for name in ALL_IS_WELL}


def well(**changes):
    return dict(ALL_IS_WELL) | changes


def look(conduct, *raised, trust=ALL_IS_WELL, standing=None):
    conduct.look(trust, raised, raised if standing is None else standing)
    return conduct.ship


def awake(**limits):
    conduct = Conduct(ConductLimits(**limits))
    look(conduct)
    conduct.take_moves()
    return conduct


def alert(severity, fsm_event="UNKNOWN_CLOSE"):
    return Alert("close", "Close", severity, fsm_event, "id", 7, 0, 0, 100.0)


def told(conduct):
    return [(it.from_state, it.to_state, it.event, it.reason) for it in conduct.take_moves()]


def docking(phase):
    return DockingView(
        phase=phase, port="bow", distance_m=1.0, speed_m_s=0.0, angle_deg=0.0, rate_deg_s=0.0
    )


def test_nothing_moves_before_anything_is_known():
    conduct = Conduct()
    for _ in range(5):
        assert look(conduct, trust=NOTHING_YET) is ShipState.SHIP_STARTUP
    assert conduct.system is SystemState.BOOTING
    assert conduct.take_moves() == []


def test_it_comes_up_when_all_is_well():
    conduct = Conduct()
    look(conduct)
    assert told(conduct) == [
        ("BOOTING", "IDLE", "BOOT_COMPLETE", ""),
        ("SHIP_STARTUP", "SHIP_IDLE", "READY", ""),
    ]
    assert conduct.take_moves() == []


def test_what_was_never_there_is_missing_once_the_ship_is_up():
    conduct = Conduct()
    trust = well(tracks=freshness("tracks", None, 2.0))
    assert look(conduct, trust=trust) is ShipState.SAFE_MODE
    assert conduct.safe_mode_reason == "tracks was never heard"


def test_a_stale_source_at_the_start_is_a_fault_at_once():
    conduct = Conduct()
    trust = NOTHING_YET | {"tracks": STALE}
    assert look(conduct, trust=trust) is ShipState.SAFE_MODE


@pytest.mark.parametrize("source", ["tracks", "vehicle", "bios"])
@pytest.mark.parametrize("verdict", [it for it in Verdict if it is not Verdict.OK])
def test_safe_mode_begins_at_once(source, verdict):
    conduct = awake()
    bad = well(**{source: Trust(verdict, None, f"{source} is bad")})
    assert look(conduct, trust=bad) is ShipState.SAFE_MODE
    assert conduct.safe_mode_reason == f"{source} is bad"
    moves = [move for move in conduct.take_moves() if move.to_state == "SAFE_MODE"]
    assert [(move.machine, move.reason) for move in moves] == [("ship", f"{source} is bad")]


def test_all_reasons_are_told_and_the_first_ones_stay():
    conduct = awake()
    silent = Trust(Verdict.NO_DATA)
    look(conduct, trust=well(tracks=STALE, vehicle=silent))
    assert conduct.safe_mode_reason == f"{STALE.reason}; NO_DATA"
    look(conduct, trust=well(vehicle=silent))
    assert conduct.safe_mode_reason == f"{STALE.reason}; NO_DATA"


@pytest.mark.parametrize("exit_ticks", [1, 3, 5])
def test_safe_mode_ends_after_so_many_good_ticks_in_a_row(exit_ticks):
    conduct = awake(exit_ticks=exit_ticks)
    look(conduct, trust=well(tracks=STALE))
    for _ in range(exit_ticks - 1):
        assert look(conduct) is ShipState.SAFE_MODE
        assert conduct.safe_mode_reason == STALE.reason
    conduct.take_moves()
    assert look(conduct) is ShipState.SHIP_IDLE
    assert conduct.safe_mode_reason == ""
    reason = f"{exit_ticks} good ticks in a row"
    assert told(conduct) == [("SAFE_MODE", "SHIP_IDLE", "SAFE_MODE_EXIT", reason)]


def test_one_bad_tick_begins_the_count_anew():
    conduct = awake()
    for good_ticks in (2, 2, 1):
        look(conduct, trust=well(tracks=STALE))
        for _ in range(good_ticks):
            assert look(conduct) is ShipState.SAFE_MODE
    conduct.request_safe_mode("an actuator failed")
    assert [look(conduct) for _ in range(3)] == ["SAFE_MODE", "SAFE_MODE", "SHIP_IDLE"]


def test_good_ticks_before_safe_mode_do_not_count():
    conduct = awake()
    for _ in range(10):
        look(conduct)
    conduct.request_safe_mode("an actuator failed")
    assert conduct.safe_mode_reason == "an actuator failed"
    assert look(conduct) is ShipState.SAFE_MODE


def test_a_fault_of_a_device_stops_the_system_until_it_is_gone():
    conduct = awake(exit_ticks=2)
    fault = Trust(Verdict.INVALID, 0.1, "motor is ERROR")
    look(conduct, trust=well(bios=fault))
    assert told(conduct) == [
        ("IDLE", "ERROR_STATE", "BIOS_ERROR", "motor is ERROR"),
        ("SHIP_IDLE", "SYSTEMS_ERROR", "FAULT", "motor is ERROR"),
        ("SYSTEMS_ERROR", "SAFE_MODE", "SAFE_MODE_REQUEST", "motor is ERROR"),
    ]
    look(conduct)
    assert (conduct.system, conduct.ship) == ("IDLE", "SAFE_MODE")
    assert look(conduct) is ShipState.SHIP_IDLE


def test_a_critical_alert_holds_the_system_while_it_stands():
    conduct = awake()
    critical = alert("critical", "HOSTILE_APPROACH")
    look(conduct, critical)
    reason = "close of track 7"
    assert told(conduct) == [("IDLE", "ERROR_STATE", "HOSTILE_APPROACH", reason)]
    look(conduct, standing=[critical])
    assert conduct.system is SystemState.ERROR_STATE
    look(conduct, standing=[alert("warning")])
    assert told(conduct) == [("ERROR_STATE", "IDLE", "ERROR_CLEARED", "")]
    assert conduct.ship is ShipState.SHIP_IDLE


def test_a_warning_wakes_the_system_and_a_note_does_not():
    conduct = awake()
    look(conduct, alert("info"))
    assert conduct.system is SystemState.IDLE
    look(conduct, alert("warning", fsm_event=""))
    assert told(conduct) == [("IDLE", "ACTIVE", "close", "close of track 7")]


def test_proposals_move_the_system_between_idle_and_active():
    conduct = awake()
    conduct.proposed(any_proposals=False)
    conduct.proposed(any_proposals=True)
    conduct.proposed(any_proposals=True)
    conduct.proposed(any_proposals=False)
    assert [move[1] for move in told(conduct)] == ["ACTIVE", "IDLE"]
    conduct.shut_down()
    conduct.proposed(any_proposals=True)
    assert conduct.system is SystemState.SHUTDOWN


@pytest.mark.parametrize(
    ("vehicle", "thrusters", "is_docking", "state"),
    [
        (sample_vehicle(), False, False, "SHIP_IDLE"),
        (sample_vehicle(velocity_m_s=np.array([0.0, 0.0, 0.05])), False, False, "SHIP_IDLE"),
        (sample_vehicle(velocity_m_s=np.array([0.0, 0.04, 0.04])), False, False, "FLIGHT_CRUISE"),
        (sample_vehicle(), True, False, "FLIGHT_MANEUVERING"),
        (sample_vehicle(), True, True, "DOCKING_APPROACH"),
        (sample_vehicle(docking=docking("free")), False, False, "SHIP_IDLE"),
        (sample_vehicle(docking=docking("approach")), False, False, "DOCKING_APPROACH"),
        (sample_vehicle(docking=docking("captured")), True, True, "DOCKING_ENGAGED"),
        (sample_vehicle(docking=docking("latched")), False, False, "DOCKING_ENGAGED"),
        (None, True, True, "SHIP_IDLE"),
    ],
)
def test_the_ship_does_what_the_vehicle_does(vehicle, thrusters, is_docking, state):
    conduct = awake()
    conduct.acted(vehicle, thrusters=thrusters, docking=is_docking)
    assert conduct.ship == state


def test_in_safe_mode_the_vehicle_may_do_what_it_does():
    conduct = awake()
    conduct.request_safe_mode("so it is")
    conduct.acted(sample_vehicle(), thrusters=True, docking=True)
    assert conduct.ship is ShipState.SAFE_MODE


def test_a_stopped_vehicle_goes_on_when_it_is_told_to_and_not_before():
    conduct = awake()
    conduct.stop("the operator")
    assert look(conduct, trust=well(tracks=STALE)) is ShipState.EMERGENCY_STOP
    assert conduct.safe_mode_reason == ""
    for _ in range(10):
        assert look(conduct) is ShipState.EMERGENCY_STOP
    conduct.go_on("the operator")
    assert conduct.ship is ShipState.SHIP_IDLE


def test_a_stop_ends_safe_mode_and_its_reason():
    conduct = awake()
    conduct.request_safe_mode("so it is")
    conduct.stop("the operator")
    assert conduct.safe_mode_reason == ""
    conduct.go_on("the operator")
    assert look(conduct, trust=well(tracks=STALE)) is ShipState.SAFE_MODE
    assert conduct.safe_mode_reason == STALE.reason


@pytest.mark.parametrize(
    ("age_s", "verdict", "reason"),
    [
        (None, "NO_DATA", "tracks was never heard"),
        (0.0, "OK", ""),
        (2.0, "OK", ""),
        (2.06, "STALE", "tracks is 2.1 s old, must be at most 2 s"),
    ],
)
def test_freshness_is_a_matter_of_age(age_s, verdict, reason):
    assert freshness("tracks", age_s, 2.0) == Trust(Verdict(verdict), age_s, reason)


def test_why_it_was_last_in_safe_mode_is_kept_behind_its_end():
    conduct = Conduct(ConductLimits(exit_ticks=1))
    conduct.request_safe_mode("blind")
    assert (conduct.safe_mode_reason, conduct.last_safe_mode) == ("blind", "blind")
    conduct.look(ALL_IS_WELL, (), ())
    assert conduct.ship is not ShipState.SAFE_MODE
    assert (conduct.safe_mode_reason, conduct.last_safe_mode) == ("", "blind")
