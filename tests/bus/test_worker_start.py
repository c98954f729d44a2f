"""How a worker finds its place, and what it says when it cannot."""

import pytest

from qiki.bus import headers
from qiki.bus.worker_effects import FindMissingInput, ReadInput, ReadNextInput, StopKind
from qiki.bus.worker_epoch import EpochChoice
from qiki.bus.worker_snapshot import manifest_key
from tests.protocol.chain_core import ChainCore
from tests.protocol.oracle import FRAMES, OUTPUTS
from tests.protocol.quiet_world import QuietWorld
from tests.protocol.simulation import LIMITS


@pytest.fixture
def world():
    """Twelve frames answered, with snapshots: the newest at the last output, an older one."""
    world = QuietWorld()
    world.frames(12)
    world.run()
    return world


@pytest.fixture
def calm():
    """The undisturbed run of fifteen frames."""
    world = QuietWorld()
    world.frames(15)
    world.run()
    return world.payloads()


def refusal(world):
    assert world.stop is not None
    assert world.stop.kind in (StopKind.REFUSED, StopKind.GAP)
    assert "\n" not in world.stop.text
    return world.stop.text


def delete_snapshots(world):
    for key in list(world.bucket.entries):
        world.bucket.put(key, None)


def corrupt(world, key):
    value = bytearray(world.bucket.get(key).value)
    value[len(value) // 2] ^= 4
    world.bucket.put(key, bytes(value))


def newest_slot(world):
    snapshots = world.oracle.whole_snapshots()
    return max(snapshots, key=lambda whole: whole.manifest.position.order).manifest.slot


def test_goes_on_behind_the_last_output(world, calm):
    world.frames(3)
    worker = world.run()
    assert worker.counters["replayed"] == 0
    assert world.payloads() == calm


def test_without_snapshots_everything_is_answered_again_and_compared(world, calm):
    delete_snapshots(world)
    world.frames(3)
    worker = world.run()
    assert worker.counters["replayed"] == 12
    assert world.payloads() == calm


@pytest.mark.parametrize("part", ["manifest", "0", "2"])
def test_a_damaged_snapshot_is_skipped_for_the_older_one(world, calm, part):
    corrupt(world, f"t.{newest_slot(world)}.{part}")
    world.frames(3)
    worker = world.run()
    assert len(world.reported("snapshot_skipped")) == 1
    assert 0 < worker.counters["replayed"] < 12
    assert world.payloads() == calm


def test_a_snapshot_of_another_layout_is_skipped_with_its_version(world):
    key = manifest_key("t", newest_slot(world))
    value = world.bucket.get(key).value
    world.bucket.put(key, value.replace(b"SNAPSHOT 1 ", b"SNAPSHOT 9 ", 1))
    world.run()
    assert "is of version 9, must be 1" in world.reported("snapshot_skipped")[0]["reason"]


def test_an_idle_hour_is_no_new_beginning(world):
    """Inputs and outputs are gone; the snapshot alone says what was answered."""
    before = ChainCore()
    before.begin(1)
    for frame in world.oracle.frames:
        before.answer(frame.payload, {})
    world.advance(1000.0)
    assert not world.outputs.messages
    assert not world.inputs.messages
    world.frames(1)
    world.run()
    frame = world.oracle.frames[-1]
    assert world.payloads() == [before.answer(frame.payload, {}).payload]
    assert list(world.outputs.messages) == [13]


def test_no_outputs_and_no_snapshot_is_refused(world):
    world.advance(1000.0)
    delete_snapshots(world)
    world.run()
    assert refusal(world) == (
        "the output stream ends at 12 and holds nothing; the newest readable snapshot is at none, "
        "must be at 12 to say what was answered: restore the snapshots, or start a new epoch with "
        "--new-epoch"
    )


def test_no_outputs_and_an_old_snapshot_is_refused(world):
    entries = dict(world.bucket.entries)
    world.frames(2)
    world.run()
    for key, entry in entries.items():
        world.bucket.put(key, entry.value)
    world.advance(1000.0)
    world.run()
    assert "ends at 14 and holds nothing; the newest readable snapshot is at 12" in refusal(world)


@pytest.mark.parametrize(
    ("core", "choice", "text"),
    [
        (ChainCore(version="2"), EpochChoice(1), "core version of output 12 is 1, must be 2"),
        (
            ChainCore(settings="x"),
            EpochChoice(1),
            "hash of the settings of output 12 is s, must be x",
        ),
        (ChainCore(tracker_id="u"), EpochChoice(1), "tracker id of output 12 is t, must be u"),
        (ChainCore(), EpochChoice(1, demanded=5), "tracker epoch of output 12 is 1, must be 5"),
    ],
    ids=["core", "settings", "tracker", "epoch"],
)
def test_outputs_of_another_are_refused(world, core, choice, text):
    world.frames(1)
    world.run(core, choice)
    assert refusal(world) == f"{text}: start a new epoch with --new-epoch"
    assert len(world.outputs.messages) == 12


def test_snapshots_of_another_are_refused_when_they_are_all_there_is(world):
    world.advance(1000.0)
    world.run(ChainCore(version="2"))
    assert "core version of the snapshot in slot" in refusal(world)
    assert "is 1, must be 2: start a new epoch with --new-epoch" in refusal(world)


def test_a_new_epoch_begins_empty_behind_the_last_answered_input(world):
    world.frames(2)
    world.run(ChainCore(version="2"), EpochChoice(7, begin_new=True))
    new = [message for message in world.outputs.messages.values() if message.sequence > 12]
    empty = ChainCore()
    empty.begin(7)
    answers = [empty.answer(frame.payload, {}).payload for frame in world.oracle.frames[12:]]
    assert [message.payload for message in new] == answers
    assert {message.headers[headers.TRACKER_EPOCH] for message in new} == {"7"}
    world.frames(1)
    worker = world.run(ChainCore(version="2"), EpochChoice(8))  # goes on with it, unasked
    assert worker.position.epoch.number == 7


def test_a_new_epoch_outlives_a_kill_before_its_first_output(world):
    stopped = EpochChoice(7, begin_new=True)

    def killed(effect, perform):
        if isinstance(effect, ReadNextInput):
            raise KeyboardInterrupt
        return perform()

    with pytest.raises(KeyboardInterrupt):
        world.run(choice=stopped, change=killed)
    worker = world.run(choice=EpochChoice(8))
    assert worker.position.epoch.number == 7


def test_a_new_epoch_must_be_new(world):
    world.run(choice=EpochChoice(1, begin_new=True))
    assert "the new epoch is 1, must be none that was" in refusal(world)


def test_lost_outputs_are_made_again(world, calm):
    """The snapshots are ahead of the newest output then; an older place is used."""
    world.outputs.lose_tail(4)
    world.frames(3)
    worker = world.run()
    assert worker.counters["replayed"] > 0
    assert "must be at or before 8" in world.reported("snapshot_skipped")[0]["reason"]
    assert world.payloads() == calm


def test_inputs_shorter_than_what_was_answered_are_refused(world):
    last = world.oracle.frames[-1].sequence
    world.inputs.lose_tail(world.inputs.last - last + 1)
    world.run()
    assert refusal(world) == (
        f"the input stream ends at {last - 1}, must reach {last}, which was dealt with: it was "
        "made anew or lost its end: restore the stream, or begin behind it with --new-epoch"
    )


def test_a_sequence_used_again_is_refused(world):
    last = world.oracle.frames[-1].sequence
    world.inputs.lose_tail(world.inputs.last - last + 1)
    world.frames(4)
    world.run()
    assert f"message {last} of the input stream has SHA-256" in refusal(world)
    assert len(world.outputs.messages) == 12


def test_outputs_and_inputs_that_lost_their_ends_together_are_refused(world):
    """Only the snapshot ahead of the outputs knows which inputs were answered."""
    world.outputs.lose_tail(4)
    at = world.oracle.frames[9].sequence
    world.inputs.lose_tail(world.inputs.last - at + 1)
    world.frames(8)
    world.run()
    assert "uses sequences again" in refusal(world)
    assert len(world.outputs.messages) == 8


def test_inputs_that_aged_out_unanswered_are_a_gap(world):
    last = world.inputs.last
    world.frames(3)
    world.advance(1000.0)
    first = world.inputs.first
    world.run()
    assert world.stop.kind is StopKind.GAP
    assert f"holds messages from {first} on, must from {last + 1} on" in refusal(world)
    assert "--new-epoch" in refusal(world)


def test_messages_of_other_subjects_are_no_gap(world):
    for _ in range(5):
        world.inputs.publish("frames.lr", b"band")
    world.frames(1)
    world.run()
    assert world.stop is None
    assert len(world.outputs.messages) == 13


def test_a_message_lost_inside_is_a_gap(world):
    world.frames(6)
    lost = world.oracle.frames[13]
    world.inputs.lose(lost.sequence)
    world.run()
    assert world.stop.kind is StopKind.GAP
    assert f"message {lost.sequence} is missing inside the input stream" in refusal(world)


def test_what_nobody_answered_is_a_gap_whatever_its_age(world):
    """The proof that nothing aged out may be wrong; the missing number is not."""
    world.numbers = [0, 12]
    world.frames(1)
    world.run()
    world.frames(6)
    behind = world.inputs.last

    def change(effect, perform):
        if isinstance(effect, ReadNextInput) and effect.after < behind:
            return world.shorten_retention(world, effect)
        return perform()

    world.run(change=change)
    assert world.stop.kind is StopKind.GAP
    assert "behind the last answered input" in refusal(world)


def test_one_missing_number_is_looked_for_in_few_steps(world):
    looked_at = []

    def change(effect, perform):
        if isinstance(effect, FindMissingInput | ReadInput):
            looked_at.append(effect)
        return perform()

    for _ in range(5000):
        world.inputs.publish("frames.lr", b"band")
    world.numbers = [number + 1 for number in world.numbers]
    world.frames(1)
    world.run(change=change)
    assert world.stop is None
    assert world.reported("frames_missing")
    assert len(looked_at) < 30


def test_a_number_that_never_reached_the_stream_is_reported(world):
    world.numbers = [number + 2 for number in world.numbers]
    world.frames(1)
    world.run()
    assert world.stop is None
    assert world.reported("frames_missing")[0]["count"] == 2
    assert len(world.outputs.messages) == 13


def test_a_number_that_jumps_back_is_reported_and_what_follows_is_watched(world):
    world.numbers = [1 << 62, 1 << 62]
    world.frames(6)
    world.run()
    world.numbers = [20, 20]
    world.frames(6)
    world.run()
    back = world.reported("number_back")
    assert {facts["sensor"] for facts in back} == {"0", "1"}
    assert all(facts["number"] == 20 and facts["back_from"] >= 1 << 62 for facts in back)
    world.frames(8)
    world.inputs.lose(world.oracle.frames[-8].sequence)
    world.run()
    assert world.stop.kind is StopKind.GAP


def test_what_an_unusable_input_claims_is_not_believed(world):
    claim = {headers.SENSOR_ID: "0", headers.EPOCH: "0", headers.NUMBER: "9" * 4000}
    world.inputs.publish(FRAMES, b"!claims", claim)
    world.frames(3)
    world.run()
    assert world.stop is None
    assert not world.reported("frames_missing")
    assert not world.reported("number_back")


def test_a_core_that_answers_otherwise_is_refused(world):
    class Other(ChainCore):
        @staticmethod
        def _hashed(data):
            return ChainCore._hashed(b"other" + data)

    delete_snapshots(world)
    world.run(Other())
    assert "output 1 has SHA-256" in refusal(world)
    assert "the core is not deterministic" in refusal(world)


def test_something_else_in_the_stream_is_refused(world):
    world.outputs.publish(OUTPUTS, b"something")
    world.run()
    assert refusal(world).startswith("output 13 names no input, must")


def test_an_output_missing_inside_is_refused(world):
    delete_snapshots(world)
    world.outputs.lose(5)
    world.run()
    assert "output 5 is missing inside the output stream, which holds 1 to 12" in refusal(world)


def test_no_way_back_to_the_last_output_is_refused(world):
    """The outputs are there, but neither a snapshot nor the inputs from the beginning."""
    delete_snapshots(world)
    world.inputs.advance(1000.0)
    world.inputs.publish(FRAMES, b"frame")
    world.run()
    assert "no usable snapshot leads to output 12" in refusal(world)


def test_a_worker_killed_often_does_not_replay_ever_more():
    """A kill comes before the snapshot is due, each time; what was replayed counts too."""
    world = QuietWorld()

    def killed(effect, perform):
        if isinstance(effect, ReadNextInput) and not world.inputs.next(FRAMES, effect.after + 1):
            raise KeyboardInterrupt
        return perform()

    for _ in range(8):
        world.frames(3)
        with pytest.raises(KeyboardInterrupt):
            world.run(change=killed)
    replayed = [facts["replayed"] for facts in world.reported("worker_started")]
    assert len(world.outputs.messages) == 24
    assert max(replayed) < 2 * LIMITS.snapshot_every


def test_a_snapshot_of_another_output_is_skipped(world, calm):
    """It is whole, but of a stream that was made anew since."""
    other = QuietWorld()
    other.numbers = [5, 5]
    other.frames(12)
    other.run()
    world.bucket = other.bucket
    world.frames(3)
    worker = world.run()
    reasons = [facts["reason"] for facts in world.reported("snapshot_skipped")]
    assert "it names another output 12 than the one stored" in reasons
    assert worker.counters["replayed"] == 12
    assert world.payloads() == calm
