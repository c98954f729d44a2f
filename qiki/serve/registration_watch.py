"""What the tracks messages last told of each sensor's biases."""

from collections.abc import Mapping
from typing import Any

from qiki.radar import Scenario
from qiki.tracking import RegistrationEstimate
from qiki.tracking.registration_config import BIASES
from qiki.wire import decode_tracks

COUNTS = ("aligned", "applied", "pair_count", "target_count", "unused_frames")


class RegistrationWatch:
    """Keeps the newest estimate of each sensor.

    Attributes
    ----------
    latest : estimates by the id of their sensor.
    """

    def __init__(self) -> None:
        self.latest: dict[str, RegistrationEstimate] = {}

    def take(self, payload: bytes) -> None:
        """Take in a tracks message."""
        message = decode_tracks(payload)
        if message.registration is not None:
            self.latest[message.sensor_id] = message.registration

    def by_name(self, scenario: Scenario) -> dict[str, RegistrationEstimate]:
        """Return the estimates by the names of a scenario's sensors."""
        told = [sensor for sensor in scenario.sensors if sensor.sensor_id in self.latest]
        return {sensor.name: self.latest[sensor.sensor_id] for sensor in told}


def table_of(estimate: RegistrationEstimate) -> dict[str, Any]:
    """Return an estimate by names, ready for JSON."""
    counts = {name: getattr(estimate, name) for name in COUNTS}
    both = {"bias": estimate.bias, "std": estimate.std}
    return counts | {
        what: {name: getattr(biases, name) for name in BIASES} for what, biases in both.items()
    }


def text_of(table: Mapping[str, Any]) -> str:
    """Return the table of an estimate as one line; biases that are known are left out."""
    state = "applied" if table["applied"] else "aligned" if table["aligned"] else "not aligned"
    pairs = ((name, table["bias"][name], table["std"][name]) for name in BIASES)
    biases = (f"{name} {bias:.4g} ± {std:.2g}" for name, bias, std in pairs if std > 0)
    return f"{state}, {table['pair_count']} pairs, {', '.join(biases)}"
