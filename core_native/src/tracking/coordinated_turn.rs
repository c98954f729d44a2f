//! Coordinated turn: constant speed and an unknown constant turn rate in the horizontal plane,
//! constant vertical velocity (Bar-Shalom, Li, Kirubarajan 2001, section 11.7, eq. 11.7.1-4 ff.).
//!
//! Where the book adds noise once per step, this model has continuous white noise, so that any time
//! step may be taken: acceleration as in the constant velocity model, and a Wiener turn rate.

use crate::numeric::{DEG_PER_RAD, sin_cos_deg};
use crate::tracking::gaussian::{Gaussian, at_in, transformed};
use crate::tracking::motion_model::MotionModel;

/// Dimension of the state: x, y, z \[m\], vx, vy, vz \[m/s\], turn rate \[rad/s\] from +x to +y.
pub const TURN_STATE: usize = 7;
/// Numbers in the upper triangle of its covariance.
pub const TURN_TRIANGLE: usize = 28;

/// A state with turn rate.
pub type Turning = Gaussian<TURN_STATE, TURN_TRIANGLE>;

/// The model with its process noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoordinatedTurn {
    /// Spectral density of the acceleration per axis \[m²/s³\]; the first two are equal.
    pub noise_m2_s3: [f64; 3],
    /// Spectral density of the turn rate's change \[rad²/s³\].
    pub turn_noise_rad2_s3: f64,
    /// Variance of the turn rate of a target that begins to turn \[rad²/s²\].
    pub first_variance_rad2_s2: f64,
}

impl MotionModel<TURN_STATE, TURN_TRIANGLE> for CoordinatedTurn {
    /// Mean by eq. 11.7.1-4, covariance by its Jacobian at the mean.
    #[inline(always)]
    fn predict(&self, state: &Turning, dt_s: f64) -> Turning {
        let turn = Turn::of(state.mean[6] * dt_s, dt_s);
        let (vx, vy) = turn.turned(state.mean[3], state.mean[4]);
        let (x, y) = turn.way(state.mean[3], state.mean[4]);
        let mean = [
            state.mean[0] + x,
            state.mean[1] + y,
            state.mean[2] + dt_s * state.mean[5],
            vx,
            vy,
            state.mean[5],
            state.mean[6],
        ];
        let along = turn.by_turn_rate(vx, vy);
        let map = |vector: &[f64; TURN_STATE]| {
            let (x, y) = turn.way(vector[3], vector[4]);
            let (turned_x, turned_y) = turn.turned(vector[3], vector[4]);
            [
                vector[0] + x + along[0] * vector[6],
                vector[1] + y + along[1] * vector[6],
                vector[2] + dt_s * vector[5],
                turned_x + along[2] * vector[6],
                turned_y + along[3] * vector[6],
                vector[5],
                vector[6],
            ]
        };
        let mut covariance = transformed(&state.covariance, map);
        self.add_acceleration_noise(&mut covariance, &turn);
        self.add_turn_noise(&mut covariance, &turn, vx, vy);
        Turning { mean, covariance }
    }

    fn noise_undone(&self) -> Self {
        let noise_m2_s3 = self.noise_m2_s3.map(|density| -density);
        Self { noise_m2_s3, turn_noise_rad2_s3: -self.turn_noise_rad2_s3, ..*self }
    }

    fn first_variance(&self) -> [f64; 3] {
        [self.first_variance_rad2_s2, 0.0, 0.0]
    }
}

impl CoordinatedTurn {
    /// The integral of G(τ) G(τ)ᵀ over the step, G(τ) being what a change of the velocity has made
    /// of position and velocity a time τ later: exact for a constant turn rate.
    #[inline(always)]
    fn add_acceleration_noise(&self, covariance: &mut [f64; TURN_TRIANGLE], turn: &Turn) {
        let dt = turn.dt_s;
        let [flat, _, up] = self.noise_m2_s3.map(|density| density * 1.0_f64.copysign(dt));
        let (dt2, dt3) = (dt * dt, dt * dt * dt);
        let (position, cross) = (flat * 2.0 * dt3 * turn.d3, flat * dt2 * turn.c2);
        let aside = flat * dt2 * turn.angle_rad * turn.d3;
        covariance[at(0, 0)] += position;
        covariance[at(1, 1)] += position;
        covariance[at(0, 3)] += cross;
        covariance[at(1, 4)] += cross;
        covariance[at(0, 4)] += aside;
        covariance[at(1, 3)] -= aside;
        covariance[at(3, 3)] += flat * dt;
        covariance[at(4, 4)] += flat * dt;
        covariance[at(2, 2)] += up * (dt3 * (1.0 / 3.0));
        covariance[at(2, 5)] += up * (dt2 * 0.5);
        covariance[at(5, 5)] += up * dt;
    }

