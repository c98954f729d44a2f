//! The tracker: one frame in, the state of every track out.
//!
//! A step first works out everything without touching a track (measurements, gates, assignment,
//! room for births) and only then commits, so a refused frame changes nothing.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::frame_limits::check_time;
use crate::naming::NumberedIds;
use crate::simd::{SimdLevel, dispatch};
use crate::tracking::association::Association;
use crate::tracking::checkpoint::Checkpoint;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_effect::Chances;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gating::Gating;
use crate::tracking::identity_evidence::IdentityEvidence;
use crate::tracking::identity_refutation::IdentityRefutation;
use crate::tracking::lanes::StateLanes;
use crate::tracking::lifecycle::Life;
use crate::tracking::motion_config::bank_of;
use crate::tracking::record::{TrackRecord, event};
use crate::tracking::report::{UNTOLD, Viewpoint, WriteRecords};
use crate::tracking::rules::Rules;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::soft_association::SoftAssociation;
use crate::tracking::step_input::check_frame_for_step;
use crate::tracking::track_table::TrackTable;
use crate::tracking::used_names::UsedNames;

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
    pub(super) table: TrackTable,
    /// Time of the newest frame used \[ns\].
    pub(super) newest_ns: Option<i64>,
    /// Names of the frames used.
    pub(super) used_names: UsedNames,
    /// Names of the tracks.
    pub(super) ids: NumberedIds,
    pub(super) rules: Rules,
    pub(super) level: SimdLevel,
    pub(super) measured: FrameMeasurements,
    pub(super) gating: Gating,
    pub(super) association: Association,
    pub(super) soft: SoftAssociation,
    pub(super) chances: Chances,
    /// What the tracks were, to go back to; used where a user's model may refuse a frame.
    pub(super) before: Checkpoint,
    /// Room for positions that are worked out of what was measured, and their covariances.
    pub(super) starts: (Vec<[f64; 3]>, Vec<[[f64; 3]; 3]>),
    /// Room for the states of the tracks that a frame begins.
    pub(super) begun: Vec<StateLanes>,
    /// What replies tell of whose each detection is.
    pub(super) evidence: IdentityEvidence,
    /// Which claims do not fit the motion.
    pub(super) refutation: IdentityRefutation,
    /// Room for the detections of a sensor with a bias.
    corrected: Vec<Detection>,
    /// Place of each slot in the last report.
    places: Vec<u32>,
}

