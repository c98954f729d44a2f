"""Users' motion models where answers go on from snapshots: which model it is, and late frames."""

import random

import pytest

from qiki.errors import SettingError, SnapshotError
from qiki.models import motion_model
from qiki.radar import Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import ConstantVelocity, FrameTracker, Tracker, TrackerConfig, UserMotion
from qiki.wire import decode_tracks, encode_frame
from tests.tracking.frames import PERIOD_NS, falling
from tests.tracking.user_models import go_straight, only_above, straight, straight_by, turning

TURN = UserMotion(model=turning, initial_std=(0.2,), initial_probability=0.5)
BANKS = {
    "alone": (straight_by(3.0),),
    "bank": (
        ConstantVelocity(initial_probability=0.25),
        straight_by(30.0, initial_probability=0.25),
        TURN,
    ),
}
FRAMES = 40


@pytest.fixture(params=BANKS)
def config(request):
    return TrackerConfig(motion_models=BANKS[request.param])


@pytest.fixture(scope="module")
def payloads():
    radar = Radar(Scenario.load("crossing"))
    return [encode_frame(radar.frame(number)) for number in range(FRAMES)]


def straight_as_well(factor=1.0, above_m=1e9):
    """Return a model that says of itself what `straight` says, and may answer otherwise."""

    @motion_model(parameter_count=1)
    def straight(state, dt_s, parameters, mean, transition, noise):
        go_straight(state, dt_s, parameters, mean, transition, noise)
        mean[5] *= factor
        if state[2] > above_m:
            mean[5] = 0.0

    return straight


def of(model, parameter=3.0):
    return FrameTracker(
        TrackerConfig(motion_models=(UserMotion(model=model, parameters=(parameter,)),))
    )


def test_late_frames_leave_the_state_of_the_ordered_run(config, payloads):
    """With one radar each frame is late by up to nine periods."""
    draw = random.Random(5)
    order = sorted(range(FRAMES), key=lambda number: number + draw.uniform(0.0, 9.0))
    mixed, ordered = FrameTracker(config), FrameTracker(config)
    used = [number for number in order if mixed.answer(payloads[number]).verdict == "accepted"]
    assert used != sorted(used)
    assert len(used) > FRAMES * 0.8
    for number in sorted(used):
        ordered.answer(payloads[number])
    last = encode_frame(RadarFrame(empty_detections(0), time_ns=FRAMES * PERIOD_NS, number=FRAMES))
    states = [decode_tracks(tracker.answer(last).payload).tracks for tracker in (mixed, ordered)]
    assert len(states[0]) > 0
    for field in ("position_m", "velocity_m_s", "position_covariance_m2", "quality"):
        assert sorted(states[0][field].tolist()) == sorted(states[1][field].tolist())


@pytest.mark.parametrize("cut", [4, 11, 21])
def test_a_restored_tracker_goes_on_to_the_bit(config, payloads, cut):
    """Cut with a late frame before, at and behind the window's end."""
    order = [*range(10), 12, 11, *range(13, 20), 22, 20, 21, *range(23, FRAMES)]
    tracker, restored = FrameTracker(config), FrameTracker(config)
    for number in order[:cut]:
        tracker.answer(payloads[number])
    restored.restore(tracker.snapshot())
    for number in order[cut:]:
        assert restored.answer(payloads[number]).payload == tracker.answer(payloads[number]).payload
    assert restored.snapshot() == tracker.snapshot()


def test_what_a_model_answers_tells_it_from_another(payloads):
    """Bit for bit: what is the same does not depend on which object, or process, made it."""
    tracker = of(straight)
    for payload in payloads[:5]:
        tracker.answer(payload)
    snapshot = tracker.snapshot()
    same = of(straight_as_well())
    assert same.settings_sha256 == tracker.settings_sha256
    same.restore(snapshot)
    assert same.snapshot() == snapshot
    others = [
        of(straight_as_well(factor=1.0 + 2.0**-52)),
        of(straight_as_well(above_m=15e3)),
        of(straight, parameter=3.0 + 2.0**-51),
        of(only_above),
    ]
    for other in others:
        assert other.settings_sha256 != tracker.settings_sha256
        before = other.snapshot()
        with pytest.raises(SnapshotError, match=r"its settings are .*answers_sha256"):
            other.restore(snapshot)
        assert other.snapshot() == before
    # What shows at no state that is asked of is not seen.
    assert of(straight_as_well(above_m=1e7)).settings_sha256 == tracker.settings_sha256


def test_a_tracker_is_restored_by_the_same_rule():
    def config(model):
        return TrackerConfig(motion_models=(UserMotion(model=model, parameters=(3.0,)),))

    snapshot = Tracker(config(straight)).snapshot()
    assert Tracker.restore(snapshot, config(straight_as_well())).snapshot() == snapshot
    with pytest.raises(SnapshotError, match="answers_sha256"):
        Tracker.restore(snapshot, config(straight_as_well(factor=1.5)))


def test_two_functions_of_one_name_are_refused():
    half = {"initial_probability": 0.5, "parameters": (3.0,)}
    models = (UserMotion(model=straight, **half), UserMotion(model=straight_as_well(), **half))
    told = r'motion_models\[1\].model is "straight", must be of the function of that name before it'
    with pytest.raises(SettingError, match=told):
        Tracker(TrackerConfig(motion_models=models))
    Tracker(TrackerConfig(motion_models=(models[0], models[0])))


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_a_frame_that_a_model_spoils_is_answered_and_changes_nothing(association):
    models = (UserMotion(model=only_above, parameters=(-30.0,)),)
    tracker = FrameTracker(
        TrackerConfig(motion_models=models, association=association, max_coast_s=60.0)
    )
    for second in range(4):
        assert tracker.answer(encode_frame(falling(second, second))).verdict == "accepted"
    before = tracker.snapshot()
    for number in range(4, 8):
        answer = tracker.answer(encode_frame(falling(5, number)))
        said = decode_tracks(answer.payload, answer.crc32c)
        assert (said.verdict, len(said.tracks), answer.number) == ("refused", 0, number)
        assert 'motion model "only_above" gives mean[2] NaN at state' in said.reason
        assert "correct the model, which may have raised an error" in said.reason
        assert tracker.snapshot() == before
    assert tracker.answer(encode_frame(falling(3.1, 9))).verdict == "accepted"


def test_a_late_frame_by_which_frames_since_would_be_spoiled_changes_nothing():
    """It begins a track where the model is no good: only the frame after it asks."""
    models = (UserMotion(model=only_above, parameters=(-30.0,)),)
    tracker = FrameTracker(TrackerConfig(motion_models=models))
    for number in range(8):
        tracker.answer(encode_frame(falling(0.2 * number, number)))
    before = tracker.snapshot()
    late = encode_frame(falling(3.5, 20, at_s=1.0))
    answer = tracker.answer(late)
    assert (answer.verdict, answer.time_ns, answer.tracks) == ("refused", 10**9, 0)
    assert 'motion model "only_above" gives mean[2] NaN' in answer.reason
    assert tracker.snapshot() == before
    assert tracker.answer(encode_frame(falling(1.6, 8))).verdict == "accepted"
