//! The update of all tracks by all of their candidates, each as probable as it is.

use crate::prefetch;
use crate::simd::{Kernel, LANES};
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gating::Candidates;
use crate::tracking::gaussian::{STATE, TRIANGLE, at, predict};
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::Model;
use crate::tracking::soft_association::SoftAssociation;
use crate::tracking::state_table::{StateBlock, StateTable};

/// Make of each track with candidates the Gaussian with the mean and the covariance of the mixture:
/// of the state after each candidate and the state after none (Bar-Shalom, Daum and Huang 2009, "The
/// probabilistic data association filter", IEEE Control Systems Magazine 29(6), eq. 40 to 46).
///
/// Each candidate meets the state at its own time; the mixture holds for the time of the track's
/// latest candidate.
pub struct MixStates<'a, M, const C: usize>
where
    M: Model<C>,
{
    /// How to linearise.
    pub model: M,
    /// Candidates by slot.
    pub candidates: &'a Candidates,
    /// How probable each is.
    pub weighed: &'a SoftAssociation,
    /// The states by slot.
    pub states: &'a mut StateTable,
    /// The frame.
    pub measured: &'a FrameMeasurements,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
}

/// The candidates of eight tracks that stand at one place in their lists.
struct Round {
    index: [usize; LANES],
    share: [f64; LANES],
    times_ns: [i64; LANES],
}

impl<const C: usize, M: Model<C>> MixStates<'_, M, C> {
    /// The candidates at place `round`; where a track has none, any, with no share.
    #[inline(always)]
    fn round(&self, first_slot: usize, round: usize) -> Round {
        let mut found = Round { index: [0; LANES], share: [0.0; LANES], times_ns: [0; LANES] };
        for lane in 0..LANES {
            let pairs = self.candidates.pairs(first_slot + lane);
            if round < pairs.len() {
                let pair = pairs.start + round;
                found.index[lane] = self.candidates.pair(pair).0 as usize;
                found.share[lane] = self.weighed.shares[pair];
            }
            found.times_ns[lane] = self.measured.times_ns[found.index[lane]];
        }
        found
    }

    /// The time of each track's latest candidate that has a share; that of its state without any.
    #[inline(always)]
    fn latest_ns(&self, first_slot: usize, rounds: usize, known_ns: [i64; LANES]) -> [i64; LANES] {
        let mut latest_ns = known_ns;
        for round in 0..rounds {
            let Round { share, times_ns, .. } = self.round(first_slot, round);
            for lane in 0..LANES {
                if share[lane] > 0.0 && times_ns[lane] > latest_ns[lane] {
                    latest_ns[lane] = times_ns[lane];
                }
            }
        }
        latest_ns
    }

    /// The states of a block after the frame, at `latest_ns`.
    #[inline(always)]
    fn mixed(
        &self,
        block: &StateBlock,
        first_slot: usize,
        rounds: usize,
        latest_ns: [i64; LANES],
        missed: &[f64; LANES],
    ) -> StateLanes {
        let mut mixture = Mixture::of_the_missed(block, latest_ns, missed, self.noise_m2_s3);
        let mut rows = RowLanes::EMPTY;
        for round in 0..rounds {
            let Round { index, share, times_ns } = self.round(first_slot, round);
            rows.load(self.measured, index, M::WIDTH);
            let (until_s, mut rest_s) = (block.until_s(times_ns), [0.0; LANES]);
            for lane in 0..LANES {
                rest_s[lane] = (latest_ns[lane] - times_ns[lane]) as f64 * 1e-9;
            }
            for lane in 0..LANES {
                // A share of zero must add nothing, also where no time or place fits.
                let counts = share[lane] > 0.0;
                let until = if counts { until_s[lane] } else { 0.0 };
                let rest = if counts { rest_s[lane] } else { 0.0 };
                let predicted = predict(&block.states.state(lane), until, self.noise_m2_s3);
                let updated = self.model.innovate(&predicted, &rows.row(lane)).update(&predicted);
                let state = predict(&updated, rest, self.noise_m2_s3);
                mixture.add(lane, share[lane], &state.mean, &state.covariance);
            }
        }
        mixture.finish()
    }
}

/// Weighed sums over the hypotheses of eight tracks, about the state after a missed detection.
struct Mixture {
    missed: StateLanes,
    shift: [[f64; LANES]; STATE],
    covariance: [[f64; LANES]; TRIANGLE],
}

impl Mixture {
    #[inline(always)]
    fn of_the_missed(
        block: &StateBlock,
        at_ns: [i64; LANES],
        share: &[f64; LANES],
        noise_m2_s3: [f64; 3],
    ) -> Self {
        let until_s = block.until_s(at_ns);
        let mut missed = StateLanes::EMPTY;
        let mut covariance = [[0.0; LANES]; TRIANGLE];
        for lane in 0..LANES {
            let state = predict(&block.states.state(lane), until_s[lane], noise_m2_s3);
            missed.store(lane, &state);
            for k in 0..TRIANGLE {
                covariance[k][lane] = share[lane] * state.covariance[k];
            }
        }
        Self { missed, shift: [[0.0; LANES]; STATE], covariance }
    }

    #[inline(always)]
    fn add(&mut self, lane: usize, share: f64, mean: &[f64; STATE], covariance: &[f64; TRIANGLE]) {
        let mut away = [0.0; STATE];
        for i in 0..STATE {
            away[i] = mean[i] - self.missed.mean[i][lane];
            self.shift[i][lane] += share * away[i];
        }
        for i in 0..STATE {
            for j in i..STATE {
                let k = at(i, j);
                self.covariance[k][lane] += share * (covariance[k] + away[i] * away[j]);
            }
        }
    }

    #[inline(always)]
    fn finish(self) -> StateLanes {
        let Self { mut missed, shift, covariance } = self;
        for lane in 0..LANES {
            for i in 0..STATE {
                missed.mean[i][lane] += shift[i][lane];
                for j in i..STATE {
                    let k = at(i, j);
                    missed.covariance[k][lane] =
                        covariance[k][lane] - shift[i][lane] * shift[j][lane];
                }
            }
        }
        missed
    }
}

impl<const C: usize, M: Model<C>> Kernel for MixStates<'_, M, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.states.axes_coupled = true; // a mixture's spread couples them
        for number in 0..self.states.blocks.len() {
            if let Some(next) = self.states.blocks.get(number + 1) {
                prefetch::soon(next);
            }
            let first_slot = number * LANES;
            let rounds = (0..LANES).map(|lane| self.candidates.pairs(first_slot + lane).len());
            let rounds = rounds.max().unwrap_or(0);
            let (mut mixes, mut missed) = ([false; LANES], [1.0; LANES]);
            for lane in 0..LANES {
                if let Some(Some(outcome)) = self.weighed.outcomes.get(first_slot + lane) {
                    (mixes[lane], missed[lane]) = (true, outcome.missed);
                }
            }
            if !mixes.contains(&true) {
                continue;
            }
            let block = self.states.blocks[number];
            let latest_ns = self.latest_ns(first_slot, rounds, block.times_ns);
            let after = self.mixed(&block, first_slot, rounds, latest_ns, &missed);
            let to = &mut self.states.blocks[number];
            for lane in (0..LANES).filter(|&lane| mixes[lane]) {
                to.states.store(lane, &after.state(lane));
                to.times_ns[lane] = latest_ns[lane];
            }
        }
    }
}
