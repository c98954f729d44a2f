//! The update of all tracks that took a measurement.

use crate::simd::{Kernel, LANES};
use crate::tracking::association::FREE;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::lanes::RowLanes;
use crate::tracking::measurement::Model;
use crate::tracking::motion::{Hits, Motion};
use crate::tracking::state_table::StateTable;

/// Predict each track that took a measurement to that one's time, unless it is older, and update it.
pub struct UpdateStates<'a, M, F, const C: usize>
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
    /// How the tracks move.
    pub motion: F,
}

impl<const C: usize, M: Model<C>, F: Motion> Kernel for UpdateStates<'_, M, F, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.states.axes_coupled |= M::COUPLES_AXES;
        let mut rows = RowLanes::EMPTY;
        let mut ahead = self.motion.room(self.states);
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
            let block = &mut self.states.blocks[number];
            let mut until_s = block.until_s(times_ns);
            for lane in 0..LANES {
                let own_ns = block.times_ns[lane];
                block.times_ns[lane] = if hit[lane] { times_ns[lane].max(own_ns) } else { own_ns };
                until_s[lane] = if hit[lane] { until_s[lane] } else { 0.0 };
            }
            let (model, states) = (&self.model, &mut *self.states);
            let hits = Hits { rows: &rows, until_s: &until_s, hit: &hit };
            self.motion.update(states, number, model, hits, &mut ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{SimdLevel, dispatch};
    use crate::tracking::gaussian::{Gaussian, STATE, at, predict};
    use crate::tracking::measurement::{PositionModel, ROW};
    use crate::tracking::motion::OneFilter;

    const NOISE_M2_S3: [f64; 3] = [0.5, 0.5, 0.1];
    const COVARIANCE_M2: [[f64; 3]; 3] =
        [[400.0, 30.0, 0.0], [30.0, 90.0, -5.0], [0.0, -5.0, 25.0]];
    const MODEL: PositionModel<true> = PositionModel {
        covariance_m2: [400.0, 30.0, 0.0, 90.0, -5.0, 25.0],
        cost: -20.0,
        gate: 20.0,
    };

    /// A state of a size from 1 mm to 1000 km, some of it exactly zero.
    fn state(slot: u32) -> Gaussian {
        let size = libm::pow(10.0, f64::from(slot % 10) - 3.0);
        let mut state = Gaussian::ZERO;
        for i in 0..STATE {
            state.mean[i] = size * (f64::from((slot * 7 + i as u32 * 5) % 11) - 5.0);
            state.covariance[at(i, i)] = size * size * f64::from(1 + (slot + i as u32) % 4);
        }
        predict(&state, f64::from(slot % 3), NOISE_M2_S3)
    }

    fn table(slots: u32) -> StateTable {
        let mut states = StateTable::default();
        states.grow(slots as usize);
        (0..slots).for_each(|slot| states.set(slot, &state(slot), i64::from(slot) * 1000));
        states
    }

    /// Measurements at 1 s, 1 m to 1000 km out.
    fn measured(count: u32) -> FrameMeasurements {
        let place = |index: u32| {
            let size = libm::pow(10.0, f64::from(index % 7));
            [size, -size * 0.5, f64::from(index)]
        };
        let positions_m: Vec<_> = (0..count).map(place).collect();
        let mut measured = FrameMeasurements::default();
        let covariances_m2 = [COVARIANCE_M2];
        measured.from_positions::<true>(1_000_000_000, &positions_m, &covariances_m2, MODEL.gate);
        measured
    }

    fn bits(state: &Gaussian) -> Vec<u64> {
        state.mean.iter().chain(&state.covariance).map(|number| number.to_bits()).collect()
    }

    #[test]
    fn a_track_without_a_measurement_keeps_every_bit_and_the_others_are_updated() {
        let (slots, measured) = (43, measured(30));
        let taken_by: Vec<u32> =
            (0..slots).map(|slot| if slot % 5 < 2 { FREE } else { slot % 30 }).collect();
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
            let (before, mut states) = (table(slots), table(slots));
            let work = UpdateStates {
                model: MODEL,
                taken_by: &taken_by,
                states: &mut states,
                measured: &measured,
                motion: OneFilter { noise_m2_s3: NOISE_M2_S3 },
            };
            dispatch(level, work);
            for slot in 0..slots {
                let (old, new) = (before.state(slot), states.state(slot));
                let index = taken_by[slot as usize];
                if index == FREE {
                    assert_eq!(bits(&new), bits(&old), "{level} {slot}");
                    assert_eq!(states.time_ns(slot), before.time_ns(slot));
                    continue;
                }
                let mut row = [0.0; ROW];
                row[..3].copy_from_slice(measured.row(index as usize, 3));
                let until_s = (1_000_000_000 - before.time_ns(slot)) as f64 * 1e-9;
                let predicted = predict(&old, until_s, NOISE_M2_S3);
                let expected = MODEL.innovate(&predicted, &row).update(&predicted);
                assert_eq!(bits(&new), bits(&expected), "{level} {slot}");
                assert_eq!(states.time_ns(slot), 1_000_000_000);
            }
        }
    }
}
