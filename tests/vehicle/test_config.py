"""Vehicle files: what is refused and where, and that schema, checks and docs say the same."""

import copy
import json

import jsonschema
import pytest

from docs.generate import Reference, page_of, page_with, schema_file, schema_text
from qiki import vehicle
from qiki.errors import VehicleError
from qiki.vehicle import VehicleConfig
from qiki.yaml_document import YamlDocument

SCHEMA = VehicleConfig.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DOCUMENT = YamlDocument(VehicleConfig.built_in_text("default"), VehicleError).values


def problems_of(document):
    try:
        VehicleConfig(json.dumps(document))
    except VehicleError as error:
        return error.problems
    return ()


def parts(value=DOCUMENT, place=()):
    """Give every place of the document with its value."""
    yield place, value
    if isinstance(value, dict | list):
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            yield from parts(entry, (*place, key))


def path_of(place):
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def inside(document, place):
    for step in place:
        document = document[step]
    return document


def with_value(place, value):
    document = copy.deepcopy(DOCUMENT)
    inside(document, place[:-1])[place[-1]] = value
    return document


def field_of(place, schema=SCHEMA):
    if "anyOf" in schema:
        return field_of(place, schema["anyOf"][0])
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if not place:
        return schema
    found = schema["items"] if isinstance(place[0], int) else schema["properties"][place[0]]
    return field_of(place[1:], found)


# The first of these lists stands for all of its entries.
LISTS = {"clusters", "thrusters", "loads", "nodes", "heated_by", "couplings", "ports"}
PLACES = [
    place
    for place, _ in parts()
    if not any(isinstance(step, int) and step > 0 and LISTS & set(place) for step in place)
]
NUMBERS = [place for place in PLACES if type(inside(DOCUMENT, place)) in (int, float)]


def test_the_schema_takes_the_built_in_vehicles():
    VALIDATOR.check_schema(SCHEMA)
    assert VehicleConfig.built_in() == ("default", "training")
    for name in VehicleConfig.built_in():
        document = YamlDocument(VehicleConfig.built_in_text(name), VehicleError).values
        VALIDATOR.validate(document)
        assert problems_of(document) == ()


def test_the_built_in_vehicle_has_every_field():
    mappings = [part for part in (SCHEMA, *SCHEMA["$defs"].values()) if "properties" in part]
    names = {name for mapping in mappings for name in mapping["properties"]}
    assert names == {step for place in PLACES for step in place if isinstance(step, str)}
    for mapping in mappings:
        assert all(field.get("description") for field in mapping["properties"].values())


def test_docs_have_what_the_core_makes():
    assert schema_file("vehicle").read_text("utf-8") == schema_text(SCHEMA), "run `make docs`"
    page = page_of("vehicle").read_text("utf-8")
    assert page == page_with(page, Reference(SCHEMA).text()), "run `make docs`"


@pytest.mark.parametrize("place", NUMBERS, ids=path_of)
def test_the_limits_are_those_of_the_checks(place):
    field = field_of(place)
    is_whole = "integer" in field["type"]
    for name, sign in (("minimum", -1), ("maximum", 1)):
        limit = field[name]
        outside = int(limit) + sign if is_whole else limit + sign * (abs(limit) or 1.0) * 1e-9
        found = problems_of(with_value(place, outside))
        assert path_of(place) in {problem.path for problem in found}, outside
        for problem in problems_of(with_value(place, limit)):
            # At the limit it is right, or wrong only against another value.
            low, _, high = problem.reason.partition("must be ")[2].partition(" to ")
            is_by_another = not high or not float(low) <= limit <= float(high)
            assert problem.path != path_of(place) or is_by_another, problem


@pytest.mark.parametrize("place", PLACES[1:], ids=path_of)
def test_what_the_schema_refuses_the_core_refuses_there(place):
    for value in (None, True, 2.5, "word", [], [1.0], {}, {"x": 1}, 10**30):
        document = with_value(place, value)
        if not VALIDATOR.is_valid(document):
            assert problems_of(document), (place, value)


