//! What the filter knows of a detection: innovation, Jacobian and variance at a predicted state.
//!
//! A detection becomes a [`Row`] of plain numbers, so that eight of them can be laid side by side.
//! A channel that was not measured has unit variance, no innovation and no Jacobian: it then adds
//! nothing to the distance, to the determinant or to the update, and needs no case of its own.

use std::f64::consts::TAU;

use crate::numeric::{atan2, ln, max, round, wrap_pi};
use crate::simd::{LANES, each_number};
use crate::tracking::gaussian::{Gaussian, STATE, at_in, predict};
use crate::tracking::kalman::{Innovation, innovate, innovate_position};
use crate::tracking::lanes::{RowLanes, StateLanes};

/// Most numbers that a measurement has.
pub const ROW: usize = 16;
/// One measurement as numbers; the meaning is the model's.
pub type Row = [f64; ROW];

/// Innovation and its linear map at one predicted state, for `C` scalar channels.
pub struct Linearised<const C: usize> {
    /// Measured minus predicted.
    pub innovation: [f64; C],
    /// Derivative of each channel by position.
    pub by_position: [[f64; 3]; C],
    /// Derivative of the last channel by velocity, used by models with range rate.
    pub by_velocity: [f64; 3],
    /// Variance of each channel.
    pub variance: [f64; C],
}

/// A kind of measurement with `C` independent scalar channels.
pub trait Model<const C: usize>: Copy {
    /// Numbers of a row that the model uses: the first so many.
    const WIDTH: usize;
    /// Whether an update may couple the axes of a state; see [`Gaussian::couples_axes`].
    const COUPLES_AXES: bool = true;
    /// Channels that every measurement of the frame has. Only these enter the determinant in an
    /// association cost: were the others counted, a plot would be more or less attractive for
    /// having a height at all, whatever the height.
    fn counts(&self) -> [bool; C];
    /// The part of a measurement's association cost that does not depend on the track.
    fn cost(&self, row: &Row) -> f64;
    /// The largest squared distance that a measurement's gate lets in.
    fn gate(&self, row: &Row) -> f64;
    /// What a measurement tells of a track in a predicted state.
    fn innovate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
    ) -> Innovation<C, D>;

    /// Cost of a measurement at a squared distance, `determinant` being that of the innovation's
    /// covariance: the negative log-likelihood ratio of target against false alarm, infinite
    /// outside the gate.
    #[inline(always)]
    fn cost_at(&self, row: &Row, distance2: f64, determinant: f64) -> f64 {
        let likelihood = 0.5 * (distance2 + ln(determinant));
        let cost = likelihood + self.cost(row);
        if distance2 <= self.gate(row) { cost } else { f64::INFINITY }
    }

    /// Cost of each measurement of a block for the track beside it, predicted by `until_s`.
    #[inline(always)]
    fn costs(
        &self,
        states: &StateLanes,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        noise_m2_s3: [f64; 3],
    ) -> [f64; LANES] {
        let mut costs = [0.0; LANES];
        let counts = self.counts();
        for lane in 0..LANES {
            let (row, state) = (rows.row(lane), states.state(lane));
            let innovation = self.innovate(&predict(&state, until_s[lane], noise_m2_s3), &row);
            let determinant = innovation.determinant(counts);
            costs[lane] = self.cost_at(&row, innovation.distance2(), determinant);
        }
        costs
    }

    /// Predict the states of a block and update each that is hit by the measurement beside it.
    ///
    /// The others are moved by no time and updated with no weight, which leaves every bit of them,
    /// as no state holds a negative zero (`birth.rs`): a loop that skips or chooses would not
    /// become vectors.
    #[inline(always)]
    fn update(
        &self,
        states: &mut StateLanes,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        hit: &[bool; LANES],
        noise_m2_s3: [f64; 3],
    ) {
        // Not in place: a loop that reads and writes the same states would not become vectors.
        let mut updated = StateLanes::EMPTY;
        for lane in 0..LANES {
            let predicted = predict(&states.state(lane), until_s[lane], noise_m2_s3);
            let mut innovation = self.innovate(&predicted, &rows.row(lane));
            for k in 0..C {
                let per_variance = innovation.per_variance[k];
                innovation.per_variance[k] = if hit[lane] { per_variance } else { 0.0 };
            }
            updated.store(lane, &innovation.update(&predicted));
        }
        *states = updated;
    }
}

