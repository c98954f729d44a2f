"""Agents by what a user calls them: a class of a module or a file, or an entry point."""

import inspect
import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from qiki.agent.agent import Agent
from qiki.agent.intent import IntentReader
from qiki.errors import SettingError
from qiki.models.module import imported

GROUP = "qiki.agents"
SETTING = "agent"
READER_SETTING = "agent.intent_reader"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def load_agents(specs: Iterable[str]) -> dict[str, Agent]:
    """Make the agents that are named, in this process.

    Parameters
    ----------
    specs : for each ``module:Class``, ``file.py:Class``, or the name of an entry point of the group
        ``qiki.agents``.

    Returns
    -------
    dict
        Each agent by its name, as `agent_names` gives it.

    Raises
    ------
    qiki.errors.SettingError
        There is no such module, class or entry point, the class is not an agent's, or it cannot be
        made; or two have one name.
    """
    return {name: load_agent(spec) for name, spec in agent_names(specs).items()}


def agent_names(specs: Iterable[str]) -> dict[str, str]:
    """Return what each agent is called, without loading it: the class, or the entry point.

    Raises
    ------
    qiki.errors.SettingError
        Two have one name, or it is none.
    """
    named: dict[str, str] = {}
    for spec in specs:
        name = spec.rpartition(":")[2]
        if not _NAME.fullmatch(name):
            raise SettingError(
                f"{SETTING} is {spec!r:.200}, must be module:Class, file.py:Class or a name of "
                f"{_known()}, the last part of 1 to 64 letters, digits, dots, dashes or underscores"
            )
        if name in named:
            raise SettingError(
                f"{SETTING} is {spec!r}, but {named[name]!r} is called {name}, too: give each "
                "once, and each class a name of its own"
            )
        named[name] = spec
    return named


def require_files(specs: Iterable[str]) -> None:
    """Refuse agents that cannot be there, without running any code of theirs.

    Raises
    ------
    qiki.errors.SettingError
        As `agent_names`; or a file that is named is not there, or there is no such entry point.
    """
    for spec in agent_names(specs).values():
        module, colon, _ = spec.rpartition(":")
        if module.endswith(".py") and not Path(module).is_file():
            raise SettingError(f"{SETTING} is {spec!r}, but there is no file {module}: correct it")
        if not colon and spec not in _points():
            raise _no_point(spec)


def load_agent(spec: str) -> Agent:
    """Make one agent, as `load_agents` does.

    Raises
    ------
    qiki.errors.SettingError
        As there.
    """
    found = agent_class(spec)
    try:
        return found()
    except Exception as error:
        raise SettingError(
            f"{SETTING} is {spec!r}, must be a class that can be made without arguments: "
            f"{type(error).__name__}: {error}"
        ) from error


def agent_class(spec: str) -> type[Agent]:
    """Find the class of one agent.

    Raises
    ------
    qiki.errors.SettingError
        There is none, or it is not an agent's, or still abstract.
    """
    found = _named(spec)
    if not (isinstance(found, type) and issubclass(found, Agent)):
        raise SettingError(
            f"{SETTING} is {spec!r}, which is {_what(found)}, must be a class that derives from "
            "qiki.agent.Agent"
        )
    if inspect.isabstract(found):
        missing = ", ".join(sorted(found.__abstractmethods__))
        raise SettingError(f"{SETTING} is {spec!r}, which lacks {missing}: define it there")
    return found


def load_reader(spec: str) -> IntentReader:
    """Make the reader of intents that a class of a module or a file is.

    Raises
    ------
    qiki.errors.SettingError
        There is no such class, it cannot be made, or it has no method ``read``.
    """
    module, colon, attribute = spec.rpartition(":")
    if not colon:
        raise SettingError(f"{READER_SETTING} is {spec!r}, must be module:Class or file.py:Class")
    found = getattr(imported(module, READER_SETTING), attribute, None)
    if not isinstance(found, type) or not issubclass(found, IntentReader):
        raise SettingError(
            f"{READER_SETTING} is {spec!r}, must be a class with a method read(text, view), as "
            "qiki.agent.intent.IntentReader has it"
        )
    try:
        return found()
    except Exception as error:
        raise SettingError(
            f"{READER_SETTING} is {spec!r}, must be a class that can be made without arguments: "
            f"{type(error).__name__}: {error}"
        ) from error


def _named(spec: str) -> object:
    module, colon, attribute = spec.rpartition(":")
    if not colon:
        return _entry_point(spec)
    found = imported(module, SETTING)
    try:
        return getattr(found, attribute)
    except AttributeError:
        classes = ", ".join(name for name, value in vars(found).items() if _is_agent(value))
        raise SettingError(
            f"{SETTING} is {spec!r}, but {module} has no {attribute}: the agents there are "
            f"{classes or 'none'}"
        ) from None


def _entry_point(name: str) -> object:
    point = _points().get(name)
    if point is None:
        raise _no_point(name)
    try:
        return point.load()
    except Exception as error:
        raise SettingError(
            f"{SETTING} is {name!r}, which is {point.value}, and that cannot be loaded: "
            f"{type(error).__name__}: {error}"
        ) from error


def _no_point(name: str) -> SettingError:
    return SettingError(
        f"{SETTING} is {name!r}, must be module:Class, file.py:Class or a name of {_known()}"
    )


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _known() -> str:
    return f"the entry points {GROUP} ({', '.join(sorted(_points())) or 'none'})"


def _is_agent(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Agent) and value is not Agent


def _what(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"of type {type(value).__name__}"
