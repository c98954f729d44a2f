//! The update of all tracks by all of their candidates, each as probable as it is.

use crate::prefetch;
use crate::simd::{Kernel, LANES};
use crate::tracking::constant_velocity::ConstantVelocity;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gating::Candidates;
use crate::tracking::gaussian::{STATE, TRIANGLE, at, predict};
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::Model;
use crate::tracking::motion::Motion;
use crate::tracking::older_detection::{older, updated};
use crate::tracking::soft_association::SoftAssociation;
use crate::tracking::state_table::{StateBlock, StateTable};

/// Make of each track with candidates the Gaussian with the mean and the covariance of the mixture:
/// of the state after each candidate and the state after none (Bar-Shalom, Daum and Huang 2009, "The
/// probabilistic data association filter", IEEE Control Systems Magazine 29(6), eq. 40 to 46).
///
/// Each candidate meets the state at its own time; the mixture holds for the time of the track's
/// latest candidate.
pub struct MixStates<'a, M, F, const C: usize>
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
    /// How the tracks move.
    pub motion: F,
}

/// The candidates of eight tracks, a block of the table.
pub struct Hypotheses<'a> {
    candidates: &'a Candidates,
    weighed: &'a SoftAssociation,
    /// The frame.
    pub measured: &'a FrameMeasurements,
    /// The block.
    pub block: usize,
    /// Most candidates of any of the tracks.
    pub rounds: usize,
    /// Whether each track has candidates.
    pub mixes: [bool; LANES],
    /// Share of the missed detection in each track's state.
    pub missed: [f64; LANES],
    /// The time for which the mixture holds \[ns\].
    pub latest_ns: [i64; LANES],
}

/// The candidates of eight tracks that stand at one place in their lists.
pub struct Round {
    /// The measurements.
    pub index: [usize; LANES],
    /// Share of each in its track's state.
    pub share: [f64; LANES],
    /// Their times \[ns\].
    pub times_ns: [i64; LANES],
}

impl Hypotheses<'_> {
    /// The candidates at place `round`; where a track has none, any, with no share.
    #[inline(always)]
    pub fn round(&self, round: usize) -> Round {
        let mut found = Round { index: [0; LANES], share: [0.0; LANES], times_ns: [0; LANES] };
        for lane in 0..LANES {
            let pairs = self.candidates.pairs(self.block * LANES + lane);
            if round < pairs.len() {
                let pair = pairs.start + round;
                found.index[lane] = self.candidates.pair(pair).0 as usize;
                found.share[lane] = self.weighed.shares[pair];
            }
            found.times_ns[lane] = self.measured.times_ns[found.index[lane]];
        }
        found
    }

    /// How far each candidate is from its track's state, negative for an older one, and the mixture
    /// from the later of both \[s\]. No way at all where it has no share: what adds nothing must not
    /// get lost on the way either.
    #[inline(always)]
    pub fn ways_s(
        &self,
        known: &StateBlock,
        share: &[f64; LANES],
        times_ns: [i64; LANES],
    ) -> ([f64; LANES], [f64; LANES]) {
        let (mut until_s, mut rest_s) = (known.until_s(times_ns), [0.0; LANES]);
        for lane in 0..LANES {
            let counts = share[lane] > 0.0;
            let later_ns = times_ns[lane].max(known.times_ns[lane]);
            let rest = (self.latest_ns[lane] - later_ns) as f64 * 1e-9;
            until_s[lane] = if counts { until_s[lane] } else { 0.0 };
            rest_s[lane] = if counts { rest } else { 0.0 };
        }
        (until_s, rest_s)
    }

    /// The time of each track's latest candidate that has a share; that of its state without any.
    #[inline(always)]
    fn latest_ns(&self, known_ns: [i64; LANES]) -> [i64; LANES] {
        let mut latest_ns = known_ns;
        for round in 0..self.rounds {
            let Round { share, times_ns, .. } = self.round(round);
            for lane in 0..LANES {
                if share[lane] > 0.0 && times_ns[lane] > latest_ns[lane] {
                    latest_ns[lane] = times_ns[lane];
                }
            }
        }
        latest_ns
    }
}

/// The mixtures of a block that moves with constant velocity.
#[inline(always)]
pub fn mixed<const C: usize, M: Model<C>>(
    block: &StateBlock,
    model: &M,
    of: &Hypotheses<'_>,
    noise_m2_s3: [f64; 3],
) -> StateLanes {
    let mut mixture = Mixture::of_the_missed(block, of.latest_ns, &of.missed, noise_m2_s3);
    let mut rows = RowLanes::EMPTY;
    for round in 0..of.rounds {
        let Round { index, share, times_ns } = of.round(round);
        rows.load(of.measured, index, M::WIDTH);
        let (until_s, rest_s) = of.ways_s(block, &share, times_ns);
        let older = older(&[true; LANES], &until_s);
        for lane in 0..LANES {
            let predicted = predict(&block.states.state(lane), until_s[lane], noise_m2_s3);
            let updated = model.innovate(&predicted, &rows.row(lane)).update(&predicted);
            let state = predict(&updated, rest_s[lane], noise_m2_s3);
            let share = if older[lane] { 0.0 } else { share[lane] };
            mixture.add(lane, share, &state.mean, &state.covariance);
        }
        for lane in (0..LANES).filter(|&lane| older[lane]) {
            let motion = ConstantVelocity { noise_m2_s3 };
            let (known, row) = (block.states.state(lane), rows.row(lane));
            let at_own_time = updated(&known, &motion, model, &row, until_s[lane]);
            let state = predict(&at_own_time, rest_s[lane], noise_m2_s3);
            mixture.add(lane, share[lane], &state.mean, &state.covariance);
        }
    }
    mixture.finish()
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

impl<const C: usize, M: Model<C>, F: Motion> Kernel for MixStates<'_, M, F, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { model, candidates, weighed, states, measured, motion } = self;
        states.axes_coupled = true; // a mixture's spread couples them
        let mut ahead = motion.room(states);
        for block in 0..states.blocks.len() {
            if let Some(next) = states.blocks.get(block + 1) {
                prefetch::soon(next);
            }
            let (mut mixes, mut missed, mut rounds) = ([false; LANES], [1.0; LANES], 0);
            for lane in 0..LANES {
                let slot = block * LANES + lane;
                rounds = rounds.max(candidates.pairs(slot).len());
                if let Some(Some(outcome)) = weighed.outcomes.get(slot) {
                    (mixes[lane], missed[lane]) = (true, outcome.missed);
                }
            }
            if !mixes.contains(&true) {
                continue;
            }
            let known_ns = states.blocks[block].times_ns;
            let mut of = Hypotheses {
                candidates,
                weighed,
                measured,
                block,
                rounds,
                mixes,
                missed,
                latest_ns: known_ns,
            };
            of.latest_ns = of.latest_ns(known_ns);
            motion.mix(states, &model, &of, &mut ahead);
            let times_ns = &mut states.blocks[block].times_ns;
            for lane in (0..LANES).filter(|&lane| mixes[lane]) {
                times_ns[lane] = of.latest_ns[lane];
            }
        }
    }
}
