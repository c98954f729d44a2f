//! Claimed identities that do not fit the motion: two tracks claim what only one target can have, or a
//! claim is heard where the track that holds it cannot be.
//!
//! The track that has held the claim for longer keeps it, its motion joining it to the target that was
//! heard first. A reply of the other, too far away to be the same target, is either wrong by chance
//! (garbled or exchanged, with probability ε) or forged. With the prior π of a forged identity, n such
//! replies leave π wⁿ / (1 - π + π wⁿ), w = (1 - ε) / ε (Bayes' rule).
//!
//! Where neither came first the claim is contested: the same of one of the two, and nothing says which.
//! Neither tells it until the other is refuted, claims something else or has ended.

use crate::detection::{Detection, present};
use crate::numeric::max;
use crate::tracking::gaussian::{Gaussian, at, predict};
use crate::tracking::identity_belief::{IdentityBelief, MOST_CONFLICTS, Standing};
use crate::tracking::identity_evidence::{REFUTED, address_key, text_key};
use crate::tracking::record::{NO_DETECTION, present as track_present};
use crate::tracking::rules::Rules;
use crate::tracking::track_table::TrackTable;

/// How far apart two tracks are before they cannot be one target, in standard deviations of the
/// distance.
const SIGMAS: f64 = 5.0;
/// What a target may turn or speed up unseen \[m/s²\].
const MOST_ACCELERATION_M_S2: f64 = 50.0;
/// Claims that began closer to each other than this are contested: neither came first \[ns\].
const CONTEST_NS: i64 = 10_000_000_000;
/// Replies by which a claim must lead to be held or refuted.
const LEAST_LEAD: u8 = 2;

/// A track that claims an address or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    key: u64,
    since_ns: i64,
    number: u64,
    slot: u32,
}

/// Compares the claims of all tracks; its memory is kept from frame to frame.
#[derive(Default)]
pub struct IdentityRefutation {
    holders: Vec<Holder>,
}

impl IdentityRefutation {
    /// Weigh the claims that the frame's detections, some of which reply, have made again, by where
    /// the tracks are at `time_ns`.
    pub fn weigh(
        &mut self,
        detections: &[Detection],
        table: &mut TrackTable,
        rules: &Rules,
        time_ns: i64,
    ) {
        self.list_holders(table);
        for rivals in self.holders.chunk_by(|one, other| one.key == other.key) {
            acquit(table, rules, rivals);
            let Some(&keeper) = rivals.iter().find(|holder| keeps(table, rules, holder)) else {
                continue;
            };
            for rival in rivals.iter().filter(|rival| **rival != keeper) {
                if !replies_now(detections, table, rival) {
                    continue;
                }
                let slots = [keeper.slot, rival.slot];
                let apart = are_apart(table, rules, slots, time_ns);
                if !apart && table.may_succeed(slots) {
                    table.succeed(slots);
                    // The one that ends tells the same of itself for the last time.
                    for slot in slots {
                        rules.settle(&mut table.description_mut(slot).identity);
                    }
                    break;
                }
                contradict(table, rules, [keeper, *rival], apart);
            }
        }
    }

    fn list_holders(&mut self, table: &TrackTable) {
        self.holders.clear();
        for &slot in &table.order {
            if !table.lives[slot as usize].is_confirmed() {
                continue;
            }
            let number = table.tracks[slot as usize].number;
            let belief = &table.description(slot as usize).identity.belief;
            let mut list = |leads: &[u8], key: u64, standing: &Standing| {
                if leads[0] >= LEAST_LEAD {
                    self.holders.push(Holder { key, since_ns: standing.since_ns, number, slot });
                }
            };
            let IdentityBelief { address, transponder_id: text, .. } = belief;
            list(&address.leads, address_key(address.values[0]), &belief.address_standing);
            list(&text.leads, text_key(&text.values[0]), &belief.transponder_id_standing);
        }
        self.holders.sort_unstable();
    }
}

/// Whether a claim may stand against others: not refuted itself, and its track still replies where it
/// would be heard.
fn keeps(table: &TrackTable, rules: &Rules, holder: &Holder) -> bool {
    let identity = &table.description(holder.slot as usize).identity;
    let replies = identity.present & track_present::TRANSPONDER_REPLY != 0;
    let lives = table.lives[holder.slot as usize].goes_on();
    lives && replies && !is_refuted(table, rules, holder)
}

fn is_refuted(table: &TrackTable, rules: &Rules, holder: &Holder) -> bool {
    let belief = &table.description(holder.slot as usize).identity.belief;
    rules.identity.refuted_probability(standing(belief, holder.key)) >= REFUTED
}

