"""Fly the reference agent through fifty seeds of the default scenario, and print what became of it.

python -m tests.agent.fifty_seeds [--seeds 50] [--processes 2] [--scenario default]
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from qiki.radar import Scenario
from tests.agent.docking_run import Run, run

HEAD = (
    "seed  latched  time s  propellant kg  nearest m  station m  alerts  late  evasions  retreats"
    "  cpu s"
)


def fly(scenario: str, seed: int) -> Run:
    """Fly one seed."""
    return run(Scenario.load(scenario), seed)


def line(it: Run) -> str:
    """Return a run as a line of the table."""
    return (
        f"{it.seed:4d}  {'yes' if it.is_latched else 'NO':>7}  {it.time_s:6.1f}  "
        f"{it.propellant_kg:13.2f}  {it.nearest_m:9.0f}  {it.station_m:9.1f}  {it.alerts:6d}  "
        f"{it.late_alerts:4d}  {it.evasions:8d}  {it.retreats:8d}  {it.cpu_s:5.1f}"
    )


def main() -> int:
    """Print the table; 0 where all bars of the agent hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--scenario", default="default")
    options = parser.parse_args()
    runs = []
    print(HEAD, flush=True)
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.processes) as pool:
        for it in pool.map(partial(fly, options.scenario), seeds):
            runs.append(it)
            print(line(it), flush=True)
    latched = sum(it.is_latched for it in runs)
    nearest_m = min(min(it.nearest_m, it.station_m) for it in runs)
    late = sum(it.late_alerts for it in runs)
    print(f"latched {latched} of {len(runs)}, nearest {nearest_m:.1f} m, late answers {late}")
    return 0 if latched >= 0.96 * len(runs) and nearest_m > 20.0 and late == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
