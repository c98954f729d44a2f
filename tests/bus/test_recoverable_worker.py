"""The worker's publishing: what it stores, and what it makes of each answer of the broker."""

import ast
from hashlib import sha256
from pathlib import Path

import pytest

import qiki.bus
from qiki.bus import headers
from qiki.bus.worker_asking import WorkerLimits
from qiki.bus.worker_effects import (
    Accepted,
    Publish,
    ReadNewestOutput,
    ReadNextInput,
    ReadStreamState,
    ReadValue,
    Rejected,
    StopAsked,
    StopKind,
    Unanswered,
    WriteValue,
    WrongSequence,
)
from tests.protocol.oracle import OUTPUTS
from tests.protocol.quiet_world import QuietWorld
from tests.protocol.simulation import LIMITS


def once(kind, outcome_of):
    """Give another outcome for the first effect of a kind."""
    left = [True]

    def change(effect, perform):
        if isinstance(effect, kind) and left:
            left.clear()
            return outcome_of(effect, perform)
        return perform()

    return change


def reply_lost(effect, perform):
    perform()
    return Unanswered("time-out")


@pytest.mark.parametrize("module", sorted(Path(qiki.bus.__file__).parent.glob("*worker*.py")))
def test_the_worker_does_no_io(module):
    imported = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert not imported & {"nats", "asyncio", "time", "random", "os", "socket", "datetime"}


def test_each_output_names_its_input():
    world = QuietWorld()
    world.frames(8)
    world.run()
    frames = world.oracle.frames
    assert len(world.outputs.messages) == len(frames) == 8
    for frame, output in zip(frames, world.outputs.messages.values(), strict=True):
        assert output.headers[headers.INPUT_SEQUENCE] == str(frame.sequence)
        assert output.headers[headers.INPUT_SHA256] == sha256(frame.payload).hexdigest()
        assert output.headers[headers.TRACKER_EPOCH] == "1"
        assert output.headers["verdict"] == "accepted"
        assert output.message_id == f"t:1:{frame.sequence}"


@pytest.mark.parametrize("clustered", [False, True], ids=["guard first", "message id first"])
def test_a_lost_acknowledgement_is_read_back(clustered):
    """Whichever the broker checks first: the message is there, once."""
    world, calm = QuietWorld(clustered=clustered), QuietWorld()
    for each in (world, calm):
        each.frames(4)
    worker = world.run(change=once(Publish, reply_lost))
    calm.run()
    assert world.stop is None
    assert worker.counters["lost_acknowledgements"] == 1
    assert world.payloads() == calm.payloads()


def test_a_lost_publish_is_repeated():
    world = QuietWorld()
    world.frames(2)
    worker = world.run(change=once(Publish, lambda effect, perform: Unanswered("time-out")))
    assert worker.counters["publish_repeats"] == 1
    assert len(world.outputs.messages) == 2


def test_a_duplicate_that_is_not_there_is_no_success():
    """A leader may know an id whose message was lost with it."""
    world = QuietWorld()
    world.frames(2)
    worker = world.run(change=once(Publish, lambda effect, perform: Accepted(1, duplicate=True)))
    assert worker.counters["publish_repeats"] == 1
    assert len(world.outputs.messages) == 2


def test_another_writer_fences():
    world = QuietWorld()
    world.frames(2)

    def somebody_else(effect, perform):
        world.outputs.publish(OUTPUTS, b"mine")
        return perform()

    world.run(change=once(Publish, somebody_else))
    assert world.stop.kind is StopKind.FENCED
    assert world.stop.text == (
        "the output stream ends at 1, must end at 0, the last output that this worker knows: "
        "another worker writes it; stop one of the two"
    )
    assert world.payloads() == [b"mine"]


def test_the_same_bytes_under_another_input_are_not_ours():
    world = QuietWorld()
    for _ in range(2):
        world.inputs.publish("frames", b"!same")
    changes = iter([False, True, False])

    def change(effect, perform):
        if isinstance(effect, Publish) and next(changes):
            return Unanswered("time-out")
        return perform()

    world.run(change=change)
    assert world.payloads() == [b"refused !same"] * 2


def never_stored(unanswered, asked):
    """Leave each publish unanswered, and what follows it if that is of the kinds given."""

    def change(effect, perform):
        if isinstance(effect, Publish) or (asked and isinstance(effect, unanswered)):
            asked.append(effect)
            return Unanswered("time-out")
        return perform()

    return change


def test_unanswered_ends_after_a_bounded_number_of_attempts():
    world, asked = QuietWorld(), []
    world.frames(1)
    world.run(change=never_stored((), asked), limits=WorkerLimits(attempts=3))
    assert len(asked) == 3
    assert world.stop.kind is StopKind.UNANSWERED
    assert world.stop.text == (
        "storing the answer to input 1 was tried 3 times in vain (time-out), must succeed within "
        "3: see whether the broker runs and its disk has room, then start again"
    )


