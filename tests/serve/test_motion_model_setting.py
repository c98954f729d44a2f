"""Users' motion models that the settings name: what is taken, refused, and what a service does."""

import json
import re

import msgspec
import pytest
from structlog.testing import capture_logs

from qiki.bus import headers
from qiki.bus.broker import private_broker
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.cli import main
from qiki.errors import SettingError
from qiki.serve.replay import replay
from qiki.serve.tracker_config import tracker_config
from qiki.setting_layers import load
from qiki.settings import BrokerSettings, NatsSettings, TrackerSettings
from qiki.tracking import FrameTracker, TrackerConfig
from qiki.wire import decode_tracks, encode_frame
from tests.serve.qiki_command import last_json, one_line_error, run
from tests.serve.running_bridge import bridge_running
from tests.serve.test_bridge import RADAR, tracks
from tests.serve.test_replay import recording
from tests.source_tree import ROOT
from tests.tracking.frames import falling

FILE = str(ROOT / "tests/tracking/user_models.py")
STRAIGHT = {"kind": "user", "model": f"{FILE}:straight", "parameters": [1.0]}


def settings_with(*models):
    return TrackerSettings(parameters={"motion_models": list(models)})


def test_a_module_and_a_file_name_the_same_model():
    by_module = STRAIGHT | {"model": "tests.tracking.user_models:straight"}
    configs = [tracker_config(settings_with(model)) for model in (STRAIGHT, by_module)]
    configs.append(TrackerConfig.from_json(json.dumps({"motion_models": [STRAIGHT]})))
    hashes = {FrameTracker(config).settings_sha256 for config in configs}
    assert len(hashes) == 1
    assert [config.motion_models[0].model.name for config in configs] == ["straight"] * 3


def test_one_name_is_one_model():
    half = STRAIGHT | {"initial_probability": 0.5}
    first, second = tracker_config(settings_with(half, half)).motion_models
    assert first.model is second.model
    by_module = half | {"model": "tests.tracking.user_models:straight"}
    with pytest.raises(SettingError, match="name it in the same words"):
        FrameTracker(tracker_config(settings_with(half, by_module)))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("straight", "model is 'straight', must be MODULE:FUNCTION or FILE.py:FUNCTION"),
        (":straight", "model is ':straight', must be MODULE:FUNCTION"),
        (f"{FILE}:", r"user_models.py:', must be MODULE:FUNCTION"),
        (7, "model is 7, must be MODULE:FUNCTION"),
        (
            f"{FILE}:straigth",
            r"must be a motion model of .*which has straight, turning, only_above",
        ),
        ("math:cos", "model is 'math:cos', must be a motion model of math, which has none"),
        ("no.such:model", r"is 'no.such', must be a module that can be imported or a \.py file"),
        ("/no/such.py:model", r"is '/no/such.py', must be .* FileNotFoundError"),
    ],
)
def test_what_names_no_model_is_refused_with_its_place(model, told):
    with pytest.raises(SettingError, match=told) as caught:
        tracker_config(settings_with(STRAIGHT, STRAIGHT | {"model": model}))
    assert "$.motion_models[1].model" in str(caught.value)
    text = json.dumps({"motion_models": [STRAIGHT | {"model": model}]})
    with pytest.raises(SettingError, match=told):
        TrackerConfig.from_json(text)


@pytest.mark.parametrize("text", ["{", '{"max_coast": 3}', '{"motion_models": [{"type": "user"}]}'])
def test_other_json_is_refused(text):
    with pytest.raises(SettingError, match=r"must fit qiki\.tracking\.TrackerConfig"):
        TrackerConfig.from_json(text)


def test_settings_without_such_models_go_to_json_and_back():
    config = msgspec.structs.replace(
        TrackerConfig.air_surveillance(), friendly_ids=("one",), max_coast_s=12.5
    )
    assert TrackerConfig.from_json(config.to_json()) == config


def test_a_snapshot_does_not_say_where_code_is():
    """Only who runs a tracker names code; what is stored does not."""
    snapshot = FrameTracker(tracker_config(settings_with(STRAIGHT))).snapshot()
    assert FILE.encode() not in snapshot
    assert b'"model":"straight"' in snapshot


def test_the_example_of_the_docs_is_one(monkeypatch, tmp_path):
    text = (ROOT / "docs/tracking-models.md").read_text()
    examples = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (example,) = (example for example in examples if "kind: user" in example)
    (tmp_path / "docs.yaml").write_text(example)
    monkeypatch.chdir(ROOT)
    config = tracker_config(load(file=str(tmp_path / "docs.yaml")).settings.tracker)
    tracker = FrameTracker(config)
    for number in range(20):
        answer = tracker.answer(encode_frame(RADAR.frame(number)))
        assert answer.verdict == "accepted", answer.reason
    assert answer.confirmed == len(RADAR.target_names)


