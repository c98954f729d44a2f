import pytest

from qiki.bus.number_gaps import RADARS_MAX, Gap, NumberGaps
from qiki.bus.worker_effects import FrameName


def frame(number, *, sensor="a", epoch=1):
    return FrameName(sensor, epoch, number)


def missing_before(gaps, name):
    return gaps.gap_before(name, 0).missing


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([0, 1, 2], [0, 0, 0]),
        ([7, 8], [0, 0]),
        ([0, 3, 4], [0, 2, 0]),
        ([5, 2, 6], [0, 0, 3]),
        ([5, 5, 7], [0, 0, 1]),
    ],
    ids=["none", "begins later", "two", "an older one, from which it goes on", "a repeat"],
)
def test_counts_the_numbers_that_were_left_out(numbers, missing):
    gaps = NumberGaps()
    assert [missing_before(gaps, frame(number)) for number in numbers] == missing


def test_each_sensor_and_epoch_has_its_own_numbers():
    gaps = NumberGaps()
    for header in (frame(0), frame(9, sensor="b"), frame(5, epoch=2)):
        assert missing_before(gaps, header) == 0
    assert missing_before(gaps, frame(2)) == 1


def test_forgets_who_was_silent_longest():
    gaps = NumberGaps()
    missing_before(gaps, frame(0, sensor="old"))
    missing_before(gaps, frame(0, sensor="spoke again"))
    for index in range(RADARS_MAX - 2):
        missing_before(gaps, frame(0, sensor=str(index)))
    missing_before(gaps, frame(1, sensor="spoke again"))
    missing_before(gaps, frame(0, sensor="one too many"))
    assert missing_before(gaps, frame(9, sensor="spoke again")) == 7
    assert missing_before(gaps, frame(9, sensor="old")) == 0


def test_a_number_out_of_all_bounds_does_not_end_the_watch():
    gaps = NumberGaps()
    gaps.gap_before(frame(5), 10)
    assert gaps.gap_before(frame(2**64 - 1), 11) == Gap(2**64 - 7, 10)
    assert gaps.gap_before(frame(6), 12) == Gap(0, 11, 2**64 - 1)
    assert gaps.gap_before(frame(9), 13) == Gap(2, 12)


@pytest.mark.parametrize(
    ("gap", "is_one"),
    [(Gap(0, 3), False), (Gap(1, 3), True), (Gap(0, 3, 7), True), (Gap(0, 3, 0), True)],
)
def test_a_jump_back_is_a_gap_of_unknown_size(gap, is_one):
    assert bool(gap) is is_one


def test_says_behind_which_sequence_to_look():
    gaps = NumberGaps()
    gaps.gap_before(frame(3), 10)
    gaps.gap_before(frame(8, sensor="b"), 13)
    assert gaps.gap_before(frame(4), 16) == Gap(0, 10)
    assert gaps.gap_before(frame(7), 19) == Gap(2, 16)
    assert gaps.gap_before(frame(9, sensor="b"), 22) == Gap(0, 13)


def test_goes_on_from_what_was_known():
    gaps = NumberGaps()
    gaps.gap_before(frame(3), 10)
    again = NumberGaps.of(gaps.newest())
    assert again.newest() == [("a", "1", 3, 10)]
    assert again.gap_before(frame(5), 12) == Gap(1, 10)
