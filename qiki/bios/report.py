"""What the BIOS tells: one report of all devices, in the original's JSON and its protobuf."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import qiki
from qiki.bios.self_test import Code, Finding, Result, State
from qiki.wire.generated.bios_status_pb2 import BiosStatusReport
from qiki.wire.generated.bios_status_pb2 import DeviceStatus as DeviceMessage

SCHEMA_VERSION = 1
SOURCE = "q_bios_service"
SUBJECT = "bios_status"
STATUS_OF = {
    State.UNKNOWN: DeviceMessage.STATUS_UNSPECIFIED,
    State.OK: DeviceMessage.OK,
    State.DEGRADED: DeviceMessage.WARNING,
    State.ERROR: DeviceMessage.ERROR,
}


class Report(NamedTuple):
    """What one self test found.

    Attributes
    ----------
    bios_id : UUID of this run of the BIOS.
    time_ns : when, on the wall clock since 1970 [ns].
    uptime_s : since the BIOS started [s].
    profile_hash : of the devices.
    results : what was found.
    """

    bios_id: str
    time_ns: int
    uptime_s: float
    profile_hash: str
    results: tuple[Result, ...]

    @property
    def all_systems_go(self) -> bool:
        """Whether there are devices, and each is OK."""
        states = [result.finding.state for result in self.results]
        return bool(states) and all(state == State.OK for state in states)

    @property
    def health_score(self) -> float:
        """Share of the devices that are OK, 0 to 1."""
        states = [result.finding.state for result in self.results]
        return states.count(State.OK) / len(states) if states else 0.0

    @property
    def findings(self) -> tuple[tuple[object, ...], ...]:
        """What makes two reports differ: the state of each device, not the numbers in its words."""
        return tuple((it.device, it.finding.state, it.finding.code) for it in self.results)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        time = datetime.fromtimestamp(self.time_ns / 1e9, UTC)
        return {
            "event_schema_version": SCHEMA_VERSION,
            "source": SOURCE,
            "subject": SUBJECT,
            "timestamp": time,
            "bios_version": qiki.__version__,
            "firmware_version": qiki.__version__,
            "hardware_profile_hash": self.profile_hash,
            "post_results": [row(result) for result in self.results],
            "all_systems_go": self.all_systems_go,
            "health_score": self.health_score,
            "bios_uuid": self.bios_id,
            "last_checked": time,
            "uptime_sec": int(self.uptime_s),
        }

    def message(self) -> BiosStatusReport:
        """Return the report as protobuf has it."""
        made = BiosStatusReport(
            firmware_version=qiki.__version__,
            post_results=[_message(result) for result in self.results],
            all_systems_go=self.all_systems_go,
            health_score=self.health_score,
            uptime_sec=int(self.uptime_s),
        )
        made.bios_uuid.value = self.bios_id
        made.timestamp.FromNanoseconds(self.time_ns)
        made.last_checked.FromNanoseconds(self.time_ns)
        return made

    def component(self, name_or_id: str) -> dict[str, Any] | None:
        """Return what was found of one device, None where there is none of that id or name."""
        for result in self.results:
            if name_or_id in (result.device.id, result.device.name):
                return row(result)
        return None


def row(result: Result) -> dict[str, Any]:
    """Return one device as JSON has it; type and code are the numbers of the protobuf enums."""
    device, finding = result
    return {
        "device_id": device.id,
        "device_name": device.name,
        "status": int(finding.state),
        "status_message": finding.message,
        "device_type": int(device.type),
        "status_code": int(finding.code),
    }


def _message(result: Result) -> DeviceMessage:
    device, finding = result
    made = DeviceMessage(
        device_name=device.name,
        status=_status(finding),
        error_message="" if finding.state == State.OK else finding.message,
        device_type=device.type,
        status_code=finding.code,
    )
    made.device_id.value = device.id
    return made


def _status(finding: Finding) -> DeviceMessage.Status:
    """Return the status of the protobuf enum, which has one more than JSON."""
    if finding.state == State.UNKNOWN and finding.code == Code.COMPONENT_NOT_FOUND:
        return DeviceMessage.NOT_FOUND
    return STATUS_OF[finding.state]
