"""Build one wheel: compile the Cython modules in place, then let maturin do the rest."""

import subprocess
import sys

import maturin
from maturin import *  # noqa: F403 - the hooks that need no change


def _compile_cython() -> None:
    # --force: build_ext does not notice changed compiler flags.
    command = [sys.executable, "setup.py", "build_ext", "--inplace", "--force"]
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 - our own setup.py


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the wheel (PEP 517)."""
    _compile_cython()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the editable wheel (PEP 660)."""
    _compile_cython()
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)
