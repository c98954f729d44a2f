//! The filters of several targets without association: every target takes the measurement beside it.
//! The work is the tracker's own, block by block.

use crate::error::{Error, Result};
use crate::frame_limits::check_time;
use crate::simd::{LANES, SimdLevel, dispatch};
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::{FrameMeasurements, upper_triangle};
use crate::tracking::gaussian::{Gaussian, predict};
use crate::tracking::interacting::Interacting;
use crate::tracking::measurement::PositionModel;
use crate::tracking::mode_chain::MAX_MODELS;
use crate::tracking::motion::OneFilter;
use crate::tracking::motion_config::bank_of;
use crate::tracking::rules::Rules;
use crate::tracking::state_check::check_states;
use crate::tracking::state_table::StateTable;
use crate::tracking::step_input::check_positions;
use crate::tracking::update::UpdateStates;

/// The filters.
pub struct FilterSet {
    states: StateTable,
    /// What the states were, to go back to; used where a user's model may refuse an update.
    before: StateTable,
    one: OneFilter,
    level: SimdLevel,
    measured: FrameMeasurements,
    /// Target `k` takes measurement `k`.
    taken_by: Vec<u32>,
    time_ns: i64,
}

impl FilterSet {
    /// Filters of targets known as `states` say at `time_ns`, with the motion models of `config`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its limits and a state that cannot be.
    pub fn new(
        config: TrackerConfig,
        states: &[Gaussian],
        time_ns: i64,
        level: SimdLevel,
    ) -> Result<Self> {
        check_time("time_ns", time_ns)?;
        check_states(states, Gaussian::flaw)?;
        let config = config.checked()?;
        let mut table = StateTable::with_bank(bank_of(&config.motion_models));
        table.grow(states.len());
        (0..).zip(states).for_each(|(slot, state)| table.set(slot, state, time_ns));
        Ok(Self {
            states: table,
            before: StateTable::default(),
            one: OneFilter { noise_m2_s3: Rules::new(&config)?.noise_m2_s3 },
            level: level.checked()?,
            measured: FrameMeasurements::default(),
            taken_by: (0..states.len() as u32).collect(),
            time_ns,
        })
    }

    /// How many targets there are.
    pub const fn count(&self) -> usize {
        self.taken_by.len()
    }

    /// How many motion models there are; 0 where there is one filter for each target.
    pub const fn model_count(&self) -> usize {
        self.states.bank.model_count()
    }

    /// Predict each target to `time_ns` and update it by the position beside it.
    ///
    /// # Errors
    /// [`Error::Frame`] for a position that is not finite, a covariance that is not positive
    /// definite, another number of positions than of targets, or a time before the last;
    /// [`Error::Model`] for what a user's model must not answer. The filters are then as they were.
    pub fn update_positions(
        &mut self,
        time_ns: i64,
        positions_m: &[[f64; 3]],
        covariance_m2: [[f64; 3]; 3],
    ) -> Result<()> {
        self.check_later(time_ns)?;
        if positions_m.len() != self.count() {
            let (value, limit) = (positions_m.len().to_string(), self.count().to_string());
            return Err(Error::Frame { field: "number of positions".into(), value, limit });
        }
        check_positions(positions_m, &[covariance_m2], 1.0)?;
        if positions_m.is_empty() {
            self.time_ns = time_ns;
            return Ok(());
        }
        if self.states.bank.has_user_models() {
            self.before.copy_from(&self.states);
        }
        self.measured.from_positions::<true>(time_ns, positions_m, &[covariance_m2], 1.0);
        let triangle = upper_triangle(&covariance_m2);
        let model = PositionModel::<true> { covariance_m2: triangle, cost: 0.0, gate: 1.0 };
        let Self { states, measured, taken_by, one, level, .. } = self;
        if states.bank.is_used() {
            let motion = Interacting { level: *level };
            dispatch(*level, UpdateStates { model, taken_by, states, measured, motion });
        } else {
            dispatch(*level, UpdateStates { model, taken_by, states, measured, motion: *one });
        }
        if let Err(error) = states.bank.check_updates() {
            std::mem::swap(states, &mut self.before);
            return Err(error);
        }
        self.time_ns = time_ns;
        Ok(())
    }

    /// Position and velocity of each target at `time_ns`.
    ///
    /// # Errors
    /// [`Error::Frame`] for a time before the last update, [`Error::Model`] for what a user's model must
    /// not answer.
    pub fn states_at(&self, time_ns: i64) -> Result<Vec<Gaussian>> {
        self.check_later(time_ns)?;
        let bank = &self.states.bank;
        let mut found = Vec::with_capacity(self.count());
        for (number, block) in self.states.blocks.iter().enumerate() {
            let until_s = block.until_s([time_ns; LANES]);
            if bank.is_used() {
                let mut ahead = bank.room();
                let matched = bank.matched_after(number, &until_s, &mut ahead);
                let lanes = LANES.min(self.count() - number * LANES);
                ahead.flaws[..lanes].iter().try_for_each(|&flaw| bank.check(flaw))?;
                found.extend((0..LANES).map(|lane| matched.state(lane)));
            } else {
                let noise = self.one.noise_m2_s3;
                let at = |lane| predict(&block.states.state(lane), until_s[lane], noise);
                found.extend((0..LANES).map(at));
            }
        }
        found.truncate(self.count());
        Ok(found)
    }

    /// Probability of each motion model for a target, at its last update.
    pub fn probabilities(&self, target: usize) -> [f64; MAX_MODELS] {
        let by_lane = self.states.bank.probability(target / LANES);
        std::array::from_fn(|j| by_lane[j][target % LANES])
    }

    /// The numbers of a target's state by a motion model: mean, then the upper triangle of the
    /// covariance row by row, at its last update.
    pub fn numbers(&self, target: usize, model: usize) -> Vec<f64> {
        self.states.bank.filters(target / LANES)[model].numbers(target % LANES)
    }

    fn check_later(&self, time_ns: i64) -> Result<()> {
        check_time("time_ns", time_ns)?;
        if time_ns >= self.time_ns {
            return Ok(());
        }
        let limit = format!("at least {}, the time of the last update", self.time_ns);
        Err(Error::Frame { field: "time_ns".into(), value: time_ns.to_string(), limit })
    }
}
