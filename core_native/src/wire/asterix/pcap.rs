//! Classic pcap files: `draft-ietf-opsawg-pcap`.

use super::capture::Packet;
use super::capture_fields::{ByteOrder, link_type, take};
use super::datagram::LinkType;
use super::fault::{Fault, Reason};

/// Header of a classic pcap file.
pub struct PcapHeader {
    order: ByteOrder,
    link: LinkType,
}

impl PcapHeader {
    /// Byte order by the magic number, for times in microseconds and in nanoseconds.
    pub fn of(magic: [u8; 4]) -> Option<ByteOrder> {
        match magic {
            [0xD4, 0xC3, 0xB2, 0xA1] | [0x4D, 0x3C, 0xB2, 0xA1] => Some(ByteOrder::Little),
            [0xA1, 0xB2, 0xC3, 0xD4] | [0xA1, 0xB2, 0x3C, 0x4D] => Some(ByteOrder::Big),
            _ => None,
        }
    }

    /// Read the header at `at` and step over it.
    pub fn read(bytes: &[u8], at: &mut usize) -> Result<Self, Fault> {
        let header: [u8; 24] = take(bytes, *at, "pcap", "file header")?;
        let magic = [header[0], header[1], header[2], header[3]];
        let Some(order) = Self::of(magic) else {
            let value = u64::from(u32::from_be_bytes(magic));
            let (what, expected) = ("magic number", "a1b2c3d4 or a1b23c4d in either byte order");
            let reason = Reason::Unknown { what, value, expected };
            return Err(Fault { format: "pcap", offset: *at, reason });
        };
        // The upper bits tell of a frame check sequence, which stands behind the IP packet.
        let number = order.u32([header[20], header[21], header[22], header[23]]) & 0x0FFF_FFFF;
        let link = link_type(number, "pcap", *at + 20)?;
        *at += header.len();
        Ok(Self { order, link })
    }

    /// Step over one packet.
    pub fn next(&self, bytes: &[u8], at: &mut usize) -> Result<Option<Packet>, Fault> {
        let header: [u8; 16] = take(bytes, *at, "pcap", "packet header")?;
        let size = self.order.u32([header[8], header[9], header[10], header[11]]) as usize;
        let start = *at + header.len();
        let most = bytes.len() - start;
        if size > most {
            let reason = Reason::Length { what: "captured packet", value: size, least: 0, most };
            return Err(Fault { format: "pcap", offset: *at, reason });
        }
        *at = start + size;
        Ok(Some((self.link, start..start + size)))
    }
}
