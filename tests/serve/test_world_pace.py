"""How fast a world goes on is measured and told in real time, and not often."""

import structlog

from qiki.serve.world_pace import LATE_NS, QUIET_NS, WINDOW_NS, WorldPace

SECOND_NS = 1_000_000_000


def run(pace, speed, ways, *, late_ns=0, tick_ns=SECOND_NS // 10):
    """Let a world go on as `ways` tells, pairs of (times real time, seconds); return the log."""
    world_ns = now_ns = 0
    pace.begin(world_ns, now_ns)
    with structlog.testing.capture_logs() as logged:
        for achieved, seconds in ways:
            for _ in range(round(seconds * SECOND_NS / tick_ns)):
                now_ns += tick_ns
                world_ns += int(achieved * tick_ns)
                pace.tell(world_ns, now_ns, late_ns, LATE_NS, speed)
    return logged


def test_the_speed_is_that_of_the_last_second_or_two():
    pace = WorldPace()
    assert pace.speed(5, 6) is None  # nothing has begun
    pace.begin(0, 0)
    assert pace.speed(10, WINDOW_NS - 1) is None
    assert pace.speed(4 * WINDOW_NS, WINDOW_NS) == 4.0
    assert pace.speed(5 * WINDOW_NS, 2 * WINDOW_NS) == 2.5
    assert pace.speed(6 * WINDOW_NS, 3 * WINDOW_NS) == 1.0  # the fast second is over
    assert pace.speed(6 * WINDOW_NS, 5 * WINDOW_NS) == 1 / 3  # it hangs


def test_a_world_that_is_slower_than_asked_for_is_behind_until_it_is_not():
    events = run(WorldPace(), 20.0, [(20, 5), (10, 20), (20, 5)])
    assert [line["event"] for line in events] == ["behind", "caught_up"]
    assert events[0]["achieved_speed"] < 18.0
    assert events[1]["achieved_speed"] >= 19.4


def test_a_world_that_hardly_keeps_up_does_not_flood_the_log():
    seconds = 60
    events = run(WorldPace(), 20.0, [(10, 2), (20, 2)] * (seconds // 4))
    assert 2 <= len(events) <= seconds * SECOND_NS // QUIET_NS
    assert {line["event"] for line in events} == {"behind", "caught_up"}


def test_at_real_time_lateness_counts_and_not_the_speed_of_catching_up():
    pace = WorldPace()
    assert run(pace, 1.0, [(0.5, 5)]) == []
    (line,) = run(pace, 1.0, [(3, 1)], late_ns=LATE_NS + 1)
    assert (line["event"], line["seconds"]) == ("behind", (LATE_NS + 1) / 1e9)
    (line,) = run(pace, 1.0, [(1, 12)], late_ns=LATE_NS // 4)
    assert line["event"] == "caught_up"
