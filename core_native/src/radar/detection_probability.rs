//! Probability that a square-law detector of N pulses detects a target, and the SNR it takes.
//!
//! Exact for Swerling 0 to 4: P. Swerling, IRE Trans. IT-6 (1960), 269; J. V. DiFranco and W. L.
//! Rubin, "Radar Detection" (1968), chapters 10 and 11. The sums are those of D. A. Shnidman,
//! IEEE Trans. IT-35 (1989), 389: with M a Poisson count whose mean is the threshold and K the
//! [`SignalCount`], a target is detected when M < N + K. Every term is positive, so nothing
//! cancels, and there are no more of them than the Poisson count varies: some multiple of the
//! root of the threshold, however strong the echo.
//!
//! An SNR is always the mean one of a single pulse, as a ratio.

use crate::error::{Error, Result};
use crate::radar::count_distributions::{SignalCount, ln_poisson, poisson_sum_over_last};
use crate::radar::detection_threshold::{
    check_false_alarm_probability, check_pulses, detection_threshold,
};
use crate::radar::equation::{from_db, to_db};
use crate::radar::fluctuation::Fluctuation;

/// Largest SNR, either way \[dB\].
pub const MAX_SNR_DB: f64 = 200.0;
/// Largest probability of detection for which an SNR is looked for.
pub const MAX_DETECTION_PROBABILITY: f64 = 1.0 - 1e-9;
/// Smallest probability of detection for which an SNR is looked for, over that of a false alarm.
pub const MIN_GAIN_OVER_NOISE: f64 = 1.01;

/// Between these every SNR lies that is looked for \[dB\].
const SEARCHED_DB: [f64; 2] = [-100.0, 150.0];
/// Halvings of that interval until nothing is left of it.
const HALVINGS: usize = 60;

/// A detector: what it integrates and when it says that there is a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detector {
    /// Pulses whose powers are added.
    pub pulses: u32,
    /// Probability that noise alone exceeds the threshold.
    pub false_alarm_probability: f64,
    /// Sum of powers, over the mean noise power of one pulse, from which there is a target.
    pub threshold: f64,
}

impl Detector {
    /// The detector with the threshold of `false_alarm_probability`.
    pub fn new(false_alarm_probability: f64, pulses: i64) -> Result<Self> {
        let pulses = check_pulses(pulses)?;
        let false_alarm_probability = check_false_alarm_probability(false_alarm_probability)?;
        let threshold = detection_threshold(false_alarm_probability, pulses);
        Ok(Self { pulses, false_alarm_probability, threshold })
    }

    /// Probability that a target of mean `snr` is detected; absolute error below 1e-11.
    pub fn detection_probability(&self, snr: f64, fluctuation: Fluctuation) -> f64 {
        if self.is_exponential(fluctuation) {
            return libm::exp(-self.threshold / (1.0 + snr));
        }
        let signal = self.signal_count(snr, fluctuation);
        let missed = self.missed(&signal);
        // Above that the subtraction would cost digits of a small probability.
        if missed < 0.9 { 1.0 - missed } else { self.detected(&signal) }
    }

    /// As [`Self::detection_probability`] of an SNR in decibels, which is checked.
    pub fn detection_probability_at(&self, snr_db: f64, fluctuation: Fluctuation) -> Result<f64> {
        if snr_db.abs() <= MAX_SNR_DB {
            return Ok(self.detection_probability(from_db(snr_db), fluctuation));
        }
        Err(Error::Setting {
            setting: "snr_db".into(),
            value: snr_db.to_string(),
            limit: format!("-{MAX_SNR_DB} to {MAX_SNR_DB}"),
            remedy: "give the mean SNR of a single pulse, in decibels".into(),
        })
    }

    /// Mean SNR at which a target is detected with `probability`, which is checked.
    pub fn required_snr(&self, probability: f64, fluctuation: Fluctuation) -> Result<f64> {
        let low = MIN_GAIN_OVER_NOISE * self.false_alarm_probability;
        if !(low..=MAX_DETECTION_PROBABILITY).contains(&probability) {
            return Err(Error::Setting {
                setting: "detection_probability".into(),
                value: probability.to_string(),
                limit: format!("{low:.2e} (a little above that of a false alarm) to 1 - 1e-9"),
                remedy: "ask for a probability that noise alone does not reach".into(),
            });
        }
        if self.is_exponential(fluctuation) {
            return Ok(self.threshold / -libm::log(probability) - 1.0);
        }
        Ok(self.searched_snr(probability, fluctuation))
    }

    fn searched_snr(&self, probability: f64, fluctuation: Fluctuation) -> f64 {
        let [mut low_db, mut high_db] = SEARCHED_DB;
        for _ in 0..HALVINGS {
            let middle_db = 0.5 * (low_db + high_db);
            let signal = self.signal_count(from_db(middle_db), fluctuation);
            let missed = self.missed(&signal);
            let too_weak = if missed < 0.5 {
                missed > 1.0 - probability
            } else {
                self.detected(&signal) < probability
            };
            if too_weak { low_db = middle_db } else { high_db = middle_db }
        }
        from_db(0.5 * (low_db + high_db))
    }

    /// Whether signal and noise together have an exponential distribution.
    pub fn is_exponential(&self, fluctuation: Fluctuation) -> bool {
        use Fluctuation::{Swerling1, Swerling2};
        self.pulses == 1 && matches!(fluctuation, Swerling1 | Swerling2)
    }

    fn signal_count(&self, snr: f64, fluctuation: Fluctuation) -> SignalCount {
        let pulses = f64::from(self.pulses);
        SignalCount { shape: fluctuation.shape(self.pulses), mean: pulses * snr }
    }

