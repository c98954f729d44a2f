"""Alerts of guard rules, as they stand."""

from collections.abc import Iterable
from typing import NamedTuple

from qiki.tracking import GuardAlert


class Alert(NamedTuple):
    """An alert that stands.

    Attributes
    ----------
    rule_id, title, severity, fsm_event : of its rule; `severity` is info, warning or critical.
    track_id, track_number : of whom it tells.
    time_ns, since_ns : when it was raised, and since when its rule is met [ns].
    range_m : then [m].
    """

    rule_id: str
    title: str
    severity: str
    fsm_event: str
    track_id: str
    track_number: int
    time_ns: int
    since_ns: int
    range_m: float


class StandingAlerts:
    """The alerts that stand, by the messages taken so far: raised, and neither cleared nor lost."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str], Alert] = {}

    def take(self, told: Iterable[GuardAlert]) -> list[Alert]:
        """Take the alerts of a message; return those that it raises."""
        raised = []
        for alert in told:
            key = (alert.rule_id, alert.track_id)
            if alert.kind == "raised":
                self._standing[key] = alert_of(alert)
                raised.append(self._standing[key])
            else:
                self._standing.pop(key, None)
        return raised

    def clear(self) -> None:
        """Forget all: the tracker that told them is no more."""
        self._standing.clear()

    @property
    def all(self) -> tuple[Alert, ...]:
        """Those that stand, in the order in which they were raised."""
        return tuple(self._standing.values())


def alert_of(told: GuardAlert) -> Alert:
    """Return an alert of a tracks message as a plain value."""
    return Alert(*(getattr(told, name) for name in Alert._fields))
