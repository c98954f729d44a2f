"""Write what docs/ says of scenario, vehicle and rule files from the core's schemas: `make docs`.

`docs/agent.md` gets the agent's state machines, as diagrams and tables, `docs/reference-agent.md`
rules and limits.
`docs/scenario.schema.json`, `docs/vehicle.schema.json` and `docs/guard.schema.json` are the
schemas; the parts of `docs/scenario.md`, `docs/vehicle.md` and `docs/guard.md` between the two
marks have their fields as tables.
`docs/environment.md` has what is observed, likewise.
Pictures of simulated frames go to `docs/images`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from docs import (
    clutter_picture,
    garble_picture,
    machines,
    reference_agent_page,
    resolution_picture,
    vehicle_table,
    visibility_images,
)
from qiki._core import observation_layout
from qiki.radar import Scenario
from qiki.tracking import GuardRules
from qiki.vehicle import VehicleConfig

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
BEGIN = "<!-- Written by `make docs` from the schema, down to the mark that ends it. -->\n"
END = "<!-- End of what `make docs` writes. -->\n"
LONGEST_DEFAULT = 24

Schema = dict[str, Any]
SCHEMAS: dict[str, Callable[[], Schema]] = {
    "scenario": Scenario.schema,
    "vehicle": VehicleConfig.schema,
    "guard": GuardRules.schema,
}
"""The schema of each kind of file, by the name of its page."""


def main() -> None:
    """Write the schemas, the pages and the pictures."""
    resolution_picture.main(IMAGES / "resolution.png")
    clutter_picture.main(IMAGES / "clutter.png")
    garble_picture.main(IMAGES / "garbled_codes.png")
    visibility_images.write_images(IMAGES)
    reference_agent_page.main()
    page = page_of("agent")
    page.write_text(page_with(page.read_text("utf-8"), machines.text()), "utf-8")
    page = page_of("vehicle")
    default = page_with(page.read_text("utf-8"), vehicle_table.text(), vehicle_table.BEGIN)
    page.write_text(default, "utf-8")
    for name, schema in SCHEMAS.items():
        page = page_of(name)
        schema_file(name).write_text(schema_text(schema()), "utf-8")
        page.write_text(page_with(page.read_text("utf-8"), Reference(schema()).text()), "utf-8")
    page = page_of("environment")
    page.write_text(page_with(page.read_text("utf-8"), observation_table()), "utf-8")


def observation_table() -> str:
    """Give the numbers of an observation as a table; those of the first track stand for all."""
    lines, place = ["| place | name | scale s | what it is |", "|---|---|---|---|"], 0
    named = set()
    for name, count, unit, scale, about in observation_layout():
        if name not in named:
            last = place + count - 1
            places = f"{place}" if count == 1 else f"{place} to {last}"
            scaled = f"{scale:g} {unit}" if scale else ""
            lines.append(f"| {places} | `{name}` | {scaled} | {about} |")
        named.add(name)
        place += count
    return "\n" + "\n".join(lines) + "\n\n"


def schema_file(name: str) -> Path:
    """Give the file of a schema."""
    return DOCS / f"{name}.schema.json"


def page_of(name: str) -> Path:
    """Give the page with the fields of a schema."""
    return DOCS / f"{name}.md"


def schema_text(schema: Schema) -> str:
    """Give the text of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def page_with(page: str, tables: str, begin: str = BEGIN) -> str:
    """Give the page with these tables between its marks, of which `begin` is the first."""
    before, _, rest = page.partition(begin)
    return f"{before}{begin}{tables}{END}{rest.partition(END)[2]}"


