"""Several bots in one world: each with its own radar, tracker, account and commands."""

import asyncio
import json
import random

import numpy as np
import pytest

from qiki.bus import subjects
from qiki.bus.command_message import CommandRefused
from qiki.errors import SettingError
from qiki.radar import Radar, Scenario
from qiki.serve.bot_plan import bot_plans, seed_of
from qiki.serve.own_ship import OwnShip
from qiki.serve.ship_way import ShipWay
from qiki.settings import RadarSettings, Settings, SimSettings, VehicleSettings
from qiki.tracking import Tracker, is_confirmed, position_covariance
from qiki.vehicle import VehicleConfig
from tests.radar.scenes import scenario, sensor, target
from tests.serve.fleet_in_process import SECOND_NS, START_NS, fleet, send
from tests.serve.test_command_interpreter import payload
from tests.serve.test_command_service import answers_to, ask, serving
from tests.serve.test_docking_station import NEAR
from tests.serve.test_docking_station import scenario as with_station
from tests.serve.test_own_ship import document
from tests.serve.test_simulated_vehicle import until

PERIOD_NS = 100_000_000
CHI_SQUARE_3_AT_1E_6 = 30.7  # of three degrees of freedom, exceeded once in a million


def confirmed(frames):
    """Return the confirmed tracks behind some frames."""
    tracker = Tracker()
    for frame in frames:
        result = tracker.step(frame)
    return result.tracks[is_confirmed(result.tracks)]


def nearest(tracks, place_m):
    """Return the track that is nearest to a place, an array of one."""
    index = np.argmin(np.linalg.norm(tracks["position_m"] - place_m, axis=1))
    return tracks[index : index + 1]


async def goes_on(found, duration_ns, frames):
    """Let the world go on for so long, until each bot has stored so many frames in all."""
    found.simulator.step(duration_ns)
    await until(lambda: all(len(payloads) == frames for payloads in found.stored))


def identity(track):
    return bytes(track["transponder_id"][0]).rstrip(b"\0").decode()


async def test_each_bot_tracks_the_others_within_the_accuracy_of_its_radar():
    async with fleet(4) as found:
        bots = found.simulator.bots
        for bot in bots[1:]:
            send(bot, "sim.rcs.fire", axis="forward", pct=100, duration_s=2.0 * bot.plan.number)
        await goes_on(found, 20 * SECOND_NS + 1, 201)
        ways_m = {bot.plan.number: bot.own_ship.vehicle.position_m for bot in bots}
        flown_m = [
            np.linalg.norm(ways_m[bot.plan.number] - bot.plan.start.position_m) for bot in bots
        ]
        assert flown_m[3] > flown_m[0] + 20.0
        for number, place_m in ways_m.items():
            frames = found.frames(number)
            assert frames[-1].time_ns == START_NS + 20 * SECOND_NS
            np.testing.assert_allclose(frames[-1].sensor_position_m, place_m, atol=1e-3)
            tracks = confirmed(frames)
            for other, other_m in ways_m.items():
                if other != number:
                    track = nearest(tracks, other_m)
                    off_m, (spread_m2,) = (
                        track["position_m"][0] - other_m,
                        position_covariance(track),
                    )
                    assert off_m @ np.linalg.solve(spread_m2, off_m) < CHI_SQUARE_3_AT_1E_6
                    assert np.linalg.norm(off_m) < 25.0
                    assert identity(track) == f"BOT-{other}"


async def test_the_bots_begin_abreast_each_with_draws_of_its_own():
    async with fleet(3, seed=11, bot_spacing_m=300.0) as found:
        bots = found.simulator.bots
        starts_m = [bot.own_ship.vehicle.position_m for bot in bots]
        heading = np.radians(bots[0].own_ship.vehicle.heading_deg)
        starboard = np.array([np.cos(heading), -np.sin(heading), 0.0])
        for number, start_m in enumerate(starts_m):
            np.testing.assert_allclose(start_m - starts_m[0], 300.0 * number * starboard, atol=1e-9)
        velocities = {tuple(bot.own_ship.vehicle.velocity_m_s.tolist()) for bot in bots}
        assert velocities == {(0.6, 0.2, 0.0)}
    for bot in bots:
        targets, numbers = bot.plan.scenario.targets, {1, 2, 3} - {bot.plan.number}
        others = [(targets[index].id, number) for index, number in bot.plan.others]
        assert others == [(f"bot-{number}", number) for number in sorted(numbers)]
    assert [bot.plan.seed for bot in bots] == [11, seed_of(11, 2), seed_of(11, 3)]
    assert len({seed_of(seed, number) for seed in (11, 12) for number in (2, 3, 4)}) == 6


