//! Reading fields: every length is checked against what is left before it is used.

use super::WireType;
use crate::error::{Error, Result};

/// Deepest nesting of groups that is skipped; ours have none.
const MAX_GROUP_DEPTH: usize = 16;
/// Largest field number of protobuf.
const MAX_FIELD_NUMBER: u64 = (1 << 29) - 1;
const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;

/// The value of a field, still as bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A varint.
    Varint(u64),
    /// Eight bytes, little-endian.
    Fixed64(u64),
    /// Length-delimited bytes.
    Bytes(&'a [u8]),
    /// Four bytes, little-endian.
    Fixed32(u32),
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    format: &'static str,
    /// Field number.
    pub number: u32,
    /// Where its value starts in the input.
    pub offset: usize,
    /// Its value.
    pub value: Value<'a>,
}

impl<'a> Field<'a> {
    /// The value of a varint field.
    pub fn varint(&self, name: &str) -> Result<u64> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(self.wrong_type(name, "a varint")),
        }
    }

    /// The value of a bool field.
    pub fn truth(&self, name: &str) -> Result<bool> {
        match self.varint(name)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.error(format!("{name} is {other}, must be 0 (false) or 1 (true)"))),
        }
    }

    /// The value of a fixed64 field.
    pub fn fixed64(&self, name: &str) -> Result<u64> {
        match self.value {
            Value::Fixed64(bits) => Ok(bits),
            _ => Err(self.wrong_type(name, "eight bytes")),
        }
    }

    /// The value of a double field.
    pub fn double(&self, name: &str) -> Result<f64> {
        self.fixed64(name).map(f64::from_bits)
    }

    /// The value of a float field.
    pub fn float(&self, name: &str) -> Result<f32> {
        match self.value {
            Value::Fixed32(bits) => Ok(f32::from_bits(bits)),
            _ => Err(self.wrong_type(name, "four bytes")),
        }
    }

    /// The value of a bytes, string or message field, or of a packed column.
    pub fn bytes(&self, name: &str) -> Result<&'a [u8]> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.wrong_type(name, "a length and bytes (packed)")),
        }
    }

    /// As [`Self::bytes`], of exactly `N` bytes.
    pub fn array<const N: usize>(&self, name: &str) -> Result<[u8; N]> {
        let bytes = self.bytes(name)?;
        bytes
            .try_into()
            .map_err(|_| self.error(format!("{name} has {} bytes, must have {N}", bytes.len())))
    }

    /// `N` packed doubles.
    pub fn doubles<const N: usize>(&self, name: &str) -> Result<[f64; N]> {
        let bytes = self.bytes(name)?;
        let (values, rest) = bytes.as_chunks::<8>();
        let values: [[u8; 8]; N] = values.try_into().map_err(|_| {
            self.error(format!("{name} has {} bytes, must have {}", bytes.len(), 8 * N))
        })?;
        if !rest.is_empty() {
            return Err(self.error(format!(
                "{name} has {} bytes, must have {}",
                bytes.len(),
                8 * N
            )));
        }
        Ok(values.map(f64::from_le_bytes))
    }

    /// A string field.
    pub fn text(&self, name: &str) -> Result<&'a str> {
        std::str::from_utf8(self.bytes(name)?).map_err(|error| {
            let at = self.offset + error.valid_up_to();
            decode_error(self.format, at, format!("{name} is not UTF-8"))
        })
    }

    /// A reader of the message that this field holds.
    pub fn message(&self, name: &str) -> Result<Reader<'a>> {
        let bytes = self.bytes(name)?;
        Ok(Reader { format: self.format, base: self.offset, bytes, at: 0 })
    }

    /// An error at this field.
    pub fn error(&self, reason: String) -> Error {
        decode_error(self.format, self.offset, reason)
    }

    fn wrong_type(&self, name: &str, wanted: &str) -> Error {
        let found = match self.value {
            Value::Varint(_) => WireType::Varint,
            Value::Fixed64(_) => WireType::Fixed64,
            Value::Bytes(_) => WireType::Bytes,
            Value::Fixed32(_) => WireType::Fixed32,
        };
        self.error(format!("{name} has wire type {found:?}, must be {wanted}"))
    }
}

