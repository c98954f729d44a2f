"""The type of a track's body: told with an honest probability, never without a table."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from scipy import stats

from qiki.errors import ScenarioError, SettingError, SnapshotError
from qiki.radar import Radar, Scenario
from qiki.serve.tracker_config import tracker_config, with_parameters_of
from qiki.settings import TrackerSettings
from qiki.tracking import (
    STANDARD_OBJECT_TYPES,
    ObjectType,
    Tracker,
    TrackerConfig,
    object_types_for,
)
from tests.tracking.type_scene import CORRELATION_S, FLUCTUATION_DB, NUMBER_OF, TABLE, frame

CONFIG = TrackerConfig(
    object_types=TABLE,
    rcs_fluctuation_db=FLUCTUATION_DB,
    rcs_correlation_s=CORRELATION_S,
    process_noise_m2_s3=0.01,
    initial_speed_std_m_s=500.0,
)


class Bodies:
    """Bodies drawn from the table, some of no type, a kilometre apart on a grid."""

    def __init__(self, rng, count):
        priors = [row.prior_probability for row in TABLE]
        self.rng, self.count = rng, count
        self.kind = rng.choice(len(TABLE) + 1, count, p=[*priors, 1.0 - sum(priors)])
        self.mean_dbsm, self.speed_m_s = rng.normal(0.0, 30.0, count), rng.uniform(0, 1000, count)
        self.answers = rng.uniform(size=count) < 0.5
        for k, row in enumerate(TABLE):
            own = np.flatnonzero(self.kind == k)
            self.mean_dbsm[own] = rng.normal(row.rcs_dbsm, row.rcs_std_db, len(own))
            low, high = row.speed_m_s
            ends = rng.normal(0.0, 0.05 * (high - low), len(own))
            self.speed_m_s[own] = np.abs(rng.uniform(low, high, len(own)) + ends)
            self.answers[own] = rng.uniform(size=len(own)) < row.transponder_probability
        self.look_db = rng.normal(0.0, FLUCTUATION_DB, count)
        course = rng.uniform(0.0, 2.0 * np.pi, count)
        self.velocity_m_s = self.speed_m_s[:, None] * np.stack([np.cos(course), np.sin(course)], 1)
        side = int(np.ceil(np.sqrt(count)))
        at = np.arange(count)
        self.start_m = 20_000.0 * (np.stack([at % side, at // side], 1) - side / 2 + 0.25)

    def frame(self, number):
        alike = np.exp(-1.0 / CORRELATION_S)
        fresh = self.rng.normal(0.0, FLUCTUATION_DB * np.sqrt(1.0 - alike**2), self.count)
        self.look_db = alike * self.look_db + fresh if number else self.look_db
        wrong = self.rng.uniform(size=self.count) < 0.1
        return frame(
            number,
            self.start_m + self.velocity_m_s * number,
            rcs_dbsm=np.clip(self.mean_dbsm + self.look_db, -200.0, 200.0),
            replies=self.answers != wrong,
            rng=self.rng,
        )

    def true_types(self):
        names = [NUMBER_OF[row.object_type] for row in TABLE] + [ObjectType.UNSPECIFIED]
        return np.array(names)[self.kind]


def told(count, frames, seed, **settings):
    """Types and probabilities of tracks of that many bodies, and the true types."""
    bodies = Bodies(np.random.default_rng(seed), count)
    tracker = Tracker(msgspec.structs.replace(CONFIG, confirm_object_type=0.51, **settings))
    for number in range(frames):
        result = tracker.step(bodies.frame(number))
    truth = bodies.true_types()
    tracks = result.tracks[np.searchsorted(result.tracks["number"], result.detection_track)]
    old = tracks["hit_count"] == frames  # a body that moves far at first may begin a second track
    assert old.mean() > 0.98
    return tracks[old], truth[old]


@pytest.mark.parametrize("frames", [3, 15])
def test_of_those_told_with_probability_p_the_share_p_is_right(frames):
    """Each bin's count of right ones is inside the 99.9 % interval of its sum of probabilities."""
    tracks, truth = told(3000, frames, seed=11)
    probability = tracks["object_type_probability"]
    right = tracks["object_type"] == truth
    edges = [0.51, 0.65, 0.8, 0.9, 0.97, 1.0]
    for low, high in pairwise(edges):
        inside = (probability >= low) & (probability < high)
        assert inside.sum() > 50, "the bin shows something"
        expected = probability[inside].astype(float)
        std = np.sqrt((expected * (1.0 - expected)).sum())
        z = (right[inside].sum() - expected.sum()) / std
        assert abs(z) < stats.norm.ppf(1.0 - 0.001 / 2), (low, high, inside.sum(), z)
    assert (tracks["object_type"] > 0).mean() > 0.5


def test_without_a_table_nothing_is_told():
    for number in range(5):
        tracks = Tracker().step(frame(number, [(0.0, 4000.0)], rcs_dbsm=[14.0])).tracks
    assert (tracks["object_type"], tracks["object_type_probability"]) == (0, 0.0)


def test_the_default_scene_is_told_right_or_not_at_all():
    scenario = Scenario.load("default")
    true_types = np.array([target.object_type for target in scenario.targets])
    config = TrackerConfig(object_types=STANDARD_OBJECT_TYPES)
    told_of: dict[int, set[int]] = {}
    for seed in (1, 2, 3):
        radar, tracker = Radar(scenario, seed=seed), Tracker(config)
        for number in range(300):
            seen = radar.frame(number)
            result = tracker.step(seen)
            rows = np.searchsorted(result.tracks["number"], result.detection_track)
            types = result.tracks["object_type"][rows]
            real = seen.truth >= 0
            wrong = types[real] != true_types[seen.truth[real]]
            late = number >= 50  # five seconds
            assert not (wrong & (types[real] > 0)).any() or not late, (seed, number)
            for target, kind in zip(seen.truth[real], types[real], strict=True):
                told_of.setdefault(int(target), set()).add(int(kind))
    named = {scenario.targets[target].id for target, kinds in told_of.items() if kinds - {0}}
    assert {"station", "unknown-contact", "debris", "friendly-drone"} <= named


