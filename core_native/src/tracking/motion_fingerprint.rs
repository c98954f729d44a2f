//! What tells a user's motion model from another of the same name: its answers to fixed questions.
//!
//! Of a compiled function nothing else can be said for sure: the same source may answer other bits
//! when another compiler made it, and other source the same. What shows at none of the questions, as
//! a branch that they do not take, is not seen.

use sha2::{Digest, Sha256};

use crate::simd::LANES;
use crate::tracking::gaussian::STATE;
use crate::tracking::motion_model::MAX_STATE;
use crate::tracking::user_motion::{MotionAnswers, UserMotion};

/// States asked of: as many as the function is asked at a time, so often.
const BATCHES: usize = 8;
/// Largest of each number asked, either way: position \[m\], velocity \[m/s\].
const LARGEST: [f64; STATE] = [1e5, 1e5, 2e4, 1e3, 1e3, 300.0];
/// What a model adds is asked of up to so many standard deviations.
const STDS: f64 = 2.0;
const TIME_STEPS_S: [f64; 5] = [0.1, 1.0, 0.02, 4.0, 10.0];
/// Every so many states have nothing of what the model adds, as that of a new target.
const NEW_EVERY: usize = 4;
/// Roots of the first primes: their multiples, modulo one, fill the unit cube evenly (Kronecker
/// sequence).
const ROOTS: [f64; MAX_STATE] = [
    std::f64::consts::SQRT_2,
    1.732_050_807_568_877_2,
    2.236_067_977_499_79,
    2.645_751_311_064_590_6,
    3.316_624_790_355_4,
    3.605_551_275_463_989,
    4.123_105_625_617_661,
    4.358_898_943_540_674,
    4.795_831_523_312_719,
];

/// SHA-256, in hexadecimal digits, of the bits that a model answers of fixed states and time steps.
/// `initial_std` says how large the numbers are that the model adds.
pub(super) fn answers_sha256(
    model: &UserMotion,
    parameters: &[f64],
    initial_std: &[f64],
) -> String {
    let (n, mut hash) = (model.state_size(), Sha256::new());
    for batch in 0..BATCHES {
        let (mut states, mut steps_s) = ([0.0; LANES * MAX_STATE], [0.0; LANES]);
        for lane in 0..LANES {
            let number = batch * LANES + lane;
            ask_of(number, initial_std, &mut states[lane * n..(lane + 1) * n]);
            steps_s[lane] = TIME_STEPS_S[number % TIME_STEPS_S.len()];
        }
        let mut answers = MotionAnswers::EMPTY;
        model.ask(&mut states[..LANES * n], &mut steps_s, parameters, &mut answers);
        for lane in 0..LANES {
            let numbers = answers.of(lane, n).into_iter().flatten();
            numbers.for_each(|&number| hash.update(bits_of(number)));
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Write a state to ask of: many numbers are small, few large, as those of targets.
fn ask_of(number: usize, initial_std: &[f64], state: &mut [f64]) {
    for (i, (value, root)) in state.iter_mut().zip(ROOTS).enumerate() {
        let even = 2.0 * ((number + 1) as f64 * root).fract() - 1.0;
        *value = match i.checked_sub(STATE) {
            None => LARGEST[i] * even * even * even,
            Some(_) if number.is_multiple_of(NEW_EVERY) => 0.0,
            Some(added) => STDS * initial_std[added] * even,
        };
    }
}

/// The bits of a number; NaN is NaN, whichever of them a machine makes.
const fn bits_of(number: f64) -> [u8; 8] {
    if number.is_nan() { f64::NAN.to_bits().to_le_bytes() } else { number.to_bits().to_le_bytes() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::tracking::user_motion::{MotionBatch, MotionFunction};

    /// Answers the states times a factor, NaN of its sign where the height is above a limit.
    #[derive(Debug)]
    struct Scaled {
        factor: f64,
        limit_m: f64,
        nan: f64,
    }

    impl MotionFunction for Scaled {
        fn predict(&self, batch: MotionBatch<'_>) {
            let n = batch.state.len() / batch.time_step_s.len();
            batch.mean.copy_from_slice(batch.state);
            for (k, mean) in batch.mean.chunks_mut(n).enumerate() {
                let far = mean[2] > self.limit_m;
                let factor = self.factor * batch.parameters[0] * batch.time_step_s[k];
                mean.iter_mut().for_each(|number| *number *= factor);
                mean[0] = if far { self.nan } else { mean[0] };
            }
        }
    }

    const SAME: Scaled = Scaled { factor: 2.0, limit_m: 1e3, nan: f64::NAN };

    fn hash_of(function: Scaled, parameter: f64, std: f64) -> String {
        let model = UserMotion::new("scaled", 7, 1, Arc::new(function)).expect("within the limits");
        answers_sha256(&model, &[parameter], &[std])
    }

    #[test]
    fn the_same_answers_have_the_same_hash_and_others_another() {
        let own = hash_of(SAME, 1.0, 0.5);
        assert_eq!(own.len(), 64);
        assert_eq!(own, hash_of(SAME, 1.0, 0.5));
        assert_eq!(own, hash_of(Scaled { nan: -f64::NAN, ..SAME }, 1.0, 0.5));
        // Half as much of twice as much is the same: the parameters are told besides.
        assert_eq!(own, hash_of(Scaled { factor: 1.0, ..SAME }, 2.0, 0.5));
        assert_ne!(own, hash_of(Scaled { factor: 2.0_f64.next_up(), ..SAME }, 1.0, 0.5));
        assert_ne!(own, hash_of(Scaled { limit_m: 2e3, ..SAME }, 1.0, 0.5));
        assert_ne!(own, hash_of(SAME, 1.0_f64.next_up(), 0.5));
        assert_ne!(own, hash_of(SAME, 1.0, 0.6));
        // Beyond all questions.
        assert_eq!(
            hash_of(Scaled { limit_m: 1e6, ..SAME }, 1.0, 0.5),
            hash_of(Scaled { limit_m: 2e6, ..SAME }, 1.0, 0.5)
        );
    }

    #[test]
    fn what_is_asked_spreads_over_the_limits() {
        let mut states = vec![[0.0; 7]; BATCHES * LANES];
        for (number, state) in states.iter_mut().enumerate() {
            ask_of(number, &[0.5], state);
        }
        for (i, largest) in LARGEST.into_iter().chain([STDS * 0.5]).enumerate() {
            let within = states.iter().all(|state| state[i].abs() <= largest);
            let above = states.iter().filter(|state| state[i] > 0.3 * largest).count();
            let below = states.iter().filter(|state| state[i] < -0.3 * largest).count();
            assert!(within && above >= 5 && below >= 5, "{i}: {above}, {below}");
        }
        assert_eq!(states.iter().filter(|state| state[6] == 0.0).count(), BATCHES * LANES / 4);
    }
}
