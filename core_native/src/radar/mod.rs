//! From truth to detections, and from detections to range bands.

pub mod band_split;
