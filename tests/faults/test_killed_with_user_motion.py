"""A bridge with a motion model of a user's, killed with -9: the same bytes, each frame once."""

import json
from itertools import pairwise

import msgspec
import pytest

from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.settings import BrokerSettings, NatsSettings
from tests.faults.bridge_process import bridge_process
from tests.faults.undisturbed import SETTINGS, answered, epoch_of, stored, undisturbed
from tests.serve.test_bridge import send

MODULE = """
from qiki.models import motion_model

@motion_model(parameter_count=1)
def slowing(state, dt_s, parameters, mean, transition, noise):
    for x in range(3):
        v = x + 3
        kept = 1.0 - DRAG * dt_s
        mean[x], mean[v] = state[x] + dt_s * state[v], kept * state[v]
        transition[x, x], transition[x, v], transition[v, v] = 1.0, dt_s, kept
        noise[x, x], noise[v, v] = parameters[0] * dt_s**3, parameters[0] * dt_s
"""
ORDER = [*range(12), 14, 12, 13, *range(15, 24), 26, 25, 24, *range(27, 40)]
"""Frames as they come: some are late, and used all the same."""
PARTS = (0, 5, 14, 15, 25, 40)
"""Between these the bridge is killed; snapshots are taken every ten frames."""


@pytest.fixture(params=["alone", "in a bank"])
def parameters(request, tmp_path):
    """The parameters of the tracker, and the file of the model that they name."""
    file = tmp_path / "slowing.py"
    file.write_text(MODULE.replace("DRAG", "0.02"))
    share = 1.0 if request.param == "alone" else 0.5
    user = {"kind": "user", "model": f"{file}:slowing", "parameters": [2.0]}
    models = [user | {"initial_probability": share}]
    if request.param == "in a bank":
        models.append({"kind": "coordinated_turn", "initial_probability": share})
    return {"motion_models": models}, file


async def test_it_goes_on_to_the_bit_and_not_with_another_model(parameters, tmp_path):
    given, file = parameters
    tracker = msgspec.structs.replace(SETTINGS.tracker, parameters=given)
    variables = {
        "QIKI_TRACKER__PARAMETERS": json.dumps(given),
        "QIKI_BRIDGE__SNAPSHOT_EVERY": "10",
    }
    with private_broker(BrokerSettings()) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            plans = stream_plans(SETTINGS.streams, SETTINGS.bridge, Traffic(50, 10))
            await apply(client.jetstream(), plans)
            log = tmp_path / "bridge.log"
            async with bridge_process(broker.url, log, **variables) as bridge:
                for first, last in pairwise(PARTS):
                    await send(client, ORDER[first:last])
                    await answered(client, last)
                    await bridge.kill()
                    await bridge.start()
                # The last start answers nothing new, and is ended in order.
                await send(client, [40])
                await answered(client, 41)
            messages = await stored(client, 1, 41)
            expected = list(undisturbed([*ORDER, 40], epoch_of(messages), tracker))
            file.write_text(MODULE.replace("DRAG", "0.03"))
            async with bridge_process(broker.url, log, **variables) as bridge:
                assert await bridge.ended() == 78
                words = bridge.last_words()
    assert [message.data for message in messages] == expected
    assert "hash of the settings" in words
    assert words.endswith("start a new epoch with --new-epoch")
