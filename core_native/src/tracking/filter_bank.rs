//! The filters of several motion models for every track, and how probable each model is: the
//! interacting multiple model estimator (IMM; Blom and Bar-Shalom 1988, "The interacting multiple
//! model algorithm for systems with Markovian switching coefficients", IEEE Trans. Automatic Control
//! 33(8); Bar-Shalom, Li, Kirubarajan 2001, section 11.6.6).

use crate::numeric::{exp, max};
use crate::simd::{Kernel, LANES};
use crate::tracking::gaussian::{Gaussian, STATE};
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::Model;
use crate::tracking::mixing::{mixture, mixture_mean};
use crate::tracking::mode_chain::{MAX_MODELS, ModeChain, ModeLanes};
use crate::tracking::model_filter::ModelFilter;
use crate::tracking::motion::Hits;
use crate::tracking::user_filter::{LaneFlaws, UserMover};
use crate::tracking::user_motion::MotionFlaw;

/// No model is less probable: it could never come back.
const LEAST: f64 = 1e-15;

/// The models of a bank, with what is assumed of them.
#[derive(Clone)]
pub struct BankModels {
    /// A filter of each model, without tracks.
    pub filters: Vec<ModelFilter>,
    /// How they follow each other.
    pub chain: ModeChain,
    /// How probable each is at birth.
    pub first_probability: Vec<f64>,
    /// Those that a user wrote.
    pub users: Vec<UserMover>,
}

/// The filters of all tracks, in the blocks of [`crate::tracking::state_table`].
pub struct FilterBank {
    pub(super) models: BankModels,
    /// Probability of each model, by block.
    probabilities: Vec<ModeLanes>,
    /// The models' filters, block by block, at the times of the states beside them.
    filters: Vec<ModelFilter>,
    /// The first flaw of a user's model that an update met.
    pub(super) flaw: Option<MotionFlaw>,
}

/// Eight tracks at a later time, by each model.
#[derive(Clone, Copy)]
pub struct Ahead {
    /// Predicted filters; those beyond the models mean nothing.
    pub(super) filters: [ModelFilter; MAX_MODELS],
    /// Probability of each model.
    pub(super) probability: ModeLanes,
    /// What users' models answered wrongly when it was last worked out; of tracks that are not there,
    /// too.
    pub(super) flaws: LaneFlaws,
    count: usize,
}

impl Default for FilterBank {
    /// No bank at all.
    fn default() -> Self {
        Self::new(BankModels {
            filters: Vec::new(),
            chain: ModeChain::new(&[]),
            first_probability: Vec::new(),
            users: Vec::new(),
        })
    }
}

impl FilterBank {
    /// A bank without tracks.
    pub const fn new(models: BankModels) -> Self {
        Self { models, probabilities: Vec::new(), filters: Vec::new(), flaw: None }
    }

    /// How many models it has: none where there is one filter for each track.
    pub const fn model_count(&self) -> usize {
        self.models.filters.len()
    }

    /// Make room for so many blocks of eight tracks.
    pub fn grow(&mut self, blocks: usize) {
        let mut first = [[0.0; LANES]; MAX_MODELS];
        for (row, &probability) in first.iter_mut().zip(&self.models.first_probability) {
            *row = [probability; LANES];
        }
        for _ in self.probabilities.len()..blocks {
            self.probabilities.push(first);
            self.filters.extend_from_slice(&self.models.filters);
        }
    }

    /// Become equal to `other` in the memory that there is.
    pub fn copy_from(&mut self, other: &Self) {
        let BankModels { filters, chain, first_probability, users } = &other.models;
        self.models.filters.clone_from(filters);
        self.models.chain = *chain;
        self.models.first_probability.clone_from(first_probability);
        self.models.users.clone_from(users);
        self.probabilities.clone_from(&other.probabilities);
        self.filters.clone_from(&other.filters);
        self.flaw = other.flaw;
    }

    /// Begin a track with position and velocity known as `state` says.
    pub fn begin(&mut self, block: usize, lane: usize, state: &Gaussian) {
        for (j, &probability) in self.models.first_probability.iter().enumerate() {
            self.probabilities[block][j][lane] = probability;
        }
        self.filters_mut(block).iter_mut().for_each(|filter| filter.begin(lane, state));
    }

    /// The filters of a block.
    #[inline(always)]
    pub fn filters(&self, block: usize) -> &[ModelFilter] {
        let count = self.model_count();
        &self.filters[block * count..(block + 1) * count]
    }

    /// The same, to change them.
    #[inline(always)]
    pub fn filters_mut(&mut self, block: usize) -> &mut [ModelFilter] {
        let count = self.model_count();
        &mut self.filters[block * count..(block + 1) * count]
    }

