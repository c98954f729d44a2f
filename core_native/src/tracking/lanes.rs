//! Tracks and measurements laid out field by field, eight side by side, for the kernels.

use crate::simd::LANES;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gaussian::{Gaussian, STATE, TRIANGLE};
use crate::tracking::measurement::{ROW, Row};

/// The states of eight tracks.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub struct StateLanes<const D: usize = STATE, const T: usize = TRIANGLE> {
    /// Means, element by element.
    pub mean: [[f64; LANES]; D],
    /// Upper triangles of the covariances, element by element; see
    /// [`crate::tracking::gaussian::at_in`].
    pub covariance: [[f64; LANES]; T],
}

impl StateLanes {
    /// Nothing loaded.
    pub const EMPTY: Self = Self::empty();
}

impl<const D: usize, const T: usize> StateLanes<D, T> {
    /// Nothing loaded.
    pub const fn empty() -> Self {
        Self { mean: [[0.0; LANES]; D], covariance: [[0.0; LANES]; T] }
    }

    /// The state of a lane.
    #[inline(always)]
    pub fn state(&self, lane: usize) -> Gaussian<D, T> {
        let mut state = Gaussian::zero();
        let mut k = 0;
        while k < D {
            state.mean[k] = self.mean[k][lane];
            k += 1;
        }
        k = 0;
        while k < T {
            state.covariance[k] = self.covariance[k][lane];
            k += 1;
        }
        state
    }

    /// Become `new` in the lanes that `which` says.
    #[inline(always)]
    pub fn take(&mut self, new: &Self, which: &[bool; LANES]) {
        // The few lanes that stay are put back: a choice number by number would not become vectors.
        if *which == [true; LANES] {
            *self = *new;
            return;
        }
        let old = *self;
        *self = *new;
        for lane in (0..LANES).filter(|&lane| !which[lane]) {
            self.store(lane, &old.state(lane));
        }
    }

    /// Take over the mean of position and velocity in the lanes that `which` says.
    #[inline(always)]
    pub fn take_mean(&mut self, new: &[[f64; LANES]; STATE], which: &[bool; LANES]) {
        for k in 0..STATE {
            for lane in 0..LANES {
                let own = self.mean[k][lane];
                self.mean[k][lane] = if which[lane] { new[k][lane] } else { own };
            }
        }
    }

    /// Put a state into a lane.
    #[inline(always)]
    pub fn store(&mut self, lane: usize, state: &Gaussian<D, T>) {
        let mut k = 0;
        while k < D {
            self.mean[k][lane] = state.mean[k];
            k += 1;
        }
        k = 0;
        while k < T {
            self.covariance[k][lane] = state.covariance[k];
            k += 1;
        }
    }
}

/// Eight measurements.
#[repr(align(64))]
pub struct RowLanes([[f64; LANES]; ROW]);

impl RowLanes {
    /// Nothing loaded.
    pub const EMPTY: Self = Self([[0.0; LANES]; ROW]);

    /// Load the measurements at eight indices, of `width` numbers each.
    #[inline(always)]
    pub fn load(&mut self, measured: &FrameMeasurements, index: [usize; LANES], width: usize) {
        for lane in 0..LANES {
            let row = measured.row(index[lane], width);
            let mut k = 0;
            while k < width {
                self.0[k][lane] = row[k];
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A state whose every number differs, and from those of other seeds.
    fn state(seed: f64) -> Gaussian {
        let mut state = Gaussian::ZERO;
        let numbers = state.mean.iter_mut().chain(&mut state.covariance);
        numbers.zip(1..).for_each(|(number, k)| *number = seed * 100.0 + f64::from(k));
        state
    }

    #[test]
    fn a_state_comes_back_from_its_lane() {
        let mut lanes = StateLanes::EMPTY;
        (0..LANES).for_each(|lane| lanes.store(lane, &state(lane as f64)));
        for lane in 0..LANES {
            assert_eq!(lanes.state(lane), state(lane as f64));
        }
    }
}
