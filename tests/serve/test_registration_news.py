"""Log and events say when a sensor's biases are found, applied, moved and lost."""

import asyncio
import json
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.errors import BrokerError
from qiki.serve.registration_events import RegistrationEvents
from qiki.serve.registration_news import RegistrationNews
from qiki.serve.tracker_core import TrackerCore
from qiki.serve.unseen_sensors import UnseenSensors
from qiki.settings import TrackerSettings
from qiki.wire import encode_frame
from tests.serve.running_bridge import bridge_running
from tests.serve.test_bridge import tracks
from tests.serve.test_simulated_vehicle import until
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
    facts = ("change", "aligned", "applied")
    told = [(it.level, *(it.facts[name] for name in facts)) for it in news]
    states = [state for state in told if "moved" not in state]
    aligned, applied = ("info", "aligned", True, False), ("info", "applied", True, True)
    lost = ("warning", "lost", False, False)
    assert states == [aligned, applied, lost, aligned, applied]
    assert set(told) - set(states) <= {("info", "moved", True, True)}
    assert {it.event for it in news} == {"registration_changed"}
    assert {it.facts["sensor_id"] for it in news} == {SENSOR_ID}
    assert news[1].facts["pair_count"] >= 200


def answer_of(time_s, east_m=0.0, std_m=10.0, *, aligned=True, applied=True):
    """An answer to a frame of the sensor, as far as it is looked at."""

    def biases(value):
        others = dict.fromkeys(("north_m", "range_m", "bearing_deg", "time_s"), 0.0)
        return SimpleNamespace(east_m=value, **others)

    counts = dict.fromkeys(("pair_count", "target_count", "unused_frames"), 0)
    estimate = SimpleNamespace(
        aligned=aligned, applied=applied, bias=biases(east_m), std=biases(std_m), **counts
    )
    place = {"sensor_id": SENSOR_ID, "frame_id": f"frame-{time_s}"}
    return SimpleNamespace(**place, time_ns=round(time_s * 1e9), registration=estimate)


def test_an_estimate_that_moves_by_more_than_its_deviation_is_said_now_and_then():
    news = RegistrationNews()
    changes = []
    for time_s, east_m in ((0, 0), (9, 50), (11, 10), (12, 10.5), (13, 80), (23, 80), (40, 80)):
        report = news.of(answer_of(time_s, east_m))
        changes.append(report and report.facts["change"])
    assert changes == ["applied", None, None, "moved", None, "moved", None]


def test_times_that_go_back_silence_nothing():
    news = RegistrationNews()
    assert news.of(answer_of(1e6)).facts["change"] == "applied"
    assert news.of(answer_of(5, 50.0)).facts["change"] == "moved"


def test_a_sensor_that_is_lost_stands_no_more():
    news = RegistrationNews()
    assert news.of(answer_of(0, aligned=False, applied=False)) is None
    assert news.standing() == []
    news.of(answer_of(1, applied=False))
    assert [it["change"] for it in news.standing()] == ["aligned"]
    news.of(answer_of(2))
    assert [(it["change"], it["frame"]) for it in news.standing()] == [("applied", "frame-2")]
    assert news.of(answer_of(3, aligned=False, applied=False)).level == "warning"
    assert news.standing() == []
    assert news.latest[SENSOR_ID].time_ns == 3_000_000_000


def test_nothing_is_said_where_no_biases_are_sought():
    core = TrackerCore(msgspec.structs.replace(SETTINGS, registration={}))
    core.begin(1)
    assert all(core.answer(encode_frame(frame), {}).news is None for frame in frames(5))


async def test_a_sensor_that_no_frame_is_from_is_said(client, settings, monkeypatch):
    other = "00000000-0000-0000-0000-00000000beef"
    wrong = SETTINGS.registration | {"sensors": [{"sensor_id": other}]}
    tracker = msgspec.structs.replace(SETTINGS, registration=wrong)
    monkeypatch.setattr("qiki.serve.unseen_sensors.PATIENCE_S", 0.0)
    await publish(client, 3)
    with capture_logs() as lines:
        async with bridge_running(
            client, msgspec.structs.replace(settings, tracker=tracker)
        ) as bridge:
            assert set(bridge.facts()["unseen_sensors"]) == {REFERENCE_ID, other}
            await until(lambda: len(bridge.facts()["unseen_sensors"]) == 1)
            await until(lambda: any("remedy" in line for line in lines))
            assert bridge.facts()["unseen_sensors"] == {other: "tracker.registration"}
    (line,) = [line for line in lines if line["event"] == "configured_sensor_never_seen"]
    assert line["sensor_id"] == other
    assert REFERENCE_ID in line["seen"]  # the other radar's first frame may have come, too


def test_one_that_comes_after_all_is_said_too(monkeypatch):
    monkeypatch.setattr("qiki.serve.unseen_sensors.PATIENCE_S", 0.0)
    unseen = UnseenSensors(SETTINGS)
    with capture_logs() as lines:
        for sensor_id in (REFERENCE_ID, "another", SENSOR_ID, SENSOR_ID):
            unseen.take(sensor_id)
    told = [(line["event"], line["sensor_id"]) for line in lines]
    events = ("configured_sensor_never_seen", "configured_sensor_seen")
    assert told == [(event, SENSOR_ID) for event in events]


