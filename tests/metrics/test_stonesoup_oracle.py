"""Stone Soup's metric generators as outside oracles."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from stonesoup.measures import Euclidean
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.types.association import AssociationSet, TimeRangeAssociation
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import State
from stonesoup.types.time import TimeRange
from stonesoup.types.track import Track

from qiki.metrics import Siap, gospa, ospa

START = datetime(2026, 1, 1)
CUTOFF_M = 30.0


def at(second):
    return START + timedelta(seconds=second)


def point_sets(seed, count):
    """Pairs of sets of points in a square, none of them empty."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        sizes = random.integers(1, 8, size=2)
        yield tuple(random.random((size, 2)) * 100.0 for size in sizes)


def states(points_m):
    return [State(point, timestamp=START) for point in points_m]


@pytest.mark.parametrize("p", [1, 2])
def test_gospa_and_its_parts(p):
    oracle = GOSPAMetric(p=p, c=CUTOFF_M)
    for truth_m, estimates_m in point_sets(8, 60):
        expected = oracle.compute_gospa_metric(states(estimates_m), states(truth_m))[0].value
        found = gospa(truth_m, estimates_m, cutoff_m=CUTOFF_M, p=p)
        assert found.distance_m == pytest.approx(expected["distance"])
        assert found.localisation_m**p == pytest.approx(expected["localisation"])
        assert found.missed_m**p == pytest.approx(expected["missed"])
        assert found.false_m**p == pytest.approx(expected["false"])


@pytest.mark.parametrize("p", [1, 2])
def test_ospa(p):
    # Its optimum is that of the distances, whatever p is: for p = 2 a bound, no equal.
    oracle = OSPAMetric(p=p, c=CUTOFF_M)
    for truth_m, estimates_m in point_sets(9, 60):
        expected_m = oracle.compute_OSPA_distance(states(estimates_m), states(truth_m)).value
        found_m = ospa(truth_m, estimates_m, cutoff_m=CUTOFF_M, p=p).distance_m
        if p == 1:
            assert found_m == pytest.approx(expected_m)
        else:
            assert found_m <= expected_m + 1e-9


class Scene:
    """Targets that are there all the time, and segments: a track each, on one target or on none.

    No track comes back after it has left its target: there Stone Soup counts another track, and
    QIKI none (a number that comes back has not changed).
    """

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        self.seconds = 12
        self.targets = 3
        self.truth = [random.normal(size=(self.seconds, 4)) for _ in range(self.targets)]
        for number, truth in enumerate(self.truth):
            truth[:, 0] += 1000.0 * number
        self.segments = []
        for _ in range(7):
            first, last = sorted(map(int, random.choice(self.seconds, 2, replace=False)))
            target = int(random.integers(-1, self.targets))
            place = 1000.0 * target if target >= 0 else 5e4
            state = random.normal(size=(self.seconds, 4))
            state[:, 0] += place
            self.segments.append((target, first, last, state))

    def ours(self):
        siap = Siap(cutoff_m=CUTOFF_M)
        for second in range(self.seconds):
            alive = [
                (number, state[second])
                for number, (_, first, last, state) in enumerate(self.segments)
                if first <= second <= last
            ]
            truth = np.array([truth[second] for truth in self.truth])
            tracks = np.array([state for _, state in alive]).reshape(-1, 4)
            siap.add(
                second * 1_000_000_000,
                np.arange(self.targets),
                truth[:, :2],
                [number for number, _ in alive],
                tracks[:, :2],
                truth_velocity_m_s=truth[:, 2:],
                track_velocity_m_s=tracks[:, 2:],
            )
        return siap.score()

    def theirs(self):
        paths = [
            GroundTruthPath(
                [GroundTruthState(s, timestamp=at(k)) for k, s in enumerate(truth)], id=str(n)
            )
            for n, truth in enumerate(self.truth)
        ]
        tracks, associations = [], set()
        for target, first, last, state in self.segments:
            track = Track([State(state[k], timestamp=at(k)) for k in range(first, last + 1)])
            tracks.append(track)
            if target >= 0:
                span = TimeRange(at(first), at(last))
                associations.add(TimeRangeAssociation({paths[target], track}, span))
        generator = SIAPMetrics(
            position_measure=Euclidean(mapping=[0, 1]), velocity_measure=Euclidean(mapping=[2, 3])
        )
        manager = MultiManager([generator])
        manager.add_data({"tracks": set(tracks), "groundtruth_paths": set(paths)})
        manager.association_set = AssociationSet(associations)
        return {metric.title: metric.value for metric in generator.compute_metric(manager)}


@pytest.mark.parametrize("seed", range(12))
def test_siap(seed):
    scene = Scene(seed)
    ours, theirs = scene.ours(), scene.theirs()
    pairs = {
        "Completeness": ours.completeness,
        "Ambiguity": ours.ambiguity,
        "Spuriousness": ours.spuriousness,
        "Position Accuracy": ours.position_accuracy_m,
        "Velocity Accuracy": ours.velocity_accuracy_m_s,
        "Rate of Track Number Change": ours.number_change_rate_hz,
        "Longest Track Segment": ours.longest_segment,
    }
    for title, found in pairs.items():
        assert found == pytest.approx(theirs[f"SIAP {title}"]), title
