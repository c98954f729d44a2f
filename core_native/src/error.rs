//! The one error type of the core. Each sentence says the value, the limit and the remedy.

use thiserror::Error;

use crate::scene::problems::{DocumentKind, Problem, sentence};

/// Everything that the core refuses. The bindings map each variant to one Python class.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Error {
    /// A setting outside its limits.
    #[error("{setting} is {value}, must be {limit}: {remedy}")]
    Setting {
        /// Name of the setting.
        setting: String,
        /// The value given.
        value: String,
        /// What is accepted.
        limit: String,
        /// What to do.
        remedy: String,
    },
    /// A document that cannot be used; one line for each thing that is wrong with it.
    #[error("{}", sentence(*kind, problems, *unlisted))]
    Document {
        /// What it describes.
        kind: DocumentKind,
        /// What is wrong, and where in the document; at least one.
        problems: Vec<Problem>,
        /// How many more there are.
        unlisted: usize,
    },
    /// A frame or detection that breaks the contract.
    #[error("frame: {field} is {value}, must be {limit}")]
    Frame {
        /// Field, as `detections[17].range_m`.
        field: String,
        /// The value given.
        value: String,
        /// What is accepted.
        limit: String,
    },
    /// A track or tracks message that breaks the contract.
    #[error("tracks: {field} is {value}, must be {limit}")]
    Tracks {
        /// Field, as `tracks[17].range_m`.
        field: String,
        /// The value given.
        value: String,
        /// What is accepted.
        limit: String,
    },
    /// Bytes that cannot be read.
    #[error("{format}: at byte {offset}: {reason}")]
    Decode {
        /// What was being read, as `CAT048` or `RadarFrameColumns`.
        format: &'static str,
        /// Where in the input.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A frame that comes before one already used.
    #[error(
        "frame {number} at {time_ns} ns is late: frame time {newest_ns} ns was already used, frames before {oldest_ns} ns are no longer taken; send frames in order of time"
    )]
    Late {
        /// Number of the refused frame.
        number: u64,
        /// Its time.
        time_ns: i64,
        /// Newest time already used.
        newest_ns: i64,
        /// Oldest time that is still taken.
        oldest_ns: i64,
    },
    /// A frame from the future.
    #[error(
        "frame: time_ns is {time_ns}, must be at most {most_s} s (max_ahead_s, max_coast_s where that is more) after the newest frame at {newest_ns} ns, or that for each of {numbers} numbers after its sensor's last, {last_number} at {last_ns} ns; give a source whose clock was set a new epoch, or raise max_ahead_s"
    )]
    Ahead {
        /// Its time.
        time_ns: i64,
        /// Newest time already used.
        newest_ns: i64,
        /// Number and time of the last frame of its sensor and epoch.
        last_number: u64,
        /// See `last_number`.
        last_ns: i64,
        /// How many numbers have passed since.
        numbers: u64,
        /// How many seconds may pass for each.
        most_s: f64,
    },
    /// A table is full.
    #[error("{table} holds {limit} entries, {wanted} wanted: {remedy}")]
    Capacity {
        /// Which table.
        table: &'static str,
        /// Its limit.
        limit: usize,
        /// What was asked for.
        wanted: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A user's model that answered what it must not.
    #[error("{fault}")]
    Model {
        /// Which model, its arguments, the value, the limits and the remedy.
        fault: String,
    },
    /// A snapshot that cannot be restored.
    #[error("snapshot: {reason}; {remedy}")]
    Snapshot {
        /// What is wrong.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// Result of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;
