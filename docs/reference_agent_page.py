"""What `docs/reference-agent.md` says of tables in the code: rules, docking, limits."""

import re
from collections.abc import Callable
from pathlib import Path

from qiki.agent.manoeuvres import evade
from qiki.agent.manoeuvres.approach import ApproachLimits
from qiki.agent.manoeuvres.attitude import AttitudeGains
from qiki.agent.manoeuvres.dock import CLOSE, COAST, FAR, NEAR, DockLimits
from qiki.agent.manoeuvres.docking_phases import DOCK
from qiki.agent.rules import RULES, Rule
from qiki.agent.state_table import StateTable

PAGE = Path(__file__).resolve().parent / "reference-agent.md"
EVASION = ("SAFE_M", "NEAR_M", "STILL_NEAR_M", "HORIZON_S", "SURE_M", "STEPS_M_S", "RESERVE_M_S")


def rules() -> str:
    """Give the table of rules."""
    head = "| rule | for | type | priority | confidence | does |\n|---|---|---|---|---|---|\n"
    return head + "".join(_row(rule) for rule in RULES)


def _row(rule: Rule) -> str:
    names = ", ".join(f"`{name}`" for name in rule.names)
    does = "safe mode" if rule.is_safe_mode else "says so"
    cells = (f"`{rule.name}`", f"{rule.of} {names}".strip(), rule.type.name)
    return f"| {' | '.join(cells)} | {rule.priority:g} | {rule.confidence:g} | {does} |\n"


def limits() -> str:
    """Give the limits of the manoeuvres."""
    head = "| limit | value |\n|---|---|\n"
    tuples = (AttitudeGains(), ApproachLimits(), DockLimits())
    rows = [
        f"| `{type(it).__name__}.{name}` | {value:g} |\n"
        for it in tuples
        for name, value in it._asdict().items()
    ]
    rows += [f"| `evade.{name}` | {_text(getattr(evade, name))} |\n" for name in EVASION]
    for name, bands in {"COAST": COAST, "FAR": FAR, "NEAR": NEAR, "CLOSE": CLOSE}.items():
        parts = ", ".join(f"{part} {value:g}" for part, value in bands._asdict().items())
        rows.append(f"| deadbands `dock.{name}` | {parts} |\n")
    return head + "".join(rows)


def _text(value: float | tuple[float, ...]) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"{it:g}" for it in values)


def _diagram(table: StateTable) -> Callable[[], str]:
    return lambda: f"```mermaid\n{table.diagram()}\n```\n"


PARTS: dict[str, Callable[[], str]] = {
    "rules": rules,
    "docking machine": _diagram(DOCK),
    "limits": limits,
}
"""What stands in the page, by the name in its marks."""


def page_with_parts(page: str) -> str:
    """Give the page with each part between its marks."""
    for name, part in PARTS.items():
        begin = f"<!-- Written by `make docs`: {name}. -->\n"
        end = f"<!-- End: {name}. -->\n"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        text = f"{begin}\n{part()}\n{end}"
        page, count = re.subn(pattern, lambda _, text=text: text, page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{PAGE.name} has the marks of {name} {count} times, must have once")
    return page


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page_with_parts(PAGE.read_text("utf-8")), "utf-8")
