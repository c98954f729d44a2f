"""The pictures of `docs/accuracy.md`."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.accuracy.bars import figures_of, share
from bench.accuracy.crossing import ANGLES_DEG
from bench.accuracy.store import Results

DPI = 90
STYLES = {"qiki": "o-", "stone_soup": "s--"}


def ratios(results: Results, path: Path) -> None:
    """Draw each seed's ratio of GOSPA, QIKI's to Stone Soup's.

    Parameters
    ----------
    results : dict
    path : Path
    """
    figure = Figure(figsize=(7.0, 3.2), layout="constrained")
    axes = figure.subplots()
    labels = []
    for row, (case, association) in enumerate(
        (case, association) for case in ("sparse", "crowded") for association in ("gnn", "jpda")
    ):
        names = [f"{who}_{association}_from_start_m" for who in STYLES]
        pairs = zip(*(figures_of(results, case, name)[name] for name in names), strict=True)
        seeds = np.array([ours / theirs for ours, theirs in pairs])
        axes.plot(seeds, np.full(len(seeds), row), "o", alpha=0.4)
        axes.plot(seeds.mean(), row, "k|", markersize=22)
        labels.append(f"{case}, {association}")
    axes.axvline(1.0, color="k", linewidth=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel("GOSPA of QIKI / of Stone Soup, each seed and the mean")
    _save(figure, path)


def swaps(results: Results, path: Path) -> None:
    """Draw the share of swapped pairs over the angle.

    Parameters
    ----------
    results : dict
    path : Path
    """
    figure = Figure(figsize=(8.0, 3.4), layout="constrained")
    for axes, rate in zip(figure.subplots(1, 2, sharey=True), (False, True), strict=True):
        for who, style in STYLES.items():
            for association in ("gnn", "jpda"):
                name = f"{who}_{association}_swapped"
                percent = [100.0 * share(results, angle, rate, name) for angle in ANGLES_DEG]
                axes.plot(
                    ANGLES_DEG, percent, style, label=f"{who.replace('_', ' ')} {association}"
                )
        axes.set_xscale("log")
        axes.set_xticks(ANGLES_DEG, [f"{angle}°" for angle in ANGLES_DEG])
        axes.minorticks_off()
        axes.set_xlabel("angle, " + ("with" if rate else "without") + " range rates")
    axes.legend(fontsize=8)
    figure.axes[0].set_ylabel("swapped [%]")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    # No version of the drawing library in the file: the same figures, the same bytes.
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
