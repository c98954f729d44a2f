"""Where the C headers of the installed package stand."""

from pathlib import Path


def get_include() -> str:
    r"""Folder of the C headers, for the compiler of a radar driver or of models.

    ``qiki.h`` and ``qiki_detection.h`` are for drivers, ``qiki_models.h`` for models of yours.

    Returns
    -------
    str
        Absolute path of the folder.

    Notes
    -----
    A driver in C that makes a Python module::

        cc -shared -fPIC $(python3-config --includes) \
            -I"$(python -c 'import qiki; print(qiki.get_include())')" driver.c -o driver.so

    A driver in Cython, ``driver.pyx``::

        from qiki.hardware.detection_sink cimport DetectionSink, qiki_detection

    and its ``setup.py``::

        import qiki
        from Cython.Build import cythonize
        from setuptools import Extension, setup

        driver = Extension("driver", ["driver.pyx"], include_dirs=[qiki.get_include()])
        setup(ext_modules=cythonize([driver]))
    """
    return str(Path(__file__).parent / "include")
