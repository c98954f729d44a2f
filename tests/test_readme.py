"""What the README tells a new user to type works."""

import json
import os
import re
import shlex
from pathlib import Path

import click
import msgspec
import pytest

from qiki.cli import qiki
from qiki.commands.options import registrar_path
from qiki.data_folder import up_data_dir
from qiki.radar import Radar, Scenario
from qiki.settings import Settings
from tests.source_tree import ROOT, blocks_of

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
RECORDING = "bcn_cat048_first20min.ast"


def blocks(language: str) -> list[str]:
    return blocks_of(README, language)


def shell_lines(program: str) -> list[str]:
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.split("\n")]
    found = sorted({line for line in lines if line.split()[:1] == [program]})
    assert found
    return found


def run_python_examples() -> dict[str, object]:
    namespace: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), namespace)
    return namespace


def test_the_python_examples_run_in_order(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert len(run_python_examples()["frame"].detections) == 1
    assert capsys.readouterr().out.count("\n") > 5


def test_the_recording_example_runs(monkeypatch, tmp_path):
    """The one example that waits for a file of the reader's."""
    source = Path(os.environ.get("QIKI_TEST_DATA", "")) / RECORDING
    if not source.is_file():
        pytest.skip(f"QIKI_TEST_DATA is not set: no recording {RECORDING}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recording.ast").symlink_to(source.absolute())
    assert len(run_python_examples()["result"].tracks) > 10


def test_the_scenario_example_is_a_scenario():
    (block,) = blocks("yaml")
    frame = Radar(Scenario.from_yaml(block)).frame(0)
    assert frame.coverage.max_range_m == 8000.0


def test_the_settings_exist_with_their_defaults():
    defaults = msgspec.to_builtins(Settings())
    section = README.partition("## Settings\n")[2]
    rows = re.findall(r"^\| `(\w+)\.(\w+)`.*? \| (.*?) \|", section, re.MULTILINE)
    assert len(rows) == 18
    for section, key, in_readme in rows:
        default = defaults[section][key]
        if default is not None and key != "max_bytes":
            assert in_readme.strip("`") == json.dumps(default).strip('"'), f"{section}.{key}"


@pytest.mark.parametrize("line", shell_lines("qiki"))
def test_the_commands_and_their_options_exist(line):
    command: click.Command = qiki
    context = click.Context(command)
    words = shlex.split(line)[1:]
    while words and isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    names = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= names


@pytest.mark.parametrize("line", shell_lines("make"))
def test_the_make_targets_exist(line):
    assert f".PHONY: {line.split()[1]}  ##" in MAKEFILE


def test_each_page_that_is_named_is_there_and_linked():
    named = set(re.findall(r"\bdocs/[\w-]+\.md", README))
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", README))
    assert len(named) > 20
    assert named == linked
    assert all((ROOT / page).is_file() for page in named)


def test_the_folder_to_remove_is_where_all_is_stored(monkeypatch, tmp_path):
    (folder,) = re.findall(r"`rm -r ~/(\S+)`", README)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert up_data_dir(Settings().up) == tmp_path / folder
    assert registrar_path(Settings()).parent == tmp_path / folder
