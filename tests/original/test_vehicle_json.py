"""Telemetry, events and acknowledgements are what the original's consumers accept."""

import json
import re

import msgspec
import pydantic
import pytest

from qiki.bus import subjects
from qiki.bus.command_request import new_command
from tests.original.vehicle_models import Acknowledgement, Command, Telemetry
from tests.serve.test_command_interpreter import World
from tests.serve.test_command_service import ask, serving
from tests.serve.test_vehicle_reports import next_of, reports

EVENT_TYPES = {
    "qiki.events.v1.sensor.thermal": ("SensorReading", "thermal"),
    "qiki.events.v1.power.bus": ("PowerBusReading", "power"),
    "qiki.events.v1.power.pdu": ("PowerPduStatus", "power"),
}
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def require_event(header, event_type, source):
    """The six headers that the original gives each event, and no other spelling of them."""
    assert {name for name in header if name.startswith("ce")} == {
        *("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_datacontenttype")
    }
    assert header["ce_specversion"] == "1.0"
    assert header["ce_type"] == event_type
    assert header["ce_source"] == source
    assert header["ce_datacontenttype"] == "application/json"
    assert MILLISECONDS.fullmatch(header["ce_time"])
    assert header["Nats-Msg-Id"] == header["ce_id"]


async def test_telemetry_is_accepted_with_its_headers(client, settings):
    async with reports(client, settings) as (_, found):
        message, _ = await next_of(found, subjects.TELEMETRY)
    telemetry = Telemetry.model_validate_json(message.data)
    assert telemetry.power is not None
    require_event(message.headers, "qiki.telemetry.v1.Snapshot", "urn:qiki:q-sim-service:telemetry")
    assert re.fullmatch(r"telemetry-\d+", message.headers["ce_id"])
    assert message.headers["ce_id"] == f"telemetry-{telemetry.ts_unix_ms}"


@pytest.mark.parametrize("subject", EVENT_TYPES)
async def test_readings_have_the_headers_of_events(client, settings, subject):
    name, part = EVENT_TYPES[subject]
    async with reports(client, settings) as (_, found):
        message, told = await next_of(found, subject)
    require_event(message.headers, f"qiki.events.v1.{name}", f"urn:qiki:q-sim-service:{part}")
    assert told["schema_version"] == 1


async def test_acknowledgements_are_accepted_of_what_is_done_and_what_is_not(client, settings):
    async with serving(client, settings, World()):
        done = await ask(client, settings, "sim.pause")
        refused = await ask(client, settings, "sim.nope")
    accepted = Acknowledgement.model_validate_json(json.dumps(done.message))
    assert (accepted.success, accepted.kind) == (True, "sim.pause")
    assert accepted.payload["status"] == "applied"
    failed = Acknowledgement.model_validate_json(json.dumps(refused.message))
    assert (failed.success, failed.payload["status"]) == (False, "rejected")
    assert failed.error_detail.details == {"command_name": "sim.nope"}


def test_commands_are_accepted():
    command = new_command("sim.start", {"speed": 2.0}, "console")
    read = Command.model_validate_json(msgspec.json.encode(command))
    assert (read.command_name, read.parameters) == ("sim.start", {"speed": 2.0})


def test_an_acknowledgement_without_a_reason_is_refused_by_the_model():
    said = {"version": 1, "kind": "x", "success": False, "ok": False}
    with pytest.raises(pydantic.ValidationError):
        Acknowledgement.model_validate(said)