@pytest.mark.parametrize("place", [p for p in PLACES if p and isinstance(p[-1], str)], ids=path_of)
def test_what_is_needed_cannot_be_left_out_and_the_rest_can(place):
    document = copy.deepcopy(DOCUMENT)
    del inside(document, place[:-1])[place[-1]]
    needed = place[-1] in field_of(place[:-1]).get("required", ())
    found = problems_of(document)
    assert bool(found) == needed
    assert all(problem.path == path_of(place) for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dry_mass_kg: 300", "dry_mass_kg: 0", "body.dry_mass_kg: is 0, must be 0.01 to"),
        ("dry_mass_kg: 300", "dry_mass_kg: -3", "body.dry_mass_kg: is -3, must be 0.01 to"),
        ("dry_mass_kg: 300", "dry_mass_kg: .nan", "is .nan, must be a finite number"),
        ("dry_mass_kg: 300", "dry_mass_lb: 660", "is not a known name"),
        ("dry_mass_kg: 300", "dry_mas_kg: 300", "did you mean dry_mass_kg?"),
        ("[125, 0, 0]", "[225, 0, 0]", "a principal moment above the sum of the other two"),
        ("[125, 0, 0]", "[-125, 0, 0]", "must be positive definite"),
        ("[125, 0, 0]", "[125, 3, 0]", r"inertia_kg_m2\[1\]\[0\]: is 0, must be 3 as in row 0"),
        ("pulse_window_s: 0.25", "pulse_window_s: 0.2505", "a whole number of steps of 0.001 s"),
        ("on_time_s: 0.01", "on_time_s: 0.3", "minimum_on_time_s: is 0.3, must be 0 to 0.25"),
        ("name: B ", "name: A ", r'clusters\[1\].name: is "A", already a cluster\'s name'),
        ("specific_impulse_s: 60", "specific_impulse_s: 0", "is 0, must be 1 to 100000"),
        ("restore_charge: 0.3", "restore_charge: 0.1", "restore_charge: is 0.1, must be 0.2 to 1"),
        ("nominal_v: 28", "nominal_v: 20", "bus.nominal_v: is 20, must be 22 to 1000"),
        ("name: radar", "name: nbl", r'loads\[1\].name: is "nbl", already a load\'s name'),
        ("power_w: 18", "power_w: 18, demand_w: 19", r"\[1\].demand_w: is 19, must be 0 to 18"),
        ("when_short: throttle", "when_short: shrink", "loads"),
        ("warn_c: 80", "warn_c: 95", r"nodes\[0\].warn_c: is 95, must be -273.15 to 90"),
        ("name: pdu", "name: core", r'nodes\[1\].name: is "core", already a node\'s name'),
        ("name: base", "name: dock", "must not be that of another part"),
        ("sheds: [nbl]", "sheds: [nlb]", r'sheds\[0\]: is "nlb", not a load\'s name'),
        (
            "source: computer",
            "source: oven",
            r'source: is "oven", must be a load\'s name or thrusters',
        ),
        ("base, fraction: 0.6", "base, fraction: 0.7", "is 0.7, must be 0 to 0.6, what is left"),
        ("[core, pdu]", "[core, core]", r'between: is "core" twice, must be two nodes'),
        ("[core, pdu]", "[core, bridge]", r'between\[1\]: is "bridge", not a node\'s name'),
        ("vehicle_version: 1", "vehicle_version: 2", "vehicle_version: is 2, must be 1"),
    ],
)
def test_what_is_refused_names_line_place_value_and_limit(old, new, message):
    text = VehicleConfig.built_in_text("default")
    assert text.count(old) == 1
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(VehicleError, match=message) as caught:
        VehicleConfig.from_yaml(text.replace(old, new))
    assert str(caught.value).startswith("vehicle: line ")
    # A fault of the whole tensor is told on the line of its name, one of symmetry in the later row.
    lines = range(line - 1, line + 2) if "125" in old else (line,)
    assert {problem.line for problem in caught.value.problems} & set(lines)


def test_a_thruster_without_a_direction_is_refused():
    place = ("rcs", "clusters", 0, "thrusters", 3, "force_direction")
    (problem,) = problems_of(with_value(place, [0, 0, 0]))
    assert problem.path == path_of(place)
    assert problem.reason == "has the length 0, must have at least 0.000001"


def test_too_many_thrusters_are_refused():
    place = ("rcs", "clusters", 0, "thrusters")
    (problem,) = problems_of(with_value(place, inside(DOCUMENT, place) * 6))
    assert (problem.path, problem.reason) == (
        "rcs.clusters",
        "have 36 thrusters, must have at most 32",
    )


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(VehicleError, match=r"cannot be read .* or one of default"):
        VehicleConfig.load(tmp_path / "none.yaml")
    path = tmp_path / "mine.yaml"
    path.write_text(VehicleConfig.built_in_text("default").replace("name: default", "name: mine"))
    assert VehicleConfig.load(path).name == "mine"
    path.write_text("vehicle_version: 1\n")
    with pytest.raises(VehicleError, match=r"mine\.yaml: vehicle: line 1: body: is missing"):
        VehicleConfig.load(path)


def test_help_tells_of_everything():
    for name in vehicle.__all__:
        thing = getattr(vehicle, name)
        assert thing.__doc__, name
        for member, value in vars(thing).items():
            if not member.startswith("_"):
                assert value.__doc__, (name, member)
