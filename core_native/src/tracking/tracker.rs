//! The tracker: one frame in, the state of every track out.
//!
//! A step first works out everything without touching a track (measurements, gates, assignment,
//! room for births) and only then commits, so a refused frame changes nothing. Tracks live in
//! slots; `order` lists the living ones by number, which fixes the order of every result.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::frame_limits::check_time;
use crate::naming::uuid_of_number;
use crate::simd::{SimdLevel, dispatch};
use crate::tracking::association::Association;
use crate::tracking::birth;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::{FrameMeasurements, channels_of_all, curvature_per_m};
use crate::tracking::gating::Gating;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle;
use crate::tracking::measurement::{Model, POLAR, POSITION, PolarModel, PositionModel};
use crate::tracking::record::{TrackRecord, event, status};
use crate::tracking::report::{Viewpoint, WriteRecords};
use crate::tracking::rules::Rules;
use crate::tracking::step_input::{assumed_volume_m3, check_frame_for_step, check_positions};
use crate::tracking::track::{Track, is_covered};
use crate::tracking::update::UpdateStates;

/// Who the tracker is: part of every track id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackerName {
    /// UUID of the tracker.
    pub tracker_id: [u8; 16],
    /// One run of its numbering; a new one starts at track 1 again.
    pub epoch: u64,
}

/// Turns frames into tracks.
pub struct Tracker {
    pub(super) name: TrackerName,
    pub(super) config: TrackerConfig,
    pub(super) slots: Vec<Track>,
    /// Slots in use, by track number.
    pub(super) order: Vec<u32>,
    pub(super) free: Vec<u32>,
    pub(super) next_number: u64,
    /// Time of the newest frame used \[ns\].
    pub(super) newest_ns: Option<i64>,
    rules: Rules,
    level: SimdLevel,
    measured: FrameMeasurements,
    gating: Gating,
    association: Association,
    /// Slots of the tracks that the last frame did not end.
    living: Vec<u32>,
    track_of_detection: Vec<u64>,
}

impl Tracker {
    /// A tracker without tracks.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its limits or a level this machine cannot run.
    pub fn new(config: TrackerConfig, name: TrackerName, level: SimdLevel) -> Result<Self> {
        let config = config.checked()?;
        Ok(Self {
            name,
            rules: Rules::new(&config),
            level: level.checked()?,
            config,
            slots: Vec::new(),
            order: Vec::new(),
            free: Vec::new(),
            next_number: 1,
            newest_ns: None,
            measured: FrameMeasurements::default(),
            gating: Gating::default(),
            association: Association::default(),
            living: Vec::new(),
            track_of_detection: Vec::new(),
        })
    }

    /// The settings.
    pub const fn config(&self) -> &TrackerConfig {
        &self.config
    }

    /// Who the tracker is.
    pub const fn name(&self) -> TrackerName {
        self.name
    }

    /// Living tracks, those that the last frame ended included.
    pub const fn track_count(&self) -> usize {
        self.order.len()
    }

    /// Number of the track that took each detection of the last frame or was born by it.
    pub fn track_of_detection(&self) -> &[u64] {
        &self.track_of_detection
    }

    /// Take in one frame of polar detections.
    ///
    /// # Errors
    /// [`Error::Late`] for a frame older than one already used, [`Error::Frame`] for a detection
    /// without range or bearing or with a time after the frame's, [`Error::Capacity`] for too many
    /// detections or tracks. The tracker is then as it was.
    pub fn step(&mut self, header: &FrameHeader, detections: &[Detection]) -> Result<()> {
        self.check_order(header.number, header.time_ns)?;
        self.check_room_for_detections(detections.len())?;
        check_frame_for_step(header, detections)?;
        self.measured.from_frame(header, detections, &self.config, &self.rules.gates);
        let model = PolarModel {
            sensor_velocity_m_s: header.sensor_velocity_m_s,
            curvature_per_m: curvature_per_m(&self.config),
            counts: channels_of_all(detections),
        };
        self.associate::<POLAR, _>(model)?;
        self.commit::<POLAR, _>(
            model,
            header.time_ns,
            |track| is_covered(track, header),
            |track, index| track.describe(&detections[index]),
            |tracker, index| {
                let row = &tracker.measured.rows[index];
                birth::from_detection(&detections[index], row, &model, &tracker.config)
            },
        );
        Ok(())
    }

