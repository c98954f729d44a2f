"""A model that answers what it must not, or is missing: what the simulator and commands do."""

import asyncio
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from structlog.testing import capture_logs

from qiki.bus import headers, subjects
from qiki.bus.headers import MODEL_FAULT
from qiki.models import rcs_model
from qiki.radar import Radar
from qiki.serve.model_faults import ModelFaults
from qiki.serve.simulator import Simulator
from qiki.serve.station import Station
from qiki.wire import decode_frame
from tests.radar.scenes import SENSOR, scenario, target
from tests.serve.qiki_command import last_json, run

START_NS = 1_700_000_000_000_000_000
ENTRY = target("one", (0.0, 5000.0, 0.0), rcs_model="body")
del ENTRY["rcs_dbsm"]
SCENE = scenario([ENTRY])

FILE = """
from qiki.models import rcs_model

@rcs_model
def body(azimuth_deg, elevation_deg, time_s):
    return 1.0
"""


@rcs_model
def body(azimuth_deg, elevation_deg, time_s):
    return np.nan if 0.25 < time_s < 0.55 else 1.0


def test_a_clock_frame_stands_for_a_spoiled_one():
    radar = Radar(SCENE, start_time_ns=START_NS, models=[body])
    station = Station(radar, SimpleNamespace(), START_NS)
    arrivals = [station.take() for _ in range(8)]
    assert [arrival.frame.number for arrival in arrivals] == list(range(8))
    for number, arrival in enumerate(arrivals):
        assert arrival.frame.time_ns == START_NS + number * radar.period_ns
        is_spoiled = number in {3, 4, 5}
        assert arrival.frame.coverage.is_empty == is_spoiled
        assert (arrival.fault is not None) == is_spoiled
    assert re.match(r'rcs model "body" is NaN at azimuth_deg 180', str(arrivals[3].fault))


@pytest.mark.parametrize("copies", [1, 2])
def test_it_is_told_when_it_begins_and_when_it_is_over(copies):
    """Of frames that a fault repeats no more is lost."""
    radar = Radar(SCENE, models=[body])
    if copies == 2:
        radar = radar.with_fault('{"fault": {"duplicated": {"probability": 1.0}}}')
    faults = ModelFaults("main")
    station = Station(radar, SimpleNamespace(), 0)
    with capture_logs() as lines:
        for _ in range(8 * copies):
            arrival = station.take()
            faults.tell(arrival)
    told = [(line["event"], line["sensor"], line["number"]) for line in lines]
    assert told == [("model_fault", "main", 3), ("model_answers_again", "main", 6)]
    assert "is NaN at azimuth_deg" in lines[0]["error"]
    assert lines[1]["frames_lost"] == 3


async def test_the_simulator_goes_on(client, settings):
    stop = asyncio.Event()
    simulator = Simulator([client], settings, SCENE, [body])
    running = asyncio.create_task(simulator.run(stop))
    jetstream = client.jetstream()
    for _ in range(600):
        if (await jetstream.stream_info("QIKI_RADAR_V1")).state.messages >= 3 * 8:
            break
        await asyncio.sleep(0.05)
    stop.set()
    await running
    last = (await jetstream.stream_info("QIKI_RADAR_V1")).state.last_seq
    stored = [
        await jetstream.get_msg("QIKI_RADAR_V1", sequence, direct=True)
        for sequence in range(1, last + 1)
    ]
    frames = [decode_frame(m.data) for m in stored if m.subject == subjects.FRAMES]
    assert [frame.number for frame in frames] == list(range(len(frames)))
    assert len(frames) >= 7
    assert [frame.number for frame in frames if frame.coverage.is_empty] == [3, 4, 5]
    told = [headers.integer(m.headers, headers.NUMBER) for m in stored if MODEL_FAULT in m.headers]
    assert sorted(told) == [3, 3, 3, 4, 4, 4, 5, 5, 5]  # of all three bands


@pytest.fixture
def files(tmp_path):
    """A scenario that names a model, and a module that has it."""
    document = {"scenario_version": 1, "name": "mine", "sensors": [SENSOR], "targets": [ENTRY]}
    path, module = tmp_path / "mine.yaml", tmp_path / "mine.py"
    # As JSON first: YAML would write the shared parts as references.
    path.write_text(yaml.safe_dump(json.loads(json.dumps(document))))
    module.write_text(FILE)
    return path, module


def test_up_counts_what_a_model_spoils(files, tmp_path):
    path, module = files
    module.write_text(FILE.replace("return 1.0", "return 1.0 if time_s > 0.55 else -1.0"))
    words = ("--duration", 1, "--json", "--data-dir", tmp_path / "data")
    ports = ("--port", 0, "--grpc-port", 0)
    result = run("up", "--scenario", path, "--models", module, *words, *ports)
    assert result.returncode == 0, result.stderr
    summary = last_json(result)
    assert (summary["frames_spoiled"], summary["frames_lost"]) == (6, 0)
    assert summary["frames"] > 6


def test_check_says_what_is_needed_and_looks_for_it(files, tmp_path):
    path, module = files
    result = run("scenario", "check", path)
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "  needs models: body (rcs)")
    report = last_json(run("scenario", "check", path, "--models", module, "--json"))["files"][0]
    assert (report["ok"], report["models"]) == (True, [{"kind": "rcs", "name": "body"}])
    module.write_text(FILE.replace("def body", "def head"))
    result = run("scenario", "check", path, "--models", module)
    assert result.returncode == 78
    assert "are head, must be with body (rcs) of scenario 'mine'" in result.stdout


def test_plot_draws_with_the_models(files, tmp_path):
    path, module = files
    picture = tmp_path / "mine.png"
    line = ["scenario", "plot", path, "--output", picture, "--duration", "3"]
    assert 'must be with the rcs model "body"' in run(*line).stderr
    assert not picture.exists()
    result = run(*line, "--models", module)
    assert (result.returncode, picture.exists()) == (0, True)
    assert result.stdout.endswith("1 targets, needs models: body (rcs)\n")


@pytest.mark.parametrize("command", ["up", "sim"])
def test_nothing_starts_without_a_model(command, files, tmp_path):
    path, _ = files
    data = tmp_path / "data"
    broker = {"QIKI_UP__DATA_DIR": str(data)} if command == "up" else {"QIKI_NATS_URL": "nats://x"}
    for more, message in (
        ([], 'models is none, must be with the rcs model "body" of scenario "mine"'),
        (["--models", tmp_path / "none.py"], "must be a module that can be imported"),
    ):
        result = run(command, "--scenario", path, *more, **broker)
        assert result.returncode == 78
        assert message in result.stderr
        if command == "up":
            assert not data.exists()
