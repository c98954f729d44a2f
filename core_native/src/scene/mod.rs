//! Truth: platforms and targets, where they are at any time, and the document they come from.

pub mod checked_path;
pub mod clutter;
pub mod clutter_density;
pub mod clutter_document;
pub mod document;
pub mod false_alarms_document;
pub mod fault_document;
pub mod group;
pub mod horizon_document;
pub mod modelled_density;
pub mod motion;
pub mod motion_lanes;
pub mod place;
pub mod platform;
pub mod platform_document;
pub mod polygon;
pub mod problems;
pub mod registration_document;
pub mod scan_document;
pub mod scenario;
pub mod schema;
pub mod sensor_document;
pub mod structure;
pub mod transponder;
pub mod transponder_document;
pub mod waveform_document;
