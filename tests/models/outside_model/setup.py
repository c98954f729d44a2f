"""Compile the example model, as an outside project would; it needs nothing of qiki to do so."""

from Cython.Build import cythonize
from setuptools import Extension, setup

setup(
    name="outside-model",
    packages=[],
    py_modules=[],
    ext_modules=cythonize([Extension("cython_models", ["cython_models.pyx"])], language_level=3),
)
