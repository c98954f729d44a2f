"""Each message becomes what it is, or refused with the reason; nothing is dropped."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.bus import subjects
from qiki.radar import Radar, RadarFrame, Scenario
from qiki.registrar.interpret import MISSING_MAX, REFUSED_BYTES_MAX, Interpreter
from qiki.registrar.record import FrameCount, Minute
from qiki.wire import crc32c
from tests.registrar.messages import (
    STREAM,
    TIME_US,
    answer,
    arrival,
    command,
    event,
    frame_arrival,
    interpreted,
)

RADAR = Radar(Scenario.load("default"), seed=1, epoch=(1 << 63) - 1)
MINUTE_S = TIME_US // 1_000_000 // 60 * 60


def only_record(subject, payload, **more):
    (record,) = interpreted(arrival(subject, payload, **more)).records
    return record


def test_an_event_is_stored_as_it_is_written():
    subject, payload = event(1, text="ü\u2028")
    record = only_record(subject, b" " + payload, headers={"ce-id": "7"})
    assert (record.type, record.payload) == ("event.radar.guard", " " + payload.decode())
    assert json.loads(record.headers) == {"ce-id": "7"}
    assert (record.time_us, record.stream_id, record.sequence) == (TIME_US, STREAM, 1)
    assert record.reason is None


def test_a_command_and_what_became_of_it_are_about_the_same_request():
    request_id = str(uuid.uuid4())
    asked = only_record(subjects.COMMANDS, command("sim.pause", request_id))
    done = only_record(subjects.COMMAND_RESPONSES, answer(request_id))
    refused = only_record(subjects.COMMAND_RESPONSES, answer(request_id, "it stands still"))
    assert [asked.type, done.type, refused.type] == [
        "command.sim.pause",
        "acknowledgement.applied",
        "acknowledgement.rejected",
    ]
    assert {asked.about, done.about, refused.about} == {request_id}


@pytest.mark.parametrize(
    ("subject", "payload", "kind"),
    [
        ("qiki.events.v1.power", b"\xff\xfe", "event"),
        ("qiki.events.v1.power", b'{"a": "\xff"}', "event"),
        ("qiki.events.v1.power", b'"\xff"', "event"),
        ("qiki.events.v1.power", b"[1]", "event"),
        ("qiki.events.v1.power", b'{"a":' * 5000 + b"1" + b"}" * 5000, "event"),
        ("qiki.events.v1.power", b"", "event"),
        (subjects.COMMANDS, b"{}", "command"),
        (subjects.COMMAND_RESPONSES, b'{"success": 1}', "acknowledgement"),
        (subjects.FRAMES, b"no frame", "frame"),
        (subjects.TRACKS, b"no tracks", "tracks"),
    ],
)
def test_what_cannot_be_read_is_kept_as_refused_with_the_reason(subject, payload, kind):
    record = only_record(subject, payload)
    assert (record.type, record.payload) == (f"refused.{kind}", payload)
    assert record.reason


def test_of_a_large_refused_message_the_beginning_is_kept_and_the_size_told():
    payload = b"x" * (REFUSED_BYTES_MAX + 1)
    record = only_record("qiki.events.v1.power", payload)
    assert record.payload == payload[:-1]
    assert f"of {REFUSED_BYTES_MAX + 1} bytes" in record.reason


def test_a_damaged_frame_is_refused_by_its_checksum():
    sound = frame_arrival(RADAR.frame(0), 1)
    damaged = sound._replace(headers={"x-qiki-crc32c": f"{crc32c(sound.payload) ^ 1:08x}"})
    batch = interpreted(damaged)
    assert [record.type for record in batch.records] == ["refused.frame"]
    assert not batch.frame_counts


SUBJECTS = st.sampled_from(
    [
        subjects.FRAMES,
        subjects.TRACKS,
        subjects.COMMANDS,
        subjects.COMMAND_RESPONSES,
        "qiki.events.v1.x",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
).map(lambda value: json.dumps(value).encode())


@given(SUBJECTS, st.binary(max_size=200) | JSON, st.dictionaries(st.text(), st.text(), max_size=3))
def test_whatever_comes_leaves_one_record(subject, payload, headers):
    """An empty frame or tracks message aside, which no such payload is."""
    record = only_record(subject, payload, headers=headers)
    assert (record.reason is None) == isinstance(record.payload, str)
    if record.headers is not None:
        assert json.loads(record.headers) == headers


def test_frames_are_counted_by_sensor_epoch_and_minute():
    frames = [RADAR.frame(number) for number in range(6)]
    frames.append(RADAR.clock_frame(6, frames[5].time_ns + 1))
    arrivals = [
        frame_arrival(frame, 3 * number + 1, minute=number // 4)
        for number, frame in enumerate(frames)
    ]
    batch = interpreted(*arrivals)
    assert batch.records == []
    first, second = (Minute(RADAR.sensor_id, str((1 << 63) - 1), MINUTE_S + 60 * n) for n in (0, 1))
    detections = [len(frame) for frame in frames]
    assert batch.frame_counts == {
        first: FrameCount(4, sum(detections[:4])),
        second: FrameCount(3, sum(detections[4:]), clock_frames=1),
    }


def test_missing_frame_numbers_are_told_also_across_a_restart():
    first = interpreted(frame_arrival(RADAR.frame(0), 1), frame_arrival(RADAR.frame(3), 4))
    again = Interpreter(first.memory, [])
    second = interpreted(frame_arrival(RADAR.frame(5), 7), interpreter=again, stands=4)
    told = [json.loads(gap.payload) for gap in first.gaps + second.gaps]
    assert [(gap["number"], gap["missing"]) for gap in told] == [(3, 2), (5, 1)]
    assert [sum(n.missing for n in batch.frame_counts.values()) for batch in (first, second)] == [
        2,
        1,
    ]


def test_a_number_out_of_all_bounds_is_counted_as_far_as_a_database_can():
    nothing = RADAR.frame(0).detections[:0]
    frames = [RadarFrame(nothing, time_ns=5, number=n) for n in (0, (1 << 64) - 1)]
    batch = interpreted(*[frame_arrival(frame, 1 + n) for n, frame in enumerate(frames)])
    (count,) = batch.frame_counts.values()
    assert count.missing == MISSING_MAX
    assert json.loads(batch.gaps[0].payload)["missing"] == (1 << 64) - 2


def test_a_sequence_left_out_of_a_whole_stream_is_a_gap():
    subject, payload = event(1)
    batch = interpreted(arrival(subject, payload, 6), stands=2)
    gap, record = batch.records
    assert (gap.type, json.loads(gap.payload)) == (
        "gap.stream",
        {"first": 3, "last": 5, "missing": 3},
    )
    assert (gap.sequence, record.sequence) == (6, 6)
    assert gap.part != record.part


def test_frames_share_their_stream_with_other_subjects():
    assert interpreted(frame_arrival(RADAR.frame(0), 7)).gaps == []


def test_what_has_been_seen_adds_nothing():
    batch = interpreted(
        arrival(*event(1), 2), arrival(*event(1), 2), arrival(*event(0), 1), stands=1
    )
    assert len(batch.records) == 1
    assert batch.moves == {STREAM: (1, 2, TIME_US)}


def test_own_audit_records_are_stored_and_not_counted():
    own = arrival(subjects.AUDIT, b'{"source": "registrar"}', 1)
    others = arrival(subjects.AUDIT, b'{"source": "bridge"}', 2)
    batch = interpreted(own, others)
    assert [record.type for record in batch.records] == ["event.audit"] * 2
    assert batch.counts == {"event": 1}
