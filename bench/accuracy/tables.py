"""Tables in Markdown, and what stands in them."""

from collections.abc import Iterable

from bench.accuracy.statistics import mean_interval


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table in Markdown.

    Parameters
    ----------
    heads : iterable of str
    rows : iterable of iterable of str

    Returns
    -------
    str
    """
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def interval(values: list[float], form: str) -> str:
    """Give the mean of seeds and half the width of its 95 % interval."""
    mean, half_width = mean_interval(values)
    return f"{mean:{form}} ± {half_width:{form}}"


def seeds_of(figures: dict[str, list[float]]) -> int:
    """Count the seeds of a case."""
    return len(next(iter(figures.values())))
