"""What the log says of sensors whose biases are sought: when one is found, applied or lost."""

from typing import Literal

from qiki.bus.worker_effects import Report
from qiki.serve.registration_watch import table_of
from qiki.tracking import Answer

REGISTRATION_CHANGED = "registration_changed"


class RegistrationNews:
    """Compares each answer with what was last known of its sensor.

    After a start, what was aligned before may be said again.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[bool, bool]] = {}

    def of(self, answer: Answer) -> Report | None:
        """Return what is new with an answer, if anything is."""
        estimate = answer.registration
        if estimate is None:
            return None
        state = estimate.aligned, estimate.applied
        before = self._known.get(answer.sensor_id, (False, False))
        self._known[answer.sensor_id] = state
        if state == before:
            return None
        facts = {"sensor_id": answer.sensor_id, "frame": answer.frame_id, **table_of(estimate)}
        level: Literal["info", "warning"] = "info" if estimate.aligned else "warning"
        return Report(level, REGISTRATION_CHANGED, facts)
