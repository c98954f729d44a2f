"""Figures of each case and seed: one file each while a run lasts, then all in `docs/accuracy.json`.

A run that was stopped goes on where it was. What is in `docs/accuracy.json` is what the page says.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

from bench.accuracy.case import Case
from qiki import __version__

ROOT = Path(__file__).parents[2]
PARTS = ROOT / ".benchmarks" / "accuracy"
RESULTS = ROOT / "docs" / "accuracy.json"
PACKAGES = ("stonesoup", "filterpy", "numpy", "scipy")

Results = dict[str, dict[str, list[float]]]
"""Figures by case and name, one of each seed."""


def run_missing(cases: Iterable[Case], seeds: int | None, parts: Path = PARTS) -> None:
    """Run each seed of each case that has no file yet.

    Parameters
    ----------
    cases : iterable of Case
    seeds : int, optional
        Run no more than so many of each.
    parts : Path
        Folder of the files.
    """
    for case in cases:
        for seed in range(case.seeds if seeds is None else min(seeds, case.seeds)):
            file = parts / case.name / f"{seed}.json"
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                figures = {name: float(f"{value:.6g}") for name, value in case.run(seed).items()}
                # Written beside and moved, so that a stopped run leaves no half of a file.
                beside = file.with_suffix(".part")
                beside.write_text(json.dumps(figures), "utf-8")
                beside.replace(file)
                print(f"{case.name}, seed {seed}", flush=True)


def forget(cases: Iterable[Case], parts: Path = PARTS) -> None:
    """Remove what was run of the cases."""
    for case in cases:
        for file in (parts / case.name).glob("*.json"):
            file.unlink()


def collect(cases: Iterable[Case], parts: Path = PARTS) -> Results:
    """Read what is there of the cases, from seed 0 to the first that was not run.

    Parameters
    ----------
    cases : iterable of Case
    parts : Path

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        A case of which less than two seeds were run: it has no interval.
    """
    results: Results = {}
    for case in cases:
        files = [parts / case.name / f"{seed}.json" for seed in range(case.seeds)]
        there = list(takewhile(Path.exists, files))
        if len(there) < 2:
            raise ValueError(f"{case.name} has {len(there)} seeds, needs 2: run it without --seeds")
        seeds = [json.loads(file.read_text("utf-8")) for file in there]
        results[case.name] = {name: [seed[name] for seed in seeds] for name in seeds[0]}
    return results


def write_results(results: Results, file: Path = RESULTS) -> None:
    """Write the results and the versions that made them, one line for each figure."""
    versions = {"qiki": __version__} | {name: version(name) for name in PACKAGES}
    lines = [
        f"{json.dumps(case)}: {{\n"
        + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(values)}" for name, values in figures.items()
        )
        + "\n}"
        for case, figures in results.items()
    ]
    body = ",\n".join(lines)
    file.write_text(f'{{"versions": {json.dumps(versions)},\n"cases": {{\n{body}\n}}}}\n', "utf-8")


def read_results(file: Path = RESULTS) -> tuple[dict[str, str], Results]:
    """Read versions and results."""
    document = json.loads(file.read_text("utf-8"))
    return document["versions"], document["cases"]
