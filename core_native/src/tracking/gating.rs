//! Which measurements may belong to which track, and what each pair costs.
//!
//! A box around each track's prediction, from its own covariance and the measurements' reach,
//! finds candidates in the spatial grid; the Mahalanobis distance then decides. Every pair is
//! predicted to the measurement's own time, so a turning radar needs no special case.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::numeric::ln;
use crate::numeric::max;
use crate::simd::{Kernel, LANES, SimdLevel, dispatch};
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::lanes::RowLanes;
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::Model;
use crate::tracking::motion::Motion;
use crate::tracking::spatial_grid::SpatialGrid;
use crate::tracking::state_table::StateTable;

/// Pairs of track and detection that one frame may bring: 50 for each of 20 000 tracks.
pub const MAX_PAIRS: usize = 1_000_000;

/// The measurements that each slot may take, and what each would cost.
#[derive(Default)]
pub struct Candidates {
    /// Where the candidates of each slot begin in the lists below; one more entry than lanes of
    /// all blocks.
    first: Vec<u32>,
    /// Indices of measurements, slot by slot, as found; what stands behind them means nothing.
    measurement: Vec<u32>,
    /// Negative log-likelihood ratio of target against false alarm, without the detection
    /// probability; infinite outside the gate. One more than there are pairs.
    cost: Vec<f64>,
}

impl Candidates {
    /// Those of slots, each with its measurements and their costs.
    #[cfg(test)]
    pub(super) fn from_slots(slots: &[Vec<(u32, f64)>]) -> Self {
        let mut made = Self::default();
        for slot in slots {
            made.first.push(made.measurement.len() as u32);
            made.measurement.extend(slot.iter().map(|&(measurement, _)| measurement));
            made.cost.extend(slot.iter().map(|&(_, cost)| cost));
        }
        made.first.push(made.measurement.len() as u32);
        made
    }

    /// Measurement and cost of each candidate of a slot.
    pub fn of(&self, slot: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let pairs = self.pairs(slot);
        self.measurement[pairs.clone()].iter().copied().zip(self.cost[pairs].iter().copied())
    }

    /// Whether a slot has candidates.
    pub fn has_any(&self, slot: usize) -> bool {
        self.first[slot] < self.first[slot + 1]
    }

    /// Places of a slot's pairs.
    #[inline(always)]
    pub fn pairs(&self, slot: usize) -> Range<usize> {
        self.first[slot] as usize..self.first[slot + 1] as usize
    }

    /// Measurement and cost of the pair at a place.
    #[inline(always)]
    pub fn pair(&self, place: usize) -> (u32, f64) {
        (self.measurement[place], self.cost[place])
    }

    /// Multiply the likelihood ratio of each pair of a slot that is inside the gate.
    pub fn multiply(&mut self, slot: usize, ratio: impl Fn(u32) -> f64) {
        for place in self.pairs(slot) {
            if self.cost[place] < f64::INFINITY {
                self.cost[place] -= ln(ratio(self.measurement[place]));
            }
        }
    }

    /// How many pairs there are.
    pub fn count(&self) -> usize {
        self.first.last().map_or(0, |&count| count as usize)
    }
}

/// What the search for candidates reads, beside the tracks.
#[derive(Clone, Copy)]
struct Search<'a, F> {
    states: &'a StateTable,
    lives: &'a [Life],
    measured: &'a FrameMeasurements,
    /// How the tracks move.
    motion: F,
    /// How much older than a track's state a measurement may be \[ns\].
    oldest_ns: i64,
}

/// Find the candidates of every living track. `ONE_TIME` says that all measurements have one.
struct FindCandidates<'a, F, const ONE_TIME: bool> {
    search: Search<'a, F>,
    first_ns: i64,
    last_ns: i64,
    grid: &'a mut SpatialGrid,
    candidates: &'a mut Candidates,
}

impl<F: Motion, const ONE_TIME: bool> Kernel for FindCandidates<'_, F, ONE_TIME> {
    type Output = Result<()>;

    #[inline(always)]
    fn run(self) -> Result<()> {
        let Search { states, lives, measured, motion, oldest_ns } = self.search;
        let Candidates { first, measurement, .. } = self.candidates;
        self.grid.build(&measured.points);
        first.clear();
        let mut count = 0;
        let (times_ns, gate) = ([self.first_ns, self.last_ns], measured.largest_gate);
        let (mut ahead, oldest_s) = (motion.room(states), oldest_ns as f64 * 1e-9);
        for (number, block) in states.blocks.iter().enumerate() {
            let between_s = times_ns.map(|time_ns| block.until_s([time_ns; LANES]));
            let between_s = between_s.map(|ends_s| ends_s.map(|end_s| max(end_s, -oldest_s)));
            let boxes =
                motion.search_boxes::<ONE_TIME>(states, number, &between_s, gate, &mut ahead);
            let boxes = self.grid.boxes(&boxes);
            for lane in 0..LANES {
                first.push(count as u32);
                if !lives.get(number * LANES + lane).is_some_and(Life::goes_on) {
                    continue;
                }
                motion.check(states, &ahead, lane)?;
                let room = count + measured.count() + 1;
                if measurement.len() < room {
                    measurement.resize(2 * room, 0);
                }
                let begin = count;
                count = self.grid.find_near(&boxes, lane, measurement, count);
                // A state says as little of what was long before as of what will be long after.
                let oldest_ns = block.times_ns[lane].saturating_sub(oldest_ns);
                if self.first_ns < oldest_ns {
                    let near = |&index: &u32| measured.times_ns[index as usize] >= oldest_ns;
                    count = begin + keep(&mut measurement[begin..count], near);
                }
                if count > MAX_PAIRS {
                    return Err(too_many_pairs(count));
                }
            }
        }
        first.push(count as u32);
        Ok(())
    }
}

