"""Compile the outside models once per run."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.hardware.compiled_module import build, load

SOURCES = Path(__file__).parent / "outside_model"


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    build(SOURCES, folder)
    return folder


@pytest.fixture(scope="session")
def cython_models(model_folder: Path) -> ModuleType:
    return load(model_folder, "cython_models")


@pytest.fixture(scope="session")
def c_models(model_folder: Path) -> ModuleType:
    return load(model_folder, "c_models")
