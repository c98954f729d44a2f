"""CloudEvents 1.0 in NATS headers, binary mode.

Spec: CloudEvents, NATS Protocol Binding, section 3.1; names are ``ce-`` and the attribute.
"""

import re
import time
from collections.abc import Mapping
from urllib.parse import quote, unquote

PREFIX = "ce-"
LEGACY_PREFIX = "ce_"  # what the original writes
PROTOBUF = "application/protobuf"
JSON = "application/json"

# Section 3.1.3.2: printable ASCII stands for itself, but for space, quote and percent.
_KEPT = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def encode_value(text: str) -> str:
    """Return `text` percent-encoded for a header."""
    return quote(text, safe=_KEPT)


def decode_value(value: str) -> str:
    """Return the text of a header; quoted strings and lower-case hex are read too.

    Raises
    ------
    UnicodeDecodeError : the percent-encoded bytes are no UTF-8.
    """
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        value = re.sub(r"\\(.)", r"\1", quoted[1])
    return unquote(value, errors="strict")


def rfc3339(time_ns: int, digits: int = 9) -> str:
    """Return nanoseconds since 1970 as RFC 3339 text in UTC, cut to so many digits of a second."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    fraction = f"{nanoseconds:09d}"[:digits]
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{fraction}Z"


class EventTemplate:
    """The headers of one kind of event from one source, rendered once and patched per event.

    Parameters
    ----------
    source, type : who sends what; ``source`` is a URI reference.
    schema : full name of the protobuf message; None: the payload is JSON.
    extensions : CloudEvents extension attributes.
    headers : other headers, under their own name.
    original : names begin with ``ce_`` and times have milliseconds, as the original writes them.
    """

    def __init__(
        self,
        source: str,
        type: str,
        *,
        schema: str | None,
        extensions: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        original: bool = False,
    ) -> None:
        self._prefix = LEGACY_PREFIX if original else PREFIX
        self._time_digits = 3 if original else 9
        attributes = {
            "specversion": "1.0",
            "source": source,
            "type": type,
            "datacontenttype": JSON if schema is None else PROTOBUF,
        } | dict(extensions or {})
        if schema is not None:
            attributes["dataschema"] = f"urn:protobuf:{schema}"
        self._constant = {
            self._prefix + name: encode_value(text) for name, text in attributes.items()
        }
        self._constant.update(headers or {})

    def headers(self, id: str, time_ns: int) -> dict[str, str]:
        """Return the headers of one event; `id` is unique within the source."""
        return self._constant | {
            f"{self._prefix}id": encode_value(id),
            f"{self._prefix}time": rfc3339(time_ns, self._time_digits),
        }


def content_type(headers: Mapping[str, str]) -> str | None:
    """Return what a message says of its payload, None where it says nothing."""
    name = "datacontenttype"
    return headers.get(PREFIX + name) or headers.get(LEGACY_PREFIX + name)


def attributes(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the CloudEvents attributes of a message, also of the original's ``ce_*`` headers."""
    found = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower.startswith((PREFIX, LEGACY_PREFIX)):
            found[lower[len(PREFIX) :]] = decode_value(value)
    return found
