"""Reading the parameters of commands: a value, or a refusal that says what it must be."""

import json
from collections.abc import Mapping

from qiki.bus.command_message import CommandRefused, Scalar

Parameters = Mapping[str, Scalar]
SHOWN_MAX = 100


def invalid(text: str) -> CommandRefused:
    """Return the refusal of a parameter."""
    return CommandRefused("invalid_parameters", text)


def shown(parameters: Parameters, name: str) -> str:
    """Return what stands there as JSON writes it, so that text and numbers differ, or ``missing``.

    Numbers that are long are cut; so is text.
    """
    return json.dumps(parameters[name])[:SHOWN_MAX] if name in parameters else "missing"


def number_of(parameters: Parameters, names: tuple[str, ...], limit: str) -> float:
    """Return the number that is given under one of the names.

    Raises
    ------
    CommandRefused : none is given, or more than one, or it is no number; `limit` says what it must
        be.
    """
    given = [name for name in names if name in parameters]
    if len(given) > 1:
        raise invalid(f"{' and '.join(given)} are given, must be one of them: leave one out")
    name = given[0] if given else names[0]
    value = parameters.get(name)
    if value is None or isinstance(value, bool | str):
        raise invalid(f"{name} is {shown(parameters, name)}, must be {limit}: give a number")
    try:
        return float(value)
    except OverflowError:
        raise invalid(f"{name} has more than 308 digits, must be {limit}") from None
