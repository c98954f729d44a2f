//! What a track believes of one part of its identity: up to three claims, each by how many replies it
//! leads.
//!
//! A target replies with one value; a reply may be garbled, or another's. Where a reply is right with
//! probability q, one that says a value multiplies its odds against any other by q / (1 - q): the
//! posterior of a value heard n times is proportional to (q / (1 - q))ⁿ (Bayes' rule, prior flat over
//! what was heard). Counts are cut off, so that a code that was changed is believed after a few replies.

use crate::detection::{Detection, present};

/// Claims that are remembered of one quantity.
pub const CLAIMS: usize = 3;
/// A claim leads by no more replies than this; one more in a row believes another.
pub const MOST_LEAD: u8 = 3;

/// Powers of q / (1 - q), by the lead of a claim.
pub type LeadWeights = [f64; MOST_LEAD as usize + 1];

/// The weights of leads where a reply is wrong with probability `wrong`.
pub fn lead_weights(wrong: f64) -> LeadWeights {
    let odds = (1.0 - wrong) / wrong;
    let mut weights = [1.0; MOST_LEAD as usize + 1];
    for lead in 1..weights.len() {
        weights[lead] = weights[lead - 1] * odds;
    }
    weights
}

/// Claims of one quantity, the one that leads first; a claim without lead is no claim.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Belief<V> {
    /// By how many replies each is claimed, at most [`MOST_LEAD`]; of equals the older stands first.
    pub leads: [u8; CLAIMS],
    /// What is claimed; zero where nothing is.
    pub values: [V; CLAIMS],
}

impl<V: Copy + PartialEq> Belief<V> {
    /// Nothing was heard.
    pub const fn unheard(zero: V) -> Self {
        Self { values: [zero; CLAIMS], leads: [0; CLAIMS] }
    }

    /// What the target most probably replies with.
    pub const fn best(&self) -> Option<V> {
        if self.leads[0] == 0 { None } else { Some(self.values[0]) }
    }

    /// Learn from a reply; `zero` is written where a claim ends.
    pub fn hear(&mut self, value: V, zero: V) {
        let known = (0..CLAIMS).find(|&at| self.leads[at] > 0 && self.values[at] == value);
        let free = || self.leads.iter().position(|&lead| lead == 0).unwrap_or(CLAIMS - 1);
        let mut at = known.unwrap_or_else(free);
        if known.is_none() {
            (self.values[at], self.leads[at]) = (value, 0);
        }
        if self.leads[at] < MOST_LEAD {
            self.leads[at] += 1;
        } else {
            self.lower_others(at, zero);
        }
        while at > 0 && self.leads[at] > self.leads[at - 1] {
            self.leads.swap(at, at - 1);
            self.values.swap(at, at - 1);
            at -= 1;
        }
    }

    fn lower_others(&mut self, than: usize, zero: V) {
        for at in (0..CLAIMS).filter(|&at| at != than) {
            self.leads[at] = self.leads[at].saturating_sub(1);
            if self.leads[at] == 0 {
                self.values[at] = zero;
            }
        }
    }

    /// Probability that the target replies with `value`, and that it replies with no claimed one.
    pub fn probabilities(&self, value: V, weights: &LeadWeights) -> [f64; 2] {
        let (mut all, mut own) = (1.0, 0.0);
        for at in (0..CLAIMS).filter(|&at| self.leads[at] > 0) {
            let weight = weights[usize::from(self.leads[at])];
            all += weight;
            if self.values[at] == value {
                own = weight;
            }
        }
        [own / all, 1.0 / all]
    }
}

/// Contradictions of a claim that are counted at most.
pub const MOST_CONFLICTS: u8 = 6;

/// How a claim of something that only one target can have stands against others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Time since when it leads \[ns\].
    pub since_ns: i64,
    /// The same, later where the track took it over from one that was not detected any more \[ns\].
    pub taken_ns: i64,
    /// Replies that did not fit the motion, at most [`MOST_CONFLICTS`].
    pub conflicts: u8,
    /// The same while another had claimed it for as long: one of the two is wrong.
    pub contests: u8,
}

