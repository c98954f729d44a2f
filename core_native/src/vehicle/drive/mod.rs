//! The drive: two motors that push along the bow, each a servo for the speed of its wheel.

pub mod config;
pub mod document;
pub mod snapshot;
pub mod task;
pub mod wheels;
