"""The schema of scenario files says what the core accepts, and docs/ says what the schema says."""

import copy
import json

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.generate import Reference, page_of, page_with, schema_file, schema_text
from qiki.errors import ScenarioError
from qiki.radar import Radar, Scenario
from qiki.yaml_document import YamlDocument
from tests.radar.scenario_document import DOCUMENT, inside, parts, path_of, with_value, without

SCHEMA = Scenario.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PLACES = [place for place, _ in parts()]
VALUES = {place: value for place, value in parts() if not isinstance(value, dict | list)}


def problems_of(document):
    try:
        Scenario(json.dumps(document))
    except ScenarioError as error:
        return error.problems
    return ()


def field_of(place, schema=SCHEMA):
    """Return the schema of the value at a place."""
    if "$ref" in schema:
        schema = {**SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    if "anyOf" in schema:
        return field_of(place, schema["anyOf"][0])
    if not place:
        return schema
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        return field_of(rest, schema["items"])
    kinds = [schema, *schema.get("oneOf", ())]
    (kind,) = [kind for kind in kinds if step in kind.get("properties", {})]
    found = kind["properties"][step]
    return field_of(
        rest, found if kind is schema else {**found, "description": kind["description"]}
    )


NUMBERS = [place for place, value in VALUES.items() if not isinstance(value, str | bool)]


def test_docs_have_what_the_core_makes():
    assert schema_file("scenario").read_text("utf-8") == schema_text(SCHEMA), "run `make docs`"
    page = page_of("scenario").read_text("utf-8")
    assert page == page_with(page, Reference(SCHEMA).text()), "run `make docs`"


def test_the_schema_is_one_and_takes_the_built_in_scenarios():
    VALIDATOR.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for name in Scenario.built_in():
        VALIDATOR.validate(YamlDocument(Scenario.built_in_text(name), ScenarioError).values)
    VALIDATOR.validate(DOCUMENT)
    assert problems_of(DOCUMENT) == ()


def test_the_document_has_every_field():
    """What follows looks at the fields of this document, so none may be missing in it."""

    def mappings(schema):
        if isinstance(schema, dict):
            if "properties" in schema:
                yield set(schema["properties"])
            for value in schema.values():
                yield from mappings(value)
        if isinstance(schema, list):
            for value in schema:
                yield from mappings(value)

    named = set().union(*mappings(SCHEMA))
    assert named == {step for place in PLACES for step in place if isinstance(step, str)}


def test_every_field_is_described_with_its_unit_and_its_limits():
    for place in PLACES[1:]:
        name = [step for step in place if isinstance(step, str)][-1]
        described = field_of(place[: place.index(name) + 1])
        assert described.get("description"), path_of(place)
        unit = {"m": "[m]", "deg": "[deg]", "m_s": "[m/s]", "dbsm": "[dBsm]", "deg_s": "[deg/s]"}
        for suffix, text in unit.items():
            if name.endswith(f"_{suffix}") and not name.endswith((f"_m_{suffix}", f"g_{suffix}")):
                assert text in described["description"], path_of(place)
    for place in NUMBERS:
        field = field_of(place)
        assert "minimum" in field, path_of(place)
        assert {"maximum", "exclusiveMaximum"} & set(field) or place == ("seed",), path_of(place)


@pytest.mark.parametrize("place", NUMBERS, ids=path_of)
def test_the_limits_are_those_of_the_checks(place):
    """At a limit a value is right, or wrong only against another; beyond it it is wrong."""
    field = field_of(place)
    path = path_of(place)
    is_whole = isinstance(inside(DOCUMENT, place), int)
    for name, sign in (("minimum", -1), ("maximum", 1)):
        if name not in field:
            continue
        limit = field[name]
        outside = int(limit) + sign if is_whole else limit + sign * (abs(limit) or 1.0) * 1e-9
        assert path in {p.path for p in problems_of(with_value(place, outside))}, outside
        for problem in problems_of(with_value(place, limit)):
            low, _, high = problem.reason.partition("must be ")[2].partition(" to ")
            # Limited by another value, which the message then shows, or by a sum.
            is_by_another = not high or not float(low) <= limit <= float(high)
            assert problem.path != path or is_by_another, problem


def test_a_bearing_starts_below_the_whole_turn():
    place = ("sensors", 0, "coverage", "bearing_start_deg")
    assert field_of(place)["exclusiveMaximum"] == 360.0
    assert problems_of(with_value(place, 360.0))
    assert problems_of(with_value(place, 359.999)) == ()


WRONG = [None, True, 7, -7, 2.5, "word", [], [1.0], {}, {"x": 1}, 10**30]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(WRONG))
def test_what_the_schema_refuses_the_core_refuses_there(place, value):
    """jsonschema is the outside oracle of the core's own look at the structure."""
    document = with_value(place, value)
    refused = [tuple(error.absolute_path) for error in VALIDATOR.iter_errors(document)]
    found = problems_of(document)
    if refused:
        assert found, (place, value)
        near = {path_of(place[:count]) for count in range(len(place) + 1)}
        assert any(p.path in near or p.path.startswith(path_of(place)) for p in found)
    elif found:
        # Right by the schema alone: wrong against another value, or by bytes and lengths.
        assert all("must be" in p.reason or "must have" in p.reason for p in found) or value is None


@pytest.mark.parametrize("place", PLACES[1:], ids=path_of)
def test_what_is_needed_cannot_be_left_out(place):
    if isinstance(place[-1], int):
        return
    document = without(place)
    is_valid = VALIDATOR.is_valid(document)
    found = problems_of(document)
    if not is_valid:
        # A kind that is left out is missed where it should stand.
        assert any(p.path in (path_of(place), path_of(place[:-1])) for p in found)
        return
    # One of two, or needed by another field, which the schema cannot say.
    by_another = ("is missing: a ", "must have ", "reaches from ", "has ")
    assert all(problem.reason.startswith(by_another) for problem in found)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([p for p in PLACES if isinstance(inside(DOCUMENT, p), dict)]), st.data())
def test_mistyped_names_are_understood(place, data):
    document = copy.deepcopy(DOCUMENT)
    mapping = inside(document, place)
    name = data.draw(st.sampled_from([name for name in mapping if len(name) > 4] or ["name"]))
    if name not in mapping:
        return
    cut = data.draw(st.integers(1, len(name) - 1))
    mapping[name[:cut] + name[cut + 1 :]] = mapping.pop(name)
    wrong = path_of((*place, name[:cut] + name[cut + 1 :]))
    reasons = {p.path: p.reason for p in problems_of(document)}
    assert reasons[wrong].endswith(f": did you mean {name}?")


def test_the_example_of_the_page_is_a_scenario():
    text = page_of("scenario").read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    scenario = Scenario.from_yaml(text)
    VALIDATOR.validate(yaml.safe_load(text.replace("1e-6", "1.0e-6")))
    assert len(Radar(scenario).target_names) == 31
    assert sum(len(Radar(scenario).frame(number)) for number in range(5)) > 5
