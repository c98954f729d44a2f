//! All tracks by slot: their states, their lives and what is known of them.
//!
//! A track keeps its slot for life; a slot whose track has ended is used again. `order` lists the
//! slots in use by track number, which fixes the order of every result.

use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::state_table::StateTable;
use crate::tracking::track::Track;

/// The tracks.
#[derive(Clone)]
pub struct TrackTable {
    /// State of each slot.
    pub states: StateTable,
    /// Life of each slot; that of a slot not in use has ended.
    pub lives: Vec<Life>,
    /// What else is known of the track in each slot.
    pub tracks: Vec<Track>,
    /// Slots in use, by track number.
    pub order: Vec<u32>,
    /// Slots not in use, the next one to use last.
    pub free: Vec<u32>,
    /// Number of the next track.
    pub next_number: u64,
}

impl TrackTable {
    /// No tracks; the first will have number 1.
    pub fn new() -> Self {
        Self {
            states: StateTable::default(),
            lives: Vec::new(),
            tracks: Vec::new(),
            order: Vec::new(),
            free: Vec::new(),
            next_number: 1,
        }
    }

    /// Make room for `slots` tracks, none of them in use.
    pub fn grow(&mut self, slots: usize) {
        self.states.grow(slots);
        self.lives.resize(slots, Life::ENDED);
        self.tracks.resize(slots, Track::new(0, [0; 16], 0));
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
