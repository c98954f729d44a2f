//! Targets that a radar cannot tell apart: those of one resolution cell give one echo.
//!
//! The echoes' phases are independent, so their mean powers add (M. I. Skolnik, "Introduction to
//! Radar Systems", 3rd ed. (2001), section 2.7: the mean cross section of many scatterers is the sum
//! of theirs), and the plot is the centroid that the power gives. Who is strongest decides how the
//! sum fluctuates.

use crate::numeric::min;
use crate::radar::candidates::{CandidateBlock, Candidates};
use crate::radar::equation::MAX_SNR;
use crate::simd::LANES;

impl Candidates {
    /// Leave of each cell the strongest (of equal ones that of the lowest entity number), with the
    /// SNR of all and their centroid. One that is alone stays as it is, to the last bit. `entities`
    /// is the column of the targets.
    pub fn merge(&mut self, entities: &[u64]) {
        self.pair();
        // By cell, and within it in the order of the blocks, so that sums have one order.
        self.pairs.sort_unstable();
        let (blocks, folded_m_s) = (&mut self.blocks, &self.folded_m_s);
        for pairs in self.pairs.chunk_by(|a, b| a >> 32 == b >> 32) {
            merge_cell(blocks, folded_m_s, entities, pairs);
        }
    }

    /// Find those who are not the first of their cell.
    fn pair(&mut self) {
        let Self { blocks, cells, table, pairs, .. } = self;
        table.clear(blocks.len() * LANES);
        pairs.clear();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(next) = cells.get(number + 1) {
                (0..LANES).for_each(|lane| table.prefetch(next.cell(lane)));
            }
            for lane in (0..LANES).filter(|&lane| block.is_seen[lane]) {
                let (cell, candidate) = (cells[number].cell(lane), (number * LANES + lane) as u32);
                let is_same = |other: u32| {
                    let (number, lane) = split(other);
                    cells[number].cell(lane) == cell
                };
                if let Some(first) = table.first_or_insert(cell, candidate, is_same) {
                    pairs.push(u64::from(first) << 32 | u64::from(candidate));
                }
            }
        }
    }
}

/// Block and lane of a candidate.
const fn split(candidate: u32) -> (usize, usize) {
    (candidate as usize / LANES, candidate as usize % LANES)
}

/// Merge the first of a cell with the others of its `pairs`.
fn merge_cell(
    blocks: &mut [CandidateBlock],
    folded_m_s: &[[f64; LANES]],
    entities: &[u64],
    pairs: &[u64],
) {
    let first = split((pairs[0] >> 32) as u32);
    // The true rates of one cell may be blind speeds apart.
    let rate_of = |(number, lane): (usize, usize), true_m_s: f64| {
        folded_m_s.get(number).map_or(true_m_s, |rates_m_s| rates_m_s[lane])
    };
    let origin = blocks[first.0].place.at(first.1);
    let origin_m_s = rate_of(first, origin[3]);
    let (mut strongest, mut total_snr) = (first, blocks[first.0].snr[first.1]);
    let mut moment = [0.0; 4];
    for &pair in pairs {
        let (number, lane) = split(pair as u32);
        let snr = blocks[number].snr[lane];
        let place = blocks[number].place.at(lane);
        total_snr += snr;
        for axis in 0..3 {
            moment[axis] += snr * (place[axis] - origin[axis]);
        }
        moment[3] += snr * (rate_of((number, lane), place[3]) - origin_m_s);
        let weaker = if is_stronger(blocks, entities, (number, lane), strongest) {
            std::mem::replace(&mut strongest, (number, lane))
        } else {
            (number, lane)
        };
        blocks[weaker.0].is_seen[weaker.1] = false;
    }
    // No cell reaches across north, so the bearings of one have no jump between them.
    let share = if total_snr > 0.0 { 1.0 / total_snr } else { 0.0 };
    let centroid = std::array::from_fn(|axis| origin[axis] + share * moment[axis]);
    blocks[strongest.0].place.put(strongest.1, centroid);
    blocks[strongest.0].snr[strongest.1] = min(total_snr, MAX_SNR);
}

