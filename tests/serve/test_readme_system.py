"""What the README says of a running system, typed as it stands there."""

import subprocess
import sys

import pytest

from tests.serve.qiki_command import clean_environment
from tests.serve.running_system import running_system
from tests.serve.shell import typed
from tests.source_tree import ROOT
from tests.test_readme import README, blocks

BROKER, GRPC = "nats://127.0.0.1:4222", "127.0.0.1:50051"


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with running_system(tmp_path_factory.mktemp("data")) as running:
        yield running


def environment(system):
    return clean_environment(QIKI_NATS_URL=system.url, PYTHONPATH=str(ROOT))


def test_the_shell_drives_the_bot(system):
    section = README.partition("## Drive the bot\n")[2]
    block = section.partition("```sh\n")[2].partition("```")[0]
    assert len(block.splitlines()) == 10
    result = typed(block, environment(system))
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 10, result.stdout


@pytest.mark.parametrize(("which", "said"), [(0, "tracks"), (1, "accepted: true")])
def test_python_follows_and_drives_it(system, which, said):
    """Each ends only with the connection, so it is read until it has said enough."""
    block = blocks("py")[which]
    assert (BROKER if which == 0 else GRPC) in block
    program = block.replace(BROKER, system.url).replace(GRPC, f"127.0.0.1:{system.grpc_port}")
    words = [sys.executable, "-u", "-c", program]
    with subprocess.Popen(
        words, env=environment(system), stdout=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stdout.readline() for _ in range(6)]
        process.kill()
    assert said in "".join(lines)
    assert all(lines)
