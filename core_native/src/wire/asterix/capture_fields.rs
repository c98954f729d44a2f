//! The fields of a capture's headers, in the byte order of the machine that made it.

use super::datagram::LinkType;
use super::fault::{Fault, Reason};

/// Order of the octets of a capture's numbers; that of the machine that made it.
#[derive(Clone, Copy, Default)]
pub enum ByteOrder {
    /// Least significant octet first.
    #[default]
    Little,
    /// Most significant octet first.
    Big,
}

impl ByteOrder {
    /// A number of two octets.
    pub fn u16(self, octets: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(octets),
            Self::Big => u16::from_be_bytes(octets),
        }
    }

    /// A number of four octets.
    pub fn u32(self, octets: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        }
    }
}

/// `N` octets at `at`.
pub fn take<const N: usize>(
    bytes: &[u8],
    at: usize,
    format: &'static str,
    what: &'static str,
) -> Result<[u8; N], Fault> {
    let left = bytes.len().saturating_sub(at);
    bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().ok_or(Fault {
        format,
        offset: at,
        reason: Reason::CutShort { what, needed: N, left },
    })
}

/// The link type with this number, which stands at `at`.
pub fn link_type(number: u32, format: &'static str, at: usize) -> Result<LinkType, Fault> {
    LinkType::of(number).ok_or(Fault {
        format,
        offset: at,
        reason: Reason::Unknown {
            what: "link type",
            value: u64::from(number),
            expected: "1 (Ethernet), 101 (raw IP), 113 or 276 (Linux cooked) can be read",
        },
    })
}
