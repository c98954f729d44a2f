"""Compile the outside models, as another project would: those in C with the installed header."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import qiki

setup(
    name="outside-model",
    packages=[],
    py_modules=[],
    ext_modules=[
        *cythonize([Extension("cython_models", ["cython_models.pyx"])], language_level=3),
        Extension("c_models", ["c_models.c"], include_dirs=[qiki.get_include()]),
    ],
)
