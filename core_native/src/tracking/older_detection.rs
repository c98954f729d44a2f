//! The update of a state by a detection that is older than it.
//!
//! How much of the noise between the two times the state has already seen is not known any more. It is
//! taken to have seen none of it: the prediction from the older time is taken back, the detection used,
//! and the state predicted anew. That is exact where nothing was measured in between, and where there is
//! no noise; else it is an approximation of the exact solution, for which each state would have to keep
//! its former ones (Bar-Shalom 2002, "Update with out-of-sequence measurements in tracking: exact
//! solution", IEEE Trans. Aerospace and Electronic Systems 38(3)). So a state never goes back and never
//! becomes less sure. Where the noise alone is as large as the doubt of the state, an older detection may
//! tell nothing new, and leaves the state as it was.

use crate::simd::LANES;
use crate::tracking::gaussian::{Gaussian, at_in};
use crate::tracking::measurement::{Model, Row};
use crate::tracking::motion_model::MotionModel;
use crate::tracking::triangular_factors::TriangularFactors;

/// A pivot below this share of the state's variance is rounding.
const LEAST_PIVOT: f64 = 1e-12;

/// Which of the measurements beside eight tracks are older than these.
#[inline(always)]
pub fn older(hit: &[bool; LANES], until_s: &[f64; LANES]) -> [bool; LANES] {
    let mut older = [false; LANES];
    for lane in 0..LANES {
        older[lane] = hit[lane] && until_s[lane] < 0.0;
    }
    older
}

/// The state, at its own time, after a measurement at `until_s` < 0 before it.
#[inline(never)]
pub fn updated<const D: usize, const T: usize, const C: usize, M: Model<C>>(
    state: &Gaussian<D, T>,
    motion: &impl MotionModel<D, T>,
    model: &M,
    row: &Row,
    until_s: f64,
) -> Gaussian<D, T> {
    let then = motion.noise_undone().predict(state, until_s);
    if !is_known(&then, state) {
        return *state;
    }
    motion.predict(&model.innovate(&then, row).update(&then), -until_s)
}

