"""YAML with the types of YAML 1.2: ``1e-6`` is a number, ``on`` and ``off`` are words.

PyYAML follows YAML 1.1, where they are a text and two booleans.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from qiki.errors import ScenarioError

MAX_BYTES = 64_000_000
MAX_VALUES = 5_000_000
MAX_DEPTH = 64

_TAG = "tag:yaml.org,2002:"
_FIRST_OF_NUMBER = list("-+.0123456789")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader that only composes; the core schema of YAML 1.2, section 10.3.2, gives the types."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML fills it by class


_Loader.add_implicit_resolver(
    f"{_TAG}null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    f"{_TAG}int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), _FIRST_OF_NUMBER
)
_Loader.add_implicit_resolver(
    f"{_TAG}float",
    re.compile(
        r"""^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?
            |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    _FIRST_OF_NUMBER,
)


class YamlDocument:
    """A parsed YAML text: its values, and the line on which each of them stands.

    Parameters
    ----------
    text : str
        The YAML text.

    Raises
    ------
    qiki.errors.ScenarioError
        Text that is not YAML, a name given twice, a number that is not finite, or a document
        beyond the limits of this reader.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_BYTES:
            raise ScenarioError(
                f"scenario: has {len(text)} characters, must have at most {MAX_BYTES}: "
                "use groups instead of single targets"
            )
        try:
            root = yaml.compose(text, _Loader)
        except yaml.YAMLError as error:
            raise ScenarioError(_syntax_message(error)) from None
        if root is None:
            raise ScenarioError("scenario: line 1: is empty, must be a mapping")
        self._root: yaml.Node = root
        _check_size(root, {}, 0)

    def values(self) -> Any:
        """Give the document as dicts, lists, texts and numbers."""
        return _values(self._root)

    def line_of(self, path: str) -> int:
        """Give the line, from 1, of the deepest part of `path` that the document has.

        Parameters
        ----------
        path : str
            Place in the document, as ``targets[3].rcs_dbsm``.
        """
        node, line = self._root, _line(self._root)
        for step in re.findall(r"[^.\[\]]+", path):
            found = _entry(node, step)
            if found is None:
                break
            node, line = found
        return line


def _check_size(node: yaml.Node, sizes: dict[int, int], depth: int) -> int:
    """Count the values of a node, each alias with its whole content.

    So a few lines cannot stand for billions of values; each node is counted once.
    """
    size = sizes.get(id(node))
    if size is None:
        sizes[id(node)] = MAX_VALUES + 1  # met again while it is being counted: inside itself
        if depth > MAX_DEPTH:
            raise ScenarioError(f"scenario: line {_line(node)}: is deeper than {MAX_DEPTH} levels")
        size = 1 + sum(_check_size(child, sizes, depth + 1) for child in _children(node))
        sizes[id(node)] = size
    if size > MAX_VALUES:
        raise ScenarioError(
            f"scenario: line {_line(node)}: stands for more than {MAX_VALUES} values: "
            "use groups and fewer aliases"
        )
    return size


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return (value for _, value in node.value)
    return iter(node.value if isinstance(node, yaml.SequenceNode) else ())


def _values(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_values(entry) for entry in node.value]
    return _scalar(node)


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ScenarioError(f"scenario: line {_line(key)}: a name must be a text")
        if key.value in mapping:
            raise ScenarioError(
                f"scenario: line {_line(key)}: {key.value!r} stands twice in one mapping: "
                "leave one of them out"
            )
        mapping[key.value] = _values(value)
    return mapping


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    kind = node.tag.removeprefix(_TAG)
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return _integer(text)
    if kind == "float":
        return _finite(text, node)
    raise ScenarioError(
        f"scenario: line {_line(node)}: has the tag {node.tag!r}: write plain values without tags"
    )


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text[2:] if base != 10 else text, base)


def _finite(text: str, node: yaml.Node) -> float:
    number = math.inf if "n" in text.lower() else float(text)
    if not math.isfinite(number):
        raise ScenarioError(
            f"scenario: line {_line(node)}: is {text}, must be a finite number: leave an optional "
            "limit out instead"
        )
    return number


def _entry(node: yaml.Node, step: str) -> tuple[yaml.Node, int] | None:
    """Node and line of one entry; a mapping's line is that of the name."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if getattr(key, "value", None) == step:
                return value, _line(key)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        entry = node.value[int(step)]
        return entry, _line(entry)
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax_message(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"scenario: line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return f"scenario: {error}"
