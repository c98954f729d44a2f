"""New epochs beside what an older one left: its snapshots, its worker, its streams."""

import pytest

from qiki.bus.worker_effects import StopKind, WriteValue
from qiki.bus.worker_epoch import EpochChoice
from tests.protocol.quiet_world import QuietWorld

NEW = EpochChoice(2, begin_new=True)


@pytest.fixture
def world():
    """Twelve frames answered in epoch 1, with two snapshots."""
    world = QuietWorld()
    world.frames(12)
    world.run()
    return world


def test_snapshots_of_a_longer_stream_give_way(world):
    """The outputs were made anew, so the old epoch's snapshots are of outputs far ahead."""
    world.make_outputs_anew()
    world.run(choice=NEW)
    world.frames(6)
    world.run()
    world.frames(6)
    world.run()
    places = [whole.manifest.position for whole in world.oracle.whole_snapshots()]
    assert [place.epoch.number for place in places] == [2, 2]


def test_a_kill_in_mid_save_costs_no_epoch_whose_beginning_has_aged_out(world):
    world.make_outputs_anew()
    world.run(choice=NEW)
    world.frames(7)
    world.run()
    world.frames(1)

    def killed(effect, perform):
        if isinstance(effect, WriteValue) and effect.value.startswith(b"QIKI-SNAPSHOT 1"):
            raise KeyboardInterrupt
        return perform()

    with pytest.raises(KeyboardInterrupt):
        world.run(change=killed)
    world.inputs.lose_front(world.oracle.frames[-2].sequence + 1)
    worker = world.run()
    assert world.stop is None
    assert worker.position.epoch.number == 2


def test_a_full_bucket_is_no_second_worker(world):
    """A snapshot ahead that was there at the start is no sign of one."""
    world.make_outputs_anew()
    world.run(choice=NEW)
    world.frames(6)
    world.bucket_is_full = True
    world.run()
    assert world.stop is None
    assert len(world.outputs.messages) == 6
    assert {facts["reason"] for facts in world.reported("snapshot_not_stored")} == {"full"}


def test_an_epoch_does_not_begin_while_the_bucket_is_full():
    world = QuietWorld()
    world.frames(1)
    world.bucket_is_full = True
    world.run()
    assert world.stop.kind is StopKind.REJECTED
    assert "the snapshot that begins epoch 1 was not stored" in world.stop.text
    assert not world.outputs.messages


def test_a_new_epoch_fences_who_would_save_the_old_one(world):
    """Both stand at the same output; the old one's snapshot must not take the new one's slot."""
    world.inputs.publish("frames.lr", b"band")

    def another_begins(effect, perform):
        world.run(choice=NEW)
        world.idle = 0
        return perform()

    begun = []

    def change(effect, perform):
        if isinstance(effect, WriteValue) and not begun:
            begun.append(effect)
            return another_begins(effect, perform)
        return perform()

    world.run(change=change)
    assert world.stop.kind is StopKind.FENCED
    assert "at output 12 of epoch 2, must be at or before 12 of 1" in world.stop.text


def test_of_two_epochs_that_begin_at_once_one_goes_on():
    """Neither has an output yet; were the first one's only snapshot taken, it could be refused."""
    world = QuietWorld()
    world.frames(3)
    begun = []

    def change(effect, perform):
        if isinstance(effect, WriteValue) and not begun:
            begun.append(effect)
            world.run(choice=EpochChoice(1))
            world.idle = 0
        return perform()

    world.run(choice=EpochChoice(2), change=change)
    assert world.stop.kind is StopKind.FENCED
    assert world.run(choice=EpochChoice(3)).position.epoch.number == 1


def begun(world):
    return world.reported("epoch_begun")[-1]


def test_a_new_epoch_answers_all_of_a_stream_that_was_made_anew(world):
    """It has fewer messages than were answered, or others there: none of them was answered."""
    answered = world.inputs.last
    world.make_inputs_anew()
    world.frames(5)
    world.run()
    assert world.stop.kind is StopKind.REFUSED
    world.run(choice=NEW)
    assert len(world.outputs.messages) == 12 + 5
    assert world.reported("inputs_differ") == [{"at_sequence": answered}]
    assert begun(world)["behind_sequence"] == 0


def test_a_new_epoch_answers_all_of_a_longer_stream_that_was_made_anew(world):
    world.make_inputs_anew()
    world.frames(30)
    world.run(choice=NEW)
    assert len(world.outputs.messages) == 12 + 30


def test_a_new_epoch_begins_behind_the_newest_place_that_is_still_there(world):
    """The stream lost its end: what the older snapshot knows was answered, what is new was not."""
    older = min(
        (whole.manifest.position for whole in world.oracle.whole_snapshots()),
        key=lambda position: position.order,
    )
    world.inputs.lose_tail(world.inputs.last - older.clear_through)
    world.frames(4)
    world.run(choice=NEW)
    assert begun(world)["behind_sequence"] == older.clear_through
    assert len(world.outputs.messages) == 12 + 4


def test_a_new_epoch_says_what_it_skips(world):
    last = world.inputs.last
    world.frames(3)
    gone = world.inputs.last
    world.advance(1000.0)
    world.run(choice=NEW)
    assert begun(world)["behind_sequence"] == gone
    assert begun(world)["skipped_messages"] == gone - last


def test_a_message_where_there_was_none_is_of_another_stream(world):
    """The epoch began where all had aged out, so no hash says which stream it was."""
    world.advance(1000.0)
    world.run(choice=NEW)
    world.make_inputs_anew()
    world.frames(30)
    world.run()
    assert world.stop.kind is StopKind.REFUSED
    assert "must have none, since there was none" in world.stop.text