    /// Probability of each model for the tracks of a block.
    pub fn probability(&self, block: usize) -> &ModeLanes {
        &self.probabilities[block]
    }

    /// How many numbers say all of a track.
    pub fn numbers_per_track(&self) -> usize {
        self.models.filters.iter().map(|filter| 1 + filter.size()).sum()
    }

    /// All of a track: the probabilities, then each filter's mean and covariance.
    pub fn numbers(&self, slot: u32) -> Vec<f64> {
        let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
        if !self.is_used() {
            return Vec::new();
        }
        let probabilities = self.probabilities[block].iter().take(self.model_count());
        let mut numbers: Vec<f64> = probabilities.map(|by_lane| by_lane[lane]).collect();
        self.filters(block).iter().for_each(|filter| numbers.extend(filter.numbers(lane)));
        numbers
    }

    /// The state by each model, of the numbers of a track.
    pub fn states_of<'n>(&self, numbers: &'n [f64]) -> impl Iterator<Item = &'n [f64]> {
        let mut rest = &numbers[self.model_count()..];
        self.models.filters.iter().map(move |filter| {
            let (own, others) = rest.split_at(filter.size());
            rest = others;
            own
        })
    }

    /// Become what `numbers` has said of a track.
    pub fn set_numbers(&mut self, slot: u32, numbers: &[f64]) {
        let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
        if !self.is_used() {
            return;
        }
        let (probabilities, mut rest) = numbers.split_at(self.model_count());
        for (by_lane, &probability) in self.probabilities[block].iter_mut().zip(probabilities) {
            by_lane[lane] = probability;
        }
        for filter in self.filters_mut(block) {
            let (own, others) = rest.split_at(filter.size());
            filter.set_numbers(lane, own);
            rest = others;
        }
    }

    /// Room for a block of it at a later time.
    pub fn room(&self) -> Ahead {
        let count = self.model_count();
        let filters = std::array::from_fn(|j| self.models.filters[j % count]);
        Ahead { filters, probability: [[0.0; LANES]; MAX_MODELS], flaws: [None; LANES], count }
    }

    /// Whether there is a bank.
    pub const fn is_used(&self) -> bool {
        !self.models.filters.is_empty()
    }

    /// The work that predicts a block.
    #[inline(always)]
    pub fn look_ahead<'a>(
        &'a self,
        block: usize,
        until_s: &'a [f64; LANES],
        ahead: &'a mut Ahead,
    ) -> LookAhead<'a> {
        let (sources, probability) = (self.filters(block), &self.probabilities[block]);
        LookAhead { models: &self.models, sources, probability, until_s, ahead }
    }

    /// The work that predicts what was already predicted, and maybe updated, still further.
    #[inline(always)]
    pub fn look_further<'a>(
        &'a self,
        from: &'a Ahead,
        until_s: &'a [f64; LANES],
        ahead: &'a mut Ahead,
    ) -> LookAhead<'a> {
        let (sources, probability) = (from.filters(), &from.probability);
        LookAhead { models: &self.models, sources, probability, until_s, ahead }
    }

    /// What a block will be at a later time as one Gaussian of position and velocity for each track.
    #[inline(always)]
    pub fn matched_after(
        &self,
        block: usize,
        until_s: &[f64; LANES],
        ahead: &mut Ahead,
    ) -> StateLanes {
        self.look_ahead(block, until_s, ahead).run();
        ahead.matched()
    }

    /// Update the tracks of a block that are hit by the measurement beside each, `ahead` being the
    /// block at the measurements' times: every model's filter, and the models' probabilities by how
    /// well it fits each (eq. 11.6.6-14).
    #[inline(always)]
    pub fn update<const C: usize, M: Model<C>>(
        &mut self,
        block: usize,
        ahead: &Ahead,
        model: &M,
        hits: Hits<'_>,
    ) {
        let mut ln_likelihood = [[f64::NEG_INFINITY; LANES]; MAX_MODELS];
        let predicted = ahead.filters().iter().zip(&mut ln_likelihood);
        for (own, (predicted, found)) in self.filters_mut(block).iter_mut().zip(predicted) {
            *found = own.update(predicted, model, hits);
        }
        let after = ahead.probability_after(&ln_likelihood);
        for j in 0..self.model_count() {
            let own = &mut self.probabilities[block][j];
            for lane in 0..LANES {
                own[lane] = if hits.hit[lane] { after[j][lane] } else { own[lane] };
            }
        }
    }

    /// Become what `after` says, for the tracks of a block that `mixes` says.
    #[inline(always)]
    pub fn take(&mut self, block: usize, after: &Ahead, mixes: &[bool; LANES]) {
        for (own, new) in self.filters_mut(block).iter_mut().zip(after.filters()) {
            own.take(new, mixes);
        }
        for j in 0..self.model_count() {
            let own = &mut self.probabilities[block][j];
            for lane in 0..LANES {
                own[lane] = if mixes[lane] { after.probability[j][lane] } else { own[lane] };
            }
        }
    }

    /// A block as one Gaussian of position and velocity for each track: mean and covariance of the
    /// mixture of all models.
    #[inline(always)]
    pub fn matched(&self, block: usize) -> StateLanes {
        matched(self.filters(block), &self.probabilities[block])
    }

    /// The mean of the same.
    #[inline(always)]
    pub fn mean(&self, block: usize) -> [[f64; LANES]; STATE] {
        mixture_mean(self.filters(block), &self.probabilities[block])
    }
}

