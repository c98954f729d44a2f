"""A driver compiled against other headers than the installed ones fails its import, saying why."""

import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

import qiki
from tests.hardware.compiled_module import SOURCES, load


def compile_against(folder: Path, header: str, old: str, new: str) -> None:
    """Compile the C driver against the installed headers with `old` replaced in one of them."""
    include = folder / "include"
    shutil.copytree(qiki.get_include(), include)
    text = (include / header).read_text()
    assert text.count(old) == 1
    (include / header).write_text(text.replace(old, new))
    command = [
        *shlex.split(sysconfig.get_config_var("CC")),
        *("-shared", "-fPIC", f"-I{include}", f"-I{sysconfig.get_path('include')}"),
        *(str(SOURCES / "c_driver.c"), "-o", str(folder / "c_driver.other.so")),
    ]
    subprocess.run(command, check=True)


@pytest.mark.parametrize(
    ("header", "old", "new", "sentence"),
    [
        (
            "qiki.h",
            "#define QIKI_ABI_VERSION 1u",
            "#define QIKI_ABI_VERSION 2u",
            "has C API version 1, this module was compiled for version 2: compile it again",
        ),
        (
            "qiki.h",
            "} qiki_c_api;",
            "void (*later)(void); } qiki_c_api;",
            "has a C API table of 72 bytes, this module was compiled for 80: upgrade qiki",
        ),
        (
            "qiki_detection.h",
            "char transponder_id[32];",
            "char transponder_id[40];",
            "has detection records of 128 bytes, this module's C compiler lays them out in 136",
        ),
    ],
    ids=["version", "table", "record"],
)
def test_other_headers_fail_the_import(tmp_path, header, old, new, sentence):
    compile_against(tmp_path, header, old, new)
    with pytest.raises(ImportError, match=f"the installed qiki {sentence}"):
        load(tmp_path, "c_driver")
