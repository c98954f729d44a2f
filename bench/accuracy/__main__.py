"""Run what is missing, write the page: ``python -m bench.accuracy [--case NAME] [--seeds N]``."""

import argparse
import warnings

from bench.accuracy import consistency, crossing, crowd, meeting, page, turns
from bench.accuracy.case import PEERS
from bench.accuracy.store import collect, forget, read_results, run_missing, write_results

CASES = (*consistency.CASES, *turns.CASES, *crowd.CASES, *meeting.CASES, *crossing.CASES)


def main() -> None:
    """Run the cases; when all were asked for, write the results of what was run, and the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--case", choices=[case.name for case in CASES], help="run this one only")
    parser.add_argument("--seeds", type=int, help="run no more than so many seeds of each case")
    parser.add_argument(
        "--ours", action="store_true", help="run QIKI anew, take its peers from docs/accuracy.json"
    )
    parser.add_argument("--page", action="store_true", help="run nothing: write the page anew")
    arguments = parser.parse_args()
    if not arguments.page:
        chosen = [case for case in CASES if arguments.case in (None, case.name)]
        if arguments.ours:
            chosen = [case for case in chosen if not case.name.endswith(PEERS)]
            forget(chosen)
        run_missing(chosen, arguments.seeds)
        if arguments.case:
            return
        known = read_results()[1] if arguments.ours else {}
        write_results(known | collect(chosen))
    page.write(*read_results())


if __name__ == "__main__":
    # Stone Soup warns of the parts that it was installed without; no case uses them.
    warnings.simplefilter("ignore", UserWarning)
    main()