class Reference:
    """The fields of a schema as Markdown.

    Parameters
    ----------
    schema : dict
        JSON Schema whose definitions are mappings, words or mappings of one kind.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._order: list[str] = []

    def text(self) -> str:
        """Give a section for the whole and for each part, in the order of their mention."""
        parts = ["\n", *self._table(self._schema)]
        for name in self._mentioned():
            part = self._definition(name)
            parts += [f"\n### {title(name)}\n\n", f"{part.get('description', '')}\n\n"]
            parts += self._body(part)
        return "".join(parts) + "\n"

    def _mentioned(self) -> Iterator[str]:
        """Give the parts; writing one may add others behind it."""
        index = 0
        while index < len(self._order):
            yield self._order[index]
            index += 1

    def _definition(self, name: str) -> Schema:
        definition: Schema = self._schema["$defs"][name]
        return definition

    def _body(self, part: Schema) -> Iterator[str]:
        if "anyOf" in part:
            yield from (f"- {self._choice(option)}\n" for option in part["anyOf"])
            return
        kinds = part.get("oneOf")
        if kinds is None:
            yield from self._table(part)
            return
        words = [kind for kind in kinds if "const" in kind]
        yield from (f"- `{word['const']}`: {word['description']}\n" for word in words)
        gap = "\n" if words else ""
        for kind in (kind for kind in kinds if "const" not in kind):
            ((name, body),) = kind["properties"].items()
            yield f"{gap}**`{name}`**: {kind.get('description', '')}\n\n"
            yield from self._table(self._resolved(body))
            if not words:
                yield "\n"

    def _choice(self, option: Schema) -> str:
        """Say what one of several values is: a word, or a number with its limits."""
        if "const" in option:
            return f"`{option['const']}`: {option['description']}"
        return f"{self._value(option)}, {limits(option)}: {option['description']}"

    def _table(self, mapping: Schema) -> Iterator[str]:
        yield "| name | value | default | limits | meaning |\n|---|---|---|---|---|\n"
        for name, field in mapping["properties"].items():
            default = "needed" if name in mapping.get("required", ()) else default_text(field)
            cells = (f"`{name}`", self._value(field), default, limits(field))
            # A row of a table is one line.
            meaning = field.get("description", "").replace("\n", " ")
            yield f"| {' | '.join(cells)} | {meaning} |\n"

    def _value(self, field: Schema) -> str:
        """Say what stands there: a link to a part, or the type of a value."""
        if "anyOf" in field:
            return self._value(next(option for option in field["anyOf"] if "$ref" in option))
        if "$ref" in field:
            name = field["$ref"].rpartition("/")[2]
            if name not in self._order:
                self._order.append(name)
            return f"[{title(name)}](#{title(name).lower().replace(' ', '-')})"
        if "array" in types(field):
            length = field.get("minItems")
            is_fixed = length is not None and length == field.get("maxItems")
            many = f"{length} x" if is_fixed else "list of"
            return f"{many} {self._value(field['items'])}"
        words = {
            "number": "number",
            "integer": "whole number",
            "string": "text",
            "boolean": "true or false",
        }
        return words[types(field)[0]]

    def _resolved(self, field: Schema) -> Schema:
        return self._definition(field["$ref"].rpartition("/")[2]) if "$ref" in field else field


def types(field: Schema) -> list[str]:
    """Give the names of the JSON types of a field."""
    kind = field.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def title(name: str) -> str:
    """Give the heading of a definition: AngleAccuracyDocument is Angle accuracy."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name.removesuffix("Document"))
    return words.strip().capitalize()


def default_text(field: Schema) -> str:
    """Say what a field is when it is left out."""
    default = field.get("default")
    text = json.dumps(default)
    return "" if default is None or len(text) > LONGEST_DEFAULT else f"`{text}`"


def limits(field: Schema) -> str:
    """Give the limits of a number, a text, or the entries of a list."""
    found = []
    if "minimum" in field:
        below = "below " if "exclusiveMaximum" in field else ""
        high = field.get("exclusiveMaximum", field.get("maximum"))
        low = number(field["minimum"])
        if high is None:
            found.append(f"from {low}")
        else:
            found.append(low if low == number(high) else f"{low} to {below}{number(high)}")
    if "maxLength" in field:
        found.append(f"{field.get('minLength', 0)} to {field['maxLength']} bytes")
    if "maxItems" in field and field.get("minItems") != field["maxItems"]:
        found.append(f"{field.get('minItems', 0)} to {field['maxItems']} entries")
    if isinstance(items := field.get("items"), dict) and (each := limits(items)):
        found.append(each if each.startswith("each ") else f"each {each}")
    return ", ".join(found)


def number(value: float) -> str:
    """Give a number as a person would write it."""
    return str(value) if isinstance(value, int) and abs(value) < 1e6 else f"{value:.6g}"


if __name__ == "__main__":
    main()
