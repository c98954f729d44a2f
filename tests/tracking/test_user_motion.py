"""Users' motion models in a tracker: what is refused, and what a refusal leaves."""

import math

import numpy as np
import pytest

from qiki.errors import ModelError, SettingError, SnapshotError
from qiki.models import motion_model
from qiki.radar import RadarFrame
from qiki.tracking import (
    ConstantVelocity,
    FilterSet,
    Tracker,
    TrackerConfig,
    UserMotion,
    predict_by,
)
from tests.tracking.frames import PERIOD_NS, frame_at
from tests.tracking.user_models import only_above, straight, straight_by, turning

COVARIANCE_M2 = np.eye(3) * 100.0
DT_NS = 1_000_000_000
MODELS = (
    ConstantVelocity(initial_probability=0.5),
    UserMotion(model=only_above, parameters=(-30.0,), initial_probability=0.5),
)
TOLD = r'motion model "only_above" gives mean\[2\] NaN at state \[.*\], dt_s 1, must be within'


def step(tracker, second, *heights_m):
    positions_m = np.zeros((len(heights_m), 3))
    positions_m[:, 0], positions_m[:, 2] = 1e4 * np.arange(len(heights_m)), heights_m
    return tracker.step_positions(positions_m, COVARIANCE_M2, second * DT_NS)


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_bad_answer_refuses_the_scan_and_changes_nothing(association):
    tracker = Tracker(TrackerConfig(motion_models=MODELS, association=association))
    for second in range(4):
        step(tracker, second, 300.0, 160.0 - 50.0 * second)
    before = tracker.snapshot()
    for _ in range(2):
        with pytest.raises(ModelError, match=TOLD):
            step(tracker, 4, 300.0, -40.0)
        assert tracker.snapshot() == before
    # Half a second later the body is above the height, and all goes on.
    assert (
        len(tracker.step_positions(np.zeros((0, 3)), COVARIANCE_M2, 3 * DT_NS + DT_NS // 2).tracks)
        == 2
    )


def test_without_detections_a_track_that_cannot_be_told_of_refuses_the_scan():
    tracker = Tracker(TrackerConfig(motion_models=MODELS))
    for second in range(4):
        step(tracker, second, 300.0 - 100.0 * second)
    before = tracker.snapshot()
    with pytest.raises(ModelError, match="only_above"):
        step(tracker, 5)
    assert tracker.snapshot() == before
    with pytest.raises(ModelError, match="only_above"):
        tracker.tracks(6 * DT_NS)


def test_tracks_that_are_not_there_refuse_nothing():
    """Of the eight lanes of a block only one holds a track; the others stand at height 0."""
    model = UserMotion(model=only_above, parameters=(100.0,))
    tracker = Tracker(TrackerConfig(motion_models=(model,)))
    for second in range(5):
        result = step(tracker, second, 300.0)
    assert len(result.tracks) == 1
    ended = [step(tracker, second, 1e4) for second in range(5, 40)][-1]
    assert len(tracker.tracks()) == len(ended.tracks) == 1


def test_a_filter_set_is_left_as_it_was():
    state, covariance = np.zeros((3, 6)), np.tile(np.diag([100.0] * 3 + [25.0] * 3), (3, 1, 1))
    state[:, 2], state[1, 5] = 20.0, -40.0
    found = FilterSet(state, covariance, TrackerConfig(motion_models=MODELS))
    before = found.model_state(1)
    position_m = np.ascontiguousarray(state[:, :3])
    with pytest.raises(ModelError, match=r"dt_s 2, must be"):
        found.update_position(position_m, COVARIANCE_M2, 2 * DT_NS)
    with pytest.raises(ModelError, match=r"20\.0, 0\.0, 0\.0, -40\.0\], dt_s 3"):
        found.states_at(3 * DT_NS)
    for old, new in zip(before, found.model_state(1), strict=True):
        np.testing.assert_array_equal(old, new)
    found.update_position(position_m, COVARIANCE_M2, DT_NS)


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ({"mean": math.inf}, r"gives mean\[0\] inf at state"),
        ({"transition": math.nan}, r"gives transition\[1\]\[4\] NaN at state"),
        ({"noise": 1.1}, r"noise\[2\]\[3\] 1.1 at .* must be at most the root of noise\[2\]\[2\]"),
        ({"symmetry": 0.5}, r"noise\[3\]\[2\] 0.5 at .* must be noise\[2\]\[3\]"),
        ({"variance": 2.0}, r"noise\[5\]\[5\] -1 at .* must be 0 to"),
        ({}, None),
    ],
)
def test_each_number_of_an_answer_is_checked(spoilt, told):
    values = {
        name: spoilt.get(name, 0.0)
        for name in ("mean", "transition", "noise", "symmetry", "variance")
    }
    at, step_at, noise_at, symmetry_at, variance_at = values.values()

    @motion_model()
    def odd(state, dt_s, parameters, mean, transition, noise):
        for i in range(6):
            mean[i] = state[i]
            transition[i, i] = noise[i, i] = 1.0
        mean[0] += at
        transition[1, 4] = step_at
        noise[2, 3] = noise_at
        noise[3, 2] = noise_at + symmetry_at
        noise[5, 5] -= variance_at

    state, covariance = np.zeros((1, 6)), np.eye(6)[None]
    if told is None:
        predict_by(UserMotion(model=odd), state, covariance, 1.0)
        return
    with pytest.raises(ModelError, match=told):
        predict_by(UserMotion(model=odd), state, covariance, 1.0)
    with pytest.raises(ModelError, match=told):
        odd.answers(state, 1.0)


