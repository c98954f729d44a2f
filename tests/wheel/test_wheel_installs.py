"""The wheel works in a clean environment, far from the source tree."""

import shutil

import pytest

from tests.hardware.compiled_module import SOURCES

IMPORT_EVERY_EXTENSION = """
import importlib, pathlib, qiki
folder = pathlib.Path(qiki.__file__).parent
libraries = sorted(folder.rglob("*.so"))
for library in libraries:
    name = ".".join(library.relative_to(folder.parent).with_suffix("").with_suffix("").parts)
    assert importlib.import_module(name).__file__ == str(library)
print(len(libraries), "site-packages" in str(folder), qiki._core.build_info()["profile"])
"""

PUSH_FROM_OUTSIDE = """
import c_driver, cython_driver
from qiki.hardware.detection_sink import DetectionSink
sink = DetectionSink()
assert cython_driver.push_plots(sink, 0, 1000) == 0
assert c_driver.use_every_slot()[0] == (3, 4)
print(sink.take_frame(time_ns=1).detections["time_ns"].sum())
"""


def test_every_extension_imports(in_clean_environment):
    assert in_clean_environment("python", "-c", IMPORT_EVERY_EXTENSION) == "2 True release\n"


def test_the_command_is_there(in_clean_environment):
    assert "Usage: qiki" in in_clean_environment("qiki", "--help")


def test_every_extra_is_installed(in_clean_environment):
    in_clean_environment("python", "-c", "import numba, nats, grpc")
    in_clean_environment("python", "-m", "pip", "check")


@pytest.fixture(scope="module")
def driver_folder(in_clean_environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("driver")
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    in_clean_environment("python", "setup.py", "-q", "build_ext", "--inplace", cwd=folder)
    return folder


def test_an_outside_driver_compiles_and_pushes(in_clean_environment, driver_folder):
    printed = in_clean_environment("python", "-c", PUSH_FROM_OUTSIDE, cwd=driver_folder)
    assert printed == f"{sum(range(1000))}\n"
