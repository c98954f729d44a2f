"""Score of a tracker against the 24-bit addresses that the plots of a Mode S radar carry.

The address is the truth: the tracker did not get it. Four figures say what can go wrong with a
track: plots it should hold and does not, plots of others it holds, a target that it is not the
only one to follow, and a swap.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qiki.errors import FrameError

NO_ADDRESS = -1
"""Address of a plot without one."""

NO_TRACK = 0
"""Track number of a plot that no track used."""


@dataclass(frozen=True)
class TrackingScore:
    """How well tracks follow aircraft.

    Attributes
    ----------
    plots : int
        Plots given to the tracker, with and without an address.
    coverage : float
        Share of the plots with an address that belong to a track confirmed at any time; its
        tentative plots count. NaN without a plot with an address.
    purity : float
        Share of those whose track has their address as its majority. NaN without any.
    extra_ids : int
        Sum over addresses of the confirmed tracks that have it as majority, minus one.
    mixed_tracks : int
        Confirmed tracks with plots of two or more addresses.
    """

    plots: int
    coverage: float
    purity: float
    extra_ids: int
    mixed_tracks: int


def score_tracks(
    addresses: npt.ArrayLike, tracks: npt.ArrayLike, confirmed: npt.ArrayLike
) -> TrackingScore:
    """Compare the tracks that plots were given with the plots' addresses.

    The majority address of a track is the one that most of its plots have, of equals the lowest.

    Parameters
    ----------
    addresses : (n,) int
        24-bit address of each plot; ``NO_ADDRESS`` where it has none.
    tracks : (n,) int
        Number of the track that used each plot; ``NO_TRACK`` where none did.
    confirmed : (m,) int
        Numbers of the tracks that were confirmed at any time, in any order.

    Returns
    -------
    TrackingScore

    Raises
    ------
    qiki.errors.FrameError
        `addresses` and `tracks` differ in length.
    """
    addresses = np.asarray(addresses, np.int64)
    tracks = np.asarray(tracks, np.uint64)
    if addresses.shape != tracks.shape or addresses.ndim != 1:
        raise FrameError(
            f"addresses and tracks have the shapes {addresses.shape} and {tracks.shape}, "
            "must be (n,) both: give one of each per plot"
        )
    named = addresses != NO_ADDRESS
    held = named & (tracks != NO_TRACK) & np.isin(tracks, np.asarray(confirmed, np.uint64))
    track, address, count = _pairs(tracks[held], addresses[held])
    first = np.flatnonzero(np.diff(track, prepend=-1))
    majorities = np.unique(address[first], return_counts=True)[1]
    return TrackingScore(
        plots=len(addresses),
        coverage=_share(held.sum(), named.sum()),
        purity=_share(count[first].sum(), held.sum()),
        extra_ids=int(np.sum(majorities - 1)),
        mixed_tracks=int(np.sum(np.diff(first, append=len(track)) > 1)),
    )


def _pairs(
    tracks: npt.NDArray[np.uint64], addresses: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Each track's addresses, most frequent first: (track index, address, plots), all (k,)."""
    track = np.unique(tracks, return_inverse=True)[1]
    known, address = np.unique(addresses, return_inverse=True)
    pair, count = np.unique(track * max(len(known), 1) + address, return_counts=True)
    track, address = np.divmod(pair, max(len(known), 1))
    order = np.lexsort((address, -count, track))
    return track[order], known[address[order]], count[order]


def _share(part: np.integer, whole: np.integer) -> float:
    return float(part) / float(whole) if whole else float("nan")
