//! The JSON Schema (draft 2020-12) of a document, made of its Rust types.
//!
//! Names, units and descriptions are those of the types; a test compares the limits with what the
//! checks refuse, so that neither can drift.

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::scene::document::ScenarioDocument;

/// The schema of scenario documents.
pub fn schema() -> Value {
    schema_of::<ScenarioDocument>()
}

/// The schema of a document; its names stand in the order of the types.
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = schema_for!(T).to_value();
    plain_descriptions(&mut schema);
    schema
}

/// Take the marks of Rust's documentation out of the descriptions: `\[m\]` is `[m]`.
fn plain_descriptions(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            for (name, value) in entries.iter_mut() {
                match value {
                    Value::String(text) if name == "description" => {
                        *text = text.replace("\\[", "[").replace("\\]", "]");
                    }
                    _ => plain_descriptions(value),
                }
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(plain_descriptions),
        _ => {}
    }
}
