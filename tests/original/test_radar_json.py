"""Frames and tracks in JSON against Python's json, and against models of what consumers accept."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki.errors import DecodeError, FrameError, TracksError
from qiki.radar import Present, Radar, RadarFrame, Scenario, empty_detections
from qiki.tracking import FrameTracker, TrackPresent
from qiki.wire import (
    crc32c,
    decode_frame_json,
    decode_tracks,
    encode_frame,
    encode_frame_json,
    encode_tracks_json,
)
from tests.original.radar_models import (
    DETECTION_KEYS,
    FRAME_KEYS,
    TRACK_KEYS,
    Detection,
    Frame,
    Track,
)
from tests.radar.transponder_scenes import at, radar, replying
from tests.wire.samples import ALL_BITS, frame, tracks

INGEST_NS = 1_795_436_473_012_094_999
SCENARIOS = ("default", "guard", "dense", "rotating", "clutter", "crossing", "registration")
KEYS = {"elevation_deg": "elev_deg", "range_rate_m_s": "vr_mps"}
MEASURED = {
    "range_m": Present.RANGE,
    "bearing_deg": Present.BEARING,
    "elevation_deg": Present.ELEVATION,
    "range_rate_m_s": Present.RANGE_RATE,
    "snr_db": Present.SNR,
    "rcs_dbsm": Present.RCS,
}
SEEDS = st.integers(0, 2**32)


def rfc3339(time_ns: int) -> str:
    """Python's own text of a time."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def loads(payload: bytes) -> dict:
    """Read JSON as Python does, but without what is no JSON."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    return json.loads(payload, parse_constant=refuse)


def id_present(band: int, has_id: bool) -> bool | None:
    return has_id if has_id or band else None


def detection_said(row: np.void) -> dict[str, object]:
    """What JSON must say of a detection, built here anew."""
    present = int(row["present"])
    said = {}
    for name, bit in MEASURED.items():
        is_said = present & bit and not (name == "snr_db" and row[name] < 0)
        said[KEYS.get(name, name)] = float(row[name]) if is_said else 0.0
    has_id = bool(present & Present.TRANSPONDER_ID)
    said["transponder_on"] = bool(present & Present.TRANSPONDER_REPLY)
    said["transponder_mode"] = int(row["transponder_mode"])
    said["transponder_id"] = row["transponder_id"].decode() if has_id else None
    said["range_band"] = int(row["range_band"])
    said["id_present"] = id_present(row["range_band"], has_id)
    return said


def vector(values: np.ndarray) -> dict[str, float]:
    return dict(zip("xyz", values.tolist(), strict=True))


def track_said(row: np.void, track_id: str) -> dict[str, object]:
    """What JSON must say of a track, built here anew."""
    present, time = int(row["present"]), rfc3339(int(row["time_ns"]))
    has_id = bool(present & TrackPresent.TRANSPONDER_ID)
    has_snr = present & TrackPresent.SNR and row["snr_db"] >= 0
    values = {
        "schema_version": 1,
        "track_id": track_id,
        "object_type": int(row["object_type"]),
        "iff": int(row["friend_foe"]),
        "transponder_on": bool(present & TrackPresent.TRANSPONDER_REPLY),
        "transponder_mode": int(row["transponder_mode"]),
        "transponder_id": row["transponder_id"].decode() if has_id else None,
        "quality": float(row["quality"]),
        "status": int(row["status"]),
        "range_m": float(row["range_m"]),
        "bearing_deg": float(row["bearing_deg"]),
        "elev_deg": float(row["elevation_deg"]),
        "vr_mps": float(row["range_rate_m_s"]),
        "snr_db": float(row["snr_db"]) if has_snr else 0.0,
        "rcs_dbsm": float(row["rcs_dbsm"]) if present & TrackPresent.RCS else 0.0,
        "position": vector(row["position_m"]),
        "velocity": vector(row["velocity_m_s"]),
        "position_covariance": row["position_covariance_m2"].tolist(),
        "velocity_covariance": row["velocity_covariance_m2_s2"].tolist(),
        "age_s": float(row["age_s"]),
        "miss_count": int(row["miss_count"]),
        "timestamp": time,
        "ts_event": time,
        "ts_ingest": rfc3339(INGEST_NS),
        "range_band": int(row["range_band"]),
        "id_present": id_present(row["range_band"], has_id),
    }
    assert list(values) == TRACK_KEYS
    return values


@given(seed=SEEDS, count=st.integers(0, 40), bits=st.integers(0, ALL_BITS))
@settings(max_examples=150, deadline=None)
def test_frames_say_what_they_hold_in_the_original_s_order(seed, count, bits):
    sent = frame(np.random.default_rng(seed), count, bits)
    text = encode_frame_json(sent, INGEST_NS)
    said, time = loads(text.payload), rfc3339(sent.time_ns)
    assert list(said) == FRAME_KEYS
    assert all(list(row) == DETECTION_KEYS for row in said["detections"])
    assert said == {
        "schema_version": 1,
        "frame_id": sent.frame_id,
        "sensor_id": sent.sensor_id,
        "timestamp": time,
        "ts_event": time,
        "ts_ingest": rfc3339(INGEST_NS),
        "detections": [detection_said(row) for row in sent.detections],
    }
    Frame.model_validate_json(text.payload)


@given(seed=SEEDS, count=st.integers(0, 30), bits=st.integers(0, ALL_BITS))
@settings(max_examples=150, deadline=None)
def test_frames_come_back_as_far_as_json_says_them(seed, count, bits):
    sent = frame(np.random.default_rng(seed), count, bits)
    text = encode_frame_json(sent, INGEST_NS)
    read = decode_frame_json(text.payload, text.scan, text.absent, crc32c(text.payload))
    for name in ("frame_id", "sensor_id", "epoch", "number", "time_ns", "coverage"):
        assert getattr(read, name) == getattr(sent, name), name
    assert read.sensor_position_m == sent.sensor_position_m
    assert read.sensor_velocity_m_s == sent.sensor_velocity_m_s
    names = ["transponder_id", "transponder_mode", "range_band"]
    assert (read.detections[names] == sent.detections[names]).all()
    assert (read.detections["time_ns"] == sent.time_ns).all()
    for name, bit in MEASURED.items():
        has = sent.detections["present"] & bit != 0
        if name == "snr_db":
            has &= sent.detections[name] >= 0
        assert ((read.detections["present"] & bit != 0) == has).all()
        expected = np.where(has, sent.detections[name], np.nan)
        assert np.array_equal(read.detections[name], expected, equal_nan=True), name


@given(seed=SEEDS, count=st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_tracks_say_what_they_hold_in_the_original_s_order(seed, count):
    sent = tracks(np.random.default_rng(seed), count)
    texts = encode_tracks_json(sent, INGEST_NS)
    assert len(texts) == count
    for row, text in zip(sent, texts, strict=True):
        said = loads(text.payload)
        assert list(said) == TRACK_KEYS
        assert said == track_said(row, text.track_id)
        assert text.track_id.replace("-", "") == bytes(row["track_id"]).hex()
        Track.model_validate_json(text.payload)
        absent = [name for name in ("snr_db", "rcs_dbsm") if is_silent(row, name)]
        assert text.absent == ";".join(absent)


def is_silent(row: np.void, name: str) -> bool:
    bit = {"snr_db": TrackPresent.SNR, "rcs_dbsm": TrackPresent.RCS}[name]
    return not row["present"] & bit or (name == "snr_db" and row[name] < 0)


def garbled() -> Radar:
    """Replies that lie on each other, and one that is forged."""
    spoof = {"mode": "spoof", "mode_3a": "7700", "address": "ABCDEF"}
    return radar(
        [
            replying("one", at(3000.0, 10.0), mode_3a="1234"),
            replying("two", at(3300.0, 10.5), mode_3a="4321"),
            replying("spoof", at(2000.0, 90.0), **spoof),
            replying("far", at(9000.0, 180.0), mode_3a="7000"),
        ]
    )


@pytest.mark.parametrize("name", [*SCENARIOS, "garbled"])
def test_consumers_accept_every_frame_and_track_of_a_scenario(name):
    is_built_in = name in SCENARIOS
    source = Radar(Scenario.load(name), seed=3, epoch=1) if is_built_in else garbled()
    tracker = FrameTracker()
    told = 0
    for number in range(40):
        whole = source.frame(number)
        frames = whole.split(source.sr_threshold_m)
        for part in (frames.all, frames.long, frames.short):
            text = encode_frame_json(part, INGEST_NS)
            accepted = Frame.model_validate_json(text.payload)
            assert len(accepted.detections) == len(part.detections)
            read = decode_frame_json(text.payload, text.scan, text.absent)
            assert read.frame_id == part.frame_id
        answer = decode_tracks(tracker.answer(encode_frame(frames.all)).payload)
        assert answer.verdict == "accepted"
        for text in encode_tracks_json(answer.tracks, INGEST_NS):
            accepted_track = Track.model_validate_json(text.payload)
            assert str(accepted_track.track_id) == text.track_id
            told += 1
    assert told > 10, "a scenario without tracks tests nothing"


def test_a_tracker_answers_json_as_it_answers_what_json_says():
    source = Radar(Scenario.load("guard"), seed=3, epoch=1)
    of_json, of_columns = FrameTracker(), FrameTracker()
    for number in range(30):
        text = encode_frame_json(source.frame(number).split(source.sr_threshold_m).all, INGEST_NS)
        same = decode_frame_json(text.payload, text.scan, text.absent)
        checksum = crc32c(text.payload)
        answer = of_json.answer(text.payload, checksum, scan=text.scan, absent=text.absent)
        expected = of_columns.answer(encode_frame(same))
        assert answer.verdict == "accepted", answer.reason
        found, wanted = decode_tracks(answer.payload), decode_tracks(expected.payload)
        assert found.tracks.tobytes() == wanted.tracks.tobytes()
        assert (found.number, found.epoch) == (number, 1)


def test_json_that_cannot_be_used_is_answered_with_the_reason():
    text = encode_frame_json(Radar(Scenario.load("default")).frame(0), INGEST_NS)
    tracker = FrameTracker()
    before = tracker.snapshot()
    for payload, scan, absent, reason in [
        (text.payload[:-1], text.scan, text.absent, "EOF while parsing"),
        (text.payload, "", text.absent, "x-qiki-scan: at byte 0"),
        (text.payload, text.scan, "height_m", "x-qiki-absent: at byte 0"),
    ]:
        answer = tracker.answer(payload, scan=scan, absent=absent)
        assert (answer.verdict, answer.tracks) == ("refused", 0)
        assert reason in answer.reason
    wrong = tracker.answer(text.payload, 1, scan=text.scan, absent=text.absent)
    assert wrong.verdict == "refused"
    assert "RadarFrame JSON: at byte 0" in wrong.reason
    assert tracker.snapshot() == before


def test_an_identity_has_any_letters():
    rows = empty_detections(1)
    rows["present"] = Present.RANGE | Present.BEARING | Present.TRANSPONDER_ID
    rows["range_m"] = rows["bearing_deg"] = rows["range_std_m"] = rows["bearing_std_deg"] = 1.0
    rows["range_band"] = 2
    rows["transponder_id"] = 'né"\\\t'.encode()
    text = encode_frame_json(RadarFrame(rows, time_ns=0), INGEST_NS)
    assert "né".encode() in text.payload
    assert Frame.model_validate_json(text.payload).detections[0].transponder_id == 'né"\\\t'
    again = decode_frame_json(text.payload, text.scan, text.absent)
    assert again.detections["transponder_id"][0] == rows["transponder_id"][0]


def test_the_models_refuse_what_the_original_refuses():
    good = {"range_m": 1, "bearing_deg": 0, "elev_deg": 0, "vr_mps": 0, "snr_db": 0, "rcs_dbsm": 0}
    Detection.model_validate(good)
    for bad, reason in [
        ({"bearing_deg": 360.0}, "less than 360"),
        ({"snr_db": -0.1}, "greater than or equal to 0"),
        ({"extra": 1}, "Extra inputs"),
        ({"range_band": 1, "transponder_id": "A"}, "LR band must not carry transponder_id"),
        ({"range_band": 1, "id_present": True}, "LR band must not carry id_present"),
    ]:
        with pytest.raises(pydantic.ValidationError, match=reason):
            Detection.model_validate(good | bad)


def test_the_decoder_refuses_what_the_models_refuse():
    sent = Radar(Scenario.load("default"), seed=3).frame(0)
    text = encode_frame_json(sent, INGEST_NS)
    assert text.absent == ""
    for name, value in [
        ("bearing_deg", 360.0),
        ("elev_deg", 91.0),
        ("range_m", -1.0),
        ("range_m", "1"),
        ("range_band", 3),
        ("transponder_mode", 4),
        ("id_present", 1.5),
        ("extra", None),
    ]:
        said = loads(text.payload)
        said["detections"][0][name] = value
        payload = json.dumps(said).encode()
        if (name, value) != ("range_m", "1"):  # which the models take for a number
            with pytest.raises(pydantic.ValidationError):
                Frame.model_validate_json(payload)
        place = {"elev_deg": "elevation_deg"}.get(name, name)
        with pytest.raises((DecodeError, FrameError), match=rf"detections\[0\]\.{place}"):
            decode_frame_json(payload, text.scan)


def test_a_track_without_a_place_is_refused_with_its_index():
    rows = tracks(np.random.default_rng(1), 3)
    rows["range_m"][2] = np.nan
    with pytest.raises(TracksError, match=r"tracks\[2\]\.range_m is NaN"):
        encode_tracks_json(rows, INGEST_NS)
