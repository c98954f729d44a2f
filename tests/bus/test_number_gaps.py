import pytest

from qiki.bus import headers
from qiki.bus.number_gaps import RADARS_MAX, NumberGaps


def frame(number, *, sensor="a", epoch=1):
    return {
        headers.SENSOR_ID: sensor,
        headers.EPOCH: str(epoch),
        headers.NUMBER: str(number),
    }


def missing_before(gaps, header):
    return gaps.gap_before(header, 0).missing


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([0, 1, 2], [0, 0, 0]),
        ([7, 8], [0, 0]),
        ([0, 3, 4], [0, 2, 0]),
        ([5, 2, 6], [0, 0, 0]),
        ([5, 5, 7], [0, 0, 1]),
    ],
    ids=["none", "begins later", "two", "an older one", "a repeat"],
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


def test_frame_without_a_number_is_no_gap():
    assert missing_before(NumberGaps(), {}) == 0


def test_says_behind_which_sequence_to_look():
    gaps = NumberGaps()
    gaps.gap_before(frame(3), 10)
    gaps.gap_before(frame(8, sensor="b"), 13)
    assert gaps.gap_before(frame(4), 16) == (0, 10)
    assert gaps.gap_before(frame(7), 19) == (2, 16)
    assert gaps.gap_before(frame(9, sensor="b"), 22) == (0, 13)


def test_goes_on_from_what_was_known():
    gaps = NumberGaps()
    gaps.gap_before(frame(3), 10)
    again = NumberGaps.of(gaps.newest())
    assert again.newest() == [("a", "1", 3, 10)]
    assert again.gap_before(frame(5), 12) == (1, 10)
