//! The filter on its own: the steps of the tracker for one state at a time.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::simd::LANES;
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::{
    FrameMeasurements, channels_of_all, curvature_per_m, upper_triangle,
};
use crate::tracking::gaussian::Gaussian;
use crate::tracking::kalman::innovate_position;
use crate::tracking::measurement::{Model, PolarModel};
use crate::tracking::motion_config::MotionModelConfig;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::step_input::check_positions;
use crate::tracking::user_motion_config::movers_of;

/// Update a state by a measured position with covariance `covariance_m2`.
///
/// # Errors
/// [`Error::Frame`] for a covariance that is not positive definite.
pub fn update_position(
    state: &Gaussian,
    position_m: [f64; 3],
    covariance_m2: [[f64; 3]; 3],
) -> Result<Gaussian> {
    check_positions(&[position_m], &[covariance_m2], 1.0)?;
    let innovation = innovate_position(state, position_m, upper_triangle(&covariance_m2));
    Ok(innovation.update(state))
}

/// Predict states by a motion model; each is its mean, then the upper triangle of its covariance row by
/// row.
///
/// # Errors
/// Of a model that a user wrote: [`Error::Setting`] for a time step below 0, [`Error::Model`] for an
/// answer outside its limits.
pub fn predict_by(model: &MotionModelConfig, states: &mut [Vec<f64>], dt_s: f64) -> Result<()> {
    let users = movers_of(std::slice::from_ref(model));
    let later = dt_s >= 0.0 && dt_s.is_finite();
    if !users.is_empty() && !later {
        return Err(Error::Setting {
            setting: "dt_s".into(),
            value: dt_s.to_string(),
            limit: "at least 0 and finite".into(),
            remedy: "a model of yours is asked of later times only".into(),
        });
    }
    let (mut filter, mut until_s) = (model.filter(0), [0.0; LANES]);
    until_s[0] = dt_s;
    for state in states {
        filter.set_numbers(0, state);
        filter.predict(&until_s);
        for user in &users {
            let mut flaws = [None; LANES];
            user.predict(&mut filter, &until_s, &mut flaws);
            if let Some(flaw) = flaws[0] {
                return Err(flaw.error(&user.model));
            }
        }
        *state = filter.numbers(0);
    }
    Ok(())
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
    let gates = GateTable::new(config.gate_probability);
    let sensor = SensorRules::of_any(config);
    measured.from_frame(header, detections, config, &gates, &sensor);
    let model = PolarModel {
        sensor_velocity_m_s: header.sensor_velocity_m_s,
        curvature_per_m: curvature_per_m(config),
        counts: channels_of_all(detections),
        range_rate_interval_m_s: sensor.range_rate_interval_m_s,
    };
    for (index, state) in states.iter_mut().enumerate() {
        *state = model.innovate(state, &measured.polar_row(index)).update(state);
    }
}
