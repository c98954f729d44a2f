"""A constant fault neither fills the log nor is forgotten."""

from qiki.serve.fault_fold import KINDS_MAX, QUIET_NS, FaultFold

TICK_NS = 100_000_000


def test_a_constant_fault_is_told_the_first_the_tenth_and_the_hundredth_time():
    fold = FaultFold()
    told = [fold.fold("a", "fault", "took longer than 0.08 s", n * TICK_NS) for n in range(999)]
    assert [it for it in told if it is not None] == [
        "took longer than 0.08 s",
        "took longer than 0.08 s (again, 10 times)",
        "took longer than 0.08 s (again, 100 times)",
    ]


def test_other_agents_kinds_and_words_are_other_faults_and_other_numbers_are_not():
    fold = FaultFold()
    assert fold.fold("a", "fault", "gone: anew in 1.5 s", 0) is not None
    assert fold.fold("a", "fault", "gone: anew in 0.5 s", 0) is None
    for other in (("b", "fault", "gone"), ("a", "refused", "gone"), ("a", "fault", "hangs")):
        assert fold.fold(*other, 0) == other[2]


def test_what_stayed_away_or_is_of_another_world_is_told_anew():
    fold = FaultFold()
    assert fold.fold("a", "fault", "late", 50 * TICK_NS) == "late"
    assert fold.fold("a", "fault", "late", 50 * TICK_NS + QUIET_NS) is None
    assert fold.fold("a", "fault", "late", 51 * TICK_NS + 2 * QUIET_NS) == "late"
    assert fold.fold("a", "fault", "late", 0) == "late"


def test_it_does_not_grow_without_limit():
    fold = FaultFold()
    for n in range(2 * KINDS_MAX):
        fold.fold(f"agent{n}", "fault", "late", 0)
    assert len(fold._told) == KINDS_MAX
