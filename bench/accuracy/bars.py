"""What must hold of the results: one list of bars, and where the others are held."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from bench.accuracy import turns
from bench.accuracy.case import PEERS
from bench.accuracy.crossing import ANGLES_DEG, PAIRS, case_name
from bench.accuracy.statistics import ratio_bound
from bench.accuracy.store import Results
from tests.tracking.consistency_runs import SIGNIFICANCE

SURE_ANGLE_DEG = 20
"""From which two that cross must not change their tracks."""


@dataclass(frozen=True)
class Bar:
    """A figure and the limit that it must keep.

    Attributes
    ----------
    what : str
    limit : float
    value : callable
        The figure of the results.
    form : str
        How figure and limit are written, a format specification.
    at_least : bool
        Whether the limit is the least that it must be, not the most.
    """

    what: str
    limit: float
    value: Callable[[Results], float]
    form: str = ".3f"
    at_least: bool = False

    def holds(self, results: Results) -> bool:
        """Whether it does."""
        value = self.value(results)
        return value >= self.limit if self.at_least else value <= self.limit


def rms_m(squares_m2: list[float]) -> float:
    """Root of the mean over seeds of a case of squares."""
    return float(np.sqrt(np.mean(squares_m2)))


def figures_of(results: Results, case: str, figure: str) -> dict[str, list[float]]:
    """Figures of QIKI's or of its peers' side of a case, whichever has one of this name."""
    return results[case if figure.startswith("qiki") else case + PEERS]


def share(results: Results, angle_deg: float, range_rate: bool, figure: str) -> float:
    """Share of a crossing's pairs, of a figure such as ``qiki_gnn_swapped``."""
    counts = figures_of(results, case_name(angle_deg, range_rate), figure)[figure]
    return sum(counts) / (PAIRS * len(counts))


def ratio_of_gospa(
    results: Results, case: str, association: str, which: str
) -> tuple[float, float]:
    """Mean ratio of QIKI's GOSPA to Stone Soup's on the same seeds, and its upper 95 % bound."""
    names = [f"{who}_{association}_{which}" for who in ("qiki", "stone_soup")]
    pairs = zip(*(figures_of(results, case, name)[name] for name in names), strict=True)
    return ratio_bound(*zip(*pairs, strict=True))


def _ratio(case: str, association: str) -> Callable[[Results], float]:
    return lambda results: ratio_of_gospa(results, case, association, "from_start_m")[1]


def _meeting(association: str) -> Callable[[Results], float]:
    return lambda results: rms_m(results["meeting"][f"qiki_{association}_m2"])


def _most_swapped(association: str) -> Callable[[Results], float]:
    sure = [angle for angle in ANGLES_DEG if angle >= SURE_ANGLE_DEG]
    figure = f"qiki_{association}_swapped"
    return lambda results: max(share(results, angle, False, figure) for angle in sure)


def _turns_lost(association: str) -> Callable[[Results], float]:
    name = f"qiki_{association}_lost"
    return lambda results: float(np.mean(results["turns"][name])) / turns.TARGETS


def _nis_outside(results: Results) -> float:
    of = results["consistency"]
    rows = zip(of["linear_nis"], of["linear_nis_low"], of["linear_nis_high"], strict=True)
    return float(sum(not low <= nis <= high for nis, low, high in rows))


def _recording(figure: str, identity: str = "withheld") -> Callable[[Results], float]:
    return lambda results: results["real-radar"][f"qiki_gnn_{identity}_{figure}"][0]


def _most(case: str, figure: str) -> Callable[[Results], float]:
    return lambda results: max(results[case][figure])


def _unnoticed(results: Results) -> float:
    of = results["consistency"]
    return float(
        sum(value == 0.0 for name in of if name.endswith("_noticed") for value in of[name])
    )


def _most_deviations(name: str) -> Callable[[Results], float]:
    figures = [f"{name}_{what}_deviations" for what in ("nis", "nees")]
    return lambda results: max(abs(v) for f in figures for v in results["consistency"][f])


def deviations_limit() -> float:
    """Standard deviations that two samples differ by with a probability of 1e-6."""
    return float(norm.isf(SIGNIFICANCE / 2.0))


