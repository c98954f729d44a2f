"""A gate fails when a figure leaves its budget, and when a figure is missing."""

from types import SimpleNamespace

import pytest

from bench.gate import Gate, load_budgets, percentiles
from bench.results import figures_of, table

BUDGETS = {"scan": {"ratio_min": 20.0, "p50_us_max": 5.0, "p99_us_goal": 9.0}}


@pytest.fixture
def gate():
    return Gate(SimpleNamespace(extra_info={}), BUDGETS)


def test_percentiles_are_observed_values():
    assert percentiles([float(k) for k in range(100, 0, -1)]) == (50.0, 99.0)
    assert percentiles([3.0]) == (3.0, 3.0)


def test_figures_inside_their_budget_pass_and_are_recorded(gate):
    gate.check("scan", ratio=20.0, p50_us=5.0, p99_us=100.0, tracks=7)
    recorded = figures_of({"benchmarks": [{"extra_info": gate.benchmark.extra_info}]})
    assert recorded == gate.figures
    assert "BROKEN" not in table(recorded)


@pytest.mark.parametrize(
    ("measured", "complaint"),
    [
        ({"ratio": 19.9, "p50_us": 1.0, "p99_us": 1.0}, "ratio is 19.9, must be at least 20"),
        ({"ratio": 30.0, "p50_us": 5.1, "p99_us": 1.0}, "p50_us is 5.1, must be at most 5"),
        ({"ratio": 30.0, "p99_us": 1.0}, "nothing was measured for p50_us_max"),
        ({"ratio": float("nan"), "p50_us": 1.0, "p99_us": 1.0}, "ratio is nan"),
    ],
)
def test_figures_outside_their_budget_fail(gate, measured, complaint):
    with pytest.raises(pytest.fail.Exception, match=complaint):
        gate.check("scan", **measured)
    assert ("BROKEN" in table(gate.figures)) == ("ratio" in complaint or "5.1" in complaint)


def test_every_key_of_the_budgets_has_a_meaning():
    for name, budget in load_budgets().items():
        assert budget, name
        assert all(key.endswith(("_min", "_max", "_goal")) for key in budget), name
