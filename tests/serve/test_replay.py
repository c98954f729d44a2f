import asyncio
import os
import time
from pathlib import Path

import numpy as np
import pytest

from qiki.bus.broker import private_broker
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.errors import BrokerError, SettingError
from qiki.radar import Radar, Scenario
from qiki.serve.bridge import Bridge
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_monitor import FlowMonitor
from qiki.serve.replay import Recording, replay
from qiki.settings import BrokerSettings, NatsSettings, Settings, TrackerSettings, UpSettings
from tests.serve.qiki_command import last_json, one_line_error, run

FRAMES = 40


def recording(epoch=5):
    """A recording whose frames are 0.1 s apart."""
    radar = Radar(Scenario.load("crossing"), epoch=epoch)
    frames = [radar.frame(number) for number in range(FRAMES)]
    return Recording(radar.sensor_id, epoch, radar.sr_threshold_m, frames)


def replayed(*, speed=None, durable=False):
    with private_broker(BrokerSettings(durable=durable)) as broker:
        settings = Settings(
            nats=broker.addressed(NatsSettings()),
            broker=BrokerSettings(durable=durable),
            tracker=TrackerSettings(epoch=0),
        )
        return asyncio.run(replay(settings, recording(), speed=speed, own_bridge=True))


def test_two_replays_give_the_same_bytes():
    first, second = replayed(), replayed(durable=True)
    assert (first.frames, first.tracks_messages, first.frames_lost) == (FRAMES, FRAMES, 0)
    assert first.tracks_sha256 == second.tracks_sha256


def test_speed_changes_the_time_and_not_the_bytes():
    start_s = time.monotonic()
    paced = replayed(speed=4)
    elapsed_s = time.monotonic() - start_s
    assert elapsed_s >= (FRAMES - 1) * 0.1 / 4
    assert paced.tracks_sha256 == replayed().tracks_sha256


async def test_uses_the_bridge_of_another_broker(client, settings):
    stop = asyncio.Event()
    running = asyncio.create_task(Bridge(client, settings).run(stop))
    summary = await replay(settings, recording(), speed=None, own_bridge=False)
    stop.set()
    await running
    assert (summary.tracks_messages, summary.frames_lost) == (FRAMES, 0)


async def test_broker_that_is_not_durable_gets_no_frame(broker, client, settings):
    nats = broker.addressed(settings.nats)
    asking = Settings(nats=nats, broker=BrokerSettings(durable=True))
    with pytest.raises(SettingError, match="must sync each message"):
        await replay(asking, recording(), speed=None, own_bridge=False)
    assert (await client.jetstream().stream_info("QIKI_RADAR_V1")).state.messages == 0


async def test_without_a_bridge_says_so(client, settings):
    impatient = Settings(nats=settings.nats, up=UpSettings(drain_timeout_s=0.3))
    with pytest.raises(BrokerError, match=rf"{FRAMES} frames have no tracks.*qiki bridge"):
        await replay(impatient, recording(epoch=6), speed=None, own_bridge=False)


async def test_every_wait_without_a_bridge_ends(client, settings):
    """The patience ends at every moment of a request to the broker, and is never lost."""
    rec = recording(epoch=8)
    audit = FlowAudit(rec.epoch)
    async with FlowMonitor(client, settings, audit) as monitor:
        sender = FrameSender(Publisher(client, 5), rec.sensor_id)
        for frame in rec.frames:
            await sender.send(frame.split(rec.sr_threshold_m))
        for patience_s in np.arange(0.0205, 0.0225, 2e-5):
            async with asyncio.timeout(5):
                await monitor.drain(patience_s)
            assert audit.unanswered == FRAMES


async def test_same_epoch_again_is_refused_and_not_dropped_in_silence(client, settings):
    stop = asyncio.Event()
    running = asyncio.create_task(Bridge(client, settings).run(stop))
    await replay(settings, recording(epoch=7), speed=None, own_bridge=False)
    with pytest.raises(BrokerError, match=r"was used within the stream's duplicate window"):
        await replay(settings, recording(epoch=7), speed=None, own_bridge=False)
    stop.set()
    await running


@pytest.fixture
def barcelona():
    folder = os.environ.get("QIKI_TEST_DATA")
    if not folder:
        pytest.skip("QIKI_TEST_DATA is not set: no recording")
    path = Path(folder) / "bcn_cat048_first20min.ast"
    if not path.exists():
        pytest.skip(f"no recording {path.name} in QIKI_TEST_DATA")
    return path


def test_twenty_minutes_of_a_real_radar(barcelona):
    first, second = (run("replay", barcelona, "--json") for _ in range(2))
    assert first.returncode == 0, first.stderr
    summary = last_json(first)
    assert list(summary) == ["frames", "tracks_messages", "frames_lost", "tracks_sha256"]
    assert summary["frames"] == summary["tracks_messages"] > 290
    assert summary["frames_lost"] == 0
    assert last_json(second) == summary


def test_evaluation_of_twenty_minutes(barcelona):
    result = run("evaluate", barcelona, "--json")
    assert result.returncode == 0, result.stderr
    score = last_json(result)
    assert score["coverage"] >= 0.98
    assert score["purity"] >= 0.999
    assert score["extra_ids"] <= 40


@pytest.mark.parametrize("command", ["replay", "evaluate"])
def test_bad_recording_is_one_line(tmp_path, command):
    file = tmp_path / "bad.ast"
    file.write_bytes(b"# no radar speaks like this")
    assert "byte 0" in one_line_error(run(command, file))
    assert "must be a recording that can be read" in one_line_error(run(command, tmp_path))


def test_wrong_speed_is_wrong_usage(tmp_path):
    assert run("replay", "--speed", "0", tmp_path).returncode == 2
