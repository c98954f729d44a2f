//! Frames and tracks to bytes and back: packed columns for the bus, row messages for gRPC, the
//! original's JSON for its consumers, ASTERIX from real radars.
//!
//! The protobuf messages are those of `protos/`. Encoding is deterministic: fields in order of
//! number, one quiet NaN, the same bytes on every machine. Decoding never panics, allocates at most
//! in proportion to the input and checks what it read: protobuf alone accepts most damage.

pub mod asterix;
pub mod checksum;
mod columns;
mod detection_block;
mod detection_columns;
mod detection_rows;
pub mod frame_columns;
pub mod guard_message;
pub mod json;
mod plain_detections;
pub mod protobuf;
pub mod registration_message;
pub mod rows;
#[cfg(test)]
pub(crate) mod test_random;
pub mod track_columns;
pub mod track_limits;
pub mod tracks_message;

use crate::error::Result;
use protobuf::Reader;

/// Read the first field, which must be the `schema_version` that the caller knows.
fn schema_version(reader: &mut Reader<'_>, known: u64) -> Result<()> {
    let field = reader.next_field()?;
    let Some(field) = field.filter(|field| field.number == 1) else {
        return Err(reader.error("schema_version must come first"));
    };
    let version = field.varint("schema_version")?;
    if version == known {
        return Ok(());
    }
    let reason = format!("schema_version is {version}, must be {known}: update the older side");
    Err(field.error(reason))
}
