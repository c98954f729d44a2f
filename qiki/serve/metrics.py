"""The figures of a process as families of Prometheus; imported only where they are served."""

import asyncio
import concurrent.futures
from collections import Counter
from collections.abc import Iterator
from typing import Any

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

import qiki
from qiki.figures import FIGURES
from qiki.serve.consumer_lag import ConsumerName, Lag, LagReader
from qiki.tracking.registration_config import BIASES

LAG_PATIENCE_S = 2.0
EDGES_S = (5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class FiguresCollector:
    """Makes the families up when somebody scrapes; between scrapes nothing is kept for it.

    Parameters
    ----------
    service : the name of the service.
    lags : asks the broker.
    loop : of the service, on which the broker is asked; `collect` is called in another thread.
    """

    def __init__(self, service: str, lags: LagReader, loop: asyncio.AbstractEventLoop) -> None:
        self._service = service
        self._lags = lags
        self._loop = loop

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not collect: the loop is busy with it."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        names = {"service": self._service, "version": qiki.__version__}
        yield InfoMetricFamily("qiki_service", "Which service this is.", names)
        yield CounterMetricFamily(
            "qiki_frames", "Frames published by a simulator, answered by a bridge.", FIGURES.frames
        )
        yield CounterMetricFamily("qiki_detections", "Detections in them.", FIGURES.detections)
        yield GaugeMetricFamily(
            "qiki_tracks_confirmed", "After the newest answered frame.", FIGURES.tracks_confirmed
        )
        yield _counted(
            "qiki_frames_not_accepted",
            "Frames that changed no track.",
            ("verdict", "reason"),
            FIGURES.not_accepted,
        )
        yield _counted(
            "qiki_tracks_messages_not_guarded",
            "Tracks messages whose alerts a guard could not tell, or not all.",
            ("reason",),
            FIGURES.not_guarded,
        )
        yield _counted(
            "qiki_tracks_not_told",
            "Answers whose tracks did not go out in JSON.",
            ("reason",),
            FIGURES.tracks_not_told,
        )
        yield _counted(
            "qiki_published",
            "Messages that a stream has acknowledged.",
            ("subject",),
            FIGURES.published,
        )
        yield _counted(
            "qiki_records",
            "Records in the registrar's database.",
            ("kind",),
            FIGURES.records,
        )
        yield from _registration()
        yield _latency()
        yield from self._lag()

    def _lag(self) -> Iterator[Metric]:
        """Yield the lags; none where the broker is away."""
        pending = GaugeMetricFamily(
            "qiki_consumer_lag_messages",
            "Messages that the consumer has not got yet.",
            labels=("stream", "consumer"),
        )
        unacknowledged = GaugeMetricFamily(
            "qiki_consumer_unacknowledged_messages",
            "Messages that it has got and not acknowledged.",
            labels=("stream", "consumer"),
        )
        for name, lag in self._read_lags().items():
            pending.add_metric(name, lag.pending)
            unacknowledged.add_metric(name, lag.unacknowledged)
        yield from (pending, unacknowledged)

    def _read_lags(self) -> dict[ConsumerName, Lag]:
        asked = asyncio.run_coroutine_threadsafe(self._lags.read(), self._loop)
        try:
            return asked.result(LAG_PATIENCE_S)
        except concurrent.futures.TimeoutError:
            asked.cancel()
            return {}


def _counted(name: str, words: str, labels: tuple[str, ...], counts: Counter[Any]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for key, count in list(counts.items()):  # a copy, which the service does not change meanwhile
        family.add_metric((key,) if isinstance(key, str) else key, count)
    return family


def _registration() -> Iterator[Metric]:
    """Yield what is known of the biases of each sensor; the label `bias` has the unit in it."""
    bias, std = (
        GaugeMetricFamily(f"qiki_registration_{name}", words, labels=("sensor_id", "bias"))
        for name, words in (
            ("bias", "What the sensor reports too much, as it is estimated."),
            ("bias_std", "Standard deviation of that."),
        )
    )
    states = {
        state: GaugeMetricFamily(f"qiki_registration_{state}", words, labels=("sensor_id",))
        for state, words in (
            ("aligned", "1 where the estimate can be used."),
            ("applied", "1 where it is taken out of the sensor's frames."),
        )
    }
    for sensor_id, estimate in list(FIGURES.registration.items()):
        for name in BIASES:
            bias.add_metric((sensor_id, name), getattr(estimate.bias, name))
            std.add_metric((sensor_id, name), getattr(estimate.std, name))
        for state, family in states.items():
            family.add_metric((sensor_id,), getattr(estimate, state))
    yield from (bias, std, *states.values())


def _latency() -> Metric:
    counts = FIGURES.latency.not_above([edge_s * 1e3 for edge_s in EDGES_S])
    buckets = [(str(edge_s), float(count)) for edge_s, count in zip(EDGES_S, counts, strict=True)]
    return HistogramMetricFamily(
        "qiki_frame_to_tracks_seconds",
        "Frame published to tracks stored.",
        buckets=[*buckets, ("+Inf", float(FIGURES.latency.count))],
        sum_value=FIGURES.latency.sum_ms / 1e3,
    )
