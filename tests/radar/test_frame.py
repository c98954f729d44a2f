"""RadarFrame: the same memory in Rust and numpy, and a constructor that refuses bad fields."""

import gc
import hashlib
import uuid

import numpy as np
import pytest

from qiki.errors import FrameError, SettingError
from qiki.radar import DETECTION_DTYPE, Coverage, Present, RadarFrame, empty_detections

SENSOR = "8f0e8f58-1f0f-4f39-9a4e-7f6a8f6c2a11"


def polar_detections(ranges_m):
    detections = empty_detections(len(ranges_m))
    detections["present"] = Present.RANGE | Present.BEARING
    detections["range_m"] = ranges_m
    detections["range_std_m"] = 5.0
    detections["bearing_deg"] = 10.0
    detections["bearing_std_deg"] = 0.5
    return detections


def test_what_goes_in_comes_out():
    detections = polar_detections([100.0, 7000.0])
    coverage = Coverage(min_range_m=50.0, max_range_m=9000.0, bearing_extent_deg=90.0)
    frame = RadarFrame(
        detections,
        time_ns=2_000_000_000,
        sensor_id=SENSOR,
        epoch=2**64 - 1,
        number=17,
        coverage=coverage,
        sensor_position_m=(1.0, 2.0, 3.0),
        sensor_velocity_m_s=[4.0, 5.0, 6.0],
        truth=np.array([0, -1], np.int32),
    )
    assert frame.detections.tobytes() == detections.tobytes()
    assert frame.detections.dtype is DETECTION_DTYPE
    assert frame.truth.tolist() == [0, -1]
    assert (frame.time_ns, frame.sensor_id, frame.epoch) == (2_000_000_000, SENSOR, 2**64 - 1)
    assert (frame.number, frame.range_band, len(frame)) == (17, 0, 2)
    assert frame.coverage == coverage
    assert frame.sensor_position_m == (1.0, 2.0, 3.0)
    assert frame.sensor_velocity_m_s == (4.0, 5.0, 6.0)


def test_frame_id_names_sensor_epoch_and_number():
    def frame_id(epoch, number):
        return RadarFrame(
            empty_detections(0), time_ns=0, sensor_id=SENSOR, epoch=epoch, number=number
        ).frame_id

    assert len({frame_id(1, 1), frame_id(1, 2), frame_id(2, 1)}) == 3
    # RFC 9562, section 5.5: SHA-1 of namespace and name. uuid.uuid5 takes bytes from 3.12 on.
    name = (3).to_bytes(8, "little") + (4).to_bytes(8, "little")
    digest = hashlib.sha1(uuid.UUID(SENSOR).bytes + name, usedforsecurity=False).digest()
    assert frame_id(3, 4) == str(uuid.UUID(bytes=digest[:16], version=5))


def test_detections_are_the_frames_own_memory_and_read_only():
    frame = RadarFrame(polar_detections([1.0, 2.0]), time_ns=0)
    first, second = frame.detections, frame.detections
    assert first.ctypes.data == second.ctypes.data
    assert first.base is frame
    with pytest.raises(ValueError, match="read-only"):
        first["range_m"][0] = 3.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        first.flags.writeable = True
    with pytest.raises(ValueError, match="read-only"):
        frame.truth[0] = 3


def test_the_array_keeps_the_memory_alive():
    detections = RadarFrame(polar_detections(np.arange(1.0, 5000.0)), time_ns=0).detections
    gc.collect()
    assert detections["range_m"].sum() == np.arange(1.0, 5000.0).sum()


def test_joined_and_strided_arrays_are_taken():
    joined = np.concatenate([polar_detections([1.0]), polar_detections([2.0])])
    assert RadarFrame(joined, time_ns=0).detections["range_m"].tolist() == [1.0, 2.0]
    every_other = polar_detections([1.0, 2.0, 3.0])[::2]
    assert RadarFrame(every_other, time_ns=0).detections["range_m"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize("given", [np.zeros(3), [1, 2], np.zeros((2, 2), DETECTION_DTYPE), None])
def test_other_arrays_are_refused(given):
    with pytest.raises(TypeError, match="DETECTION_DTYPE"):
        RadarFrame(given, time_ns=0)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("range_m", -1.0, r"detections\[2\]\.range_m is -1, must be 0 to 1000000000"),
        ("range_m", np.nan, r"detections\[2\]\.range_m is NaN"),
        ("range_m", np.inf, r"detections\[2\]\.range_m is inf"),
        ("bearing_deg", 360.0, r"detections\[2\]\.bearing_deg is 360"),
        ("range_std_m", 0.0, r"detections\[2\]\.range_std_m is 0, must be above 0"),
        ("elevation_deg", 0.0, r"detections\[2\]\.elevation_deg is 0, must be NaN"),
        ("present", 1 << 20, r"detections\[2\]\.range_m is 3, must be NaN"),
        ("range_band", 9, r"detections\[2\]\.range_band is 9, must be 0 to 2"),
        ("transponder_id", b"ALLY", r"detections\[2\]\.transponder_id is \"ALLY\", must be empty"),
    ],
)
def test_the_error_names_field_index_value_and_limit(field, value, message):
    detections = polar_detections([1.0, 2.0, 3.0])
    detections[field][2] = value
    with pytest.raises(FrameError, match=message):
        RadarFrame(detections, time_ns=0)


def test_bad_headers_are_refused():
    none = empty_detections(0)
    with pytest.raises(SettingError, match='sensor_id is "radar", must be a UUID'):
        RadarFrame(none, time_ns=0, sensor_id="radar")
    with pytest.raises(FrameError, match=r"sensor_position_m\[1\] is NaN"):
        RadarFrame(none, time_ns=0, sensor_position_m=(0.0, np.nan, 0.0))
    with pytest.raises(FrameError, match=r"coverage\.max_range_m is 10, must be 20 to"):
        RadarFrame(none, time_ns=0, coverage={"min_range_m": 20.0, "max_range_m": 10.0})
    with pytest.raises(FrameError, match=r"len\(truth\) is 2, must be 0"):
        RadarFrame(none, time_ns=0, truth=np.zeros(2, np.int32))