    /// Take in one scan of measured positions at one time, of which all tracks were in view.
    ///
    /// `covariances_m2` holds one matrix for all or one each. `volume_m3` is the volume in which
    /// false alarms are spread; without, the box around the positions where they are more than the
    /// false alarms expected, else ample.
    ///
    /// # Errors
    /// As [`Tracker::step`]; [`Error::Frame`] also for a value that is not finite or a covariance
    /// that is not positive definite.
    pub fn step_positions(
        &mut self,
        time_ns: i64,
        positions_m: &[[f64; 3]],
        covariances_m2: &[[[f64; 3]; 3]],
        volume_m3: Option<f64>,
    ) -> Result<()> {
        check_time("time_ns", time_ns)?;
        self.check_order(0, time_ns)?;
        self.check_room_for_detections(positions_m.len())?;
        let volume_m3 = volume_m3.unwrap_or_else(|| {
            let (alarms, gate) = (self.config.clutter_per_frame, self.rules.gates.of(3));
            assumed_volume_m3(positions_m, covariances_m2, alarms, gate)
        });
        check_positions(positions_m, covariances_m2, volume_m3)?;
        let ln_density = libm::log(self.config.clutter_per_frame) - libm::log(volume_m3);
        let gates = &self.rules.gates;
        self.measured.from_positions(time_ns, positions_m, covariances_m2, ln_density, gates)?;
        self.associate::<POSITION, _>(PositionModel)?;
        self.commit::<POSITION, _>(
            PositionModel,
            time_ns,
            |_| true,
            |_, _| {},
            |tracker, index| {
                let covariance = covariances_m2.get(index).unwrap_or(&covariances_m2[0]);
                birth::at_position(positions_m[index], covariance, &tracker.config)
            },
        );
        Ok(())
    }

    /// Write a record for each track that the last frame touched, by track number.
    pub fn report_touched(&self, seen_from: Viewpoint, records: &mut Vec<TrackRecord>) {
        let touched = |slot: &&u32| self.slots[**slot as usize].event != event::NONE;
        let slots: Vec<u32> = self.order.iter().filter(touched).copied().collect();
        self.report(&slots, seen_from, records);
    }

    /// A record for each living track at `time_ns`, by track number, seen from the origin.
    ///
    /// # Errors
    /// [`Error::Setting`] for a time before the newest frame's, [`Error::Frame`] for one out of range.
    pub fn picture(&self, time_ns: i64) -> Result<Vec<TrackRecord>> {
        check_time("time_ns", time_ns)?;
        if let Some(newest_ns) = self.newest_ns.filter(|&newest_ns| time_ns < newest_ns) {
            return Err(Error::Setting {
                setting: "time_ns".into(),
                value: time_ns.to_string(),
                limit: format!("at least the newest frame's time {newest_ns}"),
                remedy: "the states before it are gone; ask for a later time".into(),
            });
        }
        let mut records = Vec::new();
        self.report_all(Viewpoint::origin(time_ns), &mut records);
        Ok(records)
    }

    /// Write a record for each living track, by track number.
    fn report_all(&self, seen_from: Viewpoint, records: &mut Vec<TrackRecord>) {
        let lives = |slot: &&u32| self.slots[**slot as usize].event != event::ENDED;
        let slots: Vec<u32> = self.order.iter().filter(lives).copied().collect();
        self.report(&slots, seen_from, records);
    }

    /// Time of the newest frame used \[ns\].
    pub const fn newest_ns(&self) -> Option<i64> {
        self.newest_ns
    }

    fn report(&self, slots: &[u32], seen_from: Viewpoint, records: &mut Vec<TrackRecord>) {
        let work = WriteRecords {
            slots,
            tracks: &self.slots,
            config: &self.config,
            noise_m2_s3: self.rules.noise_m2_s3,
            seen_from,
            records,
        };
        dispatch(self.level, work);
    }

    fn check_order(&self, number: u64, time_ns: i64) -> Result<()> {
        match self.newest_ns {
            Some(newest_ns) if time_ns < newest_ns => {
                Err(Error::Late { number, time_ns, newest_ns })
            }
            _ => Ok(()),
        }
    }

    const fn check_room_for_detections(&self, wanted: usize) -> Result<()> {
        let limit = self.config.max_detections;
        if wanted <= limit {
            return Ok(());
        }
        let remedy = "raise tracker.max_detections or send the frame as sectors";
        Err(Error::Capacity { table: "detections of a frame", limit, wanted, remedy })
    }

