//! Writing fields. Callers write them in order of number, which makes the bytes canonical.

use super::WireType;

/// Where bytes go: a [`Room`], or a [`Size`] that only counts them.
pub trait Sink {
    /// Append `bytes`.
    fn put(&mut self, bytes: &[u8]);
}

/// Counts the bytes that a message will take.
#[derive(Debug, Default)]
pub struct Size(pub usize);

impl Sink for Size {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

/// A piece of memory that is filled from its start. What does not fit is left out; a caller that
/// has counted with [`Size`] gives enough.
#[derive(Debug)]
pub struct Room<'a>(pub &'a mut [u8]);

impl<'a> Room<'a> {
    /// The next `length` bytes, for the caller to fill.
    pub fn take(&mut self, length: usize) -> &'a mut [u8] {
        let room = std::mem::take(&mut self.0);
        let (taken, rest) = room.split_at_mut(length.min(room.len()));
        self.0 = rest;
        taken
    }
}

impl Sink for Room<'_> {
    fn put(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.take(bytes.len()).iter_mut().zip(bytes) {
            *slot = *byte;
        }
    }
}

/// Write a varint.
pub fn put_varint(out: &mut impl Sink, mut value: u64) {
    let mut bytes = [0; 10];
    let mut length = 0;
    while value >= 0x80 {
        bytes[length] = value as u8 | 0x80;
        value >>= 7;
        length += 1;
    }
    bytes[length] = value as u8;
    out.put(&bytes[..=length]);
}

/// Write a field's tag.
pub fn put_tag(out: &mut impl Sink, number: u32, wire_type: WireType) {
    put_varint(out, u64::from(number) << 3 | wire_type as u64);
}

/// Write a varint field.
pub fn put_uint(out: &mut impl Sink, number: u32, value: u64) {
    put_tag(out, number, WireType::Varint);
    put_varint(out, value);
}

/// Write an eight-byte field.
pub fn put_fixed64(out: &mut impl Sink, number: u32, bytes: [u8; 8]) {
    put_tag(out, number, WireType::Fixed64);
    out.put(&bytes);
}

/// Write a double.
pub fn put_double(out: &mut impl Sink, number: u32, value: f64) {
    put_fixed64(out, number, value.to_le_bytes());
}

/// Write a float.
pub fn put_float(out: &mut impl Sink, number: u32, value: f32) {
    put_tag(out, number, WireType::Fixed32);
    out.put(&value.to_le_bytes());
}

/// Write the tag and length of a length-delimited field whose `length` bytes follow.
pub fn put_length(out: &mut impl Sink, number: u32, length: usize) {
    put_tag(out, number, WireType::Bytes);
    put_varint(out, length as u64);
}

/// Write a bytes, string or message field.
pub fn put_bytes(out: &mut impl Sink, number: u32, bytes: &[u8]) {
    put_length(out, number, bytes.len());
    out.put(bytes);
}

/// Write a packed column of doubles.
pub fn put_doubles(out: &mut impl Sink, number: u32, values: &[f64]) {
    put_length(out, number, 8 * values.len());
    for value in values {
        out.put(&value.to_le_bytes());
    }
}

/// Write a message field whose fields `write` writes; it is called twice, first to count.
pub fn put_message<S: Sink>(out: &mut S, number: u32, message: &impl Message) {
    let mut size = Size::default();
    message.put_fields(&mut size);
    put_length(out, number, size.0);
    message.put_fields(out);
}

/// A message that writes its own fields, the same each time.
pub trait Message {
    /// Write every field in order of number.
    fn put_fields(&self, out: &mut impl Sink);
}

/// Append the bytes of `message` to `out`.
pub fn append_message(out: &mut Vec<u8>, message: &impl Message) {
    let mut size = Size::default();
    message.put_fields(&mut size);
    let start = out.len();
    out.resize(start + size.0, 0);
    message.put_fields(&mut Room(&mut out[start..]));
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Example;

    impl Message for Example {
        fn put_fields(&self, out: &mut impl Sink) {
            put_uint(out, 1, 150);
            put_bytes(out, 2, b"testing");
            put_doubles(out, 300, &[1.0, 2.0]);
        }
    }

    #[test]
    fn fields_are_as_the_protobuf_documentation_shows() {
        let mut out = vec![9];
        append_message(&mut out, &Example);
        assert_eq!(&out[..4], [9, 0x08, 0x96, 0x01]);
        assert_eq!(&out[4..13], b"\x12\x07testing");
        assert_eq!(&out[13..16], [0xe2, 0x12, 16]);
        assert_eq!(out.len(), 16 + 16);
    }

    #[test]
    fn varints_of_every_length() {
        for (value, length) in [(0, 1), (127, 1), (128, 2), (16_384, 3), (u64::MAX, 10)] {
            let mut size = Size::default();
            put_varint(&mut size, value);
            assert_eq!(size.0, length, "{value}");
        }
    }

    #[test]
    fn a_room_too_small_is_filled_and_not_left() {
        let mut bytes = [0; 3];
        Example.put_fields(&mut Room(&mut bytes));
        assert_eq!(bytes, [0x08, 0x96, 0x01]);
    }
}
