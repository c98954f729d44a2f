//! Mixtures of the states of several motion models as one Gaussian of the same mean and covariance
//! (Blom and Bar-Shalom 1988; Bar-Shalom, Li, Kirubarajan 2001, eq. 11.6.6-9 and 10).
//!
//! Models of unequal dimension share position and velocity. What the mixture has beyond them and a
//! source lacks is unknown of a target that moves by that source: zero with the variance of a target
//! that begins to move by the mixture's model. So a turn that begins can have any turn rate (Granström,
//! Willett, Bar-Shalom 2015, "Systematic approach to IMM mixing for unequal dimension states",
//! IEEE Trans. Aerospace and Electronic Systems 51(4)).

use crate::numeric::max;
use crate::simd::{LANES, each_number};
use crate::tracking::gaussian::{STATE, at_in};
use crate::tracking::lanes::StateLanes;
use crate::tracking::mode_chain::ModeLanes;
use crate::tracking::model_filter::ModelFilter;
use crate::tracking::motion_model::MotionModel;
use crate::tracking::user_filter::position_and_velocity;

impl ModelFilter {
    /// Become what the mixture of `sources`, each with its share, is `until_s` later; that of a user's
    /// model stays for its function to move.
    #[inline(always)]
    pub fn mix_and_predict(&mut self, sources: &[Self], share: &ModeLanes, until_s: &[f64; LANES]) {
        match self {
            Self::Velocity(model, states) => mixed_ahead(model, states, sources, share, until_s),
            Self::Turn(model, states) => mixed_ahead(model, states, sources, share, until_s),
            Self::Acceleration(model, states) => {
                mixed_ahead(model, states, sources, share, until_s);
            }
            Self::User(filter, states) => *states = filter.mixture(sources, share),
        }
    }
}

#[inline(always)]
fn mixed_ahead<const D: usize, const T: usize>(
    model: &impl MotionModel<D, T>,
    states: &mut StateLanes<D, T>,
    sources: &[ModelFilter],
    share: &ModeLanes,
    until_s: &[f64; LANES],
) {
    let mixed = mixture(sources, share, model.first_variance());
    for lane in 0..LANES {
        states.store(lane, &model.predict(&mixed.state(lane), until_s[lane]));
    }
}

/// Do the same with the states of whatever source it is, as another model understands them.
macro_rules! of_source {
    ($source:expr, $states:ident => $work:expr) => {
        match $source {
            ModelFilter::Velocity(_, $states) => $work,
            ModelFilter::Turn(_, $states) => $work,
            ModelFilter::Acceleration(_, $states) => $work,
            ModelFilter::User(_, $states) => {
                let $states = &position_and_velocity($states);
                $work
            }
        }
    };
}

/// The mixture of `sources`, each with its share; the shares sum to one, and `first_variance` is that
/// of the numbers beyond position and velocity.
#[inline(always)]
pub fn mixture<const D: usize, const T: usize>(
    sources: &[ModelFilter],
    share: &ModeLanes,
    first_variance: [f64; 3],
) -> StateLanes<D, T> {
    // In memory of its own, which the compiler knows to be apart from that of the sources.
    let mut mixed = StateLanes::empty();
    let mut entered = [0.0; LANES];
    for (number, (source, share)) in sources.iter().zip(share).enumerate() {
        if number == 0 {
            entered = *share;
            of_source!(source, states => begin(&mut mixed, states, share, first_variance));
        } else {
            let weights = Weights::next(&mut entered, share);
            of_source!(source, states => add(&mut mixed, states, &weights, first_variance));
        }
    }
    mixed
}

/// The mean of position and velocity of the same mixture, as [`mixture`] has it.
#[inline(always)]
pub fn mixture_mean(sources: &[ModelFilter], share: &ModeLanes) -> [[f64; LANES]; STATE] {
    let mut mean = [[0.0; LANES]; STATE];
    let mut entered = [0.0; LANES];
    for (number, (source, share)) in sources.iter().zip(share).enumerate() {
        if number == 0 {
            entered = *share;
            (0..STATE).for_each(|k| mean[k] = *source.mean(k));
            continue;
        }
        let weights = Weights::next(&mut entered, share);
        for k in 0..STATE {
            let own = source.mean(k);
            for lane in 0..LANES {
                mean[k][lane] += weights.part[lane] * (own[lane] - mean[k][lane]);
            }
        }
    }
    mean
}

