"""The declared JetStream streams and durable consumers."""

from typing import NamedTuple

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from qiki.bus import subjects
from qiki.bus.stream_size import Traffic, max_age_s, max_bytes
from qiki.settings import BridgeSettings, StreamSettings

COMMAND_ACK_WAIT_S = 2.0  # a command whose acknowledgement is lost holds up the next so long


class StreamPlan(NamedTuple):
    """One stream with its durables."""

    config: StreamConfig
    durables: list[ConsumerConfig]


def stream_plans(
    settings: StreamSettings, bridge: BridgeSettings, traffic: Traffic
) -> list[StreamPlan]:
    """Return every stream that the system needs, sized for `traffic`.

    Raises
    ------
    SettingError : the disk budget is too small.
    """
    age_s = max_age_s(settings, traffic)
    limits = max_bytes(settings, traffic.encoding)
    window_s = min(settings.duplicate_window_s, age_s)

    def plan(key: subjects.StreamKey, age_s: float, durables: list[ConsumerConfig]) -> StreamPlan:
        return StreamPlan(
            StreamConfig(
                name=getattr(settings, key),
                subjects=subjects.stored_in(key),
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                # A full store refuses what is new; it never eats what is stored.
                discard=DiscardPolicy.NEW,
                max_age=age_s,
                max_bytes=limits[key],
                duplicate_window=window_s,
                allow_direct=True,
                deny_delete=True,
                deny_purge=True,
                num_replicas=1,
            ),
            durables,
        )

    is_json = traffic.encoding == "json"
    log = subjects.TRACKS_LOG if is_json else subjects.TRACKS
    names = (settings.registrar_durable, settings.guard_durable, settings.agent_durable)
    log_readers = [_reader(name, log) for name in names]
    outsider = _outsider("radar_tracks_pull", subjects.TRACKS, settings)
    tracks = (
        [
            plan("tracks", age_s, [outsider]),
            plan("tracks_log", age_s, [*log_readers, _reader(bridge.durable, log)]),
        ]
        if is_json
        else [plan("tracks", age_s, [*log_readers, outsider])]
    )
    return [
        plan(
            "radar",
            age_s,
            [
                _reader(bridge.durable, subjects.FRAMES),
                _reader(settings.registrar_durable, subjects.FRAMES),
                _outsider("radar_frames_pull", subjects.FRAMES, settings),
            ],
        ),
        *tracks,
        plan(
            "events",
            settings.max_age_s,
            [
                _reader(settings.registrar_durable, subjects.EVENTS),
                _outsider("events_audit_pull", subjects.AUDIT, settings),
            ],
        ),
        plan(
            "commands",
            settings.max_age_s,
            [
                _simulator_durable(settings.commands_durable),
                _reader(settings.registrar_durable, subjects.COMMANDS),
            ],
        ),
        StreamPlan(_bucket(settings, limits["snapshots"]), []),
    ]


def _bucket(settings: StreamSettings, size_bytes: int) -> StreamConfig:
    """Return the stream of a key-value bucket: the newest value of each key, at any age."""
    return StreamConfig(
        name=settings.snapshots,
        subjects=subjects.stored_in("snapshots"),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=0,
        duplicate_window=settings.duplicate_window_s,
        max_msgs_per_subject=1,
        max_bytes=size_bytes,
        allow_direct=True,
        allow_rollup_hdrs=True,
        deny_delete=True,
        num_replicas=1,
    )


def _reader(name: str, subject: str) -> ConsumerConfig:
    """Return a consumer that acknowledges nothing; its reader knows where it stands."""
    return ConsumerConfig(
        durable_name=name,
        filter_subject=subject,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        replay_policy=ReplayPolicy.INSTANT,
    )


def _simulator_durable(name: str) -> ConsumerConfig:
    """Return the simulator's consumer: one command at a time, until its answer is sent."""
    return ConsumerConfig(
        durable_name=name,
        filter_subject=subjects.COMMANDS,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        replay_policy=ReplayPolicy.INSTANT,
        ack_wait=COMMAND_ACK_WAIT_S,
        max_ack_pending=1,
    )


def _outsider(name: str, subject: str, settings: StreamSettings) -> ConsumerConfig:
    """Return one of the original's durables, for consumers outside this system."""
    return ConsumerConfig(
        durable_name=name,
        filter_subject=subject,
        deliver_policy=DeliverPolicy.NEW,
        ack_policy=AckPolicy.EXPLICIT,
        replay_policy=ReplayPolicy.INSTANT,
        ack_wait=settings.ack_wait_s,
        max_deliver=settings.max_deliver,
        max_ack_pending=settings.max_ack_pending,
    )
