"""Twenty minutes of a real radar: a recording of ASTERIX category 048, scored by its addresses.

The recording is not part of the repository. Its folder is named by ``QIKI_TEST_DATA``; without it
the figures in `docs/accuracy.json` stay as they are.
"""

import os
from pathlib import Path

import msgspec

from bench.accuracy.case import Case
from qiki.recording import evaluate_recording, read_asterix
from qiki.tracking import TrackerConfig

NAME = "bcn_cat048_first20min.ast"
IDENTITIES = ("withheld", "used")
ASSOCIATIONS = ("gnn", "jpda")
FIGURES = ("coverage", "purity", "extra_ids", "mixed_tracks")


def recording_file() -> Path:
    """Path of the recording, whether it is there or not."""
    return Path(os.environ.get("QIKI_TEST_DATA", ".")) / NAME


def run(seed: int) -> dict[str, float]:
    """Score of each association, with identity withheld and used.

    Parameters
    ----------
    seed : int
        Has no effect: nothing is drawn.

    Returns
    -------
    dict of str to float
    """
    del seed
    recording, figures = read_asterix(recording_file()), {}
    for association in ASSOCIATIONS:
        config = msgspec.structs.replace(TrackerConfig.air_surveillance(), association=association)
        for identity in IDENTITIES:
            score = evaluate_recording(recording, identity=identity, config=config)
            for figure in FIGURES:
                figures[f"qiki_{association}_{identity}_{figure}"] = getattr(score, figure)
    return figures


CASES = (
    Case(
        "real-radar",
        1,
        run,
        needs=f"the folder QIKI_TEST_DATA has no {NAME}",
        is_there=lambda: recording_file().is_file(),
    ),
)
