"""Docking: each transition of the table, what the phases do, and when it gives up."""

import numpy as np
import pytest

from qiki.agent.manoeuvres.approach import ApproachLimits
from qiki.agent.manoeuvres.dock import Dock, DockLimits
from qiki.agent.manoeuvres.docking_phases import DOCK, DockEvent, DockPhase
from qiki.agent.vehicle_view import DockingView
from tests.agent.made_view import CRAFT, FREE, made_station, made_vehicle, made_view

STATION_M = np.array([1000.0, 2000.0, 50.0])
AXIS = np.array([0.0, -1.0, 0.0])  # out of its port, to the south
GATE_M = ApproachLimits().gate_m
# Where the middle of the vehicle is when its port, a metre before it, is at the gate.
AT_GATE_M = STATION_M + AXIS * (GATE_M + 1.0)
SIGHT = DockingView(
    phase="approach",
    port="A",
    distance_m=10.0,
    speed_m_s=0.9,
    angle_deg=0.0,
    rate_deg_s=0.0,
    offset_m=np.array([0.0, 10.0, 0.0]),
    velocity_m_s=np.array([0.0, 0.9, 0.0]),
    turn_deg=np.zeros(3),
)
EVENTS = {
    DockPhase.SEEK: {DockEvent.FOUND: DockPhase.TRANSIT},
    DockPhase.TRANSIT: {
        DockEvent.LOST: DockPhase.SEEK,
        DockEvent.AT_GATE: DockPhase.ALIGN,
        DockEvent.HOPELESS: DockPhase.GIVEN_UP,
    },
    DockPhase.ALIGN: {
        DockEvent.LOST: DockPhase.SEEK,
        DockEvent.ALIGNED: DockPhase.CORRIDOR,
        DockEvent.OUTSIDE: DockPhase.TRANSIT,
        DockEvent.LATE: DockPhase.TRANSIT,
        DockEvent.HOPELESS: DockPhase.GIVEN_UP,
    },
    DockPhase.CORRIDOR: {
        DockEvent.LOST: DockPhase.SEEK,
        DockEvent.IN_SIGHT: DockPhase.FINAL,
        DockEvent.OUTSIDE: DockPhase.RETREAT,
        DockEvent.LATE: DockPhase.RETREAT,
    },
    DockPhase.FINAL: {DockEvent.OUTSIDE: DockPhase.RETREAT, DockEvent.LATE: DockPhase.RETREAT},
    DockPhase.RETREAT: {
        DockEvent.LOST: DockPhase.SEEK,
        DockEvent.CLEAR: DockPhase.ALIGN,
        DockEvent.HOPELESS: DockPhase.GIVEN_UP,
    },
    DockPhase.HELD: {DockEvent.FREE: DockPhase.RETREAT},
    DockPhase.GIVEN_UP: {},
}


@pytest.mark.parametrize("phase", DockPhase)
@pytest.mark.parametrize("event", DockEvent)
def test_each_pair_of_the_table(phase, event):
    is_caught = event is DockEvent.CAPTURED  # from anywhere: the station holds it
    expected = DockPhase.HELD if is_caught else EVENTS[phase].get(event, phase)
    assert DOCK.next(phase, event) is expected


def test_every_phase_is_reachable():
    assert DOCK.reachable() == set(DockPhase)


def off(*way_m):
    """Return a place so far from the station."""
    return STATION_M + np.array(way_m)


class Flight:
    """A dock with views made for it, one tenth of a second apart."""

    def __init__(self, **limits):
        self.dock = Dock(DockLimits(**limits))
        self.time_ns = 0

    def look(self, position_m, velocity_m_s=(0, 0, 0), seconds=0.1, station=True, **vehicle):
        for _ in range(round(seconds * 10)):
            self.time_ns += 100_000_000
            track = made_station(STATION_M, self.time_ns) if station else None
            vehicle_ = made_vehicle(position_m, velocity_m_s, **vehicle)
            view = made_view(vehicle_, track, self.time_ns, mission="dock")
            self.dock.fix.look(view)
            course = self.dock.look(view, "A")
        return course

    def to_corridor(self):
        self.look(off(0, -500, 0))
        self.look(AT_GATE_M, seconds=5.0)
        assert self.dock.phase is DockPhase.CORRIDOR
        return self


def test_without_a_station_it_is_held():
    flight = Flight()
    assert flight.look((0, 0, 0), station=False) is None
    assert flight.dock.phase is DockPhase.SEEK


def test_it_goes_to_the_gate_in_the_docked_attitude():
    flight = Flight()
    course = flight.look((0, 0, 0), seconds=1.0)
    assert flight.dock.phase is DockPhase.TRANSIT
    assert course.attitude == pytest.approx(np.eye(3))  # the bow to the north, to the port
    way_m = AT_GATE_M
    assert course.velocity_m_s == pytest.approx(6.0 * way_m / np.linalg.norm(way_m), abs=0.01)


def test_a_vehicle_that_is_turned_away_turns_before_a_long_push():
    attitude = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    course = Flight().look((0, 0, 0), (0.6, 0.2, 0), seconds=1.0, attitude=attitude)
    assert course.velocity_m_s == pytest.approx([0.6, 0.2, 0.0], abs=1e-9)


