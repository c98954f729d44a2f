"""What the bots of a world are made of, before there is a world for them."""

import hashlib
import math
from typing import NamedTuple

from qiki._core import CheckedScenario, CheckedVehicle
from qiki.errors import SettingError
from qiki.radar import OwnShipState, Scenario
from qiki.serve.own_ship import vehicle_config
from qiki.settings import Settings


class BotPlan(NamedTuple):
    """One bot of a world.

    Attributes
    ----------
    number : counted from 1.
    vehicle : what it is made of; None: there is none, and its radars go as the scenario says.
    scenario : what its radars see; the other bots are targets in it.
    start : where the vehicle begins.
    seed : of its radars' draws; None: the scenario's.
    others : targets of the scenario that are other bots, each with that bot's number.
    """

    number: int
    vehicle: CheckedVehicle | None
    scenario: CheckedScenario
    start: OwnShipState
    seed: int | None
    others: tuple[tuple[int, int], ...] = ()


def bot_plans(settings: Settings, scenario: Scenario) -> list[BotPlan]:
    """Return the bots that the settings ask for, by number.

    A single one is the scenario's own ship as it is. Of several the first begins where that does,
    the others abreast of it to starboard; each has a transponder identity of its own, and is a
    target in the scenarios of the others.

    Raises
    ------
    VehicleError : the vehicle's file cannot be used.
    SettingError : the scenario has no room for the bots, or they have no vehicle.
    """
    count, seed, start = settings.sim.bots, settings.radar.seed, scenario.own_ship_start
    vehicle = vehicle_config(settings.vehicle.config)
    if count == 1:
        return [BotPlan(1, vehicle, scenario, start, seed)]
    if vehicle is None:
        raise SettingError(
            f"vehicle.config is none, must name a vehicle where sim.bots is {count}: each bot "
            "goes its own way"
        )
    spacing_m = settings.sim.bot_spacing_m
    base_seed = scenario.seed if seed is None else seed
    plans = []
    for number in range(1, count + 1):
        seen, others = _seen_by(scenario, number, count)
        plans.append(
            BotPlan(
                number,
                vehicle.with_transponder_id(identity_of(number)),
                seen,
                _abreast(start, spacing_m * (number - 1)),
                seed if number == 1 else seed_of(base_seed, number),
                others,
            )
        )
    return plans


def name_of(number: int) -> str:
    """Return the name of a bot: of the target that it is for the others, and of its user."""
    return f"bot-{number}"


def identity_of(number: int) -> str:
    """Return what the transponder of a bot replies, one of several."""
    return f"BOT-{number}"


def seed_of(seed: int, number: int) -> int:
    """Return the seed of the radars of a bot but the first, one of `seed` and the number alone."""
    digest = hashlib.sha256(f"{seed}/{name_of(number)}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def _seen_by(
    scenario: Scenario, number: int, count: int
) -> tuple[CheckedScenario, tuple[tuple[int, int], ...]]:
    """Return the scenario with the other bots in it, and which of its targets they are."""
    seen: CheckedScenario = scenario
    first, others = len(scenario.targets), [n for n in range(1, count + 1) if n != number]
    for other in others:
        seen = seen.with_fellow(name_of(other), identity_of(other))
    return seen, tuple(enumerate(others, first))


def _abreast(start: OwnShipState, distance_m: float) -> OwnShipState:
    """Return a start so far to starboard of another, on the same course."""
    heading = math.radians(start.heading_deg)
    east_m, north_m, up_m = start.position_m
    place_m = (
        east_m + distance_m * math.cos(heading),
        north_m - distance_m * math.sin(heading),
        up_m,
    )
    return OwnShipState(start.time_ns, place_m, start.velocity_m_s, start.heading_deg)
