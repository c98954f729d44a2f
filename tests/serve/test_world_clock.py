import asyncio
import time

import pytest

from qiki.serve.world_clock import WorldClock


async def reach_s(clock, elapsed_ns, stop):
    """Return whether the instant was reached, and after how long [s]."""
    start_s = time.monotonic()
    reached = await clock.reach(elapsed_ns, stop)
    return reached, time.monotonic() - start_s


async def test_it_runs_as_real_time_does():
    clock = WorldClock()
    reached, waited_s = await reach_s(clock, 50_000_000, asyncio.Event())
    assert reached
    assert 0.03 < waited_s < 1.0
    assert clock.behind_ns(50_000_000) >= 0


async def test_a_pause_moves_every_later_instant():
    clock, stop = WorldClock(), asyncio.Event()
    clock.pause()
    clock.pause()  # of no effect
    stands_ns = clock.elapsed_ns
    waiting = asyncio.create_task(clock.reach(stands_ns + 1_000_000, stop))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    assert clock.elapsed_ns == stands_ns
    clock.resume()
    clock.resume()  # of no effect
    assert await asyncio.wait_for(waiting, 1.0)
    assert 0 <= clock.elapsed_ns - stands_ns < 150_000_000


async def test_a_pause_during_the_wait_holds_it():
    clock, stop = WorldClock(), asyncio.Event()
    waiting = asyncio.create_task(clock.reach(100_000_000, stop))
    await asyncio.sleep(0.02)
    clock.pause()
    await asyncio.sleep(0.3)
    assert not waiting.done()
    clock.resume()
    assert await asyncio.wait_for(waiting, 1.0)


async def test_no_instant_is_reached_while_paused_though_it_is_past():
    clock, stop = WorldClock(), asyncio.Event()
    clock.pause()
    waiting = asyncio.create_task(clock.reach(-1_000_000_000, stop))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    stop.set()
    assert await asyncio.wait_for(waiting, 1.0) is False


async def test_stop_ends_the_wait():
    clock, stop = WorldClock(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    reached, waited_s = await reach_s(clock, 60_000_000_000, stop)
    assert not reached
    assert waited_s < 2.0


@pytest.mark.parametrize("speed", [0.5, 20.0])
async def test_it_runs_at_any_speed(speed):
    clock = WorldClock()
    clock.resume(speed)
    before_s, before_ns = time.monotonic(), clock.elapsed_ns
    wanted_ns = before_ns + int(0.1e9 * speed)
    assert await clock.reach(wanted_ns, asyncio.Event())
    after_ns, after_s = clock.elapsed_ns, time.monotonic()
    assert wanted_ns <= after_ns
    assert after_ns - before_ns <= (after_s - before_s) * 1e9 * speed + 1
    assert 0.09 < after_s - before_s < 1.0


async def test_a_new_speed_ends_the_wait_for_what_was_far():
    clock, stop = WorldClock(), asyncio.Event()
    waiting = asyncio.create_task(clock.reach(3_600_000_000_000, stop))
    await asyncio.sleep(0.02)
    clock.resume(1e6)
    assert await asyncio.wait_for(waiting, 1.0)


async def test_a_step_lets_come_what_is_before_its_end_and_no_more():
    clock, stop = WorldClock(runs=False), asyncio.Event()
    assert not clock.has_come(0)
    for end_ns in (1_000_000, 2_000_000):
        clock.step(1_000_000)
        assert clock.elapsed_ns == end_ns
        assert await clock.reach(end_ns - 1, stop)
        waiting = asyncio.create_task(clock.reach(end_ns, stop))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        clock.step(0)
        waiting.cancel()
    clock.pause(latest_ns=1_500_000)  # in the middle of the second
    assert clock.elapsed_ns == 1_500_000
    assert not clock.has_come(1_400_000)


async def test_a_clock_may_be_held_back():
    clock = WorldClock()
    clock.resume(1e6)
    await asyncio.sleep(0.01)
    clock.resume(1.0, latest_ns=5_000)
    assert 5_000 <= clock.elapsed_ns < 10**9
    clock.resume(1e6)
    await asyncio.sleep(0.01)
    clock.pause(latest_ns=6_000)
    assert clock.elapsed_ns == 6_000
    clock.resume(1.0, latest_ns=7_000)  # not forwards
    assert 6_000 <= clock.elapsed_ns < 10**9


async def test_a_new_world_begins_later_than_the_old_one_ended():
    clock = WorldClock()
    clock.resume(1e6)
    await asyncio.sleep(0.01)
    ended_ns = clock.start_time_ns + clock.elapsed_ns
    clock.restart()
    assert (clock.elapsed_ns, clock.runs, clock.speed) == (0, False, 1.0)
    assert clock.start_time_ns > ended_ns


async def test_a_new_world_ends_the_wait_that_has_only_begun():
    """A reset may come while `reach` gives others their turn, before it waits for anything."""
    clock, stop = WorldClock(runs=False), asyncio.Event()
    waiting = asyncio.create_task(clock.reach(5_000_000_000, stop))
    await asyncio.sleep(0)  # it has begun, and given us our turn
    clock.restart()
    clock.step(150_000_000)
    assert await asyncio.wait_for(waiting, 1.0)
