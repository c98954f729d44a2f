use super::reader::*;
use crate::error::Result;

fn first(bytes: &[u8]) -> Result<Option<Field<'_>>> {
    Reader::new("Test", bytes).next_field()
}

fn reason_of(bytes: &[u8]) -> String {
    first(bytes).unwrap_err().to_string()
}

#[test]
fn values_come_back() {
    assert_eq!(first(&[0x08, 0x96, 0x01]).unwrap().unwrap().value, Value::Varint(150));
    let field = first(&[0x12, 2, b'h', b'i']).unwrap().unwrap();
    assert_eq!((field.number, field.offset, field.text("name")), (2, 2, Ok("hi")));
    let largest = [&[0x08][..], &[0xff; 9], &[1]].concat();
    assert_eq!(first(&largest).unwrap().unwrap().value, Value::Varint(u64::MAX));
    assert!(first(&[]).unwrap().is_none());
}

#[test]
fn lengths_are_checked_before_use() {
    assert_eq!(reason_of(&[0x12, 9, 1]), "Test: at byte 2: 9 bytes announced, 1 left");
    let huge = [&[0x12][..], &[0xff; 9], &[1]].concat();
    assert!(reason_of(&huge).ends_with("18446744073709551615 bytes announced, 0 left"));
    assert_eq!(reason_of(&[0x09, 1, 2]), "Test: at byte 1: 8 bytes announced, 2 left");
    assert_eq!(reason_of(&[0x0d, 1, 2]), "Test: at byte 1: 4 bytes announced, 2 left");
}

#[test]
fn damage_is_named() {
    assert_eq!(reason_of(&[0x08, 0x80]), "Test: at byte 1: ends inside a varint");
    let long = [&[0x08][..], &[0xff; 9], &[2]].concat();
    assert_eq!(reason_of(&long), "Test: at byte 1: varint over 64 bits");
    assert!(reason_of(&[0x00]).contains("field number 0"));
    assert!(reason_of(&[0x0e]).contains("wire type 6"));
    assert!(reason_of(&[0x0c]).contains("wire type 4"));
}

#[test]
fn groups_are_skipped_and_their_nesting_bounded() {
    let mut nested = vec![0x0b, 0x13, 0x08, 5, 0x14, 0x0c]; // group 1 { group 2 { 1: 5 } }
    nested.extend([0x08, 7]);
    assert_eq!(first(&nested).unwrap().unwrap().value, Value::Varint(7));
    assert!(reason_of(&[0x0b; 40]).contains("nest deeper than 16"));
    assert!(reason_of(&[0x0b, 0x14]).contains("group 2 ends"));
    assert!(reason_of(&[0x0b, 0x08]).contains("ends inside a varint"));
}
