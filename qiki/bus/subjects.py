"""The one registry of NATS subjects: what goes where, in which stream, from whom."""

from typing import Literal, NamedTuple

FRAMES = "qiki.radar.v1.frames"
FRAMES_LR = "qiki.radar.v1.frames.lr"
FRAMES_SR = "qiki.radar.v1.tracks.sr"  # the original's name; it carries a frame
TRACKS = "qiki.radar.v1.tracks"
TRACKS_LOG = "qiki.radar.v1.tracks.columns"
PICTURE = "qiki.radar.v1.picture"
COMMANDS = "qiki.commands.control"
EVENTS = "qiki.events.v1.>"
AUDIT = "qiki.events.v1.audit"
BIOS_STATUS = "qiki.events.v1.bios_status"
GUARD = "qiki.events.v1.radar.guard"
GUARD_PLACE = "qiki.events.v1.radar.guard_place"
REGISTRATION = "qiki.events.v1.radar.registration"
SENSOR_THERMAL = "qiki.events.v1.sensor.thermal"
SENSOR_TRIP = "qiki.events.v1.sensor.trip"
SENSOR_CHANGE = "qiki.events.v1.sensor.change"
POWER_BUS = "qiki.events.v1.power.bus"
POWER_PDU = "qiki.events.v1.power.pdu"
POWER_CHANGE = "qiki.events.v1.power.change"
COMMS_CHANGE = "qiki.events.v1.comms.change"
AGENT_DECISION = "qiki.events.v1.agent.decision"
AGENT_STATE = "qiki.events.v1.agent.state"
AGENT_SITUATION = "qiki.events.v1.agent.situation"
AGENT_FAULT = "qiki.events.v1.agent.fault"
SYSTEM_MODE = "qiki.events.v1.system_mode"
DOCKING_CHANGE = "qiki.events.v1.docking.change"
SNAPSHOTS = "$KV.QIKI_SNAPSHOTS"  # a bucket; its keys are the tokens behind
TELEMETRY = "qiki.telemetry"
COMMAND_RESPONSES = "qiki.responses.control"
INTENTS = "qiki.intents"
INTENT_RESPONSES = "qiki.responses.qiki"
STATUS = "qiki.status"  # the service's name stands behind

# Key of a stream: the setting `streams.<key>` holds its name. None: core NATS, not stored.
StreamKey = Literal["radar", "tracks", "tracks_log", "events", "commands", "snapshots"]


class Subject(NamedTuple):
    """One subject of the system."""

    name: str
    stream: StreamKey | None
    message: str
    senders: tuple[str, ...]
    summary: str


REGISTRY: tuple[Subject, ...] = (
    Subject(
        FRAMES,
        "radar",
        "qiki.radar.v1.RadarFrameColumns",
        ("sim", "replay", "hil"),
        "Every frame with all its detections; long-range ones carry no identity.",
    ),
    Subject(
        FRAMES_LR,
        "radar",
        "qiki.radar.v1.RadarFrameColumns",
        ("sim", "replay", "hil"),
        "The frame's long-range detections.",
    ),
    Subject(
        FRAMES_SR,
        "radar",
        "qiki.radar.v1.RadarFrameColumns",
        ("sim", "replay", "hil"),
        "The frame's short-range detections, with transponder data.",
    ),
    Subject(
        TRACKS,
        "tracks",
        "qiki.radar.v1.RadarTrackColumns",
        ("bridge",),
        "What one frame did to the tracks: one message per frame.",
    ),
    Subject(
        TRACKS_LOG,
        "tracks_log",
        "qiki.radar.v1.RadarTrackColumns",
        ("bridge",),
        "The same where tracks go out in JSON, of which there is one message per track.",
    ),
    Subject(
        PICTURE,
        None,
        "qiki.radar.v1.RadarTrackColumns",
        ("bridge",),
        "Every track, once a second, for those who join late.",
    ),
    Subject(
        COMMANDS,
        "commands",
        "qiki.CommandMessage",
        ("console", "agent"),
        "Commands of operator and agent, stored before they act.",
    ),
    Subject(
        EVENTS,
        "events",
        "qiki.events.v1.Event",
        ("sim", "bridge", "guard", "bios", "agent", "registrar"),
        "Guard alerts, radars' biases, audit, power, thermal, comms, docking, BIOS, system mode.",
    ),
    Subject(
        f"{SNAPSHOTS}.>",
        "snapshots",
        "bytes",
        ("bridge",),
        "States of the tracker, from which a bridge goes on: manifests and chunks.",
    ),
    Subject(TELEMETRY, None, "qiki.telemetry.v1.Snapshot", ("sim",), "State of the vehicle."),
    Subject(COMMAND_RESPONSES, None, "qiki.ResponseMessage", ("sim",), "What became of a command."),
    Subject(
        INTENTS, None, "qiki.IntentRequest", ("console",), "What the operator wants, in words."
    ),
    Subject(
        INTENT_RESPONSES,
        None,
        "qiki.IntentResponse",
        ("agent",),
        "The agent's answer to an intent.",
    ),
    Subject(
        f"{STATUS}.*",
        None,
        "qiki.ServiceFigures",
        ("sim", "bridge", "registrar", "guard", "bios", "agent"),
        "A request: the service that is named answers with its figures.",
    ),
)


def stored_in(stream: StreamKey) -> list[str]:
    """Return the names of the subjects that a stream keeps."""
    return [subject.name for subject in REGISTRY if subject.stream == stream]
