//! What a frame of any kind does: associate, then act on the tracks.

use crate::error::{Error, Result};
use crate::simd::{LANES, dispatch};
use crate::tracking::association::FREE;
use crate::tracking::existence::{self, Evidence};
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::Model;
use crate::tracking::track::Track;
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::Tracker;
use crate::tracking::update::UpdateStates;

impl Tracker {
    /// Find which detection each track takes; reads the tracks only.
    pub(super) fn associate<const C: usize, M: Model<C>>(&mut self, model: M) -> Result<()> {
        let (states, lives, measured) = (&self.table.states, &self.table.lives, &self.measured);
        let noise = self.rules.noise_m2_s3;
        self.gating.run::<C, M>(self.level, model, states, lives, measured, noise)?;
        let (candidates, bonus) = (&self.gating.candidates, self.rules.miss_bonus);
        self.association.assign(candidates, lives, measured.count(), bonus)?;
        self.check_room_for_births()
    }

    fn check_room_for_births(&self) -> Result<()> {
        let births = self.measured.count() - self.association.taken_count;
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
        time_ns: i64,
        covers: impl Fn(&Gaussian, i64) -> bool,
        born: impl Fn(&Self, usize) -> Gaussian,
    ) {
        let since_ns = self.newest_ns.replace(time_ns).unwrap_or(time_ns);
        self.table.forget_ended();
        if self.association.taken_count > 0 {
            let work = UpdateStates {
                model,
                taken_by: &self.association.taken_by,
                states: &mut self.table.states,
                measured: &self.measured,
                noise_m2_s3: self.rules.noise_m2_s3,
            };
            dispatch(self.level, work);
        }
        self.count_chances(time_ns, since_ns, covers);
        for index in 0..self.measured.count() {
            if self.association.taker[index] == FREE {
                self.association.taker[index] = self.begin_track(born(self, index), index);
            }
        }
    }

    /// Weigh what the frame tells of each track's existence, and count its hit or miss.
    fn count_chances(
        &mut self,
        time_ns: i64,
        since_ns: i64,
        covers: impl Fn(&Gaussian, i64) -> bool,
    ) {
        let Self { config, table, association, .. } = self;
        let survival = existence::survival((time_ns - since_ns) as f64 * 1e-9, config);
        let (taken_by, costs) = (&association.taken_by, &association.cost_of);
        let TrackTable { lives, states, .. } = table;
        for (block, lives) in lives.chunks_mut(LANES).enumerate() {
            let slots = block * LANES..block * LANES + lives.len();
            let (mut before, mut evidence) = ([0.0; LANES], Evidence::NONE);
            for (lane, slot) in slots.clone().enumerate() {
                before[lane] = lives[lane].existence;
                evidence.cost[lane] = costs[slot];
                let looked = lives[lane].goes_on()
                    && (taken_by[slot] != FREE || {
                        let slot = slot as u32;
                        covers(&states.state(slot), states.time_ns(slot))
                    });
                evidence.detection_probability[lane] =
                    if looked { config.detection_probability } else { 0.0 };
            }
            let after = existence::after_frame(&before, survival, &evidence);
            for (lane, slot) in slots.enumerate() {
                let life = &mut lives[lane];
                if !life.goes_on() {
                    continue;
                }
                life.begin_frame(after[lane]);
                if taken_by[slot] != FREE {
                    life.hit(taken_by[slot], config);
                    continue;
                }
                if evidence.detection_probability[lane] > 0.0 {
                    life.miss(config);
                }
                life.expire(time_ns - states.time_ns(slot as u32), config);
            }
        }
    }

    fn begin_track(&mut self, state: Gaussian, index: usize) -> u32 {
        let number = self.table.next_number;
        let birth_ns = self.measured.times_ns[index];
        let track = Track { number, track_id: self.ids.id(number), birth_ns };
        let life = Life::born(index as u32, &self.config);
        self.table.add(track, life, &state)
    }
}
