"""`qiki agent` beside the services that it needs: real processes, a real broker, real gRPC."""

import asyncio
import json
import signal
import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.streams import stream_plans
from qiki.settings import BrokerSettings, NatsSettings, Settings
from qiki.wire import decode_tracks
from tests.conftest import TRAFFIC
from tests.serve.qiki_command import run, started
from tests.serve.test_services import STARTED, wait_for_log
from tests.serve.test_simulated_vehicle import until
from tests.source_tree import ROOT

AGENTS = ROOT / "tests" / "serve" / "agents_of_tests.py"
PATIENCE_S = 30.0


def agent(*names):
    return ",".join(f"{AGENTS}:{name}" for name in names)


@pytest.fixture
async def system(broker, client):
    """Give what starts services, and the events that they have stored."""
    return await system_on(broker.url, client)


async def system_on(url, client):
    """Give the same on another broker."""
    variables = {
        "NATS_URL": url,
        "QIKI_GRPC__PORT": "0",
        "QIKI_BIOS__PORT": "0",
        "QIKI_TRACKER__GUARD_RULES": "default",
        "QIKI_AGENT__MAX_AGE_S": "1",
    }
    jetstream = client.jetstream()
    begin = (await jetstream.stream_info("QIKI_EVENTS_V1")).state.last_seq
    first = (await jetstream.stream_info("QIKI_TRACKS_V1")).state.last_seq

    async def events(subject):
        last = (await jetstream.stream_info("QIKI_EVENTS_V1")).state.last_seq
        numbers = range(begin + 1, last + 1)
        found = [await jetstream.get_msg("QIKI_EVENTS_V1", n, direct=True) for n in numbers]
        return [json.loads(message.data) for message in found if message.subject == subject]

    async def wait_for(subject, is_it):
        deadline_s = time.monotonic() + PATIENCE_S
        while not (found := [event for event in await events(subject) if is_it(event)]):
            assert time.monotonic() < deadline_s, (await events(subject))[-3:]
            await asyncio.sleep(0.1)
        return found

    async def start(stack, name, **more):
        own = {**variables, **more}
        if name in ("agent", "bios"):  # they ask the simulator
            del own["QIKI_GRPC__PORT"]
        process = stack.enter_context(started(name, **own))
        await wait_for_log(process, STARTED[name])
        return process

    async def command(*words):
        return await asyncio.to_thread(run, *words, **variables)

    async def until_alert(severity):
        deadline_s, seen = time.monotonic() + PATIENCE_S, first  # not another test's alerts
        while True:
            last = (await jetstream.stream_info("QIKI_TRACKS_V1")).state.last_seq
            for number in range(seen + 1, last + 1):
                message = await jetstream.get_msg("QIKI_TRACKS_V1", number, direct=True)
                alerts = decode_tracks(message.data).alerts
                if any((it.kind, it.severity) == ("raised", severity) for it in alerts):
                    return
            seen = last
            assert time.monotonic() < deadline_s
            await asyncio.sleep(0.1)

    return SimpleNamespace(
        events=events, wait_for=wait_for, start=start, command=command, until_alert=until_alert
    )


async def started_all(system, stack, names="Pusher", **more):
    processes = {}
    for name in ("bridge", "sim", "bios"):
        processes[name] = await system.start(stack, name)
    chosen = {"QIKI_AGENT__NAMES": agent(*names.split(","))}
    processes["agent"] = await system.start(stack, "agent", **chosen, **more)
    return processes


def to_state(name):
    return lambda event: event["to_state"] == name


def did(agent_name):
    """Tell whether something of an agent was executed."""
    return lambda event: any(
        (it["source_module_id"], it["status"]) == (agent_name, "EXECUTED")
        for it in event["proposals"]
    )


async def test_what_is_decided_is_done_and_recorded_with_its_reasons(system):
    with ExitStack() as stack:
        await started_all(system, stack, "Pusher,Silencer", QIKI_AGENT__MISSION="hold")
        done = await system.wait_for(subjects.AGENT_DECISION, did("Pusher"))
        told = {it["source_module_id"]: it for it in done[0]["proposals"]}
        pushed = told["Pusher"]
        assert pushed["justification"].endswith("tracks, mission hold")
        assert pushed["proposed_actions"][0]["wrench_value"] == {"force_y_n": 20.0}
        assert pushed["type"] == "PLANNING"
        silenced = await system.wait_for(subjects.AGENT_DECISION, did("Silencer"))
        (quiet,) = [it for it in silenced[0]["proposals"] if it["source_module_id"] == "Silencer"]
        assert quiet["metadata"]["action.0"] == "sim.xpdr.mode mode=OFF"
        changed = await system.wait_for(
            subjects.COMMS_CHANGE, lambda event: event["kind"].startswith("transponder")
        )
        assert changed
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        states = await system.events(subjects.AGENT_STATE)
        assert [(it["from_state"], it["to_state"]) for it in states if it["subject"] == "system"][
            :2
        ] == [("BOOTING", "IDLE"), ("IDLE", "ACTIVE")]