/// Range, bearing, elevation or height, and range rate, seen from a moving sensor.
///
/// Row: 0 its association cost, 1 its gate; 2-5 measured range \[m\], bearing \[rad\], elevation \[rad\] or height \[m\], range rate
/// \[m/s\]; 6-9 their variances; 10 and 11 are 1 where the vertical and the rate channel are
/// present, else 0; 12 is 1 where the vertical channel is a height; 13-15 the sensor's position
/// \[m\].
#[derive(Clone, Copy)]
pub struct PolarModel {
    /// The sensor's velocity \[m/s\].
    pub sensor_velocity_m_s: [f64; 3],
    /// 1 / radius of the surface that heights are measured from \[1/m\]; 0 for a plane.
    pub curvature_per_m: f64,
    /// Whether every detection of the frame has the vertical and the rate channel.
    pub counts: [bool; POLAR],
    /// Width of the interval into which range rates are folded \[m/s\] and one over it; zeros where
    /// they are true.
    pub range_rate_interval_m_s: [f64; 2],
}

/// Channels of [`PolarModel`].
pub const POLAR: usize = 4;
/// Channels of [`PositionModel`].
pub const POSITION: usize = 3;

/// Standard deviations of a range rate that half the interval of folded ones must hold for it to be
/// told from the others that fold to the same.
pub const FOLDED_SIGMAS: f64 = 3.0;

/// Nearest distance at which a direction has a meaning \[m\]; avoids a division by zero.
const MIN_DISTANCE_M: f64 = 1e-3;

impl PolarModel {
    /// The least of the range rates' differences that fold to the same \[m/s\].
    #[inline(always)]
    fn unfolded(&self, difference_m_s: f64) -> f64 {
        let [width, per_width] = self.range_rate_interval_m_s;
        difference_m_s - width * round(difference_m_s * per_width)
    }

    /// Leave the range rate out where the state does not tell which of those that fold to the same it
    /// is: [`FOLDED_SIGMAS`] standard deviations of the predicted one do not fit into half an interval.
    /// Any is then as probable as of a false alarm: the variance makes the cost say so.
    #[inline(always)]
    fn leave_out_ambiguous_rate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
        measured: &mut Linearised<POLAR>,
    ) {
        let rate = POLAR - 1;
        let (h, g) = (measured.by_position[rate], measured.by_velocity);
        let by_state = [h[0], h[1], h[2], g[0], g[1], g[2]];
        let mut variance = 0.0;
        each_number!(i below STATE => {
            each_number!(j below STATE => {
                variance += by_state[i] * by_state[j] * state.covariance[at_in::<D>(i, j)];
            });
        });
        let [width, _] = self.range_rate_interval_m_s;
        let told = 4.0 * FOLDED_SIGMAS * FOLDED_SIGMAS * variance <= width * width;
        let (use_it, even) = (if told { 1.0 } else { 0.0 }, width * width * (1.0 / TAU));
        measured.innovation[rate] *= use_it;
        for axis in 0..3 {
            measured.by_position[rate][axis] *= use_it;
            measured.by_velocity[axis] *= use_it;
        }
        let counted = row[11] > 0.5 && !told;
        measured.variance[rate] = if counted { even } else { measured.variance[rate] };
    }

    /// Linearise at the predicted mean.
    #[inline(always)]
    pub fn linearise<const D: usize>(&self, mean: &[f64; D], row: &Row) -> Linearised<POLAR> {
        let [x, y, z] = [mean[0] - row[13], mean[1] - row[14], mean[2] - row[15]];
        let u = [
            mean[3] - self.sensor_velocity_m_s[0],
            mean[4] - self.sensor_velocity_m_s[1],
            mean[5] - self.sensor_velocity_m_s[2],
        ];
        let ground2 = max(x * x + y * y, MIN_DISTANCE_M * MIN_DISTANCE_M);
        let range2 = ground2 + z * z;
        let (ground, range) = (ground2.sqrt(), range2.sqrt());
        let per_range = 1.0 / range;
        let n = [x * per_range, y * per_range, z * per_range];
        let rate = n[0] * u[0] + n[1] * u[1] + n[2] * u[2];

        let is_height = row[12] > 0.5;
        let height = z + 0.5 * self.curvature_per_m * ground2;
        let elevation = atan2(z, ground);
        let slope = z / (range2 * ground);
        let by_elevation = [-x * slope, -y * slope, ground / range2];
        let by_height = [self.curvature_per_m * x, self.curvature_per_m * y, 1.0];
        let vertical = if is_height { height } else { elevation };
        let by_vertical =
            |axis: usize| row[10] * if is_height { by_height[axis] } else { by_elevation[axis] };
        let by_rate = |axis: usize| row[11] * (u[axis] - rate * n[axis]) * per_range;
        Linearised {
            innovation: [
                row[2] - range,
                wrap_pi(row[3] - atan2(x, y)),
                row[10] * (row[4] - vertical),
                row[11] * self.unfolded(row[5] - rate),
            ],
            by_position: [
                n,
                [y / ground2, -x / ground2, 0.0],
                [by_vertical(0), by_vertical(1), by_vertical(2)],
                [by_rate(0), by_rate(1), by_rate(2)],
            ],
            by_velocity: [row[11] * n[0], row[11] * n[1], row[11] * n[2]],
            variance: [row[6], row[7], row[8], row[9]],
        }
    }
}

