//! A track whose target left its gate, by a manoeuvre or a bad measurement, and began another: the
//! other goes on under its name.

use crate::numeric::max;
use crate::tracking::identity_belief::IdentityBelief;
use crate::tracking::lifecycle::Life;
use crate::tracking::record::{NO_DETECTION, event, present, status};
use crate::tracking::track::Description;
use crate::tracking::track_table::TrackTable;

impl TrackTable {
    /// Whether the tracks in two slots may be of one target: no frame has detected both since the one
    /// in slot `new` began.
    pub(super) fn may_succeed(&self, [old, new]: [u32; 2]) -> bool {
        let [was, is] = [old, new].map(|slot| &self.lives[slot as usize]);
        let [old_birth_ns, birth_ns] = [old, new].map(|slot| self.tracks[slot as usize].birth_ns);
        // A track where no frame looks has no history of that time. Times tell only what lies frames
        // apart, the detections of one having times of their own.
        let frames = f64::from(is.hit_count.saturating_sub(1));
        let (since_ns, unseen_ns) = (is.detected_ns - birth_ns, birth_ns - was.detected_ns);
        let is_unseen = 2.0 * unseen_ns as f64 * frames > since_ns as f64;
        let common = u32::MAX >> (u32::BITS - is.chances.clamp(1, u32::BITS));
        let alternate = is.chances <= u32::BITS && was.history & is.history & common == 0;
        was.goes_on() && old_birth_ns < birth_ns && (is_unseen || alternate)
    }

    /// Let the track in slot `new` go on under the name, the identity and the counts of the one in
    /// slot `old`; its own name ends with this frame, where it is.
    pub(super) fn succeed(&mut self, [old, new]: [u32; 2]) {
        let Description { identity, type_evidence, .. } = *self.description(old as usize);
        let taken_ns = self.lives[new as usize].detected_ns;
        let successor = self.description_mut(new);
        successor.type_evidence.join(&type_evidence);
        (successor.identity.belief, successor.identity.present) =
            (identity.belief, identity.present | present::TRANSPONDER_REPLY);
        let IdentityBelief { address_standing, transponder_id_standing, .. } =
            &mut successor.identity.belief;
        for standing in [address_standing, transponder_id_standing] {
            standing.taken_ns = taken_ns;
        }
        *self.description_mut(old) = *self.description(new as usize);
        let (state, time_ns) = (self.states.state(new), self.states.time_ns(new));
        self.states.set(old, &state, time_ns);
        self.tracks.swap(old as usize, new as usize);
        for slot in &mut self.order {
            *slot = if *slot == old {
                new
            } else if *slot == new {
                old
            } else {
                *slot
            };
        }
        let [was, is] = [old, new].map(|slot| self.lives[slot as usize]);
        self.lives[new as usize] = Life {
            existence: max(was.existence, is.existence),
            chances: was.chances.saturating_add(is.chances),
            hit_count: was.hit_count.saturating_add(is.hit_count),
            ..is
        };
        self.lives[old as usize] =
            Life { detection_index: NO_DETECTION, status: status::LOST, event: event::ENDED, ..is };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::gaussian::Gaussian;
    use crate::tracking::track::Track;

    /// Tracks 1, 2 and 3, of which the first and the third were detected (`1`) and missed (`0`) after
    /// their births.
    fn table(first: &str, third: &str) -> TrackTable {
        let (config, mut table) = (TrackerConfig::default(), TrackTable::new());
        for number in 1..=3 {
            let mut state = Gaussian::ZERO;
            state.mean = [number as f64; 6];
            let birth_ns = number as i64 * 1_000_000_000;
            let track = Track { number, track_id: [number as u8; 16], birth_ns };
            table.add(track, Life::born(0, birth_ns, 0.5, &config), &state);
        }
        for (slot, chances) in [(0, first), (2, third)] {
            for chance in chances.chars() {
                let life = &mut table.lives[slot];
                if chance == '1' { life.hit(7, 9_000_000_000, &config) } else { life.miss(&config) }
            }
        }
        table
    }

    #[test]
    fn tracks_that_one_frame_has_both_detected_are_of_two_targets() {
        let may = |first: &str, third: &str| table(first, third).may_succeed([0, 2]);
        // The third track's birth is the frame before its letters.
        assert!(may("110", "") && may("1100", "1") && may("11010", "01"));
        assert!(!may("111", "") && !may("1101", "1") && !may("11011", "01"));
        assert!(!table("110", "").may_succeed([2, 0]), "the younger one has the name");
    }

    #[test]
    fn a_track_where_no_frame_looks_is_unseen_by_the_times() {
        let mut table = table("1", "1");
        let mut may = |detected_ns| {
            table.lives[0].detected_ns = detected_ns;
            table.may_succeed([0, 2])
        };
        // The third began at 3 s and was detected once more at 9 s: its frames are 6 s apart.
        assert!(may(-3_000_000_000) && may(-1_000_000));
        assert!(!may(1_000_000) && !may(2_999_000_000), "of the frame that began the third");
    }

    #[test]
    fn the_successor_has_name_and_counts_and_the_other_name_ends_there() {
        let mut table = table("1100", "1");
        table.description_mut(0).identity.belief.address.hear(7, 0);
        table.description_mut(2).snr_db = 17.0;
        for (slot, looks) in [(0, 4.0), (2, 1.5)] {
            table.description_mut(slot).type_evidence.looks = looks;
        }
        table.succeed([0, 2]);
        assert_eq!(table.order, [2, 1, 0]);
        assert!(table.order.iter().map(|&slot| table.tracks[slot as usize].number).eq([1, 2, 3]));
        let (goes_on, ended) = (&table.lives[2], &table.lives[0]);
        assert_eq!((goes_on.hit_count, goes_on.chances, goes_on.detection_index), (5, 7, 7));
        assert_eq!((ended.status, ended.event), (status::LOST, event::ENDED));
        let belief = &table.description(2).identity.belief;
        assert_eq!(belief.address.best(), Some(7));
        assert_eq!(
            (belief.address_standing.since_ns, belief.address_standing.taken_ns),
            (0, 9_000_000_000)
        );
        assert_eq!(table.description(2).type_evidence.looks, 5.5);
        assert_eq!([0, 2].map(|slot| table.states.state(slot).mean[0]), [3.0; 2]);
        assert_eq!([0, 2].map(|slot| table.description(slot).snr_db), [17.0; 2]);
    }
}
