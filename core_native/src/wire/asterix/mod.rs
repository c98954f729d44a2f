//! A columnar reader for ASTERIX radar data: CAT048 (target reports) and CAT034 (service
//! messages), from concatenated data blocks and from network captures.
//!
//! The input is bytes of any origin: every length is checked against what holds it, no input
//! panics, and the output is at most some 30 times the input (`hostile_input`). A strict reading
//! returns the first fault; a tolerant one lists it and reads on.

mod antenna;
mod blocks;
mod capture;
mod capture_fields;
mod clock;
mod datagram;
pub mod fault;
mod item_format;
mod pcap;
mod pcapng;
pub mod plot;
pub mod plot_detail;
mod record;
pub mod scans;
pub mod sensor;
pub mod service;
pub mod source;
mod turns;
mod uap;

#[cfg(test)]
mod hostile_input;
#[cfg(test)]
mod reading_test;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod scans_test;

use sha2::{Digest, Sha256};

use crate::detection::Detection;
use crate::error::{Error, Result};
pub use capture::Container;
use clock::Clock;
use fault::{Fault, FaultLog};
use plot_detail::PlotDetail;
use sensor::{DopplerSign, SensorAccuracy};
use service::ServiceMessage;

/// How to read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// What the bytes are; told from their first four when not given.
    pub container: Option<Container>,
    /// Of a capture, only datagrams to this UDP port.
    pub udp_port: Option<u16>,
    /// List faults and read on instead of returning the first.
    pub tolerant: bool,
    /// Accuracy written into every plot.
    pub accuracy: SensorAccuracy,
    /// What the sign of the Doppler speed means.
    pub doppler: DopplerSign,
}

/// What was read and what was passed over, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Data blocks of CAT048 and CAT034.
    pub blocks: u64,
    /// Data blocks of other categories, passed over.
    pub other_blocks: u64,
    /// Records of CAT048 and CAT034.
    pub records: u64,
    /// CAT048 records of type "no detection": the radar's tracker extrapolated.
    pub records_without_detection: u64,
    /// CAT048 records without a measured position.
    pub records_without_position: u64,
    /// Packets of a capture whose datagram was read.
    pub packets: u64,
    /// Packets of a capture that are not UDP or not to the port asked for.
    pub other_packets: u64,
    /// Bytes of refused blocks that could not be read.
    pub unread_bytes: u64,
}

/// A whole recording, in the order of the input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The plots, with their identity.
    pub plots: Vec<Detection>,
    /// What else each plot's record says; same length.
    pub details: Vec<PlotDetail>,
    /// The service messages.
    pub services: Vec<ServiceMessage>,
    /// Numbers of what was read and passed over.
    pub tally: Tally,
    /// What a tolerant reading refused.
    pub faults: FaultLog,
}

struct Reader<'a> {
    bytes: &'a [u8],
    options: ReadOptions,
    clock: Clock,
    recording: Recording,
}

/// Read a recording.
///
/// # Errors
/// [`Error::Setting`] for an accuracy that is not above zero.
/// [`Error::Decode`] with offset and reason: the first fault of a strict reading; in both modes a
/// capture of a kind that cannot be read, and an input without a single CAT048 or CAT034 block.
pub fn read(bytes: &[u8], options: ReadOptions) -> Result<Recording> {
    options.accuracy.checked()?;
    let container = options.container.unwrap_or_else(|| Container::of(bytes));
    let mut reader =
        Reader { bytes, options, clock: Clock::default(), recording: Recording::default() };
    match container {
        Container::Blocks => reader.read_blocks(0..bytes.len())?,
        Container::Pcap | Container::PcapNg => reader.read_capture(container)?,
    }
    let recording = reader.recording;
    if recording.tally.blocks == 0 {
        return Err(Error::Decode {
            format: "ASTERIX",
            offset: bytes.len(),
            reason: format!(
                "no CAT048 or CAT034 data block in {} bytes ({} of other categories, {} faults)",
                bytes.len(),
                recording.tally.other_blocks,
                recording.faults.count
            ),
        });
    }
    Ok(recording)
}

impl Reader<'_> {
    fn refuse(&mut self, fault: Fault) -> Result<()> {
        if !self.options.tolerant {
            return Err(fault.into());
        }
        self.recording.faults.add(fault);
        Ok(())
    }
}

/// The epoch of a replay: a hash of the recording and of what `variant` says was done to it, so
/// that frames that differ never share a name. 53 bits, which every JSON reader keeps.
pub fn replay_epoch(bytes: &[u8], variant: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(Sha256::digest(bytes));
    hash.update(variant.as_bytes());
    let digest = hash.finalize();
    digest.iter().take(8).fold(0_u64, |epoch, &octet| epoch << 8 | u64::from(octet)) >> 11
}
