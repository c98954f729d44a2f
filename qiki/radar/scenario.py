"""Scenarios: YAML files that say what is in the scene and how its radars see it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from qiki._core import CheckedScenario
from qiki.errors import ScenarioError, ScenarioProblem
from qiki.radar.scenario_yaml import MAX_BYTES, MAX_LISTED, YamlDocument

_BUILT_IN = files("qiki.scenarios")


class Scenario(CheckedScenario):
    """What is in the scene, how it moves, and the radars that watch it. Immutable.

    `docs/scenario.md` has the format, `qiki/scenarios/default.yaml` shows it with comments. Use
    `Scenario.load` or `Scenario.from_yaml`; the constructor takes the document as JSON text.

    Attributes
    ----------
    name, description : str
        Short name, and what the scene is for.
    seed : int
        Seed of every random draw, unless a run is given another.
    horizon_radius_m : float or None
        Radius of the ground that hides what is behind it [m].
    sensors : tuple of ScenarioSensor
        The radars.
    platform_names : tuple of str
        The vehicles that carry the radars, the own ship first.
    targets : tuple of ScenarioTarget
        The targets, then the platforms that are targets too, those of groups last.
    clutter : tuple of ScenarioClutter
        Echoes of sea, land or weather.
    friendly_ids, hostile_ids : tuple of str
        Transponder identities that make a friend or a foe.
    object_types_json : str or None
        What kinds of bodies are around, as JSON that `qiki.tracking.object_types_for` reads; None
        where the scenario does not say.
    """

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a scenario.

        Parameters
        ----------
        name_or_path : str or Path
            Name of a built-in scenario (see `Scenario.built_in`), or path of a YAML file.

        Raises
        ------
        qiki.errors.ScenarioError
            No such scenario, or one that cannot be used; names the line.
        """
        if str(name_or_path) in cls.built_in():
            return cls.from_yaml(built_in_text(str(name_or_path)))
        try:
            return cls.from_yaml(_file_text(Path(name_or_path)))
        except ScenarioError as error:
            raise ScenarioError(error.problems, error.unlisted, str(name_or_path)) from None
        except OSError as error:
            reason = (
                f"{str(name_or_path)!r} cannot be read ({error.strerror}): give the path "
                f"of a YAML file or one of {', '.join(cls.built_in())}"
            )
            raise ScenarioError([("", None, reason)]) from None

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a scenario from YAML text.

        Raises
        ------
        qiki.errors.ScenarioError
            Names the line, the place in the document, the value and the limit of each problem.
        """
        document = YamlDocument(text)
        found, unlisted = document.problems, document.unlisted
        try:
            scenario = cls(json.dumps(document.values, allow_nan=False))
        except ScenarioError as error:
            unlisted += error.unlisted
            found = found + [
                ScenarioProblem(path, document.line_of(path), reason)
                for path, _, reason in error.problems
                if not _is_replaced(path, document.replaced)
            ]
        if not found:
            return scenario
        found = sorted(found, key=lambda problem: problem.line or 0)
        more = max(0, len(found) - MAX_LISTED)
        raise ScenarioError(found[:MAX_LISTED], unlisted + more)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Give the JSON Schema (draft 2020-12) of scenario files.

        Names, types, units, defaults and limits. The limits between two values, as that of a
        maximum by its minimum, are not in it: `Scenario.load` checks them as well.
        """
        schema: dict[str, Any] = json.loads(cls.schema_json())
        return schema

    @staticmethod
    def built_in() -> tuple[str, ...]:
        """Names of the scenarios that come with QIKI."""
        names = (Path(entry.name) for entry in _BUILT_IN.iterdir())
        return tuple(sorted(name.stem for name in names if name.suffix == ".yaml"))


def built_in_text(name: str) -> str:
    """Give the YAML text of a built-in scenario."""
    return (_BUILT_IN / f"{name}.yaml").read_text("utf-8")


def _file_text(path: Path) -> str:
    """Read a file, but no more of it than a scenario may have."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        reason = f"has more than {MAX_BYTES} bytes: use groups instead of single targets"
        raise ScenarioError([("", None, reason)])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"byte {error.start} is not UTF-8: save it as UTF-8"
        raise ScenarioError([("", line, reason)]) from None


def _is_replaced(path: str, replaced: set[str]) -> bool:
    """Whether the document's own value stands at `path` or above it is another."""
    return any(path == place or path.startswith((f"{place}.", f"{place}[")) for place in replaced)
