//! Frames and tracks to bytes and back.

pub mod asterix;