def test_reading_back_has_no_attempts_of_its_own():
    world, asked = QuietWorld(), []
    world.frames(1)
    change = never_stored(ReadNewestOutput, asked)
    world.run(change=change, limits=WorkerLimits(attempts=20))
    assert 20 <= len(asked) <= 21
    assert world.stop.kind is StopKind.UNANSWERED
    assert "ReadNewestOutput was tried 20 times in vain" in world.stop.text


def test_one_publish_does_not_use_up_the_attempts_of_the_next():
    world = QuietWorld()
    world.frames(4)
    tried = []

    def each_third(effect, perform):
        if isinstance(effect, Publish):
            tried.append(effect)
            return perform() if len(tried) % 3 == 0 else Unanswered("time-out")
        return perform()

    world.run(change=each_third, limits=LIMITS._replace(attempts=3))
    assert world.stop is None
    assert len(world.outputs.messages) == 4


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (WrongSequence(), "refused by its guard, though the stream has not moved"),
        (Accepted(1, duplicate=True), "called a duplicate of what is not there"),
    ],
)
def test_what_the_broker_said_is_not_called_silence(outcome, words):
    world = QuietWorld()
    world.frames(1)

    def change(effect, perform):
        return outcome if isinstance(effect, Publish) else perform()

    world.run(change=change)
    assert world.stop.kind is StopKind.UNANSWERED
    assert f"tried {LIMITS.attempts} times in vain ({words})" in world.stop.text


@pytest.mark.parametrize("kind", [ReadStreamState, ReadNewestOutput, ReadValue, ReadNextInput])
def test_whatever_the_broker_refuses_ends_the_worker(kind):
    world = QuietWorld()
    world.frames(1)
    world.run(change=once(kind, lambda effect, perform: Rejected("forbidden: permit it")))
    assert (world.stop.kind, world.stop.text) == (StopKind.REJECTED, "forbidden: permit it")


@pytest.mark.parametrize("outcome", [Rejected("full: make room"), Unanswered("time-out")])
def test_a_snapshot_that_cannot_be_written_costs_the_snapshot(outcome):
    world = QuietWorld()
    world.frames(12)

    def change(effect, perform):
        refused = isinstance(effect, WriteValue) and world.outputs.messages
        return outcome if refused else perform()

    world.run(change=change)
    assert world.stop is None
    assert len(world.outputs.messages) == 12
    assert world.reported("snapshot_not_stored")
    world.frames(1)
    worker = world.run()
    assert worker.counters["replayed"] == 12
    assert len(world.outputs.messages) == 13


def test_a_refusal_of_the_broker_is_passed_on():
    world = QuietWorld()
    world.frames(1)
    world.run(change=once(Publish, lambda effect, perform: Rejected("full: make room")))
    assert (world.stop.kind, world.stop.text) == (StopKind.REJECTED, "full: make room")


def test_an_unusable_input_is_answered_and_does_not_block():
    world = QuietWorld()
    world.inputs.publish("frames", b"!bad")
    world.frames(1)
    world.run()
    assert world.payloads()[0] == b"refused !bad"
    assert len(world.outputs.messages) == 2


def test_an_unusable_input_is_reported_once_however_often_it_is_answered():
    world = QuietWorld()
    world.inputs.publish("frames", b"!bad")
    world.run(
        change=lambda effect, perform: (
            Rejected("full") if isinstance(effect, Publish) else perform()
        )
    )
    assert not world.reported("frame_not_accepted")
    world.run(change=once(Publish, lambda effect, perform: Unanswered("time-out")))
    assert world.reported("frame_not_accepted") == [{"verdict": "refused"}]
    world.delete_snapshots()
    worker = world.run()
    assert worker.counters["replayed"] == 1
    assert len(world.reported("frame_not_accepted")) == 1


def test_all_outputs_aged_out_while_it_runs():
    """The broker then expects 0 of the subject, and still the end of the stream."""
    world = QuietWorld()
    world.frames(3)
    published = []

    def change(effect, perform):
        if isinstance(effect, ReadNextInput) and len(published) == 3 and world.idle == 1:
            published.append("pause")
            world.advance(1000.0)
            world.frames(1)
        if isinstance(effect, Publish):
            published.append(effect.expected_subject_sequence)
        return perform()

    world.run(change=change)
    assert published == [0, 1, 2, "pause", 3, 0]
    assert world.stop is None
    assert list(world.outputs.messages) == [4]


def test_asked_to_stop_it_saves_where_it_stands():
    world = QuietWorld()
    world.frames(3)
    seen = []

    def change(effect, perform):
        seen.append(effect)
        asked = isinstance(effect, ReadNextInput) and len(world.outputs.messages) == 3
        return StopAsked() if asked else perform()

    world.run(change=change)
    assert (world.stop.kind, world.stop.text) == (StopKind.ASKED, "")
    worker = world.run()
    assert worker.counters["replayed"] == 0
