//! What a track's detections told of what kind of body it is: sums that are enough for Bayes' rule.
//!
//! Looks at a body fluctuate about its mean radar cross section and are alike from one to the next. In
//! decibels they are taken for a stationary Gauss-Markov process, whose correlation over Δt is
//! ρ = exp(-Δt / τ). The likelihood of all of them by the mean is then that of one normal measurement,
//! their generalised least squares estimate S / W, of variance σ² / W:
//!
//! W = 1 + Σ (1 - ρₖ) / (1 + ρₖ),   S = z₁ + Σ (zₖ - ρₖ zₖ₋₁) / (1 + ρₖ)
//!
//! (the Cholesky factor of the process' inverse covariance is bidiagonal; Rue and Held 2005, *Gaussian
//! Markov Random Fields*, sec. 1.1.1). W is the number of independent looks that they are worth.

use crate::detection::{Detection, present, range_band};
use crate::frame_limits::MAX_DECIBELS;
use crate::numeric::{exp, max};
use crate::tracking::identity_belief::MOST_LEAD;

/// Independent looks that are remembered at most; older ones fade.
pub const MOST_LOOKS: f64 = 100.0;

/// What was told of the kind of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObjectTypeEvidence {
    /// Independent looks W that the radar cross sections are worth, at most [`MOST_LOOKS`].
    pub looks: f64,
    /// Their sum S \[dBsm\].
    pub rcs_sum_dbsm: f64,
    /// The last of them \[dBsm\].
    pub last_rcs_dbsm: f64,
    /// Its time \[ns\].
    pub last_ns: i64,
    /// By how many looks in the short range replies lead over silence, within [`MOST_LEAD`].
    pub reply_lead: i8,
}

impl ObjectTypeEvidence {
    /// Nothing was told.
    pub const NONE: Self =
        Self { looks: 0.0, rcs_sum_dbsm: 0.0, last_rcs_dbsm: 0.0, last_ns: 0, reply_lead: 0 };

    /// Learn from a detection; `correlation_s` is τ.
    pub fn learn(&mut self, detection: &Detection, correlation_s: f64) {
        // Frames are checked where they are made; what was not must not spoil a track for good.
        let rcs_dbsm = f64::from(detection.rcs_dbsm);
        if detection.has(present::RCS) && rcs_dbsm.abs() <= MAX_DECIBELS {
            self.look(rcs_dbsm, detection.time_ns, correlation_s);
        }
        // Outside the short range a reply cannot be heard, so silence there says nothing.
        if detection.range_band == range_band::SHORT {
            let replied = detection.present & present::IDENTITY != 0;
            self.lead_by(if replied { 1 } else { -1 });
        }
    }

    /// Learn one radar cross section.
    fn look(&mut self, rcs_dbsm: f64, time_ns: i64, correlation_s: f64) {
        if self.looks == 0.0 {
            (self.looks, self.rcs_sum_dbsm) = (1.0, rcs_dbsm);
        } else {
            let since_s = max((time_ns - self.last_ns) as f64 * 1e-9, 0.0);
            let alike = exp(-since_s / correlation_s);
            self.looks += (1.0 - alike) / (1.0 + alike);
            self.rcs_sum_dbsm += (rcs_dbsm - alike * self.last_rcs_dbsm) / (1.0 + alike);
            self.fade();
        }
        (self.last_rcs_dbsm, self.last_ns) = (rcs_dbsm, time_ns);
    }

    /// Keep to what is remembered at most.
    fn fade(&mut self) {
        if self.looks > MOST_LOOKS {
            self.rcs_sum_dbsm *= MOST_LOOKS / self.looks;
            self.looks = MOST_LOOKS;
        }
    }

    fn lead_by(&mut self, more: i8) {
        let most = MOST_LEAD as i8;
        self.reply_lead = (self.reply_lead + more).clamp(-most, most);
    }

    /// Whether detections inside their limits can have told it.
    pub fn can_be(&self) -> bool {
        let Self { looks, rcs_sum_dbsm, last_rcs_dbsm, reply_lead, .. } = *self;
        // A weighted mean of looks lies between them, but for rounding.
        let most_dbsm = MAX_DECIBELS * looks * (1.0 + 1e-9);
        (looks == 0.0 || (1.0..=MOST_LOOKS).contains(&looks))
            && rcs_sum_dbsm.abs() <= most_dbsm
            && last_rcs_dbsm.abs() <= MAX_DECIBELS
            && reply_lead.unsigned_abs() <= MOST_LEAD
    }

