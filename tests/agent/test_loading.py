"""Agents by name: found, or refused with name, value and remedy."""

import re
import tomllib
from pathlib import Path

import pytest

from qiki.agent.agent import Agent
from qiki.agent.intent import IntentReader
from qiki.agent.loading import (
    GROUP,
    agent_class,
    agent_names,
    load_agent,
    load_agents,
    load_reader,
    require_files,
)
from qiki.errors import SettingError
from tests.source_tree import ROOT

AGENTS = """
from __future__ import annotations

from dataclasses import dataclass

from qiki.agent.agent import Agent

@dataclass
class Memory:
    seen: int = 0

class Quiet(Agent):
    def __init__(self):
        self.memory = Memory()
    def decide(self, view):
        return []

class Unfinished(Agent):
    pass

class Demanding(Agent):
    def __init__(self, price):
        self.price = price
    def decide(self, view):
        return []

class Failing(Agent):
    def __init__(self):
        raise OSError("no engine")
    def decide(self, view):
        return []

class NoAgent:
    pass

made = Quiet()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder on the way of imports with a module of agents, one that fails, and entry points."""
    (tmp_path / "agents_of_a_test.py").write_text(AGENTS)
    (tmp_path / "broken_agents_of_a_test.py").write_text("1 / 0\n")
    info = tmp_path / "agents_of_a_test-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: agents_of_a_test\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[{GROUP}]\nquiet = agents_of_a_test:Quiet\nmoved = agents_of_a_test:Gone\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "spec", ["agents_of_a_test:Quiet", "quiet", "{}/agents_of_a_test.py:Quiet"]
)
def test_an_agent_is_found_by_module_by_file_and_by_entry_point(folder, spec):
    spec = spec.format(folder)
    agent = load_agent(spec)
    assert isinstance(agent, Agent)
    assert type(agent).__name__ == "Quiet"
    assert agent.decide(None) == []
    assert agent_class(spec).__name__ == "Quiet"


def test_agents_are_called_by_class_and_by_entry_point(folder):
    assert list(load_agents(["quiet", "agents_of_a_test:Quiet"])) == ["quiet", "Quiet"]
    assert agent_names(["a.b:C", "dir/d.py:E", "f"]) == {"C": "a.b:C", "E": "dir/d.py:E", "f": "f"}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("no_such_module:Quiet", "agent is 'no_such_module', .*No module named 'no_such_module'"),
        ("no_such_file.py:Quiet", "agent is 'no_such_file.py', .*No such file"),
        ("broken_agents_of_a_test:Quiet", "ZeroDivisionError: division by zero"),
        (
            "agents_of_a_test:Quite",
            "no Quite: the agents there are Quiet, Unfinished, Demanding, F",
        ),
        ("json:Quiet", "json has no Quiet: the agents there are none"),
        ("agents_of_a_test:NoAgent", "the class NoAgent, must be a class that derives from qiki"),
        ("agents_of_a_test:made", "of type Quiet, must be a class"),
        ("agents_of_a_test:Unfinished", "lacks decide: define it there"),
        ("agents_of_a_test:Demanding", "without arguments: TypeError: .*'price'"),
        ("agents_of_a_test:Failing", "without arguments: OSError: no engine"),
        ("silent", r"agent is 'silent', must be module:Class, .*\(moved, quiet"),
        ("moved", "agent is 'moved', which is agents_of_a_test:Gone, .*AttributeError"),
        ("", "agent is '', must be module:Class, file.py:Class or a name of the entry points"),
        ("agents_of_a_test:", "1 to 64 letters"),
        ("agents_of_a_test:" + "Q" * 65, "1 to 64 letters"),
        (":Quiet", "agent is ''"),
    ],
)
def test_what_is_no_agent_is_refused_by_name_and_remedy(folder, spec, said):
    with pytest.raises(SettingError, match=said):
        load_agents([spec])


def test_two_agents_have_two_names():
    with pytest.raises(SettingError, match="'b:Same', but 'a:Same' is called Same, too"):
        agent_names(["a:Same", "b:Same"])


def test_the_reference_agent_is_an_entry_point():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ((name, value),) = project["entry-points"][GROUP].items()
    assert name == "reference"
    module, _, attribute = value.partition(":")
    source = Path(ROOT / module.replace(".", "/"))
    assert attribute == "ReferenceAgent"
    assert source.parent.is_dir()


class Reader:
    """Reads every word as a wish to dock."""

    async def read(self, text, view):
        return []


class NoReader:
    """Has nothing to read with."""


def test_a_reader_of_intents_is_made_from_its_class():
    assert isinstance(load_reader(f"{__file__}:Reader"), IntentReader)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("reader", "must be module:Class or file.py:Class"),
        (f"{__file__}:NoReader", "must be a class with a method read"),
        (f"{__file__}:Nobody", "must be a class with a method read"),
        ("no_such_module:Reader", "no_such_module"),
    ],
)
def test_what_is_no_reader_of_intents_is_refused_by_name(spec, text):
    with pytest.raises(SettingError, match=re.escape(text)) as refusal:
        load_reader(spec)
    assert "agent.intent_reader is" in str(refusal.value)


def test_what_cannot_be_there_is_refused_without_running_anything(tmp_path):
    there = tmp_path / "there.py"
    there.write_text("raise RuntimeError")
    require_files(["reference", f"{there}:X", "some.module:Class"])
    with pytest.raises(SettingError, match=r"there is no file nofile\.py"):
        require_files(["nofile.py:X"])
    with pytest.raises(SettingError, match="a name of the entry points"):
        require_files(["nobody"])
