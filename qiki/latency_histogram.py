"""Percentiles of latencies in constant memory."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class LatencyHistogram:
    """Counts latencies in buckets of equal ratio.

    A percentile is the upper edge of its bucket, so it is exact to 1 % and never too small
    (tests/test_latency_histogram.py). Range: 1 microsecond to 20 minutes; what lies outside
    counts in the first or last bucket.
    """

    RATIO = 1.01
    LOWEST_MS = 1e-3
    BUCKETS = 2112

    def __init__(self) -> None:
        self.count = 0
        self.sum_ms = 0.0
        self._counts = [0] * self.BUCKETS

    def add(self, latency_ms: float) -> None:
        """Count one latency [ms]."""
        position = math.log(max(latency_ms, self.LOWEST_MS) / self.LOWEST_MS) / math.log(self.RATIO)
        self._counts[min(math.ceil(position), self.BUCKETS - 1)] += 1
        self.count += 1
        self.sum_ms += latency_ms

    def take(self, other: "LatencyHistogram") -> None:
        """Count the latencies of another histogram, too."""
        self.count += other.count
        self.sum_ms += other.sum_ms
        self._counts = [ours + its for ours, its in zip(self._counts, other._counts, strict=True)]

    def percentile_ms(self, percent: float) -> float | None:
        """Return the latency that `percent` of all do not exceed [ms], None without any."""
        if self.count == 0:
            return None
        wanted = max(1, math.ceil(self.count * percent / 100))
        bucket = bisect_left(list(accumulate(self._counts)), wanted)
        return self.LOWEST_MS * float(self.RATIO**bucket)

    def not_above(self, edges_ms: Sequence[float]) -> list[int]:
        """Return how many latencies lie in buckets that end at or below each edge [ms]."""
        totals = list(accumulate(self._counts, initial=0))
        return [totals[self._ending_by(edge_ms)] for edge_ms in edges_ms]

    def _ending_by(self, edge_ms: float) -> int:
        if edge_ms < self.LOWEST_MS:
            return 0
        # Rounded up by less than a bucket's width in a million: an edge of a bucket counts as one.
        position = math.log(edge_ms / self.LOWEST_MS) / math.log(self.RATIO) + 1e-6
        return min(math.floor(position) + 1, self.BUCKETS)
