import json
from datetime import datetime

import msgspec
import pytest

from qiki.bios.devices import all_devices, profile_hash
from qiki.bios.report import Report
from qiki.bios.self_test import Code, Finding, Result, State
from qiki.radar import Scenario

DEVICES = all_devices(Scenario.load("default"), None)
TIME_NS = 1_790_000_000_123_456_789


def report(*states, message="as it is"):
    results = tuple(
        Result(device, Finding(state, message))
        for device, state in zip(DEVICES, states, strict=False)
    )
    return Report("an id", TIME_NS, 61.9, profile_hash(DEVICES), results)


def test_the_document_has_the_fields_of_the_original():
    document = json.loads(msgspec.json.encode(report(State.OK, State.DEGRADED).document()))
    assert document["event_schema_version"] == 1
    assert (document["source"], document["subject"]) == ("q_bios_service", "bios_status")
    assert datetime.fromisoformat(document["timestamp"]).timestamp() == pytest.approx(TIME_NS / 1e9)
    assert document["bios_version"]
    assert document["firmware_version"]
    assert document["uptime_sec"] == 61
    assert document["all_systems_go"] is False
    assert document["health_score"] == 0.5
    assert [row["status"] for row in document["post_results"]] == [1, 2]
    assert document["post_results"][1] == {
        "device_id": DEVICES[1].id,
        "device_name": "radar.main",
        "status": 2,
        "status_message": "as it is",
        "device_type": 1,
        "status_code": 0,
    }


@pytest.mark.parametrize(
    ("states", "goes"),
    [
        ((), False),
        ((State.OK,), True),
        ((State.OK, State.OK), True),
        ((State.OK, State.UNKNOWN), False),
        ((State.OK, State.DEGRADED), False),
        ((State.ERROR, State.OK), False),
    ],
)
def test_all_systems_go_when_there_are_devices_and_all_are_ok(states, goes):
    assert report(*states).all_systems_go is goes
    assert report().health_score == 0.0


def test_reports_differ_by_states_and_not_by_words():
    first = report(State.OK, State.OK, message="80.0 % charged")
    assert first.findings == report(State.OK, State.OK, message="79.9 % charged").findings
    assert first.findings != report(State.OK, State.DEGRADED).findings
    assert first.findings != report(State.OK).findings


def test_the_message_says_what_the_document_says():
    made = report(State.OK, State.ERROR)
    message, document = made.message(), made.document()
    assert message.bios_uuid.value == "an id"
    assert message.timestamp.ToNanoseconds() == message.last_checked.ToNanoseconds() == TIME_NS
    assert (message.all_systems_go, message.health_score) == (False, 0.5)
    assert (message.firmware_version, message.uptime_sec) == (document["firmware_version"], 61)
    rows = [(it.device_id.value, it.device_name, it.device_type) for it in message.post_results]
    keys = ("device_id", "device_name", "device_type")
    assert rows == [tuple(row[key] for key in keys) for row in document["post_results"]]
    assert [it.error_message for it in message.post_results] == ["", "as it is"]


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        (State.UNKNOWN, Code.TIMEOUT_RESPONSE, 0),
        (State.OK, Code.STATUS_CODE_UNSPECIFIED, 1),
        (State.DEGRADED, Code.UNSTABLE_READINGS, 2),
        (State.ERROR, Code.TIMEOUT_RESPONSE, 3),
        (State.UNKNOWN, Code.COMPONENT_NOT_FOUND, 4),
    ],
)
def test_the_message_has_the_numbers_of_its_enums(state, code, status):
    made = report()._replace(results=(Result(DEVICES[0], Finding(state, "", code)),))
    (row,) = made.message().post_results
    assert (row.status, row.status_code) == (status, code)


def test_a_component_has_its_id_and_its_name():
    made = report(State.OK, State.ERROR)
    assert made.component("radar.main") == made.component(DEVICES[1].id)
    assert made.component("radar.main")["status"] == 3
    assert made.component("radar") is None
