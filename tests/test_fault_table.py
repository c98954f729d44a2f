"""The table says of a bar that it holds only where every test says so."""

import pytest

from tests.fault_table import BAR, lines_of, rows_of


def report(name, outcome, *bars, when="call"):
    properties = [(BAR, bar) for bar in bars]
    reason = "E   first\nfile.py:1: AssertionError"
    node = f"tests/faults/{name}"
    return pytest.TestReport(
        node, ("", 1, ""), {}, outcome, reason, when, user_properties=properties
    )


def test_figures_of_one_bar_add_up():
    blocks = [
        report("a", "passed", ("schedules", True, {"run": 500, "s": 1.25})),
        report("a", "passed", ("schedules", True, {"run": 500, "s": 1.0}), when="teardown"),
        report("b", "passed", ("schedules", True, {"run": 300, "s": 2.0, "hash": "ab"})),
    ]
    assert lines_of(rows_of(blocks)) == ["schedules  holds  800 run, 3.25 s, ab hash"]


def test_one_test_that_says_no_is_enough():
    blocks = [
        report("a", "failed", ("schedules", False, {"run": 1})),
        report("b", "passed", ("schedules", True, {"run": 2}), ("other bar", True, {})),
    ]
    assert [line.split("  ")[1] for line in lines_of(rows_of(blocks))] == ["FAILS", "holds"]


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_failure_that_no_bar_explains_has_a_row(when):
    rows = rows_of([report("a", "failed", ("bar", True, {}), when=when)])
    assert rows["tests/faults/a"].measured.strip() == "file.py:1: AssertionError"
    assert not rows["tests/faults/a"].holds