    /// Find which detection each track takes; reads the tracks only.
    fn associate<const C: usize, M: Model<C> + Copy>(&mut self, model: M) -> Result<()> {
        let (tracks, measured) = (&self.slots, &self.measured);
        self.living.clear();
        let lives = |slot: &u32| tracks[*slot as usize].event != event::ENDED;
        self.living.extend(self.order.iter().copied().filter(lives));
        let noise = self.rules.noise_m2_s3;
        self.gating.run::<C, M>(self.level, model, &self.living, tracks, measured, noise)?;
        self.association.begin(measured.rows.len());
        let (pairs, scores) = (&self.gating.pairs, &self.gating.scores);
        let confirmed = |slot: u32| tracks[slot as usize].is_confirmed();
        let bonus = self.rules.miss_bonus;
        self.association.assign(pairs, scores, bonus, confirmed)?;
        self.association.assign(pairs, scores, bonus, |slot| !confirmed(slot))?;
        self.check_room_for_births()
    }

    fn check_room_for_births(&self) -> Result<()> {
        let births = self.measured.rows.len() - self.association.chosen.len();
        let (wanted, limit) = (self.living.len() + births, self.config.max_tracks);
        if wanted <= limit {
            return Ok(());
        }
        let remedy = "raise tracker.max_tracks or the radar's detection threshold";
        Err(Error::Capacity { table: "tracks", limit, wanted, remedy })
    }

    /// Free the slots of the tracks that the last frame ended and has reported.
    fn forget_ended(&mut self) {
        let (slots, free) = (&self.slots, &mut self.free);
        self.order.retain(|&slot| {
            let lives = slots[slot as usize].event != event::ENDED;
            if !lives {
                free.push(slot);
            }
            lives
        });
    }

    /// Let the frame act on the tracks.
    fn commit<const C: usize, M: Model<C>>(
        &mut self,
        model: M,
        time_ns: i64,
        covers: impl Fn(&Track) -> bool,
        describe: impl Fn(&mut Track, usize),
        born: impl Fn(&Self, usize) -> Gaussian,
    ) {
        self.newest_ns = Some(time_ns);
        self.forget_ended();
        for &slot in &self.order {
            self.slots[slot as usize].begin_frame();
        }
        self.update_states(model);
        self.track_of_detection.clear();
        self.track_of_detection.resize(self.measured.rows.len(), 0);
        for pair in &self.association.chosen {
            let index = pair.measurement as usize;
            let track = &mut self.slots[pair.slot as usize];
            track.detection_index = pair.measurement;
            lifecycle::hit(track, &self.config);
            describe(track, index);
            track.identity.friend_foe = self.rules.friend_foe(track);
            self.track_of_detection[index] = track.number;
        }
        for &slot in &self.order {
            let track = &mut self.slots[slot as usize];
            if track.event == event::NONE {
                if covers(track) {
                    lifecycle::miss(track, &self.config);
                }
                lifecycle::expire(track, time_ns, &self.config);
            }
        }
        for index in 0..self.measured.rows.len() {
            if !self.association.is_taken(index) {
                let state = born(self, index);
                let slot = self.add_track(state, index);
                let track = &mut self.slots[slot as usize];
                describe(track, index);
                track.identity.friend_foe = self.rules.friend_foe(track);
                if self.config.confirm_hits == 1 {
                    track.status = status::TRACKED;
                }
            }
        }
    }

    fn update_states<const C: usize, M: Model<C>>(&mut self, model: M) {
        let work = UpdateStates {
            model,
            pairs: &self.association.chosen,
            tracks: &mut self.slots,
            measured: &self.measured,
            noise_m2_s3: self.rules.noise_m2_s3,
        };
        dispatch(self.level, work);
    }

    fn add_track(&mut self, state: Gaussian, index: usize) -> u32 {
        let number = self.next_number;
        self.next_number += 1;
        let time_ns = self.measured.times_ns[index];
        let track = Track::new(number, self.name.track_id(number), state, time_ns, index as u32);
        self.track_of_detection[index] = number;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = track;
                slot
            }
            None => {
                self.slots.push(track);
                self.slots.len() as u32 - 1
            }
        };
        self.order.push(slot);
        slot
    }
}

impl TrackerName {
    /// UUID v5 of (epoch, number) in the tracker's namespace.
    pub fn track_id(&self, number: u64) -> [u8; 16] {
        uuid_of_number(&self.tracker_id, self.epoch, number)
    }
}
