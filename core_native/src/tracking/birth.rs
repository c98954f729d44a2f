//! The first state of a track, from the one detection that begins it.

use crate::detection::{Detection, present};
use crate::numeric::{RAD_PER_DEG, sin_cos_deg};
use crate::tracking::config::TrackerConfig;
use crate::tracking::gaussian::{Gaussian, at};
use crate::tracking::kalman::innovate;
use crate::tracking::measurement::{FOLDED_SIGMAS, Linearised, POLAR, PolarModel, Row};
use crate::tracking::vertical::Vertical;

/// State at rest at a measured position: velocity unknown within the settings' spread.
///
/// A negative zero becomes a positive one: no later sum makes a negative zero, so that moving a
/// state by nothing leaves every bit of it.
pub fn at_position(
    position_m: [f64; 3],
    covariance_m2: &[[f64; 3]; 3],
    config: &TrackerConfig,
) -> Gaussian {
    let mut state = Gaussian::ZERO;
    for i in 0..3 {
        state.mean[i] = position_m[i] + 0.0;
        for j in i..3 {
            state.covariance[at(i, j)] = covariance_m2[i][j] + 0.0;
        }
    }
    let (flat, up) = (config.initial_speed_std_m_s, config.initial_vertical_speed_std_m_s);
    for (axis, std_m_s) in [flat, flat, up].into_iter().enumerate() {
        state.covariance[at(axis + 3, axis + 3)] = std_m_s * std_m_s;
    }
    state
}

/// The same state at height 0 for good, of which nothing is measured.
pub fn in_plane(state: &Gaussian) -> Gaussian {
    let mut flat = *state;
    (flat.mean[2], flat.mean[5]) = (0.0, 0.0);
    (flat.covariance[at(2, 2)], flat.covariance[at(5, 5)]) = (0.0, 0.0);
    flat
}

/// State from a polar detection and its measurement row: position by linear propagation of the
/// variances, the measured range rate taken up by an update of its own.
pub fn from_detection(
    detection: &Detection,
    row: &Row,
    model: &PolarModel,
    config: &TrackerConfig,
) -> Gaussian {
    let (position_m, by_polar, variance) = cartesian_with_jacobian(detection, config);
    let mut covariance_m2 = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            for k in 0..3 {
                covariance_m2[i][j] += by_polar[i][k] * variance[k] * by_polar[j][k];
            }
        }
    }
    let world_m: [f64; 3] = std::array::from_fn(|axis| position_m[axis] + row[13 + axis]);
    let state = at_position(world_m, &covariance_m2, config);
    if !detection.has(present::RANGE_RATE) || model.may_be_folded(config) {
        return state;
    }
    let all = model.linearise(&state.mean, row);
    let rate_only = Linearised {
        innovation: [all.innovation[POLAR - 1]],
        by_position: [all.by_position[POLAR - 1]],
        by_velocity: all.by_velocity,
        variance: [all.variance[POLAR - 1]],
    };
    innovate(&state, &rate_only, true).update(&state)
}

impl PolarModel {
    /// Whether a target of an unknown velocity may well have a range rate beyond the interval: one
    /// that is folded says nothing of which it is.
    fn may_be_folded(&self, config: &TrackerConfig) -> bool {
        let [width, _] = self.range_rate_interval_m_s;
        width > 0.0 && 0.5 * width < FOLDED_SIGMAS * config.initial_speed_std_m_s
    }
}

/// Position relative to the sensor, its derivative by (range, bearing, vertical), and their
/// variances. The vertical is an elevation where one is measured, else a height.
fn cartesian_with_jacobian(
    detection: &Detection,
    config: &TrackerConfig,
) -> ([f64; 3], [[f64; 3]; 3], [f64; 3]) {
    let square = |x: f64| x * x;
    let r = detection.range_m;
    let (sb, cb) = sin_cos_deg(detection.bearing_deg);
    let range_bearing = [
        square(f64::from(detection.range_std_m)),
        square(f64::from(detection.bearing_std_deg) * RAD_PER_DEG),
    ];
    let vertical = Vertical::of(detection, config);
    if let Vertical::Elevation { angle_rad, std_rad } = vertical {
        let (se, ce) = sin_cos_deg(angle_rad / RAD_PER_DEG);
        let position = [r * ce * sb, r * ce * cb, r * se];
        let jacobian = [
            [ce * sb, r * ce * cb, -r * se * sb],
            [ce * cb, -r * ce * sb, -r * se * cb],
            [se, 0.0, r * ce],
        ];
        return (position, jacobian, [range_bearing[0], range_bearing[1], square(std_rad)]);
    }
    let (z, std_m) = vertical.height_over_plane(r, config);
    // Near the zenith the ground range is as uncertain as the height itself.
    let ground = (r * r - z * z).max(square(std_m)).max(1.0).sqrt();
    let position = [ground * sb, ground * cb, z];
    let (by_range, by_height) = (r / ground, -z / ground);
    let jacobian = [
        [by_range * sb, ground * cb, by_height * sb],
        [by_range * cb, -ground * sb, by_height * cb],
        [0.0, 0.0, 1.0],
    ];
    (position, jacobian, [range_bearing[0], range_bearing[1], square(std_m)])
}
