"""The source archive, the wheel built from it, and a clean environment with that wheel."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.source_tree import ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.wheel)
            item.add_marker(pytest.mark.timeout(900))


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command outside the source tree; its output, or a failure that shows it."""
    # A target folder of its own: the editable install's stays as it is.
    environment = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target/wheel")}
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} in {cwd}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sdist and the wheel that was built from it, each in isolation."""
    folder = tmp_path_factory.mktemp("archives")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(archives: Path) -> Path:
    (wheel,) = archives.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def in_clean_environment(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Run a program of an environment that has the wheel with all its extras and a C driver's
    build tools, and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv/bin"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(programs / "python", *install, f"{wheel}[all]", "cython", "setuptools", cwd=folder)

    def run_there(program: str, *arguments: str, cwd: Path = folder) -> str:
        return run(programs / program, *arguments, cwd=cwd)

    return run_there
