"""Which faults a schedule has, and how often: another mixture for each seed (swarm testing)."""

from bisect import bisect_right
from itertools import accumulate
from random import Random

# Chance at each effect of a worker.
AT_EFFECT = (
    "kill_before",
    "kill_after",
    "lose_request",
    "lose_reply",
    "delay_request",  # it arrives later, after the worker has given up waiting
    "freeze",  # the worker stands still while another takes its place
    "stop_asked",
    "remember_only",  # the broker remembers the message id and stores nothing
    "shorten_retention",  # old inputs go at once, and the proof that they are held is not so
)
# Chance at each turn of the world.
AT_TURN = (
    "pause",  # long enough for everything to age out
    "half_pause",  # for the older half
    "broker_restart",
    "forget_ids",
    "delete_snapshots",
    "stale_snapshots",
    "corrupt_snapshot",
    "fill_outputs",
    "fill_bucket",
    "second_worker",
    "lose_inside",
    "lose_output_tail",
    "lose_input_tail",
    "make_outputs_anew",  # the stream is deleted, and applied again
    "make_inputs_anew",
)
# Losses otherwise than by age: one kind of them in a schedule, in seven of ten.
DAMAGE = (
    "lose_inside",
    "lose_output_tail",
    "lose_input_tail",
    "shorten_retention",
    "make_outputs_anew",
    "make_inputs_anew",
)
# Each ends what could be tested; what retention takes must only meet two frames that wait.
RARE = {"pause", "half_pause", "delete_snapshots", *DAMAGE} - {"shorten_retention"}


def drawn(rng: Random) -> dict[str, float]:
    """Return the chance of each fault, for one schedule."""
    damage = rng.choice(DAMAGE) if rng.random() < 0.7 else ""
    chances = {}
    for name in AT_EFFECT + AT_TURN:
        if name != damage and (name in DAMAGE or rng.random() < 0.5):
            continue
        if name == "freeze" and damage == "lose_output_tail":
            # A worker that stands still until its lost output, written again by another epoch, has
            # aged out too, has nothing left to tell it by: the limit of the protocol.
            continue
        chances[name] = rng.choice((0.003, 0.01, 0.03)) * (0.5 if name in RARE else 1.0)
    return chances


class Dice:
    """Throws once for all faults of a kind, of which at most one comes.

    Parameters
    ----------
    rng : of the schedule.
    chances : of each fault.
    """

    def __init__(self, rng: Random, chances: dict[str, float]) -> None:
        self._random = rng.random
        self._names = list(chances)
        self._up_to = list(accumulate(chances.values()))
        self._any = self._up_to[-1] if chances else 0.0

    def throw(self) -> str | None:
        """Return the fault that comes now."""
        thrown = self._random()
        return None if thrown >= self._any else self._names[bisect_right(self._up_to, thrown)]
