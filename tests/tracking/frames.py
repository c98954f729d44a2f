"""Frames and steps for the tracker's tests."""

import math

from qiki.radar import Present, RadarFrame, empty_detections

PERIOD_NS = 100_000_000


def frame_at(number, polar, *, identity=None, period_ns=PERIOD_NS, **header):
    """A frame with one detection for each (range_m, bearing_deg, elevation_deg)."""
    detections = empty_detections(len(polar))
    detections["time_ns"] = number * period_ns
    for detection, (range_m, bearing_deg, elevation_deg) in zip(detections, polar, strict=True):
        detection["range_m"], detection["range_std_m"] = range_m, 10.0
        detection["bearing_deg"], detection["bearing_std_deg"] = bearing_deg, 0.1
        detection["elevation_deg"], detection["elevation_std_deg"] = elevation_deg, 0.1
        detection["present"] = Present.RANGE | Present.BEARING | Present.ELEVATION
        if identity is not None:
            detection["transponder_id"] = identity
            detection["transponder_mode"] = 1
            detection["range_band"] = 2
            detection["present"] |= Present.TRANSPONDER_ID | Present.TRANSPONDER_REPLY
    return RadarFrame(detections, time_ns=number * period_ns, number=number, **header)


def falling(second, number, *, at_s=None, **header):
    """A frame of one target that falls by 100 m each second, from 300 m; `at_s` is another time."""
    elevation_deg = math.degrees(math.asin((300.0 - 100.0 * second) / 5e3))
    detections = frame_at(0, [(5e3, 30.0, elevation_deg)]).detections.copy()
    detections["time_ns"] = time_ns = round((second if at_s is None else at_s) * 1e9)
    return RadarFrame(detections, time_ns=time_ns, number=number, **header)


def follow(tracker, frames):
    """Step through frames and return the tracks each one touched."""
    return [tracker.step(frame).tracks for frame in frames]
