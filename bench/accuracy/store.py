"""Figures of each case and seed: one file each while a run lasts, then all in `docs/accuracy.json`.

A run that was stopped goes on where it was, as long as core and peers are those that began it. What
is in `docs/accuracy.json` is what the page says.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Stored:
    """What `docs/accuracy.json` has.

    Attributes
    ----------
    versions : dict of str to str
        Of the packages, when it was written.
    made_by : dict of str to str
        Core or peer of each case.
    results : dict
    """

    versions: dict[str, str] = field(default_factory=dict)
    made_by: dict[str, str] = field(default_factory=dict)
    results: Results = field(default_factory=dict)


def part_of(case: Case, seed: int, parts: Path) -> Path:
    """Name the file of one seed of a case, as the present core or peer makes it."""
    return parts / case.made_by / case.name / f"{seed}.json"


def run_missing(cases: Iterable[Case], seeds: int | None, parts: Path = PARTS) -> None:
    """Run each seed of each case that has no file yet; leave cases whose data are not there.

    Parameters
    ----------
    cases : iterable of Case
    seeds : int, optional
        Run no more than so many of each.
    parts : Path
        Folder of the files.
    """
    for case in cases:
        if not case.is_there():
            print(f"{case.name}: left as it was, {case.needs}", flush=True)
            continue
        for seed in range(case.seeds if seeds is None else min(seeds, case.seeds)):
            file = part_of(case, seed, parts)
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
        for seed in range(case.seeds):
            part_of(case, seed, parts).unlink(missing_ok=True)


def seeds_there(case: Case, parts: Path = PARTS) -> list[dict[str, float]]:
    """Read the figures of each seed, from seed 0 to the first that was not run."""
    files = [part_of(case, seed, parts) for seed in range(case.seeds)]
    return [json.loads(file.read_text("utf-8")) for file in takewhile(Path.exists, files)]


def collect(cases: Iterable[Case], parts: Path = PARTS) -> Results:
    """Read what is there of the cases, from seed 0 to the first that was not run.

    Parameters
    ----------
    cases : iterable of Case
    parts : Path

    Returns
    -------
    dict
        Without the cases whose data are not there.

    Raises
    ------
    ValueError
        A case of draws of which less than two seeds were run: it has no interval.
    """
    results: Results = {}
    for case in cases:
        seeds = seeds_there(case, parts)
        if not seeds and not case.is_there():
            continue
        if len(seeds) < min(2, case.seeds):
            raise ValueError(
                f"{case.name} has {len(seeds)} seeds, needs {min(2, case.seeds)}: "
                "run it without --seeds"
            )
        results[case.name] = {name: [seed[name] for seed in seeds] for name in seeds[0]}
    return results


def write_results(made_by: dict[str, str], results: Results, file: Path = RESULTS) -> None:
    """Write the results and what made them, one line for each figure."""
    versions = {"qiki": __version__} | {name: version(name) for name in PACKAGES}
    lines = [
        f"{json.dumps(case)}: {{\n"
        + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(values)}" for name, values in figures.items()
        )
        + "\n}"
        for case, figures in results.items()
    ]
    heads = f'"versions": {json.dumps(versions)},\n"made_by": {json.dumps(made_by)}'
    body = ",\n".join(lines)
    file.write_text(f'{{{heads},\n"cases": {{\n{body}\n}}}}\n', "utf-8")


def read_results(file: Path = RESULTS) -> Stored:
    """Read them; of a file that is not there, nothing."""
    if not file.exists():
        return Stored()
    document = json.loads(file.read_text("utf-8"))
    return Stored(document["versions"], document["made_by"], document["cases"])
