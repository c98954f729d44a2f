//! What the sensors of a running tracker report too much, frame by frame.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::{FrameHeader, parse_uuid};
use crate::online_registration::frame_queue::{BEFORE_ALL, FrameQueue, WaitingFrame};
use crate::online_registration::settings::OnlineSettings;
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::tracking::record::TrackRecord;
use crate::tracking::registration::estimator::Registration;
use crate::tracking::registration::settings::bias_of;
use crate::tracking::report::Viewpoint;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::tracker::{Tracker, TrackerName};

/// The registrations of one tracker's sensors.
pub struct OnlineRegistration {
    pub(super) settings: OnlineSettings,
    references: Vec<KnownSensor>,
    pub(super) sensors: Vec<SensorEstimator>,
    pub(super) queue: FrameQueue,
    /// Follows what the reference sensors see.
    pub(super) follower: Tracker,
    /// Room for its tracks.
    records: Vec<TrackRecord>,
}

/// A sensor, and the biases that the tracker's settings have for it.
#[derive(Clone, Copy, Debug)]
struct KnownSensor {
    sensor_id: [u8; 16],
    bias: SensorBias,
}

/// A sensor that is aligned.
pub struct SensorEstimator {
    known: KnownSensor,
    pub(super) registration: Registration,
    /// Pairs since it was aligned.
    pub(super) pair_count: u64,
    /// Frames, its own and the references', that told it nothing, as they could not be taken.
    pub(super) unused_frames: u64,
}

/// What is known of a sensor's biases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegistrationEstimate {
    /// Whether its detections are paired with targets: its offset was found and holds, or none is sought.
    pub is_aligned: bool,
    /// Whether the biases are taken out of its frames from now on.
    pub is_applied: bool,
    /// Pairs of a target and a detection since it was aligned.
    pub pair_count: u64,
    /// Targets that the reference sensors follow.
    pub target_count: u64,
    /// Frames, its own and the references', that were used for tracks but not here: older than others
    /// that were, or with too many pairs.
    pub unused_frames: u64,
    /// What it reports too much.
    pub bias: SensorBias,
    /// Standard deviations.
    pub std: SensorBias,
}

impl OnlineRegistration {
    /// Begin those of a tracker with the settings `tracker`.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`].
    pub fn new(
        settings: OnlineSettings,
        tracker: &TrackerConfig,
        name: TrackerName,
        level: SimdLevel,
    ) -> Result<Self> {
        settings.check(tracker)?;
        let references = settings.reference_ids.iter();
        let references = references.map(|id| known(id, tracker)).collect::<Result<_>>()?;
        let sensors = settings.of_each(tracker).map(|settings| {
            let known = known(&settings.sensor_id, tracker)?;
            let registration = Registration::new(settings)?;
            Ok(SensorEstimator { known, registration, pair_count: 0, unused_frames: 0 })
        });
        Ok(Self {
            sensors: sensors.collect::<Result<_>>()?,
            follower: Tracker::new(settings.follower(tracker), name, level)?,
            references,
            queue: FrameQueue::new((tracker.late_window_s * 1e9) as i64, BEFORE_ALL),
            records: Vec::new(),
            settings,
        })
    }

    /// The settings.
    pub const fn settings(&self) -> &OnlineSettings {
        &self.settings
    }

    /// What is to be taken out of a sensor's frames in place of what the tracker's settings say.
    pub fn applied_bias(&self, sensor_id: &[u8; 16]) -> Option<SensorBias> {
        let sensor = self.sensor(sensor_id).filter(|sensor| self.is_applied(sensor))?;
        Some(sensor.registration.bias())
    }

    /// What is known of a sensor; none where it is not to be aligned.
    pub fn estimate(&self, sensor_id: &[u8; 16]) -> Option<RegistrationEstimate> {
        let sensor = self.sensor(sensor_id)?;
        let covariance = sensor.registration.covariance();
        Some(RegistrationEstimate {
            is_aligned: sensor.registration.is_aligned(),
            is_applied: self.is_applied(sensor),
            pair_count: sensor.pair_count,
            target_count: sensor.registration.target_count() as u64,
            unused_frames: sensor.unused_frames,
            bias: sensor.registration.bias(),
            std: bias_of(&std::array::from_fn(|i| covariance[i][i].sqrt())),
        })
    }

    /// Note a frame as its sensor reports it, before it is known whether it is used.
    pub fn note(&mut self, header: &FrameHeader, detections: &[Detection]) {
        self.queue.forget_noted();
        let aligned = self.sensors.iter().map(|sensor| &sensor.known);
        let mut known = self.references.iter().chain(aligned);
        if let Some(known) = known.find(|known| known.sensor_id == header.sensor_id) {
            self.queue.note(header.time_ns - known.bias.time_ns(), header, detections);
        }
    }

    /// Let the frame noted last wait, as the tracker has used it, and take in those that have waited long
    /// enough. One of a sensor that takes no part is left out.
    pub fn use_noted(&mut self) {
        self.queue.put_noted();
        while let Some(mut frame) = self.queue.take() {
            let WaitingFrame { header, detections, .. } = &mut frame;
            let own = self.sensors.iter_mut().find(|it| it.known.sensor_id == header.sensor_id);
            if let Some(sensor) = own {
                let added = sensor.registration.add(header, detections);
                sensor.count(added.map(|pairs| pairs as u64));
            } else if self.follow(header, detections).is_err() {
                self.sensors.iter_mut().for_each(|sensor| sensor.unused_frames += 1);
            }
            self.queue.give_back(frame);
        }
    }

    /// Take in a reference sensor's frame.
    fn follow(&mut self, header: &FrameHeader, detections: &mut [Detection]) -> Result<()> {
        let Self { references, follower, records, sensors, .. } = self;
        let known = references.iter().find(|known| known.sensor_id == header.sensor_id);
        let bias = known.map_or(SensorBias::ZERO, |known| known.bias);
        let header = bias.checked_header(header)?;
        for detection in &mut *detections {
            *detection = bias.correct(detection);
        }
        follower.step_corrected(&header, detections)?;
        follower.report_touched(Viewpoint::from(&header), records);
        for sensor in sensors {
            let added = sensor.registration.add_reference(&header, detections, records);
            sensor.count(added.map(|()| 0));
        }
        Ok(())
    }

    fn sensor(&self, sensor_id: &[u8; 16]) -> Option<&SensorEstimator> {
        self.sensors.iter().find(|sensor| sensor.known.sensor_id == *sensor_id)
    }

    fn is_applied(&self, sensor: &SensorEstimator) -> bool {
        self.settings.apply
            && sensor.registration.is_aligned()
            && sensor.pair_count >= self.settings.min_pairs
    }
}

impl SensorEstimator {
    /// Count what a frame told. Once the offset is lost, nothing that was told counts.
    fn count(&mut self, pairs: Result<u64>) {
        match pairs {
            Ok(_) if !self.registration.is_aligned() => self.pair_count = 0,
            Ok(pairs) => self.pair_count += pairs,
            Err(_) => self.unused_frames += 1,
        }
    }
}

/// A sensor with what the tracker's settings have for it.
fn known(sensor_id: &str, tracker: &TrackerConfig) -> Result<KnownSensor> {
    let named = tracker.sensors.iter().find(|sensor| sensor.sensor_id == sensor_id);
    Ok(KnownSensor {
        sensor_id: parse_uuid("tracker.registration.sensor_id", sensor_id)?,
        bias: named.map_or(SensorBias::ZERO, |sensor| sensor.bias()),
    })
}
