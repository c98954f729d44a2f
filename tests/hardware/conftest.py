"""Compile the outside drivers against the installed package, once per run."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.hardware.compiled_module import SOURCES, build, load


@pytest.fixture(scope="session")
def driver_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("driver")
    build(SOURCES, folder)
    return folder


@pytest.fixture(scope="session")
def cython_driver(driver_folder: Path) -> ModuleType:
    return load(driver_folder, "cython_driver")


@pytest.fixture(scope="session")
def c_driver(driver_folder: Path) -> ModuleType:
    return load(driver_folder, "c_driver")