async def test_a_command_to_one_bot_moves_that_one_alone():
    async with fleet(2) as found:
        one, two = found.simulator.bots
        before = one.own_ship.vehicle.velocity_m_s.tolist()
        send(two, "sim.rcs.fire", axis="forward", pct=100, duration_s=3.0)
        send(two, "sim.xpdr.mode", mode="SILENT")
        send(two, "sim.radar.off")
        await goes_on(found, 5 * SECOND_NS, 50)
        assert one.own_ship.vehicle.velocity_m_s.tolist() == before
        assert two.own_ship.vehicle.velocity_m_s.tolist() != before
        assert one.own_ship.vehicle.comms.transponder_mode == "on"
        assert one.why_no_frames is None
        assert "is off" in two.why_no_frames
        looked = [not frame.coverage.is_empty for frame in found.frames(1)]
        assert all(looked)
        assert not any(not frame.coverage.is_empty for frame in found.frames(2)[1:])


async def test_a_command_to_the_world_is_one_to_all_of_it():
    async with fleet(2, state="RUNNING") as found:
        one, two = found.simulator.bots
        send(two, "sim.pause")
        stood_ns = found.simulator.time_ns
        assert found.simulator.state == "PAUSED"
        await asyncio.sleep(0.25)
        assert found.simulator.time_ns == stood_ns
        send(one, "sim.start", speed=2)
        assert found.simulator.speed == 2
        send(two, "sim.reset")
        assert [bot.own_ship.vehicle.time_ns for bot in (one, two)] == [0, 0]
        assert one.world is two.world


async def test_what_was_stored_before_another_bots_reset_does_not_act_on_the_new_world():
    push = {"axis": "forward", "pct": 100, "duration_s": 2.0}
    async with fleet(2) as found:
        (one, two), (first, second) = found.simulator.bots, found.clients
        await second.jetstream().publish(subjects.COMMANDS, payload("sim.rcs.fire", **push))
        async with serving(first, found.settings[0], one):
            assert (await ask(first, found.settings[0], "sim.reset")).refusal is None
        async with answers_to(second) as answers, serving(second, found.settings[1], two, 0):
            old = await asyncio.wait_for(answers.get(), 5)
            assert old["error"] == "too_old"
            assert "before another bot's sim.reset" in json.dumps(old)
            await goes_on(found, SECOND_NS, 10)
            begun_m_s = two.plan.start.velocity_m_s
            assert two.own_ship.vehicle.velocity_m_s.tolist() == list(begun_m_s)
            new = await ask(second, found.settings[1], "sim.rcs.fire", **push)
            assert new.refusal is None
            await goes_on(found, SECOND_NS, 20)
        assert two.own_ship.vehicle.velocity_m_s.tolist() != list(begun_m_s)


async def decided(order, ticks=25):
    """Return what two bots store in lock-step, deciding in an order, each about what it sees."""
    async with fleet(2, lockstep=True, seed=5) as found:
        found.simulator.start(1000.0)
        bots = found.simulator.bots
        for tick in range(ticks):
            await until(lambda tick=tick: all(bot.lockstep.tick == tick for bot in bots))
            for bot in order(bots):
                axis = ("forward", "aft", "port")[(tick + bot.plan.number) % 3]
                send(bot, "sim.rcs.fire", axis=axis, pct=60, duration_s=0.2, tick=tick)
                send(bot, "sim.xpdr.mode", mode="OFF" if tick % 5 == bot.plan.number else "ON")
                await asyncio.sleep(random.uniform(0.0, 0.004))
                assert {it.own_ship.vehicle.time_ns for it in bots} == {tick * PERIOD_NS}
                send(bot, "sim.tick", tick=tick)
        await until(lambda: all(len(payloads) > ticks for payloads in found.stored))
        return found.stored


async def test_in_lockstep_the_world_is_the_same_in_whatever_order_they_decide():
    first = await decided(lambda bots: bots)
    second = await decided(lambda bots: bots[::-1])
    assert [len(payloads) for payloads in first] == [26, 26]
    assert first == second
    assert first[0] != first[1]


async def test_what_a_bot_does_about_its_frame_changes_no_frame_of_that_time():
    """An agent may act as soon as its bot's frame is out, when another's is not yet."""
    async with fleet(2, seed=5) as found:
        one, _ = found.simulator.bots
        sender = one.stations[0].sender
        send_frame = sender.send

        async def send_and_fall_silent(frames, **kinds):
            await send_frame(frames, **kinds)
            if frames.all.number == 3:
                send(one, "sim.xpdr.mode", mode="SILENT")
                await asyncio.sleep(0.02)

        sender.send = send_and_fall_silent
        await goes_on(found, SECOND_NS, 10)
    # At time 0 nothing of a vehicle has had power yet.
    replies = [frame.detections["transponder_id"].tolist() for frame in found.frames(2)]
    assert [b"BOT-1" in ids for ids in replies] == [False] + [True] * 3 + [False] * 6


@pytest.mark.parametrize(("part", "replies"), [(None, True), ("comms", False)])
async def test_a_vehicle_without_a_transponder_replies_to_no_other_bot(tmp_path, part, replies):
    file, parts = tmp_path / "vehicle.yaml", document()
    parts.pop(part, None)
    file.write_text(json.dumps(parts))
    async with fleet(2, vehicle=file) as found:
        await goes_on(found, SECOND_NS, 10)
    for number, other in ((1, b"BOT-2"), (2, b"BOT-1")):
        last = found.frames(number)[-1].detections
        assert len(last) > 0
        assert (other in last["transponder_id"].tolist()) == replies


