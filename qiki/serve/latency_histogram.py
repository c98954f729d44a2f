"""Percentiles of latencies in constant memory."""

import math
from bisect import bisect_left
from itertools import accumulate


class LatencyHistogram:
    """Counts latencies in buckets of equal ratio.

    A percentile is the upper edge of its bucket, so it is exact to 1 % and never too small
    (tests/serve/test_latency_histogram.py). Range: 1 microsecond to 20 minutes; what lies outside
    counts in the first or last bucket.
    """

    RATIO = 1.01
    LOWEST_MS = 1e-3
    BUCKETS = 2112

    def __init__(self) -> None:
        self.count = 0
        self._counts = [0] * self.BUCKETS

    def add(self, latency_ms: float) -> None:
        """Count one latency [ms]."""
        position = math.log(max(latency_ms, self.LOWEST_MS) / self.LOWEST_MS) / math.log(self.RATIO)
        self._counts[min(math.ceil(position), self.BUCKETS - 1)] += 1
        self.count += 1

    def percentile_ms(self, percent: float) -> float | None:
        """Return the latency that `percent` of all do not exceed [ms], None without any."""
        if self.count == 0:
            return None
        wanted = max(1, math.ceil(self.count * percent / 100))
        bucket = bisect_left(list(accumulate(self._counts)), wanted)
        return self.LOWEST_MS * float(self.RATIO**bucket)
