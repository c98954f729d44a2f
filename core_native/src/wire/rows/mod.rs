//! The original's row messages `RadarFrame` and `RadarTrack`, for gRPC: one message per detection
//! or track, without what the original does not know (deviations, heights, own times, addresses).
//!
//! Our bytes are those of the protobuf library's deterministic serialisation. A sender that does
//! not know `optional` leaves out zeros; they are read as absent. Of a field that appears more than
//! once the last counts, as protobuf has it.

mod frame;
mod track;

pub use frame::{FRAME_FORMAT, FrameRows, decode_frame, encode_frame};
pub use track::{TRACK_FORMAT, decode_track, encode_track};

use super::protobuf::{Field, Message, Sink, put_bytes, put_double, put_uint, required};
use crate::error::Result;
use crate::frame::format_uuid;

/// The one version that this code writes and reads.
const SCHEMA_VERSION: u64 = 1;
const NS_PER_S: i64 = 1_000_000_000;

/// `qiki.common.UUID`.
struct UuidMessage([u8; 16]);

impl Message for UuidMessage {
    fn put_fields(&self, out: &mut impl Sink) {
        put_bytes(out, 1, format_uuid(&self.0).as_bytes());
    }
}

/// `google.protobuf.Timestamp` of a time in nanoseconds.
struct TimestampMessage(i64);

impl Message for TimestampMessage {
    fn put_fields(&self, out: &mut impl Sink) {
        // A negative second is written as 64 bits of two's complement.
        put_nonzero(out, 1, self.0.div_euclid(NS_PER_S) as u64);
        put_nonzero(out, 2, self.0.rem_euclid(NS_PER_S) as u64);
    }
}

/// Write a number or an enum as proto3 does: zero is left out.
fn put_nonzero(out: &mut impl Sink, number: u32, value: u64) {
    if value != 0 {
        put_uint(out, number, value);
    }
}

/// Write a double as proto3 does: positive zero is left out.
fn put_nonzero_double(out: &mut impl Sink, number: u32, value: f64) {
    if value.to_bits() != 0 {
        put_double(out, number, value);
    }
}

/// Write text padded with zero bytes, if there is any.
fn put_text(out: &mut impl Sink, number: u32, padded: &[u8; 32]) {
    let length = padded.iter().position(|&byte| byte == 0).unwrap_or(padded.len());
    if length > 0 {
        put_bytes(out, number, &padded[..length]);
    }
}

fn read_uuid(field: &Field<'_>, name: &str) -> Result<[u8; 16]> {
    let mut reader = field.message(name)?;
    let mut value = None;
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            value = Some(field.text(name)?);
        }
    }
    let text = required(value, name, &reader)?;
    let parsed = uuid::Uuid::try_parse(text).map(uuid::Uuid::into_bytes);
    parsed.map_err(|_| field.error(format!("{name} is {text:?}, must be a UUID")))
}

fn read_timestamp(field: &Field<'_>, name: &str) -> Result<i64> {
    let mut reader = field.message(name)?;
    let (mut seconds, mut nanos) = (0, 0);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => seconds = field.varint(name)? as i64,
            2 => nanos = field.varint(name)? as i64,
            _ => {}
        }
    }
    let time_ns = i128::from(seconds) * i128::from(NS_PER_S) + i128::from(nanos);
    match i64::try_from(time_ns) {
        Ok(time_ns) if (0..NS_PER_S).contains(&nanos) => Ok(time_ns),
        _ => Err(field.error(format!(
            "{name} is {seconds} s and {nanos} ns, must be 0 to 999999999 ns and fit 64 bits of ns"
        ))),
    }
}

/// A string as text padded with zero bytes.
fn read_text(field: &Field<'_>, name: &str) -> Result<[u8; 32]> {
    let text = field.text(name)?;
    let mut padded = [0; 32];
    let Some(room) = padded.get_mut(..text.len()) else {
        return Err(field.error(format!("{name} has {} bytes, must have at most 32", text.len())));
    };
    room.copy_from_slice(text.as_bytes());
    Ok(padded)
}

/// Refuse an `id_present` that says something else than the id.
fn check_id_present(id_present: Option<bool>, has_id: bool, row: &Field<'_>) -> Result<()> {
    match id_present {
        Some(said) if said != has_id => {
            let found = if has_id { "given" } else { "empty" };
            Err(row.error(format!("id_present is {said}, transponder_id is {found}")))
        }
        _ => Ok(()),
    }
}

/// An enum; a number past 255 stays past the limit of every enum.
fn read_code(field: &Field<'_>, name: &str) -> Result<u8> {
    Ok(field.varint(name)?.min(u64::from(u8::MAX)) as u8)
}

#[cfg(test)]
mod tests;
