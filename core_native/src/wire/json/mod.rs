//! The original's JSON: `RadarFrame` and `RadarTrack` for its consumers.
//!
//! Its models refuse every key that they do not know and lack what our records hold. So what JSON
//! cannot say goes beside it: which fields are zero because they are absent ([`absent`]), and where
//! and how exactly the sensor looked ([`scan`]).
//!
//! Keys stand in the original's order, enums are integers, a time has microseconds and `Z`, what is
//! absent is null where the models allow it. Numbers are the shortest that read back as the same bits.

pub mod absent;
mod detection;
pub mod frame;
mod row;
pub mod scan;
mod timestamp;
pub mod track;

use row::Object;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::quote::shortened;

/// The one version that this code writes and reads.
const SCHEMA_VERSION: u8 = 1;
/// Longest text that is read \[bytes\]: twice a frame of 8000 detections.
pub const MAX_BYTES: usize = 4 << 20;

/// What the object `text` says, which must be all of it; `format` names the text in errors.
fn read<'a, T: Deserialize<'a>>(format: &'static str, text: &'a [u8]) -> Result<T> {
    if text.len() > MAX_BYTES {
        let reason = format!("it has {} bytes, must have at most {MAX_BYTES}", text.len());
        return Err(Error::Decode { format, offset: MAX_BYTES, reason });
    }
    let fault = |path: &str, error: &serde_json::Error| Error::Decode {
        format,
        offset: offset_of(text, error),
        reason: match (path, sentence(error)) {
            (".", sentence) => sentence,
            (path, sentence) => format!("{}: {sentence}", shortened(path)),
        },
    };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let Object(value) = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| fault(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| fault(".", &error))?;
    Ok(value)
}

/// The parser's sentence, what it quotes of the text shortened: it does so in one pair of quotes and
/// goes on with what was expected, which are our words.
fn sentence(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    let (said, expected) = sentence.split_at(sentence.rfind(", expected ").unwrap_or(0));
    let Some((before, quote)) = said.find(['"', '`']).map(|begin| said.split_at(begin)) else {
        return sentence;
    };
    format!("{before}{}{expected}", shortened(quote))
}

/// The byte of a line and a column that count from 1.
fn offset_of(text: &[u8], error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
}

/// Append `value` to `out`; nothing is appended on an error.
fn write<T: serde::Serialize>(format: &'static str, value: &T, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    serde_json::to_writer(&mut *out, value).map_err(|error| {
        out.truncate(start);
        unwritten(format, &error)
    })
}

fn unwritten(format: &'static str, error: &serde_json::Error) -> Error {
    Error::Decode { format, offset: 0, reason: format!("it cannot be written: {error}") }
}

#[cfg(test)]
mod tests;
