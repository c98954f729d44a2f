//! QIKI's core: from a scene to radar frames, and from frames to tracks.
//!
//! No Python, no I/O, no clock, no random of its own, no map order: the same inputs give the same
//! bytes on every machine, build profile and instruction set.

pub mod bridge;
pub mod detection;
pub mod detection_sink;
pub mod error;
pub mod frame;
pub mod frame_limits;
pub mod geometry;
pub mod guard;
pub mod late_frames;
pub mod metrics;
pub mod naming;
pub mod numeric;
pub mod object_type;
pub mod online_registration;
pub mod quote;
pub mod random;
pub mod searched_volume;
pub mod simd;
pub mod snapshot_bytes;

pub mod c_api;
pub mod prefetch;
pub mod radar;
pub mod scene;
pub mod tracking;
pub mod user_model;
pub mod vehicle;
pub mod wire;
pub mod world;
