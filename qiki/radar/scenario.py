"""Scenarios: YAML files that say what is in the scene and how its radars see it."""

from importlib.resources import files

from qiki._core import CheckedScenario
from qiki.document_file import DocumentFile
from qiki.errors import ScenarioError


class Scenario(DocumentFile, CheckedScenario):
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
    own_ship_start : OwnShipState
        Where the own ship is when the scenario begins, at the time 0.
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

    _folder = files("qiki.scenarios")
    _refusal = ScenarioError
