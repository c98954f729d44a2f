"""Claimed identities that do not fit the motion, and tracks that go on under a former name."""

import msgspec
import numpy as np
import pytest

from qiki.radar import Present
from qiki.tracking import (
    FrameTracker,
    FriendFoe,
    TrackAlarm,
    Tracker,
    TrackerConfig,
    TrackEvent,
    TrackPresent,
    TrackStatus,
)
from qiki.wire import decode_tracks, encode_frame
from tests.tracking.test_identity import METHODS, frame, tracker, tracker_config

HOME_M, AWAY_M = (0.0, 4000.0), (3000.0, 2000.0)


def steps(follower, count, places_m, replies, *, begin=0):
    """Records by track number of the last of so many frames of targets at rest."""
    for number in range(begin, begin + count):
        result = follower.step(frame(number, places_m, replies))
    return {int(record["number"]): record for record in result.tracks}


def forged(association, *, frames, **settings):
    """Track 1 has replied for twelve frames when track 2 begins to reply the same."""
    follower = tracker(association, **settings)
    steps(follower, 12, [HOME_M, AWAY_M], [0x11, None])
    return follower, steps(follower, frames, [HOME_M, AWAY_M], [0x11, 0x11], begin=12)


def refuted(contradictions, wrong=0.07, prior=0.01):
    """Bayes' rule with the settings of these tests."""
    weight = prior * ((1.0 - wrong) / wrong) ** contradictions
    return weight / (1.0 - prior + weight)


@METHODS
def test_who_replies_what_another_holds_is_refuted(association):
    """Four replies: two make the claim, and with ε = 0.07 three refute it (0.96)."""
    _, after = forged(association, frames=3)
    assert (after[2]["friend_foe"], after[2]["alarms"]) == (FriendFoe.UNKNOWN, 0)
    assert after[2]["refuted_probability"] == pytest.approx(refuted(2), rel=1e-6)
    _, after = forged(association, frames=4)
    assert after[2]["alarms"] == TrackAlarm.IDENTITY_REFUTED
    assert after[2]["friend_foe_probability"] == pytest.approx(refuted(3), rel=1e-6)
    assert after[2]["refuted_probability"] == after[2]["friend_foe_probability"]
    assert (after[1]["refuted_probability"], after[1]["friend_foe_probability"]) == (0.0, 0.0)
    assert after[2]["friend_foe"] == FriendFoe.FOE
    assert (after[2]["address"], after[2]["transponder_mode"]) == (0, 0)
    assert (after[1]["address"], after[1]["friend_foe"]) == (0x11, FriendFoe.UNKNOWN)


@METHODS
def test_a_refuted_claim_stays_so_when_its_holder_is_gone(association):
    follower, _ = forged(association, frames=6)
    after = steps(follower, 40, [AWAY_M], [0x11], begin=18)
    assert after[2]["friend_foe"] == FriendFoe.FOE
    assert 1 not in after
    # An own name, replied for long enough, is believed.
    after = steps(follower, 6, [AWAY_M], [0x22], begin=58)
    assert (after[2]["address"], after[2]["friend_foe"]) == (0x22, FriendFoe.UNKNOWN)


@METHODS
def test_of_two_that_claim_the_same_from_the_first_neither_is_taken_for_a_foe(association):
    after = steps(tracker(association), 30, [HOME_M, AWAY_M], [0x11, 0x11])
    for record in after.values():
        assert (record["friend_foe"], record["address"]) == (FriendFoe.UNKNOWN, 0)
        assert record["alarms"] == TrackAlarm.IDENTITY_CONTESTED
        assert record["refuted_probability"] == pytest.approx(refuted(6) / 2.0, rel=1e-6)


@METHODS
@pytest.mark.parametrize(("other", "frames"), [([HOME_M, AWAY_M], 6), ([HOME_M], 40)])
def test_a_contested_claim_is_told_again_when_the_other_gives_it_up(association, other, frames):
    """It replies another address, or its track ends."""
    follower = tracker(association)
    steps(follower, 30, [HOME_M, AWAY_M], [0x11, 0x11])
    silent = steps(follower, 6, [HOME_M, AWAY_M], [0x11, None], begin=30)
    assert [record["address"] for record in silent.values()] == [0, 0]
    after = steps(follower, frames, other, [0x11, 0x22][: len(other)], begin=36)
    assert (after[1]["address"], after[1]["alarms"]) == (0x11, 0)
    assert after[1]["refuted_probability"] == 0.0
    assert len(other) == 1 or (after[2]["address"], after[2]["alarms"]) == (0x22, 0)


@METHODS
def test_a_contest_goes_on_while_the_two_meet(association):
    follower = tracker(association)
    alarms = []
    for number in range(60):  # the second passes the first after 40 s
        passing_m = (30.0 * (40 - number) + 40.0, 4000.0)
        after = steps(follower, 1, [HOME_M, passing_m], [0x11, 0x11], begin=number)
        alarms.append([int(record["alarms"]) for record in after.values()])
    assert alarms[20:] == [[TrackAlarm.IDENTITY_CONTESTED] * 2] * 40


