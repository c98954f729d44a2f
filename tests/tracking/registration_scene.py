"""Targets that two sensors see, one of which reports too much of its place, ranges and times."""

from dataclasses import dataclass, field

import numpy as np

from qiki.radar import Present, RadarFrame, empty_detections
from qiki.tracking import Registration, Tracker, TrackerConfig

REFERENCE_ID = "00000000-0000-0000-0000-00000000000a"
SENSOR_ID = "00000000-0000-0000-0000-00000000000b"
THIRD_ID = "00000000-0000-0000-0000-00000000000c"
PLACES_M = {
    REFERENCE_ID: (0.0, 0.0),
    SENSOR_ID: (30_000.0, 10_000.0),
    THIRD_ID: (-20_000.0, 25_000.0),
}
BIASES = ("east_m", "north_m", "range_m", "bearing_deg", "time_s")
HEIGHT_M = 5000.0


def numbers(bias):
    """The numbers of a SensorBias in the order of `BIASES`."""
    return np.array([getattr(bias, name) for name in BIASES])


@dataclass
class Scene:
    """Targets, without process noise in straight flight.

    `bias` is what SENSOR_ID reports too much, in the order of `BIASES`.
    """

    seed: int
    bias: np.ndarray = field(default_factory=lambda: np.zeros(5))
    target_count: int = 100
    heading_deg: float | None = None
    speed_m_s: float | None = None
    centre_m: tuple[float, float] = (0.0, 0.0)
    half_side_m: float = 50_000.0
    std_m: float = 50.0
    detection_probability: float = 1.0
    clutter: int = 0
    process_noise_m2_s3: float = 0.0
    time_s: float = 0.0

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        count, half_m = self.target_count, self.half_side_m
        self.place_m = self.rng.uniform(-half_m, half_m, (count, 2)) + self.centre_m
        heading = np.radians(self.rng.uniform(0.0, 360.0, count))
        if self.heading_deg is not None:
            heading = np.full(count, np.radians(self.heading_deg))
        speed_m_s = self.rng.uniform(150.0, 250.0, count)
        if self.speed_m_s is not None:
            speed_m_s = np.full(count, self.speed_m_s)
        self.velocity_m_s = (speed_m_s * [np.sin(heading), np.cos(heading)]).T

    def move_to(self, time_s):
        """Move the targets on, by a velocity that is a random walk."""
        dt_s, self.time_s = time_s - self.time_s, time_s
        self.place_m = self.place_m + dt_s * self.velocity_m_s
        if self.process_noise_m2_s3 > 0.0 and dt_s > 0.0:
            first, second = self.rng.normal(size=(2, self.target_count, 2))
            of_velocity = np.sqrt(self.process_noise_m2_s3 * dt_s)
            self.velocity_m_s = self.velocity_m_s + of_velocity * first
            self.place_m = self.place_m + of_velocity * dt_s * (first / 2 + second / np.sqrt(12))

    def frame(self, sensor_id, number, time_s):
        """What a sensor reports of what it sees at a true time."""
        bias = self.bias if sensor_id == SENSOR_ID else np.zeros(5)
        east_m, north_m, range_m, bearing_deg, clock_s = bias
        at_m = np.array(PLACES_M[sensor_id])
        seen = self.rng.uniform(size=self.target_count) < self.detection_probability
        self.move_to(time_s)
        relative_m = (self.place_m - at_m)[seen]
        half_m = self.half_side_m
        clutter_m = self.rng.uniform(-half_m, half_m, (self.clutter, 2)) + self.centre_m - at_m
        relative_m = np.concatenate([relative_m, clutter_m])
        truth = np.concatenate([np.flatnonzero(seen), np.full(self.clutter, -1)])
        order = self.rng.permutation(len(truth))
        relative_m, truth = relative_m[order], truth[order]
        slant_m = np.hypot(np.hypot(*relative_m.T), HEIGHT_M)
        bearing_std_deg = np.degrees(self.std_m / np.hypot(*relative_m.T).clip(1000.0))
        noise = self.rng.normal(size=(3, len(slant_m)))
        detections = empty_detections(len(slant_m))
        time_ns = round((time_s + clock_s) * 1e9)
        detections["time_ns"] = time_ns
        detections["range_m"] = slant_m + self.std_m * noise[0] + range_m
        detections["range_std_m"] = self.std_m
        true_deg = np.degrees(np.arctan2(*relative_m.T))
        detections["bearing_deg"] = (true_deg + bearing_std_deg * noise[1] + bearing_deg) % 360.0
        detections["bearing_std_deg"] = bearing_std_deg
        detections["height_m"], detections["height_std_m"] = HEIGHT_M + 30.0 * noise[2], 30.0
        detections["present"] = Present.RANGE | Present.BEARING | Present.HEIGHT
        reported_m = at_m + np.array([east_m, north_m])
        return RadarFrame(
            detections,
            sensor_id=sensor_id,
            time_ns=time_ns,
            number=number,
            sensor_position_m=(*reported_m, 0.0),
            truth=truth.astype(np.int32),
        )


def run(registration, scene, scans, *, period_s=1.0, references=(REFERENCE_ID,), config=None):
    """Add scans of the reference sensors and of the sensor, which looks half a period later."""
    tracker = Tracker(config or TrackerConfig(clutter_per_frame=max(scene.clutter, 1)))
    for number in range(scans):
        for sensor_id in references:
            frame = scene.frame(sensor_id, number, number * period_s)
            registration.add_reference(frame, tracker.step(frame).tracks)
        registration.add(scene.frame(SENSOR_ID, number, (number + 0.5) * period_s))
    return registration


def registration(**settings):
    """One of SENSOR_ID."""
    return Registration(SENSOR_ID, **settings)
