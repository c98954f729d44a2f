"""Compile the Cython driver API (qiki.hardware); maturin builds the core, see pyproject.toml."""

import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

STABLE_ABI = [("Py_LIMITED_API", "0x030B0000")]  # CPython 3.11: first with memoryviews in it
STRIP = ["-Wl,-s"] if sys.platform == "linux" else []  # 904 kB to 171 kB

detection_sink = Extension(
    "qiki.hardware.detection_sink",
    ["qiki/hardware/detection_sink.pyx"],
    include_dirs=["qiki/include"],
    define_macros=STABLE_ABI,
    py_limited_api=True,
    extra_link_args=STRIP,
)

setup(packages=[], ext_modules=cythonize([detection_sink], build_dir="build/cython"))
