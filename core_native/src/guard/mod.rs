//! Guards: rules that raise an alert when a track meets them, for as long as it does.
//!
//! A rule file ([`document`]) becomes a table of rules ([`rules`]). A rule is met by what a frame told of
//! a track ([`condition`]): its range, who it is, what its transponder does, and how near it will come
//! ([`closest_approach`], [`disc_probability`]).
//!
//! [`guards`] judges what each frame told of the tracks, as the messages tell it: after a late frame what
//! the tracks are by it, at the newest frame's time. What it knows of a track and a rule ([`watch_table`])
//! only ever moves on, so an alert that was told is told once, and the same messages in the same order
//! give the same alerts.

pub mod alert;
pub mod closest_approach;
pub mod condition;
pub mod disc_probability;
pub mod document;
pub mod guards;
pub mod rules;
pub mod snapshot;
pub mod watch_table;
