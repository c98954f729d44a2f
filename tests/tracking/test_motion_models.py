"""A tracker whose targets move by several motion models."""

import msgspec
import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.radar import Radar, Scenario
from qiki.serve.tracker_config import tracker_config
from qiki.settings import TrackerSettings
from qiki.tracking import (
    ConstantAcceleration,
    ConstantVelocity,
    CoordinatedTurn,
    FilterSet,
    FrameTracker,
    Tracker,
    TrackerConfig,
)
from qiki.wire import decode_tracks, encode_frame
from tests.tracking.turning_scene import TURNING, follow

ALL_KINDS = (
    ConstantVelocity(initial_probability=0.8),
    CoordinatedTurn(initial_probability=0.1),
    ConstantAcceleration(initial_probability=0.1),
)


@pytest.mark.parametrize("kind", [ConstantVelocity, CoordinatedTurn, ConstantAcceleration])
def test_python_and_core_have_the_same_fields_and_defaults(kind):
    tag = kind.__struct_config__.tag
    text = f'{{"motion_models": [{{"kind": "{tag}"}}]}}'
    parsed = msgspec.json.decode(text, type=TrackerConfig)
    # A snapshot holds the settings as the core writes them: every field, in its own order.
    written = Tracker(parsed).snapshot()
    assert msgspec.json.encode(TrackerConfig(motion_models=(kind(),))) in written


@pytest.mark.parametrize(
    ("models", "told"),
    [
        (ALL_KINDS[:2], "initial probabilities that sum to 0.9"),
        ((ConstantVelocity(initial_probability=0.2),) * 5, "motion_models is 5, must be at most 4"),
        ((ConstantVelocity(process_noise_m2_s3=-1.0),), r"motion_models\[0\].process_noise_m2_s3"),
        ((CoordinatedTurn(turn_rate_std_deg_s=0.0),), r"motion_models\[0\].turn_rate_std_deg_s"),
        ((ConstantAcceleration(acceleration_std_m_s2=float("inf")),), "motion_models"),
        ((ConstantVelocity(mean_sojourn_s=1e-3),), r"mean_sojourn_s is 0.001, must be 0.01 to"),
    ],
)
def test_models_outside_their_limits_are_refused(models, told):
    with pytest.raises(SettingError, match=told):
        Tracker(TrackerConfig(motion_models=models))


@pytest.mark.parametrize("name", ["process_noise_m2_s3", "vertical_process_noise_m2_s3"])
def test_process_noise_beside_models_is_refused(name):
    told = f"tracker.{name} is 10, must be 1, its default, where motion_models have noise"
    with pytest.raises(SettingError, match=told):
        Tracker(TrackerConfig(motion_models=ALL_KINDS, **{name: 10.0}))


def test_the_settings_of_a_service_take_models():
    given = [{"kind": "coordinated_turn", "turn_rate_std_deg_s": 3.0}]
    config = tracker_config(TrackerSettings(parameters={"motion_models": given}))
    assert config.motion_models == (CoordinatedTurn(turn_rate_std_deg_s=3.0),)
    with pytest.raises(SettingError, match="straight"):
        tracker_config(TrackerSettings(parameters={"motion_models": [{"kind": "straight"}]}))


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_restored_tracker_goes_on_with_all_models(association):
    radar = Radar(Scenario.load("crossing"), epoch=4)
    config = TrackerConfig(motion_models=ALL_KINDS, association=association)
    tracker = Tracker(config)
    for number in range(30):
        frame = radar.frame(number)
        restored = Tracker.restore(tracker.snapshot(), config)
        expected = tracker.step(frame).tracks.tobytes()
        assert restored.step(frame).tracks.tobytes() == expected
        assert restored.snapshot() == tracker.snapshot()
    assert len(tracker.tracks()) > 1


def test_late_frames_leave_the_state_of_the_ordered_run():
    radar = Radar(Scenario.load("crossing"), epoch=4)
    payloads = [encode_frame(radar.frame(number)) for number in range(20)]
    config = TrackerConfig(motion_models=ALL_KINDS)
    ordered, shuffled = FrameTracker(config), FrameTracker(config)
    for payload in payloads:
        ordered.answer(payload)
    for first in range(0, 20, 5):
        for number in (first + 4, first, first + 2, first + 1, first + 3):
            assert shuffled.answer(payloads[number]).verdict == "accepted"
    pictures = [
        decode_tracks(answer.payload, answer.crc32c).tracks["position_m"]
        for answer in (
            tracker.answer(encode_frame(radar.frame(20))) for tracker in (ordered, shuffled)
        )
    ]
    assert pictures[0].tobytes() == pictures[1].tobytes()


def test_a_turn_makes_its_model_probable_and_the_straight_way_the_other():
    state, covariance = np.zeros((1, 6)), np.diag([900.0] * 3 + [1e4] * 3)[None]
    state[0, 3] = 300.0
    found = FilterSet(state, covariance, TURNING)
    position_m, heading, turning = np.zeros(3), 0.0, []
    for second in range(1, 61):
        heading += 0.2 * (20 < second <= 40)
        position_m = position_m + 300.0 * np.array([np.cos(heading), np.sin(heading), 0.0])
        found.update_position(position_m[None].copy(), np.eye(3) * 900.0, second * 10**9)
        turning.append(found.model_probability[0, 1])
    assert max(turning[10:20]) < 0.3
    assert min(turning[25:40]) > 0.8
    assert max(turning[50:]) < 0.3
    assert found.model_state(1)[0].shape == (1, 7)


@pytest.mark.parametrize("association", ["gnn", "jpda"])
@pytest.mark.parametrize("seed", range(3))
def test_turns_to_seven_g_lose_at_most_four_percent(association, seed):
    lost, _ = follow(msgspec.structs.replace(TURNING, association=association), seed=seed)
    assert lost <= 0.04


def test_models_follow_turns_more_closely_than_one_filter_that_allows_them():
    lively = msgspec.structs.replace(TURNING, motion_models=(), process_noise_m2_s3=1000.0)
    (_, models_rms_m), (_, single_rms_m) = follow(TURNING), follow(lively)
    assert models_rms_m < 0.95 * single_rms_m