    /// The same for the turn rate, to the first order of the angle turned: a change of it a time τ
    /// before the end has turned the final velocity v by τ, and moved the position by τ²/2 across
    /// and by ωτ³/6 along v.
    #[inline(always)]
    fn add_turn_noise(&self, covariance: &mut [f64; TURN_TRIANGLE], turn: &Turn, vx: f64, vy: f64) {
        let (dt, angle) = (turn.dt_s, turn.angle_rad);
        let (dt2, dt3) = (dt * dt, dt * dt * dt);
        // The means of the products of along = ωτ³/6, across = τ²/2, turned = τ and 1.
        let density = self.turn_noise_rad2_s3 * dt.abs();
        let (along_along, along_across) =
            (dt2 * dt2 * angle * angle * (1.0 / 252.0), dt2 * dt2 * angle * (1.0 / 72.0));
        let across_across = dt2 * dt2 * (1.0 / 20.0);
        let (along_turned, across_turned) = (dt3 * angle * (1.0 / 30.0), dt3 * 0.125);
        let (along, across) = (dt2 * angle * (1.0 / 24.0), dt2 * (1.0 / 6.0));
        // Along is v, across is v turned to the left.
        let (ax, ay, cx, cy) = (vx, vy, -vy, vx);
        let both = density * along_across;
        covariance[at(0, 0)] +=
            density * (along_along * ax * ax + across_across * cx * cx) + both * 2.0 * ax * cx;
        covariance[at(1, 1)] +=
            density * (along_along * ay * ay + across_across * cy * cy) + both * 2.0 * ay * cy;
        covariance[at(0, 1)] += density * (along_along * ax * ay + across_across * cx * cy)
            + both * (ax * cy + cx * ay);
        let shift_x = density * (along_turned * ax + across_turned * cx);
        let shift_y = density * (along_turned * ay + across_turned * cy);
        covariance[at(0, 3)] += shift_x * cx;
        covariance[at(0, 4)] += shift_x * cy;
        covariance[at(1, 3)] += shift_y * cx;
        covariance[at(1, 4)] += shift_y * cy;
        covariance[at(0, 6)] += density * (along * ax + across * cx);
        covariance[at(1, 6)] += density * (along * ay + across * cy);
        let third = density * dt2 * (1.0 / 3.0);
        covariance[at(3, 3)] += third * cx * cx;
        covariance[at(3, 4)] += third * cx * cy;
        covariance[at(4, 4)] += third * cy * cy;
        covariance[at(3, 6)] += density * dt * 0.5 * cx;
        covariance[at(4, 6)] += density * dt * 0.5 * cy;
        covariance[at(6, 6)] += density;
    }
}

#[inline(always)]
const fn at(i: usize, j: usize) -> usize {
    at_in::<TURN_STATE>(i, j)
}

/// A turn by an angle within a time.
struct Turn {
    dt_s: f64,
    angle_rad: f64,
    sin: f64,
    cos: f64,
    /// (1 - cos θ) / θ².
    c2: f64,
    /// (θ - sin θ) / θ³.
    d3: f64,
}

/// Angle up to which the series are used \[rad\]: beyond, the quotients lose at most three bits.
const SERIES_RAD: f64 = 0.5;
/// (-1)^k / (2k + 2)!, from the highest power of θ² down.
const C2: [f64; 7] = [
    1.147_074_559_772_972_5e-11,
    -2.087_675_698_786_81e-9,
    2.755_731_922_398_589e-7,
    -2.480_158_730_158_73e-5,
    1.388_888_888_888_889e-3,
    -4.166_666_666_666_666_4e-2,
    0.5,
];
/// (-1)^k / (2k + 3)!, from the highest power of θ² down.
const D3: [f64; 7] = [
    7.647_163_731_819_816e-13,
    -1.605_904_383_682_161_5e-10,
    2.505_210_838_544_172e-8,
    -2.755_731_922_398_589_3e-6,
    1.984_126_984_126_984e-4,
    -8.333_333_333_333_333e-3,
    0.166_666_666_666_666_66,
];

#[inline(always)]
fn series(square: f64, coefficients: [f64; 7]) -> f64 {
    let mut sum = coefficients[0];
    let mut k = 1;
    while k < 7 {
        sum = sum * square + coefficients[k];
        k += 1;
    }
    sum
}

