//! Reading documents, and parts of them, from JSON text.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::scene::problems::{DocumentKind, Problems};
use crate::scene::schema::schema_of;
use crate::scene::structure;

/// Read a document from JSON; an error names every place where its structure is wrong.
pub fn read<T: DeserializeOwned + JsonSchema>(kind: DocumentKind, json: &str) -> Result<T> {
    let problems = Problems::of(kind);
    // Before the parser: it stops at the first, and takes a list for a mapping.
    structure::check(&problems.root(), &schema_of::<T>(), json);
    if problems.count() > 0 {
        return problems.refuse();
    }
    parsed(kind, json)
}

/// Read a document or a part of one from JSON; an error names the place in it.
pub fn parsed<'d, T: Deserialize<'d>>(kind: DocumentKind, json: &'d str) -> Result<T> {
    let problems = Problems::of(kind);
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize(&mut deserializer) {
        Ok(document) => match deserializer.end() {
            Ok(()) => return Ok(document),
            Err(error) => {
                let reason = format!("the JSON text goes on after the document: {error}");
                problems.root().problem(reason);
            }
        },
        Err(error) => {
            let path = Some(error.path().to_string()).filter(|path| path != ".");
            problems.add(path.unwrap_or_default(), reason(error.inner()));
        }
    }
    problems.refuse()
}

/// The parser's sentence in words of the document instead of Rust's, and without its place in the
/// JSON text, which nobody wrote by hand; that matters only where the text is not JSON at all.
fn reason(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    match sentence.rfind(" at line ") {
        Some(end) if error.is_data() => [
            ("expected f64", "expected a number"),
            ("expected u32", "expected a whole number from 0"),
            ("expected u64", "expected a whole number from 0"),
            ("expected usize", "expected a whole number from 0"),
        ]
        .iter()
        .fold(sentence[..end].to_string(), |text, (rust, plain)| text.replace(rust, plain)),
        _ => sentence,
    }
}
