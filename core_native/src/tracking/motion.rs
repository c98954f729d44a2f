//! How the tracks of a table move: one filter for each, or a bank of them.

use crate::error::Result;
use crate::numeric::max;
use crate::simd::{LANES, each_number};
use crate::tracking::constant_velocity::ConstantVelocity;
use crate::tracking::gaussian::at;
use crate::tracking::lanes::RowLanes;
use crate::tracking::measurement::Model;
use crate::tracking::mixture_update::{Hypotheses, mixed};
use crate::tracking::older_detection::{older, updated};
use crate::tracking::spatial_grid::SearchBoxes;
use crate::tracking::state_table::StateTable;

/// Measurements beside the tracks of a block.
#[derive(Clone, Copy)]
pub struct Hits<'a> {
    /// The measurements.
    pub rows: &'a RowLanes,
    /// How far ahead of each track its measurement is \[s\], negative for an older one; 0 where none
    /// hits.
    pub until_s: &'a [f64; LANES],
    /// Whether one hits.
    pub hit: &'a [bool; LANES],
}

/// What gating and update ask of the filters of eight tracks, a block of the table.
pub trait Motion: Copy {
    /// What is worked out for a block at a later time, to be used for more than one measurement.
    type Ahead;

    /// Room for it.
    fn room(&self, states: &StateTable) -> Self::Ahead;

    /// Work it out for a block at the times `until_s` ahead of its states.
    fn look_ahead(
        &self,
        states: &StateTable,
        block: usize,
        until_s: &[f64; LANES],
        ahead: &mut Self::Ahead,
    );

    /// Where the detections of a block must lie at any time between two, `between_s` ahead of its
    /// states, which are one when `ONE_TIME` says so.
    fn search_boxes<const ONE_TIME: bool>(
        &self,
        states: &StateTable,
        block: usize,
        between_s: &[[f64; LANES]; 2],
        gate: f64,
        ahead: &mut Self::Ahead,
    ) -> SearchBoxes;

    /// Refuse what a user's model answered wrongly of a track when `ahead` was worked out.
    ///
    /// # Errors
    /// [`crate::error::Error::Model`].
    fn check(&self, states: &StateTable, ahead: &Self::Ahead, lane: usize) -> Result<()>;

    /// Cost of each measurement for the track of the block beside it, `until_s` ahead.
    fn costs<const C: usize, M: Model<C>>(
        &self,
        states: &StateTable,
        block: usize,
        model: &M,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        ahead: &Self::Ahead,
    ) -> [f64; LANES];

    /// Make of each track of a block that has candidates the mixture of what they would make of it.
    fn mix<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        model: &M,
        hypotheses: &Hypotheses<'_>,
        ahead: &mut Self::Ahead,
    );

    /// Predict and update each track of a block that is hit by the measurement beside it. By an older
    /// one a track is updated at its own time.
    fn update<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        block: usize,
        model: &M,
        hits: Hits<'_>,
        ahead: &mut Self::Ahead,
    );
}

/// One filter with constant velocity.
#[derive(Clone, Copy)]
pub struct OneFilter {
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
}

impl Motion for OneFilter {
    type Ahead = ();

    #[inline(always)]
    fn room(&self, _: &StateTable) {}

    #[inline(always)]
    fn look_ahead(&self, _: &StateTable, _: usize, _: &[f64; LANES], (): &mut ()) {}

    #[inline(always)]
    fn search_boxes<const ONE_TIME: bool>(
        &self,
        states: &StateTable,
        block: usize,
        between_s: &[[f64; LANES]; 2],
        gate: f64,
        (): &mut (),
    ) -> SearchBoxes {
        let states = &states.blocks[block].states;
        let [first_s, last_s] = between_s;
        let mut boxes = SearchBoxes::default();
        each_number!(axis below 3 => {
            let (position, velocity) = (&states.mean[axis], &states.mean[axis + 3]);
            let pp = &states.covariance[at(axis, axis)];
            let pv = &states.covariance[at(axis, axis + 3)];
            let vv = &states.covariance[at(axis + 3, axis + 3)];
            for lane in 0..LANES {
                let last = last_s[lane];
                let first = if ONE_TIME { last } else { first_s[lane] };
                let far = max(first.abs(), last.abs());
                let noise = self.noise_m2_s3[axis] * (far * far * far * (1.0 / 3.0));
                // Without noise the variance is a parabola open to the top: largest at an end.
                let known = |until: f64| pp[lane] + until * (2.0 * pv[lane] + until * vv[lane]);
                let variance = max(known(first), known(last)) + noise;
                boxes.center_m[axis][lane] = position[lane] + 0.5 * (first + last) * velocity[lane];
                boxes.spread2_m2[axis][lane] = gate * max(variance, 0.0);
                boxes.drift_m[axis][lane] = 0.5 * velocity[lane].abs() * (last - first);
            }
        });
        boxes
    }

    #[inline(always)]
    fn check(&self, _: &StateTable, (): &(), _: usize) -> Result<()> {
        Ok(())
    }

    #[inline(always)]
    fn costs<const C: usize, M: Model<C>>(
        &self,
        states: &StateTable,
        block: usize,
        model: &M,
        rows: &RowLanes,
        until_s: &[f64; LANES],
        (): &(),
    ) -> [f64; LANES] {
        model.costs(&states.blocks[block].states, rows, until_s, self.noise_m2_s3)
    }

    #[inline(always)]
    fn update<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        block: usize,
        model: &M,
        hits: Hits<'_>,
        (): &mut (),
    ) {
        let states = &mut states.blocks[block].states;
        let Hits { rows, until_s, hit } = hits;
        let noise = self.noise_m2_s3;
        let older = older(hit, until_s);
        if older == [false; LANES] {
            return model.update(states, rows, until_s, hit, noise);
        }
        let (mut newer, mut newer_s, before) = (*hit, *until_s, *states);
        for lane in (0..LANES).filter(|&lane| older[lane]) {
            (newer[lane], newer_s[lane]) = (false, 0.0);
        }
        model.update(states, rows, &newer_s, &newer, noise);
        let motion = ConstantVelocity { noise_m2_s3: noise };
        for lane in (0..LANES).filter(|&lane| older[lane]) {
            let (known, row) = (before.state(lane), rows.row(lane));
            states.store(lane, &updated(&known, &motion, model, &row, until_s[lane]));
        }
    }

    #[inline(always)]
    fn mix<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        model: &M,
        hypotheses: &Hypotheses<'_>,
        (): &mut (),
    ) {
        let block = &mut states.blocks[hypotheses.block];
        let after = mixed(block, model, hypotheses, self.noise_m2_s3);
        // Lane by lane: a choice number by number would be more work than the few that mix.
        for lane in (0..LANES).filter(|&lane| hypotheses.mixes[lane]) {
            block.states.store(lane, &after.state(lane));
        }
    }
}
