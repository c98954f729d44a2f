"""Compile the outside drivers against the installed package, once per run."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.hardware.compiled_module import SOURCES, load


@pytest.fixture(scope="session")
def driver_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("driver")
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def cython_driver(driver_folder: Path) -> ModuleType:
    return load(driver_folder, "cython_driver")


@pytest.fixture(scope="session")
def c_driver(driver_folder: Path) -> ModuleType:
    return load(driver_folder, "c_driver")
