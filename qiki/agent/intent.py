"""What an operator wants, in words: a small fixed vocabulary, in English and Russian.

No language model reads it. One may be plugged in for words that are not understood; it can propose,
and what it proposes waits for the operator's ``accept``.
"""

import re
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from qiki.agent.proposal import Proposal
from qiki.agent.view import View


class IntentKind(StrEnum):
    """What can be wanted."""

    MISSION = "mission"  # of the ship: argument watch, hold or dock
    STOP = "stop"  # everything, at once
    GO_ON = "go_on"  # after a stop
    SAFE_MODE = "safe_mode"
    ACKNOWLEDGE = "acknowledge"  # argument: number of a track, or all
    ACCEPT = "accept"  # argument: name of a proposal
    MODE = "mode"  # of the system: argument factory or mission
    STATUS = "status"


class Intent(NamedTuple):
    """One thing that is wanted.

    Attributes
    ----------
    kind : what.
    argument : of what; empty where there is nothing to say.
    """

    kind: IntentKind
    argument: str = ""


# The first that fits the whole text, in small letters and without spaces at its ends, is meant.
_VOCABULARY: tuple[tuple[str, IntentKind, str], ...] = (
    (r"dock|стыковка|стыкуйся|стыковаться", IntentKind.MISSION, "dock"),
    (r"hold|stay|жди|стой на месте|удержание|удерживать", IntentKind.MISSION, "hold"),
    (r"watch|наблюдай|наблюдать|наблюдение", IntentKind.MISSION, "watch"),
    (r"stop|emergency stop|стоп|стой", IntentKind.STOP, ""),
    (r"go on|resume|продолжай|дальше", IntentKind.GO_ON, ""),
    (r"safe mode|безопасный режим", IntentKind.SAFE_MODE, ""),
    (r"ack(?:nowledge)?(?: all)?|квитировать(?: все)?", IntentKind.ACKNOWLEDGE, "all"),
    (r"(?:ack(?:nowledge)?|квитировать) (\d+)", IntentKind.ACKNOWLEDGE, ""),
    (r"(?:accept|принять) ([a-z0-9][a-z0-9._-]*)", IntentKind.ACCEPT, ""),
    (r"(?:mode|режим) (?:factory|завод)", IntentKind.MODE, "FACTORY"),
    (r"(?:mode|режим) (?:mission|миссия)", IntentKind.MODE, "MISSION"),
    (r"status|статус|состояние", IntentKind.STATUS, ""),
)
KNOWN = (
    "dock, hold, watch, stop, go on, safe mode, ack [TRACK], accept NAME, mode factory, "
    "mode mission, status"
)


def understood(text: str) -> Intent | None:
    """Return what a text says, None where no word of ours does."""
    said = " ".join(text.lower().split())
    for pattern, kind, argument in _VOCABULARY:
        found = re.fullmatch(pattern, said)
        if found:
            return Intent(kind, argument or (found[1] if found.groups() and found[1] else ""))
    return None


class Words(NamedTuple):
    """What a reader is asked: words, and what is known as they are said."""

    text: str
    view: View


@runtime_checkable
class IntentReader(Protocol):
    """Whoever reads words that `understood` does not; made without arguments.

    It runs in a process of its own, as an agent does, and reads one text after the other.

    It is asked with the newest view and returns proposals. They are told to the operator, and only
    what the operator accepts is decided on like any other proposal.
    """

    async def read(self, text: str, view: View) -> list[Proposal]:
        """Return what could be done about a text; nothing where it says nothing either."""
