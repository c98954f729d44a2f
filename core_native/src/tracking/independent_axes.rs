//! The filter axis by axis, for tracks and measurements of which no axis tells of another.
//!
//! A position measured with a diagonal covariance never couples the axes of a state that did not
//! couple them before. What [`crate::tracking::gaussian`] and [`crate::tracking::kalman`] then work
//! out between the axes is zero; here it is left out, and every bit of the rest is the same.

use crate::numeric::max;
use crate::simd::LANES;
use crate::tracking::gaussian::{Gaussian, at};
use crate::tracking::kalman::{Innovation, ROUNDING};
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::{Model, POSITION, PositionModel, Row};

/// Position and velocity along one axis.
#[derive(Clone, Copy)]
pub struct Axis {
    /// Position \[m\].
    pub position: f64,
    /// Velocity \[m/s\].
    pub velocity: f64,
    /// Variance of the position \[m²\].
    pub position_variance: f64,
    /// Covariance of position and velocity \[m²/s\].
    pub covariance: f64,
    /// Variance of the velocity \[m²/s²\].
    pub velocity_variance: f64,
}

impl Axis {
    /// One axis of the state of a lane.
    #[inline(always)]
    pub const fn of(states: &StateLanes, axis: usize, lane: usize) -> Self {
        Self {
            position: states.mean[axis][lane],
            velocity: states.mean[axis + 3][lane],
            position_variance: states.covariance[at(axis, axis)][lane],
            covariance: states.covariance[at(axis, axis + 3)][lane],
            velocity_variance: states.covariance[at(axis + 3, axis + 3)][lane],
        }
    }

    /// Put it back.
    #[inline(always)]
    const fn store(&self, states: &mut StateLanes, axis: usize, lane: usize) {
        states.mean[axis][lane] = self.position;
        states.mean[axis + 3][lane] = self.velocity;
        states.covariance[at(axis, axis)][lane] = self.position_variance;
        states.covariance[at(axis, axis + 3)][lane] = self.covariance;
        states.covariance[at(axis + 3, axis + 3)][lane] = self.velocity_variance;
    }

    /// The axis `dt_s` later; the formula of [`crate::tracking::gaussian::predict`].
    #[inline(always)]
    pub fn predict(&self, dt_s: f64, noise_m2_s3: f64) -> Self {
        let (dt2, noise) = (dt_s * dt_s, noise_m2_s3 * 1.0_f64.copysign(dt_s));
        let variance = self.position_variance
            + dt_s * (self.covariance + self.covariance)
            + dt2 * self.velocity_variance;
        Self {
            position: self.position + dt_s * self.velocity,
            velocity: self.velocity,
            position_variance: variance + noise * (dt2 * dt_s * (1.0 / 3.0)),
            covariance: self.covariance + dt_s * self.velocity_variance + noise * (dt2 * 0.5),
            velocity_variance: self.velocity_variance + noise * dt_s,
        }
    }

    /// Variance of the innovation of a position measured with `variance_m2`; the formula of
    /// [`crate::tracking::kalman::innovate_position`].
    #[inline(always)]
    fn innovation_variance(&self, variance_m2: f64) -> f64 {
        self.position_variance + max(variance_m2, ROUNDING * self.position_variance)
    }

    /// The axis after a measurement `innovation_m` away, `per_variance` being 1 / the innovation's
    /// variance or 0 for no measurement; the formula of [`Innovation::update`].
    #[inline(always)]
    fn update(&self, innovation_m: f64, per_variance: f64) -> Self {
        let weight = innovation_m * per_variance;
        let by_position = self.position_variance * per_variance;
        let by_velocity = self.covariance * per_variance;
        Self {
            position: self.position + self.position_variance * weight,
            velocity: self.velocity + self.covariance * weight,
            position_variance: self.position_variance - by_position * self.position_variance,
            covariance: self.covariance - by_position * self.covariance,
            velocity_variance: self.velocity_variance - by_velocity * self.covariance,
        }
    }
}

/// A position measured with one diagonal covariance for all, met by states that couple no axes.
#[derive(Clone, Copy)]
pub struct IndependentAxes(pub PositionModel<true>);

impl IndependentAxes {
    /// Variance along each axis \[m²\].
    const fn variances_m2(&self) -> [f64; 3] {
        let [xx, _, _, yy, _, zz] = self.0.covariance_m2;
        [xx, yy, zz]
    }
}

