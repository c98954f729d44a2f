"""The log of frames that the tracker did not use, kept short when there are many."""

import time

import structlog

from qiki.tracking import Answer

REPEAT_S = 10.0

log = structlog.get_logger()


class NotAcceptedLog:
    """Logs the first such frame with its reason, then at most one line each `REPEAT_S`.

    Attributes
    ----------
    count : frames so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._silent_until_s = 0.0

    def note(self, answer: Answer) -> None:
        """Count the answer to a frame, unless it was accepted."""
        if answer.verdict == "accepted":
            return
        self.count += 1
        if (now_s := time.monotonic()) < self._silent_until_s:
            return
        self._silent_until_s = now_s + REPEAT_S
        log.warning(
            "frame_not_accepted",
            verdict=answer.verdict,
            reason=answer.reason,
            frame=answer.frame_id,
            count=self.count,
        )

    def close(self) -> None:
        """Log the number of all."""
        if self.count:
            log.warning("frames_not_accepted", count=self.count)
