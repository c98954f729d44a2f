//! The filter of a user's motion model for eight tracks: its states, and how its function moves them.
//!
//! States have room for the most numbers that a model may have; those beyond its own are zero.

use std::sync::Arc;

use crate::simd::LANES;
use crate::tracking::gaussian::{Gaussian, STATE, at, at_in, transformed};
use crate::tracking::lanes::StateLanes;
use crate::tracking::mixing::{Weights, add, begin};
use crate::tracking::mode_chain::ModeLanes;
use crate::tracking::model_filter::{ModelFilter, of_any};
use crate::tracking::motion_model::{MAX_STATE, MAX_TRIANGLE, MotionModel};
use crate::tracking::user_motion::{MotionAnswers, MotionFlaw, Number, UserMotion};

/// The states of eight tracks.
pub type UserLanes = StateLanes<MAX_STATE, MAX_TRIANGLE>;
/// What is wrong with the answer for each of eight tracks.
pub type LaneFlaws = [Option<MotionFlaw>; LANES];

/// What the filter itself knows of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UserFilter {
    /// Numbers of a state.
    pub size: usize,
    /// Filters of one kind have states that mean the same.
    pub kind: usize,
    /// Variance about zero of each number beyond position and velocity, of a target that begins to
    /// move by the model.
    pub first_variance: [f64; 3],
}

/// The model of a bank's filter with its parameters.
#[derive(Clone, Debug)]
pub struct UserMover {
    /// Place of the filter in its bank.
    pub place: usize,
    /// The model.
    pub model: UserMotion,
    /// What the settings give; shared, as trackers' states are copied with their models.
    pub parameters: Arc<[f64]>,
}

/// A state stays where it is: [`UserMover::predict`] moves those of a block, and no measurement that is
/// older than a track is a candidate of one that moves by a user's model.
impl MotionModel<MAX_STATE, MAX_TRIANGLE> for UserFilter {
    #[inline(always)]
    fn predict(
        &self,
        state: &Gaussian<MAX_STATE, MAX_TRIANGLE>,
        _: f64,
    ) -> Gaussian<MAX_STATE, MAX_TRIANGLE> {
        *state
    }

    fn noise_undone(&self) -> Self {
        *self
    }

    fn first_variance(&self) -> [f64; 3] {
        self.first_variance
    }
}

impl UserFilter {
    /// The mixture of `sources`, each with its share; the shares sum to one.
    ///
    /// By the same steps as [`crate::tracking::mixing::mixture`], but whether two states mean the same
    /// is not to be seen by their size.
    #[inline(never)]
    pub(super) fn mixture(&self, sources: &[ModelFilter], share: &ModeLanes) -> UserLanes {
        let (mut mixed, mut entered) = (UserLanes::empty(), [0.0; LANES]);
        for (number, (source, share)) in sources.iter().zip(share).enumerate() {
            let known = self.known_by(source);
            if number == 0 {
                entered = *share;
                begin(&mut mixed, &known, share, [0.0; 3]);
            } else {
                let weights = Weights::next(&mut entered, share);
                add(&mut mixed, &known, &weights, [0.0; 3]);
            }
        }
        mixed
    }

    /// The states of a source in the model's own shape.
    fn known_by(&self, source: &ModelFilter) -> UserLanes {
        match source {
            ModelFilter::User(other, states) if other.kind == self.kind => *states,
            _ => of_any!(source, states => self.extended(states)),
        }
    }

    /// Position and velocity of states, and the variance of what they lack.
    fn extended<const D: usize, const T: usize>(&self, states: &StateLanes<D, T>) -> UserLanes {
        let mut long = UserLanes::empty();
        for i in 0..STATE {
            long.mean[i] = states.mean[i];
            for j in i..STATE {
                long.covariance[at_in::<MAX_STATE>(i, j)] = states.covariance[at_in::<D>(i, j)];
            }
        }
        for (i, &variance) in (STATE..).zip(&self.first_variance) {
            long.covariance[at_in::<MAX_STATE>(i, i)] = [variance; LANES];
        }
        long
    }

    /// The numbers of a lane: mean, then triangle.
    pub(super) fn numbers(&self, states: &UserLanes, lane: usize) -> Vec<f64> {
        let mean = states.mean[..self.size].iter().map(|by_lane| by_lane[lane]);
        mean.chain(self.triangle().map(|k| states.covariance[k][lane])).collect()
    }

