"""What goes between a loop and the process of an agent, and how: frames on a socket pair.

A view goes to the agent as a pickle, which is ours. What comes back is MessagePack, decoded by
type, since code that is not ours wrote it: no byte of it makes an object of another class.

    frame   4 bytes, big-endian: length of what follows
            for a view 8 bytes more, big-endian: number of the question; then its pickle
"""

import struct
from typing import TypeAlias

import msgspec
from msgspec import Struct

from qiki.agent.proposal import Proposal, plain

HEAD = struct.Struct(">I")
QUESTION = struct.Struct(">Q")
MAX_PROPOSALS = 64
MAX_ANSWER_BYTES = 256 * 1024
MAX_REASON = 2000


class Ready(Struct, frozen=True, tag="ready"):
    """The agent is made and can be asked."""


class Refused(Struct, frozen=True, tag="refused"):
    """There is no such agent.

    Attributes
    ----------
    reason : with value and remedy.
    """

    reason: str


class Proposed(Struct, frozen=True, tag="proposed"):
    """What the agent proposes.

    Attributes
    ----------
    question : number of the question that it answers.
    proposals : of the right types, but not checked.
    """

    question: int
    proposals: list[Proposal]


class Raised(Struct, frozen=True, tag="raised"):
    """The agent raised.

    Attributes
    ----------
    question : as above.
    reason : the last lines of the traceback.
    """

    question: int
    reason: str


class Nonsense(Struct, frozen=True, tag="nonsense"):
    """The agent returned what is no list of proposals, or too much.

    Attributes
    ----------
    question : as above.
    reason : value, limit and remedy.
    """

    question: int
    reason: str


AgentMessage: TypeAlias = Ready | Refused | Proposed | Raised | Nonsense


def write_message(message: AgentMessage) -> bytes:
    """Return a message as MessagePack.

    Raises
    ------
    TypeError, ValueError, OverflowError, RecursionError : it holds what cannot be written.
    """
    return msgspec.msgpack.encode(message, enc_hook=plain)


def read_message(written: bytes) -> AgentMessage:
    """Return the message in MessagePack that an agent's process wrote.

    Raises
    ------
    msgspec.ValidationError : a field is missing or of the wrong type; says which.
    msgspec.DecodeError, UnicodeDecodeError, RecursionError : it is no MessagePack.
    """
    return _READER.decode(written)


_READER: msgspec.msgpack.Decoder[AgentMessage] = msgspec.msgpack.Decoder(AgentMessage)