/// Whether a state that was taken back is one: its covariance positive definite, but for what `state`
/// knows without error.
fn is_known<const D: usize, const T: usize>(then: &Gaussian<D, T>, state: &Gaussian<D, T>) -> bool {
    let element = |i: usize, j: usize| then.covariance[at_in::<D>(i, j)];
    let accepts = |row: usize, pivot: f64| {
        let variance = state.covariance[at_in::<D>(row, row)];
        pivot > LEAST_PIVOT * variance || (variance == 0.0 && pivot == 0.0)
    };
    TriangularFactors::<D>::of(D, element, accepts).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::constant_acceleration::ConstantAcceleration;
    use crate::tracking::constant_velocity::ConstantVelocity;
    use crate::tracking::coordinated_turn::CoordinatedTurn;
    use crate::tracking::gaussian::STATE;
    use crate::tracking::measurement::{PositionModel, ROW};

    const MODEL: PositionModel<true> = PositionModel {
        covariance_m2: [900.0, 100.0, 0.0, 400.0, -50.0, 2500.0],
        cost: 0.0,
        gate: 20.0,
    };
    const VELOCITY: ConstantVelocity = ConstantVelocity { noise_m2_s3: [30.0, 30.0, 5.0] };
    const ACCELERATION: ConstantAcceleration = ConstantAcceleration {
        jerk_noise_m2_s5: [3.0, 3.0, 0.5],
        first_variance_m2_s4: [100.0; 3],
    };
    const TURN: CoordinatedTurn = CoordinatedTurn {
        noise_m2_s3: [30.0, 30.0, 5.0],
        turn_noise_rad2_s3: 0.0,
        first_variance_rad2_s2: 0.01,
    };

    fn row(position_m: [f64; 3]) -> Row {
        let mut row = [0.0; ROW];
        row[..3].copy_from_slice(&position_m);
        row
    }

    fn start<const D: usize, const T: usize>() -> Gaussian<D, T> {
        let mut state = Gaussian::zero();
        let mean = [1000.0, -500.0, 80.0, 150.0, -90.0, 2.0, 0.05, 0.5, -0.2];
        let std = [50.0, 40.0, 60.0, 20.0, 25.0, 5.0, 0.1, 0.1, 0.1];
        for i in 0..D {
            state.mean[i] = mean[i];
            state.covariance[at_in::<D>(i, i)] = std[i] * std[i];
        }
        state
    }

    /// Measurements at 0 s, 1 s, 2 s and 3 s of about where the target then is.
    fn measured(second: usize) -> Row {
        let noise = [[20.0, -9.0, 30.0], [-25.0, 14.0, 8.0], [5.0, 21.0, -40.0], [17.0, 2.0, 3.0]];
        let t = second as f64;
        let place = [1000.0 + 150.0 * t, -500.0 - 90.0 * t, 80.0 + 2.0 * t];
        row([0, 1, 2].map(|axis| place[axis] + noise[second][axis]))
    }

    fn in_order<const D: usize, const T: usize>(
        motion: &impl MotionModel<D, T>,
        seconds: &[usize],
    ) -> Gaussian<D, T> {
        let (mut state, mut now) = (start(), 0);
        for &second in seconds {
            state = motion.predict(&state, (second - now) as f64);
            state = MODEL.innovate(&state, &measured(second)).update(&state);
            now = second;
        }
        state
    }

    /// The largest difference of any number, in standard deviations.
    fn difference<const D: usize, const T: usize>(a: &Gaussian<D, T>, b: &Gaussian<D, T>) -> f64 {
        let std = |i: usize| b.covariance[at_in::<D>(i, i)].sqrt();
        let mut largest = 0.0_f64;
        for i in 0..D {
            largest = largest.max((a.mean[i] - b.mean[i]).abs() / std(i));
            for j in i..D {
                let k = at_in::<D>(i, j);
                let off = (a.covariance[k] - b.covariance[k]).abs() / (std(i) * std(j));
                largest = largest.max(off);
            }
        }
        largest
    }

    fn is_taken_back<const D: usize, const T: usize>(motion: &impl MotionModel<D, T>) {
        let before = in_order(motion, &[0, 1]);
        let found = motion.noise_undone().predict(&motion.predict(&before, 2.0), -2.0);
        assert!(difference(&found, &before) < 1e-9, "{}", difference(&found, &before));
    }

    #[test]
    fn a_prediction_can_be_taken_back() {
        is_taken_back(&VELOCITY);
        is_taken_back(&ACCELERATION);
        is_taken_back(&TURN);
    }

    /// The covariance of `state` moved by a time, and what the noise adds.
    fn moved_and_added<const D: usize, const T: usize>(
        motion: &impl MotionModel<D, T>,
        state: &Gaussian<D, T>,
        dt_s: f64,
    ) -> ([f64; T], [f64; T]) {
        let more = motion.predict(state, dt_s).covariance;
        let less = motion.noise_undone().predict(state, dt_s).covariance;
        let half = |sign: f64| std::array::from_fn(|k| 0.5 * (more[k] + sign * less[k]));
        (half(1.0), half(-1.0))
    }

    fn looking_back_is_as_unsure<const D: usize, const T: usize>(
        motion: &impl MotionModel<D, T>,
        state: &Gaussian<D, T>,
        tolerance: f64,
    ) {
        let (_, covariance) = moved_and_added(motion, state, -2.0);
        let before = Gaussian { covariance, ..motion.predict(state, -2.0) };
        let (moved, added) = moved_and_added(motion, &before, 2.0);
        for i in 0..D {
            let k = at_in::<D>(i, i);
            assert!(
                (moved[k] - added[k]).abs() <= tolerance * added[k],
                "{i}: {moved:?} {added:?}"
            );
        }
    }

    #[test]
    fn the_noise_between_two_times_is_the_same_seen_from_either() {
        looking_back_is_as_unsure(&VELOCITY, &in_order(&VELOCITY, &[0, 1]), 1e-9);
        looking_back_is_as_unsure(&ACCELERATION, &in_order(&ACCELERATION, &[0, 1]), 1e-9);
        looking_back_is_as_unsure(&TURN, &in_order(&TURN, &[0, 1]), 1e-9);
        // The noise of the turn rate is known to the first order of the angle turned.
        let motion = CoordinatedTurn { turn_noise_rad2_s3: 1e-3, ..TURN };
        let mut state = start::<7, 28>();
        state.mean[6] = 0.02;
        looking_back_is_as_unsure(&motion, &state, 0.01);
    }

    fn nothing_is_lost_without_measurements_between<const D: usize, const T: usize>(
        motion: &impl MotionModel<D, T>,
    ) {
        let known = in_order(motion, &[0, 1]);
        let late = updated(&motion.predict(&known, 2.0), motion, &MODEL, &measured(2), -1.0);
        let expected = motion.predict(&in_order(motion, &[0, 1, 2]), 1.0);
        assert!(difference(&late, &expected) < 1e-9, "{}", difference(&late, &expected));
    }

    #[test]
    fn without_measurements_between_the_order_is_nothing() {
        nothing_is_lost_without_measurements_between(&VELOCITY);
        nothing_is_lost_without_measurements_between(&ACCELERATION);
    }

    #[test]
    fn without_noise_the_order_is_nothing() {
        let still = ConstantVelocity { noise_m2_s3: [0.0; 3] };
        let late = updated(&in_order(&still, &[0, 1, 3]), &still, &MODEL, &measured(2), -1.0);
        let expected = in_order(&still, &[0, 1, 2, 3]);
        assert!(difference(&late, &expected) < 1e-9, "{}", difference(&late, &expected));
    }

    #[test]
    fn what_may_tell_nothing_new_leaves_every_bit() {
        let lively = ConstantVelocity { noise_m2_s3: [3000.0; 3] };
        let known = in_order(&lively, &[0, 1, 3]);
        assert_eq!(updated(&known, &lively, &MODEL, &measured(2), -1.0), known);
    }

    fn is_about_between<const D: usize, const T: usize>(motion: &impl MotionModel<D, T>) {
        for older in [0, 1, 2] {
            let rest: Vec<usize> = (0..4).filter(|&second| second != older).collect();
            let (known, best) = (in_order(motion, &rest), in_order(motion, &[0, 1, 2, 3]));
            let back_s = older as f64 - 3.0;
            let found = updated(&known, motion, &MODEL, &measured(older), back_s);
            for i in 0..D {
                let variance = |state: &Gaussian<D, T>| state.covariance[at_in::<D>(i, i)];
                assert!(variance(&found) <= variance(&known) * (1.0 + 1e-12), "{older} {i}");
                let share = variance(&found) / variance(&best);
                assert!(share >= 0.95, "{older} {i}: {share}");
            }
        }
    }

    #[test]
    fn a_state_becomes_surer_about_as_by_detections_in_order() {
        is_about_between(&VELOCITY);
        is_about_between(&ACCELERATION);
        let slight = ConstantVelocity { noise_m2_s3: [0.01; 3] };
        is_about_between(&slight);
    }

    #[test]
    fn what_is_known_without_error_stays() {
        let mut state: Gaussian = start();
        for i in [2, 5] {
            state.mean[i] = 0.0;
            state.covariance[at_in::<STATE>(i, i)] = 0.0;
        }
        let motion = ConstantVelocity { noise_m2_s3: [30.0, 30.0, 0.0] };
        let found = updated(&state, &motion, &MODEL, &row([900.0, -420.0, 7.0]), -0.5);
        assert!(found.mean.iter().chain(&found.covariance).all(|number| number.is_finite()));
        assert_eq!((found.mean[2], found.mean[5]), (0.0, 0.0));
        assert!(found.covariance[0] < state.covariance[0]);
    }
}