async def test_a_tick_ends_when_each_bot_has_decided():
    async with fleet(3, lockstep=True) as found:
        found.simulator.start(1000.0)
        bots = found.simulator.bots
        await until(lambda: all(bot.lockstep.tick == 0 for bot in bots))
        for bot in (bots[2], bots[0]):
            send(bot, "sim.tick", tick=0)
            with pytest.raises(CommandRefused, match="the world goes on to its next one"):
                send(bot, "sim.rcs.stop", tick=0)
            await asyncio.sleep(0.05)
            assert [bot.newest.all.number for bot in bots] == [0, 0, 0]
        send(bots[1], "sim.tick", tick=0)
        await until(lambda: all(bot.lockstep.tick == 1 for bot in bots))


async def test_a_port_that_one_bot_has_is_none_for_the_others():
    async with fleet(2, with_station(NEAR), bot_spacing_m=50.0) as found:
        one, two = (bot.own_ship.vehicle for bot in found.simulator.bots)
        for bot in found.simulator.bots:
            send(bot, "sim.dock.engage", port="A")
        assert two.docking.distance_m == pytest.approx(50.0, abs=1.0)
        await goes_on(found, 40 * SECOND_NS + 1, 401)
        assert one.docking.phase == "latched"
        assert two.docking.distance_m is None
        assert two.comms.link is not None  # it hears the station as before
        send(found.simulator.bots[0], "sim.dock.release")
        await goes_on(found, SECOND_NS, 411)
        assert two.docking.distance_m == pytest.approx(50.0, abs=1.0)


async def test_bots_that_hide_or_shine_do_so_for_the_others():
    """Bots are seen as the own ship is where the scenario says how."""
    seen = {"object_type": "drone", "rcs_dbsm": 25.0, "fluctuation": "swerling_0"}
    scene = scenario([target("far", (9000.0, 0.0, 0.0))], [sensor()], own_ship={"visible_as": seen})
    async with fleet(2, scene, bot_spacing_m=1000.0) as found:
        await goes_on(found, 2 * SECOND_NS + 1, 21)
        index = found.simulator.bots[0].plan.others[0][0]
        fellow = found.simulator.bots[0].plan.scenario.targets[index]
    assert (fellow.id, fellow.rcs_dbsm) == ("bot-2", 25.0)
    (track,) = (it for it in confirmed(found.frames(1)) if np.linalg.norm(it["position_m"]) < 2000)
    np.testing.assert_allclose(track["position_m"], [1000.0, 0.0, 0.0], atol=20.0)


async def test_a_single_bot_has_the_frames_of_one_that_is_simulated_by_hand():
    scene, until_ns = Scenario.load("default"), 3 * SECOND_NS
    async with fleet(1, scene, seed=5) as found:
        send(found.simulator.bots[0], "sim.rcs.fire", axis="forward", pct=100, duration_s=1.5)
        await goes_on(found, until_ns + 1, 31)
    ship, way = (
        OwnShip(VehicleConfig.load("default"), 100, scene.own_ship_start),
        ShipWay(PERIOD_NS),
    )
    thrust_n = ship.vehicle.allocate([0.0, 1e9, 0.0]).force_n[1]
    ship.vehicle.command([0.0, thrust_n, 0.0], duration_ns=1_500_000_000)
    radar = Radar(scene, seed=5, epoch=1, start_time_ns=START_NS)
    for frame in found.frames(1):
        while ship.due_ns <= frame.time_ns - START_NS:
            ship.step()
            way.note(ship.vehicle, START_NS)
        radar = way.told(radar, ship.vehicle)
        assert frame.detections.tobytes() == radar.frame(frame.number).detections.tobytes()
    assert np.linalg.norm(ship.vehicle.velocity_m_s - scene.own_ship_start.velocity_m_s) > 1.0


def test_a_single_bot_is_the_scenarios_own_ship_as_it_is():
    scene = Scenario.load("default")
    (plan,) = bot_plans(Settings(), scene)
    assert (plan.number, plan.scenario, plan.seed, plan.others) == (1, scene, None, ())
    assert plan.vehicle.name == "default"


@pytest.mark.parametrize(
    ("settings", "scene", "text"),
    [
        (
            Settings(sim=SimSettings(bots=2), vehicle=VehicleSettings(config="none")),
            scenario(),
            "vehicle.config is none, must name a vehicle where sim.bots is 2",
        ),
        (
            Settings(sim=SimSettings(bots=3), radar=RadarSettings(seed=1)),
            scenario([target("bot-3", (1000.0, 0.0, 0.0))]),
            'name is "bot-3", must be no target\'s of the scenario',
        ),
        (
            Settings(sim=SimSettings(bots=3)),
            scenario(identities={"hostile": ["BOT-2"]}),
            'transponder_id is "BOT-2", must be 1 to 32 bytes, and none of identities.hostile',
        ),
    ],
)
def test_a_world_that_cannot_have_several_is_refused(settings, scene, text):
    with pytest.raises(SettingError) as refused:
        bot_plans(settings, scene)
    assert text in str(refused.value)
