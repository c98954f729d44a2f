"""Scans of users' measurements: what is refused, what a refusal leaves, and angles that wrap."""

import math

import numpy as np
import pytest

from examples.models.numba_measurement import range_and_bearing
from qiki.errors import CapacityError, FrameError, LateFrameError, ModelError, SettingError
from qiki.models import measurement_model
from qiki.tracking import ConstantVelocity, Tracker, TrackerConfig
from tests.tracking.user_measurements import begin_there, only_above, place

DT_NS = 1_000_000_000
NOISE_M2 = np.eye(3) * 100.0
VOLUME_M3 = 1e12


def step(tracker, second, *heights_m, above_m=-30.0):
    values = np.zeros((len(heights_m), 3))
    values[:, 0], values[:, 2] = 1e4 * np.arange(len(heights_m)), heights_m
    return tracker.step_measurements(
        only_above, values, NOISE_M2, second * DT_NS, volume=VOLUME_M3, parameters=(above_m,)
    )


@pytest.mark.parametrize("association", ["gnn", "jpda"])
@pytest.mark.parametrize("models", [(), (ConstantVelocity(),)], ids=["one filter", "a bank"])
def test_a_bad_answer_refuses_the_scan_and_changes_nothing(association, models):
    tracker = Tracker(TrackerConfig(association=association, motion_models=models))
    for second in range(4):
        step(tracker, second, 300.0, 160.0 - 50.0 * second)
    before = tracker.snapshot()
    told = r'measurement model "only_above" gives jacobian\[1\]\[1\] NaN at state \['
    for _ in range(2):
        with pytest.raises(ModelError, match=told):
            step(tracker, 4, 300.0, -40.0)
        assert tracker.snapshot() == before
    assert len(step(tracker, 4, 300.0, -40.0, above_m=-90.0).tracks) == 2


def test_tracks_that_are_not_there_refuse_nothing_and_keep_their_bits():
    """Of the eight lanes of a block only one holds a track; the others stand at height 0."""
    own, built_in = Tracker(), Tracker()
    for second in range(40):
        height_m = 300.0 if second < 5 else 1e4
        result = step(own, second, height_m, above_m=100.0)
        expected = built_in.step_positions(
            np.array([[0.0, 0.0, height_m]]), NOISE_M2, second * DT_NS, volume_m3=VOLUME_M3
        )
        np.testing.assert_array_equal(result.tracks["number"], expected.tracks["number"])
    np.testing.assert_allclose(own.tracks()["position_m"], built_in.tracks()["position_m"])
    assert len(own.tracks()) == 1


def test_angles_that_pass_their_end_are_near():
    """A target that circles the radar goes through south, where the bearing jumps."""
    config = TrackerConfig(initial_vertical_speed_std_m_s=1.0, process_noise_m2_s3=50.0)
    tracker, random = Tracker(config), np.random.default_rng(5)
    noise, seen = np.diag([400.0, 1e-6]), set()
    for second in range(120):
        bearing = 2.5 + 0.02 * second + random.normal() * 1e-3
        values = np.array([[8e3 + random.normal() * 20.0, math.remainder(bearing, 2 * math.pi)]])
        result = tracker.step_measurements(
            range_and_bearing,
            values,
            noise,
            second * DT_NS,
            volume=60e3 * 2 * math.pi,
            parameters=(100.0, -50.0, 3000.0),
        )
        seen |= set(result.tracks["number"].tolist())
    assert seen == {1}
    x, y, _ = result.tracks["position_m"][0]
    assert math.hypot(x - 100.0, y + 50.0) == pytest.approx(8e3, abs=60.0)


def test_the_example_begins_tracks_with_the_noise_turned_into_the_plane():
    tracker, parameters = Tracker(), (100.0, -50.0, 3000.0)
    noise = np.array([[400.0, 0.005], [0.005, 1e-6]])
    result = tracker.step_measurements(
        range_and_bearing,
        np.array([[8e3, 0.7]]),
        noise,
        0,
        volume=1e6,
        parameters=parameters,
    )
    sine, cosine = math.sin(0.7), math.cos(0.7)
    by = np.array([[sine, 8e3 * cosine], [cosine, -8e3 * sine]])
    expected = by @ noise @ by.T
    (track,) = result.tracks
    np.testing.assert_allclose(
        track["position_m"], [100.0 + 8e3 * sine, -50.0 + 8e3 * cosine, 3000.0], rtol=1e-12
    )
    found = track["position_covariance_m2"]
    np.testing.assert_allclose(found[[0, 1, 3]], expected[[0, 0, 1], [0, 1, 1]], rtol=1e-9)
    state = np.array([[*track["position_m"], 0.0, 0.0, 0.0]])
    predicted, jacobian = range_and_bearing.answers(state, parameters)
    np.testing.assert_allclose(predicted, [[8e3, 0.7]], rtol=1e-6)
    for i in range(6):
        ahead, behind = (
            range_and_bearing.answers(state + sign * 0.1 * np.eye(6)[i], parameters)[0]
            for sign in (1.0, -1.0)
        )
        np.testing.assert_allclose(jacobian[0, :, i], (ahead - behind)[0] / 0.2, atol=1e-9)


