"""What is new, to any number of readers, of whom none can hold up the writer."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Fresh(NamedTuple, Generic[Item]):
    """An item, and how many a reader was too slow for right before it."""

    item: Item
    skipped: int


class Reader(Generic[Item]):
    """Gives the items of a feed in their order; of those that wait only the newest are kept."""

    def __init__(self, kept: int) -> None:
        self._items: deque[Item] = deque(maxlen=kept)
        self._skipped = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._items)

    def put(self, item: Item) -> None:
        """Take an item, for it the oldest that waits where there is no room."""
        self._skipped += len(self._items) == self._items.maxlen
        self._items.append(item)
        self._filled.set()

    async def next(self) -> Fresh[Item]:
        """Return the oldest item that waits; wait where there is none."""
        await self._filled.wait()
        fresh = Fresh(self._items.popleft(), self._skipped)
        self._skipped = 0
        if not self._items:
            self._filled.clear()
        return fresh


class LatestFeed(Generic[Item]):
    """Gives each reader what is published while it reads.

    Parameters
    ----------
    kept : items that wait for each reader at most.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._readers: set[Reader[Item]] = set()

    def publish(self, item: Item) -> None:
        """Give an item to all readers."""
        for reader in self._readers:
            reader.put(item)

    @contextmanager
    def reading(self) -> Iterator[Reader[Item]]:
        """Read what is published from now on."""
        reader: Reader[Item] = Reader(self._kept)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