impl Tracker {
    /// A tracker without tracks.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its limits or a level this machine cannot run.
    pub fn new(config: TrackerConfig, name: TrackerName, level: SimdLevel) -> Result<Self> {
        let (config, level) = (config.checked()?, level.checked()?);
        let bank = bank_of(&config.motion_models);
        // A user's model is asked of later times alone.
        let oldest_s = if bank.has_user_models() { 0.0 } else { config.max_coast_s };
        Ok(Self {
            name,
            ids: NumberedIds::new(&name.tracker_id, name.epoch),
            rules: Rules::new(&config)?,
            level,
            table: TrackTable::with_bank(bank),
            newest_ns: None,
            used_names: UsedNames::default(),
            measured: FrameMeasurements::default(),
            gating: Gating::new(level, (oldest_s * 1e9) as i64),
            association: Association::default(),
            soft: SoftAssociation::default(),
            chances: Chances::default(),
            before: Checkpoint::default(),
            starts: Default::default(),
            begun: Vec::new(),
            evidence: IdentityEvidence::default(),
            refutation: IdentityRefutation::default(),
            corrected: Vec::new(),
            places: Vec::new(),
            config,
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
        self.table.order.len()
    }

    /// Living tracks that have been confirmed.
    pub fn confirmed_count(&self) -> usize {
        self.table.lives.iter().filter(|life| life.is_confirmed()).count()
    }

    /// Number of the track that took each detection of the last frame or was born by it; 0 for one
    /// that is of no track more probably than not. Empty in a restored tracker, which has no last
    /// frame.
    pub fn track_of_detection(&self) -> Vec<u64> {
        let TrackTable { order, lives, tracks, .. } = &self.table;
        let mut numbers = vec![0; self.table.detection_count];
        for slot in order.iter().map(|&slot| slot as usize) {
            // NO_DETECTION is behind the end too.
            if let Some(number) = numbers.get_mut(lives[slot].detection_index as usize) {
                *number = tracks[slot].number;
            }
        }
        numbers
    }

    /// The detection that began each track of the last frame, by track number.
    pub fn births(&self) -> impl Iterator<Item = u32> + '_ {
        let TrackTable { order, lives, .. } = &self.table;
        let life = |&slot: &u32| &lives[slot as usize];
        // The newest numbers stand last.
        let count = order.iter().rev().take_while(|slot| life(slot).event == event::BORN).count();
        order[order.len() - count..].iter().map(move |slot| life(slot).detection_index)
    }

    /// Take in one frame of polar detections.
    ///
    /// # Errors
    /// [`Error::Late`] for a frame older than one already used, [`Error::Ahead`] for one from the
    /// future, [`Error::Frame`] for one that was used, for a detection without range or bearing,
    /// with a time after the frame's or a range below its sensor's bias, [`Error::Capacity`] for too
    /// many detections or tracks, [`Error::Model`] for what a user's motion model must not answer.
    /// The tracker is then as it was.
    pub fn step(&mut self, header: &FrameHeader, detections: &[Detection]) -> Result<()> {
        let bias = self.check_reported(header, detections, None)?;
        if bias == SensorBias::ZERO {
            self.check_not_ahead(header)?;
            return self.step_corrected(header, detections);
        }
        let header = bias.checked_header(header)?;
        self.check_not_ahead(&header)?;
        let mut corrected = std::mem::take(&mut self.corrected);
        corrected.clear();
        corrected.extend(detections.iter().map(|detection| bias.correct(detection)));
        let done = self.step_corrected(&header, &corrected);
        self.corrected = corrected;
        done
    }

    /// Take the bias of its sensor out of a frame: its header, which is returned, and `detections`
    /// then say what was there. `found` counts in place of what the settings have for the sensor.
    ///
    /// # Errors
    /// [`Error::Frame`] and [`Error::Capacity`] as [`Tracker::step`].
    pub fn correct(
        &self,
        header: &FrameHeader,
        detections: &mut [Detection],
        found: Option<SensorBias>,
    ) -> Result<FrameHeader> {
        let bias = self.check_reported(header, detections, found)?;
        if bias == SensorBias::ZERO {
            return Ok(*header);
        }
        let corrected = bias.checked_header(header)?;
        for detection in detections {
            *detection = bias.correct(detection);
        }
        Ok(corrected)
    }

    /// The time and the place that a frame was used for.
    ///
    /// # Errors
    /// [`Error::Frame`] for a frame that cannot be used.
    pub fn viewpoint_of(&self, header: &FrameHeader) -> Result<Viewpoint> {
        let bias = self.rules.sensors.rules(&header.sensor_id)?.bias;
        Ok(Viewpoint::from(&bias.checked_header(header)?))
    }

    /// Refuse what no frame of its sensor can be, whatever was used before; its sensor's bias.
    fn check_reported(
        &self,
        header: &FrameHeader,
        detections: &[Detection],
        found: Option<SensorBias>,
    ) -> Result<SensorBias> {
        self.check_room_for_detections(detections.len())?;
        check_frame_for_step(header, detections)?;
        let bias = found.unwrap_or(self.rules.sensors.rules(&header.sensor_id)?.bias);
        bias.check_ranges(detections)?;
        Ok(bias)
    }

    /// Refuse a frame from the future.
    ///
    /// # Errors
    /// [`Error::Ahead`].
    pub fn check_not_ahead(&self, header: &FrameHeader) -> Result<()> {
        let Some(newest_ns) = self.newest_ns else { return Ok(()) };
        let most_s = self.config.max_ahead_s.max(self.config.max_coast_s);
        self.used_names.check_not_ahead(header, newest_ns, most_s)
    }

    /// Take in a frame that is without bias, as [`Tracker::correct`] gives it, and not from the
    /// future.
    ///
    /// # Errors
    /// The others of [`Tracker::step`].
    pub fn step_corrected(&mut self, header: &FrameHeader, detections: &[Detection]) -> Result<()> {
        self.check_order(header.number, header.time_ns)?;
        self.used_names.check_new(header)?;
        let sensor = *self.rules.sensors.rules(&header.sensor_id)?;
        self.step_new(header, detections, &sensor)?;
        self.used_names.note(header);
        Ok(())
    }

    /// Write a record for each track that the last frame touched, by track number, in place of what
    /// `records` holds.
    pub fn report_touched(&mut self, seen_from: Viewpoint, records: &mut Vec<TrackRecord>) {
        self.report(|life| life.event != event::NONE, seen_from, records);
    }

    /// A record for each living track, by track number.
    ///
    /// # Errors
    /// [`Error::Setting`] for a time before the newest frame's, [`Error::Frame`] for one out of range,
    /// [`Error::Model`] for what a user's motion model must not answer.
    pub fn picture(&mut self, seen_from: Viewpoint) -> Result<Vec<TrackRecord>> {
        let time_ns = seen_from.time_ns;
        check_time("time_ns", time_ns)?;
        if let Some(newest_ns) = self.newest_ns.filter(|&newest_ns| time_ns < newest_ns) {
            return Err(Error::Setting {
                setting: "time_ns".into(),
                value: time_ns.to_string(),
                limit: format!("at least the newest frame's time {newest_ns}"),
                remedy: "the states before it are gone; ask for a later time".into(),
            });
        }
        self.check_ahead(time_ns)?;
        let mut records = Vec::new();
        self.report_living(seen_from, &mut records);
        Ok(records)
    }

    /// Write a record for each living track, by track number, in place of what `records` holds.
    /// The time of `seen_from` must not be before the newest frame's.
    pub fn report_living(&mut self, seen_from: Viewpoint, records: &mut Vec<TrackRecord>) {
        self.report(Life::goes_on, seen_from, records);
    }

    /// Time of the newest frame used \[ns\].
    pub const fn newest_ns(&self) -> Option<i64> {
        self.newest_ns
    }

    /// Write a record for each track that `tells` lets through, by track number, in place of what
    /// `records` holds.
    fn report(
        &mut self,
        tells: impl Fn(&Life) -> bool,
        seen_from: Viewpoint,
        records: &mut Vec<TrackRecord>,
    ) {
        let told = |slot: &&u32| tells(&self.table.lives[**slot as usize]);
        self.places.clear();
        self.places.resize(self.table.lives.len(), UNTOLD);
        let mut count = 0;
        for &slot in self.table.order.iter().filter(told) {
            self.places[slot as usize] = count;
            count += 1;
        }
        records.resize(count as usize, TrackRecord::EMPTY);
        let work = WriteRecords {
            places: &self.places,
            table: &self.table,
            noise_m2_s3: self.rules.noise_m2_s3,
            seen_from,
            records,
        };
        dispatch(self.level, work);
        if let Some(types) = &self.rules.object_types {
            let told = self.places.iter().enumerate().filter(|(_, place)| **place != UNTOLD);
            for (slot, &place) in told {
                types.tell(self.table.description(slot), &mut records[place as usize]);
            }
        }
    }

    pub(super) fn check_order(&self, number: u64, time_ns: i64) -> Result<()> {
        match self.newest_ns {
            Some(newest_ns) if time_ns < newest_ns => {
                Err(Error::Late { number, time_ns, newest_ns, oldest_ns: newest_ns })
            }
            _ => Ok(()),
        }
    }

    pub(super) const fn check_room_for_detections(&self, wanted: usize) -> Result<()> {
        let limit = self.config.max_detections;
        if wanted <= limit {
            return Ok(());
        }
        let remedy = "raise tracker.max_detections or send the frame as sectors";
        Err(Error::Capacity { table: "detections of a frame", limit, wanted, remedy })
    }
}
