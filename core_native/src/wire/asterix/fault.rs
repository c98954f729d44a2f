//! What is wrong with bytes that cannot be read, and where.

use thiserror::Error as ThisError;

use crate::error::Error;

/// Faults listed at most; all are counted.
pub const LISTED_FAULTS: usize = 1000;

/// Why bytes are refused. Small and `Copy`, so that a stream of rubbish costs no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum Reason {
    /// Fewer bytes than a header takes.
    #[error("{what} takes {needed} bytes, {left} are left")]
    CutShort {
        /// What was being read, as `I048/130`.
        what: &'static str,
        /// Bytes it takes.
        needed: usize,
        /// Bytes left before the end of what holds it.
        left: usize,
    },
    /// A length field that contradicts what holds it.
    #[error("length of {what} is {value}, must be {least} to {most}")]
    Length {
        /// Whose length.
        what: &'static str,
        /// The value given.
        value: usize,
        /// Least that is possible.
        least: usize,
        /// Most that fits.
        most: usize,
    },
    /// A chain of extension bits without end.
    #[error("{what} is extended over more than {most} octets")]
    Extended {
        /// Name of the item.
        what: &'static str,
        /// Octets that are accepted.
        most: usize,
    },
    /// A field reference number or subfield that the standard leaves undefined.
    #[error("{what} announces number {number}, {most} are defined")]
    Undefined {
        /// Name of the FSPEC or item.
        what: &'static str,
        /// Number announced, from 1.
        number: usize,
        /// Highest number defined.
        most: usize,
    },
    /// A record or data block with nothing in it.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// An item without which the record has no meaning.
    #[error("record lacks {0}, which is mandatory")]
    Missing(&'static str),
    /// A time of day past midnight.
    #[error("time of day is {0}/128 s, must be below 86400 s")]
    TimeOfDay(u32),
    /// Part of a datagram.
    #[error("{0} fragment of a UDP datagram: fragments are not joined, capture them reassembled")]
    Fragment(&'static str),
    /// A number that names something this reader does not know.
    #[error("{what} is {value}: {expected}")]
    Unknown {
        /// What the number names.
        what: &'static str,
        /// The value given.
        value: u64,
        /// What is accepted.
        expected: &'static str,
    },
}

/// One refusal: what was being read, where, and why it cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Format that was being read, as `CAT048` or `pcap`.
    pub format: &'static str,
    /// Byte of the input.
    pub offset: usize,
    /// What is wrong there.
    pub reason: Reason,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Decode {
            format: fault.format,
            offset: fault.offset,
            reason: fault.reason.to_string(),
        }
    }
}

/// The faults of a tolerant reading: all counted, the first [`LISTED_FAULTS`] listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultLog {
    /// Number of faults.
    pub count: u64,
    /// The first of them, in order of the input.
    pub listed: Vec<Fault>,
}

impl FaultLog {
    /// Count `fault`, and list it while there is room.
    pub fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.listed.len() < LISTED_FAULTS {
            self.listed.push(fault);
        }
    }
}