@pytest.fixture
def file(tmp_path):
    """A settings file of a tracker by a user's straight way, which is the built-in one's."""
    path = tmp_path / "settings.yaml"
    path.write_text(
        "tracker:\n  parameters:\n    motion_models:\n"
        f"      - {{kind: user, model: '{FILE}:straight', parameters: [1.0]}}\n"
    )
    return path


def test_evaluate_scores_it_as_the_built_in_model(capsys, file, tmp_path):
    builtin = tmp_path / "builtin.yaml"
    builtin.write_text("tracker: {parameters: {motion_models: [{kind: constant_velocity}]}}\n")
    shown = []
    for config in (file, builtin):
        words = ("--scenario", "default", "--runs", "1", "--duration", "3", "--json")
        assert main(["evaluate", *words, "--config", str(config)]) == 0
        shown.append(json.loads(capsys.readouterr().out)["metrics"])
    for name, interval in shown[0].items():
        if name != "ms_per_frame":
            assert interval["mean"] == pytest.approx(shown[1][name]["mean"], rel=1e-6), name


def test_up_runs_it(tmp_path, file):
    ports = ("--port", 0, "--grpc-port", 0)
    words = ("--duration", 2, "--json", "--config", file, "--data-dir", tmp_path / "store")
    result = run("up", *words, *ports)
    assert result.returncode == 0, result.stderr
    summary = last_json(result)
    assert summary["tracks_confirmed"] == 5
    assert summary["tracks_messages"] == summary["frames"] > 10


def test_up_refuses_what_is_missing_before_anything_starts(tmp_path, file):
    file.write_text(file.read_text().replace(":straight", ":straigth"))
    store = tmp_path / "store"
    result = run("up", "--config", file, "--data-dir", store, "--port", 0, "--grpc-port", 0)
    assert result.returncode == 78
    assert "which has straight, turning, only_above" in one_line_error(result)
    assert not store.exists()


async def test_replay_runs_it_and_repeats(file):
    tracker = msgspec.structs.replace(load(file=str(file)).settings.tracker, epoch=0)
    found = []
    for _ in range(2):
        with private_broker(BrokerSettings()) as broker:
            settings = msgspec.structs.replace(
                load(file=str(file)).settings,
                nats=broker.addressed(NatsSettings()),
                tracker=tracker,
            )
            found.append(await replay(settings, recording(), speed=None, own_bridge=True))
    assert found[0] == found[1]
    assert (found[0].not_accepted, found[0].frames_lost) == (0, 0)


async def test_a_frame_that_a_model_spoils_is_answered_and_the_bridge_goes_on(client, settings):
    """Also after a start, which answers it again."""
    model = {"kind": "user", "model": f"{FILE}:only_above", "parameters": [-30.0]}
    tracker = msgspec.structs.replace(
        settings.tracker, parameters={"motion_models": [model], "max_coast_s": 60.0}
    )
    settings = msgspec.structs.replace(settings, tracker=tracker)
    sender = FrameSender(Publisher(client, 5), RADAR.sensor_id)

    async def send(*seconds):
        for second in seconds:
            frame = falling(second, round(10 * second), sensor_id=RADAR.sensor_id)
            await sender.send(frame.split(RADAR.sr_threshold_m))

    with capture_logs() as lines:
        await send(0, 1, 2, 3, 5, 6)
        async with bridge_running(client, settings):
            await tracks(client, 6)
        await send(7, 3.1)
        async with bridge_running(client, settings, cut_off=True):
            await tracks(client, 8)
        await send(8)
        async with bridge_running(client, settings):
            messages = await tracks(client, 9)
    verdicts = [message.headers[headers.VERDICT] for message in messages]
    good, bad = "accepted", "refused"
    assert verdicts == [good] * 4 + [bad] * 3 + [good, bad]
    for message in messages[4:7]:
        answer = decode_tracks(message.data)
        assert len(answer.tracks) == 0
        assert 'motion model "only_above" gives mean[2] NaN at state' in answer.reason
    told = [line["count"] for line in lines if line["event"] == "frames_not_accepted"]
    assert told[0] == 2
    assert any(line["event"] == "frame_not_accepted" for line in lines)
    assert decode_tracks(messages[7].data).tracks["hit_count"].max() == 5
