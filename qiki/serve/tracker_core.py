"""The tracker as the core of a recoverable worker: frames in, tracks messages out."""

import hashlib
from collections.abc import Mapping

from qiki.bus import headers
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.frame_messages import FrameText, json_beside, json_scan_text
from qiki.bus.headers import echo_u64, echo_uuid
from qiki.bus.worker_effects import Answer, FrameName
from qiki.errors import DecodeError, FrameError, SettingError
from qiki.serve.registration_news import RegistrationNews
from qiki.serve.tracker_config import guard_rules, registration_config, tracker_config
from qiki.settings import Settings, TrackerSettings
from qiki.tracking import Answer as TrackerAnswer
from qiki.tracking import FrameTracker
from qiki.wire import decode_frame, decode_frame_json, encode_frame

SCHEMA = "qiki.radar.v1.RadarTrackColumns"


_PLOT = (
    b'{"range_m":100.0,"bearing_deg":0.0,"elev_deg":0.0,"vr_mps":0.0,"snr_db":20.0,"rcs_dbsm":1.0,'
)
# One of each band, so that what is taken for the scan must do for both.
_SAMPLE_FRAME = (
    b'{"frame_id":"00000000-0000-0000-0000-000000000000","sensor_id":'
    b'"00000000-0000-0000-0000-000000000000","timestamp":"1970-01-01T00:00:00Z","ts_event":null,'
    b'"ts_ingest":null,"detections":['
    + _PLOT
    + b'"transponder_on":false,"transponder_mode":0,"transponder_id":null,"range_band":1,'
    b'"id_present":false},'
    + _PLOT
    + b'"transponder_on":true,"transponder_mode":1,"transponder_id":"X","range_band":2,'
    b'"id_present":true}]}'
)


def tracker_core(settings: Settings) -> "TrackerCore":
    """Return the core that a bridge runs.

    Raises
    ------
    SettingError, GuardRulesError : as `TrackerCore`.
    """
    radar = settings.radar
    is_json = radar.encoding == "json"
    return TrackerCore(settings.tracker, json_scan_text(radar.json_scan) if is_json else None)


class TrackerCore:
    """Answers frame messages; satisfies `qiki.bus.worker_effects.Core`.

    Parameters
    ----------
    settings : of the tracker.
    json_scan : how a radar looked whose frames in JSON do not say it; None: these are refused.

    Attributes
    ----------
    news : what its answers tell of the sensors whose biases are sought.

    Raises
    ------
    SettingError : the tracker cannot be made as the settings ask, or `json_scan` cannot be read.
    GuardRulesError : the guard rules cannot be used.
    """

    def __init__(self, settings: TrackerSettings, json_scan: str | None = None) -> None:
        if json_scan is not None:
            _require_scan(json_scan)
        self._json_scan = json_scan
        self._tracker = FrameTracker(
            tracker_config(settings),
            registration=registration_config(settings),
            guard_rules=guard_rules(settings),
            tracker_id=settings.id,
        )
        self._template = self._events()
        self.news = RegistrationNews()

    @property
    def tracker_id(self) -> str:
        """Return the tracker's UUID."""
        return self._tracker.tracker_id

    @property
    def core_version(self) -> str:
        """Return what changes whenever the same frames might give other bytes."""
        return self._tracker.core_version

    @property
    def settings_sha256(self) -> str:
        """Return the hash of the tracker's settings, and of what is taken for a missing scan."""
        own = self._tracker.settings_sha256
        if self._json_scan is None:
            return own
        return hashlib.sha256(f"{own}{self._json_scan}".encode()).hexdigest()

    def begin(self, epoch: int) -> None:
        """Become empty, under a new epoch."""
        self._tracker.begin(epoch)
        self._template = self._events()

    def restore(self, state: bytes) -> None:
        """Become what gave `state`.

        Raises
        ------
        SnapshotError : the bytes are no state of this tracker, version and settings.
        """
        self._tracker.restore(state)
        self._template = self._events()

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return self._tracker.snapshot()

    def answer(self, payload: bytes, header: Mapping[str, str]) -> Answer:
        """Answer one frame message, whatever it is."""
        text = json_beside(header, self._json_scan)
        answer = self._tracker.answer(
            payload,
            headers.expected_checksum(header, payload),
            scan=None if text is None else text.scan,
            absent="" if text is None else text.absent,
        )
        return Answer(
            answer.payload,
            self._template.headers("", answer.time_ns)  # who publishes it gives the id
            | {
                # The frame's own claim where it has one: a refused payload names nothing.
                headers.SENSOR_ID: echo_uuid(header, headers.SENSOR_ID, answer.sensor_id),
                headers.EPOCH: echo_u64(header, headers.EPOCH, str(answer.epoch)),
                headers.NUMBER: echo_u64(header, headers.NUMBER, str(answer.number)),
                headers.VERDICT: answer.verdict,
                headers.DETECTIONS: str(answer.detections),
                headers.TRACKS: str(answer.tracks),
                headers.CONFIRMED: str(answer.confirmed),
                headers.CRC32C: headers.checksum_text(answer.crc32c),
                headers.INPUT_PUBLISH_TIME_NS: echo_u64(header, headers.PUBLISH_TIME_NS, ""),
            }
            | ({headers.CLOCK_FRAME: "1"} if _is_clock_frame(answer, payload, text) else {}),
            frame=_frame(answer),
            not_accepted=_not_accepted(answer),
            news=self.news.of(answer),
        )

    def _events(self) -> EventTemplate:
        source = f"urn:qiki:tracker:{self.tracker_id}:{self._tracker.epoch}"
        return EventTemplate(source, "qiki.radar.v1.Tracks", schema=SCHEMA)


def _require_scan(json_scan: str) -> None:
    """Refuse what would refuse each frame, and what names one: it is of all of them."""
    try:
        encode_frame(decode_frame_json(_SAMPLE_FRAME, json_scan))
    except (DecodeError, FrameError) as error:
        raise SettingError(
            f"radar.json_scan cannot be used: {error}; it has fields of x-qiki-scan, but neither "
            "epoch, number nor time_ns (docs/json.md)"
        ) from error


def _is_clock_frame(answer: TrackerAnswer, payload: bytes, text: FrameText | None) -> bool:
    """Return whether an accepted frame searched nothing; only one without detections is read."""
    if answer.detections or answer.verdict != "accepted":
        return False
    if text is None:
        return decode_frame(payload).coverage.is_empty
    return decode_frame_json(payload, text.scan, text.absent).coverage.is_empty


def _frame(answer: TrackerAnswer) -> FrameName | None:
    if answer.frame_id is None:
        return None
    return FrameName(answer.sensor_id, answer.epoch, answer.number)


def _not_accepted(answer: TrackerAnswer) -> dict[str, object] | None:
    if answer.verdict == "accepted":
        return None
    return {"verdict": answer.verdict, "reason": answer.reason, "frame": answer.frame_id}
