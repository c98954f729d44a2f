"""Proposals: what makes sense, what does not and why, and their way from process to process."""

import math

import msgspec
import numpy as np
import pytest

from qiki.agent.proposal import (
    MAX_ACTIONS,
    MAX_DURATION_S,
    MAX_JUSTIFICATION,
    MAX_LINKS,
    MAX_WRENCH,
    Command,
    EnterSafeMode,
    Proposal,
    ProposalError,
    ProposalType,
    Switch,
    Wrench,
    read_proposals,
    write_proposals,
)

WHOLE = Proposal(
    name="approach.1",
    type=ProposalType.PLANNING,
    justification="the port is free",
    priority=0.25,
    confidence=0.75,
    actions=(
        Wrench((1.0, -2.0, 3.5), (0.0, 0.5, 0.0), 2.0),
        Switch("dock", is_on=True),
        Command("sim.xpdr.mode", {"mode": "SILENT", "for_s": 2.5, "count": 3, "all": None}),
        EnterSafeMode("there is no way out"),
    ),
    valid_s=5.0,
    expected_duration_s=60.0,
    depends_on=("align",),
    conflicts_with=("leave",),
    metadata={"docking": "approach"},
)


def proposal(**fields):
    return Proposal(**{"name": "p", "type": ProposalType.SAFETY, "justification": "why"} | fields)


def test_all_of_a_proposal_comes_through():
    WHOLE.check()
    assert read_proposals(write_proposals([WHOLE, proposal()])) == [WHOLE, proposal()]