fn is_stronger(
    blocks: &[CandidateBlock],
    entities: &[u64],
    one: (usize, usize),
    other: (usize, usize),
) -> bool {
    let snr = |(number, lane): (usize, usize)| blocks[number].snr[lane];
    let entity = |(number, lane): (usize, usize)| entities[blocks[number].block * LANES + lane];
    snr(one) > snr(other) || snr(one) == snr(other) && entity(one) < entity(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radar::candidates::Resolved;
    use crate::radar::plot_lanes::PolarLanes;
    use crate::radar::resolution_cells::CellLanes;

    const ENTITIES: [u64; 3 * LANES] = {
        let mut entities = [0; 3 * LANES];
        let mut k = 0;
        while k < entities.len() {
            entities[k] = 1000 - k as u64;
            k += 1;
        }
        entities
    };

    /// A block whose lanes lie in these range cells, 10 m each; below zero one is not seen.
    fn block(block: usize, cells: [i32; LANES], snr: [f64; LANES]) -> (CandidateBlock, CellLanes) {
        let range_m = std::array::from_fn(|lane| 10.0 * f64::from(cells[lane]) + lane as f64);
        let place = PolarLanes { range_m, ..PolarLanes::ZERO };
        let words = cells.map(|cell| cell as u64);
        let candidates = CandidateBlock { block, is_seen: cells.map(|cell| cell >= 0), snr, place };
        (candidates, CellLanes::from_words([words, [7; LANES]]))
    }

    fn merged(blocks: Vec<(CandidateBlock, CellLanes)>) -> Vec<CandidateBlock> {
        let mut candidates = Candidates::default();
        for (block, cells) in blocks {
            candidates.push(block, Some(Resolved { cells, folded_m_s: None }), None);
        }
        candidates.merge(&ENTITIES);
        candidates.blocks
    }

    #[test]
    fn one_of_each_cell_remains_with_sum_and_centroid() {
        let cells = [[0, 1, 2, 3, 1, 5, -1, -1], [1, 6, 0, 7, 8, 9, -1, 10]];
        let snr = [[4.0; LANES], [1.0, 1.0, 12.0, 1.0, 1.0, 1.0, 1.0, 1.0]];
        let before = [block(0, cells[0], snr[0]), block(2, cells[1], snr[1])];
        let after = merged(before.to_vec());
        let t = true;
        assert_eq!(after[0].is_seen, [false, false, t, t, t, t, false, false]);
        assert_eq!(after[1].is_seen, [false, t, t, t, t, t, false, t]);
        // Cell 1: lanes 1 and 4 of the first block, the stronger by its lower entity number, and
        // lane 0 of the second. Cell 0: lane 0 of the first and lane 2 of the second.
        assert_eq!((after[0].snr[4], after[1].snr[2]), (9.0, 16.0));
        assert!((after[0].place.range_m[4] - (4.0 * 11.0 + 4.0 * 14.0 + 10.0) / 9.0).abs() < 1e-12);
        assert!((after[1].place.range_m[2] - 12.0 * 2.0 / 16.0).abs() < 1e-12);
        for (number, lane) in [(0, 2), (0, 3), (0, 5), (1, 1), (1, 3), (1, 7)] {
            assert_eq!(after[number].place.at(lane), before[number].0.place.at(lane));
            assert_eq!(after[number].snr[lane], before[number].0.snr[lane]);
        }
    }

    #[test]
    fn range_rates_meet_as_the_filter_bank_has_them() {
        // Blind speeds of 100 m/s: 102 and -97 m/s are both near 2 m/s there.
        let (mut met, cells) = block(0, [3, 3, 4, 5, 6, 7, 8, 9], [1.0; LANES]);
        met.place.range_rate_m_s = [102.0, -97.0, 250.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let folded_m_s = Some([2.0, 3.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let mut candidates = Candidates::default();
        candidates.push(met, Some(Resolved { cells, folded_m_s }), Some([7; LANES]));
        candidates.merge(&ENTITIES);
        let after = &candidates.blocks()[0];
        // The second has the lower entity number; the first is who the mean is counted from.
        assert_eq!(after.is_seen[..3], [false, true, true]);
        assert_eq!(after.place.range_rate_m_s[1..3], [102.5, 250.0]);
        assert_eq!((after.snr[1], candidates.times_ns(0)), (2.0, Some([7; LANES])));
        candidates.clear();
        assert_eq!((candidates.blocks().len(), candidates.times_ns(0)), (0, None));
    }

    #[test]
    fn echoes_without_power_and_saturated_ones_stay_finite() {
        let after = merged(vec![block(1, [3, 3, 3, 4, 4, -1, -1, -1], [0.0; LANES])]);
        assert_eq!((after[0].snr[2], after[0].place.range_m[2]), (0.0, 30.0));
        let after = merged(vec![block(1, [3; LANES], [MAX_SNR; LANES])]);
        assert_eq!((after[0].snr[7], after[0].place.range_m[7]), (MAX_SNR, 33.5));
        assert_eq!(after[0].is_seen, std::array::from_fn(|lane| lane == 7));
    }
}
