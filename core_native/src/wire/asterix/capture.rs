//! Network captures: classic pcap and pcapng.
//!
//! Formats by the drafts `draft-ietf-opsawg-pcap` and `draft-ietf-opsawg-pcapng`. Only the packets
//! are used, not their times: ASTERIX carries its own.

use std::ops::Range;
use std::str::FromStr;

use super::Reader;
use super::datagram::{self, LinkType};
use super::fault::{Fault, Reason};
use crate::error::{Error, Result};

/// What the bytes of a recording are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// ASTERIX data blocks one after the other (`.ast`, `.raw`).
    Blocks,
    /// A classic pcap capture.
    Pcap,
    /// A pcapng capture.
    PcapNg,
}

impl Container {
    /// What the first four bytes say; anything that is no capture is taken for data blocks.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes.first_chunk() {
            Some(&magic) if PcapHeader::of(magic).is_some() => Self::Pcap,
            Some(&SECTION_HEADER_BYTES) => Self::PcapNg,
            _ => Self::Blocks,
        }
    }
}

impl FromStr for Container {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "blocks" => Ok(Self::Blocks),
            "pcap" => Ok(Self::Pcap),
            "pcapng" => Ok(Self::PcapNg),
            _ => Err(Error::Setting {
                setting: "format".into(),
                value: name.into(),
                limit: "one of blocks, pcap, pcapng".into(),
                remedy: "leave it unset to tell it from the first bytes".into(),
            }),
        }
    }
}

/// A captured packet: its link type and its bytes.
type Packet = (LinkType, Range<usize>);

impl Reader<'_> {
    /// Read the UDP datagrams of a capture; each holds whole data blocks.
    pub(super) fn read_capture(&mut self, container: Container) -> Result<()> {
        let mut at = 0;
        let mut state = match container {
            Container::PcapNg => State::Ng(Section::default()),
            _ => State::Classic(PcapHeader::read(self.bytes, &mut at)?),
        };
        while at < self.bytes.len() {
            let before = at;
            let found = match &mut state {
                State::Classic(header) => header.next(self.bytes, &mut at),
                State::Ng(section) => section.next(self.bytes, &mut at),
            };
            match found {
                Ok(Some(packet)) => self.read_packet(packet)?,
                Ok(None) => {}
                // Where this packet ends is unknown, so nothing behind it can be found.
                Err(fault) if at == before => {
                    self.recording.tally.unread_bytes += (self.bytes.len() - at) as u64;
                    return self.refuse(fault);
                }
                Err(fault) => self.refuse(fault)?,
            }
        }
        Ok(())
    }

    fn read_packet(&mut self, (link, range): Packet) -> Result<()> {
        let wanted = self.options.udp_port;
        match datagram::find(self.bytes, link, range) {
            Ok(Some(datagram)) if wanted.is_none_or(|port| port == datagram.port) => {
                self.recording.tally.packets += 1;
                self.read_blocks(datagram.payload)
            }
            Ok(_) => {
                self.recording.tally.other_packets += 1;
                Ok(())
            }
            Err(fault) => self.refuse(fault),
        }
    }
}

enum State {
    Classic(PcapHeader),
    Ng(Section),
}

#[derive(Clone, Copy, Default)]
enum ByteOrder {
    #[default]
    Little,
    Big,
}

impl ByteOrder {
    fn u16(self, octets: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(octets),
            Self::Big => u16::from_be_bytes(octets),
        }
    }

    fn u32(self, octets: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        }
    }
}

fn take<const N: usize>(
    bytes: &[u8],
    at: usize,
    format: &'static str,
    what: &'static str,
) -> std::result::Result<[u8; N], Fault> {
    let left = bytes.len().saturating_sub(at);
    bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().ok_or(Fault {
        format,
        offset: at,
        reason: Reason::CutShort { what, needed: N, left },
    })
}

