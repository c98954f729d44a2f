"""Documents in YAML files: what Python reads and the core checks, with the line of each problem."""

import json
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, cast

from qiki.errors import DocumentError, DocumentProblem
from qiki.yaml_document import MAX_BYTES, MAX_LISTED, YamlDocument


class _Checked(Protocol):
    @staticmethod
    def schema_json() -> str: ...


class DocumentFile:
    """What the core's class of a checked document is besides: read from YAML files."""

    _folder: ClassVar[Traversable]
    """Where the documents are that come with QIKI."""
    _refusal: ClassVar[type[DocumentError]]
    """What is raised for a document that cannot be used."""

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a file.

        Parameters
        ----------
        name_or_path : str or Path
            A name from `built_in`, or the path of a YAML file.

        Raises
        ------
        qiki.errors.ScenarioError, qiki.errors.VehicleError or qiki.errors.GuardRulesError
            No such document, or one that cannot be used; names the file and the line.
        """
        names, refusal = cls.built_in(), cls._refusal
        if str(name_or_path) in names:
            return cls.from_yaml(cls.built_in_text(str(name_or_path)))
        try:
            return cls.from_yaml(_file_text(Path(name_or_path), refusal))
        except DocumentError as error:
            raise refusal(error.problems, error.unlisted, str(name_or_path)) from None
        except OSError as error:
            reason = (
                f"{str(name_or_path)!r} cannot be read ({error.strerror}): give the path "
                f"of a YAML file or one of {', '.join(names)}"
            )
            raise refusal([("", None, reason)]) from None

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a YAML text.

        Raises
        ------
        qiki.errors.ScenarioError, qiki.errors.VehicleError or qiki.errors.GuardRulesError
            Names the line, the place in the document, the value and the limit of each problem.
        """
        document = YamlDocument(text, cls._refusal)
        found, unlisted = document.problems, document.unlisted
        try:
            check = cast(Callable[[str], Self], cls)
            built = check(json.dumps(document.values, allow_nan=False))
        except DocumentError as error:
            unlisted += error.unlisted
            found = found + [
                DocumentProblem(path, document.line_of(path), reason)
                for path, _, reason in error.problems
                if not _is_replaced(path, document.replaced)
            ]
        if not found:
            return built
        found = sorted(found, key=lambda problem: problem.line or 0)
        more = max(0, len(found) - MAX_LISTED)
        raise cls._refusal(found[:MAX_LISTED], unlisted + more)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Give the JSON Schema (draft 2020-12) of such files.

        Names, types, units, defaults and limits. The limits between two values, as that of a
        maximum by its minimum, are not in it: `load` checks them as well.
        """
        schema: dict[str, Any] = json.loads(cast(_Checked, cls).schema_json())
        return schema

    @classmethod
    def built_in(cls) -> tuple[str, ...]:
        """Names of those that come with QIKI."""
        names = (Path(entry.name) for entry in cls._folder.iterdir())
        return tuple(sorted(name.stem for name in names if name.suffix == ".yaml"))

    @classmethod
    def built_in_text(cls, name: str) -> str:
        """Give the YAML text of one that comes with QIKI."""
        return (cls._folder / f"{name}.yaml").read_text("utf-8")


def _file_text(path: Path, refusal: type[DocumentError]) -> str:
    """Read a file, but no more of it than a document may have."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        reason = f"has more than {MAX_BYTES} bytes: use groups instead of single targets"
        raise refusal([("", None, reason)])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"byte {error.start} is not UTF-8: save it as UTF-8"
        raise refusal([("", line, reason)]) from None


def _is_replaced(path: str, replaced: set[str]) -> bool:
    """Whether the document's own value stands at `path` or above it is another."""
    return any(path == place or path.startswith((f"{place}.", f"{place}[")) for place in replaced)
