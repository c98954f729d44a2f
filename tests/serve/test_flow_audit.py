from qiki.bus import headers
from qiki.serve.flow_audit import FlowAudit

EPOCH = 7


def frame(number, *, sensor="a", epoch=EPOCH):
    return {
        headers.SENSOR_ID: sensor,
        headers.EPOCH: str(epoch),
        headers.NUMBER: str(number),
    }


def answer(sequence, *, verdict="accepted", epoch=EPOCH, **more):
    return {
        headers.EPOCH: str(epoch),
        headers.INPUT_SEQUENCE: str(sequence),
        headers.VERDICT: verdict,
        headers.DETECTIONS: "3",
        headers.CONFIRMED: "2",
        headers.INPUT_PUBLISH_TIME_NS: "1000000",
    } | more


def test_answered_frames_are_not_lost():
    audit = FlowAudit(EPOCH)
    for number in range(3):
        audit.frame_stored(10 + 3 * number, frame(number))
        audit.tracks_stored(answer(10 + 3 * number), 3_000_000)
    assert (audit.frames, audit.tracks_messages, audit.frames_lost) == (3, 3, 0)
    assert (audit.detections, audit.tracks_confirmed) == (9, 2)
    assert abs(audit.latency.percentile_ms(50) - 2.0) < 0.02


def test_a_frame_that_a_model_spoiled_is_counted_and_not_lost():
    audit = FlowAudit(EPOCH)
    for number in range(3):
        spoiled = {headers.MODEL_FAULT: "1"} if number == 1 else {}
        audit.frame_stored(number, frame(number) | spoiled)
        audit.tracks_stored(answer(number), 0)
    assert (audit.frames, audit.frames_spoiled, audit.frames_lost) == (3, 1, 0)


def test_unanswered_frame_is_lost():
    audit = FlowAudit(EPOCH)
    audit.frame_stored(1, frame(0))
    audit.frame_stored(4, frame(1))
    audit.tracks_stored(answer(1), 0)
    assert (audit.unanswered, audit.frames_lost) == (1, 1)


def test_frame_that_was_never_stored_is_lost():
    audit = FlowAudit(EPOCH)
    for sequence, number in ((1, 0), (4, 2)):
        audit.frame_stored(sequence, frame(number))
        audit.tracks_stored(answer(sequence), 0)
    assert (audit.unanswered, audit.frames_lost) == (0, 1)


def test_answer_may_be_seen_before_its_frame():
    audit = FlowAudit(EPOCH)
    audit.tracks_stored(answer(1), 0)
    assert audit.unanswered == 0
    audit.frame_stored(1, frame(0))
    assert audit.frames_lost == 0


def test_each_sensor_counts_its_own_numbers():
    audit = FlowAudit(EPOCH)
    for sequence, (sensor, number) in enumerate([("a", 0), ("b", 0), ("a", 1)]):
        audit.frame_stored(sequence, frame(number, sensor=sensor))
        audit.tracks_stored(answer(sequence), 0)
    assert (audit.frames, audit.frames_lost) == (3, 0)


def test_earlier_epochs_do_not_count():
    audit = FlowAudit(EPOCH)
    audit.frame_stored(1, frame(0, epoch=6))
    audit.tracks_stored(answer(1, epoch=6), 0)
    assert (audit.frames, audit.tracks_messages, audit.frames_lost) == (0, 0, 0)


def test_refused_frame_is_answered_and_counted():
    audit = FlowAudit(EPOCH)
    audit.frame_stored(1, frame(0))
    audit.tracks_stored(answer(1, verdict="refused"), 0)
    assert (audit.not_accepted, audit.frames_lost) == (1, 0)


def test_a_world_that_was_reset_counts_from_its_own_first_frame():
    audit = FlowAudit(EPOCH)
    for sequence, (number, epoch) in enumerate([(0, EPOCH), (1, EPOCH), (0, 9), (2, 9)], 1):
        audit.frame_stored(sequence, frame(number, epoch=epoch))
        assert audit.tracks_stored(answer(sequence, epoch=epoch), 0)
    assert (audit.frames, audit.unanswered, audit.frames_lost) == (4, 0, 1)