fn link_type(number: u32, format: &'static str, at: usize) -> std::result::Result<LinkType, Fault> {
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

/// Header of a classic pcap file.
struct PcapHeader {
    order: ByteOrder,
    link: LinkType,
}

impl PcapHeader {
    /// Byte order by the magic number, for times in microseconds and in nanoseconds.
    fn of(magic: [u8; 4]) -> Option<ByteOrder> {
        match magic {
            [0xD4, 0xC3, 0xB2, 0xA1] | [0x4D, 0x3C, 0xB2, 0xA1] => Some(ByteOrder::Little),
            [0xA1, 0xB2, 0xC3, 0xD4] | [0xA1, 0xB2, 0x3C, 0x4D] => Some(ByteOrder::Big),
            _ => None,
        }
    }

    fn read(bytes: &[u8], at: &mut usize) -> std::result::Result<Self, Fault> {
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

    fn next(&self, bytes: &[u8], at: &mut usize) -> std::result::Result<Option<Packet>, Fault> {
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

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const SECTION_HEADER_BYTES: [u8; 4] = SECTION_HEADER.to_be_bytes();
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Type, total length and total length again.
const NG_FRAME_SIZE: usize = 12;

/// One section of a pcapng file: its byte order and interfaces.
#[derive(Default)]
struct Section {
    order: ByteOrder,
    links: Vec<u32>,
}

impl Section {
    fn next(&mut self, bytes: &[u8], at: &mut usize) -> std::result::Result<Option<Packet>, Fault> {
        let fault = |offset, reason| Fault { format: "pcapng", offset, reason };
        let offset = *at;
        if take(bytes, offset, "pcapng", "block header")? == SECTION_HEADER_BYTES {
            self.begin(bytes, offset)?;
        } else if offset == 0 {
            return Err(fault(0, Reason::Missing("section header block")));
        }
        let header: [u8; 8] = take(bytes, offset, "pcapng", "block header")?;
        let kind = self.order.u32([header[0], header[1], header[2], header[3]]);
        let size = self.order.u32([header[4], header[5], header[6], header[7]]) as usize;
        let most = bytes.len() - offset;
        if size < NG_FRAME_SIZE || size > most || !size.is_multiple_of(4) {
            let (what, least) = ("block (a multiple of 4)", NG_FRAME_SIZE);
            return Err(fault(offset, Reason::Length { what, value: size, least, most }));
        }
        let body = offset + 8..offset + size - 4;
        *at = offset + size;
        self.read(bytes, kind, body)
    }

    /// A section header tells the byte order and forgets the interfaces of the section before.
    fn begin(&mut self, bytes: &[u8], offset: usize) -> std::result::Result<(), Fault> {
        let header: [u8; 12] = take(bytes, offset, "pcapng", "section header")?;
        self.order = match [header[8], header[9], header[10], header[11]] {
            [0x4D, 0x3C, 0x2B, 0x1A] => ByteOrder::Little,
            [0x1A, 0x2B, 0x3C, 0x4D] => ByteOrder::Big,
            magic => {
                let value = u64::from(u32::from_be_bytes(magic));
                let (what, expected) = ("byte-order magic", "1a2b3c4d in either byte order");
                let reason = Reason::Unknown { what, value, expected };
                return Err(Fault { format: "pcapng", offset: offset + 8, reason });
            }
        };
        self.links.clear();
        Ok(())
    }

    fn read(
        &mut self,
        bytes: &[u8],
        kind: u32,
        body: Range<usize>,
    ) -> std::result::Result<Option<Packet>, Fault> {
        let cut = &bytes[..body.end];
        match kind {
            INTERFACE_DESCRIPTION => {
                let link = take(cut, body.start, "pcapng", "interface description")?;
                self.links.push(u32::from(self.order.u16(link)));
                Ok(None)
            }
            ENHANCED_PACKET => {
                let header: [u8; 20] = take(cut, body.start, "pcapng", "enhanced packet")?;
                let word = |k: usize| {
                    self.order.u32([header[k], header[k + 1], header[k + 2], header[k + 3]])
                };
                self.packet(word(0), word(12) as usize, body.start + 20..body.end).map(Some)
            }
            SIMPLE_PACKET => {
                let size: [u8; 4] = take(cut, body.start, "pcapng", "simple packet")?;
                let range = body.start + 4..body.end;
                // It may have been cut to the interface's limit, so the block's size counts too.
                let size = (self.order.u32(size) as usize).min(range.len());
                self.packet(0, size, range).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn packet(
        &self,
        interface: u32,
        size: usize,
        range: Range<usize>,
    ) -> std::result::Result<Packet, Fault> {
        let fault = |reason| Fault { format: "pcapng", offset: range.start, reason };
        if size > range.len() {
            let (what, most) = ("captured packet", range.len());
            return Err(fault(Reason::Length { what, value: size, least: 0, most }));
        }
        let Some(&number) = self.links.get(interface as usize) else {
            let (value, expected) = (u64::from(interface), "none such is described before");
            return Err(fault(Reason::Unknown { what: "interface", value, expected }));
        };
        let link = link_type(number, "pcapng", range.start)?;
        Ok((link, range.start..range.start + size))
    }
}