/// Move the entries that `stays` lets through to the head of the list and count them.
pub(super) fn keep(list: &mut [u32], stays: impl Fn(&u32) -> bool) -> usize {
    let mut kept = 0;
    for at in 0..list.len() {
        list[kept] = list[at];
        kept += usize::from(stays(&list[at]));
    }
    kept
}

fn too_many_pairs(wanted: usize) -> Error {
    let remedy = "state smaller standard deviations, or send the frame as sectors";
    Error::Capacity { table: "pairs of track and detection", limit: MAX_PAIRS, wanted, remedy }
}

/// Work out the cost of every candidate.
struct ScoreCandidates<'a, M, F, const C: usize>
where
    M: Model<C>,
{
    model: M,
    search: Search<'a, F>,
    candidates: &'a mut Candidates,
}

impl<const C: usize, M: Model<C>, F: Motion> Kernel for ScoreCandidates<'_, M, F, C> {
    type Output = Result<()>;

    /// Block by block, all tracks of a block side by side with their first candidate, then with
    /// their second, and so on: the states are read as they lie.
    #[inline(always)]
    fn run(self) -> Result<()> {
        let Search { states, measured, motion, .. } = self.search;
        let none = self.candidates.count();
        let Candidates { first, measurement, cost } = self.candidates;
        // Never shorter, so that the list need not grow again in the next frame.
        if measurement.len() == none {
            measurement.push(0);
        }
        measurement[none] = 0;
        cost.clear();
        cost.resize(none + 1, f64::INFINITY);
        let mut rows = RowLanes::EMPTY;
        let mut ahead = motion.room(states);
        let ends = first.windows(LANES + 1).step_by(LANES);
        for (number, (block, ends)) in states.blocks.iter().zip(ends).enumerate() {
            let mut ahead_s = [f64::NAN; LANES]; // what `ahead` holds for
            let most = (0..LANES).map(|lane| ends[lane + 1] - ends[lane]).max().unwrap_or(0);
            for round in 0..most {
                let (mut pair, mut index) = ([none; LANES], [0; LANES]);
                let mut times_ns = [0; LANES];
                for lane in 0..LANES {
                    if ends[lane] + round < ends[lane + 1] {
                        pair[lane] = (ends[lane] + round) as usize;
                    }
                    index[lane] = measurement[pair[lane]] as usize;
                    times_ns[lane] = measured.times_ns[index[lane]];
                }
                rows.load(measured, index, M::WIDTH);
                let until_s = block.until_s(times_ns);
                if until_s != ahead_s {
                    motion.look_ahead(states, number, &until_s, &mut ahead);
                    ahead_s = until_s;
                }
                let found = motion.costs(states, number, &self.model, &rows, &until_s, &ahead);
                for lane in 0..LANES {
                    cost[pair[lane]] = found[lane];
                    if pair[lane] != none {
                        motion.check(states, &ahead, lane)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Finds the candidates; its memory is kept from frame to frame.
pub struct Gating {
    level: SimdLevel,
    oldest_ns: i64,
    grid: SpatialGrid,
    /// What was found.
    pub candidates: Candidates,
}

impl Gating {
    /// One that finds no measurement for a track whose state is newer by more than `oldest_ns`.
    pub fn new(level: SimdLevel, oldest_ns: i64) -> Self {
        let (grid, candidates) = Default::default();
        Self { level, oldest_ns, grid, candidates }
    }

    /// Find and score the measurements that may belong to each track that goes on.
    ///
    /// # Errors
    /// [`Error::Capacity`] for more than [`MAX_PAIRS`], [`Error::Model`] for what a user's model must
    /// not answer.
    pub fn run<const C: usize, M: Model<C>, F: Motion>(
        &mut self,
        model: M,
        states: &StateTable,
        lives: &[Life],
        measured: &FrameMeasurements,
        motion: F,
    ) -> Result<()> {
        let times = &measured.times_ns;
        let (Some(&first_ns), Some(&last_ns)) = (times.iter().min(), times.iter().max()) else {
            self.candidates.first.clear();
            self.candidates.first.resize(states.blocks.len() * LANES + 1, 0);
            return Ok(());
        };
        let Self { level, oldest_ns, grid, candidates } = self;
        let (level, oldest_ns) = (*level, *oldest_ns);
        let search = Search { states, lives, measured, motion, oldest_ns };
        if first_ns == last_ns {
            let find = FindCandidates::<F, true> { search, first_ns, last_ns, grid, candidates };
            dispatch(level, find)?;
        } else {
            let find = FindCandidates::<F, false> { search, first_ns, last_ns, grid, candidates };
            dispatch(level, find)?;
        }
        let candidates = &mut self.candidates;
        dispatch(level, ScoreCandidates::<M, F, C> { model, search, candidates })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::chi_squared::GateTable;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::gaussian::{Gaussian, at, predict};
    use crate::tracking::measurement::PositionModel;
    use crate::tracking::motion::OneFilter;

    const NOISE_M2_S3: [f64; 3] = [0.5, 0.5, 0.1];
    const MOTION: OneFilter = OneFilter { noise_m2_s3: NOISE_M2_S3 };

    /// A state whose uncertainty in `x` first shrinks for `shrinking_s`.
    fn shrinking_state(shrinking_s: f64) -> Gaussian {
        let mut state = Gaussian::ZERO;
        state.mean = [1000.0, -500.0, 80.0, 12.0, -7.0, 0.5];
        for axis in 0..3 {
            state.covariance[at(axis, axis)] = 400.0;
            state.covariance[at(axis + 3, axis + 3)] = 4.0;
        }
        state.covariance[at(0, 3)] = -4.0 * shrinking_s;
        state
    }

    #[test]
    fn a_box_holds_the_gate_of_every_time_between() {
        let mut states = StateTable::default();
        states.grow(LANES);
        let gate = 20.0;
        for shrinking_s in [0.0, 2.0, 5.0, 9.0] {
            let state = shrinking_state(shrinking_s);
            states.set(3, &state, 0);
            let between_s = [[-3.0; LANES], [11.0; LANES]];
            let boxes = MOTION.search_boxes::<false>(&states, 0, &between_s, gate, &mut ());
            for tenth in -30..=110 {
                let then = predict(&state, f64::from(tenth) * 0.1, NOISE_M2_S3);
                for axis in 0..3 {
                    let away = (then.mean[axis] - boxes.center_m[axis][3]).abs();
                    assert!(away <= boxes.drift_m[axis][3] + 1e-9);
                    let spread2 = gate * then.position_variance()[axis];
                    let found = boxes.spread2_m2[axis][3];
                    assert!(spread2 <= found * (1.0 + 1e-12), "{shrinking_s} {tenth} {axis}");
                }
            }
        }
    }

    /// Candidates of `tracks` tracks and as many measurements, each near one of the others.
    fn run(gating: &mut Gating, tracks: usize) -> Result<()> {
        let place = |index: usize| [1000.0 * index as f64, 0.0, 0.0];
        let mut states = StateTable::default();
        states.grow(tracks);
        for slot in 0..tracks {
            let mut state = shrinking_state(0.0);
            state.mean[..3].copy_from_slice(&place(slot));
            states.set(slot as u32, &state, 0);
        }
        let lives = vec![Life::born(0, 0, 0.1, &TrackerConfig::default()); tracks];
        let positions_m: Vec<_> = (0..tracks).map(place).collect();
        let covariance_m2 = [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
        let mut measured = FrameMeasurements::default();
        let gate = GateTable::new(0.9999).of(3);
        measured.from_positions::<true>(0, &positions_m, &[covariance_m2], gate);
        let covariance_m2 = [9.0, 0.0, 0.0, 9.0, 0.0, 9.0];
        let model = PositionModel::<true> { covariance_m2, cost: -20.0, gate };
        gating.run::<3, _, _>(model, &states, &lives, &measured, MOTION)
    }

    #[test]
    fn every_track_finds_its_own_measurement_alone() {
        let mut gating = Gating::new(SimdLevel::detect(), 0);
        for tracks in [0, 1, 7, 8, 9, 30] {
            run(&mut gating, tracks).expect("few pairs");
            for slot in 0..tracks {
                let found: Vec<_> = gating.candidates.of(slot).collect();
                assert!(
                    matches!(found[..], [(index, cost)] if index as usize == slot && cost < 0.0)
                );
            }
            assert_eq!(gating.candidates.count(), tracks);
        }
    }

    #[test]
    fn the_list_of_candidates_keeps_its_length() {
        let mut gating = Gating::new(SimdLevel::detect(), 0);
        run(&mut gating, 30).expect("few pairs");
        let length = gating.candidates.measurement.len();
        for tracks in [0, 3, 29, 30] {
            run(&mut gating, tracks).expect("few pairs");
            assert_eq!(gating.candidates.measurement.len(), length, "{tracks}");
        }
    }
}
