"""Intents of an operator and the answers to them, as JSON: the original's names, read strictly."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from qiki.errors import QikiError

MAX_INTENT_BYTES = 16_384
MAX_TEXT = 1024
VERSION = 1


class IntentError(QikiError, ValueError):
    """An intent that cannot be read."""


class IntentInput(Struct, frozen=True):
    """What is said."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


class IntentRequest(Struct, frozen=True, kw_only=True):
    """One message of ``qiki.intents``; fields that we do not know say nothing to us."""

    version: Literal[1]
    request_id: UUID
    ts_epoch_ms: int
    input: IntentInput


def decode_intent(payload: bytes) -> IntentRequest:
    """Return the intent that a message holds.

    Raises
    ------
    IntentError : too large, no JSON, or a field is missing or outside its limits.
    """
    if len(payload) > MAX_INTENT_BYTES:
        raise IntentError(
            f"the intent has {len(payload)} bytes, must have at most {MAX_INTENT_BYTES}"
        )
    try:
        return msgspec.json.decode(payload, type=IntentRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntentError(
            f"the intent breaks the contract: {error}: send version 1, request_id (a UUID), "
            "ts_epoch_ms and input with a text"
        ) from error


def request_id_of(payload: bytes) -> str | None:
    """Return the request id of any message, as far as it tells one."""
    try:
        found = msgspec.json.decode(payload[:MAX_INTENT_BYTES])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    said = found.get("request_id") if isinstance(found, dict) else None
    return said[:64] if isinstance(said, str) else None


def encode_response(
    request_id: str | None,
    ts_epoch_ms: int,
    *,
    text: str,
    error: str | None = None,
    proposals: list[dict[str, Any]] | None = None,
) -> bytes:
    """Return a message of ``qiki.responses.qiki``.

    Parameters
    ----------
    request_id : of the intent, None where it told none.
    ts_epoch_ms : of the wall clock [ms since 1970].
    text : what became of it, in words.
    error : ``not_understood``, ``invalid_message`` or ``rejected``; None where it was done.
    proposals : what waits for the operator's word.
    """
    return msgspec.json.encode(
        {
            "version": VERSION,
            "request_id": request_id,
            "ts_epoch_ms": ts_epoch_ms,
            "ok": error is None,
            "error": error,
            "reply": {"text": text},
            "proposals": proposals or [],
        }
    )
