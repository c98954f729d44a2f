"""The self test: what is known of each device, from what the simulator says of it.

A device of which it says nothing is `UNKNOWN`, never `OK`.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from qiki.bios.devices import Device, Kind
from qiki.bios.telemetry import Power, Telemetry
from qiki.wire.generated.bios_status_pb2 import DeviceStatus as DeviceMessage

Code = DeviceMessage.StatusCode
ONLINE = "online"  # a link by which a station hears the vehicle
WORKING = "working"  # a motor that does as it is told
PERIODS_SILENT = 3.0  # of a radar, before it is missed


class State(IntEnum):
    """What a device is; numbers of the original's JSON."""

    UNKNOWN = 0
    OK = 1
    DEGRADED = 2
    ERROR = 3


class RadarSeen(NamedTuple):
    """What is known of one radar's frames.

    Attributes
    ----------
    silent_s : since its newest frame, since the watch began where there was none [s of real time].
    looked : whether the newest is of a radar that looked; None where there was none.
    problem : why the newest cannot be read, else None.
    world_silent_s : the same silence in world time [s]; None where nobody tells what time it is.
    """

    silent_s: float
    looked: bool | None
    problem: str | None = None
    world_silent_s: float | None = None


class SensorSaid(NamedTuple):
    """What the simulator answers when it is asked for the reading of a sensor.

    Attributes
    ----------
    is_there : whether it knows such a sensor.
    problem : why there is no valid reading, None where there is.
    """

    is_there: bool
    problem: str | None


class Evidence(NamedTuple):
    """All that the simulator says.

    Attributes
    ----------
    simulator_problem : why its gRPC is not healthy, None where it is.
    frame_radar_id : sensor of the radar of which `GetRadarFrame` gives the frames.
    frame_problem : why `GetRadarFrame` gives none, None where it does.
    sensors : of the vehicle, by name.
    telemetry : the newest message; None where there is none that is fresh.
    telemetry_problem : why there is none.
    radars : by sensor.
    stale_after_s : the least silence that counts [s].
    """

    simulator_problem: str | None
    frame_radar_id: str
    frame_problem: str | None
    sensors: Mapping[str, SensorSaid]
    telemetry: Telemetry | None
    telemetry_problem: str
    radars: Mapping[str, RadarSeen]
    stale_after_s: float


class Finding(NamedTuple):
    """What the test says of one device."""

    state: State
    message: str
    code: Code = Code.STATUS_CODE_UNSPECIFIED


class Result(NamedTuple):
    """A device and what was found."""

    device: Device
    finding: Finding


def self_test(devices: Sequence[Device], evidence: Evidence) -> tuple[Result, ...]:
    """Return what is known of each device, in their order."""
    return tuple(Result(device, _test(device, evidence)) for device in devices)


def _test(device: Device, evidence: Evidence) -> Finding:
    problem = evidence.simulator_problem
    if device.kind is Kind.SIMULATOR:
        if problem is None:
            return Finding(State.OK, "SERVING")
        return Finding(State.ERROR, problem, Code.TIMEOUT_RESPONSE)
    if problem is not None:
        return Finding(State.DEGRADED, "the simulator is not healthy", Code.TIMEOUT_RESPONSE)
    if device.kind is Kind.RADAR:
        return _radar(device, evidence)
    if device.kind is Kind.SENSOR:
        return _sensor(evidence.sensors[device.part])
    return _by_telemetry(device, evidence)


def _by_telemetry(device: Device, evidence: Evidence) -> Finding:
    if evidence.telemetry is None:
        return Finding(State.UNKNOWN, evidence.telemetry_problem, Code.TIMEOUT_RESPONSE)
    found = _TESTS[device.kind](device, evidence.telemetry)
    return found or Finding(
        State.UNKNOWN, "telemetry does not tell of it", Code.COMPONENT_NOT_FOUND
    )


def _radar(device: Device, evidence: Evidence) -> Finding:
    world = None if evidence.telemetry is None else evidence.telemetry.sim_state
    if world is not None and world.stands:
        return Finding(State.UNKNOWN, f"no frames: the world is {world.fsm_state}")
    seen = evidence.radars[device.part]
    slowness = 1.0 / world.speed if world is not None and 0.0 < world.speed < 1.0 else 1.0
    period_s = device.period_ns * 1e-9 * slowness
    is_silent = seen.silent_s > max(evidence.stale_after_s, PERIODS_SILENT * period_s)
    if is_silent and _owes_frames(seen, device.period_ns):
        words = f"no frame for {seen.silent_s:.1f} s, must come every {period_s:g} s"
        return Finding(State.ERROR, words, Code.TIMEOUT_RESPONSE)
    if device.part == evidence.frame_radar_id and evidence.frame_problem is not None:
        return Finding(State.DEGRADED, f"GetRadarFrame: {evidence.frame_problem}")
    return _newest_frame(seen)


def _owes_frames(seen: RadarSeen, period_ns: int) -> bool:
    """Return whether enough time passed in the world: in lock-step it waits for who decides.

    A time that is far before the newest frame's is that of another world, and says nothing.
    """
    passed_s = seen.world_silent_s
    return passed_s is None or abs(passed_s) > PERIODS_SILENT * period_ns * 1e-9


def _newest_frame(seen: RadarSeen) -> Finding:
    if seen.problem is not None:
        return Finding(State.DEGRADED, seen.problem, Code.UNSTABLE_READINGS)
    if seen.looked is None:
        return Finding(State.UNKNOWN, "no frame yet")
    if not seen.looked:
        return Finding(State.DEGRADED, "clock frames only: it is off, has no power, or is spoiled")
    return Finding(State.OK, "frames come")


