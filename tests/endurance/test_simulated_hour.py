"""Everything for an hour of simulated time: nothing lost, nothing twice, memory flat.

`make endurance` runs the hour, some minutes of real time; `make test` a minute of it.
"""

import asyncio
import json
import signal
import sqlite3
import threading
import time
from pathlib import Path

import nats
import pytest

from qiki.bus import subjects
from qiki.settings import NatsSettings, Settings
from tests.endurance.flight import Flight
from tests.endurance.memory import MemoryLog
from tests.endurance.stored_flow import stored_flow
from tests.serve.qiki_command import processes_with, run, started

SPEED = 1e6  # as fast as it goes
FRAMES_PER_S = 10
SERVICES = {"nats-server", "up", "sim", "bridge", "registrar", "bios", "guard"}
NONE_YET = "none yet"
START_S = 60.0
STALLED_S = 60.0
SAMPLE_S = 0.5
START_PART = 0.2  # of the time, in which caches, stores and pools fill
FLAT_FROM_S = 1800.0  # of simulated time: less shows how a system starts
FLAT_MIB = 8.0
MARK = "QIKI_ENDURANCE_RUN"
RECORDED = ("QIKI_EVENTS_V1", "QIKI_COMMANDS_V1")  # each message, not only counts of them


def service_of(pid):
    """Return the name of a process of the system; "none yet" while it becomes one, or has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return NONE_YET
    if b"nats-server" in words[0]:
        return "nats-server"
    return words[words.index(b"qiki") + 1].decode() if b"qiki" in words else NONE_YET


def broker_of(lines):
    """Return the broker's URL, which `qiki up` tells first."""
    for line in lines:
        if (event := json.loads(line))["event"] == "starting":
            return event["broker"]
    raise AssertionError("the system did not start")


def processes_of(mark):
    """Return the service that each process of the system is, when all run."""
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s:
        found = {pid: service_of(pid) for pid in processes_with(mark)}
        if set(found.values()) == SERVICES:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{sorted(found.values())} run, must be {sorted(SERVICES)}")


def command(name, *parameters, nats):
    """Have the simulator do something, as soon as it listens."""
    until_s = time.monotonic() + START_S
    while (told := run("command", name, *parameters, "--nats", nats)).returncode:
        assert time.monotonic() < until_s, told.stderr


async def frames_until(jetstream, count, log, flight):
    """Wait until so many frames are stored; return how long it took [s]."""
    begin_s = changed_s = time.monotonic()
    frames = 0
    while frames < count:
        await asyncio.sleep(SAMPLE_S)
        log.sample()
        info = await jetstream.stream_info("QIKI_RADAR_V1", subjects_filter=subjects.FRAMES)
        stored = (info.state.subjects or {}).get(subjects.FRAMES, 0)
        changed_s = time.monotonic() if stored > frames else changed_s
        assert time.monotonic() - changed_s < STALLED_S, f"the world stands at {stored} frames"
        frames = stored
        await flight.go_on(frames / FRAMES_PER_S)
    return time.monotonic() - begin_s


async def sequences_of(jetstream, stream):
    """Return the sequences that a stream holds, which must be all from the first to the last."""
    state = (await jetstream.stream_info(stream)).state
    sequences = range(state.first_seq, state.last_seq + 1)
    assert state.messages == len(sequences) > 0
    return sequences


async def settled_flow(jetstream):
    """Return the flow when every frame is answered, or nothing more comes."""
    flow, before = await stored_flow(jetstream), None
    while flow.lost_answers and (before is None or len(flow.answers) > len(before.answers)):
        await asyncio.sleep(5.0)
        flow, before = await stored_flow(jetstream), flow
    return flow


@pytest.mark.timeout(0)
async def test_an_hour_of_the_whole_system(tmp_path, request, bar):
    simulated_s = request.config.getoption("--simulated-s")
    variables = {
        MARK: str(tmp_path),
        "QIKI_SIM__STATE": "STOPPED",
        "QIKI_TRACKER__GUARD_RULES": "default",
        # The broker keeps the ids of so long in memory: of 120 s it would not be full at the end.
        "QIKI_STREAMS__DUPLICATE_WINDOW_S": "10",
        "QIKI_LOG__LEVEL": "info",
        "QIKI_REGISTRAR__PATH": str(tmp_path / "records.db"),
    }
    words = ("up", "--port", "0", "--grpc-port", "0", "--data-dir", tmp_path / "data", "--json")
    with started(*words, **variables) as system:
        url = broker_of(system.stderr)
        threading.Thread(target=system.stderr.read).start()  # it must not fill its pipe
        log = MemoryLog(processes_of(f"{MARK}={tmp_path}"))
        client = await nats.connect(url)
        flight = Flight(client, Settings(nats=NatsSettings(url=url)))
        jetstream = client.jetstream()
        command("sim.start", f"speed={SPEED}", nats=url)
        took_s = await frames_until(jetstream, int(simulated_s * FRAMES_PER_S), log, flight)
        command("sim.stop", nats=url)
        flow = await settled_flow(jetstream)
        stored = [await sequences_of(jetstream, stream) for stream in RECORDED]
        changes = await jetstream.stream_info(RECORDED[0], subjects_filter=subjects.COMMS_CHANGE)
        await client.close()
        system.send_signal(signal.SIGINT)
        result = json.loads(system.stdout.read().splitlines()[-1])
        assert system.wait(60) == 0
    # Of four modes two change whether the transponder replies; the last may come too late.
    assert sum((changes.state.subjects or {}).values()) >= max(1, (flight.commands - 2) // 4)
    assert len(stored[1]) >= flight.commands + 2  # and sim.start, sim.stop
    told = recorded(tmp_path / "records.db")
    frames = sum(flow.frames.values())
    lost = flow.lost_frames + flow.lost_answers
    twice = flow.duplicated_frames + flow.duplicated_answers
    assert (result["frames"], told["frames"], told["missing"]) == (frames, frames, 0)
    for stream, sequences in zip(RECORDED, stored, strict=True):
        assert recorded_once(tmp_path / "records.db", stream, sequences), stream
    figures = {"simulated s": simulated_s, "s": took_s, "frames": frames}
    figures |= {"commands": flight.commands}
    bar("frames lost, or twice", not (lost or twice), figures | {"lost": lost, "twice": twice})
    assert (lost, twice, flow.refused) == (0, 0, 0)
    assert flow.is_in_order
    if simulated_s >= FLAT_FROM_S:
        grown = log.growth_mib(START_PART)
        flat = max(grown.values()) <= FLAT_MIB
        by_name = {f"MiB {name}": grown[name] for name in sorted(grown)}
        bar("memory grows after the first fifth", flat, by_name)
        assert flat, grown


def recorded(path):
    """Return the sums of what the registrar counted."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        row = database.execute("SELECT sum(frames), sum(missing) FROM frame_minutes").fetchone()
    return dict(zip(("frames", "missing"), row, strict=True))


def recorded_once(path, stream, sequences):
    """Tell whether the registrar has one record of each of these messages."""
    statement = (
        "SELECT records.sequence FROM records JOIN streams ON streams.id = stream_id "
        "WHERE name = ? AND records.sequence BETWEEN ? AND ? ORDER BY 1"
    )
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(statement, (stream, sequences[0], sequences[-1])).fetchall()
    return [sequence for (sequence,) in rows] == list(sequences)