    /// Pr[M ≥ N + K] = Σ Pr[M = N + j] Pr[K ≤ j].
    fn missed(&self, signal: &SignalCount) -> f64 {
        let pulses = f64::from(self.pulses);
        let last = self.last_noise_count() - pulses;
        let mut j = signal.first_likely(last + 1.0);
        let mut noise = libm::exp(ln_poisson(pulses + j, self.threshold));
        let mut probability = libm::exp(signal.ln_probability(j));
        let (mut up_to_j, mut sum) = (0.0, 0.0);
        while j <= last {
            up_to_j += probability;
            sum += noise * up_to_j;
            probability *= signal.ratio(j);
            j += 1.0;
            noise *= self.threshold / (pulses + j);
        }
        sum
    }

    /// Pr[M < N + K] = Σ Pr[K = i] Pr[M < N + i].
    fn detected(&self, signal: &SignalCount) -> f64 {
        let pulses = f64::from(self.pulses);
        let mut i = signal.first_likely(self.last_noise_count());
        let mut noise = libm::exp(ln_poisson(pulses + i - 1.0, self.threshold));
        let mut below = noise * poisson_sum_over_last(pulses + i - 1.0, self.threshold);
        let mut probability = libm::exp(signal.ln_probability(i));
        let mut sum = 0.0;
        loop {
            sum += probability * below;
            let ratio = signal.ratio(i);
            probability *= ratio;
            // The rest is at most a geometric series. A NaN ends the loop, too.
            let rest_counts = ratio >= 1.0 || probability > 1e-16 * sum * (1.0 - ratio);
            if !(probability > 0.0 && rest_counts) {
                return sum;
            }
            noise *= self.threshold / (pulses + i);
            below += noise;
            i += 1.0;
        }
    }

    /// A Poisson count of mean T is larger with a probability below e^-45 = 1e-19.5, by Bernstein's
    /// inequality: T + x with x² = 90 (T + x / 3).
    fn last_noise_count(&self) -> f64 {
        libm::ceil(self.threshold + 15.0 + (225.0 + 90.0 * self.threshold).sqrt())
    }
}

/// Mean SNR of a single pulse \[dB\] at which a target is detected with `probability`.
pub fn required_snr_db(
    detector: &Detector,
    probability: f64,
    fluctuation: Fluctuation,
) -> Result<f64> {
    Ok(to_db(detector.required_snr(probability, fluctuation)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_values() {
        let detector = Detector::new(1e-6, 1).unwrap();
        let expected = [0.874_441, 0.517_178, 0.517_178, 0.608_965, 0.608_965];
        for (fluctuation, expected) in Fluctuation::ALL.into_iter().zip(expected) {
            let found = detector.detection_probability(from_db(13.0), fluctuation);
            assert!((found - expected).abs() < 5e-7, "{fluctuation:?} {found}");
        }
    }

    #[test]
    fn probabilities_of_detection_and_of_a_miss_add_up_to_one() {
        for pulses in [1, 2, 10, 1000, 10_000] {
            for false_alarm in [1e-30, 1e-8, 0.5] {
                let detector = Detector::new(false_alarm, pulses).unwrap();
                for fluctuation in Fluctuation::ALL {
                    for snr_db in [-60.0, -20.0, -5.0, 0.0, 10.0] {
                        let signal = detector.signal_count(from_db(snr_db), fluctuation);
                        let missed = detector.missed(&signal);
                        if missed < 1e-25 {
                            continue; // beyond what `detected` is asked for
                        }
                        let both = missed + detector.detected(&signal);
                        let case = (pulses, false_alarm, fluctuation, snr_db);
                        assert!((both - 1.0).abs() < 1e-11, "{case:?} {both}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_an_echo_there_are_only_false_alarms() {
        for (pulses, false_alarm) in [(1, 1e-6), (30, 1e-20), (10_000, 1e-4)] {
            let detector = Detector::new(false_alarm, pulses).unwrap();
            for fluctuation in Fluctuation::ALL {
                for snr in [0.0, 1e-20] {
                    let found = detector.detection_probability(snr, fluctuation);
                    assert!((found / false_alarm - 1.0).abs() < 1e-10, "{fluctuation:?} {found}");
                }
                assert_eq!(detector.detection_probability(1e12, fluctuation).round(), 1.0);
                assert!(detector.detection_probability(f64::NAN, fluctuation).is_nan());
            }
        }
    }

    #[test]
    fn the_required_snr_gives_the_probability() {
        for (pulses, false_alarm) in [(1, 1e-6), (10, 1e-8), (1000, 1e-4)] {
            let detector = Detector::new(false_alarm, pulses).unwrap();
            for fluctuation in Fluctuation::ALL {
                for probability in [1.02 * false_alarm, 1e-3, 0.5, 0.9, 0.999_999] {
                    let snr = detector.required_snr(probability, fluctuation).unwrap();
                    let found = detector.detection_probability(snr, fluctuation);
                    let case = (pulses, fluctuation, probability);
                    assert!((found / probability - 1.0).abs() < 1e-10, "{case:?} {found}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let detector = Detector::new(1e-6, 4).unwrap();
        let at = |snr_db| detector.detection_probability_at(snr_db, Fluctuation::Swerling0);
        assert!(at(200.0).is_ok() && at(-201.0).is_err() && at(f64::NAN).is_err());
        let required = |probability| detector.required_snr(probability, Fluctuation::Swerling0);
        assert!(required(1e-6).is_err() && required(1.0).is_err() && required(f64::NAN).is_err());
        let message = required(1e-7).unwrap_err().to_string();
        assert!(message.starts_with("detection_probability is 0.0000001, must be 1.01e-6"));
    }
}
