"""Tells of users' models that spoil the frames of a radar: when it begins and when it is over."""

import structlog
from structlog.typing import FilteringBoundLogger

from qiki.serve.station import Arrival

log = structlog.get_logger()


class ModelFaults:
    """What is told of one radar; a fault in every frame is one line, not ten in a second.

    Parameters
    ----------
    sensor : name of the radar.
    bot_log : says which bot it is of, of several.
    """

    def __init__(self, sensor: str, bot_log: FilteringBoundLogger = log) -> None:
        self._log = bot_log
        self._sensor = sensor
        self._spoiled = 0

    def tell(self, arrival: Arrival) -> None:
        """Take note of what goes out: a frame, or a clock frame and why it stands for one."""
        frame, copy, fault = arrival
        if copy > 0:  # A repeated frame was noted the first time.
            return
        if fault is not None:
            if not self._spoiled:
                self._log.error(
                    "model_fault", sensor=self._sensor, number=frame.number, error=str(fault)
                )
            self._spoiled += 1
        elif self._spoiled and not frame.coverage.is_empty:
            self._log.warning(
                "model_answers_again",
                sensor=self._sensor,
                number=frame.number,
                frames_lost=self._spoiled,
            )
            self._spoiled = 0
