//! Frames that come late: the tracker's state is that of the used frames in order of time, in
//! whatever order they came.
//!
//! The newest frames and a few states between them are kept ([`window`]). A late frame takes the
//! tracker back to the last state before it, and it and the frames since are stepped through again
//! ([`rewind`]). The tracker numbers its tracks as it would have in order; what is published are
//! numbers that never change their track nor come back ([`public_numbers`]).

pub mod ordered_tracker;
pub mod public_numbers;
pub mod rewind;
pub mod snapshot;
pub mod used_frame;
pub mod window;