#[inline(always)]
fn matched(filters: &[ModelFilter], probability: &ModeLanes) -> StateLanes {
    mixture(filters, probability, [0.0; 3])
}

/// Predict a block by every model: mix the states that each model may have come from, and move them.
pub struct LookAhead<'a> {
    models: &'a BankModels,
    sources: &'a [ModelFilter],
    probability: &'a ModeLanes,
    /// How far ahead, by lane \[s\].
    until_s: &'a [f64; LANES],
    /// Where it goes.
    ahead: &'a mut Ahead,
}

impl Kernel for LookAhead<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { models, sources, probability, until_s, ahead } = self;
        let transition = models.chain.after(probability, until_s);
        for (filter, share) in ahead.filters.iter_mut().zip(&transition.of).take(sources.len()) {
            filter.mix_and_predict(sources, share, until_s);
        }
        ahead.probability = transition.ahead;
        if !models.users.is_empty() {
            ahead.flaws = [None; LANES];
            for user in &models.users {
                user.predict(&mut ahead.filters[user.place], until_s, &mut ahead.flaws);
            }
        }
    }
}

impl Ahead {
    /// The predicted filters.
    #[inline(always)]
    pub fn filters(&self) -> &[ModelFilter] {
        &self.filters[..self.count]
    }

    /// Cost of the measurement beside each track: its likelihood is the sum over the models, and it
    /// is inside the gate when it is inside that of any of them.
    #[inline(always)]
    pub fn costs<const C: usize, M: Model<C>>(&self, model: &M, rows: &RowLanes) -> [f64; LANES] {
        let mut distance2 = [f64::INFINITY; LANES];
        let mut ln_likelihood = [[f64::NEG_INFINITY; LANES]; MAX_MODELS];
        for (j, filter) in self.filters().iter().enumerate() {
            let fit = filter.fit(model, rows, model.counts());
            ln_likelihood[j] = fit.ln_likelihood;
            for lane in 0..LANES {
                let (least, own) = (distance2[lane], fit.distance2[lane]);
                distance2[lane] = if own < least { own } else { least };
            }
        }
        let (best, _, sum) = self.weigh(&ln_likelihood);
        let mut costs = [0.0; LANES];
        for lane in 0..LANES {
            let row = rows.row(lane);
            let cost = model.cost(&row) - (best[lane] + crate::numeric::ln(sum[lane]));
            costs[lane] = if distance2[lane] <= model.gate(&row) { cost } else { f64::INFINITY };
        }
        costs
    }

    /// Probability of each model once a measurement came that each finds so likely (eq. 11.6.6-14).
    #[inline(always)]
    pub(super) fn probability_after(&self, ln_likelihood: &ModeLanes) -> ModeLanes {
        let (_, weight, sum) = self.weigh(ln_likelihood);
        let mut after = [[0.0; LANES]; MAX_MODELS];
        for j in 0..self.count {
            for lane in 0..LANES {
                after[j][lane] = max(weight[j][lane] / sum[lane], LEAST);
            }
        }
        after
    }

    /// As one Gaussian of position and velocity for each track.
    #[inline(always)]
    pub fn matched(&self) -> StateLanes {
        matched(self.filters(), &self.probability)
    }

    /// The largest likelihood, the share of each model in units of it, and their sum.
    #[inline(always)]
    fn weigh(&self, ln_likelihood: &ModeLanes) -> ([f64; LANES], ModeLanes, [f64; LANES]) {
        let mut best = ln_likelihood[0];
        for j in 1..self.count {
            for lane in 0..LANES {
                best[lane] = max(best[lane], ln_likelihood[j][lane]);
            }
        }
        let (mut weight, mut sum) = ([[0.0; LANES]; MAX_MODELS], [0.0; LANES]);
        for j in 0..self.count {
            for lane in 0..LANES {
                let fit = exp(ln_likelihood[j][lane] - best[lane]);
                weight[j][lane] = self.probability[j][lane] * fit;
                sum[lane] += weight[j][lane];
            }
        }
        (best, weight, sum)
    }
}
