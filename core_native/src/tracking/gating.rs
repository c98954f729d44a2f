//! Which measurements may belong to which track, and what each pair costs.
//!
//! A box around each track's prediction, from its own covariance and the measurements' reach,
//! finds candidates in the spatial grid; the Mahalanobis distance then decides. Every pair is
//! predicted to the measurement's own time, so a turning radar needs no special case.

use crate::error::{Error, Result};
use crate::numeric::{ln, max};
use crate::simd::{Kernel, LANES, SimdLevel, dispatch};
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gaussian::at;
use crate::tracking::kalman::innovate;
use crate::tracking::lanes::{RowLanes, StateLanes, spread};
use crate::tracking::measurement::{COST, Model};
use crate::tracking::spatial_grid::{CellAxis, SearchBox, SpatialGrid};
use crate::tracking::track::Track;

/// Pairs of track and detection that one frame may bring: 50 for each of 20 000 tracks.
pub const MAX_PAIRS: usize = 1_000_000;

fn too_many_pairs(wanted: usize) -> Error {
    let remedy = "state smaller standard deviations, or send the frame as sectors";
    Error::Capacity { table: "pairs of track and detection", limit: MAX_PAIRS, wanted, remedy }
}

/// A track and a measurement that may belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// Slot of the track.
    pub slot: u32,
    /// Index of the measurement.
    pub measurement: u32,
}

/// What a pair is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Squared Mahalanobis distance.
    pub distance2: f64,
    /// Negative log-likelihood ratio of target against false alarm, without the detection
    /// probability.
    pub cost: f64,
}

/// Score every pair.
pub struct ScorePairs<'a, M> {
    /// How to linearise.
    pub model: M,
    /// Pairs to score.
    pub pairs: &'a [Pair],
    /// Slots of the tracker.
    pub tracks: &'a [Track],
    /// The frame.
    pub measured: &'a FrameMeasurements,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
    /// One score per pair.
    pub scores: &'a mut Vec<Score>,
}

/// Carries the number of channels of a kernel's model.
pub struct WithChannels<const C: usize, K>(pub K);

impl<const C: usize, M: Model<C>> Kernel for WithChannels<C, ScorePairs<'_, M>> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let work = self.0;
        let counts = work.model.counts();
        let (mut states, mut rows) = (StateLanes::EMPTY, RowLanes::EMPTY);
        for chunk in work.pairs.chunks(LANES) {
            let pairs = spread(chunk);
            let index = pairs.map(|pair| pair.measurement as usize);
            let times_ns = index.map(|index| work.measured.times_ns[index]);
            states.load(pairs.map(|pair| &work.tracks[pair.slot as usize]), times_ns);
            rows.load(index.map(|index| &work.measured.rows[index]));
            let mut distance2 = [0.0; LANES];
            let mut cost = [0.0; LANES];
            for lane in 0..LANES {
                let state = states.predicted(lane, work.noise_m2_s3);
                let row = rows.row(lane);
                let measured = work.model.linearise(&state.mean, &row);
                let innovation = innovate(&state, &measured, M::HAS_RATE);
                distance2[lane] = innovation.distance2();
                cost[lane] =
                    0.5 * (distance2[lane] + ln(innovation.determinant(counts))) + row[COST];
            }
            for lane in 0..chunk.len() {
                work.scores.push(Score { distance2: distance2[lane], cost: cost[lane] });
            }
        }
    }
}

/// The boxes in which the tracks' detections must lie between two times.
struct FindBoxes<'a> {
    slots: &'a [u32],
    tracks: &'a [Track],
    first_ns: i64,
    last_ns: i64,
    noise_m2_s3: [f64; 3],
    /// Largest squared distance that any gate lets in.
    gate: f64,
    reach_m: f64,
    axes: [CellAxis; 2],
    boxes: &'a mut Vec<BoxLanes>,
}

impl Kernel for FindBoxes<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for chunk in self.slots.chunks(LANES) {
            let tracks = spread(chunk).map(|slot| &self.tracks[slot as usize]);
            let until_s =
                |time_ns: i64| tracks.map(|track| (time_ns - track.time_ns) as f64 * 1e-9);
            let until_s = [until_s(self.first_ns), until_s(self.last_ns)];
            let (mut boxes, mut half_m) = (BoxLanes::default(), [[0.0; LANES]; 3]);
            for axis in 0..3 {
                let position = tracks.map(|track| track.state.mean[axis]);
                let velocity = tracks.map(|track| track.state.mean[axis + 3]);
                let element = |i, j| tracks.map(|track| track.state.covariance[at(i, j)]);
                let (pp, pv) = (element(axis, axis), element(axis, axis + 3));
                let vv = element(axis + 3, axis + 3);
                for lane in 0..LANES {
                    let (first, last) = (max(until_s[0][lane], 0.0), max(until_s[1][lane], 0.0));
                    let noise = self.noise_m2_s3[axis] * (last * last * last * (1.0 / 3.0));
                    let variance = pp[lane] + last * (2.0 * pv[lane] + last * vv[lane]) + noise;
                    let spread2 = self.gate * max(variance, 0.0);
                    let drift = 0.5 * velocity[lane].abs() * (last - first);
                    boxes.center_m[axis][lane] =
                        position[lane] + 0.5 * (first + last) * velocity[lane];
                    boxes.spread2_m2[axis][lane] = spread2;
                    boxes.drift_m[axis][lane] = drift;
                    half_m[axis][lane] = (spread2 + self.reach_m * self.reach_m).sqrt() + drift;
                }
            }
            for axis in 0..2 {
                for lane in 0..LANES {
                    let center_m = boxes.center_m[axis][lane];
                    let [first, last] = self.axes[axis].range(center_m, half_m[axis][lane]);
                    boxes.first[axis][lane] = first;
                    boxes.last[axis][lane] = last;
                }
            }
            self.boxes.push(boxes);
        }
    }
}

