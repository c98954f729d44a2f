//! The threshold of a square-law detector that adds the powers of N pulses.
//!
//! Powers are in units of the mean noise power of one pulse. The sum of N noise powers has a gamma
//! distribution of shape N and exceeds T with probability e^-T Σ T^n / n! over n < N:
//! M. A. Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014), section 6.3.

use crate::error::{Error, Result};
use crate::radar::count_distributions::{ln_poisson, poisson_sum_over_last};

/// Most pulses that a detector integrates. The sums grow with the root of their number, and the
/// draws of a frame do not grow at all; this is where the accuracy was last checked.
pub const MAX_PULSES: u32 = 10_000;
/// Smallest and largest probability of a false alarm.
pub const FALSE_ALARM_LIMITS: [f64; 2] = [1e-30, 0.5];

/// Steps of Newton's method; the slowest case within the limits takes 14.
const MAX_STEPS: usize = 60;

/// Refuse a number of pulses that the formulas do not cover.
pub fn check_pulses(pulses: i64) -> Result<u32> {
    let checked = u32::try_from(pulses).ok().filter(|number| (1..=MAX_PULSES).contains(number));
    checked.ok_or_else(|| Error::Setting {
        setting: "pulses".into(),
        value: pulses.to_string(),
        limit: format!("1 to {MAX_PULSES}"),
        remedy: "give the number of pulses that are integrated".into(),
    })
}

/// Refuse a probability of false alarm that the formulas do not cover.
pub fn check_false_alarm_probability(probability: f64) -> Result<f64> {
    let [low, high] = FALSE_ALARM_LIMITS;
    if (low..=high).contains(&probability) {
        return Ok(probability);
    }
    Err(Error::Setting {
        setting: "false_alarm_probability".into(),
        value: format!("{probability:e}"),
        limit: format!("{low:e} to {high}"),
        remedy: "give the probability that noise alone passes in one resolution cell".into(),
    })
}

/// Power that the sum of `pulses` noise powers exceeds with probability `false_alarm_probability`;
/// relative error below 1e-13. Both must be within their limits.
pub fn detection_threshold(false_alarm_probability: f64, pulses: u32) -> f64 {
    let ln_probability = libm::log(false_alarm_probability);
    if pulses == 1 {
        return -ln_probability;
    }
    let last = f64::from(pulses) - 1.0;
    // The logarithm of the probability is concave in the threshold: from any start Newton's
    // method is past the root after one step and comes back from there without passing it again.
    let mut threshold = f64::from(pulses);
    for _ in 0..MAX_STEPS {
        let sum = poisson_sum_over_last(last, threshold);
        let excess = ln_poisson(last, threshold) + libm::log(sum) - ln_probability;
        // The density over the probability is 1 / sum.
        let step = excess * sum;
        threshold += step;
        if step.abs() <= 1e-15 * threshold {
            break;
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pulse_is_the_logarithm() {
        assert_eq!(detection_threshold(1e-6, 1), -libm::log(1e-6));
    }

    #[test]
    fn noise_exceeds_the_threshold_as_often_as_told() {
        for pulses in [2, 3, 10, 100, 1000, MAX_PULSES] {
            for probability in [1e-30, 1e-8, 1e-3, 0.1, 0.5] {
                let threshold = detection_threshold(probability, pulses);
                let last = f64::from(pulses) - 1.0;
                let sum = poisson_sum_over_last(last, threshold);
                let found = libm::exp(ln_poisson(last, threshold)) * sum;
                assert!((found / probability - 1.0).abs() < 1e-11, "{pulses} {probability}");
            }
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_refused() {
        let message = check_pulses(0).unwrap_err().to_string();
        assert!(message.starts_with("pulses is 0, must be 1 to 10000: give"), "{message}");
        assert!(check_pulses(10_001).is_err() && check_pulses(10_000) == Ok(10_000));
        for wrong in [0.0, 1e-31, 0.6, -1.0, f64::NAN] {
            assert!(check_false_alarm_probability(wrong).is_err());
        }
        let message = check_false_alarm_probability(0.6).unwrap_err().to_string();
        assert!(message.contains("false_alarm_probability is 6e-1, must be 1e-30 to 0.5"));
    }
}
