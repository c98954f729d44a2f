//! The filter of one motion model for eight tracks: the model with their states.

use crate::numeric::ln;
use crate::simd::LANES;
use crate::tracking::constant_acceleration::{
    ACCELERATION_STATE, ACCELERATION_TRIANGLE, ConstantAcceleration,
};
use crate::tracking::constant_velocity::ConstantVelocity;
use crate::tracking::coordinated_turn::{CoordinatedTurn, TURN_STATE, TURN_TRIANGLE};
use crate::tracking::gaussian::{Gaussian, STATE, at, at_in};
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::Model;
use crate::tracking::mixing::{Weights, add, begin};
use crate::tracking::motion::Hits;
use crate::tracking::motion_model::MotionModel;
use crate::tracking::older_detection::{older, updated};
use crate::tracking::user_filter::{UserFilter, UserLanes};

/// A motion model with the states of eight tracks.
#[derive(Clone, Copy)]
pub enum ModelFilter {
    /// Position and velocity.
    Velocity(ConstantVelocity, StateLanes),
    /// Position, velocity and turn rate.
    Turn(CoordinatedTurn, StateLanes<TURN_STATE, TURN_TRIANGLE>),
    /// Position, velocity and acceleration.
    Acceleration(ConstantAcceleration, StateLanes<ACCELERATION_STATE, ACCELERATION_TRIANGLE>),
    /// Position, velocity and what a user's model adds.
    User(UserFilter, UserLanes),
}

/// Do the same with the states of whatever filter it is.
macro_rules! of_any {
    ($filter:expr, $states:pat => $work:expr) => {
        match $filter {
            ModelFilter::Velocity(_, $states) => $work,
            ModelFilter::Turn(_, $states) => $work,
            ModelFilter::Acceleration(_, $states) | ModelFilter::User(_, $states) => $work,
        }
    };
}
pub(super) use of_any;

/// How well measurements fit, by lane.
pub struct Fit {
    /// Squared Mahalanobis distances.
    pub distance2: [f64; LANES],
    /// Logarithms of the likelihoods, without the constant that all models share.
    pub ln_likelihood: [f64; LANES],
}

impl ModelFilter {
    /// Predict each lane; those of a user's model stay for its function to move.
    #[inline(always)]
    pub fn predict(&mut self, until_s: &[f64; LANES]) {
        match self {
            Self::Velocity(model, states) => predict(model, states, until_s),
            Self::Turn(model, states) => predict(model, states, until_s),
            Self::Acceleration(model, states) => predict(model, states, until_s),
            Self::User(..) => {}
        }
    }

    /// How well the measurement beside it fits each lane, already predicted. Channels that `counts`
    /// leaves out do not enter the likelihood's normalisation.
    #[inline(always)]
    pub fn fit<const C: usize, M: Model<C>>(
        &self,
        model: &M,
        rows: &RowLanes,
        counts: [bool; C],
    ) -> Fit {
        let mut fit = Fit { distance2: [0.0; LANES], ln_likelihood: [0.0; LANES] };
        of_any!(self, states => {
            for lane in 0..LANES {
                let innovation = model.innovate(&states.state(lane), &rows.row(lane));
                let distance2 = innovation.distance2();
                fit.distance2[lane] = distance2;
                fit.ln_likelihood[lane] = -0.5 * (distance2 + ln(innovation.determinant(counts)));
            }
        });
        fit
    }

    /// Update each lane that is hit by the measurement beside it, `predicted` being the filter at the
    /// measurement's time `until_s` ahead, or the lane's own time where the measurement is older;
    /// logarithms of the likelihoods, every channel counted.
    #[inline(always)]
    pub fn update<const C: usize, M: Model<C>>(
        &mut self,
        predicted: &Self,
        model: &M,
        hits: Hits<'_>,
    ) -> [f64; LANES] {
        match (self, predicted) {
            (Self::Velocity(motion, own), Self::Velocity(_, from)) => {
                update(motion, own, from, model, hits)
            }
            (Self::Turn(motion, own), Self::Turn(_, from)) => {
                update(motion, own, from, model, hits)
            }
            (Self::Acceleration(motion, own), Self::Acceleration(_, from)) => {
                update(motion, own, from, model, hits)
            }
            (Self::User(motion, own), Self::User(_, from)) => {
                update(motion, own, from, model, hits)
            }
            // Filters of two models have nothing to tell each other.
            _ => [f64::NEG_INFINITY; LANES],
        }
    }

    /// Become `new`, which is of the same model, in the lanes that `which` says.
    #[inline(always)]
    pub fn take(&mut self, new: &Self, which: &[bool; LANES]) {
        match (self, new) {
            (Self::Velocity(_, own), Self::Velocity(_, new)) => own.take(new, which),
            (Self::Turn(_, own), Self::Turn(_, new)) => own.take(new, which),
            (Self::Acceleration(_, own), Self::Acceleration(_, new))
            | (Self::User(_, own), Self::User(_, new)) => own.take(new, which),
            _ => {}
        }
    }

    /// Begin a mixture of several filters of the same model.
    #[inline(always)]
    pub(super) fn begin_mixture(&mut self, source: &Self, share: &[f64; LANES]) {
        match (self, source) {
            (Self::Velocity(_, own), Self::Velocity(_, source)) => {
                begin(own, source, share, [0.0; 3]);
            }
            (Self::Turn(_, own), Self::Turn(_, source)) => begin(own, source, share, [0.0; 3]),
            (Self::Acceleration(_, own), Self::Acceleration(_, source))
            | (Self::User(_, own), Self::User(_, source)) => begin(own, source, share, [0.0; 3]),
            _ => {}
        }
    }

