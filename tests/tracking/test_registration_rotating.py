"""Registration of a turning radar on a ship, whose frames are sectors with few targets each."""

import numpy as np
import pytest
from scipy.stats import chi2

from qiki.radar import Radar, Scenario
from qiki.tracking import (
    AlignedSensor,
    FrameTracker,
    Registration,
    RegistrationConfig,
    Tracker,
    TrackerConfig,
)
from qiki.wire import encode_frame
from tests.tracking.registration_scene import numbers
from tests.two_radars import AIRCRAFT, radar

BIAS = np.array([1400.0, -200.0, 60.0, 0.4, 0.4])
SECTORS = 16
TURNS = 30
RADAR = radar(f"{{rotating: {{rotation_period_s: 4, sectors: {SECTORS}}}}}", false_alarms=3)
SCENARIO = f"""
scenario_version: 1
name: registration
platforms:
  - name: ship
    motion:
      constant_velocity: {{position_m: [9000, -5000, 0], velocity_m_s: [8, 5, 0]}}
sensors:
  - name: reference{RADAR}
  - name: shifted
    platform: ship{RADAR}
    registration_bias:
      position_m: [1400, -200, 0]
      range_m: 60
      bearing_deg: 0.4
      clock_offset_ns: 400000000{AIRCRAFT}"""
CONFIG = TrackerConfig(process_noise_m2_s3=0.1, clutter_per_frame=3.0)


def found(seed):
    """The registration after so many turns."""
    scenario = Scenario.from_yaml(f"{SCENARIO}\nseed: {seed}\n")
    reference, shifted = (Radar(scenario, sensor=name) for name in ("reference", "shifted"))
    tracker, registration = Tracker(CONFIG), Registration(shifted.sensor.sensor_id, CONFIG)
    for number in range(SECTORS * TURNS):
        frame = reference.frame(number)
        registration.add_reference(frame, tracker.step(frame).tracks)
        registration.add(shifted.frame(number))
    return registration


# In sectors of seeds 0 and 20 wrong pairs agree at first: no later ones fit, or few.
def test_sectors_tell_of_the_biases_as_surely_as_is_said():
    squares = []
    for seed in (0, 20, *range(1, 9)):
        registration = found(seed)
        assert registration.aligned
        error = numbers(registration.bias) - BIAS
        assert (np.abs(error) < [10.0, 10.0, 10.0, 0.05, 0.05]).all(), seed
        squares.append(error @ np.linalg.solve(registration.covariance, error))
    low, high = chi2.ppf([0.0005, 0.9995], len(squares) * len(BIAS))
    assert low < np.sum(squares) < high


def test_a_frame_tracker_finds_the_same_of_a_turning_radar_on_a_ship():
    scenario = Scenario.from_yaml(f"{SCENARIO}\nseed: 3\n")
    reference, shifted = (Radar(scenario, sensor=name) for name in ("reference", "shifted"))
    by_hand, follower = Registration(shifted.sensor_id, CONFIG), Tracker(CONFIG)
    sought = RegistrationConfig(
        reference_ids=(reference.sensor_id,), sensors=(AlignedSensor(sensor_id=shifted.sensor_id),)
    )
    tracker = FrameTracker(CONFIG, registration=sought)
    for number in range(SECTORS * 12):
        frame, own = reference.frame(number), shifted.frame(number)
        tracker.answer(encode_frame(frame))
        found = tracker.answer(encode_frame(own)).registration
        by_hand.add_reference(frame, follower.step(frame).tracks)
        by_hand.add(own)
    # It waits for frames that are late, and so is a second behind.
    assert found.aligned
    assert found.unused_frames == 0
    assert by_hand.pair_count - 100 < found.pair_count <= by_hand.pair_count
    difference = np.abs(numbers(found.bias) - numbers(by_hand.bias))
    assert (difference < numbers(found.std)).all()


def test_the_true_biases_are_those_of_the_scenario():
    bias = Radar(Scenario.from_yaml(SCENARIO), sensor="shifted").sensor.registration_bias
    reported = (*bias.position_m[:2], bias.range_m, bias.bearing_deg, bias.clock_offset_ns * 1e-9)
    assert reported == pytest.approx(BIAS)