def test_noise_of_three_numbers_that_contradict_each_other_is_refused():
    @motion_model(parameter_count=1)
    def contrary(state, dt_s, parameters, mean, transition, noise):
        for i in range(6):
            mean[i] = state[i]
            transition[i, i] = noise[i, i] = 1.0
        for i in range(3):
            for j in range(3):
                if i != j:
                    noise[i, j] = parameters[0]

    state = np.zeros((1, 6))
    contrary.answers(state, 1.0, (-0.5,))  # singular, yet a covariance
    told = (
        r'"contrary" gives noise of which the first 2 rows leave noise\[2\]\[2\] -0.0304\d* at'
        r" state .*, dt_s 1, must be at least 0, as the pivots of a positive semidefinite matrix"
    )
    with pytest.raises(ModelError, match=told):
        contrary.answers(state, 1.0, (-0.5 - 0.005,))
    tracker = Tracker(
        TrackerConfig(motion_models=(UserMotion(model=contrary, parameters=(-0.9,)),))
    )
    step(tracker, 0, 100.0)
    before = tracker.snapshot()
    with pytest.raises(ModelError, match="contrary"):
        step(tracker, 1, 100.0)
    assert tracker.snapshot() == before


def test_what_a_model_raises_is_found():
    @motion_model(parameter_count=1)
    def raises(state, dt_s, parameters, mean, transition, noise):
        mean[int(parameters[0])] = 0.0

    told = (
        r'"raises" gives mean\[0\] NaN at .*: correct the model, which may have raised an error: '
        r"it then answers NaN$"
    )
    with pytest.raises(ModelError, match=told):
        raises.answers(np.zeros((3, 6)), 1.0, (6.0,))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (UserMotion(model=straight), r"length of motion_models\[0\].parameters is 0, must be 1"),
        (UserMotion(model=turning), r"length of motion_models\[0\].initial_std is 0, must be 1"),
        (straight_by(math.nan), r"motion_models\[0\] is .*expected f64"),
        (
            UserMotion(model=turning, initial_std=(0.0,)),
            r"initial_std\[0\] is 0, must be 0.000000001 to",
        ),
        (straight_by(1.0, mean_sojourn_s=0.0), "mean_sojourn_s is 0, must be"),
        (UserMotion(model="straight"), r"model is \"straight\", must be a compiled model"),
        (UserMotion(model=len), r"is <built-in function len>, must be a compiled one"),
    ],
)
def test_settings_that_do_not_fit_the_model_are_refused(model, told):
    with pytest.raises(SettingError, match=told):
        Tracker(TrackerConfig(motion_models=(model,)))


def test_a_step_back_is_refused():
    state, covariance = np.zeros((1, 6)), np.eye(6)[None]
    for dt_s in (-1.0, math.nan, math.inf):
        with pytest.raises(SettingError, match=r"dt_s is .*, must be at least 0 and finite"):
            predict_by(straight_by(1.0), state, covariance, dt_s)


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_snapshot_is_restored_with_the_settings_that_hold_the_model(association):
    turn = UserMotion(model=turning, initial_std=(0.2,), initial_probability=0.5)
    models = (turn, straight_by(3.0, initial_probability=0.5))
    config = TrackerConfig(motion_models=models, association=association)
    tracker = Tracker(config)
    for second in range(6):
        step(tracker, second, 300.0, 3.0 * second)
    snapshot = tracker.snapshot()
    restored = Tracker.restore(snapshot, config)
    expected = step(tracker, 7, 300.0, 18.0).tracks.tobytes()
    assert step(restored, 7, 300.0, 18.0).tracks.tobytes() == expected
    told = (
        r'motion_models\[0\].model is "turning", must be a compiled model, which text cannot hold'
    )
    with pytest.raises(SettingError, match=told):
        Tracker.restore(snapshot)
    swapped = TrackerConfig(motion_models=models[::-1], association=association)
    with pytest.raises(SnapshotError, match=r'its settings are .*"turning".*"straight"'):
        Tracker.restore(snapshot, swapped)


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_detection_older_than_its_track_is_none_of_its_own(association):
    """The model is asked of later times alone; the built-in one takes its prediction back."""

    def tracks_after(model):
        tracker = Tracker(TrackerConfig(motion_models=(model,), association=association))
        for number in range(4):
            tracker.step(frame_at(number, [(5e3, 30.0, 5.0)]))
        older = frame_at(2, [(5e3, 30.0, 5.0)]).detections.copy()
        tracker.step(RadarFrame(older, time_ns=3 * PERIOD_NS, number=4))
        return len(tracker.tracks())

    assert tracks_after(ConstantVelocity()) == 1
    assert tracks_after(straight_by(1.0)) == 2
