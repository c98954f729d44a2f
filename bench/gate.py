"""Hold measured figures against the budgets of latency_budgets.toml."""

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Budgets = Mapping[str, Mapping[str, float]]

CLOCK = time.process_time
"""Clock of the gates that compute and never wait: what others do on the machine does not count."""

BUDGETS_FILE = Path(__file__).with_name("latency_budgets.toml")


@dataclass(frozen=True)
class Figure:
    """One measured figure of a gate, with its limit and goal where it has them."""

    gate: str
    name: str
    value: float
    minimum: float | None = None
    maximum: float | None = None
    goal: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the value is inside its limits."""
        above = self.minimum is None or self.value >= self.minimum
        return above and (self.maximum is None or self.value <= self.maximum)

    def __str__(self) -> str:
        limits = [f"at least {self.minimum:g}"] if self.minimum is not None else []
        limits += [f"at most {self.maximum:g}"] if self.maximum is not None else []
        return f"{self.gate}: {self.name} is {self.value:.4g}, must be {' and '.join(limits)}"


def load_budgets(path: Path = BUDGETS_FILE) -> Budgets:
    """Read the budgets; each table is a gate."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def percentiles(durations_s: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, each an observed value (nearest rank).

    Parameters
    ----------
    durations_s : list of float
        For a benchmark: ``benchmark.stats.stats.data``.

    Returns
    -------
    p50, p99 : float
    """
    ordered = sorted(durations_s)

    def nearest_rank(percent: int) -> float:
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    return nearest_rank(50), nearest_rank(99)


@dataclass
class Gate:
    """Collects the figures of one benchmark and fails it when they leave their budget."""

    benchmark: Any
    budgets: Budgets
    figures: list[Figure] = field(default_factory=list)

    def p50_p99_us(self) -> tuple[float, float]:
        """Median and 99th percentile of the benchmark's own rounds [µs]."""
        p50_s, p99_s = percentiles(self.benchmark.stats.stats.data)
        return p50_s * 1e6, p99_s * 1e6

    def check(self, name: str, **measured: float) -> None:
        """Record the figures of gate `name` and compare them with its table of the budgets.

        A limit whose figure was not measured fails too: a gate must not open by forgetting.
        """
        budget = dict(self.budgets.get(name, {}))
        figures = [
            Figure(
                name,
                key,
                float(value),
                budget.pop(f"{key}_min", None),
                budget.pop(f"{key}_max", None),
                budget.pop(f"{key}_goal", None),
            )
            for key, value in measured.items()
        ]
        self.figures.extend(figures)
        recorded = self.benchmark.extra_info.setdefault("figures", [])
        recorded.extend(vars(figure) for figure in figures)
        broken = [str(figure) for figure in figures if not figure.holds]
        broken += [f"{name}: nothing was measured for {key}" for key in budget]
        if broken:
            pytest.fail("\n".join(broken), pytrace=False)
