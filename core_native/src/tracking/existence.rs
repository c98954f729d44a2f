//! The probability that a track follows a target at all (integrated PDA: Musicki, Evans, Stankovic
//! 1994, "Integrated probabilistic data association", IEEE Trans. Automatic Control 39(6)).
//!
//! A birth exists with the share of new targets among what begins tracks. Targets end at random, so
//! the probability fades with time; a detection raises it by its likelihood ratio of target against
//! false alarm, and a miss lowers it by the probability that the target would have been missed.

use crate::numeric::{exp, min};
use crate::simd::{Kernel, LANES};
use crate::tracking::config::TrackerConfig;
use crate::tracking::lifecycle::Life;

/// No track exists with more: what is certain could never end.
pub const MOST: f64 = 1.0 - 1e-6;

/// Joint association takes no track for less: what cannot exist has no state to weigh.
pub const LEAST: f64 = 1e-12;

/// Likelihood ratios are cut off at its exponential, which makes any track as certain as any is.
const LARGEST_LN_RATIO: f64 = 600.0;

/// What a frame tells of eight tracks.
#[derive(Clone, Copy)]
pub struct Evidence {
    /// Probability that the frame would detect each target; 0 where it did not look.
    pub detection_probability: [f64; LANES],
    /// Negative log-likelihood ratio of the detection that each track took, target against false
    /// alarm; infinite where it took none.
    pub cost: [f64; LANES],
}

/// Probability that a track exists which one detection began, of the `births` and false alarms
/// `clutter` expected per frame.
pub fn at_birth(births: f64, clutter: f64) -> f64 {
    min(births / (births + clutter), MOST)
}

/// Probability that a target which exists still does after `dt_s`.
pub fn survival(dt_s: f64, config: &TrackerConfig) -> f64 {
    libm::exp(-dt_s / config.mean_lifetime_s)
}

/// The probabilities of eight tracks after a frame, `survival` being that since the frame before.
///
/// With the likelihood ratio Λ = 1 - Pd + Pd g/λ of what the frame tells, the odds are multiplied by
/// Λ (Musicki et al. 1994, for the one detection that the assignment has chosen).
#[inline(always)]
pub fn after_frame(before: &[f64; LANES], survival: f64, evidence: &Evidence) -> [f64; LANES] {
    let mut after = [0.0; LANES];
    for lane in 0..LANES {
        let (known, pd) = (before[lane] * survival, evidence.detection_probability[lane]);
        let ratio = (1.0 - pd) + pd * exp(min(-evidence.cost[lane], LARGEST_LN_RATIO));
        after[lane] = min(known * ratio / ((1.0 - known) + known * ratio), MOST);
    }
    after
}

/// Weigh what a frame tells of every slot; `existence` gets the probabilities after it.
pub struct WeighExistence<'a> {
    /// Life of each slot before the frame.
    pub lives: &'a [Life],
    /// Probability that the frame would detect the target of each slot; 0 where it did not look.
    pub detection_probability: &'a [f64],
    /// Cost of the detection that each slot took, infinite where it took none.
    pub cost: &'a [f64],
    /// Probability that a target has stayed since the frame before.
    pub survival: f64,
    /// Where the probabilities go, one for each slot.
    pub existence: &'a mut [f64],
}

impl Kernel for WeighExistence<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (block, into) in self.existence.chunks_mut(LANES).enumerate() {
            let slots = block * LANES..block * LANES + into.len();
            let mut before = [0.0; LANES];
            let mut evidence =
                Evidence { detection_probability: [0.0; LANES], cost: [f64::INFINITY; LANES] };
            for (lane, slot) in slots.enumerate() {
                before[lane] = self.lives[slot].existence;
                evidence.detection_probability[lane] = self.detection_probability[slot];
                evidence.cost[lane] = self.cost[slot];
            }
            let after = after_frame(&before, self.survival, &evidence);
            let lanes = into.len();
            into.copy_from_slice(&after[..lanes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> TrackerConfig {
        TrackerConfig { mean_lifetime_s: 100.0, ..TrackerConfig::default() }
    }

    fn after(before: f64, survival: f64, pd: f64, cost: f64) -> f64 {
        let evidence = Evidence { detection_probability: [pd; LANES], cost: [cost; LANES] };
        let [first, rest @ ..] = after_frame(&[before; LANES], survival, &evidence);
        assert_eq!(rest, [first; LANES - 1]);
        first
    }

    /// Bayes' rule written out: target present or not, detected or not.
    fn by_bayes(before: f64, pd: f64, ratio: f64) -> f64 {
        let target = before * (1.0 - pd + pd * ratio);
        target / (target + (1.0 - before))
    }

    #[test]
    fn one_tenth_of_what_begins_tracks_is_new() {
        assert!((at_birth(1.0, 9.0) - 0.1).abs() < 1e-15);
        assert_eq!(at_birth(1e8, 1e-3), MOST);
    }

    #[test]
    fn a_frame_changes_it_as_bayes_says() {
        for before in [1e-6, 0.1, 0.5, 0.99] {
            for pd in [0.2, 0.9] {
                for ratio in [0.0, 1e-3, 1.0, 50.0] {
                    let found = after(before, 1.0, pd, -libm::log(ratio));
                    let expected = by_bayes(before, pd, ratio);
                    assert!((found - expected).abs() < 1e-14, "{before} {pd} {ratio}");
                }
            }
        }
        // A frame that did not look tells nothing.
        assert_eq!(after(0.25, 1.0, 0.0, f64::INFINITY), 0.25);
    }

    #[test]
    fn it_fades_with_time_however_the_time_is_cut() {
        let (once, third) = (survival(30.0, &config()), survival(10.0, &config()));
        assert!((after(0.9, once, 0.0, f64::INFINITY) - 0.9 * libm::exp(-0.3)).abs() < 1e-15);
        let cut = (0..3).fold(0.9, |before, _| after(before, third, 0.0, f64::INFINITY));
        assert!((cut - 0.9 * once).abs() < 1e-15);
    }

    #[test]
    fn no_track_is_certain_and_none_is_lost_for_numbers() {
        assert_eq!(after(MOST, 1.0, 1.0 - 1e-12, -1e9), MOST);
        let missed = after(MOST, 1.0, 1.0 - 1e-12, f64::INFINITY);
        assert!(missed > 0.0 && missed < 1e-5, "{missed}");
        assert_eq!(after(0.0, 1.0, 0.9, -50.0), 0.0);
    }
}
