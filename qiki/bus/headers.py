"""Names of the NATS headers, beside CloudEvents' own, and how to read them."""

from collections.abc import Mapping
from uuid import UUID

from qiki.wire import crc32c

MESSAGE_ID = "Nats-Msg-Id"
EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence"
EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence"  # of the whole stream

RANGE_BAND = "x-range-band"
CRC32C = "x-qiki-crc32c"  # of the payload, eight hexadecimal digits

# Wall clock [ns since 1970], outside the bytes that are compared.
PUBLISH_TIME_NS = "x-qiki-publish-time-ns"
INPUT_PUBLISH_TIME_NS = "x-qiki-input-publish-time-ns"

# A frame's place in its epoch; a tracks message repeats its input's.
SENSOR_ID = "x-qiki-sensor-id"
EPOCH = "x-qiki-epoch"
NUMBER = "x-qiki-number"
MODEL_FAULT = "x-qiki-model-fault"  # a clock frame in place of one that a user's model spoiled

# What a frame or a track in JSON cannot say (docs/json.md).
SCAN = "x-qiki-scan"
ABSENT = "x-qiki-absent"

# A tracks message: the input's sequence in the stream of frames, and what became of it.
INPUT_SEQUENCE = "x-qiki-input-sequence"
INPUT_SHA256 = "x-qiki-input-sha256"
VERDICT = "x-qiki-verdict"
DETECTIONS = "x-qiki-detections"
TRACKS = "x-qiki-tracks"
CONFIRMED = "x-qiki-confirmed"
CLOCK_FRAME = "x-qiki-clock-frame"  # the input searched nothing: its radar is off, or silent

# A track in JSON: which of its message's, and the original's words for where it comes from.
TRACK_INDEX = "x-qiki-track-index"
TRUTH_STATE = "x-qiki-truth-state"
FALLBACK = "x-qiki-fallback"

# What is made of a tracks message: its sequence in a stream that was created then, and which alert.
TRACKS_CREATED = "x-qiki-tracks-created"
TRACKS_SEQUENCE = "x-qiki-tracks-sequence"
TRACKS_CRC32C = "x-qiki-tracks-crc32c"
ALERT_NUMBER = "x-qiki-alert-number"

# Whose output it is: the worker that starts next compares it with what it is itself.
TRACKER_ID = "x-qiki-tracker-id"
TRACKER_EPOCH = "x-qiki-tracker-epoch"
CORE_VERSION = "x-qiki-core-version"
SETTINGS_SHA256 = "x-qiki-settings-sha256"
EPOCH_BEGIN = "x-qiki-epoch-begin"  # input and output sequence behind which the epoch began

U64_MAX = (1 << 64) - 1
U64_DIGITS = len(str(U64_MAX))


def checksum_text(checksum: int) -> str:
    """Return a CRC-32C as it stands in the header."""
    return f"{checksum:08x}"


def expected_checksum(headers: Mapping[str, str], payload: bytes) -> int | None:
    """Return the checksum that a message claims, None where it claims none.

    A header that cannot be read gives a value that no check passes: damage must not
    switch the check off.
    """
    text = headers.get(CRC32C)
    if text is None:
        return None
    try:
        return int(text, 16) & 0xFFFF_FFFF
    except ValueError:
        return crc32c(payload) ^ 0xFFFF_FFFF


def integer(headers: Mapping[str, str], name: str) -> int | None:
    """Return a whole number from a header, None where it is absent or unreadable."""
    try:
        return int(headers[name])
    except (KeyError, ValueError):
        return None


def echo_uuid(headers: Mapping[str, str], name: str, otherwise: str) -> str:
    """Return a header that is a UUID in its usual form; for any other text `otherwise`.

    Whoever may publish may write anything of any length there, and what is answered repeats it.
    """
    text = headers.get(name, "")
    try:
        return text if str(UUID(text)) == text else otherwise
    except ValueError:
        return otherwise


def echo_u64(headers: Mapping[str, str], name: str, otherwise: str) -> str:
    """Return a header that is a number of 64 bits without sign; for any other text `otherwise`."""
    text = headers.get(name, "")
    is_number = len(text) <= U64_DIGITS and text.isascii() and text.isdigit()
    return text if is_number and str(int(text) & U64_MAX) == text else otherwise
