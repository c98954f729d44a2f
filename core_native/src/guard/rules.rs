//! The rules of a guard, checked.

use crate::error::{Error, Result};
use crate::frame::parse_uuid;
use crate::guard::document::{
    CpaDocument, GUARD_VERSION, GuardDocument, GuardRuleDocument, MAX_DURATION_S, MAX_ID_BYTES,
    MAX_RADIAL_VELOCITY_M_S, MAX_RANGE_M, MAX_RULES, MAX_SENSORS, MAX_TEXT_BYTES, MIN_DISTANCE_M,
    MIN_PROBABILITY, WITHIN_LIMITS_S, is_name,
};
use crate::scene::place::Place;
use crate::scene::problems::{DocumentKind, Problems};
use crate::scene::reading::read;

/// Checked rules, in the order of their file.
#[derive(Clone, Debug)]
pub struct GuardRules {
    document: GuardDocument,
    sensor_ids: Vec<[u8; 16]>,
    rules: Vec<GuardRule>,
}

/// One checked rule: what a track must be, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardRule {
    /// Bits of the values of [`crate::tracking::record::friend_foe`] that meet it.
    pub friend_foes: u8,
    /// Bits of the values of [`crate::detection::transponder_mode`] that meet it.
    pub transponder_modes: u8,
    /// Whether a transponder must have replied, or must not have.
    pub transponder_on: Option<bool>,
    /// Least and largest range \[m\].
    pub range_m: [f64; 2],
    /// Least quality.
    pub min_quality: f64,
    /// Largest size of the range rate \[m/s\].
    pub max_range_rate_m_s: f64,
    /// How near it must be going to come.
    pub cpa: Option<CpaDocument>,
    /// How long a track must meet it before the alert \[ns\].
    pub min_duration_ns: i64,
    /// Least time between two alerts of one track \[ns\].
    pub cooldown_ns: i64,
    /// By how much ranges and distance widen while the alert stands \[m\].
    pub hysteresis_m: f64,
}

impl GuardRules {
    /// Read and check a rule file in JSON.
    ///
    /// # Errors
    /// [`Error::Document`] names every problem: its place, the value and the limit.
    pub fn from_json(json: &str) -> Result<Self> {
        let document: GuardDocument = read(DocumentKind::GuardRules, json)?;
        let problems = Problems::of(DocumentKind::GuardRules);
        let (sensor_ids, rules) = checked(&problems.root(), &document);
        problems.accept(Self { document, sensor_ids, rules })
    }

    /// The whole file as JSON, its defaults written out.
    ///
    /// # Errors
    /// None for rules that were accepted.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(&self.document).map_err(|error| Error::Decode {
            format: "guard rules",
            offset: error.column(),
            reason: error.to_string(),
        })
    }

    /// The rules.
    pub fn rules(&self) -> &[GuardRule] {
        &self.rules
    }

    /// What the file says of the rules, one by one.
    pub fn texts(&self) -> &[GuardRuleDocument] {
        &self.document.rules
    }

    /// Whether frames of a sensor are judged.
    pub fn judges(&self, sensor_id: &[u8; 16]) -> bool {
        self.sensor_ids.is_empty() || self.sensor_ids.contains(sensor_id)
    }
}

fn checked(root: &Place<'_>, document: &GuardDocument) -> (Vec<[u8; 16]>, Vec<GuardRule>) {
    let version = document.schema_version;
    if version != GUARD_VERSION {
        root.key("schema_version").problem(format!("is {version}, must be {GUARD_VERSION}"));
    }
    let sensors = root.key("sensor_ids");
    sensors.length(document.sensor_ids.len(), 0, MAX_SENSORS);
    let ids = document.sensor_ids.iter().enumerate();
    let sensor_ids = ids.map(|(index, text)| {
        parse_uuid("sensor_ids", text).unwrap_or_else(|_| {
            let reason = "must be a UUID of 8-4-4-4-12 hexadecimal digits";
            sensors.index(index).problem(format!("is {text:?}, {reason}"));
            [0; 16]
        })
    });
    let sensor_ids = sensor_ids.collect();
    let place = root.key("rules");
    place.length(document.rules.len(), 1, MAX_RULES);
    for (index, rule) in document.rules.iter().enumerate() {
        let twin = document.rules[..index].iter().position(|other| other.id == rule.id);
        if let Some(twin) = twin {
            let reason = format!("is {:?}, which is also rules[{twin}].id: rename one", rule.id);
            place.index(index).key("id").problem(reason);
        }
    }
    let rules = document.rules.iter().enumerate();
    (sensor_ids, rules.map(|(index, rule)| checked_rule(&place.index(index), rule)).collect())
}

