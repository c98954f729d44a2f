"""Run what is missing, write the page: ``python -m bench.accuracy [--case NAME] [--seeds N]``."""

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

from bench.accuracy import (
    attack,
    consistency,
    crossing,
    crowd,
    meeting,
    page,
    real_radar,
    registration,
    speed,
    turns,
)
from bench.accuracy.beside import beside_stored
from bench.accuracy.case import PEERS, Case
from bench.accuracy.store import (
    PARTS,
    RESULTS,
    collect,
    forget,
    read_results,
    run_missing,
    seeds_there,
    write_results,
)

CASES = (
    *consistency.CASES,
    *real_radar.CASES,
    *registration.CASES,
    *attack.CASES,
    *turns.CASES,
    *crowd.CASES,
    *meeting.CASES,
    *crossing.CASES,
)


def main(
    words: list[str] | None = None,
    cases: Sequence[Case] = CASES,
    parts: Path = PARTS,
    results: Path = RESULTS,
) -> None:
    """Run the cases; when all were asked for, write the results of what was run, and the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument(
        "--case", choices=[case.name for case in cases], help="run this one, compare its figures"
    )
    parser.add_argument("--seeds", type=int, help="run no more than so many seeds of each case")
    parser.add_argument(
        "--ours", action="store_true", help="run QIKI anew, take its peers from docs/accuracy.json"
    )
    parser.add_argument("--page", action="store_true", help="run nothing: write the page anew")
    parser.add_argument(
        "--gates",
        type=Path,
        metavar="REPORT",
        help="run nothing: take the tracker's speed over from a report of `make gates`",
    )
    asked = parser.parse_args(words)
    if asked.gates:
        speed.take(asked.gates)
    elif not asked.page:
        chosen = [case for case in cases if asked.case in (None, case.name)]
        if asked.ours:
            chosen = [case for case in chosen if not case.name.endswith(PEERS)]
            forget(chosen, parts)
        run_missing(chosen, asked.seeds, parts)
        if asked.case:
            _compare(chosen, asked.seeds, parts, results)
            return
        _write(chosen, asked.ours, parts, results)
    page.write(read_results(results))


def _compare(chosen: Sequence[Case], seeds: int | None, parts: Path, results: Path) -> None:
    stored = read_results(results).results
    for case in chosen:
        new = seeds_there(case, parts)[:seeds]
        print(f"\n{case.name}, {case.made_by}\n\n{beside_stored(new, stored.get(case.name, {}))}")


def _write(chosen: Sequence[Case], keep_peers: bool, parts: Path, results: Path) -> None:
    """Write what was run, beside what is kept: peers not asked for, cases without their data."""
    stored, new = read_results(results), collect(chosen, parts)
    kept = {case.name for case in chosen} - new.keys()
    if keep_peers:
        kept |= {name for name in stored.results if name.endswith(PEERS)}
    found = {name: figures for name, figures in stored.results.items() if name in kept} | new
    made_by = {name: by for name, by in stored.made_by.items() if name in kept}
    made_by |= {case.name: case.made_by for case in chosen if case.name in new}
    write_results(made_by, found, results)


if __name__ == "__main__":
    # Stone Soup warns of the parts that it was installed without; no case uses them.
    warnings.simplefilter("ignore", UserWarning)
    main()
