"""The tracker as the worker's core: it says what became of a frame, and keeps no log of its own."""

import pytest
from structlog.testing import capture_logs

from qiki.bus import headers
from qiki.bus.frame_messages import json_scan_text
from qiki.radar import Radar, RadarFrame, Scenario, empty_detections
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import TrackerSettings
from qiki.wire import encode_frame, encode_frame_json

RADAR = Radar(Scenario.load("default"))


@pytest.fixture
def core():
    core = TrackerCore(TrackerSettings())
    core.begin(1)
    return core


def test_a_frame_is_named_by_its_payload(core):
    frame = RADAR.frame(3)
    answer = core.answer(encode_frame(frame), {headers.NUMBER: str(2**70)})
    assert answer.frame == (RADAR.sensor_id, frame.epoch, 3)
    assert answer.not_accepted is None


def test_what_cannot_be_read_has_no_name_whatever_it_claims(core):
    claim = {headers.SENSOR_ID: RADAR.sensor_id, headers.EPOCH: "0", headers.NUMBER: "7"}
    with capture_logs() as lines:
        answer = core.answer(b"no frame", claim)
    assert answer.frame is None
    assert answer.not_accepted["verdict"] == "refused"
    assert answer.not_accepted["reason"]
    assert lines == []


@pytest.mark.parametrize("is_json", [False, True])
def test_a_frame_that_searched_nothing_says_so_beside_its_answer(is_json):
    core = TrackerCore(TrackerSettings(), json_scan_text({}) if is_json else None)
    core.begin(1)
    # The radar looks at the first instant, with nothing in sight at the second.
    frame = RADAR.frame(0)
    nothing = RadarFrame(
        empty_detections(0),
        time_ns=RADAR.frame_time_ns(1),
        sensor_id=RADAR.sensor_id,
        number=1,
        coverage=frame.coverage,
        sensor_position_m=frame.sensor_position_m,
        sensor_velocity_m_s=frame.sensor_velocity_m_s,
    )
    frames = [frame, nothing, RADAR.clock_frame(2, RADAR.frame_time_ns(2))]
    said = []
    for frame in frames:
        if is_json:
            text = encode_frame_json(frame, 0)
            header = {"ce_datacontenttype": "application/json", headers.SCAN: text.scan}
            answer = core.answer(text.payload, header)
        else:
            answer = core.answer(encode_frame(frame), {})
        assert answer.not_accepted is None
        said.append(answer.headers.get(headers.CLOCK_FRAME))
    assert said == [None, None, "1"]


def test_a_late_frame_has_its_name(core):
    late, frame = RADAR.frame(0), RADAR.frame(90)
    core.answer(encode_frame(frame), {})
    answer = core.answer(encode_frame(late), {})
    assert answer.frame.number == 0
    assert answer.not_accepted["verdict"] == "late"