@METHODS
def test_a_forger_that_goes_on_under_the_name_of_a_fading_track_contests_it(association):
    """Its target comes back after four scans, and is no foe."""
    follower = tracker(association, initial_speed_std_m_s=10.0)
    beside_m = (300.0, 4000.0)
    steps(follower, 30, [HOME_M], [0x11])
    taken = steps(follower, 4, [beside_m], [0x11], begin=30)
    assert taken[1]["position_m"][0] == pytest.approx(300.0, abs=60.0)
    after = steps(follower, 20, [beside_m, HOME_M], [0x11, 0x11], begin=34)
    assert len(after) == 2
    for record in after.values():
        assert (record["friend_foe"], record["address"]) == (FriendFoe.UNKNOWN, 0)
        assert record["alarms"] == TrackAlarm.IDENTITY_CONTESTED


def test_who_claims_an_identity_of_the_hostile_list_is_a_foe_though_another_does_as_well():
    follower = tracker("gnn", hostile_ids=("RAIDER",))
    for number in range(30):
        result = follower.step(with_texts(number, [b"RAIDER", b"RAIDER"]))
    assert result.tracks["alarms"].tolist() == [TrackAlarm.IDENTITY_CONTESTED] * 2
    assert result.tracks["friend_foe"].tolist() == [FriendFoe.FOE] * 2
    assert result.tracks["transponder_id"].tolist() == [b"", b""]


@METHODS
def test_a_claim_far_from_where_its_holder_is_seen_in_the_long_range_is_refuted(association):
    """The holder is not heard any more, but its track goes on."""
    follower = tracker(association)
    steps(follower, 12, [HOME_M, AWAY_M], [0x11, None])
    for number in range(12, 20):
        seen = frame(number, [HOME_M, AWAY_M], [None, 0x11])
        detections = seen.detections.copy()
        detections["range_band"] = [1, 2]
        result = follower.step(type(seen)(detections, time_ns=seen.time_ns, number=number))
    assert dict(zip(result.tracks["number"], result.tracks["friend_foe"], strict=True)) == {
        1: FriendFoe.UNKNOWN,
        2: FriendFoe.FOE,
    }


@METHODS
def test_a_holder_that_falls_silent_refutes_nothing(association):
    """It may have taken over the detections of another target."""
    follower = tracker(association)
    steps(follower, 12, [HOME_M, AWAY_M], [0x11, None])
    after = steps(follower, 20, [HOME_M, AWAY_M], [None, 0x11], begin=12)
    assert (after[2]["address"], after[2]["friend_foe"]) == (0x11, FriendFoe.UNKNOWN)


def claimed(lead, wrong=0.07):
    """Posterior of a claim that was heard so many times and no other."""
    weight = ((1.0 - wrong) / wrong) ** lead
    return weight / (1.0 + weight)


def with_texts(number, texts):
    """The two targets with a text each in place of an address."""
    plain = frame(number, [HOME_M, AWAY_M], [None, None])
    detections = plain.detections.copy()
    for detection, text in zip(detections, texts, strict=True):
        if text is not None:
            detection["transponder_id"] = text
            detection["present"] |= 1 << 9 | 1 << 10
    return type(plain)(detections, time_ns=plain.time_ns, number=number)


@pytest.mark.parametrize(("begin", "home"), [(12, FriendFoe.FRIEND), (0, FriendFoe.UNKNOWN)])
def test_a_friend_is_one_whose_name_no_other_claims_as_rightly(begin, home):
    follower = tracker("gnn", friendly_ids=("ALLY-7",))
    for number in range(30):
        said = [b"ALLY-7", b"ALLY-7" if number >= begin else None]
        result = follower.step(with_texts(number, said))
    friends = dict(zip(result.tracks["number"], result.tracks["friend_foe"], strict=True))
    assert friends == {1: home, 2: FriendFoe.FOE if begin else FriendFoe.UNKNOWN}
    probability, _ = result.tracks["friend_foe_probability"]
    assert probability == pytest.approx(claimed(3) if begin else 0.0, rel=1e-6)
    contested = result.tracks["refuted_probability"].tolist()
    assert begin or contested == pytest.approx([refuted(6) / 2.0] * 2, rel=1e-6)


@pytest.mark.parametrize(("mode", "expected"), [(1, FriendFoe.FRIEND), (3, FriendFoe.UNKNOWN)])
def test_a_reply_that_the_radar_takes_for_a_spoof_is_of_no_friend(mode, expected):
    follower = tracker("gnn", friendly_ids=("ALLY-7",))
    for number in range(6):
        said = with_texts(number, [b"ALLY-7", None])
        detections = said.detections.copy()
        detections["transponder_mode"][0] = mode
        result = follower.step(type(said)(detections, time_ns=said.time_ns, number=number))
    assert result.tracks["friend_foe"].tolist() == [expected, FriendFoe.UNKNOWN]