def test_numbers_of_numpy_become_plain_ones():
    force_n = np.array([1.0, 2.0, 3.0])
    made = proposal(priority=np.float64(0.25), actions=(Wrench(force_n, tuple(force_n)),))
    made.check()
    (read,) = read_proposals(write_proposals([made]))
    assert read.priority == 0.25
    assert read.actions == (Wrench((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),)
    assert {type(part) for part in read.actions[0].force_n} == {float}


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a" * 64},
        {"name": "0.A-b_c"},
        {"priority": 0.0, "confidence": 1.0},
        {"priority": 1.0, "confidence": 0.0},
        {"valid_s": MAX_DURATION_S, "expected_duration_s": MAX_DURATION_S},
        {"valid_s": 1e-9, "expected_duration_s": 0.0},
        {"justification": "x" * MAX_JUSTIFICATION},
        {"depends_on": ("a",) * MAX_LINKS, "conflicts_with": ("a",) * MAX_LINKS},
        {"actions": (Switch("lights", is_on=False),) * MAX_ACTIONS},
        {"actions": (Wrench((MAX_WRENCH, -MAX_WRENCH, 0.0), duration_s=MAX_DURATION_S),)},
    ],
)
def test_what_stands_at_a_limit_is_within(fields):
    proposal(**fields).check()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name is '', must be 1 to 64 letters"),
        ({"name": "a" * 65}, "must be 1 to 64 letters"),
        ({"name": "-a"}, "name is '-a'"),
        ({"name": "a\n"}, "name is 'a.n'"),
        ({"name": "\ud800"}, "surrogates not allowed"),
        ({"name": 5}, "5: Expected `str`, got `int`"),
        ({"type": 1}, "type is 1, must be a ProposalType"),
        ({"type": 7}, "Invalid enum value 7"),
        ({"priority": 1.0000001}, "priority is 1.0000001, must be 0 to 1"),
        ({"priority": "high"}, "Expected `float`, got `str`"),
        ({"confidence": -0.1}, "confidence is -0.1, must be 0 to 1"),
        ({"confidence": math.nan}, "confidence is nan, must be 0 to 1"),
        ({"valid_s": 0.0}, "valid_s is 0.0, must be above 0, at most 3600"),
        ({"valid_s": math.inf}, "valid_s is inf"),
        ({"expected_duration_s": -1.0}, "expected_duration_s is -1.0, must be 0 to 3600"),
        ({"justification": ""}, "has 0 characters, must have 1 to 1024"),
        ({"justification": "x" * (MAX_JUSTIFICATION + 1)}, "has 1025 characters"),
        ({"justification": None}, "Expected `str`, got"),
        ({"depends_on": ("a",) * (MAX_LINKS + 1)}, "depends_on has 17 names, must have at most 16"),
        ({"conflicts_with": ("a b",)}, "conflicts_with is 'a b'"),
        ({"depends_on": "abc"}, "Expected `array`, got `str`"),
        ({"depends_on": ("p",)}, "depends_on has its own name: leave it out"),
        ({"metadata": {"a": 1}}, "Expected `str`, got `int`"),
        ({"actions": (Switch("a", is_on=True),) * 17}, "17 actions, must be at most 16"),
        ({"actions": ("go",)}, "Expected `object`, got `str`"),
        ({"actions": (Wrench((1.0, 2.0)),)}, "Expected `array` of length 3, got 2"),
        ({"actions": (Wrench((math.nan, 0.0, 0.0)),)}, "must be 3 numbers within 1e.09"),
        ({"actions": (Wrench(torque_n_m=(0.0, 2e9, 0.0)),)}, "torque_n_m is"),
        ({"actions": (Wrench(duration_s=0.0),)}, "duration_s is 0.0, must be above 0"),
        ({"actions": (Switch("", is_on=True),)}, "actuator is ''"),
        ({"actions": (Switch("a", is_on=1),)}, "Expected `bool`, got `int`"),
        ({"actions": (Command("sim dock"),)}, "name is 'sim dock'"),
        ({"actions": (Command("sim.x", {"a": math.inf}),)}, "sim.x: a is inf, must be finite"),
        ({"actions": (Command("sim.x", {"a": 2**70}),)}, "p.*serialize ints"),
        ({"actions": (Command("sim.x", {"a": object()}),)}, "object is no type of a proposal"),
        ({"actions": (EnterSafeMode(""),)}, "reason has 0 characters, must have 1 to 256"),
        ({"actions": (EnterSafeMode("x" * 257),)}, "reason has 257 characters"),
        ({"actions": (Command("sim.tick", {"tick": 1}),)}, "sim.tick is for operators"),
        ({"actions": (Command("sim.reset"),)}, "sim.reset is for operators"),
        ({"actions": (Command("sim.x", {"a": "x" * 257}),)}, "a has a text of more than 256"),
        ({"metadata": {str(n): "" for n in range(33)}}, "metadata: 33 values, must be at most 32"),
        ({"metadata": {"a": "x" * 257}}, "metadata: a has a text of more than 256 characters"),
    ],
)
def test_nonsense_is_refused_by_name_value_and_limit(fields, said):
    with pytest.raises(ProposalError, match=said):
        proposal(**fields).check()


def test_what_holds_itself_is_refused():
    parameters = {}
    parameters["again"] = parameters
    with pytest.raises(ProposalError, match="p"):
        proposal(actions=(Command("sim.x", parameters),)).check()


def test_claims_name_what_is_used():
    assert WHOLE.claims == {"thrusters", "switch:dock", "sim.xpdr", "mode"}
    commands = [Command(f"sim.{name}") for name in ("rcs.fire", "drive.set", "dock.engage")]
    assert [command.claims for command in commands] == ["thrusters", "thrusters", "sim.dock"]
    assert Command("reset").claims == "reset"


@pytest.mark.parametrize("written", [b"", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\x91" * 100_000])
def test_what_is_no_proposals_is_refused(written):
    with pytest.raises(msgspec.DecodeError):
        read_proposals(written)


def test_each_byte_that_is_another_is_read_or_refused():
    """No byte of foreign code makes anything but proposals or one of two errors."""
    written = write_proposals([WHOLE])
    refused = 0
    for place in range(len(written)):
        for flipped in (0x01, 0x80, 0xFF):
            damaged = bytearray(written)
            damaged[place] ^= flipped
            try:
                read = read_proposals(bytes(damaged))
            except (msgspec.DecodeError, UnicodeDecodeError):
                refused += 1
            else:
                assert all(type(it) is Proposal for it in read)
    assert refused > len(written)
