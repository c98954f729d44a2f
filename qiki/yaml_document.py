"""Documents in YAML: their values, the line of each, and what is wrong with the text."""

import math
import re
from array import array
from collections.abc import Callable
from typing import Any, NoReturn

import yaml

from qiki.errors import DocumentError, DocumentProblem
from qiki.yaml_scalars import Scalar, plain_scalar

MAX_BYTES = 64_000_000
MAX_VALUES = 5_000_000
MAX_DEPTH = 64
MAX_ENTRIES = 100_000
"""Most entries of a list, as of targets in the core: a longer one is not read to its end."""
MAX_LISTED = 100
"""Most problems that are listed one by one, as in the core."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = object()


class YamlDocument:
    """A parsed YAML text: its values, and the line on which each of them stands.

    The text is read event by event: PyYAML's tree of nodes takes eight times as long, and memory
    before a limit can be seen.

    Parameters
    ----------
    text : str
        The YAML text.
    refusal : type of DocumentError
        What to raise.

    Attributes
    ----------
    values : dict
        The document as dicts, lists, texts and finite numbers. An alias shares the object of its
        anchor.
    problems : list of DocumentProblem
        Names given twice, numbers that are not finite, tags; the document can still be checked.
    unlisted : int
        How many problems there are besides.
    replaced : set of str
        Places whose value could not be used and is another in `values`.

    Raises
    ------
    refusal
        Text that is not YAML, or a document beyond the limits of this reader.
    """

    def __init__(self, text: str, refusal: type[DocumentError]) -> None:
        self._refusal = refusal
        self.problems: list[DocumentProblem] = []
        self.unlisted = 0
        self.replaced: set[str] = set()
        self.values: Any = _NOTHING
        self._root_line = 1
        self._lines: dict[int, array[int]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: list[_Container] = []
        self._count = 0
        if len(text) > MAX_BYTES:
            self._fail(
                1,
                f"has {len(text)} characters, must have at most {MAX_BYTES}: "
                "use groups instead of single targets",
            )
        self._read(text)
        if self.values is _NOTHING:
            self._fail(1, "is empty, must be a mapping")

    def line_of(self, path: str) -> int:
        """Give the line, from 1, of the deepest part of `path` that the document has.

        Parameters
        ----------
        path : str
            Place in the document, as ``targets[3].rcs_dbsm``.
        """
        value, line = self.values, self._root_line
        while path:
            found = _entry(value, path)
            if found is None:
                break
            index, value_there, path = found
            line = self._lines[id(value)][index]
            value = value_there
        return line

    def _read(self, text: str) -> None:
        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        try:
            for event in yaml.parse(text, _PARSER):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except yaml.YAMLError as error:
            self._fail(*_syntax_problem(error, text))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        if self.values is not _NOTHING:
            self._fail(_line(event), "begins a second document, must be one per file")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        container = self._open[-1] if self._open else None
        if container is not None and container.wants_key:
            self._key(container, event)
            return
        line, text = _line(event), event.value
        value: Scalar = text if event.style in ("'", '"', "|", ">") else plain_scalar(text)
        if event.tag:
            self._refuse(line, f"has the tag {event.tag!r}: write plain values without tags")
        elif isinstance(value, float) and not math.isfinite(value):
            shown = text if len(text) < 40 else f"{text[:40]}..."
            reason = (
                f"is {shown}, must be a finite number: leave an optional limit out, and put what "
                "is a text in quotes"
            )
            self._refuse(line, reason)
        if isinstance(value, float) and not math.isfinite(value):
            value = 0
        self._add(value, line, event.anchor)

    def _key(self, container: "_Container", event: yaml.ScalarEvent) -> None:
        name = event.value
        container.is_twice = name in container.value
        container.key, container.wants_key = name, False
        if container.is_twice:
            reason = f"{name!r} stands twice in one mapping: leave one of them out"
            self._note(_line(event), reason)
        else:
            # The line of an entry is that of its name.
            container.lines.append(_line(event))

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        line = _line(event)
        if len(self._open) >= MAX_DEPTH:
            self._fail(line, f"is deeper than {MAX_DEPTH} levels")
        if event.tag:
            self._refuse(line, f"has the tag {event.tag!r}: write plain values without tags")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        container = _Container({} if is_mapping else [], event.anchor, self._count)
        self._add(container.value, line, None)
        self._lines[id(container.value)] = container.lines
        self._open.append(container)

    def _end(self, _event: yaml.Event) -> None:
        container = self._open.pop()
        if container.anchor:
            self._anchors[container.anchor] = container.value, self._count - container.start

    def _alias(self, event: yaml.AliasEvent) -> None:
        line, name = _line(event), event.anchor
        if name not in self._anchors:
            self._fail(line, f"*{name} stands for nothing before it: write &{name} at a value")
        value, size = self._anchors[name]
        self._count += size - 1
        self._add(value, line, None)

    def _add(self, value: Any, line: int, anchor: str | None) -> None:
        """Put a value where it belongs, with the line on which it stands."""
        self._count += 1
        if self._count > MAX_VALUES:
            self._fail(line, f"stands for more than {MAX_VALUES} values: use groups, fewer aliases")
        if anchor:
            self._anchors[anchor] = value, 1
        if not self._open:
            self.values, self._root_line = value, line
            return
        container = self._open[-1]
        if isinstance(container.value, list):
            if len(container.value) >= MAX_ENTRIES:
                reason = f"has more than {MAX_ENTRIES} entries: use groups instead of single ones"
                self._fail(line, reason, self._path().rpartition("[")[0])
            container.value.append(value)
            container.lines.append(line)
            return
        if container.wants_key:
            self._fail(line, "a name must be a text")
        if not container.is_twice:
            container.value[container.key] = value
        container.wants_key = True

    def _refuse(self, line: int, reason: str) -> None:
        """Take note of a value that cannot be used."""
        self.replaced.add(self._path())
        self._note(line, reason)

    def _note(self, line: int, reason: str) -> None:
        if len(self.problems) < MAX_LISTED:
            self.problems.append(DocumentProblem(self._path(), line, reason))
        else:
            self.unlisted += 1

    def _fail(self, line: int, reason: str, path: str = "") -> NoReturn:
        """Give up: the rest cannot be read."""
        last = DocumentProblem(path, line, reason)
        raise self._refusal([*self.problems, last], self.unlisted) from None

    def _path(self) -> str:
        """Place of the value that is being read."""
        path = ""
        for container in self._open:
            if isinstance(container.value, list):
                # The last is open for its next entry, the others have theirs already.
                is_last = container is self._open[-1]
                path += f"[{len(container.value) - (not is_last)}]"
            else:
                path += f".{container.key}" if path else container.key
        return path


class _Container:
    """A mapping or sequence that is being read."""

    __slots__ = ("anchor", "is_twice", "key", "lines", "start", "value", "wants_key")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None, start: int) -> None:
        self.value: Any = value
        self.lines = array("I")
        self.anchor = anchor
        self.start = start
        self.key = ""
        self.wants_key = isinstance(value, dict)
        self.is_twice = False


def _entry(value: Any, path: str) -> tuple[int, Any, str] | None:
    """Find the entry with which `path` begins: its index, its value, the rest of the path."""
    if isinstance(value, list) and (step := re.match(r"\[(\d+)\]\.?", path)):
        index = int(step[1])
        return (index, value[index], path[step.end() :]) if index < len(value) else None
    if isinstance(value, dict):
        # A name may hold points and brackets itself: the longest that fits.
        fits = [n for n in value if path == n or path.startswith((f"{n}.", f"{n}["))]
        if fits:
            name = max(fits, key=len)
            return list(value).index(name), value[name], path[len(name) :].removeprefix(".")
    return None


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def _syntax_problem(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return mark.line + 1, f"column {mark.column + 1}: {error.problem}"
    if isinstance(error, yaml.reader.ReaderError):
        before = text.encode("utf-8", "replace")[: error.position]
        reason = "holds a character that YAML does not allow: is it a text file?"
        return before.count(b"\n") + 1, reason
    return 1, " ".join(str(error).split())
