"""What the recoverable worker makes of outputs that another wrote, or that the broker lost."""

from hashlib import sha256

from qiki.bus.worker_effects import (
    Publish,
    ReadInput,
    ReadNextInput,
    StopKind,
    Unanswered,
    WriteValue,
    WrongSequence,
)
from qiki.bus.worker_position import OutputName
from tests.bus.test_recoverable_worker import once
from tests.protocol.oracle import OUTPUTS
from tests.protocol.quiet_world import QuietWorld
from tests.protocol.simulation import LIMITS


def test_a_stream_that_lost_its_end_is_no_second_writer():
    world = QuietWorld()
    world.frames(3)

    def loses_two(effect, perform):
        if isinstance(effect, Publish) and world.outputs.last == 2:
            world.outputs.lose_tail(2)
            return WrongSequence()
        return perform()

    world.run(change=loses_two)
    assert world.stop.kind is StopKind.LOST_TAIL
    assert "ends at 0, must end at 2" in world.stop.text
    world.run()
    calm = QuietWorld()
    calm.frames(3)
    calm.run()
    assert world.payloads() == calm.payloads()


def test_a_newer_snapshot_fences_who_stood_still():
    """It has nothing to publish, but would write its older snapshot over the newer one."""
    world = QuietWorld()
    world.frames(6)

    def another_goes_on(effect, perform):
        world.frames(6)
        world.run()
        world.idle = 0
        return perform()

    interrupted = once(WriteValue, another_goes_on)

    def change(effect, perform):
        return interrupted(effect, perform) if len(world.outputs.messages) == 6 else perform()

    world.run(change=change, limits=LIMITS._replace(snapshot_every=99))
    assert world.stop.kind is StopKind.FENCED
    assert world.stop.text.startswith(
        "the newest snapshot is at output 12 of epoch 1, must be at or before 6 of 1, the last"
    )


def test_what_is_read_in_doubt_is_no_evidence():
    """The stream lost a message while the worker asked for it, and has another there now."""
    world = QuietWorld()
    world.frames(3)
    world.inputs.publish("frames.lr", b"band")
    last = world.inputs.last

    def another_message(effect, perform):
        world.inputs.lose_tail(1)
        world.frames(1)
        return Unanswered("connection lost")

    interrupted = once(ReadInput, another_message)

    def change(effect, perform):
        of_the_end = isinstance(effect, ReadInput) and effect.sequence == last
        return interrupted(effect, perform) if of_the_end else perform()

    world.run(change=change)
    assert world.stop is None
    assert len(world.outputs.messages) == 4


def test_our_bytes_two_outputs_on_are_not_ours():
    """They answer this input, but what came before it is answered by another, with other bytes."""
    world = QuietWorld()
    world.inputs.publish("frames", b"!same")
    first = world.run()
    name = OutputName(first.position.epoch, 2, sha256(b"!same").hexdigest())
    world.inputs.publish("frames", b"!same")

    def another(effect, perform):
        world.outputs.publish(OUTPUTS, b"other", name._replace(input_sequence=1).to_headers())
        world.outputs.publish(OUTPUTS, b"refused !same", name.to_headers())
        return perform()

    world.run(change=once(Publish, another))
    assert world.stop.kind is StopKind.FENCED
    assert "ends at 3, must end at 1" in world.stop.text


def test_an_output_that_was_lost_and_written_again_is_noticed():
    """The guard alone sees no difference: the stream ends where it did."""
    world = QuietWorld()
    world.frames(4)

    def written_again(effect, perform):
        world.outputs.lose_tail(1)
        world.outputs.publish(OUTPUTS, b"another worker's")
        return Unanswered("connection lost")

    broken = once(ReadNextInput, written_again)

    def change(effect, perform):
        return broken(effect, perform) if len(world.outputs.messages) == 2 else perform()

    world.run(change=change)
    assert world.stop.kind is StopKind.FENCED
    assert world.stop.text.startswith("output 2 has SHA-256")
    assert world.payloads()[1:] == [b"another worker's"]
