//! What a reply tells of whose it is: it moves the cost of the pairs inside the gates.
//!
//! The cost of a pair is the negative logarithm of a likelihood ratio, to which an attribute adds its
//! own (Blackman and Popoli 1999, sec. 6.2.2 and 9.5; Bar-Shalom, Kirubarajan and Gokberk 2005,
//! "Tracking with classification-aided multiframe data association", IEEE Trans. Aerospace and
//! Electronic Systems 41(3)): the likelihood of the reply from the track's target, by what the track
//! believes, over that from any other source. `docs/tracking.md` has the table.
//!
//! A pair outside the gate stays there, and each ratio is bounded: identity decides between pairs that
//! the motion allows and never against the motion.

use crate::detection::{Detection, present, range_band};
use crate::numeric::max;
use crate::tracking::config::TrackerConfig;
use crate::tracking::gating::Candidates;
use crate::tracking::identity_belief::{
    Belief, LeadWeights, MOST_CONFLICTS, Standing, lead_weights,
};
use crate::tracking::record::present as track_present;
use crate::tracking::track::Identity;
use crate::tracking::track_table::TrackTable;

/// Probability that another source replies with an address or a text that a track knows: spoofs,
/// reflections, replies given to a wrong echo.
const COINCIDENCE: f64 = 0.01;
/// The same of a code, which many share.
const CODE_COINCIDENCE: f64 = 0.1;
/// Probability that a target forges its identity, before anything speaks for it.
const FORGED: f64 = 0.01;
/// Probability that a code is not read as it was before: garble, or another code that was set.
const CODE_WRONG: f64 = 0.1;
/// Ratio of a code that differs from the track's by many pulses: garble changes few.
const CODE_DIFFERS: f64 = 0.1;
/// Ratio of one that differs by at most [`FEW_PULSES`].
const CODE_GARBLED: f64 = 0.3;
const FEW_PULSES: u32 = 2;
/// Ratio of a short-range detection without a reply where the target replied before: such a look
/// stays without in one case of ten, one of another source in every second.
const SILENT: f64 = 0.2;

/// Probability from which a claim counts as refuted.
pub const REFUTED: f64 = 0.95;

/// Codes that say nothing of who replies: none, general conspicuity (visual flight, radar in
/// transition), and the three emergencies.
const SHARED_CODES: [u16; 8] = [0, 0o1000, 0o1200, 0o2000, 0o7000, 0o7500, 0o7600, 0o7700];

/// What follows from the settings for the evidence of identity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IdentityRules {
    /// Weights of the leads of addresses and texts.
    pub weights: LeadWeights,
    code_weights: LeadWeights,
    /// Probability that a reply says the target's own value.
    right: f64,
    /// Probability that it was garbled.
    garbled: f64,
    /// Probability that a claim is forged, by how many replies did not fit the motion.
    refuted: [f64; MOST_CONFLICTS as usize + 1],
    /// Root of the probability that two exchanged their replies: each of them has half the evidence.
    swapped: f64,
}

impl IdentityRules {
    /// Those of `config`.
    pub fn new(config: &TrackerConfig) -> Self {
        let (garble, swap) = (config.identity_garble_probability, config.identity_swap_probability);
        Self {
            weights: lead_weights(garble + swap),
            code_weights: lead_weights(CODE_WRONG),
            right: 1.0 - garble - swap,
            garbled: garble,
            refuted: refuted(garble + swap),
            swapped: swap.sqrt(),
        }
    }

    /// Probability that a claim is forged. Of two who have claimed as long, one is.
    pub fn refuted_probability(&self, standing: &Standing) -> f64 {
        let of = |count: u8| self.refuted[usize::from(count)];
        max(of(standing.conflicts), 0.5 * of(standing.contests))
    }

    /// Whether one of two claims is forged and nothing says which.
    pub fn is_contested(&self, standing: &Standing) -> bool {
        self.refuted[usize::from(standing.contests)] >= REFUTED
    }

    /// Likelihood ratio of an address or text; `swap` says whether another may have exchanged with it.
    fn unique<V: Copy + PartialEq>(
        &self,
        belief: &Belief<V>,
        value: V,
        swap: impl Fn() -> bool,
    ) -> f64 {
        let [own, none] = belief.probabilities(value, &self.weights);
        let match_ratio = self.right / COINCIDENCE;
        if belief.best() == Some(value) {
            return own * match_ratio + none + (1.0 - own - none) * self.garbled;
        }
        let other = if swap() { self.swapped / COINCIDENCE } else { self.garbled };
        own * match_ratio + none + (1.0 - own - none) * other
    }

    /// Likelihood ratio of a Mode 3/A code against the one that is believed.
    fn code(&self, belief: &Belief<u16>, best: u16, value: u16) -> f64 {
        let [own, none] = belief.probabilities(value, &self.code_weights);
        let is_near = (best ^ value).count_ones() <= FEW_PULSES;
        let other = if is_near { CODE_GARBLED } else { CODE_DIFFERS };
        own * ((1.0 - CODE_WRONG) / CODE_COINCIDENCE) + none + (1.0 - own - none) * other
    }
}

