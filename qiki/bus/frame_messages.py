"""The three messages of a frame: all detections, the long-range and the short-range ones."""

import asyncio
import time
from typing import NamedTuple

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message, Publisher
from qiki.figures import FIGURES
from qiki.radar import BandFrames, RadarFrame
from qiki.wire import crc32c, encode_frame

SCHEMA = "qiki.radar.v1.RadarFrameColumns"


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
    """

    def __init__(self, publisher: Publisher, sensor_id: str) -> None:
        self._publisher = publisher
        self._templates = {band: _template(band, sensor_id) for band in (ALL, LONG, SHORT)}

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
        payload = encode_frame(frame)
        message_id = frame.frame_id + band.id_suffix + (f":copy{copy}" if copy else "")
        return Message(
            band.subject,
            payload,
            self._templates[band].headers(message_id, frame.time_ns)
            | {
                headers.MESSAGE_ID: message_id,
                headers.EPOCH: str(frame.epoch),
                headers.NUMBER: str(frame.number),
                headers.CRC32C: headers.checksum_text(crc32c(payload)),
                headers.PUBLISH_TIME_NS: str(time.time_ns()),
            }
            | more,
        )


def _template(band: Band, sensor_id: str) -> EventTemplate:
    return EventTemplate(
        f"urn:qiki:radar:{sensor_id}",
        band.event_type,
        schema=SCHEMA,
        extensions={"rangeband": band.name},
        headers={headers.RANGE_BAND: band.name, headers.SENSOR_ID: sensor_id},
    )
