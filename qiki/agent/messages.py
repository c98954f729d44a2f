"""Proposals and states as the original's protobuf messages have them."""

import uuid
from typing import Any

from google.protobuf.json_format import MessageToDict

from qiki.agent.decision import Status, Verdict
from qiki.agent.proposal import RCS, Action, Command, EnterSafeMode, Switch, Wrench
from qiki.wire.generated import actuator_raw_out_pb2, proposal_pb2

ActuatorCommand = actuator_raw_out_pb2.ActuatorCommand
# The original has no status of a proposal that was tried in vain.
STATUS_OF = {
    Status.PENDING: proposal_pb2.Proposal.PENDING,
    Status.ACCEPTED: proposal_pb2.Proposal.ACCEPTED,
    Status.REJECTED: proposal_pb2.Proposal.REJECTED,
    Status.EXECUTED: proposal_pb2.Proposal.EXECUTED,
    Status.FAILED: proposal_pb2.Proposal.REJECTED,
    Status.EXPIRED: proposal_pb2.Proposal.EXPIRED,
}


def proposal_id(agent: str, name: str, time_ns: int) -> str:
    """Return the UUID of a proposal: of its agent, its name and the world time of its tick."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:qiki:proposal:{agent}:{name}:{time_ns}"))


def actuator_command(action: Wrench | Switch) -> ActuatorCommand:
    """Return what the simulator is asked for by gRPC."""
    if isinstance(action, Switch):
        kind = ActuatorCommand.ENABLE if action.is_on else ActuatorCommand.DISABLE
        command = ActuatorCommand(command_type=kind)
        command.actuator_id.value = action.actuator
        return command
    command = ActuatorCommand(
        command_type=ActuatorCommand.SET_WRENCH, timeout_ms=max(1, round(action.duration_s * 1e3))
    )
    command.actuator_id.value = RCS
    wrench = command.wrench_value
    wrench.force_x_n, wrench.force_y_n, wrench.force_z_n = action.force_n
    wrench.torque_x_n_m, wrench.torque_y_n_m, wrench.torque_z_n_m = action.torque_n_m
    return command


def proposal_message(verdict: Verdict) -> proposal_pb2.Proposal:
    """Return a proposal and what became of it."""
    it, key = verdict.proposal, verdict.key
    message = proposal_pb2.Proposal(
        source_module_id=key.agent,
        justification=it.justification,
        priority=it.priority,
        confidence=it.confidence,
        type=proposal_pb2.Proposal.ProposalType.ValueType(it.type),
        status=STATUS_OF[verdict.status],
        # What the loop says of it comes last: an agent cannot say something else.
        metadata=dict(it.metadata) | _metadata(it.actions) | {"name": key.name},
    )
    message.proposal_id.value = proposal_id(key.agent, key.name, verdict.made_ns)
    message.timestamp.FromNanoseconds(verdict.made_ns)
    message.expected_duration.FromNanoseconds(round(it.expected_duration_s * 1e9))
    for action in it.actions:
        if isinstance(action, Wrench | Switch):
            message.proposed_actions.append(actuator_command(action))
    return message


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return a proposal and what became of it as JSON has it, with the reason."""
    document: dict[str, Any] = MessageToDict(
        proposal_message(verdict), preserving_proto_field_name=True
    )
    return document | {
        "status": verdict.status.value,
        "reason": verdict.reason,
        "depends_on": list(verdict.proposal.depends_on),
        "conflicts_with": list(verdict.proposal.conflicts_with),
    }


def _metadata(actions: tuple[Action, ...]) -> dict[str, str]:
    """Tell the actions that are no commands to an actuator, by their place."""
    told = {}
    for place, action in enumerate(actions):
        if isinstance(action, Command):
            values = " ".join(f"{name}={value}" for name, value in action.parameters.items())
            told[f"action.{place}"] = f"{action.name} {values}".rstrip()
        elif isinstance(action, EnterSafeMode):
            told[f"action.{place}"] = f"safe mode: {action.reason}"
    return told
