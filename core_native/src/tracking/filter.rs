//! The filter on its own: the steps of the tracker for one state at a time.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::{FrameMeasurements, channels_of_all, curvature_per_m};
use crate::tracking::gaussian::Gaussian;
use crate::tracking::kalman::innovate;
use crate::tracking::measurement::{Model, PolarModel, PositionModel};

/// Update a state by a measured position with covariance `covariance_m2`.
///
/// # Errors
/// [`crate::error::Error::Frame`] for a covariance that is not positive definite.
pub fn update_position(
    state: &Gaussian,
    position_m: [f64; 3],
    covariance_m2: [[f64; 3]; 3],
) -> Result<Gaussian> {
    let mut measured = FrameMeasurements::default();
    let gates = GateTable::new(0.99);
    measured.from_positions(0, &[position_m], &[covariance_m2], 0.0, &gates)?;
    let linearised = PositionModel.linearise(&state.mean, &measured.rows[0]);
    Ok(innovate(state, &linearised, PositionModel::HAS_RATE).update(state))
}

/// Update each state by the detection beside it, as the tracker does: extended Kalman filter in
/// range, bearing, elevation or height, and range rate, whatever of them is present.
pub fn update_polar(
    states: &mut [Gaussian],
    header: &FrameHeader,
    detections: &[Detection],
    config: &TrackerConfig,
) {
    let mut measured = FrameMeasurements::default();
    measured.from_frame(header, detections, config, &GateTable::new(config.gate_probability));
    let model = PolarModel {
        sensor_velocity_m_s: header.sensor_velocity_m_s,
        curvature_per_m: curvature_per_m(config),
        counts: channels_of_all(detections),
    };
    for (state, row) in states.iter_mut().zip(&measured.rows) {
        let linearised = model.linearise(&state.mean, row);
        *state = innovate(state, &linearised, PolarModel::HAS_RATE).update(state);
    }
}
