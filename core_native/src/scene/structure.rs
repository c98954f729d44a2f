//! The structure of a document against its schema: every wrong name and type.
//!
//! It knows the parts of JSON Schema that the document's types make. What it does not know it lets
//! pass: the parser has the last word.

use serde_json::{Map, Value};

use crate::quote::{MAX_SHOWN, quoted};
use crate::scene::place::Place;

/// Names less alike than this are no slip of the pen.
const LEAST_LIKENESS: f64 = 0.6;

/// Report every place where `json` does not have the structure that the schema `root` gives.
pub fn check(place: &Place<'_>, root: &Value, json: &str) {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return };
    Structure { root }.value(place, root, &value);
}

struct Structure<'s> {
    root: &'s Value,
}

impl Structure<'_> {
    fn value(&self, place: &Place<'_>, schema: &Value, value: &Value) {
        let schema = self.resolved(schema);
        if let Some(options) = schema["anyOf"].as_array() {
            self.any_of(place, options, value);
            return;
        }
        if let Some(kinds) = schema["oneOf"].as_array() {
            self.one_of(place, kinds, value);
            return;
        }
        if !has_type(schema, value) {
            let is_unquoted = wants_text(schema) && (value.is_number() || value.is_boolean());
            let remedy = if is_unquoted { ": put it in quotes" } else { "" };
            place.problem(format!("is {}, must be {}{remedy}", shown(value), wanted(schema)));
            return;
        }
        match value {
            Value::Object(entries) => self.mapping(place, schema, entries),
            Value::Array(entries) => self.list(place, schema, entries),
            _ => {}
        }
    }

    /// Follow references to definitions.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
        match path.and_then(|path| self.root.pointer(path)) {
            Some(definition) => self.resolved(definition),
            None => schema,
        }
    }

    /// An optional part, itself or nothing, or a value that a word may stand for.
    fn any_of(&self, place: &Place<'_>, options: &[Value], value: &Value) {
        let is_word = |option: &&Value| option["const"].is_string();
        let words: Vec<&str> =
            options.iter().filter(is_word).filter_map(|option| option["const"].as_str()).collect();
        let Some(part) = options.iter().find(|it| it["type"] != "null" && !is_word(it)) else {
            return;
        };
        match value {
            Value::Null if words.is_empty() => {}
            Value::String(text) if words.contains(&text.as_str()) => {}
            _ if words.is_empty() || has_type(part, value) => self.value(place, part, value),
            _ => {
                let (shown, wanted, words) = (shown(value), wanted(part), words.join(", "));
                place.problem(format!("is {shown}, must be {wanted} or {words}"));
            }
        }
    }

    fn mapping(&self, place: &Place<'_>, schema: &Value, entries: &Map<String, Value>) {
        let Some(known) = schema["properties"].as_object() else { return };
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let mut meant = Vec::new();
        for (name, value) in entries {
            let place = place.key(name);
            if let Some(schema) = known.get(name) {
                self.value(&place, schema, value);
            } else if schema["additionalProperties"] == false {
                let absent = names.iter().filter(|name| !entries.contains_key(**name));
                meant.extend(unknown(&place, "name", name, &names, absent.copied()));
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !entries.contains_key(name) && !meant.contains(&name) {
                let wanted = wanted(self.resolved(&known[name]));
                place.key(name).problem(format!("is missing, must be {wanted}"));
            }
        }
    }

    fn list(&self, place: &Place<'_>, schema: &Value, entries: &[Value]) {
        let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        // Lists of variable length have their limits checked with the numbers.
        if let (Some(length), true) = (least, least == most)
            && entries.len() as u64 != length
        {
            place.problem(format!("has {} entries, must have {length}", entries.len()));
        }
        for (index, entry) in entries.iter().enumerate() {
            self.value(&place.index(index), &schema["items"], entry);
        }
    }

    /// Words, or mappings of one entry each whose name is the kind.
    fn one_of(&self, place: &Place<'_>, kinds: &[Value], value: &Value) {
        let words: Vec<&str> = kinds.iter().filter_map(|kind| kind["const"].as_str()).collect();
        if words.len() == kinds.len() {
            word(place, &words, value);
            return;
        }
        let named: Vec<(&str, &Value)> = kinds
            .iter()
            .filter_map(|kind| kind["properties"].as_object())
            .flatten()
            .map(|(name, schema)| (name.as_str(), schema))
            .collect();
        if words.len() + named.len() != kinds.len() {
            return;
        }
        match value {
            Value::String(text) if named.iter().any(|(name, _)| name == text) => {
                place.problem(format!("is {}, must be a mapping: {text}: {{...}}", shown(value)));
            }
            Value::Object(_) if !named.is_empty() => self.kind(place, &named, value),
            _ if words.is_empty() => self.kind(place, &named, value),
            _ => {
                let names = named.iter().map(|(name, _)| *name);
                word(place, &words.into_iter().chain(names).collect::<Vec<_>>(), value);
            }
        }
    }

    fn kind(&self, place: &Place<'_>, kinds: &[(&str, &Value)], value: &Value) {
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        let Value::Object(entries) = value else {
            let list = names.join(", ");
            place.problem(format!("is {}, must be a mapping with one of {list}", shown(value)));
            return;
        };
        if entries.len() != 1 {
            let list = names.join(", ");
            place.problem(format!("has {} entries, must have one of {list}", entries.len()));
        }
        for (name, value) in entries {
            let place = place.key(name);
            match kinds.iter().find(|(kind, _)| kind == name) {
                Some((_, schema)) => self.value(&place, schema, value),
                None => _ = unknown(&place, "kind", name, &names, names.iter().copied()),
            }
        }
    }
}