    /// Take over what another track of the same body was told before.
    pub fn join(&mut self, earlier: &Self) {
        if self.looks == 0.0 {
            (self.last_rcs_dbsm, self.last_ns) = (earlier.last_rcs_dbsm, earlier.last_ns);
        }
        self.looks += earlier.looks;
        self.rcs_sum_dbsm += earlier.rcs_sum_dbsm;
        self.fade();
        self.lead_by(earlier.reply_lead);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: i64 = 1_000_000_000;

    fn told(looks: &[(f64, i64)], correlation_s: f64) -> ObjectTypeEvidence {
        let mut evidence = ObjectTypeEvidence::NONE;
        for &(rcs_dbsm, time_ns) in looks {
            evidence.look(rcs_dbsm, time_ns, correlation_s);
        }
        evidence
    }

    fn reply(band: u8, bits: u32) -> Detection {
        Detection { range_band: band, present: bits, ..Detection::absent(0) }
    }

    #[test]
    fn looks_far_apart_are_independent_and_their_order_does_not_matter() {
        let looks = [(3.0, 0), (-8.0, 40 * SECOND_NS), (11.5, 80 * SECOND_NS)];
        let evidence = told(&looks, 1.0);
        assert!(
            (evidence.looks - 3.0).abs() < 1e-15 && (evidence.rcs_sum_dbsm - 6.5).abs() < 1e-15
        );
        let other = told(&[(11.5, 0), (3.0, 40 * SECOND_NS), (-8.0, 80 * SECOND_NS)], 1.0);
        assert!((other.rcs_sum_dbsm - evidence.rcs_sum_dbsm).abs() < 1e-14);
    }

    #[test]
    fn looks_at_one_time_are_one_and_those_out_of_order_too() {
        for times_ns in [[5, 5], [5, -9 * SECOND_NS]] {
            let evidence = told(&[(4.0, times_ns[0]), (10.0, times_ns[1])], 1.0);
            assert_eq!((evidence.looks, evidence.rcs_sum_dbsm), (1.0, 7.0));
        }
    }

    #[test]
    fn the_estimate_stays_between_the_looks_however_many() {
        let at = |number: i64| (if number % 3 == 0 { 200.0 } else { -200.0 }, number * 90_000_000);
        let looks: Vec<_> = (0..10_000).map(at).collect();
        for count in [1, 2, 3, 100, 10_000] {
            let evidence = told(&looks[..count], 0.05);
            let mean_dbsm = evidence.rcs_sum_dbsm / evidence.looks;
            assert!(evidence.looks <= MOST_LOOKS && mean_dbsm.abs() <= 200.0, "{evidence:?}");
        }
    }

    #[test]
    fn the_lead_of_replies_is_bounded_and_only_the_short_range_tells() {
        let mut evidence = ObjectTypeEvidence::NONE;
        let mut hear = |band, bits, times: usize| {
            (0..times).for_each(|_| evidence.learn(&reply(band, bits), 1.0));
            evidence.reply_lead
        };
        assert_eq!(hear(range_band::LONG, 0, 5), 0);
        assert_eq!(hear(range_band::SHORT, present::ADDRESS, 9), 3);
        assert_eq!(hear(range_band::SHORT, 0, 2), 1);
        assert_eq!(hear(range_band::SHORT, 0, 9), -3);
    }

    #[test]
    fn a_track_that_goes_on_for_another_knows_what_both_knew() {
        let (mut new, old) = (told(&[(2.0, 9)], 1.0), told(&[(4.0, 1)], 1.0));
        new.join(&old);
        assert_eq!(
            (new.looks, new.rcs_sum_dbsm, new.last_rcs_dbsm, new.last_ns),
            (2.0, 6.0, 2.0, 9)
        );
        let mut silent = ObjectTypeEvidence::NONE;
        silent.join(&old);
        assert_eq!(silent, old);
        let mut much = ObjectTypeEvidence { looks: MOST_LOOKS, rcs_sum_dbsm: 500.0, ..new };
        much.join(&ObjectTypeEvidence { looks: MOST_LOOKS, rcs_sum_dbsm: 700.0, ..old });
        assert_eq!((much.looks, much.rcs_sum_dbsm), (MOST_LOOKS, 600.0));
    }
}
