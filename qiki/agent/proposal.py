"""What an agent proposes to do, why, and what may go with it.

Proposals are `msgspec` structures: plain values that go from process to process as MessagePack and
are checked by type on their way, since code that is not ours made them.
"""

import math
import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, TypeAlias

import msgspec
import numpy as np
from msgspec import Struct, field

from qiki.bus.command_message import Scalar
from qiki.errors import QikiError

MAX_ACTIONS = 16
MAX_JUSTIFICATION = 1024
MAX_LINKS = 16
MAX_DURATION_S = 3600.0
MAX_WRENCH = 1e9
MAX_PARAMETERS = 32
MAX_METADATA = 32
MAX_TEXT = 256  # of a reason, of a parameter, of a value of the metadata
ACTION_KEY = "action."  # with a number behind it, keys of the loop's own in the metadata
# They move the world, which is not an agent's.
OF_OPERATORS = frozenset(
    f"sim.{name}" for name in ("start", "pause", "stop", "reset", "step", "tick")
)
RCS = "rcs"  # the actuator of all thrusters
THRUSTERS = "thrusters"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ProposalError(QikiError, ValueError):
    """A proposal that makes no sense."""


class ProposalType(IntEnum):
    """What a proposal is for, the most urgent first; numbers are those of ``proposal.proto``."""

    SAFETY = 1
    PLANNING = 2
    DIAGNOSTICS = 3
    EXPLORATION = 4


class Wrench(Struct, frozen=True, tag="wrench"):
    """Let the thrusters push and turn, from the next tick on, until it is over or another comes.

    Attributes
    ----------
    force_n : in the body frame, to starboard, to the bow, up [N].
    torque_n_m : about the same axes [N m].
    duration_s : [s].
    """

    force_n: tuple[float, float, float] = (0.0, 0.0, 0.0)
    torque_n_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    duration_s: float = 1.0

    @property
    def claims(self) -> str:
        """What no other action may use in the same tick."""
        return THRUSTERS

    def check(self) -> None:
        """Raise `ProposalError` where a number is outside its limits."""
        for name in ("force_n", "torque_n_m"):
            value = getattr(self, name)
            if len(value) != 3 or not all(abs(part) <= MAX_WRENCH for part in value):  # NaN, too
                raise ProposalError(f"{name} is {value}, must be 3 numbers within {MAX_WRENCH:g}")
        if not 0.0 < self.duration_s <= MAX_DURATION_S:
            raise ProposalError(
                f"duration_s is {self.duration_s}, must be above 0, at most {MAX_DURATION_S:g}"
            )


class Switch(Struct, frozen=True, tag="switch"):
    """Switch a load of the vehicle's bus, or ``dock``, on or off; ``rcs``, all thrusters, off.

    Attributes
    ----------
    actuator : its name.
    is_on : whether it is to be on.
    """

    actuator: str
    is_on: bool

    @property
    def claims(self) -> str:
        """What no other action may use in the same tick."""
        return THRUSTERS if self.actuator == RCS else f"switch:{self.actuator}"

    def check(self) -> None:
        """Raise `ProposalError` where the name is none."""
        _require_name("actuator", self.actuator)


class Command(Struct, frozen=True, tag="command"):
    """Send a command of ``docs/control.md``, which is stored before it acts.

    Attributes
    ----------
    name : as ``sim.dock.engage``.
    parameters : what it takes.
    """

    name: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def claims(self) -> str:
        """What no other action may use in the same tick."""
        group = self.name.rpartition(".")[0]
        return THRUSTERS if group in ("sim.rcs", "sim.drive") else group or self.name

    def check(self) -> None:
        """Raise `ProposalError` where it is not for agents, or a value is outside its limits."""
        _require_name("name", self.name)
        if self.name in OF_OPERATORS:
            raise ProposalError(f"{self.name} is for operators, not for agents: leave it out")
        _require_texts(self.name, self.parameters, MAX_PARAMETERS)
        for key, value in self.parameters.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ProposalError(f"{self.name}: {key} is {value}, must be finite")


class EnterSafeMode(Struct, frozen=True, tag="enter_safe_mode"):
    """Put the ship into safe mode.

    Attributes
    ----------
    reason : why.
    """

    reason: str

    @property
    def claims(self) -> str:
        """What no other action may use in the same tick."""
        return "mode"

    def check(self) -> None:
        """Raise `ProposalError` where no reason is given."""
        if not 0 < len(self.reason) <= MAX_TEXT:
            raise ProposalError(
                f"reason has {len(self.reason)} characters, must have 1 to {MAX_TEXT}"
            )


Action: TypeAlias = Wrench | Switch | Command | EnterSafeMode


