"""Identity under attack: garbled, exchanged, missing and forged replies of a hundred targets.

`tests/tracking/identity_attack.py` has the scene: one frame a second for 90 s, 5 % of the replies
garbled, 2 % exchanged, ten targets silent, five forging the address of another.
"""

from bench.accuracy.case import Case
from qiki.tracking import FriendFoe
from tests.tracking.identity_attack import PERIOD_S, Scene, Seen, follow, make_scene, reply_shares

SEEDS = 10
ASSOCIATIONS = ("gnn", "jpda")


def forged_told_s(scene: Scene, seen: Seen) -> tuple[float, float]:
    """Longest time that a forger's track told the forged address.

    Parameters
    ----------
    scene : Scene
    seen : Seen

    Returns
    -------
    beside_owner_s : float
        From the first to the last time, as long as the owner of the address was tracked and the
        motion of the two refuted one of them.
    afterwards_s : float
        After the owner's last detection, when nothing contradicts the forger any more.
    """
    beside, afterwards = [0], [0]
    for spoofer in scene.spoofers:
        owner = scene.address.index(scene.address[spoofer])
        last = seen.records[owner][-1][0]
        told = [number for number, record in seen.records.get(spoofer, [])
                if record["address"] == scene.address[spoofer]]  # fmt: skip
        early = [number for number in told if number <= last]
        beside += [early[-1] - early[0]] if early else []
        afterwards.append(len(told) - len(early))
    return max(beside) * PERIOD_S, max(afterwards) * PERIOD_S


def hand_offs_lost(scene: Scene, seen: Seen) -> int:
    """Targets that passed the short range and did not keep one track, with their address."""
    lost = 0
    for target in scene.passing:
        records = [record for _, record in seen.records.get(target, [])]
        kept = len({int(record["number"]) for record in records}) == 1
        lost += int(not kept or records[-1]["address"] != scene.address[target])
    return lost


def honest_foes(scene: Scene, seen: Seen) -> int:
    """Targets that forge nothing and were a FOE in any frame."""
    honest = set(seen.records) - scene.spoofers
    return sum(
        any(record["friend_foe"] == FriendFoe.FOE for _, record in seen.records[target])
        for target in honest
    )


def run(seed: int) -> dict[str, float]:
    """What each association made of it, and the shares of wrong replies that there were.

    Parameters
    ----------
    seed : int

    Returns
    -------
    dict of str to float
    """
    scene = make_scene(seed)
    garbled, exchanged = reply_shares(scene)
    figures: dict[str, float] = {"garbled": garbled, "exchanged": exchanged}
    for association in ASSOCIATIONS:
        seen = follow(scene, association)
        told_s, afterwards_s = forged_told_s(scene, seen)
        extra = sum(len(set(tracks)) - 1 for tracks in seen.tracks.values())
        figures |= {
            f"qiki_{association}_forged_told_s": told_s,
            f"qiki_{association}_forged_told_afterwards_s": afterwards_s,
            f"qiki_{association}_hand_offs_lost": hand_offs_lost(scene, seen),
            f"qiki_{association}_extra_ids": extra / len(scene.address),
            f"qiki_{association}_never_tracked": len(scene.address) - len(seen.tracks),
            f"qiki_{association}_honest_foes": honest_foes(scene, seen),
        }
    return figures


CASES = (Case("identity-attack", SEEDS, run),)