def _attack_bars(association: str) -> tuple[Bar, ...]:
    def worst(figure: str) -> Callable[[Results], float]:
        return _most("identity-attack", f"qiki_{association}_{figure}")

    about = f"Replies under attack, `{association}`"
    return (
        Bar(f"{about}: a refuted id told [s]", 10, worst("forged_told_s"), ".0f"),
        Bar(f"{about}: hand-offs lost", 0, worst("hand_offs_lost"), ".0f"),
        Bar(f"{about}: extra ids", 0.05, worst("extra_ids"), ".1%"),
    )


CLOSE = "GOSPA / Stone Soup's, upper 95 % bound of the mean ratio"
BARS = (
    Bar(f"`sparse`, `gnn`: {CLOSE}", 1.0, _ratio("sparse", "gnn")),
    Bar(f"`sparse`, `jpda`: {CLOSE}", 1.05, _ratio("sparse", "jpda")),
    Bar(f"`crowded`, `gnn`: {CLOSE}", 1.0, _ratio("crowded", "gnn")),
    Bar(f"`crowded`, `jpda`: {CLOSE}", 1.05, _ratio("crowded", "jpda")),
    Bar(
        "Meeting, `gnn`: RMS GOSPA [m]", 4.5, lambda of: rms_m(of["meeting"]["qiki_gnn_m2"]), ".2f"
    ),
    Bar(
        "Meeting, `jpda`: RMS GOSPA [m]",
        4.5,
        lambda of: rms_m(of["meeting"]["qiki_jpda_m2"]),
        ".2f",
    ),
    Bar("Crossing at 20° and more, `gnn`: swapped", 0.02, _most_swapped("gnn"), ".1%"),
    Bar("Crossing at 20° and more, `jpda`: swapped", 0.02, _most_swapped("jpda"), ".1%"),
    Bar("Turns to 7 g, `gnn`: lost", 0.04, _turns_lost("gnn"), ".1%"),
    Bar("Turns to 7 g, `jpda`: lost", 0.04, _turns_lost("jpda"), ".1%"),
    Bar("Real radar, identity withheld: coverage", 0.985, _recording("coverage"), ".4f", True),
    Bar("Real radar, identity withheld: purity", 0.9995, _recording("purity"), ".5f", True),
    Bar("Real radar, identity withheld: extra ids", 20, _recording("extra_ids"), ".0f"),
    Bar("Real radar, identity used: purity", 0.9999, _recording("purity", "used"), ".5f", True),
    Bar("Real radar, identity used: extra ids", 13, _recording("extra_ids", "used"), ".0f"),
    Bar("Two sensors: error of place [m]", 5, _most("registration", "offset_error_m"), ".2f"),
    Bar("Two sensors: error of time [ms]", 10, _most("registration", "time_error_ms"), ".2f"),
    *_attack_bars("gnn"),
    *_attack_bars("jpda"),
    Bar("Linear filter: draws with pooled NIS outside its band", 0, _nis_outside, ".0f"),
    Bar(
        "Linear filter: steps with NEES outside their band",
        0,
        lambda of: sum(of["consistency"]["linear_nees_outside"]),
        ".0f",
    ),
    Bar(
        "Tracks by a user's measurement: steps with NEES outside their band",
        0,
        lambda of: sum(of["consistency"]["measured_nees_outside"]),
        ".0f",
    ),
    Bar("Faults of a filter that went unnoticed", 0, _unnoticed, ".0f"),
    Bar(
        "Extended filter: standard deviations from the reference",
        deviations_limit(),
        _most_deviations("polar"),
        ".2f",
    ),
    Bar(
        "Interacting models: standard deviations from the reference",
        deviations_limit(),
        _most_deviations("bank"),
        ".2f",
    ),
)

ELSEWHERE = (
    (
        "Tracks' probability of existence against what does follow a target",
        "tests/tracking/test_existence.py",
    ),
    ("A sensor's other biases found from targets", "tests/tracking/test_registration.py"),
    ("A sensor's known biases taken out of its frames", "tests/tracking/test_sensor_bias.py"),
    (
        "Detections of a slow radar beside a quick one",
        "tests/tracking/test_older_detections.py",
    ),
    ("The simulator's registration errors", "tests/radar/test_registration.py"),
    (
        "Transponder codes in tracks, into the long range",
        "tests/tracking/test_transponder_track.py",
    ),
    (
        "Identities garbled, swapped and missing in the simulator",
        "tests/radar/test_secondary_surveillance.py",
    ),
)
"""What of accuracy and its price is measured elsewhere: the figure and the file that holds it."""
