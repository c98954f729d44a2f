"""How far the fallback of `joint_association` is from the exact sum, as its docstring says."""

import re

import numpy as np
import pytest

from qiki.tracking import joint_association
from tests.tracking.oracles.joint_events import competition

CASES = 1000
DENSITIES = [0.2, 0.4, 0.7, 1.0]


def draw(random, density):
    mask = random.random((8, 8)) < density
    return competition(mask, lambda count: random.normal(size=count) * 2.0, 0.0)


def errors(density):
    """Differences of all probabilities, and how many cases were approximated."""
    random = np.random.default_rng(round(density * 10))
    found, approximated = [], 0
    for _ in range(CASES):
        problem = draw(random, density)
        exact, approximate = problem.solve(), problem.solve(max_work=0)
        assert (exact.wide_clusters, approximate.wide_clusters) == (0, exact.clusters)
        approximated += approximate.approximated > 0
        found.append(np.abs(approximate.edge - exact.edge))
        found.append(np.abs(approximate.miss - exact.miss))
    return np.concatenate(found), approximated


def table_rows():
    """Density to the three figures beside it, as the docstring has them."""
    row = r"^ *(\d\.\d) +([\d.]+) +([\d.]+) +([\d.]+)$"
    return {
        float(density): [float(figure) for figure in figures]
        for density, *figures in re.findall(row, joint_association.__doc__, re.MULTILINE)
    }


@pytest.mark.parametrize("density", DENSITIES)
def test_the_table_of_errors_is_what_it_was_measured_to_be(density):
    error, approximated = errors(density)
    assert approximated > CASES // 2
    measured = [error.mean(), np.quantile(error, 0.99), error.max()]
    # To the last digit printed: the cases and the solver are the same everywhere.
    assert [round(figure, 4) for figure in measured[:1]] == table_rows()[density][:1]
    assert [round(figure, 3) for figure in measured[1:]] == table_rows()[density][1:]


def test_a_wide_cluster_falls_apart_at_edges_that_cannot_matter():
    """Two blocks, each narrow enough, joined by edges of a probability near 1e-9."""
    random = np.random.default_rng(5)
    mask = np.ones((12, 12), bool)
    far = np.zeros_like(mask)
    far[:6, 6:] = far[6:, :6] = True
    costs = np.where(far, 25.0, random.normal(size=mask.shape))
    problem = competition(mask, lambda count: costs.ravel(), 0.0)
    exact, apart = problem.solve(max_work=2**26), problem.solve(max_work=2**14)
    assert (apart.clusters, apart.wide_clusters, apart.approximated) == (1, 1, 0)
    assert 0.0 < apart.dropped_probability < 1e-8
    for found, expected in ((apart.edge, exact.edge), (apart.miss, exact.miss)):
        np.testing.assert_allclose(found, expected, rtol=0, atol=apart.dropped_probability)


@pytest.mark.parametrize("seed", range(20))
def test_no_probability_is_off_by_more_than_is_told(seed):
    """Sparse, with weights over fifty e-folds, so that dropping alone narrows it."""
    random = np.random.default_rng(seed)
    mask = random.random((20, 20)) < 0.25
    problem = competition(mask, lambda count: random.normal(size=count) * 12.0, 0.0)
    exact, apart = problem.solve(max_work=2**26), problem.solve(max_work=400)
    assert exact.wide_clusters == 0
    assert apart.wide_clusters == 1
    if not apart.approximated:
        limit = apart.dropped_probability + 1e-12
        np.testing.assert_allclose(apart.edge, exact.edge, rtol=0, atol=limit)
        np.testing.assert_allclose(apart.miss, exact.miss, rtol=0, atol=limit)


def test_belief_stays_finite_at_weights_beyond_doubles():
    problem = competition(np.ones((3, 3), bool), lambda count: np.full(count, -4e8), 4e8)
    found = problem.solve(max_work=0)
    assert found.approximated == 1
    np.testing.assert_allclose(problem.matrix(found).sum(axis=1), 1.0, rtol=0, atol=1e-9)
    assert np.isfinite(found.edge).all()
