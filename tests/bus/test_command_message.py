"""The JSON of commands and answers: what is read, what is refused, what is written."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.bus.command_message import (
    MAX_COMMAND_BYTES,
    CommandRefused,
    Outcome,
    asked,
    decode_command,
    encode_answer,
)

ID = "0f5f5c3a-6f0c-4a55-8f7e-0f2c7a1b9d3e"


def message(**changes):
    document = {"command_name": "sim.pause", "parameters": {}, "metadata": {"message_id": ID}}
    return json.dumps(document | changes).encode()


def refusal(payload):
    with pytest.raises(CommandRefused) as refused:
        decode_command(payload)
    assert refused.value.code == "invalid_message"
    return str(refused.value)


def test_a_command_as_the_original_writes_it():
    """All fields of its model, with what it fills in by itself."""
    metadata = {
        "message_id": ID,
        "correlation_id": None,
        "timestamp": "2026-11-23T12:21:13.012094Z",
        "message_type": "control_command",
        "source": "operator_console",
        "destination": "q_sim_service",
    }
    command = decode_command(message(metadata=metadata, parameters={"speed": 1.0, "port": None}))
    assert (command.command_name, command.parameters) == ("sim.pause", {"speed": 1.0, "port": None})
    assert str(command.metadata.message_id) == ID


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "truncated"),
        (b"sim.pause", "malformed"),
        (b"[]", "got `array`"),
        (b'"\xff"', "malformed|UTF-8|utf-8|got `str`"),
        (message(command_name="\u00e9").decode().encode("utf-16"), "malformed"),
        (message(extra=1), "unknown field `extra`"),
        (message(command_name=7), "Expected `str`, got `int`"),
        (message(command_name=""), "length >= 1"),
        (message(metadata={}), "missing required field `message_id`"),
        (message(metadata={"message_id": "7"}), "UUID"),
        (message(parameters={"a": [1]}), "got `array`"),
        (message(parameters={"a": {"b": 1}}), "got `object`"),
        (message(parameters={"a": float("nan")}), "malformed"),
        (message(parameters={"a": float("inf")}), "malformed"),
        (message().replace(b"{}", b'{"a": 1e999}'), "out of range"),
        (message(parameters={"a": "x" * 1025}), "length <= 1024"),
        (message(parameters={f"p{n}": n for n in range(33)}), "length <= 32"),
        (message().replace(b"{}", b'{"a":' * 3000), "got `object`"),
        (b'{"command_name":"a","x":' + b"[" * 8000, "unknown field"),
        (message() + b" {}", "trailing"),
    ],
)
def test_what_breaks_the_contract_is_refused_with_the_remedy(payload, reason):
    text = refusal(payload)
    assert any(part in text for part in reason.split("|")), text
    assert "send a JSON object of command_name" in text


def test_size_is_looked_at_before_the_content():
    text = refusal(b"{" * (MAX_COMMAND_BYTES + 1))
    assert f"has {MAX_COMMAND_BYTES + 1} bytes, must have at most {MAX_COMMAND_BYTES}" in text
    assert asked(b"{" * (MAX_COMMAND_BYTES + 1)) == ("", None)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_nothing_but_a_refusal_comes_of_any_bytes(payload):
    assert isinstance(asked(payload)[0], str)
    with pytest.raises(CommandRefused):
        decode_command(payload)


def test_who_asks_is_found_in_what_breaks_the_contract():
    assert asked(message(extra=1)) == ("sim.pause", ID)
    with_both = {"message_id": ID, "correlation_id": "from the console"}
    assert asked(message(metadata=with_both)) == ("sim.pause", "from the console")
    assert asked(message(metadata={"message_id": 7})) == ("sim.pause", None)
    assert asked(b'{"metadata":' + b'{"a":' * 3000) == ("", None)


def test_the_acknowledgement_has_the_originals_fields():
    refused = CommandRefused("rejected", "command_name is sim.nope, must be one of sim.pause")
    timestamp = datetime(2026, 11, 23, 12, 22, 51, 199784, tzinfo=UTC)
    message_id = uuid.UUID(ID)
    outcome = Outcome(7, "sim.nope", "asker", 123, refused)
    answer = json.loads(encode_answer(outcome, message_id, timestamp))
    assert answer.pop("metadata") == {
        "message_id": ID,
        "correlation_id": "asker",
        "timestamp": "2026-11-23T12:22:51.199784Z",
        "message_type": "control_ack",
        "source": "q_sim_service",
    }
    assert answer == {
        "version": 1,
        "kind": "sim.nope",
        "success": False,
        "ok": False,
        "requestId": "asker",
        "request_id": "asker",
        "timestamp": "2026-11-23T12:22:51.199784Z",
        "payload": {
            "command_name": "sim.nope",
            "status": "rejected",
            "sequence": 7,
            "time_ns": 123,
        },
        "error": "rejected",
        "error_detail": {
            "code": "rejected",
            "message": "command_name is sim.nope, must be one of sim.pause",
            "details": {"command_name": "sim.nope"},
        },
    }
    applied = json.loads(encode_answer(outcome._replace(refusal=None), message_id, timestamp))
    assert (applied["success"], applied["ok"], applied["payload"]["status"]) == (
        True,
        True,
        "applied",
    )
    assert {"error", "error_detail"}.isdisjoint(applied)
