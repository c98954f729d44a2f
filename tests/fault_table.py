"""The table of bars at the end of a run: what was asked, whether it holds, what was measured.

A test takes down its bars by the fixture `bar`, as properties of its own report; the table is made
of the reports alone. Where several tests share a bar, as blocks of schedules do, their figures are
added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

BAR = "bar"  # the property's name
FOLDERS = ("tests/faults/", "tests/protocol/", "tests/endurance/")

Figures = dict[str, float | str]  # what is counted, with its unit: {"frames": 300, "s p99": 1.2}


@dataclass(slots=True)
class Row:
    """One bar."""

    holds: bool = True
    figures: Figures = field(default_factory=dict)

    def add(self, holds: bool, figures: Figures) -> None:
        """Take in what one test says: numbers add up, of words the last one counts."""
        self.holds &= holds
        for name, figure in figures.items():
            known = self.figures.get(name, 0)
            words = isinstance(known, str) or isinstance(figure, str)
            self.figures[name] = figure if words else known + figure

    @property
    def measured(self) -> str:
        """Return the figures as words."""
        return ", ".join(f"{_text(figure)} {name}" for name, figure in self.figures.items())


def rows_of(reports: Iterable[pytest.TestReport]) -> dict[str, Row]:
    """Return the bars that the tests took down, and each test that failed for another reason."""
    rows: dict[str, Row] = {}
    for report in reports:
        bars = [value for name, value in report.user_properties if name == BAR]
        for name, holds, figures in bars if report.when == "call" else []:
            rows.setdefault(name, Row()).add(holds, figures)
        explained = any(not holds for _, holds, _ in bars)
        if report.failed and not explained and report.nodeid.startswith(FOLDERS):
            reason = str(report.longrepr).strip().splitlines()[-1]
            rows[report.nodeid] = Row(holds=False, figures={"": reason})
    return rows


def lines_of(rows: dict[str, Row]) -> list[str]:
    """Return the table as lines."""
    width = max(map(len, rows))
    return [
        f"{name:<{width}}  {'holds' if row.holds else 'FAILS'}  {row.measured}"
        for name, row in rows.items()
    ]


def _text(figure: float | str) -> str:
    return f"{figure:.2f}" if isinstance(figure, float) else str(figure)
