//! What a frame of any kind does: associate, then act on the tracks.

use crate::error::{Error, Result};
use crate::simd::{LANES, dispatch};
use crate::tracking::association::FREE;
use crate::tracking::config::AssociationMethod;
use crate::tracking::existence::{self, Evidence};
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::Model;
use crate::tracking::mixture_update::MixStates;
use crate::tracking::record::NO_DETECTION;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::track::Track;
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::Tracker;
use crate::tracking::update::UpdateStates;

impl Tracker {
    /// Find which detections each track takes at `time_ns`; reads the tracks only.
    pub(super) fn associate<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        sensor: &SensorRules,
        time_ns: i64,
    ) -> Result<()> {
        let survival = self.survival(time_ns);
        let Self { gating, association, soft, measured, config, rules, .. } = self;
        let (states, lives) = (&self.table.states, &self.table.lives);
        gating.run::<C, M>(self.level, model, states, lives, measured, rules.noise_m2_s3)?;
        let (candidates, count) = (&gating.candidates, measured.count());
        match config.association {
            AssociationMethod::Gnn => {
                association.assign(candidates, lives, count, sensor.miss_bonus)?;
            }
            AssociationMethod::Jpda => {
                let pd = sensor.detection_probability;
                soft.weigh(candidates, lives, count, survival, pd, self.level);
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

    fn check_room_for_births(&self) -> Result<()> {
        let births = self.association.births.len();
        let (wanted, limit) = (self.table.count_going_on() + births, self.config.max_tracks);
        if wanted <= limit {
            return Ok(());
        }
        let remedy = "raise tracker.max_tracks or the radar's detection threshold";
        Err(Error::Capacity { table: "tracks", limit, wanted, remedy })
    }

    /// Let the frame act on the tracks. `covers` says whether it looked where a track of a state
    /// at a time is.
    pub(super) fn commit<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        sensor: &SensorRules,
        time_ns: i64,
        covers: impl Fn(&Gaussian, i64) -> bool,
        born: impl Fn(&Self, usize) -> Gaussian,
    ) {
        let survival = self.survival(time_ns);
        self.newest_ns = Some(time_ns);
        self.table.forget_ended();
        self.update_states(model);
        self.count_chances(sensor, time_ns, survival, covers);
        for at in 0..self.association.births.len() {
            let index = self.association.births[at];
            let slot = self.begin_track(born(self, index as usize), index, sensor);
            self.association.taker[index as usize] = slot;
        }
    }

    fn update_states<const C: usize, M: Model<C>>(&mut self, model: M) {
        let noise_m2_s3 = self.rules.noise_m2_s3;
        let (states, measured) = (&mut self.table.states, &self.measured);
        match self.config.association {
            AssociationMethod::Gnn => {
                let taken_by = &self.association.taken_by;
                if taken_by.iter().any(|&measurement| measurement != FREE) {
                    let work = UpdateStates { model, taken_by, states, measured, noise_m2_s3 };
                    dispatch(self.level, work);
                }
            }
            AssociationMethod::Jpda => {
                let (candidates, weighed) = (&self.gating.candidates, &self.soft);
                let work = MixStates { model, candidates, weighed, states, measured, noise_m2_s3 };
                dispatch(self.level, work);
            }
        }
    }

    /// Weigh what the frame tells of each track's existence, and count its hit or miss.
    fn count_chances(
        &mut self,
        sensor: &SensorRules,
        time_ns: i64,
        survival: f64,
        covers: impl Fn(&Gaussian, i64) -> bool,
    ) {
        let Self { config, table, association, soft, measured, .. } = self;
        let TrackTable { lives, states, .. } = table;
        for (block, lives) in lives.chunks_mut(LANES).enumerate() {
            let (mut before, mut evidence) = ([0.0; LANES], Evidence::NONE);
            for (lane, life) in lives.iter().enumerate() {
                let slot = block * LANES + lane;
                before[lane] = life.existence;
                evidence.cost[lane] = association.cost_of[slot];
                let looked = life.goes_on()
                    && (association.taken_by[slot] != FREE || {
                        let slot = slot as u32;
                        covers(&states.state(slot), states.time_ns(slot))
                    });
                evidence.detection_probability[lane] =
                    if looked { sensor.detection_probability } else { 0.0 };
            }
            let after = existence::after_frame(&before, survival, &evidence);
            for (lane, life) in lives.iter_mut().enumerate().filter(|(_, life)| life.goes_on()) {
                let slot = block * LANES + lane;
                let outcome = soft.outcomes.get(slot).copied().flatten();
                life.begin_frame(outcome.map_or(after[lane], |outcome| outcome.existence));
                let measurement = association.taken_by[slot];
                if measurement != FREE {
                    life.hit(measurement, measured.times_ns[measurement as usize], config);
                } else if outcome.is_some_and(|outcome| outcome.detected > 0.5) {
                    life.hit(NO_DETECTION, states.time_ns(slot as u32), config);
                } else if outcome.is_some() || evidence.detection_probability[lane] > 0.0 {
                    life.miss(config);
                }
                life.expire(time_ns, config);
            }
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
