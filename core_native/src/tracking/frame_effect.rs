//! What a frame of any kind does: associate, then act on the tracks.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::simd::{LANES, dispatch};
use crate::tracking::association::FREE;
use crate::tracking::config::AssociationMethod;
use crate::tracking::existence::{self, WeighExistence};
use crate::tracking::gaussian::{Gaussian, STATE};
use crate::tracking::interacting::Interacting;
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::Model;
use crate::tracking::mixture_update::MixStates;
use crate::tracking::motion::{Motion, OneFilter};
use crate::tracking::record::NO_DETECTION;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::soft_association::Weighing;
use crate::tracking::track::Track;
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::Tracker;
use crate::tracking::update::UpdateStates;

/// What the last frame was to each slot; its memory is kept from frame to frame.
#[derive(Default)]
pub struct Chances {
    /// Probability that the frame would detect the target; 0 where it did not look.
    detection_probability: Vec<f64>,
    /// Probability of existence after the frame, by the detection that the track took.
    existence: Vec<f64>,
}

/// How many births ahead the slot that one takes is fetched.
const BIRTHS_AHEAD: usize = 4;

impl Tracker {
    /// Find which detections each track takes at `time_ns`; reads the tracks only. `detections` are
    /// those that may say who they are of, none where only positions are known.
    pub(super) fn associate<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        sensor: &SensorRules,
        time_ns: i64,
        detections: &[Detection],
    ) -> Result<()> {
        let survival = self.survival(time_ns);
        let (level, one, bank) = (self.level, self.one_filter(), self.interacting());
        let Self { gating, association, soft, measured, config, evidence, rules, .. } = self;
        let (states, lives) = (&self.table.states, &self.table.lives);
        if states.bank.is_used() {
            gating.run(model, states, lives, measured, bank)?;
        } else {
            gating.run(model, states, lives, measured, one)?;
        }
        if measured.told.any_replies {
            evidence.weigh(detections, &self.table, &rules.identity, &mut gating.candidates);
        }
        let (candidates, count) = (&gating.candidates, measured.count());
        match config.association {
            AssociationMethod::Gnn => {
                association.assign(candidates, lives, count, sensor.miss_bonus)?;
            }
            AssociationMethod::Jpda => {
                let by = Weighing {
                    candidates,
                    lives,
                    measurement_count: count,
                    survival,
                    detection_probability: sensor.detection_probability,
                };
                soft.weigh(&by, level);
                association.take_over(soft);
            }
        }
        self.check_room_for_births()
    }

    /// Probability that a target has stayed from the newest frame used to `time_ns`.
    fn survival(&self, time_ns: i64) -> f64 {
        let since_ns = self.newest_ns.unwrap_or(time_ns);
        existence::survival((time_ns - since_ns) as f64 * 1e-9, &self.config)
    }

    const fn one_filter(&self) -> OneFilter {
        OneFilter { noise_m2_s3: self.rules.noise_m2_s3 }
    }

    const fn interacting(&self) -> Interacting {
        Interacting { level: self.level }
    }

    fn check_room_for_births(&self) -> Result<()> {
        let births = self.association.births.len();
        let (wanted, limit) = (self.table.count_going_on() + births, self.config.max_tracks);
        if wanted <= limit {
            return Ok(());
        }
        let remedy = "raise tracker.max_tracks or the radar's detection threshold";
        Err(Error::Capacity { table: "tracks", limit, wanted, remedy })
    }

    /// Let the frame act on the tracks. `covers` says whether it looked where a track of a mean
    /// state at a time is, `born` gives the state of the track that the birth of a number begins.
    ///
    /// # Errors
    /// [`Error::Model`] for what a user's motion model must not answer; the tracks are then as they
    /// were. Without such a model there is nothing to refuse.
    pub(super) fn commit<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        sensor: &SensorRules,
        time_ns: i64,
        covers: impl Fn(&[f64; STATE], i64) -> bool,
        born: impl Fn(&Self, usize) -> Gaussian,
    ) -> Result<()> {
        if !self.table.states.bank.has_user_models() {
            self.act(model, sensor, time_ns, covers, born);
            return Ok(());
        }
        let mut before = std::mem::take(&mut self.before);
        self.save_to(&mut before);
        self.act(model, sensor, time_ns, covers, born);
        let updated = self.table.states.bank.check_updates();
        // And what it did must be told of.
        let told = updated.and_then(|()| self.check_ahead(time_ns));
        if told.is_err() {
            self.swap_with(&mut before);
        }
        self.before = before;
        told
    }

    /// Refuse a time for which a user's motion model answers what it must not of any track.
    ///
    /// # Errors
    /// [`Error::Model`].
    pub fn check_ahead(&self, time_ns: i64) -> Result<()> {
        let (TrackTable { states, order, .. }, bank) = (&self.table, &self.table.states.bank);
        if !bank.has_user_models() {
            return Ok(());
        }
        let mut ahead = bank.room();
        for (number, block) in states.blocks.iter().enumerate() {
            let until_s = block.until_s([time_ns; LANES]);
            dispatch(self.level, bank.look_ahead(number, &until_s, &mut ahead));
            for (lane, flaw) in ahead.flaws.iter().enumerate().filter(|(_, flaw)| flaw.is_some()) {
                if order.contains(&((number * LANES + lane) as u32)) {
                    bank.check(*flaw)?;
                }
            }
        }
        Ok(())
    }

    fn act<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        sensor: &SensorRules,
        time_ns: i64,
        covers: impl Fn(&[f64; STATE], i64) -> bool,
        born: impl Fn(&Self, usize) -> Gaussian,
    ) {
        let survival = self.survival(time_ns);
        self.newest_ns = Some(time_ns);
        self.table.forget_ended();
        self.table.detection_count = self.measured.count();
        if self.table.states.bank.is_used() {
            self.update_states(model, self.interacting());
        } else {
            self.update_states(model, self.one_filter());
        }
        self.weigh_existence(sensor, survival, covers);
        self.count_hits(time_ns);
        for at in 0..self.association.births.len() {
            let index = self.association.births[at];
            self.table.prefetch_free(BIRTHS_AHEAD);
            let slot = self.begin_track(born(self, at), index, sensor);
            self.association.taker[index as usize] = slot;
        }
    }

    fn update_states<const C: usize, M: Model<C>, F: Motion>(&mut self, model: M, motion: F) {
        let (level, states, measured) = (self.level, &mut self.table.states, &self.measured);
        match self.config.association {
            AssociationMethod::Gnn => {
                let taken_by = &self.association.taken_by;
                if taken_by.iter().any(|&measurement| measurement != FREE) {
                    dispatch(level, UpdateStates { model, taken_by, states, measured, motion });
                }
            }
            AssociationMethod::Jpda => {
                let (candidates, weighed) = (&self.gating.candidates, &self.soft);
                let work = MixStates { model, candidates, weighed, states, measured, motion };
                dispatch(level, work);
            }
        }
    }

    /// Note where the frame looked, and weigh what it tells of each track's existence.
    fn weigh_existence(
        &mut self,
        sensor: &SensorRules,
        survival: f64,
        covers: impl Fn(&[f64; STATE], i64) -> bool,
    ) {
        let Chances { detection_probability, existence } = &mut self.chances;
        let (lives, states) = (&self.table.lives, &self.table.states);
        let (taken_by, cost) = (&self.association.taken_by, &self.association.cost_of);
        let looked = |slot: u32| covers(&states.mean(slot), states.time_ns(slot));
        detection_probability.clear();
        detection_probability.extend((0..lives.len()).map(|slot| {
            let hit = taken_by[slot] != FREE;
            let chance = lives[slot].goes_on() && (hit || looked(slot as u32));
            if chance { sensor.detection_probability } else { 0.0 }
        }));
        existence.clear();
        existence.resize(lives.len(), 0.0);
        let work = WeighExistence { lives, detection_probability, cost, survival, existence };
        dispatch(self.level, work);
    }

    /// Count the hit or the miss of each track.
    fn count_hits(&mut self, time_ns: i64) {
        let Self { config, table, association, soft, measured, chances, .. } = self;
        let TrackTable { lives, states, .. } = table;
        for (slot, life) in lives.iter_mut().enumerate().filter(|(_, life)| life.goes_on()) {
            let outcome = soft.outcomes.get(slot).copied().flatten();
            life.begin_frame(outcome.map_or(chances.existence[slot], |it| it.existence));
            let measurement = association.taken_by[slot];
            if measurement != FREE {
                life.hit(measurement, measured.times_ns[measurement as usize], config);
            } else if outcome.is_some_and(|outcome| outcome.detected > 0.5) {
                life.hit(NO_DETECTION, states.time_ns(slot as u32), config);
            } else if outcome.is_some() || chances.detection_probability[slot] > 0.0 {
                life.miss(config);
            }
            life.expire(time_ns, config);
        }
    }

    fn begin_track(&mut self, state: Gaussian, index: u32, sensor: &SensorRules) -> u32 {
        let (number, birth_ns) = (self.table.next_number, self.measured.times_ns[index as usize]);
        let track = Track { number, track_id: self.ids.id(number), birth_ns };
        let unclaimed = self.soft.unclaimed.get(index as usize).copied().unwrap_or(1.0);
        let existence = unclaimed * sensor.birth_existence;
        let life = Life::born(index, birth_ns, existence, &self.config);
        self.table.add(track, life, &state)
    }
}
