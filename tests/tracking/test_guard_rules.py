"""Rule files: what is refused and where, and that schema, checks and docs say the same."""

import copy
import json

import jsonschema
import pytest

from docs.generate import Reference, page_of, page_with, schema_file, schema_text
from qiki.errors import GuardRulesError
from qiki.tracking import GuardRules

SCHEMA = GuardRules.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# Every field, none at its default.
RULE = {
    "id": "NEAR",
    "title": "Near",
    "description": "Something is near.",
    "action_required": "Keep clear.",
    "severity": "warning",
    "fsm_event": "RADAR_ALERT_NEAR",
    "iff": "foe",
    "require_transponder_on": True,
    "allowed_transponder_modes": ["on", "spoof"],
    "min_range_m": 10.0,
    "max_range_m": 100.0,
    "min_quality": 0.25,
    "max_radial_velocity_mps": 50.0,
    "cpa": {"within_s": 30.0, "distance_m": 20.0, "probability": 0.5},
    "min_duration_s": 2.0,
    "cooldown_s": 60.0,
    "hysteresis_m": 5.0,
}
DOCUMENT = {
    "schema_version": 1,
    "sensor_ids": ["5d12a12d-0000-4000-8000-000000000001"],
    "rules": [RULE],
}
NUMBERS = [("rules", 0, name) for name, value in RULE.items() if isinstance(value, float)] + [
    ("rules", 0, "cpa", name) for name in RULE["cpa"]
]


def problems_of(document):
    try:
        GuardRules(json.dumps(document))
    except GuardRulesError as error:
        return error.problems
    return ()


def with_value(place, value):
    document = copy.deepcopy(DOCUMENT)
    inside = document
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return document


def path_of(place):
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def field_of(place):
    definition = "CpaDocument" if "cpa" in place else "GuardRuleDocument"
    return SCHEMA["$defs"][definition]["properties"][place[-1]]


def test_the_three_rules_of_the_original_come_with_qiki():
    assert "default" in GuardRules.built_in()
    rules = json.loads(GuardRules.load("default").to_json())["rules"]
    seen = {
        rule["id"]: (rule["severity"], rule["fsm_event"], rule["max_range_m"], rule["min_quality"])
        for rule in rules
    }
    assert seen == {
        "UNKNOWN_CONTACT_CLOSE": ("critical", "RADAR_ALERT_UNKNOWN_CLOSE", 70.0, 0.2),
        "FOE_TRANSPONDER_OFF_APPROACH": ("critical", "RADAR_ALERT_FOE_APPROACH", 150.0, 0.1),
        "SPOOFING_DETECTED": ("warning", "RADAR_ALERT_SPOOF", 500.0, 0.0),
    }
    assert [(rule["cooldown_s"], rule["hysteresis_m"]) for rule in rules] == [
        (60.0, 5.0),
        (60.0, 5.0),
        (60.0, 10.0),
    ]


def test_every_field_is_taken_and_described():
    VALIDATOR.check_schema(SCHEMA)
    VALIDATOR.validate(DOCUMENT)
    assert problems_of(DOCUMENT) == ()
    assert set(SCHEMA["$defs"]["GuardRuleDocument"]["properties"]) == set(RULE)
    assert set(SCHEMA["$defs"]["CpaDocument"]["properties"]) == set(RULE["cpa"])
    assert set(SCHEMA["properties"]) == set(DOCUMENT)
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert all(field.get("description") for field in part.get("properties", {}).values())


def test_rules_survive_json():
    text = GuardRules(json.dumps(DOCUMENT)).to_json()
    assert json.loads(text) == DOCUMENT
    assert GuardRules(text).rule_ids == ("NEAR",)


def test_docs_have_what_the_core_makes():
    assert schema_file("guard").read_text("utf-8") == schema_text(SCHEMA), "run `make docs`"
    page = page_of("guard").read_text("utf-8")
    assert page == page_with(page, Reference(SCHEMA).text()), "run `make docs`"


@pytest.mark.parametrize("place", NUMBERS, ids=path_of)
def test_the_limits_are_those_of_the_checks(place):
    field = field_of(place)
    for name, sign in (("minimum", -1), ("maximum", 1)):
        limit = field[name]
        outside = limit + sign * (abs(limit) or 1.0) * 1e-9
        found = problems_of(with_value(place, outside))
        assert path_of(place) in {problem.path for problem in found}, outside
        for problem in problems_of(with_value(place, limit)):
            assert "min_range_m" in problem.reason or problem.path != path_of(place), problem


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("max_range_m: 70", "max_range_m: -1", r"rules\[0\]\.max_range_m: is -1, must be 0 to"),
        ("max_range_m: 150", "max_rnge_m: 1", r"rules\[1\]\.max_rnge_m: .* mean max_range_m"),
        (
            "iff: foe",
            "iff: enemy",
            r"rules\[1\]\.iff: is \"enemy\", must be one of friend",
        ),
        (
            "severity: warning",
            "severity: 2",
            r"rules\[2\]\.severity: is 2, must be one of",
        ),
        ("[spoof]", "[spooof]", r"modes\[0\]: is \"spooof\", must be one .* mean spoof"),
        ("id: SPOOFING_DETECTED", "id: UNKNOWN_CONTACT_CLOSE", r"also rules\[0\]\.id: rename"),
    ],
)
def test_a_problem_names_line_rule_field_value_and_limit(old, new, message):
    text = GuardRules.built_in_text("default")
    assert old in text
    with pytest.raises(GuardRulesError, match=message) as caught:
        GuardRules.from_yaml(text.replace(old, new, 1))
    (problem,) = caught.value.problems
    assert old in text.splitlines()[problem.line - 1]


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(GuardRulesError, match=r"'nowhere.yaml' cannot be read .* one of default"):
        GuardRules.load("nowhere.yaml")
