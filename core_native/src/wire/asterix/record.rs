//! One ASTERIX record cut into its items.

use super::fault::{Fault, Reason};
use super::item_format::extended;
use super::uap::{MAX_ITEMS, Profile};

/// The bytes of each item of one record.
pub struct Record<'a> {
    items: [&'a [u8]; MAX_ITEMS],
    /// Byte of the input where the record starts.
    pub offset: usize,
    /// Bytes of the record, FSPEC included.
    pub length: usize,
}

impl<'a> Record<'a> {
    /// The record at the start of `rest`, which ends where the data block ends and starts at byte
    /// `offset` of the input.
    pub fn cut(profile: &Profile, rest: &'a [u8], offset: usize) -> Result<Self, Fault> {
        let fault = |at, reason| Fault { format: profile.name, offset: offset + at, reason };
        let mut at = extended(rest, "FSPEC").map_err(|reason| fault(0, reason))?;
        let mut items = [&rest[..0]; MAX_ITEMS];
        let mut announced = false;
        for (octet, flags) in rest.iter().take(at).enumerate() {
            let mut flags = flags & 0xFE;
            announced |= flags != 0;
            while flags != 0 {
                let bit = flags.leading_zeros() as usize;
                flags &= !(0x80 >> bit);
                let number = octet * 7 + bit;
                let Some(item) = profile.items.get(number) else {
                    let (number, most) = (number + 1, profile.items.len());
                    return Err(fault(octet, Reason::Undefined { what: "FSPEC", number, most }));
                };
                let tail = rest.get(at..).unwrap_or_default();
                let length =
                    item.format.length(tail, item.name).map_err(|reason| fault(at, reason))?;
                items[number] = &tail[..length];
                at += length;
            }
        }
        if !announced {
            return Err(fault(0, Reason::Empty("record")));
        }
        Ok(Self { items, offset, length: at })
    }

    /// Bytes of an item, by its index in the profile; empty where it is absent.
    #[inline]
    pub fn item(&self, index: usize) -> &'a [u8] {
        self.items[index]
    }

    /// An item of two octets.
    #[inline]
    pub fn u16(&self, index: usize) -> Option<u16> {
        Some(u16::from_be_bytes(self.item(index).try_into().ok()?))
    }

    /// An item of three octets.
    #[inline]
    pub fn u24(&self, index: usize) -> Option<u32> {
        let &[high, middle, low] = self.item(index) else { return None };
        Some(u32::from_be_bytes([0, high, middle, low]))
    }
}
