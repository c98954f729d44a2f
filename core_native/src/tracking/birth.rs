//! The first state of a track, from the one position that begins it.

use crate::simd::each_number;
use crate::tracking::config::TrackerConfig;
use crate::tracking::gaussian::{Gaussian, at};

/// State at rest at a measured position: velocity unknown within the settings' spread.
///
/// A negative zero becomes a positive one: no later sum makes a negative zero, so that moving a
/// state by nothing leaves every bit of it.
#[inline(always)]
pub fn at_position(
    position_m: [f64; 3],
    covariance_m2: &[[f64; 3]; 3],
    config: &TrackerConfig,
) -> Gaussian {
    let mut state = Gaussian::ZERO;
    each_number!(i below 3 => {
        state.mean[i] = position_m[i] + 0.0;
        each_number!(j below 3 => {
            if j >= i {
                state.covariance[at(i, j)] = covariance_m2[i][j] + 0.0;
            }
        });
    });
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
