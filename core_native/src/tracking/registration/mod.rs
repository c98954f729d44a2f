//! Registration: the biases of one sensor, estimated from targets that other sensors follow as well.
//!
//! Each target has a filter of its own beside the bias ([`separate_bias`]): it takes the detections of
//! both sides and tells of the bias by its innovations, which are white, so that no error of a track is
//! counted twice. A vote finds an offset that no gate would let in ([`offset_vote`],
//! [`first_alignment`]); from then on detections are paired by gates ([`pairing`]), as long as these let
//! enough in ([`lock`]). What a velocity tells of time it tells no surer than it is known itself
//! ([`velocity_spread`]).

pub mod bias_design;
pub mod bias_information;
pub mod estimator;
pub mod first_alignment;
mod frame_checks;
pub mod gates;
pub mod lock;
pub mod offset_vote;
pub mod pairing;
pub mod plots;
pub mod separate_bias;
pub mod settings;
pub mod snapshot;
pub mod target_table;
pub mod velocity_spread;
