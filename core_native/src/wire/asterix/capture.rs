//! Network captures: classic pcap and pcapng.
//!
//! Only the packets are used, not their times: ASTERIX carries its own.

use std::ops::Range;
use std::str::FromStr;

use super::Reader;
use super::datagram::{self, LinkType};
use super::pcap::PcapHeader;
use super::pcapng::{SECTION_HEADER_BYTES, Section};
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
pub type Packet = (LinkType, Range<usize>);

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
