//! The update of all tracks that took a measurement.

use crate::simd::{Kernel, LANES};
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gating::Pair;
use crate::tracking::kalman::innovate;
use crate::tracking::lanes::{RowLanes, StateLanes, spread};
use crate::tracking::measurement::Model;
use crate::tracking::track::Track;

/// Predict each chosen track to its detection's time and update it.
pub struct UpdateStates<'a, M, const C: usize>
where
    M: Model<C>,
{
    /// How to linearise.
    pub model: M,
    /// Which track takes which measurement.
    pub pairs: &'a [Pair],
    /// Slots of the tracker.
    pub tracks: &'a mut [Track],
    /// The frame.
    pub measured: &'a FrameMeasurements,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
}

impl<const C: usize, M: Model<C>> Kernel for UpdateStates<'_, M, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // Loads and stores apart: a loop that wrote what it reads would not become vectors.
        let (mut states, mut rows) = (StateLanes::EMPTY, RowLanes::EMPTY);
        let mut updated = StateLanes::EMPTY;
        for chunk in self.pairs.chunks(LANES) {
            let pairs = spread(chunk);
            let index = pairs.map(|pair| pair.measurement as usize);
            let times_ns = index.map(|index| self.measured.times_ns[index]);
            states.load(pairs.map(|pair| &self.tracks[pair.slot as usize]), times_ns);
            rows.load(index.map(|index| &self.measured.rows[index]));
            for lane in 0..LANES {
                let predicted = states.predicted(lane, self.noise_m2_s3);
                let measured = self.model.linearise(&predicted.mean, &rows.row(lane));
                let innovation = innovate(&predicted, &measured, M::HAS_RATE);
                updated.store(lane, &innovation.update(&predicted));
            }
            for (lane, pair) in chunk.iter().enumerate() {
                let track = &mut self.tracks[pair.slot as usize];
                updated.unload(lane, &mut track.state);
                track.time_ns = self.measured.times_ns[pair.measurement as usize];
            }
        }
    }
}
