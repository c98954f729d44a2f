//! Docking: from an engaged port on its approach through soft capture to the latches.

pub mod config;
pub mod document;
pub mod mechanism;
pub mod relative;
pub mod snapshot;
