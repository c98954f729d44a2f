"""How far the consumers of a service are behind their streams: asked of the broker."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import nats.errors
from nats.aio.client import Client
from nats.js.errors import APIError

ASK_S = 1.0


class ConsumerName(NamedTuple):
    """A durable consumer."""

    stream: str
    durable: str


class Lag(NamedTuple):
    """Messages that a consumer has not got, and those that it has got and not acknowledged."""

    pending: int
    unacknowledged: int


class LagReader:
    """Asks for the lags of some consumers.

    Parameters
    ----------
    client : an open connection.
    consumers : which.
    """

    def __init__(self, client: Client, consumers: Sequence[ConsumerName]) -> None:
        self._jetstream = client.jetstream(timeout=ASK_S)
        self._consumers = tuple(consumers)

    async def read(self) -> dict[ConsumerName, Lag]:
        """Return the lag of each that the broker tells of; a broker that is away tells of none."""
        lags = await asyncio.gather(*(self._lag(name) for name in self._consumers))
        pairs = zip(self._consumers, lags, strict=True)
        return {name: lag for name, lag in pairs if lag is not None}

    async def _lag(self, name: ConsumerName) -> Lag | None:
        try:
            info = await self._jetstream.consumer_info(name.stream, name.durable)
        except (TimeoutError, APIError, nats.errors.Error):
            return None
        return Lag(info.num_pending or 0, info.num_ack_pending or 0)