    /// Put the numbers of a lane back.
    pub(super) fn set_numbers(&self, states: &mut UserLanes, lane: usize, numbers: &[f64]) {
        let (mean, covariance) = numbers.split_at(self.size);
        let own = states.mean.iter_mut().zip(mean);
        own.for_each(|(by_lane, &number)| by_lane[lane] = number);
        for (k, &number) in self.triangle().zip(covariance) {
            states.covariance[k][lane] = number;
        }
    }

    /// Places of the upper triangle of the model's own numbers, row by row.
    fn triangle(&self) -> impl Iterator<Item = usize> + use<> {
        let size = self.size;
        (0..size).flat_map(move |i| (i..size).map(move |j| at_in::<MAX_STATE>(i, j)))
    }
}

/// Position and velocity alone: all that another model understands.
#[inline(never)]
pub(super) fn position_and_velocity(states: &UserLanes) -> StateLanes {
    let mut short = StateLanes::EMPTY;
    for i in 0..STATE {
        short.mean[i] = states.mean[i];
        for j in i..STATE {
            short.covariance[at(i, j)] = states.covariance[at_in::<MAX_STATE>(i, j)];
        }
    }
    short
}

impl UserMover {
    /// Move each lane of the model's filter that time passes for. One whose answer is not usable stays
    /// where it is, and its flaw is noted.
    #[inline(never)]
    pub fn predict(&self, filter: &mut ModelFilter, until_s: &[f64; LANES], flaws: &mut LaneFlaws) {
        let ModelFilter::User(UserFilter { size: n, .. }, states) = filter else { return };
        let n = *n;
        let (mut asked, mut steps) = ([0.0; LANES * MAX_STATE], [0.0; LANES]);
        let (mut lanes, mut count) = ([0; LANES], 0);
        for lane in (0..LANES).filter(|&lane| until_s[lane] > 0.0) {
            (lanes[count], steps[count]) = (lane, until_s[lane]);
            (0..n).for_each(|i| asked[count * n + i] = states.mean[i][lane]);
            count += 1;
        }
        if count == 0 {
            return;
        }
        let mut answers = MotionAnswers::EMPTY;
        self.model.ask(
            &mut asked[..count * n],
            &mut steps[..count],
            &self.parameters,
            &mut answers,
        );
        for (k, &lane) in lanes[..count].iter().enumerate() {
            let before = states.state(lane);
            let flaw = answers.flaw(k, n).or_else(|| {
                let after = answers.after(k, n, &before);
                let flaw = covariance_flaw(&after, n);
                if flaw.is_none() {
                    states.store(lane, &after);
                }
                flaw
            });
            if let Some(flaw) = flaw {
                flaws[lane] = Some(flaw.at(&before.mean[..n], until_s[lane]).by(self.place));
            }
        }
    }
}

impl MotionAnswers {
    /// What answer `k` makes of a state: F P Fᵀ + Q.
    fn after(
        &self,
        k: usize,
        n: usize,
        before: &Gaussian<MAX_STATE, MAX_TRIANGLE>,
    ) -> Gaussian<MAX_STATE, MAX_TRIANGLE> {
        let [mean, transition, noise] = self.of(k, n);
        let map = |vector: &[f64; MAX_STATE]| {
            let mut mapped = [0.0; MAX_STATE];
            for i in 0..n {
                for j in 0..n {
                    mapped[i] += transition[i * n + j] * vector[j];
                }
            }
            mapped
        };
        let mut after = Gaussian::zero();
        after.covariance = transformed(&before.covariance, map);
        for i in 0..n {
            after.mean[i] = mean[i] + 0.0; // no negative zero, as in no other state
            for j in i..n {
                after.covariance[at_in::<MAX_STATE>(i, j)] += noise[i * n + j];
            }
        }
        after
    }
}

/// What is wrong with a covariance that answers within their limits have led to.
fn covariance_flaw(state: &Gaussian<MAX_STATE, MAX_TRIANGLE>, n: usize) -> Option<MotionFlaw> {
    let places = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
    places
        .map(|(i, j)| (i, j, state.covariance[at_in::<MAX_STATE>(i, j)]))
        .find(|&(_, _, value)| !value.is_finite())
        .map(|(i, j, value)| MotionFlaw::of(Number::Covariance, i, j, value))
}
