"""The vehicle in the running world, and what its power means for the radars."""

import asyncio
import contextlib
from importlib import resources

import msgspec
import pytest
import structlog

from qiki.bus import subjects
from qiki.radar import Scenario
from qiki.serve.simulator import Simulator
from qiki.settings import SimSettings, VehicleSettings
from qiki.wire import decode_frame

WAIT_S = 20.0


@contextlib.asynccontextmanager
async def world(client, settings, *, state="PAUSED", config="default", rate_hz=100, scenario=None):
    """Run the default scenario, or another; gives the simulator and the frames stored meanwhile."""
    chosen = msgspec.structs.replace(
        settings,
        sim=SimSettings(state=state),
        vehicle=VehicleSettings(config=config, rate_hz=rate_hz),
    )
    simulator = Simulator([client], chosen, scenario or Scenario.load("default"))
    stop, frames = asyncio.Event(), []

    async def take(message):
        frames.append(decode_frame(message.data))

    subscription = await client.subscribe(subjects.FRAMES, cb=take)
    await client.flush()
    running = asyncio.create_task(simulator.run(stop))
    try:
        yield simulator, frames
    finally:
        stop.set()
        await running
        await subscription.unsubscribe()


async def until(condition):
    """Wait until the condition holds."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - the world's state
            await asyncio.sleep(0.005)


async def test_a_world_is_stopped_in_the_middle_of_a_step(client, settings):
    async with world(client, settings) as (simulator, frames):
        simulator.step(3_600_000_000_000)
        await until(lambda: len(frames) >= 3)
        simulator.end()
        stopped_ns = simulator.time_ns
        sent = simulator.bots[0].newest.all.number + 1
        await asyncio.sleep(0.1)
        assert len(frames) == sent < 36_000 / 2
        assert simulator.time_ns == stopped_ns
        assert 0 <= stopped_ns - frames[-1].time_ns <= 100_000_000  # a period
        simulator.step(100_000_000)  # goes on from there
        await until(lambda: len(frames) == sent + 1)


async def test_a_reset_needs_no_file_again(client, settings, tmp_path):
    path = tmp_path / "bot.yaml"
    path.write_text((resources.files("qiki.bots") / "default.yaml").read_text())
    async with world(client, settings, config=str(path)) as (simulator, _):
        simulator.step(500_000_000)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns == 490_000_000)
        path.unlink()
        simulator.reset()
        assert simulator.bots[0].own_ship.vehicle.time_ns == 0


async def test_a_world_that_stands_goes_on_by_steps_alone(client, settings):
    async with world(client, settings) as (simulator, frames):
        await asyncio.sleep(0.05)
        assert frames == []
        for number, steps_ns in enumerate((300_000_000, 200_000_000)):
            simulator.step(steps_ns)
            await until(lambda count=(3, 5)[number]: len(frames) == count)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns == 490_000_000)
        assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
        assert simulator.time_ns - frames[-1].time_ns == 100_000_000


async def test_a_stopped_world_says_so(client, settings):
    async with world(client, settings, state="STOPPED") as (simulator, _):
        assert simulator.state == "STOPPED"
        simulator.start()
        assert simulator.state == "RUNNING"
        simulator.pause()
        assert simulator.state == "PAUSED"
        simulator.end()
        assert simulator.state == "STOPPED"


async def test_a_reset_begins_a_new_world_later_than_the_old_one(client, settings):
    async with world(client, settings) as (simulator, frames):
        simulator.bots[0].own_ship.vehicle.set_load("nbl", is_on=False)
        simulator.step(5_250_000_000)
        await until(lambda: len(frames) == 53)
        simulator.reset()
        assert simulator.state == "STOPPED"
        assert simulator.bots[0].own_ship.vehicle.time_ns == 0
        assert simulator.bots[0].own_ship.vehicle.power.loads["nbl"].is_on
        simulator.step(150_000_000)
        await until(lambda: len(frames) == 55)
    assert [frame.number for frame in frames[53:]] == [0, 1]
    assert frames[53].epoch > frames[52].epoch
    assert frames[53].time_ns > frames[52].time_ns
    for name in ("range_m", "bearing_deg", "snr_db"):
        assert frames[53].detections[name].tolist() == frames[0].detections[name].tolist()


async def test_without_power_the_radar_sends_clock_frames_alone(client, settings):
    async with world(client, settings) as (simulator, frames):
        simulator.step(1)
        await until(lambda: len(frames) == 1)
        simulator.bots[0].own_ship.vehicle.set_load("radar", is_on=False)
        simulator.step(500_000_000)
        await until(lambda: len(frames) >= 5)
        simulator.bots[0].own_ship.vehicle.set_load("radar", is_on=True)
        simulator.step(500_000_000)
        await until(lambda: len(frames) >= 10)
    looked = [not frame.coverage.is_empty for frame in frames]
    assert looked[0]
    assert not any(looked[1:5])
    assert all(looked[6:])
    assert [frame.number for frame in frames] == list(range(len(frames)))


async def test_switching_the_radar_off_saves_its_power(client, settings):
    async with world(client, settings) as (simulator, _):
        loads = simulator.bots[0].own_ship.vehicle.power.loads
        assert loads["radar"].is_on
        simulator.bots[0].switch_radar(simulator.bots[0].sensor_names[0], on=False)
        assert not simulator.bots[0].own_ship.vehicle.power.loads["radar"].is_on


@pytest.mark.parametrize("speed", [20.0])
async def test_faster_than_real_time_no_frame_is_left_out(client, settings, speed):
    async with world(client, settings, config="none") as (simulator, frames):
        simulator.start(speed)
        await until(lambda: len(frames) >= 60)
        simulator.pause()
        assert simulator.bots[0].own_ship is None
    assert [frame.number for frame in frames] == list(range(len(frames)))
    assert len({frame.time_ns for frame in frames}) == len(frames)


async def test_a_world_that_cannot_keep_up_says_so_and_stops_when_told(client, settings):
    async with world(client, settings) as (simulator, frames):
        with structlog.testing.capture_logs() as logged:
            simulator.start(1e6)
            await until(lambda: logged and len(frames) >= 40)
            achieved_speed = simulator.achieved_speed
            simulator.pause()
        assert simulator.achieved_speed is None
        shown_ns = simulator.time_ns
        await asyncio.sleep(0.1)
        count = len(frames)
        await asyncio.sleep(0.1)
        assert len(frames) == count
        assert shown_ns - frames[-1].time_ns < 700_000_000  # of a million per second
    behind = [line for line in logged if line["event"] in ("behind", "caught_up")]
    assert behind[0]["event"] == "behind"
    assert behind[0]["speed"] == 1e6
    assert 0 < behind[0]["achieved_speed"] < 1e6
    assert 0 < achieved_speed < 1e6
    assert len(behind) == 1
    assert [frame.number for frame in frames] == list(range(len(frames)))