async def test_agents_that_hang_or_dream_stop_neither_the_loop_nor_the_others(system):
    with ExitStack() as stack:
        await started_all(system, stack, "Sleeper,Dreamer,Pusher")
        faults = await system.wait_for(
            subjects.AGENT_FAULT, lambda event: event["subject"] == "Sleeper"
        )
        assert "took longer than 0.08 s" in faults[0]["reason"]
        nonsense = await system.wait_for(
            subjects.AGENT_FAULT, lambda event: event["subject"] == "Dreamer"
        )
        assert "priority is 7.0, must be 0 to 1" in nonsense[0]["reason"]
        await system.wait_for(
            subjects.AGENT_DECISION,
            lambda event: (
                event["tick"] > 20 and event["proposals"][0]["source_module_id"] == "Pusher"
            ),
        )
        status = await system.command("status", "--json", "--expect", "agent")
        assert '"ship_state"' in status.stdout


@pytest.mark.parametrize(
    ("victim", "reason"),
    [("sim", "Pusher/push failed: "), ("bridge", "tracks is 1.")],
)
async def test_without_simulator_or_bridge_it_is_in_safe_mode_and_comes_back(
    system, victim, reason
):
    with ExitStack() as stack:
        processes = await started_all(system, stack)
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        begin_s = time.monotonic()
        processes[victim].send_signal(signal.SIGKILL)
        safe = await system.wait_for(subjects.AGENT_STATE, to_state("SAFE_MODE"))
        assert time.monotonic() - begin_s < 10.0
        assert reason in safe[0]["reason"]
        before = len(await system.events(subjects.AGENT_DECISION))
        await asyncio.sleep(1.0)
        later = (await system.events(subjects.AGENT_DECISION))[before:]
        assert not any(map(did("Pusher"), later))
        await system.start(stack, victim)
        back = await system.wait_for(
            subjects.AGENT_STATE, lambda event: event["from_state"] == "SAFE_MODE"
        )
        assert "good ticks in a row" in back[-1]["reason"]


async def test_a_paused_world_is_no_fault(system):
    with ExitStack() as stack:
        await started_all(system, stack)
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        assert (await system.command("command", "sim.pause")).returncode == 0
        await asyncio.sleep(3.0)
        before = len(await system.events(subjects.AGENT_DECISION))
        await asyncio.sleep(1.0)
        assert len(await system.events(subjects.AGENT_DECISION)) == before
        assert (await system.command("command", "sim.start")).returncode == 0
        await system.wait_for(
            subjects.AGENT_DECISION,
            lambda event: event["tick"] > before and event["subject"] == "executed",
        )
        # A slow machine may have an action unanswered, which is another reason.
        states = await system.events(subjects.AGENT_STATE)
        assert not [it for it in states if "s old, must be at most" in it["reason"]]


async def test_who_is_blind_is_in_safe_mode_until_the_radar_looks_again(system):
    with ExitStack() as stack:
        await started_all(system, stack)
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        assert (await system.command("command", "sim.radar.off")).returncode == 0
        blind = await system.wait_for(subjects.AGENT_STATE, to_state("SAFE_MODE"))
        assert "searched nothing: the radar is off" in blind[0]["reason"]
        assert (await system.command("command", "sim.radar.on")).returncode == 0
        await system.wait_for(
            subjects.AGENT_STATE, lambda event: event["from_state"] == "SAFE_MODE"
        )


async def test_a_second_agent_on_a_broker_is_refused_and_the_first_goes_on(system):
    with ExitStack() as stack:
        await started_all(system, stack)
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        second = await system.command("agent", "--agent", agent("Silencer"))
        assert second.returncode == 78
        assert "a service agent runs on this broker already, for " in second.stderr
        assert "more agents run in one process, by commas" in second.stderr
        before = await system.events(subjects.AGENT_DECISION)
        await system.wait_for(
            subjects.AGENT_DECISION, lambda event: event["tick"] > before[-1]["tick"]
        )


