"""Proposals in the original's protobuf messages, and as the audit has them."""

import msgspec
import pytest

from qiki.agent.decision import Key, Status, Verdict
from qiki.agent.messages import actuator_command, proposal_message, verdict_document
from qiki.agent.proposal import (
    Command,
    EnterSafeMode,
    Proposal,
    ProposalType,
    Switch,
    Wrench,
)
from qiki.wire.generated.actuator_raw_out_pb2 import ActuatorCommand
from qiki.wire.generated.proposal_pb2 import Proposal as ProposalMessage

WRENCH = Wrench((1.0, -2.0, 3.5), (0.1, 0.2, -0.3), 0.25)


def verdict(status=Status.EXECUTED, reason="", **fields):
    proposal = Proposal(
        name="evade", type=ProposalType.SAFETY, justification="track 3 is near", **fields
    )
    return Verdict(Key("pilot", "evade"), proposal, 5_000_000_007, status, reason)


def test_a_wrench_is_one_command_of_all_thrusters():
    command = actuator_command(WRENCH)
    wrench = command.wrench_value
    assert command.actuator_id.value == "rcs"
    assert (command.command_type, command.timeout_ms) == (ActuatorCommand.SET_WRENCH, 250)
    assert (wrench.force_x_n, wrench.force_y_n, wrench.force_z_n) == WRENCH.force_n
    assert (wrench.torque_x_n_m, wrench.torque_y_n_m, wrench.torque_z_n_m) == WRENCH.torque_n_m


def test_the_shortest_push_is_not_that_of_no_duration():
    assert actuator_command(Wrench(duration_s=1e-5)).timeout_ms == 1


@pytest.mark.parametrize(
    ("is_on", "kind"), [(True, ActuatorCommand.ENABLE), (False, ActuatorCommand.DISABLE)]
)
def test_a_switch_is_enable_or_disable(is_on, kind):
    command = actuator_command(Switch("nbl", is_on))
    assert (command.actuator_id.value, command.command_type) == ("nbl", kind)
    assert command.WhichOneof("command_value") is None


def test_a_message_has_what_the_proposal_has():
    actions = (WRENCH, Command("sim.dock.engage", {"port": "A"}), EnterSafeMode("no fuel"))
    made = proposal_message(verdict(priority=0.5, confidence=0.75, actions=actions))
    assert (made.type, made.status) == (ProposalMessage.SAFETY, ProposalMessage.EXECUTED)
    assert (made.source_module_id, made.justification) == ("pilot", "track 3 is near")
    assert (made.priority, made.confidence) == (0.5, 0.75)
    assert made.timestamp.ToNanoseconds() == 5_000_000_007
    assert [it.actuator_id.value for it in made.proposed_actions] == ["rcs"]
    assert dict(made.metadata) == {
        "name": "evade",
        "action.1": "sim.dock.engage port=A",
        "action.2": "safe mode: no fuel",
    }


def test_an_agent_cannot_say_something_else_of_what_it_asks_for():
    forged = {"action.0": "nothing", "name": "harmless", "why": "of its own"}
    made = proposal_message(verdict(actions=(Command("sim.rcs.stop"),), metadata=forged))
    assert dict(made.metadata) == {
        "name": "evade",
        "action.0": "sim.rcs.stop",
        "why": "of its own",
    }


def test_the_id_is_that_of_agent_name_and_time():
    one = proposal_message(verdict()).proposal_id.value
    assert one == proposal_message(verdict(Status.REJECTED, "why")).proposal_id.value
    later = Verdict(Key("pilot", "evade"), verdict().proposal, 6, Status.EXECUTED)
    other = Verdict(Key("helm", "evade"), verdict().proposal, 5_000_000_007, Status.EXECUTED)
    ids = {one, *(proposal_message(it).proposal_id.value for it in (later, other))}
    assert len(ids) == 3


@pytest.mark.parametrize("status", list(Status))
def test_a_document_says_what_became_of_it_and_why(status):
    document = verdict_document(verdict(status, "because", depends_on=("align",)))
    assert (document["status"], document["reason"]) == (status.value, "because")
    assert document["depends_on"] == ["align"]
    assert msgspec.json.decode(msgspec.json.encode(document)) == document
