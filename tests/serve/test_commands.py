"""Commands to a running `qiki sim`, beside a running bridge: real processes, a real broker."""

import asyncio
import time
from contextlib import ExitStack
from itertools import pairwise
from types import SimpleNamespace

import pytest

from qiki.bus import subjects
from qiki.tracking import TrackEvent, TrackStatus
from qiki.wire import decode_frame, decode_tracks
from tests.serve.qiki_command import last_json, one_line_error, run, started
from tests.serve.test_services import wait_for_log

MAX_COAST_S = 1.0
SECONDS = 1_000_000_000


@pytest.fixture
async def world(broker, client):
    """A simulator and a bridge that run, and the way to command them."""
    variables = {
        "NATS_URL": broker.url,
        "QIKI_GRPC__PORT": "0",
        "QIKI_TRACKER__PARAMETERS": f'{{"max_coast_s": {MAX_COAST_S}}}',
    }

    async def command(*words):
        return await asyncio.to_thread(run, "command", *words, **variables)

    with ExitStack() as stack:
        for name, event in (("bridge", "worker_started"), ("sim", "grpc_listens")):
            process = stack.enter_context(started(name, **variables))
            await wait_for_log(process, event)
        yield SimpleNamespace(command=command, client=client)


async def stored(world, stream, subject, decode):
    jetstream = world.client.jetstream()
    last = (await jetstream.stream_info(stream)).state.last_seq
    messages = [await jetstream.get_msg(stream, n, direct=True) for n in range(1, last + 1)]
    return [decode(message.data) for message in messages if message.subject == subject]


async def frames(world, subject=subjects.FRAMES):
    return await stored(world, "QIKI_RADAR_V1", subject, decode_frame)


async def wait_until(world, is_so, patience_s=15.0):
    """Wait until the newest tracks message is so; return the tracks messages."""
    deadline_s = time.monotonic() + patience_s
    while True:
        answers = await stored(world, "QIKI_TRACKS_V1", subjects.TRACKS, decode_tracks)
        if answers and is_so(answers):
            return answers
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.1)


def has(answer, status):
    """Whether one track of the message has this status."""
    return status in answer.tracks["status"]


async def test_tracks_of_a_radar_switched_off_coast_and_end_and_begin_anew(world):
    await wait_until(world, lambda answers: has(answers[-1], TrackStatus.TRACKED))
    off = await world.command("sim.radar.off", "--json")
    assert off.returncode == 0, off.stderr
    off = last_json(off)
    assert (off["success"], off["payload"]["status"], off["payload"]["sequence"]) == (
        True,
        "applied",
        1,
    )
    all_ended_ns = off["payload"]["time_ns"] + round((MAX_COAST_S + 0.5) * SECONDS)
    answers = await wait_until(world, lambda answers: answers[-1].time_ns > all_ended_ns)
    known = {int(number) for answer in answers for number in answer.tracks["number"]}
    on = await world.command("sim.radar.on")
    assert (on.returncode, on.stdout) == (0, "sim.radar.on: carried out, stored as sequence 2\n")
    behind = len(answers)
    await wait_until(
        world, lambda answers: any(has(a, TrackStatus.TRACKED) for a in answers[behind:])
    )

    every = await frames(world)
    assert [frame.number for frame in every] == list(range(len(every)))
    silent = [frame.number for frame in every if frame.coverage.is_empty]
    assert silent == list(range(silent[0], silent[-1] + 1))
    last_look, first_silent = every[silent[0] - 1], every[silent[0]]
    period_ns = every[1].time_ns - every[0].time_ns
    assert first_silent.time_ns - last_look.time_ns == period_ns * 3 // 2
    assert all(
        after.time_ns - before.time_ns == period_ns
        for before, after in pairwise(every[silent[0] : silent[-1] + 1])
    )
    assert last_look.time_ns <= off["payload"]["time_ns"] + period_ns
    for subject in (subjects.FRAMES_LR, subjects.FRAMES_SR):
        parts = await frames(world, subject)
        assert [part.number for part in parts][: silent[-1]] == list(range(silent[-1]))

    # Not one is missed while the radar is off; each ends when it has coasted for long enough.
    answers = await wait_until(world, lambda answers: len(answers) > silent[-1])
    assert {answer.verdict for answer in answers} == {"accepted"}
    in_silence = answers[silent[0] : silent[-1] + 1]
    events = {int(event) for answer in in_silence for event in answer.tracks["event"]}
    assert events == {TrackEvent.ENDED}
    lost = [answer for answer in in_silence if has(answer, TrackStatus.LOST)]
    coasted_s = [(answer.time_ns - last_look.time_ns) / SECONDS for answer in lost]
    # From its own last detection, which for some was not in the last frame.
    assert MAX_COAST_S - 0.5 < max(coasted_s) <= MAX_COAST_S + period_ns / SECONDS
    behind = answers[silent[-1] + 1 :]
    new = {int(number) for answer in behind for number in answer.tracks["number"]}
    assert new
    assert new.isdisjoint(known)