/// Walks the fields of one message.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    format: &'static str,
    /// Where `bytes` starts in the whole input.
    base: usize,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader of a whole payload; `format` names it in errors.
    pub const fn new(format: &'static str, bytes: &'a [u8]) -> Self {
        Self { format, base: 0, bytes, at: 0 }
    }

    /// Where the next field starts in the whole input.
    pub const fn offset(&self) -> usize {
        self.base + self.at
    }

    /// An error at the current position.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        decode_error(self.format, self.offset(), reason.into())
    }

    /// An error at `offset`.
    pub fn error_at(&self, offset: usize, reason: String) -> Error {
        decode_error(self.format, offset, reason)
    }

    /// The next field, `None` at the end. Groups, which no message of ours has, are skipped.
    #[inline(always)]
    pub fn next_field(&mut self) -> Result<Option<Field<'a>>> {
        while self.at < self.bytes.len() {
            let (number, wire_type) = self.tag()?;
            if wire_type == START_GROUP {
                self.skip_group(number)?;
                continue;
            }
            let (value, offset) = self.value(wire_type)?;
            return Ok(Some(Field { format: self.format, number, offset, value }));
        }
        Ok(None)
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u64)> {
        let start = self.at;
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > MAX_FIELD_NUMBER {
            self.at = start;
            return Err(self.error(format!("field number {number}, must be 1 to 536870911")));
        }
        Ok((number as u32, tag & 7))
    }

    #[inline]
    fn value(&mut self, wire_type: u64) -> Result<(Value<'a>, usize)> {
        let start = self.offset();
        match wire_type {
            0 => Ok((Value::Varint(self.varint()?), start)),
            1 => Ok((Value::Fixed64(u64::from_le_bytes(self.array()?)), start)),
            2 => {
                let length = self.varint()?;
                let start = self.offset();
                Ok((Value::Bytes(self.take(length)?), start))
            }
            5 => Ok((Value::Fixed32(u32::from_le_bytes(self.array()?)), start)),
            other => Err(self.error(format!("wire type {other}, must be 0, 1, 2 or 5"))),
        }
    }

    /// Skip to the end of the group that `number` began, and of the groups inside it.
    fn skip_group(&mut self, number: u32) -> Result<()> {
        let mut open = [number; MAX_GROUP_DEPTH];
        let mut depth = 1;
        while depth > 0 {
            let (number, wire_type) = self.tag()?;
            match wire_type {
                START_GROUP if depth == MAX_GROUP_DEPTH => {
                    return Err(self.error(format!("groups nest deeper than {MAX_GROUP_DEPTH}")));
                }
                START_GROUP => {
                    open[depth] = number;
                    depth += 1;
                }
                END_GROUP if open[depth - 1] == number => depth -= 1,
                END_GROUP => return Err(self.error(format!("group {number} ends, never began"))),
                _ => _ = self.value(wire_type)?,
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<u64> {
        match self.bytes.get(self.at) {
            // Most tags and many lengths have one byte.
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for (index, &byte) in self.bytes[self.at..].iter().take(10).enumerate() {
            // The tenth byte holds the one bit that is left of 64.
            if index == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.at += index + 1;
                return Ok(value);
            }
        }
        let cut_short = self.bytes.len() - self.at < 10;
        Err(self.error(if cut_short { "ends inside a varint" } else { "varint over 64 bits" }))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some(bytes) = self.bytes[self.at..].first_chunk::<N>() else {
            return Err(self.too_long(N as u64));
        };
        self.at += N;
        Ok(*bytes)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        let Some(taken) = taken else {
            return Err(self.too_long(length));
        };
        self.at += taken.len();
        Ok(taken)
    }

    fn too_long(&self, length: u64) -> Error {
        let left = self.bytes.len() - self.at;
        self.error(format!("{length} bytes announced, {left} left"))
    }
}

/// Keep the value of a field that may appear once.
pub fn once<T>(slot: &mut Option<T>, name: &str, field: &Field<'_>, value: T) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(field.error(format!("{name} appears twice")));
    }
    Ok(())
}

/// The value of a field that must appear in the message that `reader` has walked.
pub fn required<T>(slot: Option<T>, name: &str, reader: &Reader<'_>) -> Result<T> {
    slot.ok_or_else(|| reader.error(format!("{name} is missing")))
}

fn decode_error(format: &'static str, offset: usize, reason: String) -> Error {
    Error::Decode { format, offset, reason }
}
