//! The states of all tracks by slot, in blocks of eight, and the time that each holds for.

use crate::prefetch;
use crate::simd::LANES;
use crate::tracking::filter_bank::FilterBank;
use crate::tracking::gaussian::{Gaussian, STATE};
use crate::tracking::lanes::StateLanes;

/// Eight states at the times of their last detections.
#[derive(Clone, Copy)]
pub struct StateBlock {
    /// The states.
    pub states: StateLanes,
    /// The time that each holds for \[ns\].
    pub times_ns: [i64; LANES],
}

impl StateBlock {
    const EMPTY: Self = Self { states: StateLanes::EMPTY, times_ns: [0; LANES] };

    /// How much later than each state a time is \[s\].
    #[inline(always)]
    pub fn until_s(&self, times_ns: [i64; LANES]) -> [f64; LANES] {
        let mut until_s = [0.0; LANES];
        for lane in 0..LANES {
            until_s[lane] = (times_ns[lane] - self.times_ns[lane]) as f64 * 1e-9;
        }
        until_s
    }
}

/// The states of all slots: slot `s` is lane `s % 8` of block `s / 8`.
#[derive(Default)]
pub struct StateTable {
    /// The blocks; lanes beyond the last slot hold zeros.
    pub blocks: Vec<StateBlock>,
    /// Whether any state that was ever here has a covariance between two axes. It never changes a
    /// result: without, the kernels leave out what would be zero.
    pub axes_coupled: bool,
    /// The filters of several motion models, where the tracks move by more than one. The blocks then
    /// hold the means of the mixtures; their covariances are a third of the work of an update, and
    /// are worked out when they are asked for.
    pub bank: FilterBank,
}

impl StateTable {
    /// An empty table of tracks that move by a bank.
    pub fn with_bank(bank: FilterBank) -> Self {
        Self { blocks: Vec::new(), axes_coupled: bank.is_used(), bank }
    }

    /// Become equal to `other` in the memory that there is.
    pub fn copy_from(&mut self, other: &Self) {
        self.blocks.clone_from(&other.blocks);
        self.axes_coupled = other.axes_coupled;
        self.bank.copy_from(&other.bank);
    }

    /// Make room for `slots` states.
    pub fn grow(&mut self, slots: usize) {
        let blocks = slots.div_ceil(LANES);
        if blocks > self.blocks.len() {
            self.blocks.resize(blocks, StateBlock::EMPTY);
            self.bank.grow(blocks);
        }
    }

    /// The state of a slot.
    pub fn state(&self, slot: u32) -> Gaussian {
        let (block, lane) = place(slot);
        if self.bank.is_used() {
            return self.bank.matched(block).state(lane);
        }
        self.blocks[block].states.state(lane)
    }

    /// The mean of the state of a slot.
    #[inline(always)]
    pub fn mean(&self, slot: u32) -> [f64; STATE] {
        let (block, lane) = place(slot);
        self.blocks[block].states.mean.map(|by_lane| by_lane[lane])
    }

    /// Fetch the state of a slot.
    #[inline(always)]
    pub fn prefetch(&self, slot: u32) {
        prefetch::soon(&self.blocks[place(slot).0]);
    }

    /// The time that the state of a slot holds for \[ns\].
    #[inline(always)]
    pub fn time_ns(&self, slot: u32) -> i64 {
        let (block, lane) = place(slot);
        self.blocks[block].times_ns[lane]
    }

    /// Put a state at `time_ns` into a slot; a bank begins there with it.
    pub fn set(&mut self, slot: u32, state: &Gaussian, time_ns: i64) {
        let (block, lane) = place(slot);
        self.axes_coupled = self.axes_coupled || state.couples_axes();
        self.blocks[block].states.store(lane, state);
        self.blocks[block].times_ns[lane] = time_ns;
        if self.bank.is_used() {
            self.bank.begin(block, lane, state);
        }
    }
}

#[inline(always)]
const fn place(slot: u32) -> (usize, usize) {
    (slot as usize / LANES, slot as usize % LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(slot: u32) -> Gaussian {
        let mut state = Gaussian::ZERO;
        state.mean = [f64::from(slot) + 0.5; 6];
        state.covariance = [f64::from(slot) + 0.25; 21];
        state
    }

    #[test]
    fn every_slot_has_a_place_of_its_own() {
        let mut table = StateTable::default();
        for slot in 0..20 {
            table.grow(slot as usize + 1);
            table.set(slot, &state(slot), i64::from(slot));
        }
        assert_eq!(table.blocks.len(), 3);
        for slot in 0..20 {
            assert_eq!((table.state(slot), table.time_ns(slot)), (state(slot), i64::from(slot)));
        }
        // Less room than there is takes nothing away.
        table.grow(1);
        assert_eq!(table.state(19), state(19));
    }

    #[test]
    fn axes_stay_coupled_once_a_state_has_coupled_them() {
        let mut table = StateTable::default();
        table.grow(1);
        table.set(0, &Gaussian::ZERO, 0);
        assert!(!table.axes_coupled);
        table.set(0, &state(1), 0);
        table.set(0, &Gaussian::ZERO, 0);
        assert!(table.axes_coupled);
    }

    #[test]
    fn a_time_is_as_far_from_each_state_as_they_are_apart() {
        let mut table = StateTable::default();
        table.grow(LANES);
        table.set(2, &state(2), 3_000_000_000);
        let until_s = table.blocks[0].until_s([500_000_000; LANES]);
        assert_eq!(until_s, [0.5, 0.5, -2.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    }
}
