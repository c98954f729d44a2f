"""How much memory processes hold, and whether it grows."""

import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from scipy import stats

PAGE_KIB = "VmRSS:"


def resident_mib(pid):
    """Return the resident memory of a process, None where it has ended [MiB]."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(PAGE_KIB):
                return int(line.split()[1]) / 1024
    return None


class MemoryLog:
    """The resident memory of some processes over time.

    Parameters
    ----------
    names : what each is called, by process id.
    """

    def __init__(self, names):
        self._names = names
        self._begin_s = time.monotonic()
        self._samples = {pid: [] for pid in names}

    def sample(self):
        """Note the memory of each."""
        now_s = time.monotonic() - self._begin_s
        for pid, samples in self._samples.items():
            if (size_mib := resident_mib(pid)) is not None:
                samples.append((now_s, size_mib))

    def growth_mib(self, skipped):
        """Return by how much each grew after the first part `skipped` of the time [MiB]."""
        return {
            self._names[pid]: growth(np.array(samples), skipped)
            for pid, samples in self._samples.items()
        }


def growth(samples, skipped):
    """Return what a series grows by after its first part, by the slope of Theil and Sen.

    That is the median of the slopes of all pairs (Theil 1950; Sen 1968): a peak or a step down
    for a moment does not move it.

    Parameters
    ----------
    samples : (n, 2) array of times and sizes.
    skipped : part of the time, 0 to 1, in which it may grow as it likes.
    """
    times, sizes = samples.T
    late = times >= times[0] + skipped * (times[-1] - times[0])
    times, sizes = times[late], sizes[late]
    return float(stats.theilslopes(sizes, times).slope * (times[-1] - times[0]))