fn checked_rule(place: &Place<'_>, rule: &GuardRuleDocument) -> GuardRule {
    check_texts(place, rule);
    let range_m = [rule.min_range_m, rule.max_range_m.unwrap_or(f64::INFINITY)];
    place.key("min_range_m").number(range_m[0], 0.0, MAX_RANGE_M);
    if let Some(most_m) = rule.max_range_m
        && place.key("max_range_m").number(most_m, 0.0, MAX_RANGE_M)
        && most_m <= range_m[0]
    {
        let reason = format!("is {most_m}, must be over min_range_m, {}", range_m[0]);
        place.key("max_range_m").problem(reason);
    }
    place.key("min_quality").number(rule.min_quality, 0.0, 1.0);
    if let Some(most_m_s) = rule.max_radial_velocity_mps {
        let place = place.key("max_radial_velocity_mps");
        place.number(most_m_s, 0.0, MAX_RADIAL_VELOCITY_M_S);
    }
    if let Some(cpa) = &rule.cpa {
        check_cpa(&place.key("cpa"), cpa);
    }
    place.key("min_duration_s").number(rule.min_duration_s, 0.0, MAX_DURATION_S);
    place.key("cooldown_s").number(rule.cooldown_s, 0.0, MAX_DURATION_S);
    place.key("hysteresis_m").number(rule.hysteresis_m, 0.0, MAX_RANGE_M);
    let modes = rule.allowed_transponder_modes.as_ref();
    if let Some(modes) = modes {
        place.key("allowed_transponder_modes").length(modes.len(), 1, 4);
    }
    GuardRule {
        friend_foes: rule.iff.map_or(u8::MAX, |iff| 1 << iff as u8),
        transponder_modes: modes
            .map_or(u8::MAX, |modes| modes.iter().fold(0, |bits, mode| bits | 1 << *mode as u8)),
        transponder_on: rule.require_transponder_on,
        range_m,
        min_quality: rule.min_quality,
        max_range_rate_m_s: rule.max_radial_velocity_mps.unwrap_or(f64::INFINITY),
        cpa: rule.cpa,
        min_duration_ns: libm::round(rule.min_duration_s * 1e9) as i64,
        cooldown_ns: libm::round(rule.cooldown_s * 1e9) as i64,
        hysteresis_m: rule.hysteresis_m,
    }
}

fn check_texts(place: &Place<'_>, rule: &GuardRuleDocument) {
    for (name, text) in [("id", Some(&rule.id)), ("fsm_event", rule.fsm_event.as_ref())] {
        let Some(text) = text.filter(|text| place.key(name).text(text, MAX_ID_BYTES)) else {
            continue;
        };
        if !is_name(text) {
            let reason = format!("is {text:?}, must be of letters, digits, _ and -");
            place.key(name).problem(reason);
        }
    }
    for (name, text) in [
        ("title", Some(&rule.title)),
        ("description", rule.description.as_ref()),
        ("action_required", rule.action_required.as_ref()),
    ] {
        text.map(|text| place.key(name).text(text, MAX_TEXT_BYTES));
    }
}

fn check_cpa(place: &Place<'_>, cpa: &CpaDocument) {
    place.key("within_s").number(cpa.within_s, WITHIN_LIMITS_S[0], WITHIN_LIMITS_S[1]);
    place.key("distance_m").number(cpa.distance_m, MIN_DISTANCE_M, MAX_RANGE_M);
    if let Some(probability) = cpa.probability {
        place.key("probability").number(probability, MIN_PROBABILITY, 1.0);
    }
}

