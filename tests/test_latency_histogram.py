import numpy as np
import pytest

from qiki.latency_histogram import LatencyHistogram


@pytest.mark.parametrize("percent", [1, 50, 90, 99, 100])
def test_percentiles_are_exact_to_one_percent_and_never_too_small(percent):
    latencies_ms = np.random.default_rng(1).lognormal(1, 1, 5000)
    histogram = LatencyHistogram()
    for latency_ms in latencies_ms:
        histogram.add(latency_ms)
    exact_ms = np.percentile(latencies_ms, percent, method="inverted_cdf")
    assert exact_ms <= histogram.percentile_ms(percent) * (1 + 1e-12)
    assert histogram.percentile_ms(percent) <= 1.01 * exact_ms * (1 + 1e-12)


def test_nothing_measured_is_absent():
    assert LatencyHistogram().percentile_ms(50) is None


@pytest.mark.parametrize("latency_ms", [-1.0, 0.0, 1e12])
def test_out_of_range_is_counted_at_the_edge(latency_ms):
    histogram = LatencyHistogram()
    histogram.add(latency_ms)
    assert histogram.count == 1
    assert histogram.percentile_ms(50) is not None
