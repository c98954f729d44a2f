"""Print the figures of a gate run: ``python -m bench.results .benchmarks/gates.json``."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.gate import Figure

HEADINGS = ("gate", "figure", "measured", "limit", "goal", "")


def table(figures: Iterable[Figure]) -> str:
    """Figures as a table in Markdown.

    Parameters
    ----------
    figures : iterable of Figure

    Returns
    -------
    str
    """
    rows = [HEADINGS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    limits = [f"≥ {figure.minimum:g}"] if figure.minimum is not None else []
    limits += [f"≤ {figure.maximum:g}"] if figure.maximum is not None else []
    goal = "" if figure.goal is None else f"{figure.goal:g}"
    verdict = "" if not limits else "holds" if figure.holds else "BROKEN"
    return figure.gate, figure.name, f"{figure.value:.4g}", ", ".join(limits), goal, verdict


def figures_of(report: dict[str, Any]) -> list[Figure]:
    """Figures recorded in a pytest-benchmark report."""
    return [
        Figure(**figure)
        for benchmark in report["benchmarks"]
        for figure in benchmark["extra_info"].get("figures", [])
    ]


def machine_of(report: dict[str, Any]) -> str:
    """One line on the machine and the versions."""
    machine = report["machine_info"]
    build = machine["qiki"]
    return (
        f"{machine['cpu'].get('brand_raw', machine['machine'])}, {machine['cpu_count']} CPUs, "
        f"load {machine['load_average'][0]:.1f}; qiki {build['version']} ({build['profile']}, "
        f"{build['simd_level']}), Python {machine['python_version']}, numpy {machine['numpy']}, "
        f"scipy {machine['scipy']}; {report['datetime'][:10]}"
    )


def main(arguments: list[str]) -> int:
    """Print the machine and the table of each report named."""
    if not arguments:
        print("usage: python -m bench.results REPORT.json ...", file=sys.stderr)
        return 2
    for name in arguments:
        report = json.loads(Path(name).read_text(encoding="utf-8"))
        print(machine_of(report), table(figures_of(report)), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