async def publish(client, scans):
    senders = {it: FrameSender(Publisher(client, 5), it) for it in (REFERENCE_ID, SENSOR_ID)}
    for frame in frames(scans):
        await senders[frame.sensor_id].send(frame.split(5000.0))


async def events(client):
    """Return the events that are stored, as JSON, and their headers."""
    jetstream = client.jetstream()
    state = (await jetstream.stream_info("QIKI_EVENTS_V1")).state
    numbers = range(state.first_seq, state.last_seq + 1)
    stored = [await jetstream.get_msg("QIKI_EVENTS_V1", number) for number in numbers]
    ours = [message for message in stored if message.subject == subjects.REGISTRATION]
    return [(json.loads(message.data), message.headers) for message in ours]


async def test_the_bridge_tells_log_stream_and_status(client, settings):
    settings = msgspec.structs.replace(settings, tracker=SETTINGS)
    await publish(client, 30)
    with capture_logs() as lines:
        async with bridge_running(client, settings) as bridge:
            await tracks(client, 60)
            facts = bridge.facts()["registration"]
            counters = bridge._worker.counters
    told = [line for line in lines if line["event"] == "registration_changed"]
    states = [(line["aligned"], line["applied"]) for line in told]
    assert states[:2] == [(True, False), (True, True)]
    assert counters["registration_changed"] == len(told)
    assert abs(told[-1]["bias"]["east_m"] - SHIFTED[0]) <= 5.0 * told[-1]["std"]["east_m"]
    assert set(facts) == {SENSOR_ID}
    assert facts[SENSOR_ID]["applied"]
    event, header = (await events(client))[-1]
    assert event.items() >= {key: told[-1][key] for key in ("frame", "bias", "std")}.items()
    assert event["kind"] == "registration_changed"
    assert event["subject"] == event["sensor_id"] == SENSOR_ID
    assert event["ts_epoch"] == pytest.approx(told[-1]["time_ns"] * 1e-9)
    assert header["ce-type"] == "qiki.events.v1.RadarRegistration"
    assert header["Nats-Msg-Id"].endswith(event["frame"])


async def test_what_a_killed_bridge_did_not_tell_the_next_one_tells(client, settings):
    """All is answered again by the second one, so that no answer of its own has news."""
    settings = msgspec.structs.replace(settings, tracker=SETTINGS)
    await publish(client, 30)
    async with bridge_running(client, settings, cut_off=True):
        await tracks(client, 60)
    before = await events(client)
    sender = FrameSender(Publisher(client, 5), REFERENCE_ID)
    with capture_logs() as lines:
        async with bridge_running(client, settings) as bridge:
            scene = Scene(1, SHIFTED, target_count=60)
            await sender.send(scene.frame(REFERENCE_ID, 30, 30.0).split(5000.0))
            await tracks(client, 61)
            assert bridge._worker.counters["replayed"] == 60
    assert "registration_changed" not in {line["event"] for line in lines}
    ((event, _),) = (await events(client))[len(before) :]
    assert (event["change"], event["applied"]) == ("applied", True)
    assert event["frame"] not in {earlier["frame"] for earlier, _ in before}


async def test_an_event_waits_until_it_can_be_stored(client, settings):
    """The stream of events is full, and the newest of what could not be stored is in it later."""
    jetstream = client.jetstream()
    config = (await jetstream.stream_info("QIKI_EVENTS_V1")).config
    config.max_msgs = 1
    await jetstream.update_stream(config)
    await jetstream.publish("qiki.events.v1.audit", b"{}")
    settings = msgspec.structs.replace(settings, tracker=SETTINGS)
    await publish(client, 30)
    with capture_logs() as lines:
        async with bridge_running(client, settings):
            await tracks(client, 60)
            await until(lambda: "event_not_stored" in {line["event"] for line in lines})
            assert await events(client) == []
            config.max_msgs = -1
            await jetstream.update_stream(config)
    event, _ = (await events(client))[-1]
    assert event["applied"]


async def test_what_cannot_be_stored_at_the_end_is_said(client, settings):
    """The broker refuses at once, so that no time is over."""
    jetstream = client.jetstream()
    config = (await jetstream.stream_info("QIKI_EVENTS_V1")).config
    config.max_msgs = 1
    await jetstream.update_stream(config)
    await jetstream.publish("qiki.events.v1.audit", b"{}")
    news = RegistrationEvents(client, settings)
    news.take("tracker:1", {"sensor_id": SENSOR_ID, "time_ns": 0, "frame": "frame-0"})
    with capture_logs() as lines:
        await news.rest(asyncio.get_running_loop().time() + 5.0)
    config.max_msgs = -1
    await jetstream.update_stream(config)
    assert lines[-1]["event"] == "registration_events_lost"
    assert lines[-1]["count"] == 1
    await news.rest(asyncio.get_running_loop().time() + 5.0)
    assert len(await events(client)) == 1


async def test_a_missing_stream_of_events_is_refused(client, settings):
    streams = msgspec.structs.replace(settings.streams, events="NOBODY_MADE_IT")
    settings = msgspec.structs.replace(settings, streams=streams)
    async with bridge_running(client, settings):
        pass  # without a registration it is not needed
    settings = msgspec.structs.replace(settings, tracker=SETTINGS)
    with pytest.raises(BrokerError, match="stream NOBODY_MADE_IT is missing"):
        async with bridge_running(client, settings):
            pass
