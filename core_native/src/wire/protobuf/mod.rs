//! Just enough of the protobuf wire format: bounded, without allocation, without reflection.

mod reader;
#[cfg(test)]
mod reader_tests;
mod writer;

pub use reader::{Field, Reader, Value, once, required};
pub use writer::{
    Message, Room, Sink, Size, append_message, put_bytes, put_double, put_doubles, put_fixed64,
    put_float, put_length, put_message, put_tag, put_uint, put_varint,
};

/// How a field's value is laid out; the low three bits of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum WireType {
    /// Variable-length integer.
    Varint = 0,
    /// Eight bytes, little-endian.
    Fixed64 = 1,
    /// A length and that many bytes.
    Bytes = 2,
    /// Four bytes, little-endian.
    Fixed32 = 5,
}
