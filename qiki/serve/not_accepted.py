"""The bridge's log, in which frames that the tracker did not use are few lines."""

import time

import structlog

from qiki.bus.recoverable_worker import FRAME_NOT_ACCEPTED
from qiki.bus.worker_effects import Report

REPEAT_S = 10.0

log = structlog.get_logger()


class NotAcceptedLog:
    """Writes a worker's reports; of frames not accepted the first, then one each `REPEAT_S`.

    Attributes
    ----------
    count : frames not accepted so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._silent_until_s = 0.0

    def write(self, report: Report) -> None:
        """Write one report to the log, unless there are too many of its kind."""
        facts = report.facts
        if report.event == FRAME_NOT_ACCEPTED:
            self.count += 1
            if (now_s := time.monotonic()) < self._silent_until_s:
                return
            self._silent_until_s = now_s + REPEAT_S
            facts = {**facts, "count": self.count}
        getattr(log, report.level)(report.event, **facts)

    def close(self) -> None:
        """Log the number of all."""
        if self.count:
            log.warning("frames_not_accepted", count=self.count)
