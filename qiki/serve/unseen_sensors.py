"""Sensors that the settings name and no frame is from: a wrong id would do nothing in silence."""

import time

import structlog

from qiki.serve.tracker_config import sensors_named
from qiki.settings import TrackerSettings

PATIENCE_S = 30.0  # behind the first answered frame
SHOWN_MAX = 8

log = structlog.get_logger()


class UnseenSensors:
    """Compares the sensors of the frames with those that the settings name.

    Parameters
    ----------
    settings : of the tracker.

    Attributes
    ----------
    setting_by_id : of each sensor that no frame was from yet, the setting that names it.

    Raises
    ------
    SettingError, GuardRulesError : as `sensors_named`.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self.setting_by_id = {sensor_id: name for name, sensor_id in sensors_named(settings)}
        self._seen: list[str] = []
        self._warn_s: float | None = None
        self._has_warned = False

    def take(self, sensor_id: str) -> None:
        """Take the sensor of an answered frame; say in the log which never came, and which came."""
        if not self.setting_by_id:
            return
        if sensor_id not in self._seen and len(self._seen) < SHOWN_MAX:
            self._seen.append(sensor_id)
        if self.setting_by_id.pop(sensor_id, None) and self._has_warned:
            log.info("configured_sensor_seen", sensor_id=sensor_id)
        now_s = time.monotonic()
        if self._warn_s is None:
            self._warn_s = now_s + PATIENCE_S
        if now_s >= self._warn_s and self.setting_by_id and not self._has_warned:
            self._has_warned = True
            self._warn()

    def _warn(self) -> None:
        for sensor_id, setting in self.setting_by_id.items():
            log.warning(
                "configured_sensor_never_seen",
                sensor_id=sensor_id,
                setting=setting,
                seen=self._seen,
                remedy=f"correct the id in {setting}, or start that radar",
            )