impl Model<POLAR> for PolarModel {
    const WIDTH: usize = ROW;

    fn counts(&self) -> [bool; POLAR] {
        self.counts
    }

    #[inline(always)]
    fn cost(&self, row: &Row) -> f64 {
        row[0]
    }

    #[inline(always)]
    fn gate(&self, row: &Row) -> f64 {
        row[1]
    }

    #[inline(always)]
    fn innovate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
    ) -> Innovation<POLAR, D> {
        let mut measured = self.linearise(&state.mean, row);
        if self.range_rate_interval_m_s[0] > 0.0 {
            self.leave_out_ambiguous_rate(state, row, &mut measured);
        }
        innovate(state, &measured, true)
    }
}

/// A measured position with a full covariance: one that all measurements of the frame have, or
/// one each.
///
/// Row: 0-2 position \[m\]; where each has its own, 3-8 the upper triangle xx, xy, xz, yy, yz, zz
/// of its covariance \[m²\].
#[derive(Clone, Copy)]
pub struct PositionModel<const SHARED: bool> {
    /// Upper triangle of the covariance that all have, if they do \[m²\].
    pub covariance_m2: [f64; 6],
    /// Part of the association cost that does not depend on the track.
    pub cost: f64,
    /// Largest squared distance that the gate lets in.
    pub gate: f64,
}

impl PositionModel<true> {
    /// Whether the covariance tells of no axis by another.
    pub fn has_independent_axes(&self) -> bool {
        let [_, xy, xz, _, yz, _] = self.covariance_m2;
        xy == 0.0 && xz == 0.0 && yz == 0.0
    }
}

impl<const SHARED: bool> Model<POSITION> for PositionModel<SHARED> {
    const WIDTH: usize = if SHARED { 3 } else { 9 };

    fn counts(&self) -> [bool; POSITION] {
        [true; POSITION]
    }

    #[inline(always)]
    fn cost(&self, _: &Row) -> f64 {
        self.cost
    }

    #[inline(always)]
    fn gate(&self, _: &Row) -> f64 {
        self.gate
    }

    #[inline(always)]
    fn innovate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
    ) -> Innovation<POSITION, D> {
        let own = [row[3], row[4], row[5], row[6], row[7], row[8]];
        let covariance_m2 = if SHARED { self.covariance_m2 } else { own };
        innovate_position(state, [row[0], row[1], row[2]], covariance_m2)
    }
}
