import numpy as np

from qiki.figures import REFUSAL_KINDS, Figures, refusal_kind
from qiki.latency_histogram import LatencyHistogram


def test_a_kind_of_refusal_has_no_values_in_it():
    kinds = {
        refusal_kind(f"frame: detections[{n}].range_m is -{n}.5e3, must be 0 to 1e9")
        for n in range(5)
    }
    assert kinds == {"frame: detections[].range_m"}
    assert refusal_kind("RadarFrameColumns: at byte 17: cut short") == (
        "RadarFrameColumns: at byte: cut short"
    )


def test_whoever_sends_frames_does_not_choose_the_memory():
    figures = Figures()
    for first in "abcdefghij":
        for second in "abcdefghij":
            figures.frame_not_accepted("refused", f"field {first}{second} is 3")
    assert len(figures.not_accepted) == REFUSAL_KINDS + 1
    assert figures.not_accepted.total() == 100
    assert figures.not_accepted["refused", "other"] == 100 - REFUSAL_KINDS


def test_not_above_counts_as_sorting_does_but_for_a_bucket():
    latencies_ms = np.sort(np.random.default_rng(2).lognormal(1, 1, 3000))
    edges_ms = [1e-4, 0.5, 1.0, 5.0, 50.0, 1e9]
    histogram = LatencyHistogram()
    for latency_ms in latencies_ms:
        histogram.add(latency_ms)
    counts = histogram.not_above(edges_ms)
    for edge_ms, count in zip(edges_ms, counts, strict=True):
        assert np.searchsorted(latencies_ms, edge_ms / 1.01) <= count
        assert count <= np.searchsorted(latencies_ms, edge_ms * 1.0001, side="right")
    assert (counts[0], counts[-1]) == (0, 3000)
    assert histogram.sum_ms == latencies_ms.sum() or np.isclose(
        histogram.sum_ms, latencies_ms.sum(), rtol=1e-12
    )
