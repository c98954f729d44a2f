//! The five ways in which ASTERIX lays out a data item, and how many bytes each takes.
//!
//! EUROCONTROL-SPEC-0149, "ASTERIX Part 1", section 4.3: fixed, extended, repetitive, compound
//! and explicit (the reserved expansion and special purpose fields).

use super::fault::Reason;

/// Octets of one chain of extension bits. The standard sets no limit; the longest item in use
/// (I048/020 of edition 1.32) has six, and a longer chain is rubbish read as an item.
pub const MAX_EXTENTS: usize = 32;

/// Layout of a data item.
#[derive(Clone, Copy, Debug)]
pub enum ItemFormat {
    /// Always this many bytes.
    Fixed(usize),
    /// Octets whose last bit (FX) says that another follows.
    Extended,
    /// One octet that counts the parts of this many bytes that follow.
    Repetitive(usize),
    /// Extended octets that say which subfields follow. No subfield is itself compound.
    Compound(&'static [Option<ItemFormat>]),
    /// One octet that counts the bytes of the whole item, itself included.
    Explicit,
}

impl ItemFormat {
    /// Bytes that the item named `what` takes at the start of `rest`, all of them inside it.
    ///
    /// Most items are fixed or have one octet; only the others are worth a call.
    #[inline(always)]
    pub fn length(self, rest: &[u8], what: &'static str) -> Result<usize, Reason> {
        match (self, rest) {
            (Self::Fixed(size), _) if size <= rest.len() => Ok(size),
            (Self::Extended, [octet, ..]) if octet & 1 == 0 => Ok(1),
            _ => self.any_length(rest, what),
        }
    }

    fn any_length(self, rest: &[u8], what: &'static str) -> Result<usize, Reason> {
        let needed = match self {
            Self::Fixed(size) => size,
            Self::Extended => extended(rest, what)?,
            Self::Repetitive(size) => 1 + size * usize::from(first(rest, what)?),
            Self::Compound(subfields) => return compound(subfields, rest, what),
            Self::Explicit => explicit(rest, what)?,
        };
        if needed > rest.len() {
            return Err(Reason::CutShort { what, needed, left: rest.len() });
        }
        Ok(needed)
    }
}

fn first(rest: &[u8], what: &'static str) -> Result<u8, Reason> {
    rest.first().copied().ok_or(Reason::CutShort { what, needed: 1, left: 0 })
}

/// Octets up to and including the first whose FX bit is clear.
pub fn extended(rest: &[u8], what: &'static str) -> Result<usize, Reason> {
    match rest.iter().take(MAX_EXTENTS).position(|octet| octet & 1 == 0) {
        Some(last) => Ok(last + 1),
        None if rest.len() >= MAX_EXTENTS => Err(Reason::Extended { what, most: MAX_EXTENTS }),
        None => Err(Reason::CutShort { what, needed: rest.len() + 1, left: rest.len() }),
    }
}

fn explicit(rest: &[u8], what: &'static str) -> Result<usize, Reason> {
    match usize::from(first(rest, what)?) {
        0 => Err(Reason::Length { what, value: 0, least: 1, most: rest.len().min(255) }),
        length => Ok(length),
    }
}

fn compound(
    subfields: &[Option<ItemFormat>],
    rest: &[u8],
    what: &'static str,
) -> Result<usize, Reason> {
    let mut length = extended(rest, what)?;
    for (octet, flags) in rest.iter().take(length).enumerate() {
        let mut flags = flags & 0xFE;
        while flags != 0 {
            let bit = flags.leading_zeros() as usize;
            flags &= !(0x80 >> bit);
            let number = octet * 7 + bit;
            let Some(Some(subfield)) = subfields.get(number) else {
                let most = subfields.len();
                return Err(Reason::Undefined { what, number: number + 1, most });
            };
            let tail = rest.get(length..).unwrap_or_default();
            length += subfield.length(tail, what)?;
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::ItemFormat::{Compound, Explicit, Extended, Fixed, Repetitive};
    use super::*;

    const TWO: ItemFormat = Compound(&[Some(Fixed(2)), None, Some(Repetitive(3))]);

    #[test]
    fn lengths_follow_the_bytes() {
        for (format, bytes, expected) in [
            (Fixed(3), &[9, 9, 9, 9][..], 3),
            (Extended, &[0x00, 0xFF], 1),
            (Extended, &[0x01, 0x03, 0xFE, 0xFF], 3),
            (Repetitive(2), &[0], 1),
            (Repetitive(2), &[2, 1, 1, 2, 2], 5),
            (Explicit, &[1], 1),
            (Explicit, &[4, 0, 0, 0], 4),
            (TWO, &[0x80, 1, 2], 3),
            (TWO, &[0xA0, 1, 2, 1, 7, 7, 7], 7),
            (TWO, &[0x01, 0x00], 2),
        ] {
            assert_eq!(format.length(bytes, "item"), Ok(expected), "{format:?} {bytes:?}");
        }
    }

    #[test]
    fn every_shorter_input_is_refused() {
        for (format, bytes) in [
            (Fixed(3), &[9, 9, 9][..]),
            (Extended, &[0x01, 0x03, 0xFE]),
            (Repetitive(2), &[2, 1, 1, 2, 2]),
            (Explicit, &[4, 0, 0, 0]),
            (TWO, &[0xA0, 1, 2, 1, 7, 7, 7]),
        ] {
            for length in 0..bytes.len() {
                let refused = format.length(&bytes[..length], "item");
                assert!(matches!(refused, Err(Reason::CutShort { .. })), "{refused:?}");
            }
        }
    }

    #[test]
    fn impossible_items_are_refused_by_name() {
        let most = 1;
        assert_eq!(
            Explicit.length(&[0], "RE"),
            Err(Reason::Length { what: "RE", value: 0, least: 1, most })
        );
        assert_eq!(
            TWO.length(&[0x40, 0, 0], "item"),
            Err(Reason::Undefined { what: "item", number: 2, most: 3 })
        );
        assert_eq!(
            Extended.length(&[1; 100], "item"),
            Err(Reason::Extended { what: "item", most: MAX_EXTENTS })
        );
    }
}
