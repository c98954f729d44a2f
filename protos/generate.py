"""Write qiki/wire/generated from the .proto files: `make protos`.

The generator is pinned and runs in an environment of its own, so that the code needs no newer
protobuf and grpcio at run time than pyproject.toml asks for, whatever is installed here.
"""

import re
import shutil
import subprocess
import tempfile
import venv
from pathlib import Path

GENERATOR = "grpcio-tools==1.74.0"
PROTOS = Path(__file__).resolve().parent
TARGET = PROTOS.parent / "qiki" / "wire" / "generated"
PACKAGE = "qiki.wire.generated"
SERVICES = {"q_sim_api.proto"}

# What protoc writes: `import a_pb2 as ...` and `from radar.v1 import b_pb2 as ...`.
IMPORT = re.compile(r"^(?:from (?!google\.)([\w.]+) )?import (\w+_pb2) as", re.MULTILINE)
# What messages take for their `__module__`, which pickle needs.
MODULE_NAME = re.compile(r"(BuildTopDescriptorsAndMessages\(DESCRIPTOR, ')([\w.]+')")


def main() -> None:
    """Generate everything anew."""
    with tempfile.TemporaryDirectory() as folder:
        python = make_environment(Path(folder) / "environment")
        generated = Path(folder) / "generated"
        run_protoc(python, generated)
        for path in sorted(generated.rglob("*.py*")):
            path.write_text(into_package(path.read_text(encoding="utf-8")), encoding="utf-8")
        make_packages(generated)
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(generated, TARGET)


def make_environment(folder: Path) -> Path:
    """Make a virtual environment that holds the generator; returns its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", GENERATOR], check=True)  # noqa: S603 - ours
    return python


def run_protoc(python: Path, target: Path) -> None:
    """Generate messages with their type stubs, and gRPC code for the files with services."""
    target.mkdir()
    for path in sorted(PROTOS.rglob("*.proto")):
        name = path.relative_to(PROTOS).as_posix()
        command = [str(python), "-m", "grpc_tools.protoc", f"--proto_path={PROTOS}"]
        command += [f"--python_out={target}", f"--pyi_out={target}"]
        if name in SERVICES:
            command += [f"--grpc_python_out={target}"]
        subprocess.run([*command, name], check=True)  # noqa: S603 - ours


def into_package(code: str) -> str:
    """Let generated modules import each other from the package, not from the top level."""

    def rewrite(found: re.Match[str]) -> str:
        folder = f"{PACKAGE}.{found[1]}" if found[1] else PACKAGE
        return f"from {folder} import {found[2]} as"

    code = IMPORT.sub(rewrite, code)
    return MODULE_NAME.sub(rf"\g<1>{PACKAGE}.\g<2>", code)


def make_packages(folder: Path) -> None:
    """Make every folder of generated code a package."""
    docstring = '"""Protobuf and gRPC code, written by protos/generate.py; do not edit."""\n'
    for package in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        (package / "__init__.py").write_text(docstring, encoding="utf-8")


if __name__ == "__main__":
    main()