impl Turn {
    #[inline(always)]
    fn of(angle_rad: f64, dt_s: f64) -> Self {
        let (sin, cos) = sin_cos_deg(angle_rad * DEG_PER_RAD);
        let square = angle_rad * angle_rad;
        let small = angle_rad.abs() < SERIES_RAD;
        let divisor = if small { 1.0 } else { square };
        let (far_c2, far_d3) = ((1.0 - cos) / divisor, (angle_rad - sin) / (divisor * angle_rad));
        let c2 = if small { series(square, C2) } else { far_c2 };
        let d3 = if small { series(square, D3) } else { far_d3 };
        Self { dt_s, angle_rad, sin, cos, c2, d3 }
    }

    /// A horizontal vector turned by the angle.
    #[inline(always)]
    fn turned(&self, x: f64, y: f64) -> (f64, f64) {
        (self.cos * x - self.sin * y, self.sin * x + self.cos * y)
    }

    /// The way that a velocity, which turns by the angle, goes in the time.
    #[inline(always)]
    fn way(&self, x: f64, y: f64) -> (f64, f64) {
        let ahead = self.dt_s * (1.0 - self.angle_rad * self.angle_rad * self.d3);
        let aside = self.dt_s * self.angle_rad * self.c2;
        (ahead * x - aside * y, aside * x + ahead * y)
    }

    /// Derivative of x, y, vx, vy at the end by the turn rate, the velocity being that at the end.
    #[inline(always)]
    fn by_turn_rate(&self, vx: f64, vy: f64) -> [f64; 4] {
        let dt2 = self.dt_s * self.dt_s;
        let (along, across) = (dt2 * self.angle_rad * self.d3, dt2 * self.c2);
        [along * vx - across * vy, along * vy + across * vx, -self.dt_s * vy, self.dt_s * vx]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::gaussian::{self, predict};

    const MODEL: CoordinatedTurn = CoordinatedTurn {
        noise_m2_s3: [0.7, 0.7, 0.1],
        turn_noise_rad2_s3: 1e-4,
        first_variance_rad2_s2: 0.04,
    };

    fn sample(turn_rate_rad_s: f64) -> Turning {
        let mut state = Turning::zero();
        state.mean = [3.0, 2.0, 1.0, 200.0, -150.0, 5.0, turn_rate_rad_s];
        for i in 0..TURN_STATE {
            for j in i..TURN_STATE {
                state.covariance[at(i, j)] = 1.0 / (1.0 + i as f64 + j as f64);
            }
            state.covariance[at(i, i)] += 2.0;
        }
        state
    }

    #[test]
    fn predicting_zero_time_changes_nothing() {
        for rate in [0.0, 0.3, -2.0] {
            assert_eq!(MODEL.predict(&sample(rate), 0.0), sample(rate));
        }
    }

    #[test]
    fn series_and_quotients_meet() {
        for angle in [SERIES_RAD, -SERIES_RAD] {
            let (near, far) = (Turn::of(angle * (1.0 - 1e-15), 1.0), Turn::of(angle, 1.0));
            assert!((near.c2 - far.c2).abs() < 2e-15, "{} {}", near.c2, far.c2);
            assert!((near.d3 - far.d3).abs() < 4e-15, "{} {}", near.d3, far.d3);
        }
    }

    #[test]
    fn a_full_circle_comes_back() {
        let state = sample(std::f64::consts::TAU / 40.0);
        let mut after = state;
        for _ in 0..16 {
            after = MODEL.predict(&after, 2.5);
        }
        for i in [0, 1, 3, 4] {
            assert!((after.mean[i] - state.mean[i]).abs() < 1e-9, "{i}: {}", after.mean[i]);
        }
        assert!((after.mean[2] - 201.0).abs() < 1e-12);
    }

    #[test]
    fn without_turn_rate_and_doubt_of_it_it_is_constant_velocity() {
        let mut state = sample(0.0);
        (0..TURN_STATE).for_each(|i| state.covariance[at(i, 6)] = 0.0);
        let model = CoordinatedTurn { turn_noise_rad2_s3: 0.0, ..MODEL };
        let mut six = Gaussian::ZERO;
        six.mean.copy_from_slice(&state.mean[..6]);
        for i in 0..6 {
            (i..6).for_each(|j| six.covariance[gaussian::at(i, j)] = state.covariance[at(i, j)]);
        }
        let (found, expected) = (model.predict(&state, 2.0), predict(&six, 2.0, MODEL.noise_m2_s3));
        for i in 0..6 {
            assert!((found.mean[i] - expected.mean[i]).abs() < 1e-12);
            for j in i..6 {
                let (a, b) = (found.covariance[at(i, j)], expected.covariance[gaussian::at(i, j)]);
                assert!((a - b).abs() <= 1e-14 * b.abs().max(1.0), "{i} {j}: {a} {b}");
            }
        }
    }
}