/// Probability that a claim is forged after replies that do not fit the motion, each of them right but
/// with probability `wrong`: Bayes' rule.
fn refuted(wrong: f64) -> [f64; MOST_CONFLICTS as usize + 1] {
    let (mut odds, mut probability) = (FORGED / (1.0 - FORGED), [0.0; MOST_CONFLICTS as usize + 1]);
    for known in &mut probability[1..] {
        odds *= (1.0 - wrong) / wrong;
        *known = odds / (1.0 + odds);
    }
    probability
}

/// Adds the evidence of a frame's replies to costs; its memory is kept from frame to frame.
#[derive(Default)]
pub struct IdentityEvidence {
    /// Keys of what the frame's detections reply, in order.
    heard: Vec<u64>,
    /// Keys of what confirmed tracks are believed to reply with, in order.
    held: Vec<u64>,
}

impl IdentityEvidence {
    /// Move the costs of the pairs inside the gates by what the detections reply, some of which do.
    pub fn weigh(
        &mut self,
        detections: &[Detection],
        table: &TrackTable,
        rules: &IdentityRules,
        candidates: &mut Candidates,
    ) {
        self.list_names(detections, table);
        for slot in 0..table.lives.len() {
            let identity = &table.description(slot).identity;
            if identity.has_replied() {
                candidates.multiply(slot, |measurement| {
                    self.ratio(identity, &detections[measurement as usize], rules)
                });
            }
        }
    }

    fn list_names(&mut self, detections: &[Detection], table: &TrackTable) {
        self.heard.clear();
        self.heard.extend(detections.iter().flat_map(|detection| {
            let address = detection.has(present::ADDRESS).then(|| address_key(detection.address));
            let text = detection.has(present::TRANSPONDER_ID);
            [address, text.then(|| text_key(&detection.transponder_id))].into_iter().flatten()
        }));
        self.heard.sort_unstable();
        self.held.clear();
        for (slot, life) in table.lives.iter().enumerate().filter(|(_, life)| life.is_confirmed()) {
            if life.goes_on() {
                let belief = &table.description(slot).identity.belief;
                self.held.extend(belief.address.best().map(address_key));
                self.held.extend(belief.transponder_id.best().as_ref().map(text_key));
            }
        }
        self.held.sort_unstable();
    }

    /// Likelihood ratio of a detection being of the track: by the first part of the identity that
    /// both know, for replies that are exchanged are so as a whole.
    fn ratio(&self, identity: &Identity, detection: &Detection, rules: &IdentityRules) -> f64 {
        let belief = &identity.belief;
        // The detection's reply is of another track, and the track's own went to another detection.
        let swap = |own: u64, other: u64| {
            self.held.binary_search(&other).is_ok() && self.heard.binary_search(&own).is_ok()
        };
        if let (true, Some(best)) = (detection.has(present::ADDRESS), belief.address.best()) {
            let value = detection.address;
            let swapped = || swap(address_key(best), address_key(value));
            return rules.unique(&belief.address, value, swapped);
        }
        let text = belief.transponder_id.best();
        if let (true, Some(best)) = (detection.has(present::TRANSPONDER_ID), text) {
            let value = detection.transponder_id;
            let swapped = || swap(text_key(&best), text_key(&value));
            return rules.unique(&belief.transponder_id, value, swapped);
        }
        if let (true, Some(best)) = (detection.has(present::MODE_3A), belief.mode_3a.best()) {
            let shared = [best, detection.mode_3a].iter().any(|code| SHARED_CODES.contains(code));
            return if shared { 1.0 } else { rules.code(&belief.mode_3a, best, detection.mode_3a) };
        }
        let silent = detection.present & present::IDENTITY == 0
            && detection.range_band == range_band::SHORT
            && identity.present & track_present::TRANSPONDER_REPLY != 0;
        if silent { SILENT } else { 1.0 }
    }
}

/// Key of an address.
pub const fn address_key(address: u32) -> u64 {
    address as u64
}

/// Key of a text: a hash (FNV-1a, 64 bits) with the highest bit set, which addresses do not have.
pub fn text_key(text: &[u8; 32]) -> u64 {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash | 1 << 63
}

#[cfg(test)]
mod tests {
    use super::*;

    const GARBLE: f64 = 0.05;
    const SWAP: f64 = 0.02;

    fn rules() -> IdentityRules {
        IdentityRules::new(&TrackerConfig {
            identity_garble_probability: GARBLE,
            identity_swap_probability: SWAP,
            ..TrackerConfig::default()
        })
    }

    fn plot(address: Option<u32>, code: Option<u16>) -> Detection {
        let mut plot = Detection::absent(0);
        plot.range_band = range_band::SHORT;
        if let Some(address) = address {
            (plot.address, plot.present) = (address, plot.present | present::ADDRESS);
        }
        if let Some(code) = code {
            (plot.mode_3a, plot.present) = (code, plot.present | present::MODE_3A);
        }
        if plot.present != 0 {
            plot.present |= present::TRANSPONDER_REPLY;
        }
        plot
    }