/// Eight search boxes, field by field.
#[derive(Default)]
struct BoxLanes {
    center_m: [[f64; LANES]; 3],
    spread2_m2: [[f64; LANES]; 3],
    drift_m: [[f64; LANES]; 3],
    first: [[u32; LANES]; 2],
    last: [[u32; LANES]; 2],
}

impl BoxLanes {
    fn lane(&self, lane: usize) -> SearchBox {
        let of = |field: &[[f64; LANES]; 3]| [field[0][lane], field[1][lane], field[2][lane]];
        SearchBox {
            center_m: of(&self.center_m),
            spread2_m2: of(&self.spread2_m2),
            drift_m: of(&self.drift_m),
            columns: [self.first[0][lane], self.last[0][lane]],
            rows: [self.first[1][lane], self.last[1][lane]],
        }
    }
}

/// Finds the pairs; its memory is kept from frame to frame.
#[derive(Default)]
pub struct Gating {
    grid: SpatialGrid,
    boxes: Vec<BoxLanes>,
    near: Vec<u32>,
    /// Pairs inside the gate, by track in the order given, then as found.
    pub pairs: Vec<Pair>,
    /// Score of each pair.
    pub scores: Vec<Score>,
}

impl Gating {
    /// Find and score every pair of a track of `slots` and a measurement inside its gate.
    ///
    /// # Errors
    /// [`Error::Capacity`] for more than [`MAX_PAIRS`].
    pub fn run<const C: usize, M: Model<C>>(
        &mut self,
        level: SimdLevel,
        model: M,
        slots: &[u32],
        tracks: &[Track],
        measured: &FrameMeasurements,
        noise_m2_s3: [f64; 3],
    ) -> Result<()> {
        self.find_candidates(level, slots, tracks, measured, noise_m2_s3)?;
        self.scores.clear();
        let pairs = &self.pairs;
        let scores = &mut self.scores;
        let work = ScorePairs { model, pairs, tracks, measured, noise_m2_s3, scores };
        dispatch(level, WithChannels::<C, _>(work));
        self.drop_outside_gate(measured);
        Ok(())
    }

    fn find_candidates(
        &mut self,
        level: SimdLevel,
        slots: &[u32],
        tracks: &[Track],
        measured: &FrameMeasurements,
        noise_m2_s3: [f64; 3],
    ) -> Result<()> {
        self.boxes.clear();
        self.pairs.clear();
        let times = &measured.times_ns;
        let (Some(&first_ns), Some(&last_ns)) = (times.iter().min(), times.iter().max()) else {
            return Ok(());
        };
        let gate = measured.gates.iter().copied().fold(0.0, f64::max);
        self.grid.build(&measured.points);
        let (reach_m, axes) = (measured.reach_m, self.grid.axes());
        let boxes = &mut self.boxes;
        let work =
            FindBoxes { slots, tracks, first_ns, last_ns, noise_m2_s3, gate, reach_m, axes, boxes };
        dispatch(level, work);
        self.near.resize(measured.points.len() + 1, 0);
        for (place, &slot) in slots.iter().enumerate() {
            let search = self.boxes[place / LANES].lane(place % LANES);
            let count = self.grid.find_near(&search, &mut self.near);
            let known_ns = tracks[slot as usize].time_ns;
            for &measurement in &self.near[..count] {
                // A measurement older than the state cannot be used by it.
                if times[measurement as usize] >= known_ns {
                    self.pairs.push(Pair { slot, measurement });
                }
            }
            if self.pairs.len() > MAX_PAIRS {
                return Err(too_many_pairs(self.pairs.len()));
            }
        }
        Ok(())
    }

    /// Keep the pairs inside their gate.
    fn drop_outside_gate(&mut self, measured: &FrameMeasurements) {
        let mut kept = 0;
        for at in 0..self.pairs.len() {
            let (pair, score) = (self.pairs[at], self.scores[at]);
            if score.distance2 <= measured.gates[pair.measurement as usize] {
                self.pairs[kept] = pair;
                self.scores[kept] = score;
                kept += 1;
            }
        }
        self.pairs.truncate(kept);
        self.scores.truncate(kept);
    }
}
