"""Compile the outside models once per run."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.hardware.compiled_module import build, load

SOURCES = Path(__file__).parent / "outside_model"


@pytest.fixture(scope="session")
def cython_models(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("models")
    build(SOURCES, folder)
    return load(folder, "cython_models")
