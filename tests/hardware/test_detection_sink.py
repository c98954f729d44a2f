"""The sink as Python uses it."""

import gc

import numpy as np
import pytest

import qiki
from qiki import errors
from qiki.hardware.detection_sink import DetectionSink
from qiki.radar import Present, empty_detections

SENSOR = "0f8c1f0e-6a3b-4b0e-9a55-3f3f7a3c9a11"


def plots(times_ns):
    detections = empty_detections(len(times_ns))
    detections["time_ns"] = times_ns
    detections["present"] = Present.RANGE
    detections["range_m"], detections["range_std_m"] = 900.0, 2.0
    return detections


def test_pushes_become_one_frame_with_the_header_given():
    sink = DetectionSink(capacity=5)
    sink.push(plots([1, 2]))
    sink.push(plots([3]))
    assert (len(sink), sink.capacity) == (3, 5)
    frame = sink.take_frame(
        time_ns=9,
        sensor_id=SENSOR,
        epoch=4,
        number=8,
        coverage={"max_range_m": 5000.0},
        sensor_position_m=(1.0, 2.0, 3.0),
        sensor_velocity_m_s=(4.0, 5.0, 6.0),
    )
    assert frame.detections["time_ns"].tolist() == [1, 2, 3]
    assert (frame.time_ns, frame.sensor_id, frame.epoch, frame.number) == (9, SENSOR, 4, 8)
    assert frame.coverage.max_range_m == 5000.0
    assert frame.sensor_position_m == (1.0, 2.0, 3.0)
    assert frame.sensor_velocity_m_s == (4.0, 5.0, 6.0)
    assert frame.truth.tolist() == [-1, -1, -1]


def test_an_empty_sink_gives_an_empty_frame():
    assert len(DetectionSink().take_frame(time_ns=0)) == 0


def test_the_frame_is_the_same_as_one_made_from_the_array():
    detections = plots([5, 6])
    sink = DetectionSink()
    sink.push(detections)
    taken = sink.take_frame(time_ns=7, sensor_id=SENSOR)
    made = qiki.radar.RadarFrame(detections, time_ns=7, sensor_id=SENSOR)
    assert taken.frame_id == made.frame_id
    assert taken.detections.tobytes() == made.detections.tobytes()


def test_a_frame_outlives_its_sink():
    sink = DetectionSink(capacity=2)
    sink.push(plots([1]))
    detections = sink.take_frame(time_ns=0).detections
    sink.push(plots([2]))
    del sink
    gc.collect()
    assert detections["time_ns"].tolist() == [1]


def test_clear_forgets_what_waits():
    sink = DetectionSink()
    sink.push(plots([1]))
    sink.clear()
    assert len(sink) == 0


def test_a_refused_push_changes_nothing():
    sink = DetectionSink(capacity=3)
    sink.push(plots([1]))
    broken = plots([2, 3])
    broken["range_m"][1] = np.nan
    with pytest.raises(errors.FrameError, match=r"detections\[1\].range_m is NaN, must be 0 to"):
        sink.push(broken)
    with pytest.raises(errors.CapacityError, match="holds 3 entries, 4 wanted: take a frame"):
        sink.push(plots([4, 5, 6]))
    with pytest.raises(TypeError, match="DETECTION_DTYPE"):
        sink.push(np.zeros(2))
    assert sink.take_frame(time_ns=0).detections["time_ns"].tolist() == [1]


def test_a_refused_header_takes_nothing():
    sink = DetectionSink()
    sink.push(plots([1]))
    with pytest.raises(errors.SettingError, match="sensor_id"):
        sink.take_frame(time_ns=0, sensor_id="north mast")
    assert len(sink) == 1


def test_a_band_frame_takes_its_own_band_only():
    sink = DetectionSink()
    sink.push(plots([1]))
    with pytest.raises(errors.FrameError, match="range_band is 0, must be 1"):
        sink.take_frame(time_ns=0, range_band=1)
    assert len(sink.take_frame(time_ns=0)) == 1


@pytest.mark.parametrize("capacity", [0, 2**20 + 1])
def test_a_capacity_outside_its_limits_is_refused(capacity):
    with pytest.raises(errors.SettingError, match=f"capacity is {capacity}, must be 1 to 1048576"):
        DetectionSink(capacity)


def test_a_foreign_capsule_is_no_sink():
    with pytest.raises(ValueError, match="PyCapsule"):
        qiki._core.detection_sink_push(qiki._core._C_API, plots([1]))