def starting_with(position_m, variance_m2):
    def begin(measured, noise, parameters, position, covariance):
        for i in range(3):
            position[i] = measured[i] + position_m
            covariance[i, i] = variance_m2

    @measurement_model(periods=(0.0,) * 3, start=begin)
    def odd(state, parameters, predicted, jacobian):
        for i in range(3):
            predicted[i], jacobian[i, i] = state[i], 1.0

    return odd


@pytest.mark.parametrize(
    ("position_m", "variance_m2", "told"),
    [
        (math.nan, 1.0, r'"odd" starts with position \[NaN, NaN, NaN\] for \[1\.0, 2\.0, 3\.0\]'),
        (0.0, -1.0, r'"odd" starts with covariance \[-1\.0, 0\.0, .* symmetric positive definite'),
    ],
)
def test_a_start_that_cannot_be_refuses_the_scan(position_m, variance_m2, told):
    tracker = Tracker()
    before, values = tracker.snapshot(), np.array([[1.0, 2.0, 3.0]])
    with pytest.raises(ModelError, match=told):
        tracker.step_measurements(
            starting_with(position_m, variance_m2), values, NOISE_M2, 0, volume=1e9
        )
    assert tracker.snapshot() == before


def test_what_a_model_raises_is_found():
    def begin(measured, noise, parameters, position, covariance):
        position[int(measured[0])] = 1.0

    @measurement_model(periods=(0.0,), start=begin)
    def raises(state, parameters, predicted, jacobian):
        predicted[int(state[0])] = 1.0

    with pytest.raises(ModelError, match=r'"raises" gives predicted\[0\] NaN'):
        raises.answers(np.ones((1, 6)))
    with pytest.raises(ModelError, match=r'"raises" starts with position \[NaN'):
        Tracker().step_measurements(raises, np.array([[3.0]]), np.eye(1), 0, volume=1.0)


VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"values": VALUES * [1.0, math.nan, 1.0]}, r"values\[0\] is NaN, must be finite"),
        ({"values": VALUES * [[1.0], [1e13]]}, r"values\[1\] is 40000000000000"),
        ({"noise": np.ones((3, 3))}, r"noise_covariance\[0\] is \[1.0, .*positive definite 3 x 3"),
        ({"noise": np.stack([NOISE_M2, -NOISE_M2])}, r"noise_covariance\[1\] is \[-100.0"),
        ({"volume": 0.0}, "volume is 0, must be above 0"),
        ({"volume": math.nan}, "volume is NaN, must be above 0"),
        ({"parameters": (1.0,)}, r'length of parameters is 1, must be 0, as model "place" has'),
    ],
)
def test_input_that_cannot_be_is_refused(given, told):
    tracker = Tracker()
    tracker.step_measurements(place, VALUES, NOISE_M2, 0, volume=VOLUME_M3)
    before = tracker.snapshot()
    with pytest.raises(FrameError, match=told):
        tracker.step_measurements(
            place,
            given.get("values", VALUES),
            given.get("noise", NOISE_M2),
            DT_NS,
            volume=given.get("volume", VOLUME_M3),
            parameters=given.get("parameters", ()),
        )
    assert tracker.snapshot() == before


def test_order_room_and_shapes_are_those_of_other_scans():
    tracker = Tracker(TrackerConfig(max_detections=2))
    tracker.step_measurements(place, VALUES, NOISE_M2, DT_NS, volume=VOLUME_M3)
    with pytest.raises(LateFrameError):
        tracker.step_measurements(place, VALUES, NOISE_M2, 0, volume=VOLUME_M3)
    with pytest.raises(CapacityError):
        tracker.step_measurements(place, np.zeros((3, 3)), NOISE_M2, DT_NS, volume=VOLUME_M3)
    for values, noise in [(VALUES[:, :2].copy(), NOISE_M2), (VALUES, np.ones((3, 3, 3)))]:
        with pytest.raises(ValueError, match=r"must be \(n, 3\) and \(3, 3\) or \(n, 3, 3\)"):
            tracker.step_measurements(place, values, noise, DT_NS, volume=VOLUME_M3)
    # None at all is a scan, too: it looked and saw nothing.
    empty = tracker.step_measurements(place, np.zeros((0, 3)), NOISE_M2, DT_NS, volume=VOLUME_M3)
    assert (empty.tracks["miss_count"] == 1).all()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"periods": ()}, "size is 0, must be 1 to 4 numbers"),
        ({"periods": (0.0,) * 5}, "size is 5, must be 1 to 4 numbers"),
        ({"periods": (-1.0,)}, "periods is -1, must be 0 for none"),
        ({"periods": (0.0,), "parameter_count": 17}, "parameter_count is 17, must be 0 to 16"),
    ],
)
def test_sizes_outside_their_limits_are_refused(given, told):
    def nothing(state, parameters, predicted, jacobian):
        pass

    with pytest.raises(SettingError, match=told):
        measurement_model(start=begin_there, **given)(nothing)