    /// Identity of a track that heard `plot` so many times.
    fn known(plot: &Detection, times: usize) -> Identity {
        let mut identity = Identity::UNKNOWN;
        (0..times).for_each(|_| identity.belief.hear(plot));
        identity.present = track_present::TRANSPONDER_REPLY;
        identity
    }

    /// Ratio in a frame that hears `heard` while tracks hold `held`.
    fn ratio(track: &Identity, plot: &Detection, heard: &[u64], held: &[u64]) -> f64 {
        let evidence = IdentityEvidence { heard: heard.to_vec(), held: held.to_vec() };
        evidence.ratio(track, plot, &rules())
    }

    /// Posterior of the leading claim after so many replies, and of none.
    fn posterior(times: i32) -> (f64, f64) {
        let wrong = GARBLE + SWAP;
        let weight = libm::pow((1.0 - wrong) / wrong, f64::from(times));
        (weight / (1.0 + weight), 1.0 / (1.0 + weight))
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn ratios_of_an_address_are_those_of_the_table() {
        for times in [1, 2, 3] {
            let track = known(&plot(Some(7), None), times as usize);
            let (right, none) = posterior(times);
            let of =
                |address, heard: &[u64]| ratio(&track, &plot(Some(address), None), heard, &[7, 8]);
            assert_near(of(7, &[7]), right * (1.0 - GARBLE - SWAP) / COINCIDENCE + none);
            // Of no track: garbled. Of another track, but the own reply is nowhere: garbled, too.
            assert_near(of(9, &[9, 7]), right * GARBLE + none);
            assert_near(of(8, &[8]), right * GARBLE + none);
            assert_near(of(8, &[7, 8]), right * SWAP.sqrt() / COINCIDENCE + none);
        }
    }

    #[test]
    fn two_that_may_have_exchanged_are_weighed_as_one_event() {
        let [one, two] = [7, 8].map(|address| known(&plot(Some(address), None), 3));
        let of =
            |track: &Identity, address| ratio(track, &plot(Some(address), None), &[7, 8], &[7, 8]);
        let (kept, swapped) = (of(&one, 7) * of(&two, 8), of(&one, 8) * of(&two, 7));
        let right = 1.0 - GARBLE - SWAP;
        assert!((swapped / kept * right * right / SWAP - 1.0).abs() < 0.01, "{}", swapped / kept);
    }

    #[test]
    fn a_code_says_less_and_a_shared_one_nothing() {
        let track = known(&plot(None, Some(0o4521)), 3);
        let of = |code| ratio(&track, &plot(None, Some(code)), &[], &[]);
        assert!(of(0o4521) > 8.9 && of(0o4521) < 9.0);
        assert!((of(0o4523) - CODE_GARBLED).abs() < 2e-3);
        assert!((of(0o3256) - CODE_DIFFERS).abs() < 2e-3);
        assert_eq!(SHARED_CODES.map(of), [1.0; SHARED_CODES.len()]);
    }

    #[test]
    fn the_strongest_part_that_both_know_counts_alone() {
        let track = known(&plot(Some(7), Some(0o4521)), 3);
        let by_address = ratio(&track, &plot(Some(7), None), &[7], &[7]);
        assert_eq!(ratio(&track, &plot(Some(7), Some(0o3256)), &[7], &[7]), by_address);
        let by_code = ratio(&track, &plot(None, Some(0o4521)), &[], &[]);
        assert!(by_code < 9.0 && by_address > 90.0);
        // Without anything that both know there is no evidence.
        assert_eq!(ratio(&Identity::UNKNOWN, &plot(Some(7), None), &[7], &[7]), 1.0);
    }

    #[test]
    fn contradictions_refute_as_bayes_rule_says() {
        let of = |conflicts, contests| {
            rules().refuted_probability(&Standing { conflicts, contests, ..Standing::NONE })
        };
        assert_eq!(of(0, 0), 0.0);
        for count in 1..=MOST_CONFLICTS {
            let weight = libm::pow(0.93 / 0.07, f64::from(count));
            let forged = 0.01 * weight / (0.99 + 0.01 * weight);
            assert!((of(count, 0) - forged).abs() < 1e-12);
            assert!((of(0, count) - 0.5 * forged).abs() < 1e-12);
        }
        assert!(of(2, 0) < 0.95 && of(3, 0) > 0.95);
        let contested = |contests| rules().is_contested(&Standing { contests, ..Standing::NONE });
        assert!(!contested(2) && contested(3), "forged is one of the two by as much");
    }

    #[test]
    fn silence_is_weak_evidence_and_none_in_the_long_range() {
        let track = known(&plot(Some(7), None), 3);
        let mut silent = plot(None, None);
        assert_eq!(ratio(&track, &silent, &[], &[]), SILENT);
        silent.range_band = range_band::LONG;
        assert_eq!(ratio(&track, &silent, &[], &[]), 1.0);
    }
}
