import pytest

from qiki.bus.broker import private_broker
from qiki.settings import BrokerSettings
from tests.serve.qiki_command import last_json, one_line_error, run


@pytest.fixture(scope="module")
def url():
    """A broker of its own: the streams must not exist yet."""
    with private_broker(BrokerSettings()) as broker:
        yield broker.url


def test_check_apply_check(url):
    before = run("js", "check", "--nats", url, "--json")
    assert before.returncode == 1
    missing = {entry["place"] for entry in last_json(before)["differs"]}
    streams = {f"QIKI_{name}_V1" for name in ("RADAR", "TRACKS", "EVENTS", "COMMANDS")}
    assert streams | {"KV_QIKI_SNAPSHOTS"} == missing
    applied = run("js", "apply", "--nats", url)
    assert applied.returncode == 0
    assert "QIKI_RADAR_V1: keeps 3600 s" in applied.stdout
    after = run("js", "check", "--nats", url, "--json")
    assert (after.returncode, last_json(after)["differs"]) == (0, [])


def test_names_and_limits_come_from_the_settings(url):
    result = run(
        *("js", "apply", "--nats", url, "--json"), RADAR_STREAM="MINE", RADAR_MAX_AGE_SEC="600"
    )
    # Its subjects belong to QIKI_RADAR_V1 already: the broker's own words say so.
    assert result.returncode == 1
    assert "stream MINE: refused, subjects overlap" in one_line_error(result)


def test_missing_broker_is_one_line():
    result = run("js", "check", "--nats", "nats://127.0.0.1:1", QIKI_NATS__CONNECT_TIMEOUT_S="0.3")
    assert result.returncode == 1
    assert "nats.url is nats://127.0.0.1:1" in one_line_error(result)
