"""Write the tables of `docs/accuracy.md` and its pictures from the results alone.

The page's words are written by hand; each table stands between a mark with its name and one that
ends it.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.accuracy import consistency, crossing, pictures, radar_tables, turns
from bench.accuracy.bars import BARS, ELSEWHERE, figures_of, ratio_of_gospa, rms_m
from bench.accuracy.case import PEERS
from bench.accuracy.speed import read, speed_table
from bench.accuracy.statistics import mean_interval, share_bound
from bench.accuracy.store import ROOT, Results, Stored
from bench.accuracy.tables import interval, seeds_of, table

PAGE = ROOT / "docs" / "accuracy.md"
IMAGES = ROOT / "docs" / "images"
BLOCK = re.compile(r"(<!-- `make accuracy` writes: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
TRACKERS = {
    "qiki_gnn": "QIKI, `gnn`",
    "qiki_jpda": "QIKI, `jpda`",
    "stone_soup_gnn": "Stone Soup, GNN",
    "stone_soup_jpda": "Stone Soup, JPDA",
}
TURNERS = {
    "qiki_gnn": "constant velocity and turn, `gnn`",
    "qiki_jpda": "constant velocity and turn, `jpda`",
    "qiki_single": "one model, process noise 1000 m²/s³",
}
FILTERS = {"polar": "extended filter", "bank": "interacting models"}


def write(stored: Stored, page: Path = PAGE) -> None:
    """Write the page's tables and its pictures.

    Parameters
    ----------
    stored : Stored
    page : Path
    """
    page.write_text(page_with(page.read_text("utf-8"), stored), "utf-8")
    pictures.ratios(stored.results, IMAGES / "accuracy_gospa.png")
    pictures.swaps(stored.results, IMAGES / "accuracy_crossing.png")


def page_with(page: str, stored: Stored) -> str:
    """Give the page with the tables of these results.

    Parameters
    ----------
    page : str
        With the marks of every table.
    stored : Stored

    Returns
    -------
    str

    Raises
    ------
    ValueError
        A table without marks, or marks of no table.
    """
    results = stored.results
    tables: dict[str, Callable[[], str]] = {
        "versions": lambda: _versions(stored),
        "bars": lambda: _bars(results),
        "sparse": lambda: _crowd(results, "sparse"),
        "crowded": lambda: _crowd(results, "crowded"),
        "ratios": lambda: _ratios(results),
        "meeting": lambda: _meeting(results),
        "crossing": lambda: _crossing(results, range_rate=False),
        "crossing-range-rate": lambda: _crossing(results, range_rate=True),
        "recording": lambda: radar_tables.recording(results),
        "registration": lambda: radar_tables.biases(results),
        "replies": lambda: radar_tables.replies(results),
        "turns": lambda: _turns(results),
        "linear": lambda: _linear(results),
        "faults": lambda: _faults(results),
        "references": lambda: _references(results),
        "speed": lambda: speed_table(read()),
        "elsewhere": lambda: table(("", "held by"), ((what, f"`{at}`") for what, at in ELSEWHERE)),
    }
    marked = [found.group(2) for found in BLOCK.finditer(page)]
    if sorted(marked) != sorted(tables):
        raise ValueError(f"the page has marks for {marked}, not for {list(tables)}")
    return BLOCK.sub(lambda found: f"{found[1]}\n{tables[found[2]]()}\n\n{found[3]}", page)


def _versions(stored: Stored) -> str:
    """Versions, the core of most cases, and the cases that another one ran."""
    text = ", ".join(f"{name} {which}" for name, which in stored.versions.items())
    ours = {case: by for case, by in stored.made_by.items() if not case.endswith(PEERS)}
    ((main, _),) = Counter(ours.values()).most_common(1)
    others = [f"`{case}` (`{by}`)" for case, by in ours.items() if by != main]
    # A case whose data were not there keeps its figures, and they are those of an older core.
    kept = f" Not run with it, but kept from before: {', '.join(others)}." if others else ""
    return f"{text}; QIKI's cases by the compiled core `{main}`.{kept}"


def _bars(results: Results) -> str:
    rows = (
        (
            bar.what,
            format(bar.value(results), bar.form),
            f"{'≥' if bar.at_least else '≤'} {bar.limit:{bar.form}}",
            "holds" if bar.holds(results) else "**broken**",
        )
        for bar in BARS
    )
    return table(("", "measured", "limit", ""), rows)


def _crowd(results: Results, case: str) -> str:
    columns = (("from_start_m", ".1f"), ("m", ".1f"), ("missed", ".2f"), ("false", ".2f"))
    rows = []
    for key, name in TRACKERS.items():
        of = figures_of(results, case, key)
        figures = (interval(of[f"{key}_{figure}"], form) for figure, form in columns)
        rows.append([name, str(seeds_of(of)), *figures])
    heads = (f"`{case}`", "seeds", "all scans [m]", "settled [m]", "missed", "false")
    return table(heads, rows)


def _ratios(results: Results) -> str:
    rows = []
    for case in ("sparse", "crowded"):
        for association in ("gnn", "jpda"):
            row = [f"`{case}`, `{association}`"]
            for ending in ("from_start_m", "m"):
                mean, bound = ratio_of_gospa(results, case, association, ending)
                row.append(f"{mean:.3f}, below {bound:.3f}")
            rows.append(row)
    return table(("QIKI / Stone Soup", "all scans", "settled"), rows)


def _meeting(results: Results) -> str:
    rows = []
    for key, name in TRACKERS.items():
        squares_m2 = figures_of(results, "meeting", key)[f"{key}_m2"]
        mean, half_width = mean_interval(squares_m2)
        low, high = np.sqrt(max(mean - half_width, 0.0)), np.sqrt(mean + half_width)
        seeds = str(len(squares_m2))
        rows.append((name, seeds, f"{rms_m(squares_m2):.2f}", f"{low:.2f} to {high:.2f}"))
    return table(("", "seeds", "RMS GOSPA [m]", "95 %"), rows)


def _crossing(results: Results, *, range_rate: bool) -> str:
    rows = []
    for angle_deg in crossing.ANGLES_DEG:
        row = [f"{angle_deg}°"]
        for key in TRACKERS:
            of = figures_of(results, crossing.case_name(angle_deg, range_rate), key)
            pairs = crossing.PAIRS * seeds_of(of)
            swapped, lost = (sum(of[f"{key}_{what}"]) for what in ("swapped", "lost"))
            bound = share_bound(swapped, pairs)
            row.append(f"{swapped / pairs:.1%} (< {bound:.1%}), {lost / pairs:.1%} of {pairs}")
        rows.append(row)
    return table(("angle", *TRACKERS.values()), rows)


def _turns(results: Results) -> str:
    of = results["turns"]
    rows = []
    for key, name in TURNERS.items():
        lost = [100.0 * count / turns.TARGETS for count in of[f"{key}_lost"]]
        rows.append((name, interval(lost, ".2f"), interval(of[f"{key}_rms_m"], ".1f")))
    return table((f"{seeds_of(of)} draws", "lost [%]", "RMS error [m]"), rows)


def _linear(results: Results) -> str:
    of = results["consistency"]
    rows = []
    for name, least, most in (
        ("NIS, pooled", "linear_nis", "linear_nis"),
        ("NEES of each step", "linear_nees_least", "linear_nees_most"),
    ):
        band = most.removesuffix("_most")
        rows.append(
            (
                name,
                f"{min(of[least]):.3f} to {max(of[most]):.3f}",
                f"{of[f'{band}_low'][0]:.3f} to {of[f'{band}_high'][0]:.3f}",
            )
        )
    return table((f"{seeds_of(of)} draws", "measured", "band"), rows)


def _faults(results: Results) -> str:
    of, rows = results["consistency"], []
    for fault in (*consistency.LINEAR_FAULTS, consistency.JACOBIAN):
        nis, outside = of.get(f"{fault}_nis"), of[f"{fault}_nees_outside"]
        shown = "" if nis is None else f"{np.mean(nis):.4g}"
        noticed = f"{sum(of[f'{fault}_noticed']):.0f} of {seeds_of(of)}"
        rows.append((fault, shown, f"{np.mean(outside):.0f}", noticed))
    return table(("fault", "pooled NIS", "steps with NEES outside", "noticed"), rows)


def _references(results: Results) -> str:
    of = results["consistency"]
    rows = []
    for key, name in FILTERS.items():
        row = [name]
        for what in ("nis", "nees"):
            row += [f"{np.mean(of[f'{key}_{which}{what}']):.4g}" for which in ("", "reference_")]
            row.append(f"{max(of[f'{key}_{what}_deviations'], key=abs):.1f}")
        rows.append(row)
    apart = "most deviations apart"
    return table(("", "NIS", "reference", apart, "NEES", "reference", apart), rows)
