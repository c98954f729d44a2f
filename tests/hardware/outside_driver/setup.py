"""Compile the example drivers against the installed qiki, as an outside project would."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import qiki

INCLUDE = [qiki.get_include()]
cython_driver = Extension("cython_driver", ["cython_driver.pyx"], include_dirs=INCLUDE)
c_driver = Extension("c_driver", ["c_driver.c"], include_dirs=INCLUDE)

setup(
    name="outside-driver",
    packages=[],
    py_modules=[],
    ext_modules=[c_driver, *cythonize([cython_driver], language_level=3)],
)
