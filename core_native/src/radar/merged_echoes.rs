//! The echoes of one look of a radar that merges what it cannot resolve.

use crate::radar::echo_targets::lanes_of;
use crate::radar::echoes::EchoKernel;
use crate::radar::look::Look;
use crate::radar::merging::{CandidateBlock, Candidates};
use crate::radar::resolution_cells::ResolutionCells;
use crate::simd::{Kernel, LANES};

/// One look's echoes; run it with [`crate::simd::dispatch`].
///
/// Three steps, since who is seen as one is known only when all have been met: collect, merge, draw.
/// A target that is alone in its cell gets the very numbers of [`EchoKernel`].
#[derive(Debug)]
pub struct MergingKernel<'a, L: Look> {
    /// What makes and reports the echoes; of all targets, the plain ones among them.
    pub echoes: EchoKernel<'a, L, false>,
    /// What it cannot resolve.
    pub cells: &'a ResolutionCells,
    /// Memory for the targets of a look.
    pub candidates: &'a mut Candidates,
}

impl<L: Look> Kernel for MergingKernel<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        self.candidates.clear();
        for block in 0..self.echoes.targets.paths.len() {
            self.collect(block);
        }
        self.candidates.merge(&self.echoes.targets.entity);
        for candidates in self.candidates.blocks() {
            draw(&mut self.echoes, candidates);
        }
    }
}

impl<L: Look> MergingKernel<'_, L> {
    #[inline(always)]
    fn collect(&mut self, block: usize) {
        let look = self.echoes.look;
        let Some(seen) = look.see(&self.echoes.targets.paths[block]) else {
            return;
        };
        let is_seen = self.echoes.is_seen(block, &seen);
        if !is_seen.contains(&true) {
            return;
        }
        let snr = self.echoes.mean_snr(block, &seen);
        let mut place = look.truth(&seen).clone();
        let time_ns = std::array::from_fn(|lane| look.time_ns(&seen, lane));
        let true_m_s = place.range_rate_m_s;
        if let Some(waveform) = self.echoes.sensor.folding() {
            // What has the same Doppler frequency is in the same cell.
            place.range_rate_m_s = waveform.folded_lanes(&true_m_s);
        }
        let (cells, filtered_m_s) = (self.cells.cells_of(&place), place.range_rate_m_s);
        place.range_rate_m_s = true_m_s;
        self.candidates.push(CandidateBlock {
            block,
            is_seen,
            snr,
            place,
            filtered_m_s,
            time_ns,
            cells,
        });
    }
}

#[inline(always)]
fn draw<L: Look>(echoes: &mut EchoKernel<'_, L, false>, candidates: &CandidateBlock) {
    let CandidateBlock { block, is_seen, snr, place, time_ns, .. } = candidates;
    let entities = lanes_of(&echoes.targets.entity, block * LANES);
    let words = echoes.power_draws.echo.words_of_lanes(&entities, echoes.frame);
    let power = echoes.draw(*block, place, snr, is_seen, &entities, &words);
    echoes.report(*block, place, &power, &words, |lane| time_ns[lane]);
}
