"""What every agent is: something that looks at a view and proposes what to do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from qiki.agent.proposal import Proposal
from qiki.agent.view import View


class Agent(ABC):
    """An agent: derive from it, and name your class to ``qiki agent --agent module:Class``.

    It is made without arguments, once, and asked at each tick, in a process of its own. What it
    keeps between two ticks is its own affair; what it must not lose it can see in the view.
    """

    @abstractmethod
    def decide(self, view: View) -> Sequence[Proposal]:
        """Return what is to be done, nothing where all is well.

        What comes too late, raises, or makes no sense is told and counted, and nothing is done.
        """
