//! The mixture of several models' filters over all candidates: interacting models with joint
//! association (Blom and Bloem 2000, "Probabilistic data association avoiding track coalescence",
//! IEEE Trans. Automatic Control 45(2), for one model each; Bar-Shalom, Daum and Huang 2009).
//!
//! Given a candidate, every model has its update and its probability; over the candidates each model's
//! filter becomes the mixture of its own updates, by the probability of the candidate and of the
//! model given the candidate. A missed detection says nothing of the model.

use crate::simd::{LANES, SimdLevel, dispatch};
use crate::tracking::filter_bank::Ahead;
use crate::tracking::lanes::RowLanes;
use crate::tracking::measurement::Model;
use crate::tracking::mixing::Weights;
use crate::tracking::mixture_update::{Hypotheses, Round};
use crate::tracking::mode_chain::{MAX_MODELS, ModeLanes};
use crate::tracking::model_filter::ModelFilter;
use crate::tracking::motion::Hits;
use crate::tracking::state_table::StateTable;

/// Make of each track of a block that has candidates the mixture, at the time of the latest one.
#[inline(always)]
pub fn mix_bank<const C: usize, M: Model<C>>(
    level: SimdLevel,
    states: &mut StateTable,
    model: &M,
    hypotheses: &Hypotheses<'_>,
    ahead: &mut Ahead,
) {
    let StateTable { blocks, bank, .. } = states;
    let (number, block) = (hypotheses.block, &mut blocks[hypotheses.block]);
    dispatch(level, bank.look_ahead(number, &block.until_s(hypotheses.latest_ns), ahead));
    bank.note(&ahead.flaws, &hypotheses.mixes);
    let mut mixture = BankMixture::of_the_missed(*ahead, &hypotheses.missed);
    let (mut rows, mut further) = (RowLanes::EMPTY, bank.room());
    for round in 0..hypotheses.rounds {
        let Round { index, share, times_ns } = hypotheses.round(round);
        rows.load(hypotheses.measured, index, M::WIDTH);
        let (until_s, rest_s) = hypotheses.ways_s(block, &share, times_ns);
        dispatch(level, bank.look_ahead(number, &until_s, ahead));
        bank.note(&ahead.flaws, &hypotheses.mixes);
        let hits = Hits { rows: &rows, until_s: &until_s, hit: &[true; LANES] };
        let updated = updated(bank.filters(number), ahead, model, hits);
        if rest_s == [0.0; LANES] {
            mixture.add(&updated, &share);
        } else {
            dispatch(level, bank.look_further(&updated, &rest_s, &mut further));
            bank.note(&further.flaws, &hypotheses.mixes);
            mixture.add(&further, &share);
        }
    }
    let after = mixture.finish();
    bank.take(number, &after, &hypotheses.mixes);
    block.states.take_mean(&bank.mean(number), &hypotheses.mixes);
}

/// Every model's filter, and its probability, after the measurement beside each track; `known` are the
/// filters before.
#[inline(always)]
fn updated<const C: usize, M: Model<C>>(
    known: &[ModelFilter],
    predicted: &Ahead,
    model: &M,
    hits: Hits<'_>,
) -> Ahead {
    let mut after = *predicted;
    let mut ln_likelihood = [[f64::NEG_INFINITY; LANES]; MAX_MODELS];
    for (j, (from, known)) in predicted.filters().iter().zip(known).enumerate() {
        after.filters[j] = *known;
        ln_likelihood[j] = after.filters[j].update(from, model, hits);
    }
    after.probability = predicted.probability_after(&ln_likelihood);
    after
}

/// Weighed sums over the hypotheses of eight tracks, model by model.
struct BankMixture {
    /// The mixtures so far.
    sum: Ahead,
    /// What shares they have of the whole.
    entered: ModeLanes,
}

impl BankMixture {
    /// That of the missed detection alone, with its share.
    #[inline(always)]
    fn of_the_missed(ahead: Ahead, share: &[f64; LANES]) -> Self {
        let mut mixture = Self { sum: ahead, entered: [[0.0; LANES]; MAX_MODELS] };
        for (j, filter) in ahead.filters().iter().enumerate() {
            mixture.entered[j] = times(share, &ahead.probability[j]);
            mixture.sum.filters[j].begin_mixture(filter, &mixture.entered[j]);
        }
        mixture
    }

    /// Add what a candidate made of the filters, with its share.
    #[inline(always)]
    fn add(&mut self, updated: &Ahead, share: &[f64; LANES]) {
        for (j, filter) in updated.filters().iter().enumerate() {
            let own = times(share, &updated.probability[j]);
            let weights = Weights::next(&mut self.entered[j], &own);
            self.sum.filters[j].enter(filter, &weights);
        }
    }

    /// The mixtures, each with its share as the model's probability.
    #[inline(always)]
    fn finish(self) -> Ahead {
        let Self { mut sum, entered } = self;
        for j in 0..sum.filters().len() {
            sum.filters[j].divide_covariance(&entered[j]);
        }
        sum.probability = entered;
        sum
    }
}

#[inline(always)]
fn times(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    let mut product = [0.0; LANES];
    for lane in 0..LANES {
        product[lane] = a[lane] * b[lane];
    }
    product
}
