"""A core that is cheap, and whose every output depends on all inputs before it."""

import re
from collections.abc import Mapping
from hashlib import blake2b

from qiki.bus.worker_effects import Answer, FrameName
from qiki.errors import SnapshotError

STATE_BYTES = 48  # several chunks in the tests


class ChainCore:
    """Hashes each usable input into its state; answers with the state.

    An input that begins with ``!`` cannot be used: its answer says so and nothing else.
    """

    def __init__(self, version: str = "1", settings: str = "s", tracker_id: str = "t") -> None:
        self.core_version = version
        self.settings_sha256 = settings
        self.tracker_id = tracker_id
        self._state = bytes(STATE_BYTES)

    def begin(self, epoch: int) -> None:
        """Become empty."""
        self._state = self._hashed(b"epoch %d" % epoch)

    def restore(self, state: bytes) -> None:
        """Take any state of the right size: the worker alone must see what is damaged."""
        if len(state) != STATE_BYTES:
            raise SnapshotError(f"state has {len(state)} bytes, must have {STATE_BYTES}")
        self._state = state

    def snapshot(self) -> bytes:
        """Return the state."""
        return self._state

    def answer(self, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer one input."""
        if payload[:1] == b"!":
            text = {"verdict": "refused"}
            return Answer(b"refused " + payload, text, not_accepted=text)
        self._state = self._hashed(self._state + payload)
        return Answer(self._state, {"verdict": "accepted"}, frame_name(payload))

    @staticmethod
    def _hashed(data: bytes) -> bytes:
        return blake2b(data, digest_size=STATE_BYTES).digest()


def frame_payload(number: int, radar: int) -> bytes:
    """Return the payload of a frame; `frame_name` reads it."""
    return b"frame %d of %d" % (number, radar)


def frame_name(payload: bytes) -> FrameName | None:
    """Return which frame a payload is, None where it says nothing."""
    found = re.fullmatch(rb"frame (\d+) of (\d+)", payload)
    return FrameName(found[2].decode(), 0, int(found[1])) if found else None
