//! The part of the scenario document that says how many false alarms a radar has.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::radar::checked_detection::MAX_FALSE_ALARMS;

/// How many false alarms one frame has: a number, or what the resolution cells make.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FalseAlarmsDocument {
    /// The mean number.
    PerFrame(f64),
    /// A word.
    Word(FalseAlarmsWord),
}

/// What stands in place of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FalseAlarmsWord {
    /// The probability of a false alarm times the resolution cells looked at.
    FromCells,
}

impl Default for FalseAlarmsDocument {
    fn default() -> Self {
        Self::PerFrame(0.0)
    }
}

// By hand: the derived schema knows no limits of a number beside a word.
impl JsonSchema for FalseAlarmsDocument {
    fn schema_name() -> Cow<'static, str> {
        "FalseAlarmsDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many false alarms one frame has.",
            "anyOf": [
                {
                    "description": "Mean number in one frame.",
                    "type": "number",
                    "format": "double",
                    "minimum": 0.0,
                    "maximum": MAX_FALSE_ALARMS,
                },
                {
                    "description": "The mean is `false_alarm_probability` times the number of \
                        resolution cells that the frame looks at.",
                    "type": "string",
                    "const": "from_cells",
                },
            ],
        })
    }
}