def _sensor(said: SensorSaid) -> Finding:
    if said.problem is not None and not said.is_there:
        return Finding(State.UNKNOWN, said.problem, Code.COMPONENT_NOT_FOUND)
    if said.problem is not None:
        return Finding(State.DEGRADED, said.problem, Code.UNSTABLE_READINGS)
    return Finding(State.OK, "readings are valid")


def _thrusters(_device: Device, telemetry: Telemetry) -> Finding | None:
    rcs = telemetry.propulsion.rcs
    if rcs is None or rcs.propellant_kg is None:
        return None
    if rcs.propellant_kg <= 0.0:
        return Finding(State.ERROR, "no propellant is left")
    return Finding(State.OK, f"{rcs.propellant_kg:.2f} kg of propellant")


def _motor(device: Device, telemetry: Telemetry) -> Finding | None:
    drive = telemetry.propulsion.drive
    motor = None if drive is None else drive.motors.get(device.part)
    if motor is None:
        return None
    if motor.condition != WORKING:
        return Finding(State.ERROR, f"the wheel is {motor.condition}")
    return Finding(State.OK, f"told {motor.told_m_s:.3f} m/s")


def _battery(_device: Device, telemetry: Telemetry) -> Finding | None:
    power = telemetry.power
    if power is None or power.soc_pct is None or power.faults is None:
        return None
    charge = f"{power.soc_pct:.1f} % charged"
    faults = _faults_of(power, "BATTERY_")
    if "BATTERY_EMPTY" in faults:
        return Finding(State.ERROR, "BATTERY_EMPTY")
    # The original calls its limits faults, though a battery comes to them in its normal work: at a
    # dock it takes what it may, beside thrusters it gives what it may. What then has no power says
    # so itself.
    return Finding(State.OK, "; ".join([*faults, charge]))


def _supercapacitor(_device: Device, telemetry: Telemetry) -> Finding | None:
    power = telemetry.power
    if power is None or power.supercap_soc_pct is None:
        return None
    return Finding(State.OK, f"{power.supercap_soc_pct:.1f} % charged")


def _pdu(_device: Device, telemetry: Telemetry) -> Finding | None:
    power = telemetry.power
    if power is None or power.faults is None or power.bus_v is None:
        return None
    if faults := _faults_of(power, "PDU_"):
        return Finding(State.ERROR, ", ".join(faults))
    return Finding(State.OK, f"{power.bus_v:.1f} V on the bus")


def _dock(_device: Device, telemetry: Telemetry) -> Finding | None:
    power = telemetry.power
    if power is None or power.dock_connected is None:
        return None
    return Finding(State.OK, "connected" if power.dock_connected else "not connected")


def _load(device: Device, telemetry: Telemetry) -> Finding | None:
    power = telemetry.power
    if power is None or power.shed_loads is None or device.part not in (power.loads_w or {}):
        return None
    if device.part in power.shed_loads:
        return Finding(State.DEGRADED, f"shed: {' or '.join(power.shed_reasons or ['no reason'])}")
    watts = f"takes {(power.loads_w or {})[device.part]:.1f} W"
    if device.part in (power.throttled_loads or []):
        return Finding(State.DEGRADED, f"throttled, {watts}")
    return Finding(State.OK, watts)


def _thermal_node(device: Device, telemetry: Telemetry) -> Finding | None:
    node = None if telemetry.thermal is None else telemetry.thermal.node(device.part)
    if node is None:
        return None
    celsius = f"{node.temp_c:.1f} degrees Celsius"
    if node.tripped:
        return Finding(State.ERROR, f"tripped at {celsius}")
    if node.warned:
        return Finding(State.DEGRADED, f"warm, {celsius}")
    return Finding(State.OK, celsius)


def _comms(_device: Device, telemetry: Telemetry) -> Finding | None:
    comms = telemetry.comms
    if comms is None:
        return None
    if not comms.enabled:
        return Finding(State.DEGRADED, "off")
    if comms.link is None:
        return Finding(State.OK, "on, no station is known")
    is_heard = comms.link.status == ONLINE
    return Finding(State.OK if is_heard else State.DEGRADED, f"the link is {comms.link.status}")


def _transponder(_device: Device, telemetry: Telemetry) -> Finding | None:
    transponder = None if telemetry.comms is None else telemetry.comms.xpdr
    if transponder is None:
        return None
    if transponder.allowed is False:
        return Finding(State.DEGRADED, f"mode {transponder.mode}, without power")
    return Finding(State.OK, f"mode {transponder.mode}")


def _docking(_device: Device, telemetry: Telemetry) -> Finding | None:
    docking = telemetry.docking
    return None if docking is None else Finding(State.OK, docking.phase)


def _dosimeter(_device: Device, telemetry: Telemetry) -> Finding | None:
    dose_usv_h = telemetry.radiation_usvh
    return None if dose_usv_h is None else Finding(State.OK, f"{dose_usv_h:.3g} µSv/h")


def _faults_of(power: Power, prefix: str) -> list[str]:
    return [fault for fault in power.faults or [] if fault.startswith(prefix)]


_TESTS: dict[Kind, Callable[[Device, Telemetry], Finding | None]] = {
    Kind.THRUSTERS: _thrusters,
    Kind.MOTOR: _motor,
    Kind.BATTERY: _battery,
    Kind.SUPERCAPACITOR: _supercapacitor,
    Kind.PDU: _pdu,
    Kind.DOCK: _dock,
    Kind.LOAD: _load,
    Kind.THERMAL_NODE: _thermal_node,
    Kind.COMMS: _comms,
    Kind.TRANSPONDER: _transponder,
    Kind.DOCKING: _docking,
    Kind.DOSIMETER: _dosimeter,
}