fn word(place: &Place<'_>, words: &[&str], value: &Value) {
    let Value::String(text) = value else {
        place.problem(format!("is {}, must be one of {}", shown(value), words.join(", ")));
        return;
    };
    if words.contains(&text.as_str()) {
        return;
    }
    let hint = alike(text, words.iter().copied())
        .map_or_else(String::new, |word| format!(": did you mean {word}?"));
    place.problem(format!("is {}, must be one of {}{hint}", shown(value), words.join(", ")));
}

/// Report a name that is not known; gives the one that was likely meant.
fn unknown<'a>(
    place: &Place<'_>,
    what: &str,
    name: &str,
    known: &[&str],
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let meant = alike(name, candidates);
    place.problem(match meant {
        Some(meant) => format!("is not a known {what}: did you mean {meant}?"),
        None => format!("is not a known {what}, must be one of {}", known.join(", ")),
    });
    meant
}

/// The candidate most like `name`; the first of those that are equally alike.
fn alike<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_SHOWN {
        return None;
    }
    let likeness = |known| strsim::normalized_damerau_levenshtein(name, known);
    candidates
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, known)| known)
}

/// The names of the types that a schema allows.
fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    }
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let types = types(schema);
    let fits = |name: &&str| match *name {
        "number" => value.is_number(),
        "integer" => is_integer(schema, value),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    types.is_empty() || types.iter().any(fits)
}

fn is_integer(schema: &Value, value: &Value) -> bool {
    match schema["format"].as_str() {
        Some("uint32") => value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
        Some("uint" | "uint64") => value.is_u64(),
        _ => value.is_i64() || value.is_u64(),
    }
}

/// Whether a schema wants a text.
fn wants_text(schema: &Value) -> bool {
    types(schema).first() == Some(&"string")
}

/// What a schema wants, in words.
fn wanted(schema: &Value) -> String {
    if schema["oneOf"].is_array() {
        return "one of its kinds".into();
    }
    match types(schema).first().copied() {
        Some("number") => "a number".into(),
        Some("integer") if schema["minimum"].as_f64().is_some_and(|least| least >= 0.0) => {
            "a whole number from 0".into()
        }
        Some("integer") => "a whole number".into(),
        Some("string") => "a text".into(),
        Some("boolean") => "true or false".into(),
        Some("array") => match schema["minItems"].as_u64() {
            Some(length) if schema["maxItems"] == length => format!("a list of {length}"),
            _ => "a list".into(),
        },
        _ => "a mapping".into(),
    }
}

