"""What compiled drivers rely on: places, signatures, numbers. Append to the snapshot, no more.

The method is SciPy's for its Cython API: a stored list of signatures that new ones may join.
"""

import ctypes
import json
import re
from pathlib import Path

import pytest

import qiki
from qiki.hardware import detection_sink
from qiki.radar import DETECTION_DTYPE

INCLUDE = Path(qiki.get_include())
CORE = Path(__file__).parents[2] / "core_native/src"
EXIT_CODE_RS, DETECTION_RS = CORE / "c_api/exit_code.rs", CORE / "detection.rs"
SNAPSHOT = json.loads((Path(__file__).parent / "c_api_snapshot.json").read_text())


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def header() -> str:
    return without_comments((INCLUDE / "qiki.h").read_text())


def test_slots_keep_place_and_signature(header):
    table = re.search(r"typedef struct qiki_c_api \{(.*?)\} qiki_c_api;", header, re.DOTALL)
    assert table is not None
    members = [" ".join(member.split()) for member in table[1].split(";") if member.strip()]
    head = ["abi_version", "struct_size", "detection_size", "reserved"]
    assert members[:4] == [f"uint32_t {name}" for name in head]
    assert members[4:] == SNAPSHOT["slots"]


def test_both_sides_have_the_same_table(c_driver):
    here, library = c_driver.table_sizes()
    assert here == library == 16 + len(SNAPSHOT["slots"]) * ctypes.sizeof(ctypes.c_void_p)


def test_the_abi_version_stands(header):
    assert f"#define QIKI_ABI_VERSION {SNAPSHOT['abi_version']}u" in header


def test_exit_codes_keep_their_numbers(header):
    in_header = dict(re.findall(r"QIKI_([A-Z_]+) = (\d+)", header))
    in_rust = dict(re.findall(r"^    (\w+) = (\d+),$", EXIT_CODE_RS.read_text(), re.MULTILINE))
    constant = {name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in in_rust}
    assert {name: int(code) for name, code in in_rust.items()} == SNAPSHOT["exit_codes"]
    assert in_header == {constant[name]: code for name, code in in_rust.items()}


def test_cython_functions_keep_their_signatures():
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    exported = detection_sink.__pyx_capi__
    assert {k: name_of(v).decode() for k, v in exported.items()} == SNAPSHOT["cython_functions"]


def test_methods_of_the_sink_keep_their_order():
    declarations = Path(detection_sink.__file__).with_name("detection_sink.pxd").read_text()
    body = declarations[declarations.index("cdef class DetectionSink:") :]
    methods = re.findall(r"^    (cdef .*nogil)$", body, re.MULTILINE)
    assert methods == SNAPSHOT["sink_methods"]


def test_the_record_is_the_same_for_c_and_numpy(c_driver):
    layout = c_driver.detection_layout()
    in_numpy = {
        name: (offset, dtype.itemsize) for name, (dtype, offset) in DETECTION_DTYPE.fields.items()
    }
    assert {name: layout[name] for name in in_numpy} == in_numpy
    assert set(layout) - set(in_numpy) <= {"reserved"}
    assert detection_sink.detection_size() == DETECTION_DTYPE.itemsize == 128


def test_presence_bits_are_the_same_for_c_rust_and_python():
    header = (INCLUDE / "qiki_detection.h").read_text()
    in_c = dict(re.findall(r"QIKI_PRESENT_(\w+) = 1 << (\d+)", header))
    in_rust = dict(re.findall(r"pub const (\w+): u32 = 1 << (\d+);", DETECTION_RS.read_text()))
    assert in_c == in_rust
    in_python = {bit.name: bit.value for bit in qiki.radar.Present}
    assert {name: 1 << int(bit) for name, bit in in_c.items()} == in_python
