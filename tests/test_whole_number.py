"""Whole numbers outside of what an argument holds: an error that says value, limit, remedy."""

import re

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.hardware.detection_sink import DetectionSink
from qiki.metrics import Siap, chi_squared_band, consistency, student_t_quantile
from qiki.models import measurement_from_capsules, motion_from_capsule
from qiki.radar import (
    Radar,
    RadarFrame,
    Scenario,
    detection_probability,
    detection_threshold,
    empty_detections,
    required_snr_db,
)
from qiki.recording import read_asterix
from qiki.tracking import TRACK_DTYPE, FilterSet, FrameTracker, Tracker, assign, joint_association
from qiki.wire import (
    decode_frame,
    decode_frame_json,
    decode_tracks,
    encode_frame_json,
    encode_tracks_json,
)
from tests.serve.made_recording import made_recording

SCENARIO = Scenario.load("default")
RADAR = Radar(SCENARIO)
NO_EDGES = (np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0))
PLOTS = empty_detections(0)
RECORDING = read_asterix(made_recording(3))
STATES = (np.zeros((1, 6)), np.eye(6)[None])
POINT = np.zeros((0, 3))
FRAME = RadarFrame(PLOTS, time_ns=0)
TRACKS = np.zeros(0, TRACK_DTYPE)


U64 = {
    ("Radar", "seed"): lambda n: Radar(SCENARIO, seed=n),
    ("Radar", "epoch"): lambda n: Radar(SCENARIO, epoch=n),
    ("Radar", "sensor"): lambda n: Radar(SCENARIO, sensor=n),
    ("Radar.frame", "number"): RADAR.frame,
    ("Radar.frame_time_ns", "number"): RADAR.frame_time_ns,
    ("Radar.is_off", "number"): RADAR.is_off,
    ("Radar.delivery", "number"): RADAR.delivery,
    ("Radar.clock_frame", "number"): lambda n: RADAR.clock_frame(n, 0),
    ("RadarFrame", "epoch"): lambda n: RadarFrame(PLOTS, time_ns=0, epoch=n),
    ("RadarFrame", "number"): lambda n: RadarFrame(PLOTS, time_ns=0, number=n),
    ("Tracker", "epoch"): lambda n: Tracker(epoch=n),
    ("FrameTracker", "epoch"): lambda n: FrameTracker(epoch=n),
    ("FrameTracker.begin", "epoch"): lambda n: FrameTracker().begin(n),
    ("FilterSet.model_state", "model"): lambda n: FilterSet(*STATES).model_state(n),
    ("motion", "state_size"): lambda n: motion_from_capsule(None, "m", state_size=n),
    ("motion", "parameter_count"): lambda n: motion_from_capsule(None, "m", parameter_count=n),
    ("measurement", "parameter_count"): lambda n: measurement_from_capsules(
        None, None, "m", periods=(0.0,), parameter_count=n
    ),
    ("assign", "row_count"): lambda n: assign(
        *NO_EDGES, row_count=n, column_count=0, miss_cost=1.0
    ),
    ("assign", "column_count"): lambda n: assign(
        *NO_EDGES, row_count=0, column_count=n, miss_cost=1.0
    ),
    ("joint_association", "row_count"): lambda n: joint_association(
        *NO_EDGES, row_count=n, column_count=0, miss_cost=1.0
    ),
    ("joint_association", "max_work"): lambda n: joint_association(
        *NO_EDGES, row_count=0, column_count=0, miss_cost=1.0, max_work=n
    ),
    ("DetectionSink", "capacity"): lambda n: DetectionSink(capacity=n),
    ("chi_squared_band", "dimensions"): lambda n: chi_squared_band(n, 5),
    ("chi_squared_band", "count"): lambda n: chi_squared_band(3, n),
    ("consistency", "dimensions"): lambda n: consistency(np.ones(3), dimensions=n),
    ("AsterixRecording.frames", "epoch"): lambda n: next(RECORDING.frames(epoch=n)),
}
I64 = {
    ("encode_frame_json", "ingest_time_ns"): lambda n: encode_frame_json(FRAME, n),
    ("encode_tracks_json", "ingest_time_ns"): lambda n: encode_tracks_json(TRACKS, n),
    ("Radar", "start_time_ns"): lambda n: Radar(SCENARIO, start_time_ns=n),
    ("Radar.clock_frame", "time_ns"): lambda n: RADAR.clock_frame(0, n),
    ("Radar.truth", "time_ns"): RADAR.truth,
    ("RadarFrame", "time_ns"): lambda n: RadarFrame(PLOTS, time_ns=n),
    ("Tracker.step_positions", "time_ns"): lambda n: Tracker().step_positions(POINT, np.eye(3), n),
    ("Tracker.tracks", "time_ns"): lambda n: Tracker().tracks(n),
    ("FilterSet", "time_ns"): lambda n: FilterSet(*STATES, time_ns=n),
    ("FilterSet.states_at", "time_ns"): lambda n: FilterSet(*STATES).states_at(n),
    ("Siap.add", "time_ns"): lambda n: Siap(cutoff_m=10.0).add(
        n, np.zeros(0, np.uint64), POINT, np.zeros(0, np.uint64), POINT
    ),
    ("detection_threshold", "pulses"): lambda n: detection_threshold(1e-6, pulses=n),
    ("detection_probability", "swerling"): lambda n: detection_probability(
        10.0, false_alarm_probability=1e-6, swerling=n
    ),
    ("required_snr_db", "pulses"): lambda n: required_snr_db(
        0.9, false_alarm_probability=1e-6, pulses=n
    ),
}
SMALL = {
    ("RadarFrame", "range_band"): (lambda n: RadarFrame(PLOTS, time_ns=0, range_band=n), 2**8),
    ("FrameTracker.answer", "crc32c"): (lambda n: FrameTracker().answer(b"", n), 2**32),
    ("decode_frame", "crc32c"): (lambda n: decode_frame(b"", n), 2**32),
    ("decode_frame_json", "crc32c"): (lambda n: decode_frame_json(b"", "", crc32c=n), 2**32),
    ("decode_tracks", "crc32c"): (lambda n: decode_tracks(b"", n), 2**32),
    ("student_t_quantile", "degrees"): (lambda n: student_t_quantile(0.9, n), 2**32),
    ("read_asterix", "udp_port"): (lambda n: read_asterix(b"", udp_port=n), 2**16),
}
ALL = (
    [(*name, call, -1, 0, 2**64 - 1) for name, call in U64.items()]
    + [(*name, call, 2**64, 0, 2**64 - 1) for name, call in U64.items()]
    + [(*name, call, 2**63, -(2**63), 2**63 - 1) for name, call in I64.items()]
    + [(*name, call, -1, 0, end - 1) for name, (call, end) in SMALL.items()]
    + [(*name, call, end, 0, end - 1) for name, (call, end) in SMALL.items()]
)


@pytest.mark.parametrize(
    ("name", "call", "value", "low", "high"),
    [case[1:] for case in ALL],
    ids=[f"{case[0]} {case[1]} {case[3]}" for case in ALL],
)
def test_a_number_that_does_not_fit_is_named_with_its_limits(name, call, value, low, high):
    told = f"{name} is {value}, must be {low} to {high}: give a number within them"
    with pytest.raises(SettingError, match=re.escape(told)):
        call(value)
