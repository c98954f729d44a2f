"""A bridge that finds a radar's biases, killed with -9: the same bytes, and right biases."""

import json
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.serve.tracker_config import registration_config, tracker_config
from qiki.settings import BrokerSettings, NatsSettings
from qiki.tracking import FrameTracker
from qiki.wire import decode_tracks, encode_frame
from tests.faults.bridge_process import bridge_process
from tests.faults.undisturbed import SETTINGS, answered, epoch_of, stored
from tests.tracking.registration_scene import REFERENCE_ID, SENSOR_ID, Scene, numbers

SCANS = 50
BIAS = np.array([1400.0, -200.0, 0.0, 0.0, 0.5])
PARTS = (0, 7, 23, 60, 61, 100)
"""Between these frames the bridge is killed; snapshots are taken every ten frames."""
PARAMETERS = {"process_noise_m2_s3": 0.1, "clutter_per_frame": 1.0}
REGISTRATION = {
    "reference_ids": [REFERENCE_ID],
    "sensors": [{"sensor_id": SENSOR_ID, "range_std_m": 0, "bearing_std_deg": 0}],
}


def made_frames():
    """Both radars' frames as they come: of every fifth scan the references' is late."""
    scene = Scene(1, BIAS, target_count=60)
    for number in range(SCANS):
        scan = [
            scene.frame(REFERENCE_ID, number, float(number)),
            scene.frame(SENSOR_ID, number, number + 0.4),
        ]
        yield from reversed(scan) if number % 5 == 4 else scan


@pytest.mark.parametrize("apply_it", [False, True], ids=["told", "applied"])
async def test_it_goes_on_to_the_bit_and_finds_the_biases(apply_it, tmp_path):
    frames = [frame.split(5000.0) for frame in made_frames()]
    registration = REGISTRATION | {"apply": apply_it}
    variables = {
        "QIKI_TRACKER__PARAMETERS": json.dumps(PARAMETERS),
        "QIKI_TRACKER__REGISTRATION": json.dumps(registration),
        "QIKI_BRIDGE__SNAPSHOT_EVERY": "10",
    }
    with private_broker(BrokerSettings()) as broker:
        async with connected(NatsSettings(url=broker.url), "test") as client:
            plans = stream_plans(SETTINGS.streams, SETTINGS.bridge, Traffic(50, 100))
            await apply(client.jetstream(), plans)
            publisher = Publisher(client, 5)
            senders = {it: FrameSender(publisher, it) for it in (REFERENCE_ID, SENSOR_ID)}
            log = tmp_path / "bridge.log"
            async with bridge_process(broker.url, log, **variables) as bridge:
                for first, last in pairwise(PARTS):
                    if first:
                        await bridge.kill()
                        await bridge.start()
                    for frame in frames[first:last]:
                        await senders[frame.all.sensor_id].send(frame)
                    await answered(client, last)
            messages = await stored(client, 1, len(frames))
    settings = msgspec.structs.replace(
        SETTINGS.tracker, parameters=PARAMETERS, registration=registration
    )
    undisturbed = FrameTracker(
        tracker_config(settings),
        registration=registration_config(settings),
        tracker_id=settings.id,
        epoch=epoch_of(messages),
    )
    expected = [undisturbed.answer(encode_frame(frame.all)).payload for frame in frames]
    assert [message.data for message in messages] == expected
    told = [decode_tracks(payload).registration for payload in expected]
    assert [estimate is not None for estimate in told] == [
        frame.all.sensor_id == SENSOR_ID for frame in frames
    ]
    found = [estimate for estimate in told if estimate is not None][-1]
    assert (found.aligned, found.applied, found.unused_frames) == (True, apply_it, 0)
    assert (np.abs(numbers(found.bias) - BIAS) <= 4.0 * numbers(found.std)).all()
    assert np.hypot(found.std.east_m, found.std.north_m) < 10.0
