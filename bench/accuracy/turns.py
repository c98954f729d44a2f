"""Turns of up to 7 g, followed by interacting models (`tests/tracking/turning_scene.py`).

300 m/s, straight and turning at 1 to 7 g for 5 to 15 s each, one scan a second, 30 m standard
deviation, detection probability 0.8. The models are the example of `docs/tracking-models.md`.
"""

import msgspec

from bench.accuracy.case import Case
from tests.tracking.turning_scene import TURNING, follow

SEEDS = 20
TARGETS = 200
CONFIGS = {
    "qiki_gnn": TURNING,
    "qiki_jpda": msgspec.structs.replace(TURNING, association="jpda"),
    "qiki_single": msgspec.structs.replace(TURNING, motion_models=(), process_noise_m2_s3=1000.0),
}


def run(seed: int, targets: int = TARGETS) -> dict[str, float]:
    """Targets that each tracker lost, and the RMS error of the others.

    Parameters
    ----------
    seed, targets : int

    Returns
    -------
    dict of str to float
    """
    figures = {}
    for name, config in CONFIGS.items():
        share, rms_m = follow(config, targets, seed)
        figures[f"{name}_lost"], figures[f"{name}_rms_m"] = share * targets, rms_m
    return figures


CASES = (Case("turns", SEEDS, run),)
