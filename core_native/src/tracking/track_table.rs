//! All tracks by slot: their states, their lives and what is known of them.
//!
//! A track keeps its slot for life; a slot whose track has ended is used again. `order` lists the
//! slots in use by track number, which fixes the order of every result.

use crate::prefetch;
use crate::tracking::filter_bank::FilterBank;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::state_table::StateTable;
use crate::tracking::track::{Description, Track};

/// The tracks.
pub struct TrackTable {
    /// State of each slot.
    pub states: StateTable,
    /// Life of each slot; that of a slot not in use has ended.
    pub lives: Vec<Life>,
    /// The track in each slot.
    pub tracks: Vec<Track>,
    /// What detections told of the track in each slot. It ends before the first slot of which
    /// nothing was ever told: scans of positions tell nothing, and there is nothing to read.
    descriptions: Vec<Description>,
    /// Slots in use, by track number.
    pub order: Vec<u32>,
    /// Slots not in use, the next one to use last.
    pub free: Vec<u32>,
    /// Number of the next track.
    pub next_number: u64,
    /// Detections of the last frame: what the lives' `detection_index` counts in.
    pub detection_count: usize,
}

impl TrackTable {
    /// No tracks; the first will have number 1.
    pub fn new() -> Self {
        Self::with_bank(FilterBank::default())
    }

    /// The same, to move by a bank.
    pub fn with_bank(bank: FilterBank) -> Self {
        Self {
            states: StateTable::with_bank(bank),
            lives: Vec::new(),
            tracks: Vec::new(),
            descriptions: Vec::new(),
            order: Vec::new(),
            free: Vec::new(),
            next_number: 1,
            detection_count: 0,
        }
    }

    /// Become equal to `other`, in the memory that there is.
    pub fn copy_from(&mut self, other: &Self) {
        self.states.copy_from(&other.states);
        self.lives.clone_from(&other.lives);
        self.tracks.clone_from(&other.tracks);
        self.descriptions.clone_from(&other.descriptions);
        self.order.clone_from(&other.order);
        self.free.clone_from(&other.free);
        self.next_number = other.next_number;
        self.detection_count = other.detection_count;
    }

    /// Make room for `slots` tracks, none of them in use.
    pub fn grow(&mut self, slots: usize) {
        self.states.grow(slots);
        self.lives.resize(slots, Life::ENDED);
        self.tracks.resize(slots, Track::NONE);
    }

    /// What detections told of the track in a slot.
    #[inline(always)]
    pub fn description(&self, slot: usize) -> &Description {
        self.told(slot).unwrap_or(&Description::UNKNOWN)
    }

    /// The same, if anything was ever told of it or of a track in a later slot.
    #[inline(always)]
    pub fn told(&self, slot: usize) -> Option<&Description> {
        self.descriptions.get(slot)
    }

    /// The same, to tell more.
    pub fn description_mut(&mut self, slot: u32) -> &mut Description {
        let slot = slot as usize;
        if slot >= self.descriptions.len() {
            self.descriptions.resize(self.lives.len(), Description::UNKNOWN);
        }
        &mut self.descriptions[slot]
    }

    /// Fetch what every detection changes of the description of a slot: slots come in the order of
    /// the detections, all over the table.
    #[inline(always)]
    pub fn prefetch_description(&self, slot: u32) {
        if let Some(description) = self.descriptions.get(slot as usize) {
            prefetch::soon(&description.snr_db);
        }
    }

    /// Fetch the slot that the track after the next `ahead` will take, which may be anywhere.
    #[inline(always)]
    pub fn prefetch_free(&self, ahead: usize) {
        let Some(at) = self.free.len().checked_sub(1 + ahead) else { return };
        let slot = self.free[at];
        self.states.prefetch(slot);
        if let Some(description) = self.descriptions.get(slot as usize) {
            prefetch::soon(description);
        }
    }

    /// Tracks that the last frame did not end.
    pub fn count_going_on(&self) -> usize {
        self.lives.iter().filter(|life| life.goes_on()).count()
    }

    /// Free the slots of the tracks that the last frame ended and has reported.
    pub fn forget_ended(&mut self) {
        let (lives, free) = (&self.lives, &mut self.free);
        self.order.retain(|&slot| {
            let goes_on = lives[slot as usize].goes_on();
            if !goes_on {
                free.push(slot);
            }
            goes_on
        });
    }

    /// Begin the track with the next number in a slot of its own, which is returned.
    pub fn add(&mut self, track: Track, life: Life, state: &Gaussian) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            let slots = self.lives.len();
            self.grow(slots + 1);
            slots as u32
        });
        self.states.set(slot, state, track.birth_ns);
        self.lives[slot as usize] = life;
        self.tracks[slot as usize] = track;
        if let Some(of_former) = self.descriptions.get_mut(slot as usize) {
            *of_former = Description::UNKNOWN;
        }
        self.order.push(slot);
        self.next_number += 1;
        slot
    }
}

impl Default for TrackTable {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::config::TrackerConfig;

    fn add(table: &mut TrackTable) -> u32 {
        let number = table.next_number;
        let mut state = Gaussian::ZERO;
        state.mean = [number as f64; 6];
        let life = Life::born(0, 0, 0.1, &TrackerConfig::default());
        let track = Track { number, track_id: [number as u8; 16], birth_ns: number as i64 };
        table.add(track, life, &state)
    }

    #[test]
    fn a_slot_is_used_again_once_its_track_is_forgotten() {
        let mut table = TrackTable::new();
        assert_eq!([0; 10].map(|_| add(&mut table)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        for slot in [2, 7] {
            table.lives[slot] = Life::ENDED;
        }
        // Until then it is told of, and no other takes its slot.
        assert_eq!((table.count_going_on(), table.order.len()), (8, 10));
        assert_eq!(add(&mut table), 10);
        table.forget_ended();
        assert_eq!(table.order, [0, 1, 3, 4, 5, 6, 8, 9, 10]);
        assert_eq!(table.free, [2, 7]);
        assert_eq!([0; 3].map(|_| add(&mut table)), [7, 2, 11]);
        assert_eq!(table.count_going_on(), table.order.len());
        let numbers = table.order.iter().map(|&slot| table.tracks[slot as usize].number);
        assert!(numbers.eq([1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]));
        for &slot in &table.order {
            let (track, state) = (&table.tracks[slot as usize], table.states.state(slot));
            assert_eq!(state.mean[0], track.number as f64);
            assert_eq!(table.states.time_ns(slot), track.birth_ns);
        }
    }

    #[test]
    fn a_track_is_told_of_alone_and_takes_its_description_along() {
        let mut table = TrackTable::new();
        (0..3).for_each(|_| _ = add(&mut table));
        assert!((0..9).all(|slot| table.description(slot).is_unknown()));
        table.description_mut(1).snr_db = 17.0;
        add(&mut table);
        table.description_mut(3).range_band = 2;
        let told = |table: &TrackTable| {
            (0..9).filter(|&slot| !table.description(slot).is_unknown()).collect::<Vec<_>>()
        };
        assert_eq!((told(&table), table.description(1).snr_db), (vec![1, 3], 17.0));
        let mut copy = TrackTable::new();
        copy.copy_from(&table);
        assert_eq!(told(&copy), [1, 3]);
        // Who takes over the slot is another target.
        table.lives[1] = Life::ENDED;
        table.forget_ended();
        assert_eq!((add(&mut table), told(&table)), (1, vec![3]));
    }
}
