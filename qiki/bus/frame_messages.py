"""The three messages of a frame: all detections, the long-range and the short-range ones.

In columns, or in the original's JSON with its headers. Who reads them goes by the header that says
which.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import JSON, EventTemplate, content_type
from qiki.bus.publish import Message, Publisher
from qiki.figures import FIGURES
from qiki.radar import BandFrames, RadarFrame
from qiki.setting_types import Encoding
from qiki.wire import crc32c, decode_frame, decode_frame_json, encode_frame, encode_frame_json

SCHEMA = "qiki.radar.v1.RadarFrameColumns"
ORIGINAL_SOURCE = "urn:qiki:q-sim-service:radar"

# How a radar is taken to have looked that does not say it: everywhere around the origin.
JSON_SCAN: dict[str, object] = {
    "range_band": 0,
    "range_m": [0, 100_000],
    "bearing_deg": [0, 360],
    "elevation_deg": [-90, 90],
    "sensor_position_m": [0, 0, 0],
    "sensor_velocity_m_s": [0, 0, 0],
    "range_std_m": 10,
    "bearing_std_deg": 0.5,
    "elevation_std_deg": 0.5,
    "range_rate_std_m_s": 10,
}


class FrameText(NamedTuple):
    """What goes beside a frame in JSON."""

    scan: str
    absent: str


class Band(NamedTuple):
    """How the frames of one band go out; the event types are the original's."""

    subject: str
    name: str
    event_type: str
    id_suffix: str


ALL = Band(subjects.FRAMES, "RR_UNSPECIFIED", "qiki.radar.v1.UNSPECIFIEDFrame", "")
LONG = Band(subjects.FRAMES_LR, "RR_LR", "qiki.radar.v1.LRFrame", ":lr")
SHORT = Band(subjects.FRAMES_SR, "RR_SR", "qiki.radar.v1.SRFrame", ":sr")


class FrameSender:
    """Publishes the frames of one sensor.

    Parameters
    ----------
    publisher : where to.
    sensor_id : UUID of the sensor, the source of the events.
    encoding : of the payloads.
    """

    def __init__(
        self, publisher: Publisher, sensor_id: str, encoding: Encoding = "columns"
    ) -> None:
        self._publisher = publisher
        self._encoding = encoding
        template = _original_template if encoding == "json" else _template
        self._templates = {band: template(band, sensor_id) for band in (ALL, LONG, SHORT)}

    async def send(self, frames: BandFrames, *, copy: int = 0, model_fault: bool = False) -> None:
        """Store the three messages of one frame, empty ones included.

        The whole frame goes first and alone: what waits for it need not wait for its parts.

        Parameters
        ----------
        frames : the frame and its parts.
        copy : 0; above it for a frame that a faulty radar sends again: the message has then an id
            of its own, by which the broker takes it, and the name that the frame had before.
        model_fault : it stands for a frame that a user's model spoiled, and says so.

        Raises
        ------
        BrokerError : the broker refuses one, or has it already.
        """
        more = {headers.MODEL_FAULT: "1"} if model_fault else {}
        publish = self._publisher.publish
        await publish(self._message(ALL, frames.all, copy, more))
        await asyncio.gather(
            publish(self._message(LONG, frames.long, copy, more)),
            publish(self._message(SHORT, frames.short, copy, more)),
        )
        FIGURES.frame_done(len(frames.all.detections))

    def _message(self, band: Band, frame: RadarFrame, copy: int, more: dict[str, str]) -> Message:
        now_ns = time.time_ns()
        payload, beside = self._encoded(frame, now_ns)
        message_id = frame.frame_id + band.id_suffix + (f":copy{copy}" if copy else "")
        return Message(
            band.subject,
            payload,
            self._templates[band].headers(self._event_id(frame, message_id), frame.time_ns)
            | {
                headers.MESSAGE_ID: message_id,
                headers.EPOCH: str(frame.epoch),
                headers.NUMBER: str(frame.number),
                headers.CRC32C: headers.checksum_text(crc32c(payload)),
                headers.PUBLISH_TIME_NS: str(now_ns),
            }
            | beside
            | more,
        )

    def _encoded(self, frame: RadarFrame, now_ns: int) -> tuple[bytes, dict[str, str]]:
        """Return the payload and the headers that belong to it."""
        if self._encoding == "columns":
            return encode_frame(frame), {}
        text = encode_frame_json(frame, now_ns)
        return text.payload, {headers.SCAN: text.scan} | (
            {headers.ABSENT: text.absent} if text.absent else {}
        )

    def _event_id(self, frame: RadarFrame, message_id: str) -> str:
        """Return the event's id: the original's three messages of a frame share one."""
        return frame.frame_id if self._encoding == "json" else message_id


def json_scan_text(changes: Mapping[str, object]) -> str:
    """Return the text of `x-qiki-scan` for frames without, with some of its fields changed."""
    return msgspec.json.encode(JSON_SCAN | dict(changes)).decode()


_JSON_SCAN_TEXT = json_scan_text({})


def is_numbered(header: Mapping[str, str]) -> bool:
    """Return whether the frame message says which of its radar it is; the original's do not."""
    return content_type(header) != JSON or headers.SCAN in header


def json_beside(header: Mapping[str, str], json_scan: str | None = None) -> FrameText | None:
    """Return what goes beside a frame message in JSON, None for one in columns.

    Parameters
    ----------
    header : of the message.
    json_scan : what is taken where it does not say how the radar looked; None: nothing.
    """
    if content_type(header) != JSON:
        return None
    scan = header.get(headers.SCAN, json_scan or "")
    return FrameText(scan, header.get(headers.ABSENT, ""))


def read_frame(payload: bytes, header: Mapping[str, str]) -> RadarFrame:
    """Return the frame of a message in either encoding; of the original's what it was is a guess.

    Raises
    ------
    DecodeError : another checksum than the message claims, or it cannot be read.
    FrameError : what it says breaks the contract.
    """
    checksum = headers.expected_checksum(header, payload)
    text = json_beside(header, _JSON_SCAN_TEXT)
    if text is None:
        return decode_frame(payload, checksum)
    return decode_frame_json(payload, text.scan, text.absent, checksum)


def _template(band: Band, sensor_id: str) -> EventTemplate:
    return EventTemplate(
        f"urn:qiki:radar:{sensor_id}",
        band.event_type,
        schema=SCHEMA,
        extensions={"rangeband": band.name},
        headers={headers.RANGE_BAND: band.name, headers.SENSOR_ID: sensor_id},
    )


def _original_template(band: Band, sensor_id: str) -> EventTemplate:
    return EventTemplate(
        ORIGINAL_SOURCE,
        band.event_type,
        schema=None,
        headers={headers.RANGE_BAND: band.name, headers.SENSOR_ID: sensor_id},
        original=True,
    )
