"""Agents: what they see, what they propose, how it is decided, and the loop that runs them.

What an agent of yours needs stands here; ``docs/agent-sdk.md`` explains it.
"""

from qiki.agent.agent import Agent
from qiki.agent.proposal import (
    Action,
    Command,
    EnterSafeMode,
    Proposal,
    ProposalError,
    ProposalType,
    Switch,
    Wrench,
)
from qiki.agent.sample_view import sample_tracks, sample_vehicle, sample_view
from qiki.agent.view import View

__all__ = [
    "Action",
    "Agent",
    "Command",
    "EnterSafeMode",
    "Proposal",
    "ProposalError",
    "ProposalType",
    "Switch",
    "View",
    "Wrench",
    "sample_tracks",
    "sample_vehicle",
    "sample_view",
]