/// A rule for tests that says `entries` besides what it needs.
#[cfg(test)]
pub fn rule_of(entries: &str) -> GuardRule {
    let text = format!(
        r#"{{"schema_version": 1, "rules": [{{"id": "A", "title": "a", "severity": "info",
        {entries}}}]}}"#
    );
    GuardRules::from_json(&text).expect("a rule").rules()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules with one, `entries` besides what it needs.
    fn with(entries: &str) -> Result<GuardRules> {
        GuardRules::from_json(&format!(
            r#"{{"schema_version": 1, "rules": [{{"id": "NEAR", "title": "Near", "severity": "info"
            {entries}}}]}}"#
        ))
    }

    #[test]
    fn what_is_left_out_is_met_by_any_track() {
        let rules = with("").expect("a rule");
        let rule = rules.rules()[0];
        assert_eq!((rule.friend_foes, rule.transponder_modes), (255, 255));
        assert_eq!((rule.range_m, rule.max_range_rate_m_s), ([0.0, f64::INFINITY], f64::INFINITY));
        assert_eq!((rule.min_duration_ns, rule.cooldown_ns, rule.cpa), (0, 0, None));
        assert!(rules.judges(&[7; 16]));
    }

    #[test]
    fn words_become_bits_and_seconds_nanoseconds() {
        let rules = with(
            r#", "iff": "foe", "allowed_transponder_modes": ["silent", "spoof"],
            "min_duration_s": 1.5, "cooldown_s": 60"#,
        );
        let rule = rules.expect("a rule").rules()[0];
        assert_eq!((rule.friend_foes, rule.transponder_modes), (0b100, 0b1100));
        assert_eq!((rule.min_duration_ns, rule.cooldown_ns), (1_500_000_000, 60_000_000_000));
    }

    #[test]
    fn a_problem_names_rule_field_value_and_limit() {
        for (entries, expected) in [
            (r#", "min_quality": 1.5"#, "rules[0].min_quality: is 1.5, must be 0 to 1"),
            (
                r#", "min_range_m": 70, "max_range_m": 70"#,
                "rules[0].max_range_m: is 70, must be over min_range_m, 70",
            ),
            (
                r#", "max_rnage_m": 7"#,
                "rules[0].max_rnage_m: is not a known name: did you mean max_range_m?",
            ),
            (
                r#", "iff": "fo""#,
                "rules[0].iff: is \"fo\", must be one of friend, foe, unknown: did you mean foe?",
            ),
            (
                r#", "cpa": {"within_s": 0, "distance_m": 5}"#,
                "rules[0].cpa.within_s: is 0, must be 0.001 to 86400",
            ),
            (
                r#", "cpa": {"within_s": 9, "distance_m": 5, "probability": 0}"#,
                "rules[0].cpa.probability: is 0, must be 1e-5 to 1",
            ),
            (
                r#", "fsm_event": "A B""#,
                "rules[0].fsm_event: is \"A B\", must be of letters, digits, _ and -",
            ),
            (
                r#", "allowed_transponder_modes": []"#,
                "rules[0].allowed_transponder_modes: has 0 entries, must have 1 to 4",
            ),
        ] {
            let text = with(entries).expect_err("a problem").to_string();
            assert_eq!(text, format!("guard rules: {expected}"));
        }
    }

    #[test]
    fn a_rule_that_stands_twice_and_a_sensor_that_is_none_are_named() {
        let text = r#"{"schema_version": 2, "sensor_ids": ["main"], "rules": [
            {"id": "A", "title": "a", "severity": "info"},
            {"id": "A", "title": "b", "severity": "info"}]}"#;
        let text = GuardRules::from_json(text).expect_err("problems").to_string();
        assert!(text.contains("schema_version: is 2, must be 1"), "{text}");
        assert!(text.contains("sensor_ids[0]: is \"main\", must be a UUID"), "{text}");
        assert!(text.contains("rules[1].id: is \"A\", which is also rules[0].id"), "{text}");
    }

    #[test]
    fn rules_survive_json() {
        let text = with(r#", "max_range_m": 70"#).expect("a rule").to_json().expect("JSON");
        let again = GuardRules::from_json(&text).expect("the same rule");
        assert_eq!(again.to_json().expect("JSON"), text);
    }
}