impl Standing {
    /// That of no claim.
    pub const NONE: Self = Self { since_ns: 0, taken_ns: 0, conflicts: 0, contests: 0 };
}

/// What a track believes of each part of its identity.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct IdentityBelief {
    /// The 24-bit address.
    pub address: Belief<u32>,
    /// The Mode 3/A code.
    pub mode_3a: Belief<u16>,
    /// The identity in clear text.
    pub transponder_id: Belief<[u8; 32]>,
    /// How the leading address stands.
    pub address_standing: Standing,
    /// How the leading text stands.
    pub transponder_id_standing: Standing,
}

impl IdentityBelief {
    /// Nothing was heard.
    pub const UNHEARD: Self = Self {
        address: Belief::unheard(0),
        mode_3a: Belief::unheard(0),
        transponder_id: Belief::unheard([0; 32]),
        address_standing: Standing::NONE,
        transponder_id_standing: Standing::NONE,
    };

    /// Whether anything was ever claimed: what leads once always does, be it another claim.
    #[inline]
    pub const fn has_claims(&self) -> bool {
        (self.address.leads[0] | self.mode_3a.leads[0] | self.transponder_id.leads[0]) > 0
    }

    /// Learn from what a detection replied.
    pub fn hear(&mut self, detection: &Detection) {
        let since_ns = detection.time_ns;
        let fresh = Standing { since_ns, taken_ns: since_ns, ..Standing::NONE };
        if detection.has(present::ADDRESS) {
            let before = self.address.best();
            self.address.hear(detection.address, 0);
            if self.address.best() != before {
                self.address_standing = fresh;
            }
        }
        if detection.has(present::MODE_3A) {
            self.mode_3a.hear(detection.mode_3a, 0);
        }
        if detection.has(present::TRANSPONDER_ID) {
            let before = self.transponder_id.best();
            self.transponder_id.hear(detection.transponder_id, [0; 32]);
            if self.transponder_id.best() != before {
                self.transponder_id_standing = fresh;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(values: &[u32]) -> Belief<u32> {
        let mut belief = Belief::unheard(0);
        values.iter().for_each(|&value| belief.hear(value, 0));
        belief
    }

    #[test]
    fn garbled_replies_rename_nothing() {
        assert_eq!(heard(&[]).best(), None);
        assert_eq!(heard(&[7, 8]).best(), Some(7));
        assert_eq!(heard(&[7, 7, 7, 8, 7, 9, 10, 7, 11, 12, 13]).best(), Some(7));
    }

    #[test]
    fn a_target_that_changes_its_code_is_believed_after_four_replies() {
        let mut belief = heard(&[7; 100]);
        let names = [8; 5].map(|value| {
            belief.hear(value, 0);
            belief.best()
        });
        assert_eq!(names, [Some(7), Some(7), Some(7), Some(8), Some(8)]);
    }

    #[test]
    fn the_probability_is_that_of_bayes_rule() {
        let weights = lead_weights(0.1); // odds 9 for each reply
        let belief = heard(&[7, 8, 7]);
        let of = |value| belief.probabilities(value, &weights);
        for (found, expected) in [(of(7), 81.0), (of(8), 9.0), (of(9), 0.0)] {
            assert!((found[0] - expected / 91.0).abs() < 1e-15, "{found:?}");
            assert!((found[1] - 1.0 / 91.0).abs() < 1e-15, "{found:?}");
        }
        // An empty claim is none, whatever stands in it.
        assert_eq!(heard(&[7]).probabilities(0, &weights), [0.0, 0.1]);
    }

    #[test]
    fn claims_stay_in_order_and_within_their_bounds() {
        let mut state = 1_u64;
        let mut belief = Belief::unheard(0);
        for _ in 0..10_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
            belief.hear((state >> 33) as u32 % 5, 0);
            assert!(belief.leads.is_sorted_by(|a, b| a >= b) && belief.leads[0] <= MOST_LEAD);
            let claims = belief.leads.iter().filter(|&&lead| lead > 0).count();
            for (one, two) in [(0, 1), (0, 2), (1, 2)] {
                assert!(two >= claims || belief.values[one] != belief.values[two]);
            }
            assert!(belief.values[claims..].iter().all(|&value| value == 0));
        }
    }
}
