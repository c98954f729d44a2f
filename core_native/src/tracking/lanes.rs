//! Tracks and measurements laid out field by field, eight side by side, for the kernels.

use crate::simd::LANES;
use crate::tracking::gaussian::{Gaussian, STATE, TRIANGLE, at, predict};
use crate::tracking::measurement::{ROW, Row};
use crate::tracking::track::Track;

/// The states of eight tracks and how far each is to be predicted.
#[repr(align(64))]
pub struct StateLanes {
    mean: [[f64; LANES]; STATE],
    covariance: [[f64; LANES]; TRIANGLE],
    dt_s: [f64; LANES],
}

impl StateLanes {
    /// Nothing loaded.
    pub const EMPTY: Self = Self {
        mean: [[0.0; LANES]; STATE],
        covariance: [[0.0; LANES]; TRIANGLE],
        dt_s: [0.0; LANES],
    };

    /// Load eight tracks, each to be predicted to its own time.
    #[inline(always)]
    pub fn load(&mut self, tracks: [&Track; LANES], times_ns: [i64; LANES]) {
        for lane in 0..LANES {
            self.store(lane, &tracks[lane].state);
            self.dt_s[lane] = (times_ns[lane] - tracks[lane].time_ns) as f64 * 1e-9;
        }
    }

    /// The state of one lane, predicted.
    #[inline(always)]
    pub fn predicted(&self, lane: usize, noise_m2_s3: [f64; 3]) -> Gaussian {
        let mut state = Gaussian::ZERO;
        self.unload(lane, &mut state);
        predict(&state, self.dt_s[lane], noise_m2_s3)
    }

    /// Element `i` of the mean of one lane as it stands.
    #[inline(always)]
    pub fn mean(&self, i: usize, lane: usize) -> f64 {
        self.mean[i][lane]
    }

    /// Element (i, j) of the covariance of one lane as it stands.
    #[inline(always)]
    pub fn covariance(&self, i: usize, j: usize, lane: usize) -> f64 {
        self.covariance[at(i, j)][lane]
    }

    /// Put a state into a lane.
    #[inline(always)]
    pub fn store(&mut self, lane: usize, state: &Gaussian) {
        let mut k = 0;
        while k < STATE {
            self.mean[k][lane] = state.mean[k];
            k += 1;
        }
        k = 0;
        while k < TRIANGLE {
            self.covariance[k][lane] = state.covariance[k];
            k += 1;
        }
    }

    /// Take the state of a lane as it stands.
    #[inline(always)]
    pub fn unload(&self, lane: usize, state: &mut Gaussian) {
        let mut k = 0;
        while k < STATE {
            state.mean[k] = self.mean[k][lane];
            k += 1;
        }
        k = 0;
        while k < TRIANGLE {
            state.covariance[k] = self.covariance[k][lane];
            k += 1;
        }
    }
}

/// The elements of a chunk of at most [`LANES`], lanes beyond the last repeating the first.
#[inline(always)]
pub fn spread<T: Copy>(chunk: &[T]) -> [T; LANES] {
    std::array::from_fn(|lane| chunk[if lane < chunk.len() { lane } else { 0 }])
}

/// Eight measurements.
#[repr(align(64))]
pub struct RowLanes([[f64; LANES]; ROW]);

impl RowLanes {
    /// Nothing loaded.
    pub const EMPTY: Self = Self([[0.0; LANES]; ROW]);

    /// Load eight measurements.
    #[inline(always)]
    pub fn load(&mut self, rows: [&Row; LANES]) {
        for lane in 0..LANES {
            let mut k = 0;
            while k < ROW {
                self.0[k][lane] = rows[lane][k];
                k += 1;
            }
        }
    }

    /// The measurement of a lane.
    #[inline(always)]
    pub fn row(&self, lane: usize) -> Row {
        let mut row = [0.0; ROW];
        let mut k = 0;
        while k < ROW {
            row[k] = self.0[k][lane];
            k += 1;
        }
        row
    }
}
