//! Who was the first in a resolution cell: a table with open addresses.
//!
//! Hashing finds the few who share a cell in time proportional to the number of all; to sort them by
//! cell would cost several times that, since cells are not spread evenly. What comes out depends on
//! the cells and on the order of the questions alone, never on where the table puts a cell.

use crate::prefetch;

/// One candidate, or none.
const EMPTY: u64 = 0;
/// Odd numbers with well mixed bits, so that neighbouring cells do not crowd: the golden ratio, and
/// the constants of D. Stafford's mix 13 (S. Vigna's splitmix64).
const MULTIPLIERS: [u64; 3] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];

/// The first candidate of each cell; its memory is used again.
#[derive(Clone, Debug, Default)]
pub struct CellTable {
    /// Low half of the cell's hash in the high half, the candidate's number plus 1 in the low one.
    slots: Vec<u64>,
}

impl CellTable {
    /// Forget all; make room for `count` candidates.
    pub fn clear(&mut self, count: usize) {
        self.slots.clear();
        // At most half full: few questions meet a slot that another cell has taken.
        self.slots.resize((2 * count).next_power_of_two(), EMPTY);
    }

    /// Fetch the place of a cell that is asked for soon.
    #[inline(always)]
    pub fn prefetch(&self, cell: [u64; 2]) {
        let (hash, mask) = (hash(cell), self.slots.len() - 1);
        prefetch::soon(&self.slots[(hash >> 32) as usize & mask]);
    }

    /// The candidate that was the first of this cell; none where it is this one, who is remembered.
    /// `is_same` says whether a candidate's cell is this one.
    #[inline(always)]
    pub fn first_or_insert(
        &mut self,
        cell: [u64; 2],
        candidate: u32,
        is_same: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let hash = hash(cell);
        let (tag, mask) = (hash << 32, self.slots.len() - 1);
        let mut index = (hash >> 32) as usize & mask;
        loop {
            let slot = self.slots[index];
            if slot == EMPTY {
                self.slots[index] = tag | u64::from(candidate + 1);
                return None;
            }
            let other = slot as u32 - 1;
            if slot >> 32 == tag >> 32 && is_same(other) {
                return Some(other);
            }
            index = (index + 1) & mask;
        }
    }
}

#[inline(always)]
fn hash(cell: [u64; 2]) -> u64 {
    let [a, b, c] = MULTIPLIERS;
    let mixed = cell[0].wrapping_mul(a) ^ cell[1].wrapping_mul(b).rotate_left(32);
    (mixed ^ mixed >> 29).wrapping_mul(c)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::random::{Purpose, Stream};

    /// Whatever the cells: few, neighbours in one axis, or far apart.
    #[test]
    fn everyone_finds_the_first_of_the_same_cell() {
        let stream = Stream::new(1, &[0; 16], Purpose::Echo);
        let word = |k: u32| u64::from(stream.words(u64::from(k), 0)[0]);
        let kinds: [&dyn Fn(u32) -> [u64; 2]; 5] = [
            &|k| [word(k) % 7, 3],
            &|k| [u64::from(k / 2) << 20, 0],
            &|k| [0, u64::from(k % 100)],
            &|k| [word(k), word(k) << 31],
            &|_| [u64::MAX, u64::MAX],
        ];
        let mut table = CellTable::default();
        for count in [0, 1, 2, 100, 3000, 10] {
            for cell_of in kinds {
                table.clear(count as usize);
                let mut firsts = BTreeMap::new();
                for candidate in 0..count {
                    let cell = cell_of(candidate);
                    let found =
                        table.first_or_insert(cell, candidate, |other| cell_of(other) == cell);
                    let first = *firsts.entry(cell).or_insert(candidate);
                    assert_eq!(found, (first != candidate).then_some(first));
                }
            }
        }
    }

    /// Cells of equal tag and slot are told apart by the cells themselves.
    #[test]
    fn a_hash_is_not_taken_for_a_cell() {
        let mut table = CellTable::default();
        table.clear(4);
        assert_eq!(table.first_or_insert([1, 2], 0, |_| true), None);
        assert_eq!(table.first_or_insert([1, 2], 1, |_| false), None);
        assert_eq!(table.first_or_insert([1, 2], 2, |other| other == 1), Some(1));
    }

    #[test]
    fn neighbours_do_not_crowd() {
        let mut table = CellTable::default();
        table.clear(10_000);
        let len = table.slots.len() as u64;
        let mut far = 0;
        let cell_of = |candidate: u64| [((candidate % 100) << 20) | (candidate / 100), 5];
        for candidate in 0..10_000_u64 {
            table.first_or_insert(cell_of(candidate), candidate as u32, |_| false);
        }
        for (index, slot) in (0..).zip(&table.slots).filter(|(_, slot)| **slot != EMPTY) {
            let candidate = (slot & 0xffff_ffff) - 1;
            let home = hash(cell_of(candidate)) >> 32;
            far += u64::from((index + len - home % len) % len > 8);
        }
        assert!(far < 50, "{far}");
    }
}