def test_the_order_of_the_detections_changes_nothing():
    bodies = Bodies(np.random.default_rng(5), 60)
    plain, turned = Tracker(CONFIG), Tracker(CONFIG)
    for number in range(12):
        seen = bodies.frame(number)
        back = type(seen)(seen.detections[::-1].copy(), time_ns=seen.time_ns, number=seen.number)
        one, two = plain.step(seen), turned.step(back)
    first = one.tracks[np.searchsorted(one.tracks["number"], one.detection_track)]
    second = two.tracks[np.searchsorted(two.tracks["number"], two.detection_track)][::-1]
    for name in ("object_type", "object_type_probability"):
        assert first[name].tolist() == second[name].tolist()
    assert len(set(first["object_type"].tolist())) > 2


def test_a_restored_tracker_tells_the_same():
    bodies = Bodies(np.random.default_rng(6), 40)
    tracker = Tracker(CONFIG)
    for number in range(8):
        tracker.step(bodies.frame(number))
    restored = Tracker.restore(tracker.snapshot())
    seen = bodies.frame(8)
    assert tracker.step(seen).tracks.tobytes() == restored.step(seen).tracks.tobytes()
    assert tracker.snapshot() == restored.snapshot()
    damaged = bytearray(tracker.snapshot())
    damaged[8] = 6
    with pytest.raises(SnapshotError, match="version is 6, must be 7"):
        Tracker.restore(bytes(damaged))


def test_an_identity_of_a_known_type_tells_it():
    """At rest neither is a drone by all else."""
    drone, *others = TABLE
    known = msgspec.structs.replace(drone, ids=("HOVER-1",))
    tracker = Tracker(TrackerConfig(object_types=(known, *others)))
    for number in range(10):
        seen = frame(number, [(0.0, 4000.0), (8000.0, 0.0)], names=[b"HOVER-1", b"OTHER"])
        tracks = tracker.step(seen).tracks
    assert tracks["object_type"].tolist() == [ObjectType.DRONE, ObjectType.SHIP]
    assert tracks["object_type_probability"][0] > 0.99


def test_a_scenario_names_the_types_or_they_are_the_standard_ones():
    assert object_types_for(Scenario.load("default")) == STANDARD_OBJECT_TYPES
    at_sea = object_types_for(Scenario.load("rotating"))
    assert [row.object_type for row in at_sea] == ["ship", "drone", "debris"]
    assert at_sea[1].speed_m_s == (40.0, 300.0)
    nothing = Scenario.from_yaml(Scenario.built_in_text("default") + "\nobject_types: []\n")
    assert object_types_for(nothing) == ()


def test_a_scenario_with_a_table_that_cannot_be_is_refused_by_line():
    text = Scenario.built_in_text("clutter").replace("rcs_std_db: 9", "rcs_std_db: 0")
    line = text[: text.index("rcs_std_db: 0")].count("\n") + 1
    said = rf"line {line}.*object_types\[0\].rcs_std_db: is 0, must be 0.1 to 100"
    with pytest.raises(ScenarioError, match=said):
        Scenario.from_yaml(text)


def test_services_take_the_types_of_their_scenario_and_settings_go_over_them():
    scenario = Scenario.load("default")
    config = tracker_config(with_parameters_of(scenario, TrackerSettings()))
    assert config.object_types == STANDARD_OBJECT_TYPES
    row = msgspec.to_builtins(TABLE[0])
    given = TrackerSettings(parameters={"object_types": [row], "confirm_object_type": 0.9})
    config = tracker_config(with_parameters_of(scenario, given))
    assert config.object_types == TABLE[:1]
    Tracker(config)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"prior_probability": 1.0},
            r"prior_probability is 1, must be at most 0.649999",
        ),
        ({"rcs_std_db": -1.0}, r"rcs_std_db is -1, must be 0.1 to 100"),
        ({"object_type": "drone"}, r"object_type is drone, must be a type that"),
        ({"speed_m_s": (9.0, 9.0)}, r"speed_m_s\[1\] is 9, must be 9.001 to 1000000"),
        ({"speed_m_s": (-1.0, 9.0)}, r"speed_m_s\[0\] is -1, must be 0 to 999999"),
        ({"ids": ("",)}, r"ids is "),
        ({"transponder_probability": 1.5}, r"transponder_probability is 1.5"),
        (
            {"object_type": "unspecified"},
            r"object_type is unspecified, must be drone",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused(changes, said):
    rows = (TABLE[0], msgspec.structs.replace(TABLE[1], **changes))
    with pytest.raises(SettingError, match=rf"object_types\[1\].{said}"):
        Tracker(TrackerConfig(object_types=rows))


@pytest.mark.parametrize(
    ("name", "value"),
    [("confirm_object_type", 0.5), ("rcs_fluctuation_db", 0.0), ("rcs_correlation_s", 0.0)],
)
def test_its_other_settings_have_limits(name, value):
    with pytest.raises(SettingError, match=f"{name} is {value:g}, must be"):
        Tracker(TrackerConfig(**{name: value}))
