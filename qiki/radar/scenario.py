"""Scenarios: YAML files that say what is in the scene and how its radars see it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Self

from qiki._core import CheckedScenario
from qiki.errors import ScenarioError
from qiki.radar.scenario_yaml import YamlDocument

_BUILT_IN = files("qiki.scenarios")


class Scenario(CheckedScenario):
    """What is in the scene, how it moves, and the radars that watch it. Immutable.

    `qiki/scenarios/default.yaml` shows the format with comments. Use `Scenario.load` or
    `Scenario.from_yaml`; the constructor takes the document as JSON text.

    Attributes
    ----------
    name, description : str
        Short name, and what the scene is for.
    seed : int
        Seed of every random draw, unless a run is given another.
    sensors : tuple of ScenarioSensor
        The radars.
    platform_names : tuple of str
        The vehicles that carry the radars, the own ship first.
    targets : tuple of ScenarioTarget
        The targets, then the platforms that are targets too, those of groups last.
    friendly_ids, hostile_ids : tuple of str
        Transponder identities that make a friend or a foe.
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
            return cls.from_yaml((_BUILT_IN / f"{name_or_path}.yaml").read_text("utf-8"))
        path = Path(name_or_path)
        try:
            return cls.from_yaml(path.read_text("utf-8"))
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {error}") from None
        except OSError as error:
            raise ScenarioError(
                f"scenario {str(name_or_path)!r} cannot be read ({error.strerror}): give the path "
                f"of a YAML file or one of {', '.join(cls.built_in())}"
            ) from None
        except UnicodeDecodeError as error:
            raise ScenarioError(
                f"{path}: byte {error.start} is not UTF-8: save it as UTF-8"
            ) from None

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a scenario from YAML text.

        Raises
        ------
        qiki.errors.ScenarioError
            Names the line, the place in the document, the value and the limit.
        """
        document = YamlDocument(text)
        try:
            return cls(json.dumps(document.values()))
        except ScenarioError as error:
            path = getattr(error, "path", None)
            if path is None:
                raise
            place = f"scenario: line {document.line_of(path)}: "
            raise ScenarioError(place + str(error).removeprefix("scenario: ")) from None

    @staticmethod
    def built_in() -> tuple[str, ...]:
        """Names of the scenarios that come with QIKI."""
        names = (Path(entry.name) for entry in _BUILT_IN.iterdir())
        return tuple(sorted(name.stem for name in names if name.suffix == ".yaml"))
