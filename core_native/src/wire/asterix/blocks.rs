//! Data blocks: category, length, records.

use std::ops::Range;

use super::Reader;
use super::fault::{Fault, Reason};
use super::plot::{self, Report};
use super::record::Record;
use super::service;
use super::uap::{CAT034, CAT048, Profile};
use crate::error::Result;

const FORMAT: &str = "ASTERIX";
/// Category and length.
const HEADER_SIZE: usize = 3;

struct Block {
    category: u8,
    /// The bytes of the records.
    records: Range<usize>,
}

impl Reader<'_> {
    /// Read the data blocks of `range`, which must hold nothing else.
    pub(super) fn read_blocks(&mut self, range: Range<usize>) -> Result<()> {
        let Range { start: mut at, end } = range;
        while at < end {
            let fault = match header(self.bytes, at, end) {
                Ok(block) => match self.read_block(&block)? {
                    None => {
                        at = block.records.end;
                        continue;
                    }
                    Some(fault) => fault,
                },
                Err(fault) => fault,
            };
            self.refuse(fault)?;
            let next = resume(self.bytes, at, end);
            self.recording.tally.unread_bytes += (next - fault.offset.min(next)) as u64;
            at = next;
        }
        Ok(())
    }

    /// Read the records of one block up to the first whose end cannot be found.
    fn read_block(&mut self, block: &Block) -> Result<Option<Fault>> {
        let profile = match block.category {
            48 => &CAT048,
            34 => &CAT034,
            _ => {
                self.recording.tally.other_blocks += 1;
                return Ok(None);
            }
        };
        self.recording.tally.blocks += 1;
        let mut at = block.records.start;
        while at < block.records.end {
            let record = match Record::cut(profile, &self.bytes[at..block.records.end], at) {
                Ok(record) => record,
                Err(fault) => return Ok(Some(fault)),
            };
            at += record.length;
            self.read_record(profile, &record)?;
        }
        Ok(None)
    }

    /// A record that makes no sense does not hide those behind it.
    fn read_record(&mut self, profile: &Profile, record: &Record<'_>) -> Result<()> {
        self.recording.tally.records += 1;
        let read = if profile.category == CAT048.category {
            self.read_plot(record)
        } else {
            service::read(record, &mut self.clock)
                .map(|message| self.recording.services.push(message))
        };
        read.or_else(|fault| self.refuse(fault))
    }

    fn read_plot(&mut self, record: &Record<'_>) -> std::result::Result<(), Fault> {
        let options = &self.options;
        match plot::read(record, &mut self.clock, &options.accuracy, options.doppler)? {
            Report::Plot(detection, detail) => {
                self.recording.plots.push(detection);
                self.recording.details.push(detail);
            }
            Report::NoDetection => self.recording.tally.records_without_detection += 1,
            Report::NoPosition => self.recording.tally.records_without_position += 1,
        }
        Ok(())
    }
}

fn header(bytes: &[u8], at: usize, end: usize) -> std::result::Result<Block, Fault> {
    let left = end - at;
    let fault = |reason| Err(Fault { format: FORMAT, offset: at, reason });
    let Some(&[category, high, low]) = bytes.get(at..end.min(at + HEADER_SIZE)) else {
        return fault(Reason::CutShort { what: "data block header", needed: HEADER_SIZE, left });
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (what, least) = ("data block", HEADER_SIZE + 1);
    if length < least || length > left {
        return fault(Reason::Length { what, value: length, least, most: left });
    }
    Ok(Block { category, records: at + HEADER_SIZE..at + length })
}

/// Where reading goes on after the block at `at` was refused.
///
/// Its length is trusted if a block begins where it ends. If not, the length itself may be what
/// is wrong, and the next byte from which a block can be read is searched.
fn resume(bytes: &[u8], at: usize, end: usize) -> usize {
    if let Ok(block) = header(bytes, at, end)
        && begins_block(bytes, block.records.end, end)
    {
        return block.records.end;
    }
    (at + 1..end).find(|&next| holds_block(bytes, next, end)).unwrap_or(end)
}

/// True at the end of the input and where the header of a known category stands.
fn begins_block(bytes: &[u8], at: usize, end: usize) -> bool {
    at == end || header(bytes, at, end).is_ok_and(|block| matches!(block.category, 34 | 48))
}

/// True where a block of a known category stands whose first record can be cut and which another
/// block follows. Chance agreement of so much is rare, and the cost of a test is bounded by one
/// record.
fn holds_block(bytes: &[u8], at: usize, end: usize) -> bool {
    let Ok(block) = header(bytes, at, end) else { return false };
    let profile = match block.category {
        48 => &CAT048,
        34 => &CAT034,
        _ => return false,
    };
    Record::cut(profile, &bytes[block.records.clone()], block.records.start).is_ok()
        && begins_block(bytes, block.records.end, end)
}
