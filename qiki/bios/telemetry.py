"""What the self test reads of a message on `qiki.telemetry`; names are the original's."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from qiki.errors import DecodeError

Number = float | None
STANDING = ("PAUSED", "STOPPED")


class Power(Struct):
    """The power plane; a list that is missing says nothing, which is not that it is empty."""

    soc_pct: Number = None
    supercap_soc_pct: Number = None
    bus_v: Number = None
    dock_connected: bool | None = None
    loads_w: dict[str, float] | None = None
    shed_loads: list[str] | None = None
    shed_reasons: list[str] | None = None
    throttled_loads: list[str] | None = None
    faults: list[str] | None = None


class Node(Struct):
    """A thermal node."""

    id: str
    tripped: bool
    warned: bool
    temp_c: float


class Thermal(Struct):
    """The thermal plane."""

    nodes: list[Node]

    def node(self, name: str) -> Node | None:
        """Return a node by its name."""
        return next((node for node in self.nodes if node.id == name), None)


class Rcs(Struct):
    """The thrusters together."""

    propellant_kg: Number = None


class Motor(Struct):
    """A motor of the drive."""

    condition: str
    told_m_s: float
    speed_m_s: float


class Drive(Struct):
    """The drive; its motors by name."""

    motors: dict[str, Motor]


class Propulsion(Struct):
    """What pushes."""

    rcs: Rcs | None = None
    drive: Drive | None = None


class Transponder(Struct):
    """The transponder; `allowed` is null where it needs no load of the bus."""

    mode: str
    allowed: bool | None = None


class Link(Struct):
    """How a station hears the vehicle."""

    status: str


class Comms(Struct):
    """Communications; without a link no station is known."""

    enabled: bool
    xpdr: Transponder | None = None
    link: Link | None = None


class Docking(Struct):
    """How the engaged port stands to the station's."""

    phase: str


class SimState(Struct):
    """Whether the world goes on."""

    fsm_state: str
    speed: Annotated[float, Meta(ge=0)] = 1.0

    @property
    def stands(self) -> bool:
        """Whether no time passes in the world, so that its radars make no frames."""
        return self.fsm_state in STANDING


class Telemetry(Struct):
    """One message."""

    schema_version: Annotated[int, Meta(ge=1, le=1)]
    sim_time_ns: int | None = None
    power: Power | None = None
    thermal: Thermal | None = None
    propulsion: Propulsion = field(default_factory=Propulsion)
    comms: Comms | None = None
    docking: Docking | None = None
    radiation_usvh: Number = None
    sim_state: SimState | None = None


def decode_telemetry(payload: bytes) -> Telemetry:
    """Read one message.

    Raises
    ------
    DecodeError : it is no telemetry of version 1.
    """
    try:
        return msgspec.json.decode(payload, type=Telemetry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"telemetry cannot be read: {error}") from error