async def test_the_operator_stops_the_ship_and_lets_it_go_on(system):
    reader = {"QIKI_AGENT__INTENT_READER": f"{AGENTS.with_name('readers_of_tests.py')}:Reader"}
    with ExitStack() as stack:
        await started_all(system, stack, **reader)
        await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
        refused = await system.command("intent", "go", "on")
        assert (refused.returncode, "must be in EMERGENCY_STOP" in refused.stdout) == (1, True)
        stopped = await system.command("intent", "стоп")
        assert (stopped.returncode, stopped.stderr) == (0, "")
        ceased = await system.wait_for(
            subjects.AGENT_DECISION,
            lambda event: any(it["metadata"]["name"] == "cease" for it in event["proposals"]),
        )
        assert ceased[0]["proposals"][0]["status"] == "EXECUTED"
        assert "EMERGENCY_STOP" in (await system.command("intent", "status")).stdout
        assert (await system.command("intent", "go", "on")).returncode == 0
        assert (await system.command("intent", "hold")).stdout == "The mission is hold.\n"
        await system.wait_for(
            subjects.AGENT_DECISION,
            lambda event: event["proposals"][0]["justification"].endswith("mission hold"),
        )
        unknown = await system.command("intent", "make", "coffee", "--json")
        said = json.loads(unknown.stdout)
        assert (unknown.returncode, said["error"]) == (1, "not_understood")
        proposed = await system.command("intent", "please", "rest")
        assert (proposed.returncode, "Proposed: rest." in proposed.stdout) == (0, True)
        assert (await system.command("intent", "mode", "mission")).returncode == 0
        await system.wait_for(subjects.SYSTEM_MODE, lambda event: event["mode"] == "MISSION")
        told = [event["mode"] for event in await system.events(subjects.SYSTEM_MODE)]
        assert told == ["FACTORY", "MISSION"]


async def test_without_broker_it_is_in_safe_mode_and_tells_it_when_there_is_one_again(tmp_path):
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(tmp_path, BrokerSettings(port=0)))
        async with connected(NatsSettings(url=broker.url), "test") as client:
            settings = Settings()
            plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
            await apply(client.jetstream(), plans)
            system = await system_on(broker.url, client)
            await started_all(system, stack)
            await system.wait_for(subjects.AGENT_STATE, to_state("FLIGHT_MANEUVERING"))
            broker._process.kill()
            broker.stop()
            await asyncio.sleep(3.0)
            port = int(broker.url.rpartition(":")[2])
            stack.enter_context(EmbeddedBroker(tmp_path, BrokerSettings(port=port)))
            await until(lambda: client.is_connected)
            safe = await system.wait_for(subjects.AGENT_STATE, to_state("SAFE_MODE"))
            assert "tracks is " in safe[0]["reason"]
            back = await system.wait_for(
                subjects.AGENT_STATE, lambda event: event["from_state"] == "SAFE_MODE"
            )
            assert back[0]["sim_time_ns"] > safe[0]["sim_time_ns"]


async def test_who_is_started_anew_knows_the_alerts_that_stand(system):
    with ExitStack() as stack:
        for name in ("bridge", "sim"):
            await system.start(stack, name, QIKI_RADAR__SCENARIO="guard")
        assert (await system.command("command", "sim.start", "speed=5")).returncode == 0
        await system.until_alert("critical")
        assert (await system.command("command", "sim.start", "speed=0.1")).returncode == 0
        chosen = {"QIKI_AGENT__NAMES": agent("Alarmed"), "QIKI_RADAR__SCENARIO": "guard"}
        for _ in range(2):  # killed, it is told again
            before = await system.events(subjects.AGENT_DECISION)
            process = await system.start(stack, "agent", **chosen)
            told = await system.wait_for(
                subjects.AGENT_DECISION, lambda event, before=before: event not in before
            )
            (alarm,) = told[0]["proposals"]
            assert (alarm["metadata"]["name"], alarm["status"]) == ("alarm", "EXECUTED")
            assert "UNKNOWN_CONTACT_CLOSE" in alarm["justification"]
            process.send_signal(signal.SIGKILL)
            process.wait()


async def test_without_an_agent_an_intent_is_refused_at_once(system):
    refused = await system.command("intent", "status")
    assert refused.returncode != 0
    assert "no agent listens on that broker" in refused.stderr
