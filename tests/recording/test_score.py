"""The score of a tracker: cases by hand, a plain second implementation, the radar's own tracks."""

from collections import Counter

import numpy as np
import pytest

from qiki.errors import FrameError
from qiki.radar import Present
from qiki.recording import NO_TRACK_NUMBER, read_asterix
from qiki.recording.score import NO_ADDRESS, NO_TRACK, TrackingScore, score_tracks

A, B, C = 0x3C6586, 0x4CA73D, 0x000000


def score_plainly(addresses, tracks, confirmed):
    """Every definition word by word, one plot after the other."""
    named = [(a, t) for a, t in zip(addresses, tracks, strict=True) if a != NO_ADDRESS]
    held = [(a, t) for a, t in named if t in set(confirmed) and t != NO_TRACK]
    by_track = {}
    for address, track in held:
        by_track.setdefault(track, Counter())[address] += 1
    majority = {
        track: min(counts, key=lambda address: (-counts[address], address))
        for track, counts in by_track.items()
    }
    pure = sum(majority[track] == address for address, track in held)
    nan = float("nan")
    return TrackingScore(
        plots=len(addresses),
        coverage=len(held) / len(named) if named else nan,
        purity=pure / len(held) if held else nan,
        extra_ids=sum(count - 1 for count in Counter(majority.values()).values()),
        mixed_tracks=sum(len(counts) >= 2 for counts in by_track.values()),
    )


@pytest.mark.parametrize(
    ("addresses", "tracks", "confirmed", "expected"),
    [
        pytest.param([A, A, B, B], [1, 1, 2, 2], [1, 2], (1.0, 1.0, 0, 0), id="perfect"),
        pytest.param([A, A, A, A], [1, 1, 2, 2], [1, 2], (1.0, 1.0, 1, 0), id="second id"),
        pytest.param([A, A, A, A], [1, 1, 2, 2], [1], (0.5, 1.0, 0, 0), id="never confirmed"),
        pytest.param([A, A, A, B], [1, 1, 1, 1], [1], (1.0, 0.75, 0, 1), id="mixed"),
        pytest.param([A, A, B, B], [1, 2, 2, 1], [1, 2], (1.0, 0.5, 1, 2), id="a tie is lowest"),
        pytest.param([A, A, B], [1, 0, 0], [1], (1 / 3, 1.0, 0, 0), id="plots without track"),
        pytest.param([A, -1, -1], [1, 1, 3], [1, 3], (1.0, 1.0, 0, 0), id="plots without address"),
        pytest.param([C, C], [1, 1], [1], (1.0, 1.0, 0, 0), id="zero is an address"),
    ],
)
def test_hand_made_cases(addresses, tracks, confirmed, expected):
    score = score_tracks(addresses, tracks, confirmed)
    assert (score.coverage, score.purity, score.extra_ids, score.mixed_tracks) == expected
    assert score.plots == len(addresses)


def test_a_plain_implementation_agrees_on_random_tracks():
    random = np.random.default_rng(20)
    for _ in range(500):
        count = int(random.integers(0, 60))
        addresses = random.choice([NO_ADDRESS, A, B, C, 7], count)
        tracks = random.choice(np.array([0, 1, 2, 3, 2**63], np.uint64), count)
        confirmed = random.permutation(np.array([1, 2, 3, 2**63, 99], np.uint64))
        confirmed = confirmed[: random.integers(0, 6)]
        score = score_tracks(addresses, tracks, confirmed)
        plain = score_plainly(addresses.tolist(), tracks.tolist(), confirmed.tolist())
        assert repr(score) == repr(plain)


def test_nothing_to_score_is_no_number():
    score = score_tracks([NO_ADDRESS], [1], [1])
    assert np.isnan([score.coverage, score.purity]).all()
    assert (score.extra_ids, score.mixed_tracks) == (0, 0)


def test_arrays_of_different_length_are_refused():
    with pytest.raises(FrameError, match=r"\(2,\) and \(3,\)"):
        score_tracks([A, B], [1, 2, 3], [1])


def test_the_radars_own_tracker_has_thirteen_extra_ids(barcelona):
    """It knows the addresses; the figure is the issue's, found by an independent count."""
    recording = read_asterix(barcelona)
    has_address = recording.plots["present"] & Present.ADDRESS != 0
    addresses = np.where(has_address, recording.plots["address"].astype(np.int64), NO_ADDRESS)
    numbers = recording.details["track_number"].astype(np.uint64) + 1
    tracks = np.where(recording.details["track_number"] == NO_TRACK_NUMBER, 0, numbers)
    score = score_tracks(addresses, tracks, np.unique(tracks))
    assert score.extra_ids == 13
    assert score.coverage == 1.0
    assert score.purity > 0.99
