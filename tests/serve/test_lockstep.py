"""A world that waits at each tick for whoever decides."""

import asyncio
import contextlib
import uuid

import msgspec
import pytest

from qiki.bus.command_message import CommandMessage, CommandRefused, MessageMetadata
from qiki.radar import Scenario
from qiki.serve.lockstep import Lockstep
from qiki.serve.simulator import Simulator
from qiki.serve.world_commands import carry_out
from qiki.settings import SimSettings
from qiki.vehicle import Vehicle, VehicleConfig
from tests.serve.qiki_command import one_line_error, run
from tests.serve.test_simulated_vehicle import until

START_NS = 1_000_000_000_000
PERIOD_NS = 100_000_000


@contextlib.asynccontextmanager
async def world_of(client, settings, **sim):
    """Run the default scenario a thousand times as fast as real time."""
    chosen = msgspec.structs.replace(settings, sim=SimSettings(state="PAUSED", **sim))
    simulator, stop = Simulator([client], chosen, Scenario.load("default")), asyncio.Event()
    task = asyncio.create_task(simulator.run(stop))
    simulator.start(1000.0)
    yield simulator
    stop.set()
    await task


def send(simulator, name, **parameters):
    metadata = MessageMetadata(message_id=uuid.uuid4())
    command = CommandMessage(command_name=name, parameters=parameters, metadata=metadata)
    carry_out(command, simulator.bots[0])


async def held_at(simulator, tick):
    await until(lambda: simulator.bots[0].lockstep.tick == tick)


async def test_the_world_waits_at_each_frame_for_its_tick(client, settings):
    async with world_of(client, settings, lockstep=True, start_time_ns=START_NS) as simulator:
        for tick in range(5):
            await held_at(simulator, tick)
            await asyncio.sleep(0.02)  # 20 s of world time, were it not held
            assert simulator.bots[0].newest.all.number == tick
            assert simulator.bots[0].newest.all.time_ns == START_NS + tick * PERIOD_NS
            assert simulator.bots[0].own_ship.vehicle.time_ns == tick * PERIOD_NS
            send(simulator, "sim.tick", tick=tick)


async def test_a_tick_may_be_released_before_its_frame_is_acknowledged(client, settings):
    async with world_of(client, settings, lockstep=True) as simulator:
        station, released = simulator.bots[0].stations[0], []
        send_frame = station.sender.send

        async def send_and_release(frames, **kinds):
            number = frames.all.number
            send(simulator, "sim.tick", tick=number)  # as who has read it off the stream would
            released.append(number)
            await send_frame(frames, **kinds)

        station.sender.send = send_and_release
        await until(lambda: len(released) >= 10)


def test_a_frame_that_comes_late_is_no_tick():
    lockstep = Lockstep(is_on=True)
    held = []
    for number in (0, 1, 3, 2, 4):
        lockstep.hold(number)
        held.append(lockstep.tick)
        lockstep.go_on()
    assert held == [0, 1, 3, None, 4]
    lockstep.begin()
    lockstep.hold(0)
    assert lockstep.tick == 0


def test_up_in_lockstep_without_anybody_who_decides_is_refused():
    result = run("up", "--lockstep")
    assert result.returncode == 78
    assert "up.agent is off: name some by --agent" in one_line_error(result)


async def test_what_is_commanded_at_a_tick_acts_at_its_instant(client, settings):
    async with world_of(client, settings, lockstep=True) as simulator:
        ship = simulator.bots[0].own_ship.vehicle
        alone = Vehicle(
            VehicleConfig.load("default"),
            position_m=ship.position_m,
            velocity_m_s=ship.velocity_m_s,
            heading_deg=ship.heading_deg,
        )
        for tick in range(12):
            await held_at(simulator, tick)
            if tick:
                alone.advance(PERIOD_NS)
            assert ship.position_m.tolist() == alone.position_m.tolist()
            if tick == 3:
                full = alone.allocate([0, 1e9, 0]).force_n[1]
                alone.command([0, full / 2, 0], duration_ns=400_000_000)
                send(simulator, "sim.rcs.fire", axis="forward", pct=50, duration_s=0.4, tick=3)
            send(simulator, "sim.tick", tick=tick)
        assert ship.velocity_m_s[1] > 0.3


@pytest.mark.parametrize(
    ("tick", "code", "text"),
    [
        (1, "wrong_tick", "tick is 1, must be 0, where the world is held"),
        (-1, "wrong_tick", "tick is -1, must be 0"),
        ("0", "invalid_parameters", "must be the number of a frame"),
        (True, "invalid_parameters", "must be the number of a frame"),
    ],
)
async def test_another_tick_is_refused_and_changes_nothing(client, settings, tick, code, text):
    async with world_of(client, settings, lockstep=True) as simulator:
        await held_at(simulator, 0)
        for name in ("sim.tick", "sim.rcs.stop"):
            with pytest.raises(CommandRefused, match=text) as refusal:
                send(simulator, name, tick=tick)
            assert refusal.value.code == code
        with pytest.raises(CommandRefused, match="tick is missing"):
            send(simulator, "sim.tick")
        assert simulator.bots[0].lockstep.tick == 0


async def test_without_lockstep_no_command_names_a_tick(client, settings):
    async with world_of(client, settings) as simulator:
        with pytest.raises(CommandRefused, match=r"sim\.lockstep is off"):
            send(simulator, "sim.tick", tick=0)
        await until(
            lambda: (
                simulator.bots[0].newest is not None and simulator.bots[0].newest.all.number > 20
            )
        )


async def test_a_world_that_is_reset_begins_at_tick_0_behind_its_old_time(client, settings):
    async with world_of(client, settings, lockstep=True, start_time_ns=START_NS) as simulator:
        for tick in range(3):
            await held_at(simulator, tick)
            send(simulator, "sim.tick", tick=tick)
        await held_at(simulator, 3)
        send(simulator, "sim.reset")
        assert simulator.bots[0].lockstep.tick is None
        assert START_NS + 3 * PERIOD_NS < simulator.start_time_ns < START_NS + 5 * PERIOD_NS
        simulator.start(1000.0)
        await held_at(simulator, 0)
        assert simulator.bots[0].newest.all.number == 0