/// A value as its error shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "empty".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(entries) => format!("a list of {}", entries.len()),
        Value::Object(_) => "a mapping".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::problems::Problems;
    use crate::scene::schema::schema;

    const SENSOR: &str = r#"{"name": "main", "scan": {"staring": {"period_s": 1}},
        "coverage": {"max_range_m": 9000}, "range": {"resolution_m": 15},
        "detection": {"reference_range_m": 9000, "detection_probability": 0.9,
        "false_alarm_probability": 1e-6}, "bearing": {"beamwidth_deg": 2}}"#;

    /// What the check says of a scenario with these entries besides the needed ones.
    fn told(entries: &str) -> String {
        let json =
            format!(r#"{{"scenario_version": 1, "name": "a", "sensors": [{SENSOR}], {entries}}}"#);
        let problems = Problems::default();
        check(&problems.root(), &schema(), &json);
        problems.accept(()).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn a_right_structure_is_left_alone() {
        assert_eq!(told(r#""seed": 3, "description": """#), "");
        let target = r#"{"id": "t", "rcs_dbsm": 1, "present_from_s": null, "object_type": "ship",
            "motion": {"waypoints": {"points": [{"position_m": [0, 1, 2], "speed_m_s": 1}]}}}"#;
        assert_eq!(told(&format!(r#""targets": [{target}]"#)), "");
    }

    #[test]
    fn every_wrong_name_and_type_is_told() {
        let target = r#"{"id": 7, "rcs_dbm": 1, "motion": {"hover": {}}, "object_type": "shp"}"#;
        let text = told(&format!(r#""targets": [{target}], "seed": -1, "zzz": 0"#));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "scenario: targets[0].id: is 7, must be a text: put it in quotes",
                "scenario: targets[0].rcs_dbm: is not a known name: did you mean rcs_dbsm?",
                "scenario: targets[0].motion.hover: is not a known kind, must be one of \
                 constant_velocity, coordinated_turn, waypoints",
                "scenario: targets[0].object_type: is \"shp\", must be one of unspecified, drone, \
                 ship, station, asteroid, debris: did you mean ship?",
                "scenario: seed: is -1, must be a whole number from 0",
                "scenario: zzz: is not a known name, must be one of scenario_version, name, \
                 description, seed, horizon, own_ship, platforms, identities, object_types, sensors, \
                 targets, groups, clutter, task",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_told_but_not_where_its_name_is_mistyped() {
        let text = told(r#""targets": [{"rcs_dbsm": 3, "motoin": {}}]"#);
        assert_eq!(
            text,
            "scenario: targets[0].motoin: is not a known name: did you mean motion?\n\
             scenario: targets[0].id: is missing, must be a text"
        );
    }

    #[test]
    fn a_list_is_no_mapping() {
        let text = told(r#""own_ship": [{"constant_velocity": [[1, 2, 3], [0, 0, 0]]}]"#);
        assert_eq!(text, "scenario: own_ship: is a list of 1, must be a mapping");
    }

    #[test]
    fn lists_of_fixed_length_and_kinds_are_counted() {
        let motion = r#"{"constant_velocity": {"position_m": [0, "x"]}, "coordinated_turn": 4}"#;
        let text = told(&format!(r#""own_ship": {{"motion": {motion}}}"#));
        assert_eq!(
            text,
            "scenario: own_ship.motion: has 2 entries, must have one of constant_velocity, \
             coordinated_turn, waypoints\n\
             scenario: own_ship.motion.constant_velocity.position_m: has 2 entries, must have 3\n\
             scenario: own_ship.motion.constant_velocity.position_m[1]: is \"x\", must be a \
             number\n\
             scenario: own_ship.motion.coordinated_turn: is 4, must be a mapping"
        );
    }
}