async def test_a_paused_world_stands_still_and_goes_on_where_it_stood(world):
    await wait_until(world, lambda answers: len(answers) >= 5)
    paused = last_json(await world.command("sim.pause", "--json"))["payload"]["time_ns"]
    before = await frames(world)
    await asyncio.sleep(1.0)
    assert len(await frames(world)) == len(before)
    started_at = last_json(await world.command("sim.start", "--json"))["payload"]["time_ns"]
    assert 0 <= started_at - paused < SECONDS // 10
    await wait_until(world, lambda answers: len(answers) >= len(before) + 5)
    every = await frames(world)
    assert not any(frame.coverage.is_empty for frame in every)
    period_ns = every[1].time_ns - every[0].time_ns
    assert all(after.time_ns - before.time_ns == period_ns for before, after in pairwise(every))


async def test_frames_of_a_faulty_radar_reach_the_bridge_late_twice_and_out_of_order(world):
    await wait_until(world, lambda answers: has(answers[-1], TrackStatus.TRACKED))
    for words in (
        ("fault=late", "probability=0.3", "delay_s=0.4"),
        ("fault=duplicated", "probability=0.3"),
        ("fault=reordered", "probability=0.3"),
    ):
        answer = await world.command("sim.radar.fault", *words)
        assert answer.returncode == 0, answer.stderr
    before = len(await frames(world))
    await wait_until(world, lambda answers: len(answers) > before + 60)
    assert (await world.command("sim.radar.repair")).returncode == 0
    repaired = len(await frames(world))
    await wait_until(world, lambda answers: len(answers) > repaired + 10)
    answers = await wait_until(world, lambda answers: has(answers[-1], TrackStatus.TRACKED))

    every = (await frames(world))[: len(answers)]
    numbers = [frame.number for frame in every]
    assert set(numbers) >= set(range(max(numbers[:repaired])))  # none is lost
    assert numbers != sorted(numbers)
    copies = [at for at, number in enumerate(numbers) if number in numbers[:at]]
    assert len(copies) > 5
    # A late frame is used as if it had come in time, the second of a name is refused, and the
    # tracks live through it.
    verdicts = [answer.verdict for answer in answers]
    assert [at for at, verdict in enumerate(verdicts) if verdict != "accepted"] == copies
    assert {verdicts[at] for at in copies} == {"refused"}


async def test_a_refused_command_is_one_line_and_exit_code_1(world):
    refused = await world.command("sim.radar.off", "sensor=nowhere")
    assert refused.returncode == 1
    assert refused.stdout == ""
    line = one_line_error(refused)
    assert 'sim.radar.off, stored as sequence 1, was not carried out: sensor is "nowhere"' in line
    assert "must be one of the scenario's" in line
    unknown = await world.command("sim.nope", "--json")
    assert (unknown.returncode, last_json(unknown)["error"]) == (1, "rejected")


async def test_without_a_simulator_the_command_says_so(broker, client):
    result = await asyncio.to_thread(
        run, "command", "sim.pause", NATS_URL=broker.url, QIKI_COMMANDS__TIMEOUT_S="0.3"
    )
    assert result.returncode == 1
    line = one_line_error(result)
    assert "sim.pause is stored as sequence 1, but no simulator answered within 0.3 s" in line
    assert "it has acted and its answer was lost, or it never will; see whether" in line
    assert line.endswith("and send the command again if it has not acted")


async def test_a_simulator_without_its_durable_is_one_line(broker, client):
    await client.jetstream().delete_consumer("QIKI_COMMANDS_V1", "sim_commands")
    result = await asyncio.to_thread(run, "sim", NATS_URL=broker.url, QIKI_GRPC__PORT="0")
    assert result.returncode == 1
    assert "sim_commands is missing, must be there: run `qiki js apply`" in one_line_error(result)


@pytest.mark.parametrize("word", ["sensor", "=mast", "a=1=2 a=2"])
def test_wrong_words_are_wrong_usage(word):
    result = run("command", "sim.pause", *word.split())
    assert result.returncode == 2
    assert "must be KEY=VALUE, each key once" in result.stderr
