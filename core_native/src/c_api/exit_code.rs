//! What C functions return: integers in families of a hundred.

use crate::error::Error;
use crate::scene::problems::DocumentKind;

/// Result of a C function; 100 to 199 a bad argument, 200 to 299 refused content, 300 to 399 a
/// state in which the call cannot be done. Numbers are part of the contract.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Done.
    Ok = 0,
    /// A pointer is null.
    NullPointer = 100,
    /// A pointer is not aligned for what it points to.
    MisalignedPointer = 101,
    /// A count of records is larger than any memory.
    CountTooLarge = 102,
    /// A setting is outside its limits.
    SettingRefused = 200,
    /// A detection, frame or track breaks the contract.
    FrameRefused = 201,
    /// Bytes cannot be read.
    BytesRefused = 202,
    /// A scenario cannot be used.
    ScenarioRefused = 203,
    /// A snapshot cannot be restored.
    SnapshotRefused = 204,
    /// A user's model answered what it must not.
    ModelRefused = 205,
    /// A table or buffer is full.
    Full = 300,
    /// A frame comes before one already used.
    Late = 301,
}

impl From<&Error> for ExitCode {
    fn from(error: &Error) -> Self {
        match error {
            Error::Setting { .. }
            | Error::Document { kind: DocumentKind::Vehicle | DocumentKind::GuardRules, .. } => {
                Self::SettingRefused
            }
            Error::Frame { .. } | Error::Ahead { .. } | Error::Tracks { .. } => Self::FrameRefused,
            Error::Decode { .. } => Self::BytesRefused,
            Error::Document { kind: DocumentKind::Scenario, .. } => Self::ScenarioRefused,
            Error::Snapshot { .. } => Self::SnapshotRefused,
            Error::Model { .. } => Self::ModelRefused,
            Error::Capacity { .. } => Self::Full,
            Error::Late { .. } => Self::Late,
        }
    }
}
