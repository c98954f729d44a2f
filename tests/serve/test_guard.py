"""The guard's service on a real broker: every alert once, whatever happens."""

import asyncio
import json
from contextlib import suppress

import msgspec
import pytest
from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Message, Publisher
from qiki.errors import GuardRulesError, SettingError
from qiki.radar import Radar, Scenario
from qiki.serve import guard
from qiki.serve.guard import GuardFanOut
from qiki.serve.tracker_config import require_sensors_of, with_parameters_of
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import TrackerSettings
from qiki.wire import encode_frame
from tests.serve.qiki_command import one_line_error, run
from tests.serve.running_bridge import bridge_running

SCENARIO = Scenario.load("guard")
RADAR = Radar(SCENARIO)
FRAMES = 420
WITH_RULES = with_parameters_of(SCENARIO, TrackerSettings(guard_rules="default"))
FIRED = [
    ("guard_alert", "SPOOFING_DETECTED"),
    ("guard_alert", "UNKNOWN_CONTACT_CLOSE"),
    ("guard_clear", "UNKNOWN_CONTACT_CLOSE"),
    ("guard_alert", "FOE_TRANSPONDER_OFF_APPROACH"),
    ("guard_clear", "FOE_TRANSPONDER_OFF_APPROACH"),
    ("guard_clear", "SPOOFING_DETECTED"),
]


@pytest.fixture(scope="module")
def answers():
    """The tracks messages of the scenario."""
    core = TrackerCore(WITH_RULES)
    return [core.answer(encode_frame(RADAR.frame(number)), {}) for number in range(FRAMES)]


async def publish_tracks(client, answers, first=0):
    publisher = Publisher(client, 5)
    for number, answer in enumerate(answers[first:], first):
        header = {**answer.headers, "Nats-Msg-Id": f"answer-{number}"}
        await publisher.publish(Message(subjects.TRACKS, answer.payload, header))


async def events(client):
    """Every event on the guard's subject, with its headers."""
    jetstream = client.jetstream()
    state = (await jetstream.stream_info("QIKI_EVENTS_V1")).state
    if not state.messages:
        return []
    found = [
        await jetstream.get_msg("QIKI_EVENTS_V1", sequence, direct=True)
        for sequence in range(state.first_seq, state.last_seq + 1)
    ]
    return [
        (json.loads(message.data), message.headers)
        for message in found
        if message.subject == subjects.GUARD
    ]


async def wait_for_events(client, count):
    async with asyncio.timeout(30):
        while True:
            found = await events(client)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


def said(found):
    return [(payload["kind"], payload["rule_id"]) for payload, _ in found]


async def test_the_bridge_raises_and_the_guard_publishes(client, settings):
    """From frames of the scenario to events, through both services."""
    settings = msgspec.structs.replace(settings, tracker=WITH_RULES)
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id)
    stop = asyncio.Event()
    async with bridge_running(client, settings):
        running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
        for number in range(FRAMES):
            await sender.send(RADAR.frame(number).split(RADAR.sr_threshold_m))
        found = await wait_for_events(client, 6)
        stop.set()
        await asyncio.wait_for(running, 10)
    assert said(found) == FIRED
    payload, header = found[1]
    assert payload["fsm_event"] == "RADAR_ALERT_UNKNOWN_CLOSE"
    assert (payload["severity"], payload["iff"], payload["category"]) == ("critical", 3, "radar")
    assert payload["subject"] == payload["rule_id"]
    assert payload["id"] == payload["track_id"]
    assert payload["ts_epoch"] == pytest.approx(17.1, abs=0.35)
    assert 60 < payload["range_m"] <= 70
    assert header["ce-type"] == "qiki.events.v1.RadarGuardAlert"
    number = round(payload["ts_epoch"] * 10)
    epochs_and_frame = header["Nats-Msg-Id"].split(":")[1:4]
    assert epochs_and_frame == [RADAR.sensor_id, "0", str(number)]
    assert header["Nats-Msg-Id"].endswith(f":{payload['rule_id']}:{payload['track_id']}")
    assert found[2][0]["reason"] == "not_met"
    assert len({header["Nats-Msg-Id"] for _, header in found}) == 6


class CutOff(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_killed_at_each_publish_none_is_lost_or_doubled(
    client, settings, answers, monkeypatch, cut
):
    """Every publish ends the process once, before or after the broker has the event.

    The ids of the events are made new, so that the broker's window cannot help.
    """
    await publish_tracks(client, answers)
    publish, attempts = Publisher.publish, iter(range(1000))

    async def cut_off(self, message, **more):
        attempt = next(attempts)
        header = {**message.headers, "Nats-Msg-Id": f"attempt-{attempt}"}
        if cut == "after" or attempt % 2:
            await publish(self, message._replace(headers=header), **more)
        if cut == "after" or attempt % 2 == 0:
            raise CutOff

    monkeypatch.setattr(guard.Publisher, "publish", cut_off)
    starts = 0
    while len(await events(client)) < 6:
        starts += 1
        assert starts < 20
        with suppress(CutOff, TimeoutError):
            await asyncio.wait_for(GuardFanOut(client, settings).run(asyncio.Event()), 10)
    assert starts >= 6
    stop = asyncio.Event()
    running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.wait_for(running, 10)
    assert said(await events(client)) == FIRED


async def test_two_at_once_publish_each_alert_once(client, settings, answers):
    stop = asyncio.Event()
    running = [asyncio.create_task(GuardFanOut(client, settings).run(stop)) for _ in range(2)]
    await publish_tracks(client, answers)
    await wait_for_events(client, 6)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*running), 10)
    assert said(await events(client)) == FIRED


async def test_what_cannot_be_read_is_told_and_passed_over(client, settings, answers):
    await client.jetstream().publish(subjects.TRACKS, b"no tracks")
    await publish_tracks(client, answers[:200])
    stop = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(GuardFanOut(client, settings).run(stop))
        found = await wait_for_events(client, 2)
        stop.set()
        await asyncio.wait_for(running, 10)
    assert said(found) == FIRED[:2]
    (told,) = [line for line in logs if line["event"] == "tracks_unreadable"]
    assert (told["sequence"], told["log_level"]) == (1, "warning")


def test_rules_that_cannot_be_used_are_refused_before_anything_starts(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("schema_version: 1\nrules:\n  - {id: A, title: a, severity: bad}\n")
    with pytest.raises(GuardRulesError, match=r"line 3: rules\[0\]\.severity: is \"bad\""):
        TrackerCore(TrackerSettings(guard_rules=str(path)))
    result = run("up", QIKI_TRACKER__GUARD_RULES=str(path))
    assert result.returncode == 78
    assert "guard rules: line 3: rules[0].severity" in one_line_error(result)


def test_rules_that_name_a_sensor_which_is_not_there_are_refused(tmp_path):
    path = tmp_path / "rules.yaml"
    strange = "5d12a12d-0000-4000-8000-000000000001"
    path.write_text(
        f"schema_version: 1\nsensor_ids: [{strange}]\n"
        "rules:\n  - {id: A, title: a, severity: info}\n"
    )
    with pytest.raises(SettingError, match=f"tracker.guard_rules names the sensor {strange}"):
        require_sensors_of(SCENARIO, TrackerSettings(guard_rules=str(path)))
