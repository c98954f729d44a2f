//! pcapng files: `draft-ietf-opsawg-pcapng`. Enhanced and simple packet blocks are read, all
//! other blocks are passed over.

use std::ops::Range;

use super::capture::Packet;
use super::capture_fields::{ByteOrder, link_type, take};
use super::fault::{Fault, Reason};

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
/// The first four bytes of a file.
pub const SECTION_HEADER_BYTES: [u8; 4] = SECTION_HEADER.to_be_bytes();
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Type, total length and total length again.
const NG_FRAME_SIZE: usize = 12;

/// One section of a pcapng file: its byte order and interfaces.
#[derive(Default)]
pub struct Section {
    order: ByteOrder,
    links: Vec<u32>,
}

impl Section {
    /// Step over one block; a packet if it holds one.
    pub fn next(&mut self, bytes: &[u8], at: &mut usize) -> Result<Option<Packet>, Fault> {
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
    fn begin(&mut self, bytes: &[u8], offset: usize) -> Result<(), Fault> {
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
    ) -> Result<Option<Packet>, Fault> {
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

    fn packet(&self, interface: u32, size: usize, range: Range<usize>) -> Result<Packet, Fault> {
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
