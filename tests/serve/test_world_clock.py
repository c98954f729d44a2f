import asyncio
import time

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