def test_an_address_is_a_reply_though_no_bit_says_so():
    """Drivers may leave the bit out; the claim counts all the same."""
    follower = tracker("gnn")
    for number in range(20):
        said = frame(number, [HOME_M, AWAY_M], [0x11, 0x11 if number >= 12 else None])
        detections = said.detections.copy()
        detections["present"] &= ~np.uint32(Present.TRANSPONDER_REPLY)
        result = follower.step(type(said)(detections, time_ns=said.time_ns, number=number))
    assert result.tracks["friend_foe"].tolist() == [FriendFoe.UNKNOWN, FriendFoe.FOE]
    assert result.tracks["present"][0] & TrackPresent.TRANSPONDER_REPLY


@METHODS
def test_a_target_that_leaves_its_gate_keeps_its_name(association):
    """It is not seen for a while and then 300 m beside its way, which a turn of 5 g would bring."""
    follower = tracker(association, initial_speed_std_m_s=10.0)
    steps(follower, 30, [HOME_M], [0x11])
    beside_m = (300.0, 4000.0)
    first = steps(follower, 1, [beside_m], [0x11], begin=33)
    assert first[2]["event"] == TrackEvent.BORN
    for number in range(34, 38):
        after = steps(follower, 1, [beside_m], [0x11], begin=number)
        if after[1]["event"] == TrackEvent.UPDATED:
            break
    assert after[2]["status"] == TrackStatus.LOST
    assert (after[1]["status"], after[1]["address"]) == (TrackStatus.TRACKED, 0x11)
    assert after[1]["position_m"][0] == pytest.approx(300.0, abs=30.0)
    assert after[1]["hit_count"] == 30 + number - 32
    assert Tracker.restore(follower.snapshot()).snapshot() == follower.snapshot()
    later = steps(follower, 3, [beside_m], [0x11], begin=number + 1)
    assert list(later) == [1]


@METHODS
def test_a_contested_name_ends_without_an_address_when_its_target_leaves_the_gate(association):
    """The bits of the record that ends it once told of no address where the address was told."""
    bridge = FrameTracker(tracker_config(association, initial_speed_std_m_s=10.0))
    beside_m = (300.0, 4000.0)
    for number in [*range(30), *range(33, 38)]:
        places_m = [HOME_M if number < 30 else beside_m, AWAY_M]
        answer = bridge.answer(encode_frame(frame(number, places_m, [0x11, 0x11])))
        assert answer.verdict == "accepted", answer.reason
        records = decode_tracks(answer.payload).tracks
        if TrackStatus.LOST in records["status"]:
            break
    (ended,) = records[records["status"] == TrackStatus.LOST]
    assert (ended["number"], ended["address"]) == (3, 0)
    assert not ended["present"] & TrackPresent.ADDRESS
    assert ended["alarms"] == TrackAlarm.IDENTITY_CONTESTED
    assert 1 in records["number"]


@METHODS
def test_no_forger_takes_the_name_of_a_track_that_is_seen(association):
    follower = tracker(association)
    steps(follower, 30, [HOME_M], [0x11])
    after = steps(follower, 12, [HOME_M, (300.0, 4000.0)], [0x11, 0x11], begin=30)
    assert after[1]["position_m"][0] == pytest.approx(0.0, abs=30.0)
    assert after[2]["friend_foe"] == FriendFoe.FOE


def test_contradictions_are_part_of_a_snapshot():
    follower, _ = forged("gnn", frames=3)
    restored = Tracker.restore(follower.snapshot())
    assert restored.snapshot() == follower.snapshot()
    later = [
        forger.step(frame(15, [HOME_M, AWAY_M], [0x11, 0x11])) for forger in (follower, restored)
    ]
    assert later[0].tracks.tobytes() == later[1].tracks.tobytes()
    assert later[0].tracks["friend_foe"].tolist() == [FriendFoe.UNKNOWN, FriendFoe.FOE]


def test_contests_are_part_of_a_snapshot():
    follower = tracker("gnn")
    steps(follower, 30, [HOME_M, AWAY_M], [0x11, 0x11])
    restored = Tracker.restore(follower.snapshot())
    again = frame(30, [HOME_M, AWAY_M], [0x11, 0x11])
    left, right = (each.step(again).tracks for each in (follower, restored))
    assert left.tobytes() == right.tobytes()
    assert left["alarms"].tolist() == [TrackAlarm.IDENTITY_CONTESTED] * 2


def test_without_wrong_replies_one_contradiction_is_almost_enough():
    """ε = 2e-6: the prior of 0.01 becomes 1 - 2e-4."""
    strict = {"identity_garble_probability": 1e-6, "identity_swap_probability": 1e-6}
    _, after = forged("gnn", frames=2, **strict)
    assert after[2]["friend_foe"] == FriendFoe.FOE
    assert msgspec.structs.replace(TrackerConfig(), **strict).identity_swap_probability == 1e-6
