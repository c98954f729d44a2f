"""What a guard's alert says on the bus: an event with the original's fields."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message
from qiki.tracking import GuardAlert
from qiki.wire import TracksMessage

SCHEMA_VERSION = 1
SOURCE = "guard"
KINDS = {"raised": "guard_alert", "cleared": "guard_clear", "lost": "guard_clear"}
REASONS = {"cleared": "not_met", "lost": "track_lost"}

_TEMPLATES = {
    "guard_alert": EventTemplate("urn:qiki:guard", "qiki.events.v1.RadarGuardAlert", schema=None),
    "guard_clear": EventTemplate("urn:qiki:guard", "qiki.events.v1.RadarGuardClear", schema=None),
    "guard_place": EventTemplate("urn:qiki:guard", "qiki.events.v1.RadarGuardPlace", schema=None),
}


class Place(NamedTuple):
    """Where an alert stands: a tracks message of a stream, and which of its alerts."""

    created: str  # the stream, so that one that was made anew is another
    sequence: int
    alert: int

    @classmethod
    def of_headers(cls, header: Mapping[str, str]) -> "Place | None":
        """Return the place that an event tells; None where it tells none."""
        sequence = headers.integer(header, headers.TRACKS_SEQUENCE)
        alert = headers.integer(header, headers.ALERT_NUMBER)
        if sequence is None or alert is None:
            return None
        return cls(header.get(headers.TRACKS_CREATED, ""), sequence, alert)


def guard_event(
    message: TracksMessage, alert: GuardAlert, place: Place, stored_s: float
) -> Message:
    """Return the event of one alert.

    It depends on the tracks message alone, so that whoever publishes it again publishes the same.

    Parameters
    ----------
    message, alert : the tracks message and one of its alerts.
    place : where it stands.
    stored_s : when the broker stored the tracks message [s since 1970].
    """
    kind = KINDS[alert.kind]
    frame = f"{message.sensor_id}:{message.epoch}:{message.number}"
    id = f"{message.tracker_epoch}:{frame}:{alert.rule_id}:{alert.track_id}"
    header = _TEMPLATES[kind].headers(id, alert.time_ns) | {
        headers.MESSAGE_ID: id,
        headers.TRACKS_CREATED: place.created,
        headers.TRACKS_SEQUENCE: str(place.sequence),
        headers.ALERT_NUMBER: str(place.alert),
    }
    payload = msgspec.json.encode(_payload(kind, alert, stored_s))
    return Message(subjects.GUARD, payload, header)


def place_event(place: Place, checksum: int, stored_s: float) -> Message:
    """Return the event that every alert up to a place is published.

    Parameters
    ----------
    place : a tracks message, and the last of its alerts; -1 where it has none.
    checksum : CRC-32C of that message, by which it is known from another of its sequence.
    stored_s : when the broker stored it [s since 1970].
    """
    id = f"{place.created}:{place.sequence}:{headers.checksum_text(checksum)}"
    time_ns = round(stored_s * 1e9)
    header = _TEMPLATES["guard_place"].headers(id, time_ns) | {
        headers.MESSAGE_ID: id,
        headers.TRACKS_CREATED: place.created,
        headers.TRACKS_SEQUENCE: str(place.sequence),
        headers.TRACKS_CRC32C: headers.checksum_text(checksum),
        headers.ALERT_NUMBER: str(place.alert),
    }
    said = {
        "schema_version": SCHEMA_VERSION,
        "category": "radar",
        "kind": "guard_place",
        "source": SOURCE,
        "subject": "tracks",
        "ts_epoch": stored_s,
        "tracks_sequence": place.sequence,
    }
    return Message(subjects.GUARD_PLACE, msgspec.json.encode(said), header)


def _payload(kind: str, alert: GuardAlert, stored_s: float) -> dict[str, object]:
    said: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "category": "radar",
        "kind": kind,
        "source": SOURCE,
        "subject": alert.rule_id,
        "ts_epoch": alert.time_ns * 1e-9,
        "rule_id": alert.rule_id,
        "id": alert.track_id,
        "track_id": alert.track_id,
        "fsm_event": alert.fsm_event,
        "severity": alert.severity,
        "title": alert.title,
        "message": alert.description,
        "action_required": alert.action_required,
        "range_m": alert.range_m,
        "bearing_deg": alert.bearing_deg,
        "elev_deg": alert.elevation_deg,
        "vr_mps": alert.range_rate_m_s,
        "quality": alert.quality,
        "iff": alert.friend_foe,
        "transponder_on": alert.transponder_on,
        "transponder_mode": alert.transponder_mode,
        "since_ts_epoch": alert.since_ns * 1e-9,
        "ts_ingest_epoch": stored_s,
    }
    if alert.kind in REASONS:
        said["reason"] = REASONS[alert.kind]
    if alert.approach_time_s is not None:
        said["cpa"] = {
            "time_s": alert.approach_time_s,
            "distance_m": alert.approach_distance_m,
            "probability": alert.approach_probability,
        }
    return said
