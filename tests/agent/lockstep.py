"""The services of a world in lock-step, composed of their own parts: what `World` must equal."""

from qiki.radar import Radar
from qiki.serve.docking_station import docking_station
from qiki.serve.lockstep import Lockstep as LockstepOfServices
from qiki.serve.own_ship import OwnShip
from qiki.serve.ship_way import ShipWay
from qiki.serve.station import Station
from qiki.tracking import FrameTracker
from qiki.wire import encode_frame

START_NS = 1_700_000_000_000_000_000
HEADING_DEG = 180.0


class Lockstep:
    """The simulator's world, whose frames a tracker answers one by one.

    It calls the parts in the order of `qiki.serve.simulator.Simulator`, without clock and broker.
    """

    def __init__(self, scenario, vehicle, *, seed, epoch, rate_hz=100, models=(), **tracker):
        self.ship = OwnShip(vehicle, rate_hz, scenario.own_ship_start)
        radars = [
            Radar(
                scenario,
                sensor=index,
                seed=seed,
                epoch=epoch,
                start_time_ns=START_NS,
                models=models,
            )
            for index in range(len(scenario.sensors))
        ]
        self.stations = [Station(radar, None, START_NS) for radar in radars]
        self.way = ShipWay(max(radar.longest_frame_ns for radar in radars))
        self.docking_station = docking_station(scenario, radars[0], HEADING_DEG)
        self.tracker = FrameTracker(epoch=epoch, **tracker)
        self.held = LockstepOfServices(is_on=True)
        self.tell_station()
        self.power()

    def step(self, force_n=None, torque_n_m=None, *, engage=None, release=False):
        """Act and go on up to the next frame of the first radar; return the messages on the way."""
        vehicle = self.ship.vehicle
        if force_n is None and torque_n_m is None:
            vehicle.stop()
        else:
            vehicle.command(force_n, torque_n_m)
        if engage is not None:
            vehicle.docking.engage(engage)
        if release:
            vehicle.docking.release()
        messages = []
        self.held.go_on()
        while not self.go_on(messages):
            pass
        return messages

    def go_on(self, messages):
        """Do what is due next; return whether that was the first radar's next frame."""
        dues_ns = [station.due_ns for station in self.stations]
        if self.ship.due_ns <= min(dues_ns):
            self.ship.step()
            self.way.note(self.ship.vehicle, START_NS)
            self.ship.take_events()
            self.tell_station()
            self.power()
            return False
        index = dues_ns.index(min(dues_ns))
        station = self.stations[index]
        if not station.radar.is_stuck(station.number):
            station.radar = self.way.told(station.radar, self.ship.vehicle)
        arrival = station.take()
        if arrival is None:
            return False
        payload = encode_frame(arrival.frame.split(station.radar.sr_threshold_m).all)
        messages.append((payload, self.tracker.answer(payload).payload))
        if index == 0 and not arrival.copy:
            self.held.hold(arrival.frame.number)
        return index == 0 and self.held.tick is not None

    def tell_station(self):
        if self.docking_station is not None:
            self.docking_station.tell(self.ship, START_NS + self.ship.vehicle.time_ns)

    def power(self):
        for station in self.stations:
            station.has_power = self.ship.powers_radar
