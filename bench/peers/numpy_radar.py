"""A radar simulator in numpy: the model of `qiki.radar.Radar` in whole-array operations.

Swerling 1 targets in coordinated turns, the radar equation, a threshold, noise that follows the
SNR, Poisson false alarms, records in the order of their bearing. It is spared what numpy would
pay for most: one stream of random numbers serves all targets, so its draws depend on their order;
and transponders are left out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MONOPULSE_SLOPE = 1.6
DB_PER_NEPER = 10.0 / np.log(10.0)


@dataclass(frozen=True)
class Accuracy:
    """Standard deviation sqrt(floor² + (resolution / slope)² / (2 SNR)) of one measurement."""

    resolution: float
    floor: float
    slope: float = 1.0

    def std(self, snr: Array) -> Array:
        """Standard deviation at each SNR, in the unit of the resolution."""
        width = self.resolution / self.slope
        return np.sqrt(self.floor**2 + 0.5 * width * width / snr)


@dataclass(frozen=True)
class Sensor:
    """Parameters of the radar; names as in a scenario."""

    reference_range_m: float
    reference_rcs_dbsm: float
    detection_probability: float
    false_alarm_probability: float
    false_alarms_per_frame: float
    min_range_m: float
    max_range_m: float
    elevation_deg: tuple[float, float]
    range_rate_limit_m_s: float
    sr_threshold_m: float
    range: Accuracy
    bearing: Accuracy
    elevation: Accuracy
    range_rate: Accuracy
    merges_unresolved: bool = False

    @property
    def threshold(self) -> float:
        """Power over the mean noise from which an echo is a detection."""
        return float(-np.log(self.false_alarm_probability))

    @property
    def loop_gain(self) -> float:
        """SNR times range⁴ over RCS [m⁴/m²]."""
        snr = self.threshold / -np.log(self.detection_probability) - 1.0
        return float(snr * self.reference_range_m**4 / 10.0 ** (0.1 * self.reference_rcs_dbsm))


class NumpyRadar:
    """Makes frames of targets that turn at constant rates, seen from the origin.

    Parameters
    ----------
    sensor : Sensor
    record : numpy dtype
        Structured type of a detection.
    present : int
        What every record's field ``present`` holds.
    position_m, velocity_m_s : (n, 3) float64
        At time 0.
    turn_rate_deg_s : (n,) float64
        Clockwise seen from above; not zero.
    rcs_dbsm : (n,) float64
    seed : int
    """

    def __init__(
        self,
        sensor: Sensor,
        record: np.dtype[np.void],
        present: int,
        position_m: Array,
        velocity_m_s: Array,
        turn_rate_deg_s: Array,
        rcs_dbsm: Array,
        seed: int,
    ) -> None:
        self._sensor = sensor
        x, y, self._z_m = np.ascontiguousarray(position_m.T)
        u, v, self._climb_m_s = np.ascontiguousarray(velocity_m_s.T)
        self._rate_rad_s = np.radians(turn_rate_deg_s)
        self._heading_rad = np.arctan2(u, v)
        self._speed_m_s = np.hypot(u, v)
        self._radius_m = self._speed_m_s / self._rate_rad_s
        # Right of the heading (sin, cos) lies (cos, -sin): there is the centre of the circle.
        self._center_x_m = x + self._radius_m * np.cos(self._heading_rad)
        self._center_y_m = y - self._radius_m * np.sin(self._heading_rad)
        self._signal = sensor.loop_gain * 10.0 ** (0.1 * rcs_dbsm)
        self._random = np.random.Generator(np.random.Philox(seed))
        self._blank = np.zeros(1, record)
        for name in record.names or ():
            if record[name].kind == "f":
                self._blank[name] = np.nan
        self._blank["present"] = present

    def frame(self, time_s: float) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int32]]:
        """Make one frame.

        Parameters
        ----------
        time_s : float

        Returns
        -------
        detections : (m,) records
        truth : (m,) int32
            Index of the target, -1 for a false alarm.
        """
        places, powers, truth = self._echoes(time_s)
        alarm_places, alarm_powers = self._false_alarms()
        place = np.concatenate([places, alarm_places], axis=1)
        power = np.concatenate([powers, alarm_powers])
        noise = self._random.standard_normal(places.shape)
        detections = self._measured(place, power, noise)
        detections["time_ns"] = round(time_s * 1e9)
        truth = np.concatenate([truth, np.full(len(alarm_powers), -1)]).astype(np.int32)
        order = np.argsort(detections["bearing_deg"])
        # An index in brackets copies records field by field: 25 times slower.
        return detections.take(order), truth.take(order)

    def _echoes(self, time_s: float) -> tuple[Array, Array, npt.NDArray[np.int64]]:
        """Range, bearing, elevation, range rate of those detected, their power and index."""
        heading_rad = self._heading_rad + self._rate_rad_s * time_s
        sine, cosine = np.sin(heading_rad), np.cos(heading_rad)
        x = self._center_x_m - self._radius_m * cosine
        y = self._center_y_m + self._radius_m * sine
        z = self._z_m + self._climb_m_s * time_s
        ground2 = x * x + y * y
        range2 = ground2 + z * z
        range_m = np.sqrt(range2)
        bearing_deg = wrap_360(np.degrees(np.arctan2(x, y)))
        elevation_deg = np.degrees(np.arctan2(z, np.sqrt(ground2)))
        along = (x * sine + y * cosine) * self._speed_m_s + z * self._climb_m_s
        rate_m_s = along / range_m
        snr = self._signal / (range2 * range2)
        place = np.stack([range_m, bearing_deg, elevation_deg, rate_m_s])
        sensor = self._sensor
        low_deg, high_deg = sensor.elevation_deg
        is_covered = (
            (range_m >= sensor.min_range_m)
            & (range_m <= sensor.max_range_m)
            & (elevation_deg >= low_deg)
            & (elevation_deg <= high_deg)
            & (np.abs(rate_m_s) <= sensor.range_rate_limit_m_s)
        )
        if sensor.merges_unresolved:
            snr = self._merge(snr, place, np.flatnonzero(is_covered))
        power = (1.0 + snr) * self._random.standard_exponential(len(x))
        seen = np.flatnonzero((power > sensor.threshold) & is_covered)
        return place[:, seen], power[seen], seen

    def _merge(self, snr: Array, place: Array, index: npt.NDArray[np.int64]) -> Array:
        """SNR with that of a cell at its strongest target and -1 at the others; moves the places.

        Sorted by cell and SNR, so that each cell is a slice with the strongest at its end.
        """
        cell = self._cells(place[:, index])
        order = np.lexsort((snr[index], cell))
        index, cell = index[order], cell[order]
        starts = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        strongest = index[np.concatenate([starts[1:], [len(index)]]) - 1]
        total = np.add.reduceat(snr[index], starts)
        moment = np.add.reduceat(place[:, index] * snr[index], starts, axis=1)
        place[:, strongest] = moment / total
        merged = np.full(len(snr), -1.0)
        merged[strongest] = total
        return merged

    def _cells(self, place: Array) -> npt.NDArray[np.int64]:
        """Number of the resolution cell of each place."""
        sensor = self._sensor
        count = int(360.0 / sensor.bearing.resolution)
        range_cell = (place[0] / sensor.range.resolution).astype(np.int64)
        bearing_cell = (place[1] * (count / 360.0)).astype(np.int64)
        elevation_cell = np.rint(place[2] / sensor.elevation.resolution).astype(np.int64)
        rate_cell = np.rint(place[3] / sensor.range_rate.resolution).astype(np.int64)
        angles = bearing_cell * 1000 + elevation_cell + 500
        return (range_cell * 10_000 + rate_cell + 5000) * (1000 * count) + angles

    def _false_alarms(self) -> tuple[Array, Array]:
        sensor = self._sensor
        count = self._random.poisson(sensor.false_alarms_per_frame)
        low_deg, high_deg = sensor.elevation_deg
        limit = sensor.range_rate_limit_m_s
        lowest = np.array([sensor.min_range_m, 0.0, low_deg, -limit])
        extent = np.array([sensor.max_range_m, 360.0, high_deg, limit]) - lowest
        place = lowest[:, None] + extent[:, None] * self._random.random((4, count))
        return place, sensor.threshold + self._random.standard_exponential(count)

    def _measured(self, place: Array, power: Array, noise: Array) -> npt.NDArray[np.void]:
        """Records of the plots; only the first, the targets', have noise: one column each."""
        sensor = self._sensor
        snr = power - 1.0
        accuracies = (sensor.range, sensor.bearing, sensor.elevation, sensor.range_rate)
        std = np.stack([accuracy.std(snr) for accuracy in accuracies])
        place[:, : noise.shape[1]] += std[:, : noise.shape[1]] * noise
        range_m, bearing_deg, elevation_deg, rate_m_s = place
        detections = self._blank.repeat(len(power))
        detections["range_m"] = range_m
        detections["bearing_deg"] = wrap_360(bearing_deg)
        detections["elevation_deg"] = elevation_deg
        detections["range_rate_m_s"] = rate_m_s
        detections["range_std_m"], detections["bearing_std_deg"] = std[0], std[1]
        detections["elevation_std_deg"], detections["range_rate_std_m_s"] = std[2], std[3]
        snr_db = DB_PER_NEPER * np.log(snr)
        detections["snr_db"] = snr_db
        gain_db = DB_PER_NEPER * np.log(sensor.loop_gain)
        detections["rcs_dbsm"] = snr_db + 4.0 * DB_PER_NEPER * np.log(range_m) - gain_db
        detections["range_band"] = np.where(range_m <= sensor.sr_threshold_m, 2, 1)
        return detections


def wrap_360(angle_deg: Array) -> Array:
    """Bring angles from -360 to 720 into [0, 360); the remainder of a division costs ten times."""
    raised = np.where(angle_deg < 0.0, angle_deg + 360.0, angle_deg)
    return np.where(raised >= 360.0, raised - 360.0, raised)
