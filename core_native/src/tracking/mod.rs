//! From frames to tracks.

pub mod record;
