"""The committed Python code says what protos/ says, and needs no newer library than we ask for."""

import importlib
import pickle
import re
import tomllib
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

import qiki.wire.generated
from qiki.wire.generated import q_sim_api_pb2, q_sim_api_pb2_grpc
from qiki.wire.generated.radar.v1 import radar_pb2

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
GENERATED = Path(qiki.wire.generated.__file__).parent
NAMES = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """Return what the installed compiler makes of protos/, by file."""
    target = tmp_path_factory.mktemp("protos") / "all.bin"
    grpc_tools_protos = str(Path(protoc.__file__).parent / "_proto")
    command = ["protoc", f"--proto_path={PROTOS}", f"--proto_path={grpc_tools_protos}"]
    assert protoc.main([*command, f"--descriptor_set_out={target}", *NAMES]) == 0
    files = FileDescriptorSet.FromString(target.read_bytes()).file
    return {file.name: without_json_names(file) for file in files}


def without_json_names(file: FileDescriptorProto) -> FileDescriptorProto:
    """Remove the names that the compiler derives; generated code leaves them out."""
    pending = list(file.message_type)
    while pending:
        message = pending.pop()
        pending += message.nested_type
        for field in message.field:
            field.ClearField("json_name")
    return file


def committed(name: str) -> FileDescriptorProto:
    module = name.removesuffix(".proto").replace("/", ".") + "_pb2"
    loaded = importlib.import_module(f"qiki.wire.generated.{module}")
    return without_json_names(FileDescriptorProto.FromString(loaded.DESCRIPTOR.serialized_pb))


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_those_of_protos(name: str, compiled: dict[str, FileDescriptorProto]) -> None:
    assert committed(name) == compiled[name], "protos/ changed: run `make protos`"


def test_no_module_is_left_over() -> None:
    modules = {path.relative_to(GENERATED).as_posix() for path in GENERATED.rglob("*_pb2.py")}
    assert modules == {name.removesuffix(".proto") + "_pb2.py" for name in NAMES}


def test_the_service_has_every_method() -> None:
    (service,) = q_sim_api_pb2.DESCRIPTOR.services_by_name.values()
    methods = {name for name in vars(q_sim_api_pb2_grpc.QSimAPIServiceServicer) if name[0] != "_"}
    assert service.full_name == "qiki.api.QSimAPIService"
    assert methods == {method.name for method in service.methods}


def test_the_messages_live_in_the_package() -> None:
    frame = radar_pb2.RadarFrame(schema_version=1)
    assert frame.__module__ == "qiki.wire.generated.radar.v1.radar_pb2"
    assert pickle.loads(pickle.dumps(frame)) == frame


@pytest.mark.parametrize(
    ("package", "pattern"),
    [
        ("protobuf", r"# Protobuf Python Version: ([\d.]+)"),
        ("grpcio", r"GRPC_GENERATED_VERSION = '([\d.]+)'"),
    ],
)
def test_the_oldest_library_asked_for_can_run_the_code(package: str, pattern: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (floor,) = (
        requirement.removeprefix(f"{package}>=")
        for requirement in project["dependencies"]
        if requirement.startswith(f"{package}>=")
    )
    codes = (path.read_text() for path in GENERATED.rglob("*.py"))
    versions = {version for code in codes for version in re.findall(pattern, code)}
    assert versions
    assert all(numbers(version) <= numbers(floor) for version in versions), versions


def numbers(version: str) -> tuple[int, ...]:
    parts = tuple(int(part) for part in version.split("."))
    return parts + (0,) * (3 - len(parts))
