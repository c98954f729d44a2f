"""The own ship's way, as its radars are told it."""

from collections import deque

from qiki.radar import OwnShipState, Radar, TransponderMode
from qiki.vehicle import Vehicle


class ShipWay:
    """Keeps where a vehicle was for as long as a frame looks back.

    Parameters
    ----------
    span_ns : the longest time that a frame of any radar takes.
    """

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._states: deque[OwnShipState] = deque()

    def note(self, vehicle: Vehicle, begin_ns: int) -> None:
        """Note where the vehicle is, in a world that began at that time, nanoseconds since 1970."""
        time_ns = begin_ns + vehicle.time_ns
        states = self._states
        if states and states[-1].time_ns >= time_ns:  # no internal step of the core has passed
            return
        place_m, velocity_m_s = vehicle.position_m.tolist(), vehicle.velocity_m_s.tolist()
        states.append(OwnShipState(time_ns, place_m, velocity_m_s, vehicle.heading_deg))
        # One before the span stays: the way begins there.
        while len(states) > 2 and states[1].time_ns <= time_ns - self._span_ns:
            states.popleft()

    def told(self, radar: Radar, vehicle: Vehicle) -> Radar:
        """Return the radar as it is with the ship on this way, and with what it replies now."""
        comms = vehicle.comms
        if comms is None or comms.transponder_mode is None:
            return radar.with_own_ship(self._states)
        mode = TransponderMode[comms.transponder_mode.upper()]
        replies = mode in (TransponderMode.ON, TransponderMode.SPOOF)
        if replies and not comms.is_transponder_active:  # no power, or the comms are off
            mode = TransponderMode.OFF
        identity = comms.transponder_id if comms.is_transponder_active else None
        return radar.with_own_ship(self._states, transponder_mode=mode, transponder_id=identity)
