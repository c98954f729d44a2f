"""Two bridges on one stream: one goes on, the other ends and says why; the tracks do not show it.

``--rivals`` says how many bridges one after another are started beside a running one,
``--stopped-s`` how long a bridge stands still.
"""

import asyncio
import time

import pytest

from qiki.bus import subjects
from qiki.bus.connection import WrongSequenceError
from qiki.cli import EXIT_FAILED
from qiki.serve.bridge import Bridge
from tests.faults.bridge_process import bridge_process
from tests.faults.undisturbed import Comparison, Frames, answered, stored

FRAMES_PER_S = 50
FENCED = "another worker writes"


async def send_until(frames, ended, timeout_s=60):
    """Go on sending until one of the tasks `ended` is done, and return which."""
    async with asyncio.timeout(timeout_s):
        while not (done := [index for index, task in enumerate(ended) if task.done()]):
            await frames.send(1)
            await asyncio.sleep(1 / FRAMES_PER_S)
    return done[0]


@pytest.mark.timeout(0)
async def test_of_two_bridges_one_goes_on_and_the_other_ends(
    client, settings, tmp_path, request, bar
):
    """Both begin on empty streams, then each that ends is followed by another."""
    rivals = request.config.getoption("--rivals")
    frames = Frames(client)
    fenced = 0
    async with (
        bridge_process(settings.nats.url, tmp_path / "one.log") as one,
        bridge_process(settings.nats.url, tmp_path / "other.log") as other,
    ):
        for rival in range(rivals):
            ended = [asyncio.create_task(bridge.ended(60)) for bridge in (one, other)]
            loser = (one, other)[await send_until(frames, ended)]
            assert (loser.exit_code, FENCED in loser.last_words()) == (EXIT_FAILED, True)
            fenced += 1
            for task in ended:
                task.cancel()
            if rival + 1 < rivals:
                await loser.start()
        await answered(client, frames.sent)
        found = Comparison(await stored(client, 1, frames.sent))
    bar(
        "two bridges on one stream: one ends as fenced, the same bytes",
        found.same,
        {"rivals": rivals, "fenced": fenced, "frames": frames.sent},
    )
    assert not found.different
    assert found.same


@pytest.mark.timeout(0)
async def test_a_bridge_that_stood_still_ends_when_another_has_taken_over(
    client, settings, tmp_path, request, bar
):
    stopped_s = request.config.getoption("--stopped-s")
    frames = Frames(client)
    async with bridge_process(settings.nats.url, tmp_path / "one.log") as one:
        await frames.send(20)
        await answered(client, 20)
        one.stand_still()
        async with bridge_process(settings.nats.url, tmp_path / "other.log"):
            begun_s = time.monotonic()
            while time.monotonic() < begun_s + stopped_s:
                await frames.send(1)
                await asyncio.sleep(1 / FRAMES_PER_S)
            await answered(client, frames.sent)  # though the first one had asked for frames
            one.go_on()
            continued_s = time.monotonic()
            ended = asyncio.create_task(one.ended(60))
            await send_until(frames, [ended])
            ended_s = time.monotonic() - continued_s
            await frames.send(20)
            await answered(client, frames.sent)
        found = Comparison(await stored(client, 1, frames.sent))
    is_fenced = (one.exit_code, FENCED in one.last_words()) == (EXIT_FAILED, True)
    bar(
        "stopped while another takes over, continued: it ends as fenced, the same bytes",
        is_fenced and found.same,
        {"s stopped": stopped_s, "s to its end": ended_s, "frames": frames.sent},
    )
    assert is_fenced, one.log()
    assert not found.different
    assert found.same


async def test_anybody_else_who_writes_tracks_ends_the_bridge(client, settings):
    running = asyncio.create_task(Bridge(client, settings).run(asyncio.Event()))
    frames = Frames(client)
    await frames.send(1)
    await answered(client, 1)
    await client.jetstream().publish(subjects.TRACKS, b"somebody else")
    await frames.send(1)
    with pytest.raises(WrongSequenceError, match="stop one of the two"):
        await asyncio.wait_for(running, 5)
