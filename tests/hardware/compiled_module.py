"""Compile extension modules as an outside project does, and import them from their folder."""

import importlib.util
import shutil
import subprocess
import sys
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


def build(sources: Path, folder: Path) -> None:
    """Compile the modules that `setup.py` among the sources names, in a copy of them."""
    shutil.copytree(sources, folder, dirs_exist_ok=True)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
