"""What the case of wrong replies counts, on runs made by hand."""

from types import SimpleNamespace

from bench.accuracy.attack import forged_told_s, hand_offs_lost, honest_foes
from qiki.tracking import FriendFoe
from tests.tracking.identity_attack import Seen

OWN, OTHER = 0xA, 0xB
SCENE = SimpleNamespace(address=[OWN, OTHER, OWN], spoofers={2}, passing={1})
"""An owner, a target that passes, and a forger of the owner's address."""


def record(address, number=1, friend_foe=FriendFoe.UNKNOWN):
    return {"address": address, "number": number, "friend_foe": friend_foe}


def seen(forger_tells, owner_until=9, passing=()):
    return Seen(
        records={
            0: [(n, record(OWN)) for n in range(owner_until + 1)],
            1: list(passing),
            2: [(n, record(OWN if n in forger_tells else 0, 3, FriendFoe.FOE)) for n in range(20)],
        }
    )


def test_a_forged_id_is_told_from_first_to_last_while_the_owner_is_there():
    assert forged_told_s(SCENE, seen(())) == (0.0, 0.0)
    assert forged_told_s(SCENE, seen((3, 8))) == (5.0, 0.0)
    assert forged_told_s(SCENE, seen((3, 8, 9, 12, 15))) == (6.0, 2.0)
    assert forged_told_s(SCENE, seen((3, 8, 12), owner_until=19)) == (9.0, 0.0)


def test_a_hand_off_keeps_track_and_address():
    kept = [(0, record(0, 7)), (1, record(OTHER, 7))]
    assert hand_offs_lost(SCENE, seen((), passing=kept)) == 0
    for after in (record(OTHER, 8), record(0, 7), record(OWN, 7)):
        assert hand_offs_lost(SCENE, seen((), passing=[kept[0], (1, after)])) == 1
    assert hand_offs_lost(SCENE, seen(())) == 1


def test_honest_targets_are_no_foes():
    assert honest_foes(SCENE, seen(())) == 0
    foe = [(0, record(OTHER, 7, FriendFoe.FOE))]
    assert honest_foes(SCENE, seen((), passing=foe)) == 1