/// End the contest about a claim that all others have given up.
fn acquit(table: &mut TrackTable, rules: &Rules, rivals: &[Holder]) {
    let mut left = rivals.iter().filter(|rival| !is_refuted(table, rules, rival));
    let (Some(&holder), None) = (left.next(), left.next()) else { return };
    let identity = &mut table.description_mut(holder.slot).identity;
    let standing = standing_mut(&mut identity.belief, holder.key);
    if standing.contests > 0 {
        standing.contests = 0;
        rules.settle(identity);
    }
}

/// Whether the frame's detection of the track makes the claim again.
fn replies_now(detections: &[Detection], table: &TrackTable, holder: &Holder) -> bool {
    let index = table.lives[holder.slot as usize].detection_index;
    if index == NO_DETECTION {
        return false;
    }
    let detection = &detections[index as usize];
    let by_address =
        detection.has(present::ADDRESS) && address_key(detection.address) == holder.key;
    let by_text =
        detection.has(present::TRANSPONDER_ID) && text_key(&detection.transponder_id) == holder.key;
    by_address || by_text
}

/// Count for or against the claim of `rival` that the motion lets it be the target of `keeper`.
fn contradict(table: &mut TrackTable, rules: &Rules, [keeper, rival]: [Holder; 2], apart: bool) {
    if !is_refuted(table, rules, &rival) && neither_was_first(table, rules, [&keeper, &rival]) {
        for holder in [keeper, rival] {
            let identity = &mut table.description_mut(holder.slot).identity;
            let standing = standing_mut(&mut identity.belief, holder.key);
            // Two that were far apart are two, though they meet.
            if apart || !rules.identity.is_contested(standing) {
                count(&mut standing.contests, apart);
                rules.settle(identity);
            }
        }
        return;
    }
    let identity = &mut table.description_mut(rival.slot).identity;
    count(&mut standing_mut(&mut identity.belief, rival.key).conflicts, apart);
    rules.settle(identity);
}

fn count(contradictions: &mut u8, apart: bool) {
    *contradictions = if apart {
        (*contradictions + 1).min(MOST_CONFLICTS)
    } else {
        contradictions.saturating_sub(1)
    };
}

/// Whether two began to claim at about the same time; or one took the claim over from a track that was
/// not detected, and the other began to make it while that track could still have gone on: then either
/// may be its target.
fn neither_was_first(table: &TrackTable, rules: &Rules, [keeper, rival]: [&Holder; 2]) -> bool {
    let belief = &table.description(keeper.slot as usize).identity.belief;
    let Standing { since_ns, taken_ns, .. } = *standing(belief, keeper.key);
    let after_ns = rival.since_ns - taken_ns;
    let was_taken = taken_ns > since_ns;
    rival.since_ns - since_ns < CONTEST_NS
        || (was_taken && (0..rules.max_coast_ns).contains(&after_ns))
}

const fn standing(belief: &IdentityBelief, key: u64) -> &Standing {
    if key >> 63 == 0 { &belief.address_standing } else { &belief.transponder_id_standing }
}

const fn standing_mut(belief: &mut IdentityBelief, key: u64) -> &mut Standing {
    if key >> 63 == 0 { &mut belief.address_standing } else { &mut belief.transponder_id_standing }
}

/// Whether two tracks are too far apart at `time_ns` to follow one target, whatever it may have done
/// since it was last detected. Heights do not count: often they are but assumed.
fn are_apart(table: &TrackTable, rules: &Rules, slots: [u32; 2], time_ns: i64) -> bool {
    let states = slots.map(|slot| {
        let until_s = (time_ns - table.states.time_ns(slot)) as f64 * 1e-9;
        predict(&table.states.state(slot), until_s, rules.noise_m2_s3)
    });
    let [east_m, north_m] = [0, 1].map(|axis| states[0].mean[axis] - states[1].mean[axis]);
    let variance = |state: &Gaussian| state.covariance[at(0, 0)] + state.covariance[at(1, 1)];
    let unseen_m = |slot: u32| {
        let unseen_ns = time_ns - table.lives[slot as usize].detected_ns;
        let unseen_s = max(unseen_ns as f64 * 1e-9, 0.0);
        0.5 * MOST_ACCELERATION_M_S2 * unseen_s * unseen_s
    };
    let reach_m = SIGMAS * (variance(&states[0]) + variance(&states[1])).sqrt()
        + unseen_m(slots[0])
        + unseen_m(slots[1]);
    east_m * east_m + north_m * north_m > reach_m * reach_m
}
