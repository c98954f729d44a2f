"""A turn of a real radar: twenty minutes recorded, as `evaluate_recording` times each step.

The hot path is `Tracker.step` of the preset for air surveillance; the frames are made before.
"""

from typing import Any

import pytest

from bench.accuracy.real_radar import CASES, IDENTITIES, recording_file
from bench.gate import Gate
from qiki.recording import evaluate_recording, read_asterix

RUNS = 5


@pytest.mark.benchmark(group="recording")
def test_turn_of_a_real_radar(benchmark: Any, gate: Gate) -> None:
    """Take the least mean of several runs: what others do on the machine only adds."""
    (case,) = CASES
    if not case.is_there():
        pytest.skip(case.needs)
    recording = read_asterix(recording_file())

    def ms_per_scan() -> dict[str, float]:
        return {
            f"{identity}_ms": evaluate_recording(recording, identity=identity).ms_per_scan
            for identity in IDENTITIES
        }

    runs = [ms_per_scan() for _ in range(1 if benchmark.disabled else RUNS)]
    assert all(value > 0.0 for run in runs for value in run.values())
    if benchmark.disabled:
        return
    runs.append(benchmark.pedantic(ms_per_scan, rounds=1))
    gate.check("recording", **{name: min(run[name] for run in runs) for name in runs[0]})
