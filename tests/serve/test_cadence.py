"""Instants in real time: on their grid for ever, and never in a hurry."""

import time

import structlog

from qiki.serve.cadence import Cadence


async def test_late_wakes_do_not_add_up():
    begin_s, cadence = time.monotonic(), Cadence("a test", 0.004)
    late_s = []
    for number in range(1, 26):
        await cadence.next()
        late_s.append(time.monotonic() - begin_s - 0.004 * (number + cadence.skipped))
        time.sleep(0.001)  # noqa: ASYNC251 - work that takes a part of the interval
    # Each may be late by itself on a busy machine; were it to add up, all of the last would be.
    assert min(late_s) > -1e-3
    assert min(late_s[-10:]) < 0.004


async def test_what_is_past_is_left_out_and_counted():
    cadence = Cadence("a test", 0.01)
    await cadence.next()
    time.sleep(0.055)  # noqa: ASYNC251 - a loop that stands
    begin_s = time.monotonic()
    with structlog.testing.capture_logs() as logged:
        await cadence.next()
    assert time.monotonic() - begin_s < 0.05
    skipped = cadence.skipped
    assert skipped >= 5
    assert [(line["event"], line["of"], line["skipped"]) for line in logged] == [
        ("instants_skipped", "a test", skipped)
    ]
    await cadence.next()
    assert cadence.skipped <= skipped + 1
