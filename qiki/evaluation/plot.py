"""A picture of a scenario's evaluation over time. Needs the extra ``plot``."""

import os
from pathlib import Path
from typing import Any

from qiki.errors import SettingError
from qiki.evaluation.interval import CONFIDENCE, mean_and_half_width
from qiki.evaluation.scenario import ScenarioEvaluation

try:
    from matplotlib.figure import Figure
except ModuleNotFoundError as missing:
    raise SettingError(
        f"{missing.name} is missing, must be there to draw: pip install 'qiki[plot]'"
    ) from None

_LINES = {
    "gospa_m": "GOSPA",
    "localisation_m": "localisation",
    "missed_m": "missed targets",
    "false_m": "false tracks",
}


def draw_evaluation(evaluation: ScenarioEvaluation) -> Figure:
    """Draw GOSPA and its parts over time: means over the runs with their confidence bands.

    Parameters
    ----------
    evaluation : ScenarioEvaluation

    Returns
    -------
    matplotlib.figure.Figure
        One axes; the lines have the group ids ``gospa_m``, ``localisation_m``, ``missed_m`` and
        ``false_m``, their bands, with two runs or more, those with ``:band`` behind. The axis has
        room for what comes once the runs have settled.
    """
    figure = Figure(figsize=(8.0, 5.0), layout="constrained")
    axes = figure.add_subplot()
    tops_m = [
        _draw_line(axes, evaluation, name, label, f"C{number}")
        for number, (name, label) in enumerate(_LINES.items())
    ]
    axes.set(xlabel="time [s]", ylabel=f"GOSPA, p = {evaluation.p:g} [m]")
    axes.set_ylim(0.0, 1.05 * max(tops_m) or 1.0)
    axes.set_title(
        f"{evaluation.scenario}: mean of {evaluation.runs} runs, "
        f"{100 * CONFIDENCE:g} % confidence (Student t), cutoff {evaluation.cutoff_m:g} m"
    )
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _draw_line(
    axes: Any, evaluation: ScenarioEvaluation, name: str, label: str, color: str
) -> float:
    """Draw a line with its band; return the highest of it once the runs have settled."""
    mean, half_width, count = mean_and_half_width(evaluation.series[name])
    axes.plot(evaluation.time_s, mean, color=color, label=label, linewidth=1.2, gid=name)
    top = mean
    if (count > 1).all():
        top = mean + half_width
        band = axes.fill_between(evaluation.time_s, mean - half_width, top, color=color, alpha=0.2)
        band.set_gid(f"{name}:band")
    return float(top[evaluation.time_s >= evaluation.settle_s].max(initial=0.0))


def check_plot_file(path: Path) -> None:
    """Refuse a file that `save_evaluation` could not write, before the work is done.

    Raises
    ------
    qiki.errors.SettingError
        An ending that is no format of pictures, or a folder that cannot be written to.
    """
    formats = sorted(Figure().canvas.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in formats:
        raise SettingError(
            f"--plot is {path}, must end with one of {', '.join(f'.{name}' for name in formats)}"
        )
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise SettingError(f"--plot is {path}, must be in a folder that can be written to")


def save_evaluation(evaluation: ScenarioEvaluation, path: Path) -> None:
    """Draw an evaluation into a file; its ending says the format.

    Raises
    ------
    qiki.errors.SettingError
        The file cannot be written.
    """
    check_plot_file(path)
    try:
        draw_evaluation(evaluation).savefig(path, dpi=120)
    except OSError as error:
        raise SettingError(
            f"--plot is {path}, must be a file that can be written: {error.strerror}"
        ) from error
