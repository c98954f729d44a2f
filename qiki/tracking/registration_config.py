"""Settings of the registration of sensors in a running tracker."""

from __future__ import annotations

import msgspec

from qiki.errors import SettingError

BIASES = ("east_m", "north_m", "range_m", "bearing_deg", "time_s")
"""Names of the biases of a sensor, in the order of the covariance of `Registration`."""


class AlignedSensor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sensor whose biases are sought, and how large they may be.

    The standard deviations are about the biases that ``TrackerConfig.sensors`` has for the sensor,
    or about none; with 0 a bias is known and not sought.

    Attributes
    ----------
    sensor_id : str
        UUID of the sensor.
    position_std_m : float
        How far its own place may be off, east and north, one standard deviation [m], 0 to 1e5.
    range_std_m : float
        The same of its ranges [m], 0 to 1e5.
    bearing_std_deg : float
        The same of its bearings [deg], 0 to 10.
    time_std_s : float
        The same of its times [s], 0 to 10.
    search_m : float
        How far, east and north, its detections are first sought from the targets [m], 0 to 1e5.
        With 0 none is: where the biases are small against the distances between targets.
    """

    sensor_id: str
    position_std_m: float = 1000.0
    range_std_m: float = 100.0
    bearing_std_deg: float = 0.5
    time_std_s: float = 0.5
    search_m: float = 5000.0


class RegistrationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sensors are believed, and which are aligned to them; checked when a tracker is made.

    A tracker of its own follows what the references see, so that sensors with biases do not take
    its tracks along (``docs/registration.md``).

    Attributes
    ----------
    reference_ids : tuple of str
        UUIDs of the sensors that are believed, 1 to 256, but for the biases that
        ``TrackerConfig.sensors`` has for them.
    sensors : tuple of AlignedSensor
        Sensors whose biases are sought, 1 to 16.
    process_noise_m2_s3, vertical_process_noise_m2_s3 : float, optional
        Spectral density of the white noise acceleration of the targets, horizontal and vertical
        [m²/s³]; the tracker's without. They move with constant velocity, also where the tracker has
        motion models.
    apply : bool
        Whether the estimates are taken out of the sensors' frames, or told only.
    min_pairs : int
        Pairs of a target and a detection, since the sensor was aligned, from which its estimate is
        applied, 1 to 1e9.
    """

    reference_ids: tuple[str, ...] = ()
    sensors: tuple[AlignedSensor, ...] = ()
    process_noise_m2_s3: float | None = None
    vertical_process_noise_m2_s3: float | None = None
    apply: bool = False
    min_pairs: int = 200

    @classmethod
    def from_json(cls, text: str | bytes) -> RegistrationConfig:
        """Return the settings that JSON says; those that it leaves out have their defaults.

        Parameters
        ----------
        text : str or bytes

        Raises
        ------
        qiki.errors.SettingError
            No JSON, or an unknown or mistyped setting.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise SettingError(
                "the JSON of a registration must fit qiki.tracking.RegistrationConfig "
                f"({error}): correct it"
            ) from error

    def to_json(self) -> str:
        """Return the settings as JSON, the form that the compiled core reads."""
        return msgspec.json.encode(self).decode()
