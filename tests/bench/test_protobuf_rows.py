"""The peer of the codec gate builds and reads the row messages as the wire's tests know them."""

import numpy as np
import pytest

from bench.peers import protobuf_rows
from qiki.radar import DETECTION_DTYPE, Present
from qiki.wire.generated.radar.v1.radar_pb2 import RadarFrame as RowFrame
from tests.wire.messages import frame_rows
from tests.wire.samples import ALL_BITS, placed_frame

NOT_IN_ROWS = Present.HEIGHT | Present.ADDRESS | Present.MODE_3A


@pytest.mark.parametrize("bits", [ALL_BITS, Present.RANGE, ALL_BITS & ~NOT_IN_ROWS])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_rows_are_those_of_the_message_and_come_back(count, bits):
    frame = placed_frame(7, count, bits)
    message = frame_rows(frame)
    built = protobuf_rows.build(
        RowFrame, frame.frame_id, frame.sensor_id, frame.time_ns, frame.detections
    )
    assert RowFrame.FromString(built) == message
    parsed = protobuf_rows.parse(RowFrame, built, DETECTION_DTYPE)
    expected = frame.detections.copy()
    expected["present"] &= np.uint32(ALL_BITS & ~NOT_IN_ROWS)
    for name in protobuf_rows.CARRIED.names:
        np.testing.assert_array_equal(parsed[name], expected[name], err_msg=name)
    assert (parsed["time_ns"] == frame.time_ns).all()
    assert np.isnan(parsed["range_std_m"]).all()
