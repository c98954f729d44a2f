"""Real recordings, in the folder that QIKI_TEST_DATA names."""

import os
from pathlib import Path

import pytest


def recorded(name):
    """Path of a recording; skips with the reason where it is absent."""
    folder = os.environ.get("QIKI_TEST_DATA")
    if not folder:
        pytest.skip(f"QIKI_TEST_DATA is not set: no recording {name}")
    path = Path(folder) / name
    if not path.exists():
        pytest.skip(f"no recording {name} in QIKI_TEST_DATA")
    return path


@pytest.fixture(scope="session")
def barcelona():
    return recorded("bcn_cat048_first20min.ast")


@pytest.fixture(scope="session")
def recording_file():
    return recorded
