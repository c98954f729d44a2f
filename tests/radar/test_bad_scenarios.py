"""Scenarios that nobody should write: a clear error, in little time and memory."""

import time
import tracemalloc

import pytest

from qiki.errors import ScenarioError
from qiki.radar import Scenario
from qiki.yaml_document import MAX_BYTES
from tests.radar.test_scenario import scenario_text, target_text

MIB = 2**20


def refusal(load, source):
    """Return the error, and the time [s] and memory [bytes] that it took."""
    tracemalloc.start()
    start_s = time.process_time()
    try:
        with pytest.raises(ScenarioError) as caught:
            load(source)
        return caught.value, time.process_time() - start_s, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_million_targets_in_a_group():
    group = (
        "groups: [{id_prefix: g, count: 10000000, rcs_dbsm: [0, 0], ground_range_m: [0, 1],"
        " height_m: [0, 0], speed_m_s: [0, 0]}]"
    )
    error, seconds, peak = refusal(Scenario.from_yaml, scenario_text(rest=group))
    (problem,) = error.problems
    assert problem.path == "groups[0].count"
    assert problem.reason == "brings the targets to 10000000, must be at most 100000"
    assert seconds < 1.0
    assert peak < MIB


def test_ten_million_targets_one_by_one():
    text = scenario_text("[" + "{}," * 10_000_000 + "{}]")
    error, seconds, peak = refusal(Scenario.from_yaml, text)
    (problem,) = error.problems
    assert (problem.line, problem.path) == (4, "targets")
    assert problem.reason.startswith("has more than 100000 entries: use groups")
    assert seconds < 20.0  # with tracemalloc, which makes it ten times as slow
    assert peak < 3 * len(text) + 50 * MIB  # the text, as UTF-8 for the parser, and what was read


def test_a_huge_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(10**12)  # holes: it takes no place on the disk
    error, _, peak = refusal(Scenario.load, path)
    assert f"huge.yaml: scenario: has more than {MAX_BYTES} bytes" in str(error)
    assert peak < 3 * MAX_BYTES


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "is empty, must be a mapping"),
        (b"scenario_version: 1\n\x89PNG\r\n\x1a\n", 2, "byte 20 is not UTF-8: save it as UTF-8"),
        (b"name: a\nwhat: \x00\x01\x02", 2, "holds a character that YAML does not allow"),
        (b"[1, 2]", 1, "is a list of 2, must be a mapping"),
        (b"just words", 1, 'is "just words", must be a mapping'),
        (b"--- ~", 1, "is empty, must be a mapping"),
        (b"{? [a]: 1}", 1, "a name must be a text"),
        (b"a: &x 1\nb: *y", 2, "*y stands for nothing before it"),
    ],
)
def test_files_that_are_no_scenario(tmp_path, content, line, reason):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    error, *_ = refusal(Scenario.load, path)
    assert error.problems[0].line == line
    assert error.problems[0].reason.startswith(reason)
    assert str(error).startswith(f"{path}: scenario: line {line}: ")


@pytest.mark.parametrize("place", ["/dev", "."])
def test_a_folder_is_no_scenario(place):
    error, *_ = refusal(Scenario.load, place)
    assert "cannot be read (Is a directory)" in str(error)


def test_a_bomb_takes_no_memory():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 20)
    )
    error, seconds, peak = refusal(Scenario.from_yaml, bomb)
    assert "stands for more than 5000000 values" in str(error)
    assert seconds < 1.0
    assert peak < MIB


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        # Cross sections are in dBsm, where a negative one is small: only its size is limited.
        ({"rcs_dbsm": -100.1}, "targets[0].rcs_dbsm", "is -100.1, must be -100 to 100"),
        ({"rcs_m2": -1}, "targets[0].rcs_m2", "is not a known name"),
        ({"rcs_model": "sphere"}, "targets[0]", "must have rcs_dbsm, rcs_by_aspect or rcs_model"),
        ({"motion": "{orbit: {}}"}, "targets[0].motion.orbit", "is not a known kind, must be one"),
    ],
)
def test_models_and_quantities_that_are_not_there(fields, path, reason):
    error, *_ = refusal(Scenario.from_yaml, scenario_text(target_text(**fields)))
    reasons = {problem.path: problem.reason for problem in error.problems}
    assert reasons[path].startswith(reason)


def test_a_long_text_is_shown_in_part():
    text = scenario_text(target_text("'" + "x" * 1_000_000 + "'"))
    error, *_ = refusal(Scenario.from_yaml, text)
    assert len(str(error)) < 300
    assert "(1000000 bytes), must be 1 to 64 bytes" in str(error)
