"""Frames as the original's own simulator writes them, through a real bridge to tracks."""

import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from qiki.bus import headers, subjects
from qiki.bus.frame_messages import json_scan_text
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.errors import SettingError
from qiki.serve.bridge import Bridge
from qiki.serve.tracker_core import tracker_core
from qiki.settings import RadarSettings, Settings
from qiki.wire import decode_frame_json, decode_tracks
from tests.original.radar_models import Detection, Frame, Track
from tests.original.test_json_tracks import logged
from tests.registrar.messages import arrival, interpreted
from tests.serve.running_bridge import bridge_running
from tests.serve.test_bridge import tracks

SENSOR = uuid.uuid5(uuid.NAMESPACE_URL, "qiki:q_sim_service:radar:main")
BEGIN = datetime(2026, 11, 23, 12, 21, 13, 12094, tzinfo=UTC)
SPEED_M_S = 10.0
SEEN, UNSEEN = 12, 3
PLOT = {"bearing_deg": 0.0, "elev_deg": 0.8184554616886145, "snr_db": 20.0, "rcs_dbsm": 1.0}


def detections(second):
    """The original's two: one in the long range without a name, one that replies."""
    reply = {"transponder_on": True, "transponder_mode": 1, "transponder_id": "ALLY-3ADF76"}
    flown = {"vr_mps": -SPEED_M_S, **PLOT}
    return [
        Detection(range_m=8500.0 - SPEED_M_S * second, range_band=1, id_present=False, **flown),
        Detection(
            range_m=3500.0 - SPEED_M_S * second, range_band=2, id_present=True, **reply, **flown
        ),
    ]


def message(second):
    """A frame a second, under the original's headers; at the end nothing is there any more."""
    time = BEGIN + timedelta(seconds=second)
    frame = Frame(
        frame_id=uuid.uuid4(),
        sensor_id=SENSOR,
        timestamp=time,
        ts_event=time,
        ts_ingest=time,
        detections=detections(second) if second < SEEN else [],
    )
    header = {
        "ce_specversion": "1.0",
        "ce_id": str(frame.frame_id),
        "ce_type": "qiki.radar.v1.UNSPECIFIEDFrame",
        "ce_source": "urn:qiki:q-sim-service:radar",
        "ce_time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce_datacontenttype": "application/json",
        headers.MESSAGE_ID: str(frame.frame_id),
        headers.RANGE_BAND: "RR_UNSPECIFIED",
    }
    return Message(subjects.FRAMES, frame.model_dump_json().encode(), header)


@pytest.fixture
def in_json(settings):
    return msgspec.structs.replace(settings, radar=RadarSettings(encoding="json"))


async def send(client, count):
    for second in range(count):
        await Publisher(client, 5).publish(message(second))


async def test_they_become_tracks(client, in_json):
    streams, jetstream = in_json.streams, client.jetstream()
    await apply(jetstream, stream_plans(streams, in_json.bridge, Traffic(1, 2, "json")))
    told = await client.subscribe(subjects.TRACKS)
    await send(client, SEEN + UNSEEN)
    async with bridge_running(client, in_json):
        log = await logged(client, in_json, SEEN + UNSEEN)
    answers = [decode_tracks(answer.data) for answer in log]
    assert {answer.verdict for answer in answers} == {"accepted"}
    begin_us = round(BEGIN.timestamp()) * 1_000_000 + BEGIN.microsecond
    for second, answer in enumerate(answers):
        assert (answer.sensor_id, answer.epoch) == (str(SENSOR), 0)
        assert answer.number == begin_us + second * 1_000_000
        assert answer.time_ns == answer.number * 1000
    seen, newest = answers[SEEN - 1].tracks, answers[-1].tracks
    assert len(seen) == 2
    assert list(seen["hit_count"]) == [SEEN, SEEN]
    assert sorted(seen["range_m"]) == pytest.approx([3390.0, 8390.0], abs=20)
    assert {bytes(row["transponder_id"]).rstrip(b"\0") for row in seen} == {b"ALLY-3ADF76", b""}
    assert set(newest["miss_count"]) == {UNSEEN}, "it looked there, and they were not"
    first = Track.model_validate_json((await told.next_msg(5)).data)
    assert (first.timestamp, first.status) == (BEGIN, 1)
    await jetstream.delete_stream(streams.tracks_log)


async def test_a_bridge_of_columns_refuses_them(client, settings):
    await send(client, 1)
    async with bridge_running(client, settings):
        answer = decode_tracks((await tracks(client, 1))[0].data)
    assert (answer.verdict, answer.sensor_id) == ("refused", str(uuid.UUID(int=0)))
    assert "x-qiki-scan" in answer.reason


def test_how_it_looked_is_as_the_setting_says():
    _, payload, header = message(0)
    radar = RadarSettings(encoding="json", json_scan={"sensor_position_m": [0, 1000, 0]})
    core = tracker_core(Settings(radar=radar))
    answer = decode_tracks(core.answer(payload, header).payload)
    assert sorted(answer.tracks["position_m"][:, 1]) == pytest.approx([4499.6, 9499.1], abs=0.5)
    others = (RadarSettings(encoding="json"), RadarSettings())
    cores = [core, *(tracker_core(Settings(radar=radar)) for radar in others)]
    hashes = {core.settings_sha256 for core in cores}
    assert len(hashes) == 3
    assert all(len(text) == 64 for text in hashes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"range_m": [-1, 5]}, "min_range_m is -1"),
        ({"epoch": 5}, "epoch, number and time_ns must be there all three"),
        ({"epoch": 5, "number": 0, "time_ns": 0}, "frame_id is"),
        ({"range": 5}, "unknown field"),
        ({"range_std_m": None}, "range_std_m is NaN"),
        ({"range_std_m": 0}, "range_std_m is 0"),
        ({"bearing_std_deg": -1}, "bearing_std_deg is -1"),
        ({"range_band": 1}, "range_band is 2, must be 1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_at_the_start(client, settings, change, reason):
    radar = RadarSettings(encoding="json", json_scan=change)
    with pytest.raises(SettingError, match=f"radar.json_scan cannot be used: .*{reason}"):
        Bridge(client, msgspec.structs.replace(settings, radar=radar))


def test_a_repeat_is_not_used_twice():
    core = tracker_core(Settings(radar=RadarSettings(encoding="json")))
    _, payload, header = message(0)
    first, again = [decode_tracks(core.answer(payload, header).payload) for _ in range(2)]
    assert (first.verdict, again.verdict) == ("accepted", "refused")
    assert "was used; send each frame once" in again.reason


def test_the_registrar_counts_them_and_misses_none():
    arrivals = [
        arrival(message.subject, message.payload, sequence, message.headers)
        for sequence, message in enumerate(map(message, range(3)), 1)
    ]
    batch = interpreted(*arrivals)
    assert dict(batch.counts) == {"frame": 3}
    (count,) = batch.frame_counts.values()
    assert (count.frames, count.detections, count.gaps, count.missing) == (3, 6, 0, 0)


def test_without_measured_height_they_are_where_json_says():
    frame = decode_frame_json(message(2).payload, json_scan_text({}))
    assert frame.time_ns == frame.number * 1000
    assert set(frame.detections["time_ns"]) == {frame.time_ns}
    assert list(frame.detections["range_m"]) == [8480.0, 3480.0]
    assert list(frame.detections["elevation_deg"]) == [PLOT["elev_deg"]] * 2
