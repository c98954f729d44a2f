//! Registration of the sensors of a running tracker: their biases, from the frames that it uses.
//!
//! A tracker of its own follows what the reference sensors see ([`estimators`]): the one that answers
//! frames also gets those of the sensors in question, whose biases would take its tracks along. Frames
//! wait until their order is final ([`frame_queue`]), so that the estimates are those of the used frames
//! in order of time, in whatever order they came.

pub mod estimators;
pub mod frame_queue;
pub mod settings;
pub mod snapshot;
