"""What is told of sensors whose biases are sought: when one is found, applied, moves or is lost."""

from typing import Any, Literal, NamedTuple

from qiki.bus.worker_effects import Report
from qiki.serve.registration_watch import table_of
from qiki.tracking import Answer, RegistrationEstimate
from qiki.tracking.registration_config import BIASES

REGISTRATION_CHANGED = "registration_changed"
MOVED_EVERY_NS = 10_000_000_000  # by the times of frames, between two estimates that are told

Change = Literal["aligned", "applied", "lost", "moved"]


class Told(NamedTuple):
    """What the answer to a sensor's frame tells of its biases."""

    sensor_id: str
    frame_id: str | None
    time_ns: int
    estimate: RegistrationEstimate

    def facts(self, change: Change) -> dict[str, Any]:
        """Return it as the log and the event have it."""
        return {
            "sensor_id": self.sensor_id,
            "frame": self.frame_id,
            "time_ns": self.time_ns,
            "change": change,
            **table_of(self.estimate),
        }


class RegistrationNews:
    """Compares each answer with what was last told of its sensor.

    After a start, what was aligned before may be told again.

    Attributes
    ----------
    latest : by the id of their sensor, those of the newest answers.
    """

    def __init__(self) -> None:
        self.latest: dict[str, Told] = {}
        self._told: dict[str, Told] = {}

    def of(self, answer: Answer) -> Report | None:
        """Return what is new with an answer, if anything is."""
        estimate = answer.registration
        if estimate is None:
            return None
        now = Told(answer.sensor_id, answer.frame_id, answer.time_ns, estimate)
        self.latest[now.sensor_id] = now
        change = change_of(self._told.get(now.sensor_id), now)
        if change is None:
            return None
        self._told[now.sensor_id] = now
        level: Literal["info", "warning"] = "warning" if change == "lost" else "info"
        return Report(level, REGISTRATION_CHANGED, now.facts(change))

    def standing(self) -> list[dict[str, Any]]:
        """Return the facts of each sensor that is aligned now."""
        aligned = [told for told in self.latest.values() if told.estimate.aligned]
        return [told.facts(_state(told.estimate)) for told in aligned]


def change_of(before: Told | None, now: Told) -> Change | None:
    """Return what has changed since a sensor was told of, None where it is not worth telling.

    An estimate has moved where a bias differs by more than its own standard deviation, and is told
    then if that was not done just before.
    """
    was = before.estimate if before is not None else None
    state = _state(now.estimate)
    if state != ("lost" if was is None else _state(was)):
        return state
    if before is None or was is None or not now.estimate.aligned:
        return None
    is_due = abs(now.time_ns - before.time_ns) >= MOVED_EVERY_NS
    return "moved" if is_due and _has_moved(was, now.estimate) else None


def _state(estimate: RegistrationEstimate) -> Literal["aligned", "applied", "lost"]:
    if not estimate.aligned:
        return "lost"
    return "applied" if estimate.applied else "aligned"


def _has_moved(was: RegistrationEstimate, now: RegistrationEstimate) -> bool:
    return any(
        abs(getattr(now.bias, name) - getattr(was.bias, name)) > getattr(now.std, name)
        for name in BIASES
    )
