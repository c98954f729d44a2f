//! Constant acceleration: position, velocity and acceleration along each axis, driven by white noise
//! jerk (the Wiener process acceleration model of Bar-Shalom, Li, Kirubarajan 2001, section 6.2.3).

use crate::tracking::gaussian::{Gaussian, at_in, transformed};
use crate::tracking::motion_model::MotionModel;

/// Dimension of the state: x, y, z \[m\], vx, vy, vz \[m/s\], ax, ay, az \[m/s²\].
pub const ACCELERATION_STATE: usize = 9;
/// Numbers in the upper triangle of its covariance.
pub const ACCELERATION_TRIANGLE: usize = 45;

/// A state with acceleration.
pub type Accelerating = Gaussian<ACCELERATION_STATE, ACCELERATION_TRIANGLE>;

/// The model with its process noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantAcceleration {
    /// Spectral density of the jerk per axis \[m²/s⁵\].
    pub jerk_noise_m2_s5: [f64; 3],
    /// Variance of the acceleration per axis of a target that begins to accelerate \[m²/s⁴\].
    pub first_variance_m2_s4: [f64; 3],
}

impl MotionModel<ACCELERATION_STATE, ACCELERATION_TRIANGLE> for ConstantAcceleration {
    /// The noise is that of eq. 6.2.3-7, the same in two steps as in one.
    #[inline(always)]
    fn predict(&self, state: &Accelerating, dt_s: f64) -> Accelerating {
        let map = |vector: &[f64; ACCELERATION_STATE]| moved(vector, dt_s);
        let mut covariance = transformed(&state.covariance, map);
        let (dt2, dt3) = (dt_s * dt_s, dt_s * dt_s * dt_s);
        let mut axis = 0;
        while axis < 3 {
            let density = self.jerk_noise_m2_s5[axis] * 1.0_f64.copysign(dt_s);
            let (x, v, a) = (axis, axis + 3, axis + 6);
            covariance[at(x, x)] += density * (dt3 * dt2 * (1.0 / 20.0));
            covariance[at(x, v)] += density * (dt2 * dt2 * 0.125);
            covariance[at(x, a)] += density * (dt3 * (1.0 / 6.0));
            covariance[at(v, v)] += density * (dt3 * (1.0 / 3.0));
            covariance[at(v, a)] += density * (dt2 * 0.5);
            covariance[at(a, a)] += density * dt_s;
            axis += 1;
        }
        Accelerating { mean: map(&state.mean), covariance }
    }

    fn noise_undone(&self) -> Self {
        Self { jerk_noise_m2_s5: self.jerk_noise_m2_s5.map(|density| -density), ..*self }
    }

    fn first_variance(&self) -> [f64; 3] {
        self.first_variance_m2_s4
    }
}

#[inline(always)]
const fn at(i: usize, j: usize) -> usize {
    at_in::<ACCELERATION_STATE>(i, j)
}

/// The transition matrix (eq. 6.2.3-6) times a vector.
#[inline(always)]
fn moved(vector: &[f64; ACCELERATION_STATE], dt_s: f64) -> [f64; ACCELERATION_STATE] {
    let mut next = *vector;
    let mut axis = 0;
    while axis < 3 {
        let (velocity, acceleration) = (vector[axis + 3], vector[axis + 6]);
        next[axis] += dt_s * (velocity + 0.5 * dt_s * acceleration);
        next[axis + 3] += dt_s * acceleration;
        axis += 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: ConstantAcceleration = ConstantAcceleration {
        jerk_noise_m2_s5: [0.7, 0.7, 0.1],
        first_variance_m2_s4: [100.0; 3],
    };

    fn sample() -> Accelerating {
        let mut state = Accelerating::zero();
        for i in 0..ACCELERATION_STATE {
            state.mean[i] = 3.0 - i as f64;
            for j in i..ACCELERATION_STATE {
                state.covariance[at(i, j)] = 1.0 / (1.0 + i as f64 + j as f64);
            }
            state.covariance[at(i, i)] += 2.0;
        }
        state
    }

    #[test]
    fn predicting_zero_time_changes_nothing() {
        assert_eq!(MODEL.predict(&sample(), 0.0), sample());
    }

    #[test]
    fn predicting_in_two_steps_is_predicting_in_one() {
        let once = MODEL.predict(&sample(), 3.5);
        let twice = MODEL.predict(&MODEL.predict(&sample(), 1.25), 2.25);
        let numbers = |state: Accelerating| state.mean.into_iter().chain(state.covariance);
        for (a, b) in numbers(once).zip(numbers(twice)) {
            assert!((a - b).abs() <= 1e-13 * a.abs().max(1.0), "{a} {b}");
        }
    }

    #[test]
    fn one_second_of_acceleration_moves_as_it_must() {
        let mut state = Accelerating::zero();
        state.mean = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 2.0, -4.0, 6.0];
        let next = MODEL.predict(&state, 1.0);
        assert_eq!(next.mean, [12.0, 20.0, 36.0, 12.0, 16.0, 36.0, 2.0, -4.0, 6.0]);
    }
}
