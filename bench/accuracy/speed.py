"""Speed of the tracker for the page: what the last gates measured, beside their limits.

Figures come from reports of `make gates` and stand in `docs/speed.json` with the machine of the
run; limits are those of `bench/latency_budgets.toml` now. Nothing is measured here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.store import ROOT
from bench.accuracy.tables import table
from bench.gate import Budgets, Figure, load_budgets
from bench.results import figures_of, machine_of

SPEED = ROOT / "docs" / "speed.json"

Gates = dict[str, "Measured"]
"""By the name of the gate."""


@dataclass(frozen=True)
class Measured:
    """What a gate measured, and where.

    Attributes
    ----------
    run : str
        Machine, versions and day.
    figures : dict of str to float
    """

    run: str
    figures: dict[str, float]


SPARSE = "scan of 1000 targets, sparse"
ROWS = (
    ("scan-sparse-1000", "ratio", f"{SPARSE}: batched numpy / QIKI"),
    ("scan-norfair", "ratio", f"{SPARSE}: norfair / QIKI"),
    ("scan-stone-soup-gnn", "ratio", f"{SPARSE}: Stone Soup's GNN with a k-d tree / QIKI"),
    ("scan-stone-soup-jpda-sparse", "ratio", "scan of 100, sparse: Stone Soup's JPDA / `jpda`"),
    ("scan-stone-soup-jpda-crowded", "ratio", "scan of 100, crowded: Stone Soup's JPDA / `jpda`"),
    ("scan-cost", "crowded_ratio", "1000 targets, crowded / sparse"),
    ("scan-cost", "polar_ratio", "1000 targets, polar with range rate / positions"),
    ("scan-cost", "growth", "10 000 targets / 1000, positions"),
    ("scan-cost", "polar_growth", "10 000 targets / 1000, polar"),
    ("scan-sparse-1000", "step_p50_us", "step of 1000 targets, sparse [µs]"),
    ("scan-crowded-1000", "step_p50_us", "step of 1000 targets, crowded [µs]"),
    ("scan-sparse-10000", "step_p50_us", "step of 10 000 targets [µs]"),
    ("scan-joint-1000", "p50_ms", "scan of 1000 targets, crowded, `jpda` [ms]"),
    ("filter", "ratio", "filter, predict and update: QIKI / a C loop"),
    ("filter-bank", "ratio", "two interacting models / one filter"),
    ("recording", "withheld_ms", "turn of the real radar, identity withheld [ms]"),
    ("recording", "used_ms", "turn of the real radar, identity used [ms]"),
)
"""Gate, figure and what it is: the rows of the issue and of the design that concern the tracker."""

ASSIGNMENT = "assignment-"


def take(report: Path, file: Path = SPEED) -> None:
    """Take the tracker's figures over from a report of the gates; others stay as they were.

    Parameters
    ----------
    report : Path
        As ``make gates`` writes it: ``.benchmarks/gates.json``.
    file : Path
    """
    document = json.loads(report.read_text("utf-8"))
    run, names = machine_of(document), {gate for gate, _, _ in rows(load_budgets())}
    gates = read(file)
    fresh: dict[str, dict[str, float]] = {}
    for figure in figures_of(document):
        if figure.gate in names:
            fresh.setdefault(figure.gate, {})[figure.name] = float(f"{figure.value:.4g}")
    gates |= {name: Measured(run, figures) for name, figures in fresh.items()}
    lines = (f"{json.dumps(name)}: {json.dumps(vars(gates[name]))}" for name in sorted(gates))
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def read(file: Path = SPEED) -> Gates:
    """Read what was taken over; nothing where there is no file."""
    if not file.exists():
        return {}
    return {name: Measured(**each) for name, each in json.loads(file.read_text("utf-8")).items()}


def rows(budgets: Budgets) -> Iterator[tuple[str, str, str]]:
    """Give gate, figure and text of each row, those of the assignment from the budgets."""
    yield from ROWS
    for gate in budgets:
        if gate.startswith(ASSIGNMENT):
            graph = gate.removeprefix(ASSIGNMENT).replace("-", " ")
            yield gate, "ratio", f"assignment, {graph}: the faster of scipy and lapx / QIKI"


def speed_table(gates: Gates) -> str:
    """Give every bar with its last figure, and the machines that measured them."""
    budgets, runs = load_budgets(), sorted({each.run for each in gates.values()})
    lines = []
    for gate, name, what in rows(budgets):
        measured, limit = gates.get(gate), _limit(budgets.get(gate, {}), gate, name)
        if measured is None or name not in measured.figures:
            lines.append((what, "not measured", _shown(limit), "", ""))
            continue
        figure = Figure(**{**vars(limit), "value": measured.figures[name]})
        run = str(runs.index(measured.run) + 1)
        lines.append((what, f"{figure.value:.4g}", _shown(figure), _verdict(figure), run))
    numbered = "\n".join(f"{number}. {run}" for number, run in enumerate(runs, 1))
    return f"{table(('', 'measured', 'limit', '', 'run'), lines)}\n\nRuns:\n\n{numbered}"


def _limit(budget: dict[str, float], gate: str, name: str) -> Figure:
    """Limits of a figure, without its value; of the goals only times are among the rows."""
    ends = {"minimum": "_min", "maximum": "_max", "goal": "_goal"}
    limits = {key: budget.get(name + end) for key, end in ends.items()}
    return Figure(gate, name, float("nan"), **limits)


def _shown(figure: Figure) -> str:
    if figure.minimum is not None:
        return f"≥ {figure.minimum:g}"
    return f"≤ {figure.maximum:g}" if figure.maximum is not None else f"goal ≤ {figure.goal:g}"


def _verdict(figure: Figure) -> str:
    if figure.minimum is not None or figure.maximum is not None:
        return "holds" if figure.holds else "**broken**"
    # A goal is one of a quiet machine, and no bar.
    return "met" if figure.goal is not None and figure.value <= figure.goal else "not met"