    /// Let another one enter it.
    #[inline(always)]
    pub(super) fn enter(&mut self, source: &Self, weights: &Weights) {
        match (self, source) {
            (Self::Velocity(_, own), Self::Velocity(_, source)) => {
                add(own, source, weights, [0.0; 3]);
            }
            (Self::Turn(_, own), Self::Turn(_, source)) => add(own, source, weights, [0.0; 3]),
            (Self::Acceleration(_, own), Self::Acceleration(_, source))
            | (Self::User(_, own), Self::User(_, source)) => add(own, source, weights, [0.0; 3]),
            _ => {}
        }
    }

    /// Divide the covariance by a number for each lane.
    #[inline(always)]
    pub(super) fn divide_covariance(&mut self, by: &[f64; LANES]) {
        of_any!(self, states => {
            for numbers in &mut states.covariance {
                for lane in 0..LANES {
                    numbers[lane] /= by[lane];
                }
            }
        });
    }

    /// Begin a track in a lane with position and velocity known as `state` says.
    pub fn begin(&mut self, lane: usize, state: &Gaussian) {
        let variance = self.first_variance();
        of_any!(self, states => states.store(lane, &extended(state, variance)));
    }

    /// Variance about zero of each number beyond position and velocity, of a target that begins to
    /// move by the model.
    fn first_variance(&self) -> [f64; 3] {
        match self {
            Self::Velocity(model, _) => model.first_variance(),
            Self::Turn(model, _) => model.first_variance(),
            Self::Acceleration(model, _) => model.first_variance(),
            Self::User(model, _) => model.first_variance(),
        }
    }

    /// Mean of an element of the state, by lane: 0 to 2 the position \[m\], 3 to 5 the velocity
    /// \[m/s\].
    #[inline(always)]
    pub const fn mean(&self, element: usize) -> &[f64; LANES] {
        of_any!(self, states => &states.mean[element])
    }

    /// Its variance.
    #[inline(always)]
    pub const fn variance(&self, element: usize) -> &[f64; LANES] {
        match self {
            Self::Velocity(_, states) => &states.covariance[at(element, element)],
            Self::Turn(_, states) => &states.covariance[at_in::<TURN_STATE>(element, element)],
            Self::Acceleration(_, states) | Self::User(_, states) => {
                &states.covariance[at_in::<ACCELERATION_STATE>(element, element)]
            }
        }
    }

    /// How many numbers a state has: mean and triangle.
    pub const fn size(&self) -> usize {
        match self {
            Self::User(filter, _) => filter.size * (filter.size + 3) / 2,
            _ => of_any!(self, states => states.mean.len() + states.covariance.len()),
        }
    }

    /// The numbers of a lane: mean, then triangle.
    pub fn numbers(&self, lane: usize) -> Vec<f64> {
        if let Self::User(filter, states) = self {
            return filter.numbers(states, lane);
        }
        of_any!(self, states => {
            states.mean.iter().chain(&states.covariance).map(|by_lane| by_lane[lane]).collect()
        })
    }

    /// Put the numbers of a lane back.
    pub fn set_numbers(&mut self, lane: usize, numbers: &[f64]) {
        if let Self::User(filter, states) = self {
            return filter.set_numbers(states, lane, numbers);
        }
        of_any!(self, states => {
            let own = states.mean.iter_mut().chain(&mut states.covariance);
            own.zip(numbers).for_each(|(by_lane, &number)| by_lane[lane] = number);
        });
    }
}

#[inline(always)]
fn predict<const D: usize, const T: usize>(
    model: &impl MotionModel<D, T>,
    states: &mut StateLanes<D, T>,
    until_s: &[f64; LANES],
) {
    for lane in 0..LANES {
        states.store(lane, &model.predict(&states.state(lane), until_s[lane]));
    }
}

#[inline(always)]
fn update<const D: usize, const T: usize, const C: usize, M: Model<C>>(
    motion: &impl MotionModel<D, T>,
    own: &mut StateLanes<D, T>,
    predicted: &StateLanes<D, T>,
    model: &M,
    Hits { rows, until_s, hit }: Hits<'_>,
) -> [f64; LANES] {
    // Into memory of its own first: where lanes are read and written through two references, the
    // compiler would have to prove them apart, and does not make vectors.
    let (mut after, mut ln_likelihood) = (StateLanes::<D, T>::empty(), [0.0; LANES]);
    for lane in 0..LANES {
        let state = predicted.state(lane);
        let innovation = model.innovate(&state, &rows.row(lane));
        let determinant = innovation.determinant([true; C]);
        ln_likelihood[lane] = -0.5 * (innovation.distance2() + ln(determinant));
        after.store(lane, &innovation.update(&state));
    }
    let older = older(hit, until_s);
    if older != [false; LANES] {
        for lane in (0..LANES).filter(|&lane| older[lane]) {
            let (known, row) = (own.state(lane), rows.row(lane));
            after.store(lane, &updated(&known, motion, model, &row, until_s[lane]));
        }
    }
    own.take(&after, hit);
    ln_likelihood
}

/// A state of which the numbers beyond position and velocity are zero with `variance`.
fn extended<const D: usize, const T: usize>(
    state: &Gaussian,
    variance: [f64; 3],
) -> Gaussian<D, T> {
    let mut long = Gaussian::zero();
    for i in 0..STATE {
        long.mean[i] = state.mean[i];
        (i..STATE).for_each(|j| long.covariance[at_in::<D>(i, j)] = state.covariance[at(i, j)]);
    }
    (STATE..D).for_each(|i| long.covariance[at_in::<D>(i, i)] = variance[i - STATE]);
    long
}
