"""The vehicle as an agent sees it: read from telemetry, strictly, or refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from qiki.errors import QikiError

Vector = npt.NDArray[np.float64]


class VehicleViewError(QikiError, ValueError):
    """Telemetry that lacks what an agent needs, or has it wrong."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DockingView:
    """How the engaged port stands to the station's.

    Attributes
    ----------
    phase : ``free``, ``approach``, ``captured`` or ``latched``.
    port : the engaged one, None where none is.
    distance_m, speed_m_s : between the ports [m], and past each other [m/s].
    angle_deg, rate_deg_s : from the docked attitude [deg], and of the turn [deg/s]; all four are
        None where no station is told of.
    offset_m : (3,) what the camera at the port sees, in the body frame: the way to the station's
        port [m].
    velocity_m_s : (3,) of the own port past it [m/s].
    turn_deg : (3,) the turn that is left to the docked attitude, a rotation vector [deg]; all
        three are None in the phase ``free``.
    """

    phase: str
    port: str | None
    distance_m: float | None
    speed_m_s: float | None
    angle_deg: float | None
    rate_deg_s: float | None
    offset_m: Vector | None = None
    velocity_m_s: Vector | None = None
    turn_deg: Vector | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class VehicleView:
    """The vehicle at one time.

    Attributes
    ----------
    time_ns : world time of all of it, since 1970 [ns].
    position_m, velocity_m_s : (3,) east, north, up [m], [m/s].
    attitude : (3, 3) what turns the body frame (X starboard, Y bow, Z up) to the world's.
    quaternion : (4,) the same as a unit quaternion [w, x, y, z].
    angular_velocity_rad_s : (3,) in the body frame [rad/s].
    propellant_kg : [kg].
    charge_pct : state of charge of the battery [%]; None without one.
    docking : None for a vehicle without ports.
    transponder_mode : ``ON``, ``OFF``, ``SILENT`` or ``SPOOF``; None without one.
    faults : of its power and heat, by name.
    world_state : ``RUNNING``, ``PAUSED`` or ``STOPPED``.
    """

    time_ns: int
    position_m: Vector
    velocity_m_s: Vector
    attitude: Vector
    quaternion: Vector
    angular_velocity_rad_s: Vector
    propellant_kg: float
    charge_pct: float | None
    docking: DockingView | None
    transponder_mode: str | None
    faults: tuple[str, ...]
    world_state: str

    @property
    def bow(self) -> Vector:
        """Where the bow points, a unit vector in the world frame."""
        return self.attitude[:, 1]


class _Place(Struct):
    x: float
    y: float
    z: float


class _Attitude(Struct):
    roll_rad: float
    pitch_rad: float
    yaw_rad: float


class _Rcs(Struct):
    propellant_kg: float


class _Propulsion(Struct):
    rcs: _Rcs


_Numbers: TypeAlias = tuple[float, float, float]


class _Docking(Struct):
    phase: str
    port: str | None
    distance_m: float | None
    speed_m_s: float | None
    angle_deg: float | None
    rate_deg_s: float | None
    offset_m: _Numbers | None
    velocity_m_s: _Numbers | None
    turn_deg: _Numbers | None


class _Power(Struct):
    soc_pct: float
    faults: tuple[str, ...]


class _Transponder(Struct):
    mode: str


class _Comms(Struct):
    xpdr: _Transponder | None


class _World(Struct):
    fsm_state: str


class _Telemetry(Struct):
    sim_time_ns: int
    position: _Place
    attitude: _Attitude
    attitude_wxyz: tuple[float, float, float, float]
    velocity_xyz_m_s: tuple[float, float, float]
    angular_velocity_rad_s: tuple[float, float, float]
    propulsion: _Propulsion
    power: _Power | None
    docking: _Docking | None
    comms: _Comms | None
    sim_state: _World


def vehicle_view(telemetry: bytes | Mapping[str, Any]) -> VehicleView:
    """Return what telemetry says of the vehicle.

    Parameters
    ----------
    telemetry : a message of ``qiki.telemetry``, as JSON or as `telemetry_snapshot` makes it.

    Raises
    ------
    VehicleViewError : it is no JSON, or a field is missing or of the wrong kind.
    """
    try:
        if isinstance(telemetry, bytes):
            said = msgspec.json.decode(telemetry, type=_Telemetry)
        else:
            said = msgspec.convert(telemetry, type=_Telemetry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise VehicleViewError(f"telemetry breaks its contract: {error}") from error
    power, comms, docking = said.power, said.comms, said.docking
    transponder = None if comms is None else comms.xpdr
    place, angles = said.position, said.attitude
    return VehicleView(
        time_ns=said.sim_time_ns,
        position_m=np.array([place.x, place.y, place.z]),
        velocity_m_s=np.array(said.velocity_xyz_m_s),
        attitude=rotation(angles.yaw_rad, angles.pitch_rad, angles.roll_rad),
        quaternion=np.array(said.attitude_wxyz),
        angular_velocity_rad_s=np.array(said.angular_velocity_rad_s),
        propellant_kg=said.propulsion.rcs.propellant_kg,
        charge_pct=None if power is None else power.soc_pct,
        docking=None if docking is None else _docking_view(docking),
        transponder_mode=None if transponder is None else transponder.mode,
        faults=() if power is None else power.faults,
        world_state=said.sim_state.fsm_state,
    )


def _docking_view(said: _Docking) -> DockingView:
    seen = (said.offset_m, said.velocity_m_s, said.turn_deg)
    offset_m, velocity_m_s, turn_deg = (None if it is None else np.array(it) for it in seen)
    return DockingView(
        phase=said.phase,
        port=said.port,
        distance_m=said.distance_m,
        speed_m_s=said.speed_m_s,
        angle_deg=said.angle_deg,
        rate_deg_s=said.rate_deg_s,
        offset_m=offset_m,
        velocity_m_s=velocity_m_s,
        turn_deg=turn_deg,
    )


def rotation(heading_rad: float, pitch_rad: float, roll_rad: float) -> Vector:
    """Return R = Rz(-heading) Rx(pitch) Ry(roll), from the body to the world frame.

    Parameters
    ----------
    heading_rad : clockwise from north [rad].
    pitch_rad : positive with the bow up [rad].
    roll_rad : positive with the starboard side down [rad].
    """
    (ch, cp, cr) = np.cos([heading_rad, pitch_rad, roll_rad])
    (sh, sp, sr) = np.sin([heading_rad, pitch_rad, roll_rad])
    about_z = np.array([[ch, sh, 0.0], [-sh, ch, 0.0], [0.0, 0.0, 1.0]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    about_y = np.array([[cr, 0.0, sr], [0.0, 1.0, 0.0], [-sr, 0.0, cr]])
    made: Vector = about_z @ about_x @ about_y
    return made


def quaternion(heading_rad: float, pitch_rad: float, roll_rad: float) -> Vector:
    """Return what `rotation` does as a unit quaternion [w, x, y, z].

    Parameters
    ----------
    heading_rad, pitch_rad, roll_rad : as of `rotation` [rad].
    """
    (cz, cx, cy) = np.cos([-0.5 * heading_rad, 0.5 * pitch_rad, 0.5 * roll_rad])
    (sz, sx, sy) = np.sin([-0.5 * heading_rad, 0.5 * pitch_rad, 0.5 * roll_rad])
    w, x, y, z = cz * cx, cz * sx, sz * sx, sz * cx  # of Rz Rx
    return np.array([w * cy - y * sy, x * cy - z * sy, y * cy + w * sy, z * cy + x * sy])
