"""What a registration finds in the runs of a scenario, against the biases that the scenario has."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qiki._core import RadarFrame
from qiki.radar import Radar
from qiki.tracking import FrameTracker, RegistrationConfig, RegistrationEstimate, TrackerConfig
from qiki.tracking.registration_config import BIASES
from qiki.wire import encode_frame


@dataclass(frozen=True)
class FoundBiases:
    """What was found of one sensor by the end of a run.

    Attributes
    ----------
    aligned : bool
    error, std : dict of float
        Estimate minus the scenario's bias, and the standard deviation that is told, by the name of
        each bias that was sought.
    """

    aligned: bool
    error: dict[str, float]
    std: dict[str, float]


class RegistrationRun:
    """Seeks biases in the frames of one run, beside the tracker that is scored.

    Parameters
    ----------
    radars : sequence of Radar
    config : TrackerConfig
    registration : RegistrationConfig
    """

    def __init__(
        self, radars: Sequence[Radar], config: TrackerConfig, registration: RegistrationConfig
    ) -> None:
        self._radars = {radar.sensor_id: radar for radar in radars}
        self._tracker = FrameTracker(config, registration=registration)
        self._latest: dict[str, tuple[int, RegistrationEstimate]] = {}

    def watch(self, frames: Iterable[RadarFrame]) -> Iterator[RadarFrame]:
        """Give frames on as they come, each taken in before."""
        for frame in frames:
            estimate = self._tracker.answer(encode_frame(frame)).registration
            if estimate is not None:
                self._latest[frame.sensor_id] = frame.time_ns, estimate
            yield frame

    def found(self) -> dict[str, FoundBiases]:
        """Return what was found, by the names of the sensors."""
        return {
            self._radars[sensor_id].sensor.name: _found(self._radars[sensor_id], *latest)
            for sensor_id, latest in self._latest.items()
        }


def _found(radar: Radar, time_ns: int, estimate: RegistrationEstimate) -> FoundBiases:
    true = _biases(radar, time_ns)
    std = {name: float(getattr(estimate.std, name)) for name in BIASES}
    sought = [name for name in BIASES if std[name] > 0.0]
    return FoundBiases(
        aligned=estimate.aligned,
        error={name: getattr(estimate.bias, name) - true[name] for name in sought},
        std={name: std[name] for name in sought},
    )


def _biases(radar: Radar, time_ns: int) -> dict[str, float]:
    """Return the scenario's biases of a radar at a time that it reports."""
    bias = radar.sensor.registration_bias
    if bias is None:
        return dict.fromkeys(BIASES, 0.0)
    east_m, north_m, _ = bias.position_m
    drift_s = bias.clock_drift_ppm * 1e-6 * time_ns * 1e-9
    time_s = bias.clock_offset_ns * 1e-9 + drift_s
    values = (east_m, north_m, bias.range_m, bias.bearing_deg, time_s)
    return dict(zip(BIASES, values, strict=True))


def over_runs(runs: Sequence[dict[str, FoundBiases]]) -> dict[str, Any]:
    """Return, by the name of each sensor, how often it was aligned, and how large errors were then.

    ``rms_error`` beside ``rms_std`` tells whether the errors are as large as is said.
    """
    table = {}
    for name in runs[0]:
        aligned = [run[name] for run in runs if name in run and run[name].aligned]
        sought = runs[0][name].std if aligned else ()
        table[name] = {
            "runs": len(runs),
            "aligned_runs": len(aligned),
            "rms_error": {bias: _rms([run.error[bias] for run in aligned]) for bias in sought},
            "rms_std": {bias: _rms([run.std[bias] for run in aligned]) for bias in sought},
        }
    return table


def lines_of(table: dict[str, Any]) -> list[str]:
    """Return a line on each sensor."""
    lines = []
    for name, found in table.items():
        errors = ", ".join(
            f"{bias} {error:.3g} (told {found['rms_std'][bias]:.3g})"
            for bias, error in found["rms_error"].items()
        )
        aligned = f"aligned in {found['aligned_runs']} of {found['runs']} runs"
        lines.append(
            f"registration of {name}: {aligned}" + (f"; rms error {errors}" * bool(errors))
        )
    return lines


def _rms(values: Sequence[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))
