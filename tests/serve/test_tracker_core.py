"""The tracker as the worker's core: it says what became of a frame, and keeps no log of its own."""

import pytest
from structlog.testing import capture_logs

from qiki.bus import headers
from qiki.radar import Radar, Scenario
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import TrackerSettings
from qiki.wire import encode_frame

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


def test_a_late_frame_has_its_name(core):
    late, frame = RADAR.frame(0), RADAR.frame(90)
    core.answer(encode_frame(frame), {})
    answer = core.answer(encode_frame(late), {})
    assert answer.frame.number == 0
    assert answer.not_accepted["verdict"] == "late"
