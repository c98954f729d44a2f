"""Fill the settings tree: flags over environment over file over default."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from qiki.bus.addresses import without_credentials
from qiki.errors import SettingError
from qiki.settings import ENVIRONMENT_ALIASES, SECRETS, Settings

ENVIRONMENT_PREFIX = "QIKI_"
FILE_VARIABLE = "QIKI_CONFIG"


class Leaf(NamedTuple):
    """One setting: its type with limits, and what it is for."""

    type: Any
    description: str


class Origin(NamedTuple):
    """Where a value came from; `textual` values ("5000") are read by the setting's type."""

    name: str
    textual: bool


class LoadedSettings(NamedTuple):
    """The settings, and for each ``section.key`` the name of its source."""

    settings: Settings
    origins: dict[str, str]


def leaves() -> dict[str, Leaf]:
    """Return every setting by its name ``section.key``, in the order of the tree."""
    table = {}
    for section in msgspec.structs.fields(Settings):
        hints = get_type_hints(section.type, include_extras=True)
        for entry in msgspec.structs.fields(section.type):
            hint = hints[entry.name]
            (meta,) = (m for m in hint.__metadata__ if m.description)
            table[f"{section.name}.{entry.name}"] = Leaf(hint, meta.description)
    return table


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: str | None = None,
) -> LoadedSettings:
    """Build the settings from all layers.

    Parameters
    ----------
    flags : values by ``section.key``; None means not given.
    environment : usually ``os.environ``.
    file : YAML or TOML file, whose sections are the tree's.

    Raises
    ------
    SettingError : an unknown name, or a value outside its limits.
    """
    table = leaves()
    values: dict[str, object] = {}
    origins = dict.fromkeys(table, "default")
    for key, value, origin in _layers(flags or {}, environment or {}, file):
        if key not in table:
            raise SettingError(_unknown(key, origin, table))
        values[key] = _convert(key, value, table[key], origin)
        origins[key] = origin.name
    return LoadedSettings(_tree(values), origins)


def shown(loaded: LoadedSettings) -> dict[str, object]:
    """Return every value by name, secrets hidden."""
    tree = msgspec.to_builtins(loaded.settings)
    table = {f"{s}.{k}": value for s, section in tree.items() for k, value in section.items()}
    return {key: _shown(key, value) for key, value in table.items()}


def _shown(key: str, value: object) -> object:
    if value is None:
        return None
    if key in ("nats.url", "nats.monitoring_url"):
        return without_credentials(str(value))
    return "(hidden)" if key in SECRETS else value


def to_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` with exactly these settings in it, for a child process."""
    kept = {name: value for name, value in environment.items() if not _is_setting(name)}
    for section, entries in msgspec.to_builtins(settings).items():
        for key, value in entries.items():
            if value is not None:
                text = value if isinstance(value, str) else json.dumps(value)
                kept[f"{ENVIRONMENT_PREFIX}{section}__{key}".upper()] = text
    return kept


def _is_setting(name: str) -> bool:
    """Tell whether a variable of the environment fills a setting, alone or by a file."""
    own = name.startswith(ENVIRONMENT_PREFIX) and "__" in name
    return own or name in ENVIRONMENT_ALIASES or name == FILE_VARIABLE


def _layers(
    flags: Mapping[str, object], environment: Mapping[str, str], file: str | None
) -> Iterator[tuple[str, object, Origin]]:
    """Yield (name, value, origin), weakest layer first."""
    if file is not None:
        origin = Origin(file, textual=False)
        yield from ((key, value, origin) for key, value in _read_file(file))
    given = {name: text for name, text in environment.items() if text}  # empty is not given
    _require_double_underscores(given)
    for name, key in ENVIRONMENT_ALIASES.items():
        if name in given:
            yield key, given[name], Origin(name, textual=True)
    for name in sorted(given):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".", 1)
            yield key, given[name], Origin(name, textual=True)
    for key, value in flags.items():
        if value is not None:
            flag = Origin(f"--{key.split('.')[1].replace('_', '-')}", textual=False)
            yield key, value, flag


def _require_double_underscores(names: Iterable[str]) -> None:
    """Refuse what is a setting but for one underscore: it would do nothing, without a word."""
    meant = {key.replace(".", "_"): key for key in leaves()}
    for name in sorted(set(names) - ENVIRONMENT_ALIASES.keys()):
        key = meant.get(name.removeprefix(ENVIRONMENT_PREFIX).lower())
        if name.startswith(ENVIRONMENT_PREFIX) and "__" not in name and key is not None:
            right = f"{ENVIRONMENT_PREFIX}{key.replace('.', '__').upper()}"
            raise SettingError(f"{name} is not a setting, must be {right}: correct or remove it")


def _read_file(file: str) -> Iterator[tuple[str, object]]:
    path = Path(file)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SettingError(
            f"settings file is {file}, must be readable: {error.strerror}"
        ) from error
    decode = msgspec.toml.decode if path.suffix == ".toml" else msgspec.yaml.decode
    try:
        document = decode(text) if text.strip() else {}
    except (msgspec.DecodeError, ValueError) as error:
        raise SettingError(
            f"settings file {file} must be YAML or TOML (.toml): {_one_line(error)}"
        ) from error
    if not isinstance(document, dict):
        raise SettingError(f"settings file {file} must hold sections, as `radar:` with keys below")
    for section, entries in document.items():
        if not isinstance(entries, dict):
            raise SettingError(
                f"settings file {file}: {section} is {entries!r}, must be a section with keys"
            )
        yield from ((f"{section}.{key}", value) for key, value in entries.items())


def _convert(key: str, value: object, leaf: Leaf, origin: Origin) -> object:
    try:
        if origin.textual and isinstance(value, str) and value.startswith("{"):
            value = msgspec.json.decode(value)
        return msgspec.convert(value, leaf.type, strict=not origin.textual)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        given = "(hidden)" if key in SECRETS else value
        raise SettingError(
            f"{key} is {given} (from {origin.name}), must be {_limit(leaf, error)}: "
            f"{leaf.description}; change {origin.name}"
        ) from error


def _limit(leaf: Leaf, error: msgspec.MsgspecError) -> str:
    for choice in (leaf.type, *get_args(leaf.type)):
        if get_origin(choice) is Literal:
            return " or ".join(get_args(choice))
    limit = re.sub(r", got .*", "", str(error).removeprefix("Expected "))
    return limit.replace("`", "").replace(" | null", "")


def _unknown(key: str, origin: Origin, table: Mapping[str, Leaf]) -> str:
    section = key.partition(".")[0]
    near = [name for name in table if name.startswith(f"{section}.")]
    choice = ", ".join(near) or "one of the sections " + ", ".join(
        sorted({name.split(".")[0] for name in table})
    )
    return f"{key} (from {origin.name}) is not a setting, must be {choice}: correct or remove it"


def _tree(values: Mapping[str, object]) -> Settings:
    sections: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        section, name = key.split(".")
        sections.setdefault(section, {})[name] = value
    return msgspec.convert(sections, Settings)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
