"""The original's JSON of telemetry, commands and acknowledgements, as its consumers check it.

Telemetry differs in one thing, which docs/telemetry.md says: null is allowed for what is not
simulated, or what a vehicle does not have.
"""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tests.original.radar_models import Finite, Model, Time, Vector

Percent = Annotated[float, Field(ge=0, le=100)]
Watts = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Open(BaseModel):
    """A message that may have more keys."""

    model_config = ConfigDict(extra="ignore")


class Attitude(Model):
    roll_rad: Finite
    pitch_rad: Finite
    yaw_rad: Finite


class Hull(Model):
    integrity: Percent | None


class Power(Model):
    soc_pct: Percent
    sources_w: dict[str, Watts]
    loads_w: dict[str, Watts]
    power_in_w: Watts
    power_out_w: Watts
    battery_charge_w: Watts
    battery_discharge_w: Watts
    battery_spill_w: Watts | None
    battery_unserved_w: Watts | None
    bus_v: Finite
    bus_a: Finite
    load_shedding: bool
    shed_loads: list[str]
    shed_reasons: list[str]
    pdu_limit_w: Watts
    pdu_throttled: bool
    throttled_loads: list[str]
    faults: list[str]
    supercap_soc_pct: Percent | None
    supercap_charge_w: Watts | None
    supercap_discharge_w: Watts | None
    dock_connected: bool | None
    dock_soft_start_pct: Percent | None
    dock_power_w: Watts | None
    dock_v: Finite | None
    dock_a: Finite | None
    dock_temp_c: Finite | None
    nbl_active: bool | None
    nbl_allowed: bool | None
    nbl_power_w: Watts | None
    nbl_budget_w: Watts | None


class Node(Open):
    id: str
    temp_c: Finite
    tripped: bool
    warned: bool
    warn_c: Finite
    trip_c: Finite
    hys_c: Finite


class Thermal(Open):
    nodes: list[Node]


class SimState(Open):
    running: bool
    paused: bool
    speed: Finite
    fsm_state: Literal["STOPPED", "RUNNING", "PAUSED"]


class Telemetry(Open):
    """State of the vehicle, as it stands on `qiki.telemetry`."""

    schema_version: Literal[1]
    source: str
    timestamp: Time
    ts_unix_ms: int
    position: Vector
    velocity: Finite
    heading: Finite
    attitude: Attitude
    battery: Percent | None
    hull: Hull
    power: Power | None
    thermal: Thermal | None
    radiation_usvh: Finite | None
    temp_external_c: Finite | None
    temp_core_c: Finite | None
    speed_m_s: Finite
    velocity_xyz_m_s: list[Finite]
    sim_state: SimState


class Metadata(Open):
    message_id: UUID
    correlation_id: str | None = None
    timestamp: Time
    message_type: str = ""
    source: str = "unknown"
    destination: str = "unknown"


class Command(Model):
    """What goes to `qiki.commands.control`."""

    command_name: str
    parameters: dict[str, Any]
    metadata: Metadata


class ErrorDetail(Open):
    code: str
    message: str
    details: dict[str, Any]


class Acknowledgement(Open):
    """What comes on `qiki.responses.control`; its ids stand there under two names each."""

    version: Literal[1]
    kind: str
    success: bool
    ok: bool
    request_id: str
    request_id_camel: str = Field(alias="requestId")
    timestamp: Time
    metadata: Metadata
    payload: dict[str, Any]
    error: str | None = None
    error_detail: ErrorDetail | None = None

    @model_validator(mode="after")
    def _says_why_exactly_where_it_failed(self) -> Self:
        if self.success == (self.error is not None) or self.success != self.ok:
            raise ValueError("error is required when success is false, and only then")
        if self.request_id != self.request_id_camel:
            raise ValueError("requestId must be request_id")
        return self
