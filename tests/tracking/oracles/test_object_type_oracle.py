"""The type's probability against the joint density of all looks, by scipy."""

import numpy as np
import pytest

from qiki.tracking import Tracker, TrackerConfig
from tests.tracking.type_scene import (
    CORRELATION_S,
    FLUCTUATION_DB,
    NUMBER_OF,
    TABLE,
    frame,
    posterior,
)

LEAST = 0.51


def config(**settings):
    return TrackerConfig(
        object_types=TABLE,
        rcs_fluctuation_db=FLUCTUATION_DB,
        rcs_correlation_s=CORRELATION_S,
        confirm_object_type=LEAST,
        **settings,
    )


def speed_of(track):
    """Horizontal speed of a record and its variance along the course."""
    velocity = track["velocity_m_s"][:2]
    xx, xy, _, yy, *_ = track["velocity_covariance_m2_s2"]
    speed = np.hypot(*velocity)
    course = velocity / speed
    return speed, course @ np.array([[xx, xy], [xy, yy]]) @ course


def follow(rng, *, replied, looked=12):
    """One body of a random kind, seen at random times; its record, looks and their times."""
    tracker = Tracker(config())
    speed_m_s, mean_dbsm = rng.uniform(0.0, 100.0), rng.uniform(-10.0, 20.0)
    gaps = rng.integers(1, 4, looked - 2)  # the first two in a row, so that they are of one track
    numbers = np.concatenate([[0], 1 + np.cumsum([0, *gaps])])
    looks = np.float32(rng.normal(mean_dbsm, FLUCTUATION_DB, looked)).astype(float)
    for number, look in zip(numbers, looks, strict=True):
        place = [(1000.0 + speed_m_s * number, 4000.0)]
        said = None if replied is None else [replied]
        tracks = tracker.step(frame(int(number), place, rcs_dbsm=[look], replies=said)).tracks
    assert tracks["hit_count"].tolist() == [looked], "the scene is of one track"
    return tracks[0], numbers.astype(float), looks


@pytest.mark.parametrize(("replied", "lead"), [(None, 0), (True, 12), (False, -12)])
def test_the_probability_is_that_of_bayes_rule_with_all_looks_at_once(replied, lead):
    rng, kinds = np.random.default_rng(7), set()
    for _ in range(30):
        track, times_s, looks = follow(rng, replied=replied)
        expected = posterior(TABLE, speed_of(track), times_s, looks, lead)
        best = int(np.argmax(expected[:-1]))
        if abs(expected[best] - LEAST) < 1e-6:
            continue
        told = expected[best] > LEAST
        kinds.add(int(track["object_type"]))
        assert track["object_type"] == (NUMBER_OF[TABLE[best].object_type] if told else 0)
        assert track["object_type_probability"] == pytest.approx(
            expected[best] if told else 0.0, rel=2e-6
        )
    assert len(kinds) >= 3, "the scene shows several types"


def test_without_a_cross_section_the_speed_alone_tells():
    tracker = Tracker(config())
    for number in range(30):
        tracks = tracker.step_positions(
            np.array([[70.0 * number, 0.0, 0.0]]), np.eye(3) * 4.0, number * 10**9
        ).tracks
    expected = posterior(TABLE, speed_of(tracks[0]))
    assert expected[0] > LEAST, expected
    assert tracks["object_type"].tolist() == [NUMBER_OF["drone"]]
    assert tracks["object_type_probability"][0] == pytest.approx(expected[0], rel=1e-6)
