"""The own ship's way, as its radars are told it."""

from collections import deque
from typing import TypedDict

from qiki.radar import OwnShipState, Radar, TransponderMode
from qiki.vehicle import Vehicle

MOST_GAPS = 10_000  # within the time of a frame: at 100 Hz every state of one of 100 s is kept


class ShipWay:
    """Keeps where a vehicle was for as long as a frame looks back.

    Of a frame that takes long not every state is kept, but always the newest: they are as far apart
    that a way never has more of them than a radar takes.

    Parameters
    ----------
    span_ns : the longest time that a frame of any radar takes.
    """

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._gap_ns = -(-span_ns // MOST_GAPS)
        self._states: deque[OwnShipState] = deque()

    def note(self, vehicle: Vehicle, begin_ns: int) -> None:
        """Note where the vehicle is, in a world that began at that time, nanoseconds since 1970."""
        time_ns = begin_ns + vehicle.time_ns
        states = self._states
        if states and states[-1].time_ns >= time_ns:  # no internal step of the core has passed
            return
        if len(states) > 1 and states[-1].time_ns - states[-2].time_ns < self._gap_ns:
            states.pop()
        place_m, velocity_m_s = vehicle.position_m.tolist(), vehicle.velocity_m_s.tolist()
        states.append(OwnShipState(time_ns, place_m, velocity_m_s, vehicle.heading_deg))
        # One before the span stays: the way begins there.
        while len(states) > 2 and states[1].time_ns <= time_ns - self._span_ns:
            states.popleft()

    def told(self, radar: Radar, vehicle: Vehicle) -> Radar:
        """Return the radar as it is with the own ship on this way, and with what it replies now."""
        return radar.with_own_ship(self._of(radar), **_reply(vehicle))

    def told_target(self, radar: Radar, target: int, vehicle: Vehicle) -> Radar:
        """Return the radar as it is with that target on this way, and with what it replies now.

        What has no transponder replies nothing, whatever the scenario says of the target.
        """
        reply = _reply(vehicle) or {"transponder_mode": TransponderMode.OFF}
        return radar.with_told_target(target, self._of(radar), **reply)

    def _of(self, radar: Radar) -> list[OwnShipState]:
        """Return the states of the newest frame of a radar, in order."""
        begin_ns = self._states[-1].time_ns - radar.longest_frame_ns
        states = []
        for state in reversed(self._states):
            states.append(state)
            if len(states) > 1 and state.time_ns <= begin_ns:
                break
        return states[::-1]


class _Reply(TypedDict, total=False):
    """What a transponder does, as radars are told it."""

    transponder_mode: int
    transponder_id: str | None


def _reply(vehicle: Vehicle) -> _Reply:
    """Return what the vehicle's transponder does now; nothing where it has none."""
    comms = vehicle.comms
    if comms is None or comms.transponder_mode is None:
        return {}
    mode = TransponderMode[comms.transponder_mode.upper()]
    replies = mode in (TransponderMode.ON, TransponderMode.SPOOF)
    if replies and not comms.is_transponder_active:  # no power, or the comms are off
        mode = TransponderMode.OFF
    identity = comms.transponder_id if comms.is_transponder_active else None
    return {"transponder_mode": mode, "transponder_id": identity}
