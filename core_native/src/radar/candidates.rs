//! The targets that one look may see, before their echoes are drawn.

use crate::radar::cell_table::CellTable;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::resolution_cells::CellLanes;
use crate::simd::LANES;

/// A block of the targets as a look meets them.
#[derive(Clone, Debug)]
pub struct CandidateBlock {
    /// Number of the block in [`crate::radar::echo_targets::EchoTargets`].
    pub block: usize,
    /// Whether each gives an echo of its own.
    pub is_seen: [bool; LANES],
    /// Mean SNR of a single pulse.
    pub snr: [f64; LANES],
    /// Where they are.
    pub place: PolarLanes,
}

/// What tells the targets of a block apart, for a radar that merges the others.
#[derive(Clone, Copy, Debug)]
pub struct Resolved {
    /// Their resolution cells.
    pub cells: CellLanes,
    /// Their range rates as the filter bank has them \[m/s\], where it folds them.
    pub folded_m_s: Option<[f64; LANES]>,
}

/// All that one look may see; its memory is used again by the next.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    pub(super) blocks: Vec<CandidateBlock>,
    /// One entry per block; empty where nothing is merged. By themselves, since they are compared
    /// in any order.
    pub(super) cells: Vec<CellLanes>,
    /// One entry per block; empty where no range rate is folded.
    pub(super) folded_m_s: Vec<[f64; LANES]>,
    /// When the look meets each \[ns\], one entry per block; empty where it does so at one time.
    times_ns: Vec<[i64; LANES]>,
    pub(super) table: CellTable,
    /// The first of a cell in the high half, another of the same cell in the low one.
    pub(super) pairs: Vec<u64>,
}

impl Candidates {
    /// Forget the last look.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.cells.clear();
        self.folded_m_s.clear();
        self.times_ns.clear();
    }

    /// Add a block; what is optional is there for all blocks of a look or for none.
    #[inline(always)]
    pub fn push(
        &mut self,
        block: CandidateBlock,
        resolved: Option<Resolved>,
        times_ns: Option<[i64; LANES]>,
    ) {
        self.blocks.push(block);
        self.times_ns.extend(times_ns);
        if let Some(Resolved { cells, folded_m_s }) = resolved {
            self.cells.push(cells);
            self.folded_m_s.extend(folded_m_s);
        }
    }

    /// The blocks, in the order in which they were added.
    pub fn blocks(&self) -> &[CandidateBlock] {
        &self.blocks
    }

    /// Times of a block \[ns\], where it was given some.
    #[inline(always)]
    pub fn times_ns(&self, number: usize) -> Option<[i64; LANES]> {
        self.times_ns.get(number).copied()
    }
}
