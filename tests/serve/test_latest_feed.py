"""A feed gives every reader the same items in order; a slow one misses the oldest and knows."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from qiki.serve.latest_feed import LatestFeed

KEPT = 3


@given(st.lists(st.booleans(), max_size=60))
def test_what_is_read_and_what_is_skipped_is_all_there_was(writes):
    """Each True publishes the next number, each False reads one if any waits."""

    async def run():
        feed, published, read, skipped = LatestFeed(KEPT), 0, [], 0
        with feed.reading() as reader:
            for is_write in writes:
                if is_write:
                    feed.publish(published)
                    published += 1
                elif published > len(read) + skipped:
                    item, left_out = await asyncio.wait_for(reader.next(), 5)
                    skipped += left_out
                    assert item == len(read) + skipped  # in order, the skipped right before it
                    read.append(item)
            waiting = published - len(read) - skipped
            assert waiting >= 0
        feed.publish("after the end")

    asyncio.run(run())


async def test_a_reader_waits_for_the_next_and_holds_up_nobody():
    feed = LatestFeed(KEPT)
    with feed.reading() as slow, feed.reading() as fast:
        waiting = asyncio.create_task(fast.next())
        await asyncio.sleep(0)
        for number in range(10):
            feed.publish(number)
        assert (await waiting).item == 7
        assert await slow.next() == (7, 7)
        assert await slow.next() == (8, 0)
