"""``qiki replay``."""

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack

import click
import msgspec

from qiki.bus.broker import EmbeddedBroker, private_broker
from qiki.commands.options import (
    aircraft_tracker,
    config_option,
    durable_option,
    json_option,
    monitoring_option,
    setting_option,
    started_with,
)
from qiki.commands.outcome import require_all_used
from qiki.commands.recording_options import Source, read_recording, recording_options
from qiki.errors import BrokerError
from qiki.recording import AsterixRecording
from qiki.serve.held_signals import HeldSignals
from qiki.serve.replay import Recording, ReplaySummary, replay
from qiki.serve.tracker_config import require_no_registration
from qiki.setting_layers import LoadedSettings
from qiki.settings import Settings

# Reproducible: nothing of the tracks may depend on when the replay ran.
TRACKER_EPOCH = 0


def _speed(_ctx: click.Context, parameter: click.Parameter, value: str) -> float | None:
    """Return the multiple of real time, None for as fast as possible."""
    if value == "max":
        return None
    try:
        factor = float(value)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 1e6:
        raise click.BadParameter(
            f"{value} must be max, or a number above 0 and up to 1000000", param=parameter
        )
    return factor


@click.command()
@click.argument("file")
@config_option
@click.option(
    "--speed",
    callback=_speed,
    default="max",
    metavar="max|1|N",
    help="Times real time; max (default) is as fast as it goes.",
)
@recording_options
@setting_option(
    "nats.url",
    "--nats",
    metavar="URL",
    help="Use this broker and its bridge instead of private ones.",
)
@monitoring_option
@durable_option
@setting_option("tracker.preset", "--preset", metavar="NAME", help="Named tracker parameters.")
@json_option
def command(
    *,
    file: str,
    config: str | None,
    speed: float | None,
    source: Source | None,
    rotation_period: float | None,
    as_json: bool,
    **flags: object,
) -> None:
    """Send a recording through JetStream and the tracker.

    FILE is ASTERIX CAT048, as .ast or pcap. Its scans become frames without identity; a fresh
    tracker on a private broker turns them into tracks, and the same recording gives the same
    bytes each time.

    More than 64 turns without a plot are taken for a radar that was off: clock frames tell the
    tracker that time passes. By them a track keeps its status, and no message tells of it until it
    is LOST, max_coast_s after its last detection. Up to 64 turns without a plot are taken for turns
    that saw nothing: frames by which tracks are missed.
    """
    loaded = started_with(config, flags)
    require_no_registration(loaded.settings.tracker)
    recorded = read_recording(file, source=source, rotation_period_s=rotation_period)
    recording = _replayable(recorded, loaded.settings)
    with HeldSignals() as signals:
        summary = _replayed(loaded, recording, speed, signals)
    click.echo(json.dumps(_published(summary), allow_nan=False) if as_json else _text(summary))
    require_all_used(summary.frames, lost=summary.frames_lost, not_accepted=summary.not_accepted)


def _replayed(
    loaded: LoadedSettings, recording: Recording, speed: float | None, signals: HeldSignals
) -> ReplaySummary:
    """Replay on the broker that the settings name, or on one of our own that is taken away."""
    settings = _reproducible(loaded)
    broker = None
    with ExitStack() as stack:
        if settings.nats.url is None:
            broker = stack.enter_context(private_broker(settings.broker, signals.leave_if_asked))
            nats = broker.addressed(settings.nats)
            settings = msgspec.structs.replace(settings, nats=nats)
        work = replay(
            settings,
            recording,
            speed=speed,
            own_bridge=broker is not None,
            require_going=_require_going(signals, broker),
        )
        return asyncio.run(work)


def _require_going(signals: HeldSignals, broker: EmbeddedBroker | None) -> Callable[[], None]:
    def require() -> None:
        signals.leave_if_asked()
        if broker is not None and (reason := broker.ended()):
            raise BrokerError(
                f"the replay's own {reason}: see whether memory and disk space are left, and "
                "replay again, or use another broker with --nats"
            )

    return require


def _replayable(recording: AsterixRecording, settings: Settings) -> Recording:
    return Recording(
        sensor_id=recording.sensor_id,
        epoch=recording.epoch(),
        sr_threshold_m=settings.radar.sr_threshold_m or recording.scans.max_range_m,
        frames=recording.frames_with_clock(),
    )


def _reproducible(loaded: LoadedSettings) -> Settings:
    """Fix what a live tracker draws, and track aircraft, where nobody asked for other things."""
    tracker = aircraft_tracker(loaded)
    if tracker.epoch is None:
        tracker = msgspec.structs.replace(tracker, epoch=TRACKER_EPOCH)
    return msgspec.structs.replace(loaded.settings, tracker=tracker)


def _published(summary: ReplaySummary) -> dict[str, object]:
    """Return what ``--json`` prints; frames that were not accepted show in the exit code."""
    return {name: value for name, value in summary._asdict().items() if name != "not_accepted"}


def _text(summary: ReplaySummary) -> str:
    return "\n".join(f"{name}: {value}" for name, value in summary._asdict().items())
