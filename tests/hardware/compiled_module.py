"""Import an extension module from the folder it was compiled in."""

import importlib.util
from pathlib import Path
from types import ModuleType

SOURCES = Path(__file__).parent / "outside_driver"


def load(folder: Path, name: str) -> ModuleType:
    (library,) = folder.glob(f"{name}.*.so")
    spec = importlib.util.spec_from_file_location(name, library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
