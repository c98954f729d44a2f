"""The default vehicle as tables of `docs/vehicle.md`, from its own file."""

from collections.abc import Iterator
from typing import Any

from qiki.errors import VehicleError
from qiki.vehicle import VehicleConfig
from qiki.yaml_document import YamlDocument

BEGIN = (
    "<!-- Written by `make docs` from qiki/bots/default.yaml, down to the mark that ends it. -->\n"
)

Document = dict[str, Any]
LOADS = "| load | power [W] | at the start | when power is short | at low charge |\n"


def text() -> str:
    """Give the loads with what becomes of them, and the other numbers that commands meet."""
    document = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values
    return "".join(["\n", LOADS, "|---|---|---|---|---|\n", *_loads(document), *_limits(document)])


def _loads(document: Document) -> Iterator[str]:
    for load in document["power"]["loads"]:
        demand_w = load.get("demand_w", load["power_w"])
        start = f"on, wants {demand_w:g} W" if load.get("is_on", True) else "off"
        short = {"shed": "is shed", "throttle": "gets less", None: "is kept"}
        becomes = short[load.get("when_short")]
        low = "is shed" if load.get("shed_at_low_charge") else "goes on"
        yield f"| `{load['name']}` | {load['power_w']:g} | {start} | {becomes} | {low} |\n"


def _limits(document: Document) -> Iterator[str]:
    power, docking, drive = document["power"], document["docking"], document["drive"]
    battery, shedding, capture = power["battery"], power["shedding"], docking["capture"]
    capacitor, dock, approach = power["supercapacitor"], power["dock"], docking["approach"]
    rows = {
        "input without a dock": f"{power['base_input_w']:g} W",
        "battery": f"{battery['capacity_wh']:g} Wh, {battery['initial_charge']:.0%} at the start, "
        f"takes {battery['maximum_charge_w']:g} W and gives {battery['maximum_discharge_w']:g} W",
        "supercapacitor": f"{capacitor['capacity_wh']:g} Wh, takes "
        f"{capacitor['maximum_charge_w']:g} W and gives {capacitor['maximum_discharge_w']:g} W",
        "low charge": f"loads are shed below {shedding['shed_charge']:.0%} of the battery and come "
        f"back from {shedding['restore_charge']:.0%}",
        "bus": f"at most {power['bus']['maximum_a']:g} A",
        "station's power": f"{dock['station_w']:g} W while docked, rising for "
        f"{dock['soft_start_s']:g} s",
        "thrusters": f"{power['thruster_w']:g} W each while they fire",
        "wheels": f"at most {drive['maximum_m_s']:g} m/s, {drive['power_w_per_m_s']:g} W for each "
        "m/s",
        "approach to a port": f"counts within {approach['range_m']:g} m and "
        f"{approach['cone_deg']:g}° of its axis",
        "capture by a port": f"within {capture['distance_m']:g} m, {capture['speed_m_s']:g} m/s, "
        f"{capture['angle_deg']:g}° and {capture['rate_deg_s']:g}°/s",
    }
    yield "\n| part | numbers |\n|---|---|\n"
    yield from (f"| {name} | {words} |\n" for name, words in rows.items())
    yield "\n"
