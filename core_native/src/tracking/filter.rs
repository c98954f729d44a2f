//! The filter on its own: the steps of the tracker for one state at a time.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::simd::{LANES, SimdLevel};
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::{FrameMeasurements, upper_triangle};
use crate::tracking::gaussian::{Gaussian, predict as predict_one};
use crate::tracking::kalman::innovate_position;
use crate::tracking::measurement::{Model, PolarModel};
use crate::tracking::motion_config::MotionModelConfig;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::state_check::{check_not_negative, check_states, flaw_of_numbers};
use crate::tracking::step_input::check_positions;
use crate::tracking::user_motion_config::movers_of;
use crate::tracking::vertical::curvature_per_m;

/// Predict states by constant velocity driven by noise of the same density on each axis.
///
/// # Errors
/// [`crate::error::Error::Setting`] for a state that cannot be, and for a time step or noise below 0 or
/// not finite.
pub fn predict(states: &mut [Gaussian], dt_s: f64, noise_m2_s3: f64) -> Result<()> {
    check_states(&*states, Gaussian::flaw)?;
    check_not_negative("dt_s", dt_s, LATER_ONLY)?;
    check_not_negative("process_noise_m2_s3", noise_m2_s3, "0 is motion without noise")?;
    for state in states {
        *state = predict_one(state, dt_s, [noise_m2_s3; 3]);
    }
    Ok(())
}

/// What to do about a time step that is refused.
const LATER_ONLY: &str = "states are predicted to later times only";

/// Update each state by the position beside it, measured with covariance `covariance_m2`.
///
/// # Errors
/// [`crate::error::Error::Setting`] for a state that cannot be; [`crate::error::Error::Frame`] for a
/// position that is not finite or a covariance that is not positive definite.
pub fn update_positions(
    states: &mut [Gaussian],
    positions_m: &[[f64; 3]],
    covariance_m2: [[f64; 3]; 3],
) -> Result<()> {
    check_states(&*states, Gaussian::flaw)?;
    check_positions(positions_m, &[covariance_m2], 1.0)?;
    let triangle = upper_triangle(&covariance_m2);
    for (state, &position_m) in states.iter_mut().zip(positions_m) {
        *state = innovate_position(state, position_m, triangle).update(state);
    }
    Ok(())
}

/// Predict states by a motion model; each is its mean, then the upper triangle of its covariance row by
/// row.
///
/// # Errors
/// [`crate::error::Error::Setting`] for a state that cannot be or a time step below 0,
/// [`crate::error::Error::Model`] for an answer of a user's model outside its limits.
pub fn predict_by(model: &MotionModelConfig, states: &mut [Vec<f64>], dt_s: f64) -> Result<()> {
    check_states(&*states, |numbers| flaw_of_numbers(numbers))?;
    check_not_negative("dt_s", dt_s, LATER_ONLY)?;
    let users = movers_of(std::slice::from_ref(model));
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
///
/// # Errors
/// [`crate::error::Error::Setting`] for a state that cannot be.
pub fn update_polar(
    states: &mut [Gaussian],
    header: &FrameHeader,
    detections: &[Detection],
    config: &TrackerConfig,
) -> Result<()> {
    check_states(&*states, Gaussian::flaw)?;
    let mut measured = FrameMeasurements::default();
    let gates = GateTable::new(config.gate_probability);
    let sensor = SensorRules::of_any(config);
    measured.from_frame(header, detections, config, &gates, &sensor, SimdLevel::Baseline);
    let model = PolarModel {
        sensor_velocity_m_s: header.sensor_velocity_m_s,
        curvature_per_m: curvature_per_m(config),
        counts: measured.told.channels,
        range_rate_interval_m_s: sensor.range_rate_interval_m_s,
    };
    for (index, state) in states.iter_mut().enumerate() {
        *state = model.innovate(state, &measured.polar_row(index)).update(state);
    }
    Ok(())
}
