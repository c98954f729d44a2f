"""Frames in the original's JSON through a real broker: who publishes and who reads them."""

import msgspec
import numpy as np
import pytest
from nats.js.api import RawStreamMsg

from qiki.bus import headers, subjects
from qiki.bus.frame_messages import FrameSender, read_frame
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError
from qiki.radar import Present, Radar, RadarFrame, Scenario
from qiki.serve.device_watch import DeviceWatch
from qiki.wire import decode_tracks, encode_frame_json
from tests.original.radar_models import Frame
from tests.registrar.messages import arrival, interpreted
from tests.serve.running_bridge import bridge_running
from tests.serve.test_bridge import tracks
from tests.serve.test_simulator import simulate
from tests.wire.samples import placed_frame

EVENT_TYPES = {
    subjects.FRAMES: ("qiki.radar.v1.UNSPECIFIEDFrame", "RR_UNSPECIFIED", ""),
    subjects.FRAMES_LR: ("qiki.radar.v1.LRFrame", "RR_LR", ":lr"),
    subjects.FRAMES_SR: ("qiki.radar.v1.SRFrame", "RR_SR", ":sr"),
}
LACKING = (
    Present.BEARING | Present.ELEVATION | Present.RANGE_RATE | Present.SNR | Present.RCS
)  # where a detection may lack it
RADAR = Radar(Scenario.load("default"), seed=3, epoch=5)


def in_json(settings):
    radar = msgspec.structs.replace(settings.radar, encoding="json")
    return msgspec.structs.replace(settings, radar=radar)


@pytest.fixture
async def stored(client, settings):
    return await simulate(client, in_json(settings), until_frames=5)


def read(message: RawStreamMsg) -> RadarFrame:
    return read_frame(message.data or b"", message.headers or {})


async def test_consumers_accept_every_message_and_its_headers(stored):
    for subject, messages in stored.items():
        event_type, band, suffix = EVENT_TYPES[subject]
        assert len(messages) >= 4
        for message in messages:
            frame, header = Frame.model_validate_json(message.data), message.headers
            frame_id = str(frame.frame_id)
            assert header["ce_specversion"] == "1.0"
            assert header["ce_id"] == frame_id
            assert header["ce_type"] == event_type
            assert header["ce_source"] == "urn:qiki:q-sim-service:radar"
            milliseconds = frame.timestamp.isoformat(timespec="milliseconds")
            assert header["ce_time"] == milliseconds.replace("+00:00", "Z")
            assert header["ce_datacontenttype"] == "application/json"
            assert header["x-range-band"] == band
            assert header["Nats-Msg-Id"] == frame_id + suffix
            assert not [name for name in header if name.startswith("ce-")]
            allowed = {0, 1, 2} if not suffix else {1 if suffix == ":lr" else 2}
            assert {detection.range_band for detection in frame.detections} <= allowed


async def test_what_is_read_is_what_the_radar_saw(stored):
    first = read(stored[subjects.FRAMES][0])
    radar = Radar(Scenario.load("default"), start_time_ns=first.time_ns, epoch=first.epoch)
    for number, message in enumerate(stored[subjects.FRAMES]):
        frame, expected = read(message), radar.frame(number)
        assert (frame.number, frame.time_ns) == (number, expected.time_ns)
        assert frame.coverage == expected.coverage
        for name in ("range_m", "bearing_deg", "elevation_deg", "transponder_id", "rcs_dbsm"):
            assert frame.detections[name].tobytes() == expected.detections[name].tobytes()


async def test_a_bridge_takes_both_encodings_as_each_message_says(client, settings):
    publisher = Publisher(client, 5)
    senders = [FrameSender(publisher, RADAR.sensor_id, name) for name in ("json", "columns")]
    for number in range(20):
        await senders[number % 2].send(RADAR.frame(number).split(RADAR.sr_threshold_m))
    async with bridge_running(client, settings):
        answers = [decode_tracks(message.data) for message in await tracks(client, 20)]
    assert [(a.number, a.epoch, a.verdict) for a in answers] == [
        (number, 5, "accepted") for number in range(20)
    ]
    assert answers[-1].tracks["hit_count"].max() > 10


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda payload, header: (payload[:-1], header), "crc32c"),
        (lambda payload, header: (payload, header | {headers.SCAN: "{}"}), "x-qiki-scan"),
        (lambda payload, header: (payload, header | {headers.ABSENT: "age_s"}), "x-qiki-absent"),
        (
            lambda payload, header: (payload, header | {"ce_datacontenttype": "text/plain"}),
            "RadarFrameColumns",
        ),
    ],
)
async def test_json_that_cannot_be_read_is_answered_and_counted(client, settings, damage, reason):
    await FrameSender(Publisher(client, 5), RADAR.sensor_id, "json").send(
        RADAR.frame(0).split(RADAR.sr_threshold_m)
    )
    good = await client.jetstream().get_msg("QIKI_RADAR_V1", 1, direct=True)
    payload, header = damage(good.data, dict(good.headers) | {headers.MESSAGE_ID: "damaged"})
    await Publisher(client, 5).publish(Message(subjects.FRAMES, payload, header))
    async with bridge_running(client, settings):
        first, second = [decode_tracks(message.data) for message in await tracks(client, 2)]
    assert (first.verdict, second.verdict) == ("accepted", "refused")
    assert reason in second.reason


async def test_a_frame_past_the_broker_s_limit_is_refused_with_its_size(client):
    frame = placed_frame(1, 12_000, 0)
    sender = FrameSender(Publisher(client, 5), frame.sensor_id, "json")
    with pytest.raises(BrokerError, match=r"has \d+ bytes.*takes at most \d+ \(max_payload\)"):
        await sender.send(frame.split(5000.0))


async def test_what_many_scattered_detections_lack_fits_into_the_headers(client):
    """As many as a frame holds, each with some values and without others."""
    frame = placed_frame(3, 8000, LACKING)
    await FrameSender(Publisher(client, 5), frame.sensor_id, "json").send(frame.split(5000.0))
    message = await client.jetstream().get_msg("QIKI_RADAR_V1", 1, direct=True)
    text = message.headers[headers.ABSENT]
    assert len(text) < 12_100
    assert [len(part) for part in text.split(";") if ":x" in part]
    found, sent = read(message).detections, frame.detections
    for name, bit in (("elevation_deg", Present.ELEVATION), ("rcs_dbsm", Present.RCS)):
        assert ((found["present"] & bit) == (sent["present"] & bit)).all()
        assert np.array_equal(found[name], sent[name], equal_nan=True)


def test_the_registrar_reads_json(settings):
    frame = RADAR.frame(0)
    text = encode_frame_json(frame, 0)
    header = {"ce_datacontenttype": "application/json", headers.SCAN: text.scan}
    batch = interpreted(arrival(subjects.FRAMES, text.payload, headers=header))
    assert dict(batch.counts) == {"frame": 1}


async def test_the_self_test_reads_json(client, settings):
    watch = DeviceWatch(client, [RADAR.sensor_id])
    await watch.start()
    await FrameSender(Publisher(client, 5), RADAR.sensor_id, "json").send(
        RADAR.frame(0).split(RADAR.sr_threshold_m)
    )
    await client.flush()
    seen = watch.radars()[RADAR.sensor_id]
    await watch.end()
    assert (seen.looked, seen.problem) == (True, None)
