//! The update of all tracks that took a measurement.

use crate::simd::{Kernel, LANES};
use crate::tracking::association::FREE;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gaussian::predict;
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::Model;
use crate::tracking::state_table::{StateBlock, StateTable};

/// Predict each track that took a measurement to that one's time and update it.
pub struct UpdateStates<'a, M, const C: usize>
where
    M: Model<C>,
{
    /// How to linearise.
    pub model: M,
    /// The measurement that each slot takes, or [`FREE`]; at least one of them takes one.
    pub taken_by: &'a [u32],
    /// The states by slot.
    pub states: &'a mut StateTable,
    /// The frame.
    pub measured: &'a FrameMeasurements,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
}

impl<const C: usize, M: Model<C>> Kernel for UpdateStates<'_, M, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (mut rows, mut updated) = (RowLanes::EMPTY, StateLanes::EMPTY);
        for (number, chunk) in self.taken_by.chunks(LANES).enumerate() {
            let (mut index, mut hit, mut times_ns) = ([0; LANES], [false; LANES], [0; LANES]);
            for (lane, &measurement) in chunk.iter().enumerate() {
                hit[lane] = measurement != FREE;
                index[lane] = if hit[lane] { measurement as usize } else { 0 };
                times_ns[lane] = self.measured.times_ns[index[lane]];
            }
            if !hit.contains(&true) {
                continue;
            }
            rows.load(self.measured, index, M::WIDTH);
            let block = &self.states.blocks[number];
            let until_s = block.until_s(times_ns);
            update(&mut updated, block, &rows, &until_s, self.model, self.noise_m2_s3);
            let block = &mut self.states.blocks[number];
            block.states.take(&updated, hit);
            for lane in 0..LANES {
                let own_ns = block.times_ns[lane];
                block.times_ns[lane] = if hit[lane] { times_ns[lane] } else { own_ns };
            }
        }
    }
}

/// Predict the states of a block and update each by the measurement beside it.
///
/// Loads and stores are apart, and a function's arguments are known to be: a loop that might write
/// what it reads would not become vectors.
#[inline(always)]
fn update<const C: usize, M: Model<C>>(
    updated: &mut StateLanes,
    block: &StateBlock,
    rows: &RowLanes,
    until_s: &[f64; LANES],
    model: M,
    noise_m2_s3: [f64; 3],
) {
    for lane in 0..LANES {
        let predicted = predict(&block.states.state(lane), until_s[lane], noise_m2_s3);
        let innovation = model.innovate(&predicted, &rows.row(lane));
        updated.store(lane, &innovation.update(&predicted));
    }
}