impl Model<POSITION> for IndependentAxes {
    const WIDTH: usize = PositionModel::<true>::WIDTH;
    const COUPLES_AXES: bool = false;

    fn counts(&self) -> [bool; POSITION] {
        self.0.counts()
    }

    #[inline(always)]
    fn cost(&self, row: &Row) -> f64 {
        self.0.cost(row)
    }

    #[inline(always)]
    fn gate(&self, row: &Row) -> f64 {
        self.0.gate(row)
    }

    #[inline(always)]
    fn innovate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
    ) -> Innovation<POSITION, D> {
        self.0.innovate(state, row)
    }

    #[inline(always)]
    fn costs(
        &self,
        states: &StateLanes,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        noise_m2_s3: [f64; 3],
    ) -> [f64; LANES] {
        let mut costs = [0.0; LANES];
        let variances_m2 = self.variances_m2();
        for lane in 0..LANES {
            let row = rows.row(lane);
            let (mut distance2, mut determinant) = (0.0, 1.0);
            let mut axis = 0;
            while axis < 3 {
                let along = Axis::of(states, axis, lane).predict(until_s[lane], noise_m2_s3[axis]);
                let variance = along.innovation_variance(variances_m2[axis]);
                let innovation_m = row[axis] - along.position;
                distance2 += innovation_m * innovation_m * (1.0 / variance);
                determinant *= variance;
                axis += 1;
            }
            costs[lane] = self.cost_at(&row, distance2, determinant);
        }
        costs
    }

    #[inline(always)]
    fn update(
        &self,
        states: &mut StateLanes,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        hit: &[bool; LANES],
        noise_m2_s3: [f64; 3],
    ) {
        let variances_m2 = self.variances_m2();
        for lane in 0..LANES {
            let row = rows.row(lane);
            let mut axis = 0;
            while axis < 3 {
                let along = Axis::of(states, axis, lane).predict(until_s[lane], noise_m2_s3[axis]);
                let per_variance = 1.0 / along.innovation_variance(variances_m2[axis]);
                let weight = if hit[lane] { per_variance } else { 0.0 };
                along.update(row[axis] - along.position, weight).store(states, axis, lane);
                axis += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::SimdLevel;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::frame_measurements::FrameMeasurements;
    use crate::tracking::gaussian::{STATE, predict};
    use crate::tracking::report::Viewpoint;
    use crate::tracking::tracker::{Tracker, TrackerName};

    const NOISE_M2_S3: [f64; 3] = [0.5, 0.7, 0.1];
    const MODEL: PositionModel<true> = PositionModel {
        covariance_m2: [400.0, 0.0, -0.0, 90.0, 0.0, 1e-9],
        cost: -20.0,
        gate: 20.0,
    };

    /// Numbers that look random, the same in every run, from -0.5 to 0.5.
    struct Draw(u64);

    impl Draw {
        fn next(&mut self) -> f64 {
            let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
            self.0 = next.wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        }

        /// A state of a size from 1 mm to 1000 km that couples no axes, now and then zero.
        fn state(&mut self) -> Gaussian {
            let size = libm::pow(10.0, (self.next() * 9.0).round() + 1.5);
            let mut state = Gaussian::ZERO;
            for axis in 0..3 {
                state.mean[axis] = size * self.next();
                state.mean[axis + 3] = self.next() * 100.0;
                state.covariance[at(axis, axis)] = size * size * (self.next() + 0.5);
                state.covariance[at(axis + 3, axis + 3)] = size * (self.next() + 0.5);
            }
            if self.next() > 0.4 { Gaussian::ZERO } else { predict(&state, 1.5, NOISE_M2_S3) }
        }

        fn block(&mut self) -> StateLanes {
            let mut states = StateLanes::EMPTY;
            (0..LANES).for_each(|lane| states.store(lane, &self.state()));
            states
        }

        /// Eight positions, each within the gate of the state beside it or where chance has it.
        fn rows(&mut self, states: &StateLanes) -> RowLanes {
            let place = |lane: usize| {
                let state = states.state(lane);
                [0, 1, 2].map(|axis| match self.next() {
                    chance if chance > 0.3 => state.mean[axis],
                    chance if chance > 0.2 => -0.0,
                    chance => state.mean[axis] + 50.0 * chance,
                })
            };
            let positions_m: Vec<_> = (0..LANES).map(place).collect();
            let covariances_m2 = [[[400.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 0.0, 1.0]]];
            let mut measured = FrameMeasurements::default();
            measured.from_positions::<true>(0, &positions_m, &covariances_m2, MODEL.gate);
            let mut rows = RowLanes::EMPTY;
            rows.load(&measured, std::array::from_fn(|lane| lane), IndependentAxes::WIDTH);
            rows
        }
    }

    fn bits<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
        numbers.into_iter().map(|number| number.to_bits()).collect()
    }

    #[test]
    fn every_bit_is_that_of_the_form_for_all_axes_together() {
        let (mut draw, axes) = (Draw(1), IndependentAxes(MODEL));
        let mut inside = 0;
        for round in 0..500 {
            let states = draw.block();
            let rows = draw.rows(&states);
            let hit: [bool; LANES] = std::array::from_fn(|_| draw.next() > 0.2);
            let until_s = hit.map(|hit| if hit { f64::from(round % 3) * 0.7 } else { 0.0 });
            let together = MODEL.costs(&states, &rows, &until_s, NOISE_M2_S3);
            let apart = axes.costs(&states, &rows, &until_s, NOISE_M2_S3);
            assert_eq!(bits(&apart), bits(&together));
            inside += apart.iter().filter(|cost| cost.is_finite()).count();
            let (mut apart, mut together) = (states, states);
            axes.update(&mut apart, &rows, &until_s, &hit, NOISE_M2_S3);
            MODEL.update(&mut together, &rows, &until_s, &hit, NOISE_M2_S3);
            assert_eq!(bits(apart.mean.as_flattened()), bits(together.mean.as_flattened()));
            let covariances = [apart, together].map(|states| states.covariance);
            assert_eq!(bits(covariances[0].as_flattened()), bits(covariances[1].as_flattened()));
            for lane in 0..LANES {
                assert!(!apart.state(lane).couples_axes());
                assert!((0..STATE).all(|i| apart.covariance[at(i, i)][lane] >= 0.0));
            }
        }
        assert!((1000..3000).contains(&inside), "{inside} of 4000 inside the gate");
    }

    /// Positions near 40 targets and some anywhere.
    fn scan(number: u32, draw: &mut Draw) -> Vec<[f64; 3]> {
        let near = |target: u32, draw: &mut Draw| {
            let along = f64::from(target) * 700.0 + f64::from(number) * 4.0;
            [along + 30.0 * draw.next(), 30.0 * draw.next() - along, 20.0 * draw.next()]
        };
        let mut positions_m: Vec<_> = (0..40).map(|target| near(target, draw)).collect();
        positions_m.retain(|_| draw.next() < 0.4);
        positions_m.extend((0..8).map(|_| [0; 3].map(|_| 2e4 * draw.next())));
        positions_m
    }

    #[test]
    fn a_tracker_says_the_same_whether_or_not_it_knows_that_no_axes_are_coupled() {
        let name = TrackerName { tracker_id: [7; 16], epoch: 1 };
        let new = || Tracker::new(TrackerConfig::default(), name, SimdLevel::detect());
        let [mut apart, mut together] = [(); 2].map(|()| new().expect("the default settings"));
        together.table.states.axes_coupled = true;
        let diagonal = [[400.0, 0.0, 0.0], [0.0, 300.0, 0.0], [0.0, 0.0, 90.0]];
        let mut full = diagonal;
        (full[0][1], full[1][0]) = (150.0, 150.0);
        let mut draw = Draw(5);
        for number in 0..60 {
            let (time_ns, positions_m) = (i64::from(number) * 100_000_000, scan(number, &mut draw));
            let covariance_m2 = if number == 40 { full } else { diagonal };
            let seen_from = Viewpoint { time_ns: time_ns + 70_000_000, sensor: None };
            let [first, second] = [&mut apart, &mut together].map(|tracker| {
                let scanned = tracker.step_positions(time_ns, &positions_m, &[covariance_m2], None);
                scanned.expect("a good scan");
                let mut records = Vec::new();
                tracker.report_touched(seen_from, &mut records);
                (tracker.snapshot().expect("ids fit"), format!("{records:?}")) // NaN is NaN here
            });
            assert_eq!(first, second, "{number}");
            assert_eq!(apart.table.states.axes_coupled, number >= 40);
            let restored = Tracker::restore(&first.0, SimdLevel::detect()).expect("its own bytes");
            assert_eq!(restored.table.states.axes_coupled, number >= 40);
        }
        assert!(apart.track_count() > 30);
    }
}
