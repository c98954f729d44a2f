"""Rules for the whole tree that no linter knows; CONTRIBUTING.md gives the reasons."""

import re

import pytest

from tests.source_tree import ROOT, text_of, tracked

MAX_LINES = 400
# Longer by their nature: made by tools, or the one stub of a compiled module.
LONG_FILES = {
    "Cargo.lock",
    "docs/scenario.md",
    "docs/scenario.schema.json",
    "docs/vehicle.md",
    "docs/vehicle.schema.json",
    "qiki/_core.pyi",
    "requirements/dev.txt",
    "requirements/run.txt",
}
GENERATED = "qiki/wire/generated/"

# `unsafe` stands where a foreign side begins, and in the test's allocator, whose trait demands it;
# nowhere else.
UNSAFE_FILES = {
    "bindings/src/arrays.rs",
    "bindings/src/c_api_capsule.rs",
    "bindings/src/outside_function.rs",
    "bindings/src/records.rs",
    "bindings/src/user_measurement.rs",
    "bindings/src/user_model.rs",
    "bindings/src/user_motion.rs",
    "core_native/src/c_api/detection_sink.rs",
    "core_native/src/c_api/last_error.rs",
    "core_native/src/c_api/pointers.rs",
    "core_native/src/c_api/table.rs",
    "core_native/src/prefetch.rs",
    "core_native/src/simd.rs",
    "core_native/tests/allocations/counter.rs",
}

# Folders of one machine and addresses of package registries, written so as not to find itself.
FOREIGN = re.compile(
    r"""(?<![\w.])/(?:root|home|work|opt/wheels|Users)/
    | (?:pypi|pythonhosted|crates|npmjs|rubygems)[.](?:org|io|com)
    | proxy[.]golang | maven[.]org | deb[.]debian""",
    re.VERBOSE,
)
# Cargo itself writes the name of its registry into the lock.
NAMES_ITS_REGISTRY = {"Cargo.lock"}


@pytest.mark.parametrize("name", sorted(tracked() - NAMES_ITS_REGISTRY))
def test_no_machine_and_no_registry_is_named(name):
    assert FOREIGN.findall(text_of(name) or "") == []


def test_the_pattern_finds_what_it_must():
    # A tilde for each slash and point, so that the samples are not what they show.
    for text in ("cd ~home~me", "'~root~x'", "https:~~pypi~org~simple", "crates~io"):
        shown = text.replace("i~", "i.").replace("s~i", "s.i").replace("~", "/")
        assert FOREIGN.search(shown), shown
    for text in ("the work~area folder", "core_native~src~root~", "pypi", "requirements~home"):
        shown = text.replace("~", "/")
        assert not FOREIGN.search(shown), shown


def test_files_stay_readable():
    lengths = {n: (text_of(n) or "").count("\n") for n in tracked() if not n.startswith(GENERATED)}
    too_long = {name for name, lines in lengths.items() if lines > MAX_LINES}
    assert too_long == LONG_FILES, f"split the file: a concept each, at most {MAX_LINES} lines"


def test_unsafe_stays_where_there_is_no_other_way():
    code = re.compile(r"^(?!\s*//).*\bunsafe\b", re.MULTILINE)
    sources = tracked("core_native/**.rs", "bindings/**.rs")
    assert {name for name in sources if code.search(text_of(name) or "")} <= UNSAFE_FILES


def test_the_core_never_panics_on_purpose():
    """Clippy refuses unwrap, expect, panic and their kin in the core; nobody switches it off."""
    lints = ("unwrap_used", "expect_used", "panic", "todo", "unimplemented", "unreachable")
    cargo = (ROOT / "Cargo.toml").read_text()
    for lint in lints:
        assert re.search(rf'^{lint} = "warn"$', cargo, re.MULTILINE), lint
    switched_off = re.compile(rf"#!?\[(?:allow|expect)\([^]]*clippy::(?:{'|'.join(lints)})")
    core = tracked("core_native/src/**.rs")
    assert core
    assert [name for name in sorted(core) if switched_off.search(text_of(name) or "")] == []


def test_source_files_that_the_docs_name_exist():
    names = {name.rpartition("/")[2] for name in tracked("**.rs", "**.py", "**.pyx", "**.h")}
    for doc in sorted(tracked("docs/**.md")):
        named = re.findall(r"`(?:[\w/]+/)?(\w+\.rs)`", text_of(doc) or "")
        assert [name for name in named if name not in names] == [], doc
