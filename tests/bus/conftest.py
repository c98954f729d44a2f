import pytest

from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.settings import BridgeSettings, NatsSettings, StreamSettings

TRAFFIC = Traffic(frames_per_s=10, detections_per_frame=10)


@pytest.fixture
async def client(broker):
    """A connection to the session's broker, on which the declared streams are new and empty."""
    async with connected(NatsSettings(url=broker.url), "test") as connection:
        jetstream = connection.jetstream()
        plans = stream_plans(StreamSettings(), BridgeSettings(), TRAFFIC)
        await apply(jetstream, plans)
        yield connection
        for plan in plans:
            await jetstream.delete_stream(plan.config.name)
