//! The rule file as it is written: names, units and what may be left out. [`super::rules`] checks it.
//!
//! It is read from JSON text; Python turns YAML into it. Every mapping refuses names it does not know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::transponder_document::TransponderModeDocument;

/// Version of the document format that this core reads.
pub const GUARD_VERSION: u32 = 1;
/// Most rules of a file.
pub const MAX_RULES: usize = 64;
/// Most sensors that a file names.
pub const MAX_SENSORS: usize = 64;
/// Longest id of a rule or name of an event \[bytes\].
pub const MAX_ID_BYTES: usize = 64;
/// Longest title, description or action \[bytes\].
pub const MAX_TEXT_BYTES: usize = 512;
/// Largest range or distance \[m\].
pub const MAX_RANGE_M: f64 = 1e8;
/// Least distance of a closest approach \[m\].
pub const MIN_DISTANCE_M: f64 = 1e-3;
/// Largest radial velocity \[m/s\].
pub const MAX_RADIAL_VELOCITY_M_S: f64 = 1e5;
/// Longest duration or cooldown \[s\].
pub const MAX_DURATION_S: f64 = 86_400.0;
/// Least and largest time within which the closest approach lies \[s\].
pub const WITHIN_LIMITS_S: [f64; 2] = [1e-3, 86_400.0];
/// Least probability of a closest approach: below, the error of the integral counts.
pub const MIN_PROBABILITY: f64 = 1e-5;

/// Whether a text is of letters, digits, `_` and `-`: it stands in headers and in ids that are put
/// together with colons.
pub fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The rules of a guard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "QIKI guard rules")]
pub struct GuardDocument {
    /// Version of this format; 1.
    #[schemars(range(min = GUARD_VERSION, max = GUARD_VERSION))]
    pub schema_version: u32,
    /// UUIDs of the sensors on own ship, whose frames are judged; left out, those of every sensor.
    #[serde(default)]
    #[schemars(length(max = MAX_SENSORS))]
    pub sensor_ids: Vec<String>,
    /// The rules.
    #[schemars(length(min = 1, max = MAX_RULES))]
    pub rules: Vec<GuardRuleDocument>,
}

/// One rule. A track meets it when it meets all that it says; limits themselves are met.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardRuleDocument {
    /// Its name: letters, digits, `_` and `-`.
    #[schemars(length(min = 1, max = MAX_ID_BYTES))]
    pub id: String,
    /// What it is about, in a few words.
    #[schemars(length(min = 1, max = MAX_TEXT_BYTES))]
    pub title: String,
    /// The message of its alerts; left out, the title.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_TEXT_BYTES))]
    pub description: Option<String>,
    /// What is to be done about it.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_TEXT_BYTES))]
    pub action_required: Option<String>,
    /// How bad it is.
    pub severity: SeverityDocument,
    /// Event that the agent's state machine gets.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_ID_BYTES))]
    pub fsm_event: Option<String>,
    /// Friend or foe; left out, any.
    #[serde(default)]
    pub iff: Option<IffDocument>,
    /// Whether a transponder must have replied to the last short-range detection, or must not have; left
    /// out, either.
    #[serde(default)]
    pub require_transponder_on: Option<bool>,
    /// Modes of the transponder; left out, any.
    #[serde(default)]
    #[schemars(length(min = 1, max = 4))]
    pub allowed_transponder_modes: Option<Vec<TransponderModeDocument>>,
    /// Least range \[m\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RANGE_M))]
    pub min_range_m: f64,
    /// Largest range \[m\]; left out, any.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RANGE_M))]
    pub max_range_m: Option<f64>,
    /// Least quality.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_quality: f64,
    /// Largest size of the range rate \[m/s\]; left out, any.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RADIAL_VELOCITY_M_S))]
    pub max_radial_velocity_mps: Option<f64>,
    /// How near it must be going to come; left out, however far.
    #[serde(default)]
    pub cpa: Option<CpaDocument>,
    /// How long a track must meet it before the alert \[s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_DURATION_S))]
    pub min_duration_s: f64,
    /// Least time between two alerts of one track \[s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_DURATION_S))]
    pub cooldown_s: f64,
    /// By how much ranges and distance widen while the alert stands \[m\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RANGE_M))]
    pub hysteresis_m: f64,
}

/// The closest point of approach of a track to own ship, both on straight lines.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CpaDocument {
    /// The approach lies within this time from now \[s\]; one that has passed does not.
    #[schemars(range(min = WITHIN_LIMITS_S[0], max = WITHIN_LIMITS_S[1]))]
    pub within_s: f64,
    /// How near \[m\].
    #[schemars(range(min = MIN_DISTANCE_M, max = MAX_RANGE_M))]
    pub distance_m: f64,
    /// Least probability that it comes so near; left out, its mean position must come so near.
    #[serde(default)]
    #[schemars(range(min = MIN_PROBABILITY, max = 1.0))]
    pub probability: Option<f64>,
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SeverityDocument {
    /// To be known.
    Info = 1,
    /// To be looked at.
    Warning = 2,
    /// To be acted on.
    Critical = 3,
}

/// Friend or foe, as `qiki.radar.v1.FriendFoe`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum IffDocument {
    /// A friend.
    Friend = 1,
    /// A foe.
    Foe = 2,
    /// Neither is known.
    Unknown = 3,
}
