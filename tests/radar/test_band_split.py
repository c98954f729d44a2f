"""The LR/SR split: long range carries no identity, in any of the three frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.errors import FrameError, SettingError
from qiki.radar import Present, RadarFrame, RangeBand, TransponderMode, empty_detections


def replying_frame(ranges_m):
    detections = empty_detections(len(ranges_m))
    detections["present"] = Present.RANGE | Present.IDENTITY
    detections["range_m"] = ranges_m
    detections["range_std_m"] = 1.0
    detections["address"] = 0xABCDEF
    detections["mode_3a"] = 0o7700
    detections["transponder_mode"] = TransponderMode.ON
    detections["transponder_id"] = b"ALLY-1"
    return RadarFrame(
        detections, time_ns=5, number=3, truth=np.arange(len(ranges_m), dtype=np.int32)
    )


def names_nobody(detections):
    return (
        not np.any(detections["present"] & Present.IDENTITY)
        and not np.any(detections["address"])
        and not np.any(detections["mode_3a"])
        and not np.any(detections["transponder_mode"])
        and not np.any(detections["transponder_id"])
    )


@given(
    ranges_m=st.lists(st.floats(0.0, 1e9), max_size=40),
    threshold_m=st.floats(0.0, 1e9),
)
def test_every_detection_is_in_one_band_and_long_range_names_nobody(ranges_m, threshold_m):
    frame = replying_frame(ranges_m)
    bands = frame.split(threshold_m)
    near = np.array(ranges_m, float) <= threshold_m
    assert bands.all.detections["range_m"].tolist() == ranges_m
    assert ((bands.all.detections["range_band"] == RangeBand.SHORT) == near).all()
    assert bands.short.detections.tobytes() == bands.all.detections[near].tobytes()
    assert bands.long.detections.tobytes() == bands.all.detections[~near].tobytes()
    assert bands.short.truth.tolist() == np.flatnonzero(near).tolist()
    assert bands.long.truth.tolist() == np.flatnonzero(~near).tolist()
    assert names_nobody(bands.long.detections)
    assert names_nobody(bands.all.detections[~near])
    assert (bands.short.detections["transponder_id"] == b"ALLY-1").all()


def test_the_three_frames_have_one_name_and_their_band():
    bands = replying_frame([10.0, 20.0]).split(15.0)
    assert bands.all.frame_id == bands.long.frame_id == bands.short.frame_id
    assert (bands.all.range_band, bands.long.range_band, bands.short.range_band) == (0, 1, 2)
    assert {bands.all.time_ns, bands.long.time_ns, bands.short.time_ns} == {5}


def test_a_part_is_not_split_again():
    with pytest.raises(FrameError, match="range_band is 1, must be 0: only a whole frame"):
        replying_frame([10.0]).split(5.0).long.split(5.0)


@pytest.mark.parametrize("threshold_m", [-1.0, np.nan, np.inf])
def test_a_bad_threshold_is_refused(threshold_m):
    with pytest.raises(SettingError, match="sr_threshold_m is"):
        replying_frame([10.0]).split(threshold_m)
