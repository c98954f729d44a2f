"""The wheel and the sdist hold what they must; a missing extension is otherwise silent."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.source_tree import tracked


@pytest.fixture(scope="module")
def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_one_wheel_serves_every_python_from_3_11_on(wheel):
    assert "-cp311-abi3-" in wheel.name


def test_every_extension_is_inside(members):
    cython = {name.replace(".pyx", ".abi3.so") for name in tracked("qiki/**/*.pyx")}
    assert cython
    assert {"qiki/_core.abi3.so", *cython} <= members
    assert not [name for name in members if name.endswith(".so") and ".abi3." not in name]


def test_every_file_of_the_package_is_inside(members):
    package = tracked("qiki")
    assert {"qiki/py.typed", "qiki/include/qiki.h", "qiki/_core.pyi"} <= package
    assert {"qiki/include/qiki_detection.h", "qiki/include/qiki_models.h"} <= package
    yaml = {"qiki/scenarios/default.yaml", "qiki/bots/default.yaml"}
    assert {"qiki/hardware/detection_sink.pxd", *yaml} <= package
    assert package - members == set()


def test_nothing_else_is_inside(members):
    package = tracked("qiki")
    rest = {name for name in members - package if not name.endswith(".so")}
    assert {name for name in rest if ".dist-info/" not in name} == set()


def test_the_licence_and_the_command_are_inside(members, wheel):
    info = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    assert f"{info}/licenses/LICENSE" in members
    with zipfile.ZipFile(wheel) as archive:
        commands = archive.read(f"{info}/entry_points.txt").decode()
    assert "qiki=qiki.cli:main" in commands.replace(" ", "")


def test_the_sdist_holds_the_whole_source(archives):
    (sdist,) = archives.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = tracked("qiki", "core_native/src", "bindings/src", "bindings/*.py")
    needed |= {"Cargo.toml", "Cargo.lock", "pyproject.toml", "setup.py", "LICENSE", "README.md"}
    assert needed - names == set()
