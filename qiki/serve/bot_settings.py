"""What each bot of `qiki up` runs with: user, ports, database, its share of the disk."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from qiki.bus.bots_file import BotUser, numbered
from qiki.serve.bot_plan import identity_of
from qiki.serve.bot_shell import grpc_of
from qiki.serve.loopback import port_of_bot
from qiki.settings import Settings, TrackerSettings


def settings_of_bots(settings: Settings, users: tuple[BotUser, ...]) -> list[Settings]:
    """Return the settings of each bot's services, those of a single bot as they are.

    Parameters
    ----------
    settings : of the run.
    users : for the account of each bot; none for a single one.

    Raises
    ------
    SettingError : a port is too high for so many bots.
    """
    if not users:
        return [settings]
    return [_of_bot(settings, number, users) for number in range(1, len(users) + 1)]


def _of_bot(settings: Settings, number: int, users: tuple[BotUser, ...]) -> Settings:
    replace, user = msgspec.structs.replace, users[number - 1]
    bios, streams, registrar = settings.bios, settings.streams, settings.registrar
    path = None if registrar.path is None else str(numbered(Path(registrar.path), number))
    return replace(
        settings,
        nats=replace(settings.nats, user=user.user, password=user.password),
        grpc=grpc_of(settings.grpc, number),
        bios=replace(bios, port=port_of_bot("bios.port", bios.port, number)),
        streams=replace(streams, max_bytes=streams.max_bytes // len(users)),
        registrar=replace(registrar, path=path),
        tracker=_with_friends(settings.tracker, number, len(users)),
        log=replace(settings.log, bot=number),
    )


def _with_friends(tracker: TrackerSettings, number: int, count: int) -> TrackerSettings:
    """Return a tracker to which the other bots are friends, unless it knows them as foes."""
    others = [identity_of(other) for other in range(1, count + 1) if other != number]
    parameters = dict(tracker.parameters)
    friends, foes = (_texts(parameters, name) for name in ("friendly_ids", "hostile_ids"))
    parameters["friendly_ids"] = friends + [it for it in others if it not in friends + foes]
    return msgspec.structs.replace(tracker, parameters=parameters)


def _texts(parameters: Mapping[str, object], name: str) -> list[str]:
    return msgspec.convert(parameters.get(name, []), list[str])
