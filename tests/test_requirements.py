"""The lock names and hashes everything that pyproject.toml asks for, and nothing else."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.source_tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = {"run.txt": ["broker", "metrics"], "dev.txt": ["dev"]}
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?: ; [^\\]+)? \\")


def asked_for(extras: list[str]) -> list[Requirement]:
    """Requirements of the project, its build and its extras, those within extras included."""
    lines = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    for extra in extras:
        lines = lines + PROJECT["project"]["optional-dependencies"][extra]
    requirements = [Requirement(line) for line in lines]
    inner = [list(r.extras) for r in requirements if r.name == "qiki"]
    return [r for r in requirements if r.name != "qiki"] + [r for e in inner for r in asked_for(e)]


def pins(name: str) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for package, version in PIN.findall((ROOT / "requirements" / name).read_text()):
        found.setdefault(canonicalize_name(package), []).append(Version(version))
    return found


@pytest.mark.parametrize("name", EXTRAS)
def test_the_lock_covers_what_is_asked_for(name):
    locked = pins(name)
    for requirement in asked_for(EXTRAS[name]):
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement} is not in requirements/{name}: run make lock"
        assert all(requirement.specifier.contains(v) for v in versions), f"{requirement}: make lock"


@pytest.mark.parametrize("name", EXTRAS)
def test_a_lock_holds_names_versions_and_hashes_only(name):
    line = re.compile(rf"#.*|{PIN.pattern}|    --hash=sha256:[0-9a-f]{{64}}(?: \\)?")
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    assert [text for text in lines if not line.fullmatch(text)] == []


def test_both_locks_agree_on_what_they_share():
    run, dev = pins("run.txt"), pins("dev.txt")
    assert {name: dev[name] for name in run} == run
