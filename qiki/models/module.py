"""Models of a Python module, for commands and services that are told its name."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from qiki._core import CheckedScenario, CompiledModel
from qiki.errors import SettingError


def models_of(module: str) -> tuple[CompiledModel, ...]:
    """Import a module and give the models that are its attributes, in their order.

    Parameters
    ----------
    module : str
        Name of a module that can be imported, or path of a ``.py`` file.

    Returns
    -------
    tuple of UserModel
        Each once, however many names it has there.

    Raises
    ------
    qiki.errors.SettingError
        There is no such module, it cannot be imported, or it has no model.
    """
    found = imported(module, "models")
    models = [value for value in vars(found).values() if isinstance(value, CompiledModel)]
    if not models:
        raise SettingError(
            f"models is {module!r}, must have a UserModel among its attributes: make one with a "
            "decorator of qiki.models or with qiki.models.from_capsule"
        )
    return tuple({id(model): model for model in models}.values())


def models_for(scenario: CheckedScenario, module: str | None) -> tuple[CompiledModel, ...]:
    """Give the models that a scenario names, out of a module that may have others, too.

    Parameters
    ----------
    scenario : Scenario
        What names them.
    module : str or None
        As for `models_of`; None where there is none.

    Raises
    ------
    qiki.errors.SettingError
        The module cannot be used, or lacks a model or has it twice or of another kind.
    """
    names = {name for _, name in scenario.needed_models}
    found = () if module is None else models_of(module)
    known = {model.name for model in found}
    missing = [f"{name} ({kind})" for kind, name in scenario.needed_models if name not in known]
    if missing and module is not None:
        raise SettingError(
            f"models of {module} are {', '.join(sorted(known))}, must be with "
            f"{', '.join(missing)} of scenario {scenario.name!r}: define what is missing there"
        )
    needed = tuple(model for model in found if model.name in names)
    scenario.check_models(needed)
    return needed


def imported(module: str, setting: str) -> ModuleType:
    """Import a module that a setting names.

    Parameters
    ----------
    module : str
        Name of a module that can be imported, or path of a ``.py`` file.
    setting : str
        What errors call the setting.

    Raises
    ------
    qiki.errors.SettingError
        There is no such module, or it cannot be imported.
    """
    try:
        return _imported(module)
    except Exception as error:
        raise SettingError(
            f"{setting} is {module!r}, must be a module that can be imported or a .py file: "
            f"{type(error).__name__}: {error}"
        ) from error


def _imported(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    path = Path(module).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    found = importlib.util.module_from_spec(spec)
    # A data class with quoted annotations looks for its module there.
    sys.modules.setdefault(path.stem, found)
    # As an import does: what stands beside the file can be imported by it.
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(path.parent))
    return found
