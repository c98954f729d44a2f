"""Compile the model in Cython: python setup.py build_ext --inplace; nothing of qiki is needed."""

from Cython.Build import cythonize
from setuptools import Extension, setup

setup(
    name="example-models",
    packages=[],
    py_modules=[],
    ext_modules=cythonize([Extension("cython_plate", ["cython_plate.pyx"])], language_level=3),
)
