"""A moving polar radar for the oracles: its measurements, and their Jacobian by complex step."""

from dataclasses import dataclass

import numpy as np

from qiki.radar import Present, empty_detections

RAD_PER_DEG = np.pi / 180.0


@dataclass(frozen=True)
class Channel:
    """One measured quantity: its field, its deviation, and its unit in terms of m and rad."""

    field: str
    deviation_field: str
    present: Present
    deviation: float
    unit: float = 1.0

    @property
    def variance(self):
        """As the detection's single-precision deviation has it, in m and rad."""
        return (float(np.float32(self.deviation)) * self.unit) ** 2


RANGE = Channel("range_m", "range_std_m", Present.RANGE, 12.0)
BEARING = Channel("bearing_deg", "bearing_std_deg", Present.BEARING, 0.25, RAD_PER_DEG)
ELEVATION = Channel("elevation_deg", "elevation_std_deg", Present.ELEVATION, 0.5, RAD_PER_DEG)
HEIGHT = Channel("height_m", "height_std_m", Present.HEIGHT, 40.0)
RATE = Channel("range_rate_m_s", "range_rate_std_m_s", Present.RANGE_RATE, 0.75)

SENSORS = {
    "range, bearing": (RANGE, BEARING),
    "range, bearing, elevation": (RANGE, BEARING, ELEVATION),
    "range, bearing, height": (RANGE, BEARING, HEIGHT),
    "range, bearing, rate": (RANGE, BEARING, RATE),
    "range, bearing, elevation, rate": (RANGE, BEARING, ELEVATION, RATE),
    "range, bearing, height, rate": (RANGE, BEARING, HEIGHT, RATE),
}


@dataclass(frozen=True)
class PolarSensor:
    """What a moving radar measures of a state; angles in radians."""

    channels: tuple[Channel, ...]
    position_m: tuple[float, float, float] = (120.0, -340.0, 15.0)
    velocity_m_s: tuple[float, float, float] = (12.0, -7.0, 0.5)

    def measure(self, state):
        """One value per channel; the state may be complex, for `jacobian`."""
        x, y, z = state[:3] - np.array(self.position_m)
        u, v, w = state[3:] - np.array(self.velocity_m_s)
        ground, slant = np.sqrt(x * x + y * y), np.sqrt(x * x + y * y + z * z)
        every = {
            "range_m": slant,
            "bearing_deg": angle(x, y),
            "elevation_deg": angle(z, ground),
            "height_m": z,
            "range_rate_m_s": (x * u + y * v + z * w) / slant,
        }
        return np.array([every[channel.field] for channel in self.channels])

    def jacobian(self, state):
        """Derivative of `measure`, exact to the last digits, since nothing is subtracted."""
        step = 1e-30
        columns = [self.measure(state + 1j * step * axis).imag / step for axis in np.eye(6)]
        return np.array(columns).T

    def covariance(self):
        """Covariance of `measure`'s values."""
        return np.diag([channel.variance for channel in self.channels])

    def residual(self, measured, expected):
        """Measured minus expected, bearings the short way round."""
        difference = measured - expected
        bearing = self.channels.index(BEARING)
        difference[bearing] = np.remainder(difference[bearing] + np.pi, 2.0 * np.pi) - np.pi
        return difference

    def detect(self, states, random):
        """Detections of the states with noise, and what they say in radians."""
        measured = np.array([self.measure(state) for state in states])
        measured += random.normal(size=measured.shape) * np.sqrt(np.diag(self.covariance()))
        measured[:, self.channels.index(BEARING)] %= 2.0 * np.pi
        detections = empty_detections(len(states))
        for channel, values in zip(self.channels, measured.T, strict=True):
            detections[channel.field] = values / channel.unit
            detections[channel.deviation_field] = channel.deviation
            detections["present"] |= np.uint32(channel.present)
        return detections, measured


def angle(opposite, adjacent):
    """atan2 near the real axis: the half-angle form has no branch there."""
    radius = np.sqrt(opposite * opposite + adjacent * adjacent)
    if adjacent.real >= 0.0:
        return 2.0 * np.arctan(opposite / (radius + adjacent))
    return 2.0 * np.arctan((radius - adjacent) / opposite)