/// How a source after the first enters a mixture, by lane.
///
/// Sources enter one by one, each by the distance of its mean from the mixture so far (West 1979,
/// "Updating mean and variance estimates", Comm. ACM 22(9)): half the work of a sum about the final
/// mean, and every term is positive semidefinite, too.
pub(super) struct Weights {
    /// Its share.
    share: [f64; LANES],
    /// Its part of all that have entered.
    part: [f64; LANES],
    /// The weight of the distance between its mean and that of the former, squared.
    spread: [f64; LANES],
}

impl Weights {
    /// Those of a source with a `share`, after others with the sum `entered`, which is raised.
    #[inline(always)]
    pub(super) fn next(entered: &mut [f64; LANES], share: &[f64; LANES]) -> Self {
        let mut weights = Self { share: *share, part: [1.0; LANES], spread: [0.0; LANES] };
        for lane in 0..LANES {
            let before = entered[lane];
            entered[lane] += share[lane];
            // In no time nothing comes from other models: the first shares may all be zero.
            weights.part[lane] = share[lane] / max(entered[lane], f64::MIN_POSITIVE);
            weights.spread[lane] = before * weights.part[lane];
        }
        weights
    }
}

/// Numbers that two states share: all of one kind, else position and velocity.
const fn shared<const D: usize, const S: usize>() -> usize {
    if D == S { D } else { STATE }
}

/// Begin a mixture with its first source; what that lacks is zero with `first_variance`, of the numbers
/// 6, 7 and 8.
#[inline(always)]
pub(super) fn begin<const D: usize, const T: usize, const S: usize, const U: usize>(
    mixed: &mut StateLanes<D, T>,
    source: &StateLanes<S, U>,
    share: &[f64; LANES],
    first_variance: [f64; 3],
) {
    let shared = const { shared::<D, S>() };
    each_number!(i below D => {
        mixed.mean[i] = if i < shared { source.mean[i] } else { [0.0; LANES] };
        each_number!(j below D => if i <= j {
            let own = j < shared;
            let lacking = if i == j && !own { first_variance[i % 3] } else { 0.0 };
            let to = &mut mixed.covariance[at_in::<D>(i, j)];
            for lane in 0..LANES {
                let known = if own { source.covariance[at_in::<S>(i, j)][lane] } else { lacking };
                to[lane] = share[lane] * known;
            }
        });
    });
}

/// Add a source to a mixture; what it lacks is zero with `first_variance`.
#[inline(always)]
pub(super) fn add<const D: usize, const T: usize, const S: usize, const U: usize>(
    mixed: &mut StateLanes<D, T>,
    source: &StateLanes<S, U>,
    weights: &Weights,
    first_variance: [f64; 3],
) {
    let shared = const { shared::<D, S>() };
    let (mut away, mut weighed) = ([[0.0; LANES]; D], [[0.0; LANES]; D]);
    each_number!(k below D => {
        for lane in 0..LANES {
            let mean = if k < shared { source.mean[k][lane] } else { 0.0 };
            let distance = mean - mixed.mean[k][lane];
            away[k][lane] = distance;
            weighed[k][lane] = weights.spread[lane] * distance;
            mixed.mean[k][lane] += weights.part[lane] * distance;
        }
    });
    each_number!(i below D => {
        each_number!(j below D => if i <= j {
            let own = j < shared;
            let lacking = if i == j && !own { first_variance[i % 3] } else { 0.0 };
            let to = &mut mixed.covariance[at_in::<D>(i, j)];
            for lane in 0..LANES {
                let known = if own { source.covariance[at_in::<S>(i, j)][lane] } else { lacking };
                let entering = weights.share[lane] * known;
                to[lane] = to[lane] + entering + weighed[i][lane] * away[j][lane];
            }
        });
    });
}
