"""Where a worker stands, and what an output says about where its writer stood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, Self

from qiki.bus import headers
from qiki.bus.number_gaps import NumberGaps
from qiki.bus.worker_effects import Core


class Epoch(NamedTuple):
    """One run of one core under one set of settings, and where it began.

    The core was empty behind input ``begin_input``; its first output follows ``begin_output``.
    """

    tracker_id: str
    number: int
    core_version: str
    settings_sha256: str
    begin_input: int = 0
    begin_output: int = 0

    @classmethod
    def of(cls, core: Core, number: int, begin_input: int, begin_output: int) -> Self:
        """Return the epoch that `core` begins."""
        version, settings = core.core_version, core.settings_sha256
        return cls(core.tracker_id, number, version, settings, begin_input, begin_output)


class Place(NamedTuple):
    """Where a snapshot was taken; `Position.order` orders those of one epoch."""

    epoch: Epoch
    order: tuple[int, int]


@dataclass(slots=True)
class Position:
    """The last answered input and the output that answers it.

    Attributes
    ----------
    epoch : that both belong to.
    input_sequence : of the last answered input.
    clear_through, clear_sha256 : every input up to this sequence of the input stream is answered,
        and the message there has this hash (none: it was gone already). It is the last answered
        input, or a message behind it when the stream was seen to hold only other subjects in
        between.
    output_sequence, output_sha256 : the last output; no hash where the epoch begins.
    numbers : which frame numbers have been seen.
    """

    epoch: Epoch
    input_sequence: int
    clear_through: int
    clear_sha256: str
    output_sequence: int
    output_sha256: str
    numbers: NumberGaps = field(default_factory=NumberGaps)

    @classmethod
    def at_begin(cls, epoch: Epoch, begin_sha256: str) -> Self:
        """Return the place of an empty core."""
        behind = epoch.begin_input
        return cls(epoch, behind, behind, begin_sha256, epoch.begin_output, "")

    @property
    def is_begin(self) -> bool:
        """Return whether the core is empty here."""
        return self.output_sequence == self.epoch.begin_output

    @property
    def order(self) -> tuple[int, int]:
        """Return what orders the places of one stream."""
        return self.output_sequence, self.clear_through

    @property
    def place(self) -> Place:
        """Return what tells this place from any other."""
        return Place(self.epoch, self.order)

    def advance(self, name: "OutputName", output_sequence: int, output_sha256: str) -> None:
        """Step over the input that an output names, and over the output."""
        self.input_sequence = self.clear_through = name.input_sequence
        self.clear_sha256 = name.input_sha256
        self.output_sequence = output_sequence
        self.output_sha256 = output_sha256


class OutputName(NamedTuple):
    """What an output says it is: whose, and the answer to which input."""

    epoch: Epoch
    input_sequence: int
    input_sha256: str

    def to_headers(self) -> dict[str, str]:
        """Return the headers that say so."""
        epoch = self.epoch
        return {
            headers.TRACKER_ID: epoch.tracker_id,
            headers.TRACKER_EPOCH: str(epoch.number),
            headers.CORE_VERSION: epoch.core_version,
            headers.SETTINGS_SHA256: epoch.settings_sha256,
            headers.EPOCH_BEGIN: f"{epoch.begin_input}:{epoch.begin_output}",
            headers.INPUT_SEQUENCE: str(self.input_sequence),
            headers.INPUT_SHA256: self.input_sha256,
        }

    @classmethod
    def read(cls, header: Mapping[str, str]) -> Self | None:
        """Return the name in the headers of an output, None where they hold none."""
        try:
            begin_input, _, begin_output = header[headers.EPOCH_BEGIN].partition(":")
            epoch = Epoch(
                header[headers.TRACKER_ID],
                int(header[headers.TRACKER_EPOCH]),
                header[headers.CORE_VERSION],
                header[headers.SETTINGS_SHA256],
                int(begin_input),
                int(begin_output),
            )
            return cls(epoch, int(header[headers.INPUT_SEQUENCE]), header[headers.INPUT_SHA256])
        except (KeyError, ValueError):
            return None


def digest(payload: bytes) -> str:
    """Return the SHA-256 of a payload as it stands in headers."""
    return sha256(payload).hexdigest()
