"""Names of environment variables that users of the original system set."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

ORIGINAL_NAMES = {
    "EVENTS_INTERVAL_SEC": "telemetry.events_interval_s",
    "EVENTS_STREAM": "streams.events",
    "NATS_PASSWORD": "nats.password",
    "NATS_TOKEN": "nats.token",
    "NATS_URL": "nats.url",
    "NATS_USER": "nats.user",
    "RADAR_CONSUMER_ACK_WAIT_SEC": "streams.ack_wait_s",
    "RADAR_CONSUMER_MAX_ACK_PENDING": "streams.max_ack_pending",
    "RADAR_CONSUMER_MAX_DELIVER": "streams.max_deliver",
    "RADAR_DUPLICATE_WINDOW_SEC": "streams.duplicate_window_s",
    "RADAR_MAX_AGE_SEC": "streams.max_age_s",
    "RADAR_MAX_BYTES": "streams.max_bytes",
    "RADAR_SR_THRESHOLD_M": "radar.sr_threshold_m",
    "RADAR_STREAM": "streams.radar",
    "TELEMETRY_INTERVAL_SEC": "telemetry.interval_s",
}

_FIXED = "subjects and durables have one name each"
_ALWAYS = "it is always so"
WITHOUT_EFFECT = {
    "EVENTS_ENABLED": _ALWAYS,
    "RADAR_ENABLED": _ALWAYS,
    "RADAR_FRAMES_DURABLE": _FIXED,
    "RADAR_FRAMES_SUBJECT": _FIXED,
    "RADAR_LAG_MONITOR_INTERVAL_SEC": "lag is asked of the broker when `qiki status` wants it",
    "RADAR_NATS_ENABLED": _ALWAYS,
    "RADAR_SUBJECTS": _FIXED,
    "RADAR_TRACKS_DURABLE": _FIXED,
    "RADAR_TRACKS_SUBJECT": _FIXED,
}


class OriginalName(NamedTuple):
    """One that is set: its setting, or None; and today's name, or why it does nothing."""

    name: str
    setting: str | None
    words: str


def original_names(
    environment: Mapping[str, str], origins: Mapping[str, str]
) -> Iterator[OriginalName]:
    """Yield the original's names that fill a setting, then those that are set for nothing.

    Parameters
    ----------
    environment : usually ``os.environ``.
    origins : of each setting where it came from.
    """
    for name, setting in ORIGINAL_NAMES.items():
        if origins.get(setting) == name:
            yield OriginalName(name, setting, f"QIKI_{setting.replace('.', '__').upper()}")
    for name, reason in WITHOUT_EFFECT.items():
        if environment.get(name):
            yield OriginalName(name, None, reason)