class Proposal(Struct, frozen=True, kw_only=True):
    """What an agent proposes.

    Attributes
    ----------
    name : unique among those of its agent at one tick; the same name at a later tick replaces one
        that still waits.
    type : what it is for; the lower number goes first.
    justification : why, for the audit.
    priority : 0 to 1; of one type the higher goes first.
    confidence : 0 to 1; below the agent's threshold it is rejected.
    actions : what is done, in order; none: it only says something.
    valid_s : world time after which it is not carried out any more [s].
    expected_duration_s : how long it will take [s].
    depends_on : names of proposals of the same agent that must have been executed.
    conflicts_with : names of proposals, of any agent, with which it cannot go together; two that
        use the same thing never do.
    metadata : for the audit.
    """

    name: str
    type: ProposalType
    justification: str
    priority: float = 0.5
    confidence: float = 1.0
    actions: tuple[Action, ...] = ()
    valid_s: float = 1.0
    expected_duration_s: float = 0.0
    depends_on: tuple[str, ...] = ()
    conflicts_with: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `ProposalError` where it makes no sense: value, limit, remedy."""
        self._check_types()
        _require_name("name", self.name)
        if not isinstance(self.type, ProposalType):
            raise ProposalError(f"{self.name}: type is {self.type!r}, must be a ProposalType")
        for what in ("priority", "confidence"):
            value = getattr(self, what)
            if not 0.0 <= value <= 1.0:  # NaN, too
                raise ProposalError(f"{self.name}: {what} is {value}, must be 0 to 1")
        if not 0.0 < self.valid_s <= MAX_DURATION_S:
            raise ProposalError(
                f"{self.name}: valid_s is {self.valid_s}, must be above 0, at most "
                f"{MAX_DURATION_S:g}"
            )
        if not 0.0 <= self.expected_duration_s <= MAX_DURATION_S:
            raise ProposalError(
                f"{self.name}: expected_duration_s is {self.expected_duration_s}, must be 0 to "
                f"{MAX_DURATION_S:g}"
            )
        if not 0 < len(self.justification) <= MAX_JUSTIFICATION:
            raise ProposalError(
                f"{self.name}: justification has {len(self.justification)} characters, must have "
                f"1 to {MAX_JUSTIFICATION}"
            )
        self._check_links()
        _require_texts(f"{self.name}: metadata", self.metadata, MAX_METADATA)
        self._check_actions()

    def _check_types(self) -> None:
        try:
            read_proposals(write_proposals([self]))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise ProposalError(f"{self.name!a:.66}: {error}") from error

    def _check_links(self) -> None:
        for what in ("depends_on", "conflicts_with"):
            names = getattr(self, what)
            if len(names) > MAX_LINKS:
                raise ProposalError(
                    f"{self.name}: {what} has {len(names)} names, must have at most {MAX_LINKS}"
                )
            for name in names:
                _require_name(what, name)
        if self.name in self.depends_on:
            raise ProposalError(f"{self.name}: depends_on has its own name: leave it out")

    def _check_actions(self) -> None:
        if len(self.actions) > MAX_ACTIONS:
            raise ProposalError(
                f"{self.name}: {len(self.actions)} actions, must be at most {MAX_ACTIONS}"
            )
        for action in self.actions:
            try:
                action.check()
            except ProposalError as error:
                raise ProposalError(f"{self.name}: {error}") from error

    @property
    def claims(self) -> frozenset[str]:
        """What no other proposal may use in the same tick."""
        return frozenset(action.claims for action in self.actions)


def _require_texts(what: str, values: Mapping[str, object], most: int) -> None:
    if len(values) > most:
        raise ProposalError(f"{what}: {len(values)} values, must be at most {most}")
    for key, value in values.items():
        if len(key) > MAX_TEXT or (isinstance(value, str) and len(value) > MAX_TEXT):
            raise ProposalError(
                f"{what}: {key[:40]} has a text of more than {MAX_TEXT} characters: shorten it"
            )


def _require_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ProposalError(
            f"{what} is {name!r:.80}, must be 1 to 64 letters, digits, dots, dashes or underscores"
        )


def write_proposals(proposals: Sequence[Proposal]) -> bytes:
    """Return proposals as MessagePack; numbers of numpy become plain ones.

    Raises
    ------
    TypeError, OverflowError : a value is of a kind that MessagePack has not.
    """
    return msgspec.msgpack.encode(proposals, enc_hook=plain)


def read_proposals(written: bytes) -> list[Proposal]:
    """Return the proposals in MessagePack that anybody may have written.

    Raises
    ------
    msgspec.ValidationError : a field is missing or of the wrong type; says which.
    msgspec.DecodeError, UnicodeDecodeError : it is no MessagePack.
    """
    return _READER.decode(written)


_READER = msgspec.msgpack.Decoder(list[Proposal])


def plain(value: object) -> Any:
    """Return what MessagePack has for numpy's values and for mappings; ``enc_hook`` of proposals.

    Raises
    ------
    TypeError : it is something else.
    """
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no type of a proposal's field: use a plain value")
