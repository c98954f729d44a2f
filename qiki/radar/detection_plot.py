"""Curves of the probability of detection: as a table, as JSON, as a picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qiki.errors import SettingError

_Column = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DetectionCurves:
    """Probabilities of detection by one detector.

    Parameters
    ----------
    false_alarm_probability : float
        Probability that noise alone passes.
    pulses : int
        Pulses that are integrated.
    snr_db : (n,) float64
        Mean SNR of a single pulse [dB].
    range_m : (n,) float64 or None
        Ranges that these SNRs belong to [m].
    detection_probability : dict of (n,) float64
        By the name of the fluctuation, as ``swerling_1``, or of a user's model.
    """

    false_alarm_probability: float
    pulses: int
    snr_db: _Column
    range_m: _Column | None
    detection_probability: dict[str, _Column]

    def to_dict(self) -> dict[str, Any]:
        """Give everything as lists and numbers, for JSON."""
        return {
            "false_alarm_probability": self.false_alarm_probability,
            "pulses": self.pulses,
            "range_m": None if self.range_m is None else self.range_m.tolist(),
            "snr_db": self.snr_db.tolist(),
            "detection_probability": {
                name: column.tolist() for name, column in self.detection_probability.items()
            },
        }

    def table(self) -> str:
        """Give a line for each point, the names of the columns first."""
        columns = {} if self.range_m is None else {"range_m": (self.range_m, ".1f")}
        columns["snr_db"] = (self.snr_db, ".2f")
        columns |= {name: (values, ".6f") for name, values in self.detection_probability.items()}
        widths = [max(10, len(name)) for name in columns]
        lines = [" ".join(f"{name:>{width}}" for name, width in zip(columns, widths, strict=True))]
        cells = list(zip(columns.values(), widths, strict=True))
        lines += [
            " ".join(f"{values[row]:>{width}{form}}" for (values, form), width in cells)
            for row in range(len(self.snr_db))
        ]
        return "\n".join(lines)


def save_plot(curves: DetectionCurves, path: str) -> None:
    """Draw curves into a file.

    Parameters
    ----------
    curves : DetectionCurves
        What is drawn.
    path : str
        File to write; its ending says the format, as ``.png``.

    Raises
    ------
    qiki.errors.SettingError
        matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - only here, and it is an extra
    except ImportError as error:
        raise SettingError(
            "--plot needs matplotlib, which is not installed: pip install 'qiki[plot]'"
        ) from error
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    across = curves.snr_db if curves.range_m is None else curves.range_m / 1000.0
    for name, values in curves.detection_probability.items():
        axes.plot(across, values, label=name.replace("swerling_", "Swerling "))
    axes.set_xlabel("SNR of a pulse [dB]" if curves.range_m is None else "range [km]")
    axes.set_ylabel("probability of detection")
    axes.set_ylim(0.0, 1.0)
    axes.set_xlim(across[0], across[-1])
    axes.set_title(f"Pfa {curves.false_alarm_probability:g}, pulses {curves.pulses}")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    try:
        figure.savefig(path, dpi=100)
    except (OSError, ValueError) as error:
        raise SettingError(
            f"--plot is {path}, must be a file that can be written, as curve.png: {error}"
        ) from error
