//! Communications: whether they are on, the transponder, and how well a station is heard.

pub mod config;
pub mod document;
pub mod radio_link;
pub mod state;
