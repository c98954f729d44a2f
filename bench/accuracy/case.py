"""A case: one scene of the accuracy page, run once for each of its seeds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

import qiki._core
from qiki.metrics import gospa

Array = npt.NDArray[np.float64]
Scans = Iterable[tuple[int, Array]]
"""Time [ns] and measurements of each scan."""
Picture = Mapping[object, Array]
"""Position [m] of each track by its name."""

PEERS = "-peers"
"""Ends the names of cases in which others' trackers see what QIKI's see in the case before it."""
Follow = Callable[..., Iterable[Picture]]
"""A tracker that is given a scene."""


@dataclass(frozen=True)
class Case:
    """One scene and what is measured there.

    Attributes
    ----------
    name : str
    seeds : int
        How many draws of the scene are run: seeds 0 and up.
    run : callable of int
        Figures by name, of one seed; the same for the same seed.
    needs : str
        What must be there to run it, for the message when it is not.
    is_there : callable
        Whether that is there.
    """

    name: str
    seeds: int
    run: Callable[[int], dict[str, float]]
    needs: str = ""
    is_there: Callable[[], bool] = lambda: True

    @property
    def made_by(self) -> str:
        """What the figures depend on: the compiled core, or the version of the peer."""
        return f"stonesoup-{version('stonesoup')}" if self.name.endswith(PEERS) else core()


@cache
def core() -> str:
    """Name the compiled core by the SHA-256 of its file: its version alone tells no two apart."""
    return "core-" + sha256(Path(qiki._core.__file__).read_bytes()).hexdigest()[:12]


def sides(ours: Follow, stone_soup: Follow) -> tuple[tuple[str, dict[str, Follow]], ...]:
    """Give the two sides of a comparison: the ending of the case's name and its trackers.

    Parameters
    ----------
    ours, stone_soup : callable
        Take ``association`` beside the scene.
    """
    return tuple(
        (
            ending,
            {f"{who}_{word}": partial(follow, association=word) for word in ("gnn", "jpda")},
        )
        for ending, who, follow in (("", "qiki", ours), (PEERS, "stone_soup", stone_soup))
    )


def gospa_m(
    truths_m: Iterable[Array], pictures: Iterable[Picture], *, cutoff_m: float
) -> npt.NDArray[np.float64]:
    """GOSPA (p 2, alpha 2) and its counts of missed and false tracks, scan by scan.

    Parameters
    ----------
    truths_m : iterable of (n, d) float64
    pictures : iterable of dict
    cutoff_m : float

    Returns
    -------
    (scans, 3) float64
        Distance [m], missed targets, false tracks.
    """
    rows = []
    for truth_m, picture in zip(truths_m, pictures, strict=True):
        found_m = np.array(list(picture.values())).reshape(-1, truth_m.shape[1])
        found = gospa(truth_m, found_m, cutoff_m=cutoff_m)
        rows.append((found.distance_m, found.missed, found.false))
    return np.array(rows, dtype=float)
