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

/// A block whose rest cannot be read.
struct Lost {
    fault: Fault,
    /// Start of the record that cannot be cut.
    unread_from: usize,
    /// Start of the first record that makes no sense: from there the length may be wrong.
    doubt_from: usize,
}

impl Reader<'_> {
    /// Read the data blocks of `range`, which must hold nothing else.
    pub(super) fn read_blocks(&mut self, range: Range<usize>) -> Result<()> {
        let Range { start: mut at, end } = range;
        while at < end {
            let lost = match header(self.bytes, at, end) {
                Ok(block) => match self.read_block(&block)? {
                    None => {
                        at = block.records.end;
                        continue;
                    }
                    Some(lost) => lost,
                },
                Err(fault) => Lost { fault, unread_from: at, doubt_from: at + 1 },
            };
            self.refuse(lost.fault)?;
            at = resume(self.bytes, at, lost.doubt_from, end);
            self.recording.tally.unread_bytes += at.saturating_sub(lost.unread_from) as u64;
        }
        Ok(())
    }

    /// Read the records of one block up to the first whose end cannot be found. A record that
    /// makes no sense does not hide those behind it.
    fn read_block(&mut self, block: &Block) -> Result<Option<Lost>> {
        let Some(profile) = profile(block.category) else {
            self.recording.tally.other_blocks += 1;
            return Ok(None);
        };
        self.recording.tally.blocks += 1;
        let mut at = block.records.start;
        let mut doubt = None;
        while at < block.records.end {
            let record = match Record::cut(profile, &self.bytes[at..block.records.end], at) {
                Ok(record) => record,
                Err(fault) => {
                    let doubt_from = doubt.unwrap_or(at);
                    return Ok(Some(Lost { fault, unread_from: at, doubt_from }));
                }
            };
            self.recording.tally.records += 1;
            if let Err(fault) = self.read_record(profile, &record) {
                doubt.get_or_insert(at);
                self.refuse(fault)?;
            }
            at += record.length;
        }
        Ok(None)
    }

    fn read_record(
        &mut self,
        profile: &Profile,
        record: &Record<'_>,
    ) -> std::result::Result<(), Fault> {
        if profile.category == CAT048.category {
            return self.read_plot(record);
        }
        self.recording.services.push(service::read(record, &mut self.clock)?);
        Ok(())
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
/// is wrong, and the next byte behind `doubt_from` where a block stands is searched.
fn resume(bytes: &[u8], at: usize, doubt_from: usize, end: usize) -> usize {
    if let Ok(block) = header(bytes, at, end)
        && begins_block(bytes, block.records.end, end)
    {
        return block.records.end;
    }
    (doubt_from..end).find(|&next| holds_block(bytes, next, end)).unwrap_or(end)
}

/// True at the end of the input and where the header of a known category stands.
fn begins_block(bytes: &[u8], at: usize, end: usize) -> bool {
    at == end || header(bytes, at, end).is_ok_and(|block| profile(block.category).is_some())
}

/// True where a block of a known category stands whose first record can be cut and which another
/// block follows. Chance agreement of so much is rare, and the cost of a test is bounded by one
/// record.
fn holds_block(bytes: &[u8], at: usize, end: usize) -> bool {
    let Ok(block) = header(bytes, at, end) else { return false };
    let Some(profile) = profile(block.category) else { return false };
    Record::cut(profile, &bytes[block.records.clone()], block.records.start).is_ok()
        && begins_block(bytes, block.records.end, end)
}

const fn profile(category: u8) -> Option<&'static Profile> {
    match category {
        48 => Some(&CAT048),
        34 => Some(&CAT034),
        _ => None,
    }
}
