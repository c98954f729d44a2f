"""What an operator says: the vocabulary, and its messages."""

import json
import uuid

import msgspec
import pytest

from qiki.agent.intent import KNOWN, IntentKind, understood
from qiki.bus.intent_message import (
    MAX_INTENT_BYTES,
    IntentError,
    decode_intent,
    encode_response,
    request_id_of,
)


@pytest.mark.parametrize(
    ("text", "kind", "argument"),
    [
        ("dock", IntentKind.MISSION, "dock"),
        ("  Стыковка ", IntentKind.MISSION, "dock"),
        ("HOLD", IntentKind.MISSION, "hold"),
        ("наблюдай", IntentKind.MISSION, "watch"),
        ("наблюдать", IntentKind.MISSION, "watch"),
        ("удерживать", IntentKind.MISSION, "hold"),
        ("emergency   stop", IntentKind.STOP, ""),
        ("стоп", IntentKind.STOP, ""),
        ("go on", IntentKind.GO_ON, ""),
        ("безопасный режим", IntentKind.SAFE_MODE, ""),
        ("ack", IntentKind.ACKNOWLEDGE, "all"),
        ("acknowledge 12", IntentKind.ACKNOWLEDGE, "12"),
        ("квитировать 7", IntentKind.ACKNOWLEDGE, "7"),
        ("accept dock-now.1", IntentKind.ACCEPT, "dock-now.1"),
        ("режим завод", IntentKind.MODE, "FACTORY"),
        ("mode mission", IntentKind.MODE, "MISSION"),
        ("Статус", IntentKind.STATUS, ""),
    ],
)
def test_the_vocabulary_in_both_languages(text, kind, argument):
    assert understood(text) == (kind, argument)


@pytest.mark.parametrize("text", ["", "docking", "do not dock", "ack x", "accept", "stop now"])
def test_what_is_not_of_the_vocabulary_is_not_guessed(text):
    assert understood(text) is None


def test_each_word_that_is_told_as_known_is():
    words = [word.replace("[TRACK]", "3").replace("NAME", "x") for word in KNOWN.split(", ")]
    assert all(understood(word) is not None for word in words)
    assert {understood(word).kind for word in words} == set(IntentKind)


def request(**changes):
    said = {"version": 1, "request_id": str(uuid.uuid4()), "ts_epoch_ms": 5}
    return json.dumps(said | {"input": {"text": "dock"}} | changes).encode()


def test_a_request_is_read_with_fields_that_we_do_not_know():
    found = decode_intent(request(mode_hint="MISSION", input={"text": "dock", "lang": "en"}))
    assert found.input.text == "dock"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "breaks the contract"),
        (b"\xff{", "breaks the contract"),
        (b"[1]", "breaks the contract"),
        (request(version=2), "version"),
        (request(request_id="x"), "request_id"),
        (request(input={"text": ""}), "text"),
        (request(input={"text": "x" * 1025}), "text"),
        (b" " * (MAX_INTENT_BYTES + 1), f"must have at most {MAX_INTENT_BYTES}"),
        (b"[" * 10_000, "breaks the contract"),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused_by_name(payload, reason):
    with pytest.raises(IntentError, match=reason):
        decode_intent(payload)


def test_whom_to_answer_is_read_of_any_message():
    assert request_id_of(request(version=9, request_id="abc")) == "abc"
    for payload in (b"", b"[]", b"{}", b'{"request_id": 5}', b"[" * 10_000):
        assert request_id_of(payload) is None


def test_a_response_has_the_fields_of_the_contract():
    said = msgspec.json.decode(encode_response("abc", 7, text="Done.", error="rejected"))
    assert said == {
        "version": 1,
        "request_id": "abc",
        "ts_epoch_ms": 7,
        "ok": False,
        "error": "rejected",
        "reply": {"text": "Done."},
        "proposals": [],
    }
