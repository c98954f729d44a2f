"""The log says when a sensor's biases are found, applied and lost."""

import msgspec
import numpy as np
from structlog.testing import capture_logs

from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import TrackerSettings
from qiki.wire import encode_frame
from tests.serve.running_bridge import bridge_running
from tests.serve.test_bridge import tracks
from tests.tracking.registration_scene import REFERENCE_ID, SENSOR_ID, Scene

SHIFTED = np.array([1400.0, -200.0, 0.0, 0.0, 0.5])
MOVED = np.array([-2000.0, 1500.0, 0.0, 0.0, 0.2])
SETTINGS = TrackerSettings(
    parameters={"process_noise_m2_s3": 0.1, "clutter_per_frame": 1.0},
    registration={
        "reference_ids": [REFERENCE_ID],
        "sensors": [{"sensor_id": SENSOR_ID, "range_std_m": 0, "bearing_std_deg": 0}],
        "apply": True,
    },
)


def frames(scans, jump=1000):
    """Both radars' frames; from scan `jump` on the sensor has other biases."""
    scene = Scene(1, SHIFTED, target_count=60)
    for number in range(scans):
        scene.bias = SHIFTED if number < jump else MOVED
        yield scene.frame(REFERENCE_ID, number, float(number))
        yield scene.frame(SENSOR_ID, number, number + 0.5)


def test_each_change_is_said_once():
    core = TrackerCore(SETTINGS)
    core.begin(1)
    answers = [core.answer(encode_frame(frame), {}) for frame in frames(120, jump=40)]
    news = [answer.news for answer in answers if answer.news is not None]
    states = [(it.level, it.facts["aligned"], it.facts["applied"]) for it in news]
    aligned, applied = ("info", True, False), ("info", True, True)
    lost = ("warning", False, False)
    assert states == [aligned, applied, lost, aligned, applied]
    assert {it.event for it in news} == {"registration_changed"}
    assert {it.facts["sensor_id"] for it in news} == {SENSOR_ID}
    assert news[1].facts["pair_count"] >= 200


def test_nothing_is_said_where_no_biases_are_sought():
    core = TrackerCore(msgspec.structs.replace(SETTINGS, registration={}))
    core.begin(1)
    assert all(core.answer(encode_frame(frame), {}).news is None for frame in frames(5))


async def test_the_bridge_writes_it_to_its_log(client, settings):
    settings = msgspec.structs.replace(settings, tracker=SETTINGS)
    senders = {it: FrameSender(Publisher(client, 5), it) for it in (REFERENCE_ID, SENSOR_ID)}
    for frame in frames(30):
        await senders[frame.sensor_id].send(frame.split(5000.0))
    with capture_logs() as lines:
        async with bridge_running(client, settings) as bridge:
            await tracks(client, 60)
            counters = bridge._worker.counters
    told = [line for line in lines if line["event"] == "registration_changed"]
    assert [(line["aligned"], line["applied"]) for line in told] == [(True, False), (True, True)]
    assert counters["registration_changed"] == 2
    assert abs(told[-1]["bias"]["east_m"] - SHIFTED[0]) <= 5.0 * told[-1]["std"]["east_m"]
