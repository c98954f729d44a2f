"""New figures of a case beside those of the page, seed by seed."""

import math
from collections.abc import Iterator, Sequence

from bench.accuracy.tables import table


def beside_stored(new: Sequence[dict[str, float]], stored: dict[str, list[float]]) -> str:
    """Give a table of every figure: its mean over the new seeds, and over the same of the page.

    Parameters
    ----------
    new : sequence of dict
        Figures of seed 0 and on.
    stored : dict of str to list of float
        Figures of all seeds; of a case that the page does not have, nothing.

    Returns
    -------
    str
        In Markdown; ``same`` says that each seed has the figure that the page has.
    """
    heads = (f"mean of {len(new)} seeds", "new", "docs/accuracy.json", "")
    return table(heads, _rows(new, stored))


def _rows(
    new: Sequence[dict[str, float]], stored: dict[str, list[float]]
) -> Iterator[tuple[str, str, str, str]]:
    for name in new[0] if new else ():
        values = [figures[name] for figures in new]
        known = stored.get(name, [])[: len(values)]
        if len(known) < len(values):
            yield name, f"{_mean(values):.6g}", "none", ""
        else:
            verdict = "same" if values == known else "differs"
            yield name, f"{_mean(values):.6g}", f"{_mean(known):.6g}", verdict


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