def test_at_the_gate_it_waits_until_the_place_is_known_and_the_port_engaged():
    flight = Flight()
    flight.look(off(0, -500, 0))
    none = DockingView(**{**FREE.__dict__, "port": None})
    flight.look(AT_GATE_M, seconds=30.0, docking=none)
    assert flight.dock.phase is DockPhase.ALIGN
    flight.look(AT_GATE_M, (0.3, 0, 0))
    assert flight.dock.phase is DockPhase.ALIGN  # too fast
    flight.look(AT_GATE_M)
    assert flight.dock.phase is DockPhase.CORRIDOR
    early = Flight()
    early.look(AT_GATE_M, seconds=0.5)
    assert early.dock.phase is DockPhase.ALIGN  # 1 m of a few ticks is not enough


def test_the_camera_takes_over_and_tells_the_last_metres():
    flight = Flight().to_corridor()
    # The track says another place than the camera, which is right.
    course = flight.look(off(1.0, -11.0, 0), (0, 0.9, 0), docking=SIGHT, station=False)
    assert flight.dock.phase is DockPhase.FINAL
    assert course.velocity_m_s == pytest.approx([0.0, 1.0, 0.0], abs=1e-9)


def test_a_camera_that_sees_nothing_near_the_port_is_a_reason_to_go_back():
    flight = Flight().to_corridor()
    course = flight.look(off(0, -13.0, 0), (0, 0.9, 0))
    assert flight.dock.phase is DockPhase.RETREAT
    assert "the camera does not see" in flight.dock.reason
    assert course.velocity_m_s == pytest.approx([0.0, -1.0, 0.0], abs=0.1)


@pytest.mark.parametrize(
    ("aside_m", "speed_m_s", "phase"),
    [(5.0, 0.9, DockPhase.CORRIDOR), (9.0, 0.9, DockPhase.RETREAT), (0, 2.0, DockPhase.RETREAT)],
)
def test_out_of_the_corridor_it_goes_back(aside_m, speed_m_s, phase):
    flight = Flight().to_corridor()
    flight.look(off(aside_m, -36.0, 0), (0, speed_m_s, 0))
    assert flight.dock.phase is phase


def test_a_phase_that_takes_too_long_ends_and_too_many_retreats_end_it_all():
    flight = Flight(phase_s=20.0, retreats=1).to_corridor()
    flight.look(off(0, -36.0, 0), (0, 0.9, 0), seconds=20.5)
    assert flight.dock.phase is DockPhase.RETREAT
    flight.look(AT_GATE_M, seconds=2.0)
    assert flight.dock.phase is DockPhase.CORRIDOR
    flight.look(off(0, -36.0, 0), (0, 0.9, 0), seconds=20.5)
    assert flight.look(off(0, -36.0, 0), (0, 0.9, 0)) is None
    assert flight.dock.phase is DockPhase.GIVEN_UP
    assert "2 retreats, must be at most 1" in flight.dock.reason


def test_without_propellant_for_the_corridor_it_gives_up_at_the_gate():
    flight = Flight()
    flight.look(off(0, -500, 0))
    assert CRAFT.speed_left_m_s(1.0) < DockLimits().corridor_m_s
    flight.look(AT_GATE_M, propellant_kg=1.0, seconds=0.2)
    assert flight.dock.phase is DockPhase.GIVEN_UP
    assert "propellant is left for" in flight.dock.reason


def test_under_way_it_gives_up_as_soon_as_the_corridor_is_out_of_reach():
    flight = Flight()
    flight.look(off(0, -500, 0))
    flight.look(off(0, -400, 0), (0, 0.3, 0), propellant_kg=1.0, seconds=0.2)
    assert flight.dock.phase is DockPhase.GIVEN_UP
    assert "propellant is left for 1.3 m/s, must be for 1.6 m/s" in flight.dock.reason


def test_with_little_propellant_the_corridor_is_flown_slowly():
    flight = Flight().to_corridor()
    course = flight.look(off(0, -30.0, 0), (0, 0.3, 0), propellant_kg=1.3)
    assert flight.dock.phase is DockPhase.CORRIDOR
    assert course.velocity_m_s == pytest.approx([0.0, 0.515, 0.0], abs=0.02)


def test_far_on_a_slow_way_the_attitude_is_left_alone():
    flight = Flight()
    flight.look((0, 0, 0), seconds=1.0)
    way = AT_GATE_M / np.linalg.norm(AT_GATE_M)
    slow = {"velocity_m_s": 0.5 * way, "propellant_kg": 2.5}
    assert flight.look((0, 0, 0), **slow).attitude is None
    assert flight.look(AT_GATE_M - 20.0 * way, **slow).attitude is not None


def test_what_is_held_is_left_alone_and_what_comes_off_goes_back():
    flight = Flight().to_corridor()
    held = DockingView(**{**SIGHT.__dict__, "phase": "captured"})
    assert flight.look(off(0, -1.1, 0), docking=held) is None
    assert flight.dock.phase is DockPhase.HELD
    flight.look(off(0, -1.4, 0), docking=SIGHT)
    assert flight.dock.phase is DockPhase.RETREAT


@pytest.mark.parametrize("phase", DockPhase)
def test_begun_anew_it_goes_back_first_where_it_was_near_the_port(phase):
    dock = Dock()
    dock.phase = phase
    dock.begin()
    near = (DockPhase.CORRIDOR, DockPhase.FINAL)
    goes_on = (DockPhase.HELD, DockPhase.GIVEN_UP, DockPhase.RETREAT)
    expected = DockPhase.RETREAT if phase in near else phase if phase in goes_on else DockPhase.SEEK
    assert dock.phase is expected
