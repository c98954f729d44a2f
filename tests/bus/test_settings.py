import pytest

from qiki.errors import SettingError
from qiki.original_names import ORIGINAL_NAMES, WITHOUT_EFFECT, original_names
from qiki.setting_layers import leaves, load, shown, to_environment
from qiki.settings import ENVIRONMENT_ALIASES
from tests.source_tree import ROOT


def test_flag_beats_environment_beats_file_beats_default(tmp_path):
    file = tmp_path / "qiki.yaml"
    file.write_text("radar: {sr_threshold_m: 100, seed: 1, scenario: crossing}\n")
    environment = {"QIKI_RADAR__SR_THRESHOLD_M": "200", "QIKI_RADAR__SEED": "2"}
    settings, origins = load({"radar.seed": 3}, environment=environment, file=str(file))
    assert (settings.radar.scenario, settings.radar.sr_threshold_m, settings.radar.seed) == (
        "crossing",
        200.0,
        3,
    )
    assert settings.grpc.port == 50051
    assert origins["radar.scenario"] == str(file)
    assert origins["radar.sr_threshold_m"] == "QIKI_RADAR__SR_THRESHOLD_M"
    assert origins["radar.seed"] == "--seed"
    assert origins["grpc.port"] == "default"


def test_toml_file(tmp_path):
    file = tmp_path / "qiki.toml"
    file.write_text("[grpc]\nport = 0\n")
    assert load(file=str(file)).settings.grpc.port == 0


def test_names_of_the_original():
    environment = {"NATS_URL": "nats://h:1", "RADAR_SR_THRESHOLD_M": "80", "RADAR_STREAM": "R"}
    settings = load(environment=environment).settings
    assert settings.nats.url == "nats://h:1"
    assert settings.radar.sr_threshold_m == 80.0
    assert settings.streams.radar == "R"


def test_names_of_the_original_are_told_where_they_act_and_where_not():
    environment = {
        "NATS_URL": "nats://h:1",
        "RADAR_STREAM": "R",
        "QIKI_STREAMS__RADAR": "MINE",  # beats it, so it does not act
        "EVENTS_STREAM": "E",
        "RADAR_ENABLED": "1",
        "RADAR_SUBJECTS": "",
    }
    loaded = load(environment=environment)
    assert loaded.settings.streams.events == "E"
    told = list(original_names(environment, loaded.origins))
    assert [(note.name, note.setting) for note in told] == [
        ("EVENTS_STREAM", "streams.events"),
        ("NATS_URL", "nats.url"),
        ("RADAR_ENABLED", None),
    ]
    assert told[0].words == "QIKI_STREAMS__EVENTS"


def test_every_name_of_the_original_is_in_the_documentation():
    assert not ORIGINAL_NAMES.keys() & WITHOUT_EFFECT.keys()
    page = (ROOT / "docs" / "operations.md").read_text().replace("`_", "`RADAR_CONSUMER_")
    assert [name for name in (*ORIGINAL_NAMES, *WITHOUT_EFFECT) if f"`{name}`" not in page] == []


def test_own_name_beats_the_original_name():
    environment = {"NATS_URL": "nats://old:1", "QIKI_NATS__URL": "nats://new:1"}
    assert load(environment=environment).settings.nats.url == "nats://new:1"


def test_empty_variable_is_not_given():
    loaded = load(environment={"NATS_URL": "", "QIKI_GRPC__PORT": ""})
    assert loaded.settings.nats.url is None
    assert loaded.origins["grpc.port"] == "default"


def test_every_alias_names_a_setting():
    assert set(ENVIRONMENT_ALIASES.values()) <= set(leaves())


@pytest.mark.parametrize(
    ("environment", "parts"),
    [
        ({"RADAR_SR_THRESHOLD_M": "-5"}, ["radar.sr_threshold_m is -5", "> 0", "RADAR_SR_"]),
        ({"QIKI_GRPC__PORT": "70000"}, ["grpc.port is 70000", "<= 65535", "QIKI_GRPC__PORT"]),
        ({"QIKI_GRPC__PORT": "abc"}, ["grpc.port is abc", "must be int:"]),
        ({"QIKI_BRIDGE__IDLE_HEARTBEAT_S": "15"}, ["idle_heartbeat_s is 15", "< 15"]),
        ({"QIKI_RADAR__SR_THRESHOLD_M": "nan"}, ["is nan", "float > 0"]),
        ({"QIKI_LOG__LEVEL": "loud"}, ["log.level is loud", "debug or info or warning or error"]),
        ({"QIKI_GRPC__PROT": "1"}, ["grpc.prot", "not a setting", "grpc.host, grpc.port"]),
        ({"QIKI_GRPC_PORT": "1"}, ["QIKI_GRPC_PORT is not a setting", "QIKI_GRPC__PORT"]),
        ({"QIKI_NOPE__KEY": "1"}, ["nope.key", "sections", "bridge, broker"]),
    ],
)
def test_refusal_says_value_limit_and_source(environment, parts):
    with pytest.raises(SettingError) as refusal:
        load(environment=environment)
    for part in parts:
        assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.yaml", "radar: {port: 1}", "radar.port"),
        ("a.yaml", "radar: 5", "must be a section"),
        ("a.yaml", "[1, 2]", "must hold sections"),
        ("a.yaml", "a: [", "YAML or TOML"),
        ("a.toml", "= 5", "YAML or TOML"),
        ("a.yaml", "grpc: {port: '5'}", "grpc.port is 5"),
    ],
)
def test_bad_file_is_refused_in_one_line(tmp_path, name, text, part):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(SettingError, match=part) as refusal:
        load(file=str(file))
    assert "\n" not in str(refusal.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"nowhere\.yaml"):
        load(file=str(tmp_path / "nowhere.yaml"))


def test_secrets_are_not_shown():
    loaded = load(environment={"NATS_TOKEN": "s3cret"})
    assert shown(loaded)["nats.token"] == "(hidden)"
    assert "s3cret" not in repr(shown(loaded))


def test_url_is_shown_without_its_credentials():
    loaded = load({"nats.url": "nats://user:secret@host:4222"})
    assert shown(loaded)["nats.url"] == "nats://host:4222"


def test_a_child_gets_exactly_these_settings():
    settings = load(environment={"NATS_URL": "nats://old:1", "QIKI_RADAR__SEED": "5"}).settings
    inherited = {"PATH": "/bin", "NATS_URL": "nats://other:1", "QIKI_GRPC__PORT": "1"}
    child = to_environment(settings, inherited | {"QIKI_CONFIG": "other.yaml"})
    assert child["PATH"] == "/bin"
    assert not {"NATS_URL", "QIKI_CONFIG"} & set(child)
    assert load(environment=child).settings == settings
