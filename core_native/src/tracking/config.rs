//! Settings of a tracker, with their limits.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::tracking::identity_lists::check_ids;
use crate::tracking::motion_config::{MotionModelConfig, check_models};
use crate::tracking::object_type_config::{ObjectTypeConfig, check_object_types};
use crate::tracking::sensor_config::{MAX_SENSORS, SensorConfig};
use crate::tracking::user_motion::UserMotion;
use crate::tracking::user_motion_config::{give_models, sign_models};

/// Settings of a tracker. `qiki.tracking.TrackerConfig` has the same fields and defaults; a test
/// compares them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrackerConfig {
    /// Spectral density of the white noise acceleration, east and north \[m²/s³\].
    pub process_noise_m2_s3: f64,
    /// The same, up \[m²/s³\].
    pub vertical_process_noise_m2_s3: f64,
    /// Models by which targets move, at most four; without any, all move with constant velocity and
    /// the noise above.
    pub motion_models: Vec<MotionModelConfig>,
    /// Standard deviation of an unmeasured velocity component at birth \[m/s\].
    pub initial_speed_std_m_s: f64,
    /// The same, up \[m/s\].
    pub initial_vertical_speed_std_m_s: f64,
    /// Height assumed where neither elevation nor height is measured \[m\].
    pub assumed_height_m: f64,
    /// Its standard deviation \[m\].
    pub assumed_height_std_m: f64,
    /// Radius of the surface that heights are measured from \[m\]; 0 for a plane.
    pub earth_radius_m: f64,
    /// Probability that a target's detection falls inside its gate.
    pub gate_probability: f64,
    /// How detections are associated with tracks.
    pub association: AssociationMethod,
    /// Probability that a covered target is detected.
    pub detection_probability: f64,
    /// False alarms expected per frame over the whole coverage.
    pub clutter_per_frame: f64,
    /// New targets expected per frame over the whole coverage.
    pub births_per_frame: f64,
    /// Mean time that a target stays \[s\].
    pub mean_lifetime_s: f64,
    /// What confirms and ends tracks.
    pub confirm_by: ConfirmBy,
    /// Probability of existence from which a track is confirmed.
    pub confirm_existence: f64,
    /// Probability of existence below which a miss ends a track.
    pub delete_existence: f64,
    /// By hits: detections that confirm a track, out of the last `confirm_window` chances.
    pub confirm_hits: u32,
    /// By hits: chances looked back on for confirmation; a track that can no longer be confirmed
    /// ends.
    pub confirm_window: u32,
    /// By hits: misses in a row that end a confirmed track.
    pub delete_misses: u32,
    /// Time without a detection that ends any track \[s\].
    pub max_coast_s: f64,
    /// How far a frame may be ahead of the newest one used, or of the last one of its sensor for each of
    /// its numbers since \[s\]; `max_coast_s` where that is more. Beyond it is from the future and
    /// refused.
    pub max_ahead_s: f64,
    /// How much older than the newest frame used a frame message may be and still be used \[s\];
    /// 0 takes none. [`crate::tracking::tracker::Tracker`] itself takes none whatever it says.
    pub late_window_s: f64,
    /// Sensors with settings of their own; where any is named, frames of others are refused.
    pub sensors: Vec<SensorConfig>,
    /// Tracks at most.
    pub max_tracks: usize,
    /// Detections per frame at most.
    pub max_detections: usize,
    /// Probability that a reply says an address or a text that is not its target's.
    pub identity_garble_probability: f64,
    /// Probability that two targets near each other exchange what they replied.
    pub identity_swap_probability: f64,
    /// Transponder identities whose confirmed reply makes a track FRIEND; 100 000 at most.
    pub friendly_ids: Vec<String>,
    /// Transponder identities that make a track FOE; 100 000 at most, none of them friendly.
    pub hostile_ids: Vec<String>,
    /// Types of bodies that are told apart; without any, the type of all is unspecified.
    pub object_types: Vec<ObjectTypeConfig>,
    /// Probability from which the type of a track's body is told.
    pub confirm_object_type: f64,
    /// Standard deviation of one reported radar cross section about the mean of its body \[dB\].
    pub rcs_fluctuation_db: f64,
    /// Time constant of the correlation of its fluctuation \[s\].
    pub rcs_correlation_s: f64,
}

/// How detections are associated with tracks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AssociationMethod {
    /// Global nearest neighbour: each track takes one detection or none; see
    /// [`crate::tracking::association`].
    Gnn,
    /// Joint integrated probabilistic: each track takes each detection as far as it is probably
    /// its own; see [`crate::tracking::soft_association`].
    Jpda,
}

/// What confirms and ends tracks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmBy {
    /// The probability that they follow a target; see [`crate::tracking::existence`].
    Existence,
    /// Counts of hits and misses, M of N.
    Hits,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            process_noise_m2_s3: 1.0,
            vertical_process_noise_m2_s3: 1.0,
            motion_models: Vec::new(),
            initial_speed_std_m_s: 100.0,
            initial_vertical_speed_std_m_s: 30.0,
            assumed_height_m: 0.0,
            assumed_height_std_m: 1000.0,
            earth_radius_m: 0.0,
            gate_probability: 0.9999,
            association: AssociationMethod::Gnn,
            detection_probability: 0.9,
            clutter_per_frame: 10.0,
            births_per_frame: 1.0,
            mean_lifetime_s: 600.0,
            confirm_by: ConfirmBy::Existence,
            confirm_existence: 0.95,
            delete_existence: 0.01,
            confirm_hits: 3,
            confirm_window: 4,
            delete_misses: 5,
            max_coast_s: 30.0,
            max_ahead_s: 60.0,
            late_window_s: 1.0,
            sensors: Vec::new(),
            max_tracks: 20_000,
            max_detections: 20_000,
            identity_garble_probability: 1e-3,
            identity_swap_probability: 1e-3,
            friendly_ids: Vec::new(),
            hostile_ids: Vec::new(),
            object_types: Vec::new(),
            confirm_object_type: 0.8,
            rcs_fluctuation_db: 5.6,
            rcs_correlation_s: 1.0,
        }
    }
}

impl TrackerConfig {
    /// Settings from JSON text; unknown and out-of-range fields are named.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_json_with(text, &[])
    }

    /// The same where `motion_models` names models that a user wrote; `models` holds them in that
    /// order.
    pub fn from_json_with(text: &str, models: &[UserMotion]) -> Result<Self> {
        let mut config = Self::parse(text)?;
        give_models(&mut config.motion_models, models);
        let mut config = config.checked()?;
        sign_models(&mut config.motion_models);
        Ok(config)
    }

    /// What JSON text says, unchecked and without the models that it names.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            setting(&error.path().to_string(), error.inner(), "a field of TrackerConfig")
        })
    }

    /// The settings as JSON, fields in the order of the declaration.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| setting("tracker", error, "finite numbers"))
    }

    /// The settings themselves when every field is inside its limits.
    pub fn checked(self) -> Result<Self> {
        for (name, value) in [
            ("initial_speed_std_m_s", self.initial_speed_std_m_s),
            ("initial_vertical_speed_std_m_s", self.initial_vertical_speed_std_m_s),
            ("assumed_height_std_m", self.assumed_height_std_m),
            ("clutter_per_frame", self.clutter_per_frame),
            ("births_per_frame", self.births_per_frame),
            ("mean_lifetime_s", self.mean_lifetime_s),
            ("max_coast_s", self.max_coast_s),
            ("max_ahead_s", self.max_ahead_s),
        ] {
            require(name, value, value > 0.0 && value < 1e9, "above 0 and below 1e9")?;
        }
        for (name, value) in [
            ("process_noise_m2_s3", self.process_noise_m2_s3),
            ("vertical_process_noise_m2_s3", self.vertical_process_noise_m2_s3),
        ] {
            require(name, value, (0.0..1e9).contains(&value), "from 0 to 1e9")?;
        }
        let late = self.late_window_s;
        require("late_window_s", late, (0.0..=60.0).contains(&late), "0 for none, to 60")?;
        let height = self.assumed_height_m;
        require("assumed_height_m", height, height.abs() < 1e9, "between -1e9 and 1e9")?;
        let radius = self.earth_radius_m;
        let round_or_flat = radius == 0.0 || (1e3..1e12).contains(&radius);
        require("earth_radius_m", radius, round_or_flat, "0 for a plane, or 1e3 to 1e12")?;
        for (name, value) in [
            ("gate_probability", self.gate_probability),
            ("detection_probability", self.detection_probability),
        ] {
            require(name, value, (1e-6..=1.0 - 1e-12).contains(&value), "1e-6 to 1 - 1e-12")?;
        }
        for (name, value) in [
            ("identity_garble_probability", self.identity_garble_probability),
            ("identity_swap_probability", self.identity_swap_probability),
        ] {
            require(name, value, (1e-6..=0.2).contains(&value), "1e-6 to 0.2")?;
        }
        let confirm = self.confirm_existence;
        require("confirm_existence", confirm, (0.01..=0.999).contains(&confirm), "0.01 to 0.999")?;
        let delete = self.delete_existence;
        let below = format!("1e-6 to below confirm_existence, {confirm}");
        require("delete_existence", delete, (1e-6..confirm).contains(&delete), &below)?;
        for (name, value, low, high) in [
            ("confirm_object_type", self.confirm_object_type, 0.51, 0.999_999),
            ("rcs_fluctuation_db", self.rcs_fluctuation_db, 0.1, 50.0),
            ("rcs_correlation_s", self.rcs_correlation_s, 1e-3, 1e6),
        ] {
            require(name, value, (low..=high).contains(&value), &format!("{low} to {high}"))?;
        }
        check_object_types(&self.object_types)?;
        check_models(&self.motion_models)?;
        self.check_noise_counts()?;
        self.check_counts()?;
        Ok(self)
    }

    /// Refuse process noise beside motion models, which would count for nothing.
    fn check_noise_counts(&self) -> Result<()> {
        let default = Self::default();
        let noises = [
            ("process_noise_m2_s3", self.process_noise_m2_s3, default.process_noise_m2_s3),
            (
                "vertical_process_noise_m2_s3",
                self.vertical_process_noise_m2_s3,
                default.vertical_process_noise_m2_s3,
            ),
        ];
        noises.into_iter().try_for_each(|(name, value, default)| {
            let limit = format!(
                "{default}, its default, where motion_models have noise of their own: set theirs, or \
                 motion_models to none"
            );
            require(name, value, self.motion_models.is_empty() || value == default, &limit)
        })
    }

    fn check_counts(&self) -> Result<()> {
        let window = self.confirm_window;
        require("confirm_window", window, (1..=32).contains(&window), "1 to 32")?;
        let hits = self.confirm_hits;
        require("confirm_hits", hits, (1..=window).contains(&hits), "1 to confirm_window")?;
        let misses = self.delete_misses;
        require("delete_misses", misses, (1..=1000).contains(&misses), "1 to 1000")?;
        for (name, value) in
            [("max_tracks", self.max_tracks), ("max_detections", self.max_detections)]
        {
            require(name, value, (1..=10_000_000).contains(&value), "1 to 10000000")?;
        }
        let sensors = self.sensors.len();
        require("sensors", sensors, sensors <= MAX_SENSORS, "at most 256")?;
        for (index, sensor) in self.sensors.iter().enumerate() {
            sensor.check(index)?;
        }
        check_ids(self)
    }
}

pub(super) fn require(name: &str, value: impl ToString, holds: bool, limit: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(setting(name, value, limit)) }
}

pub(super) fn setting(name: &str, value: impl ToString, limit: &str) -> Error {
    Error::Setting {
        setting: format!("tracker.{name}"),
        value: value.to_string(),
        limit: limit.into(),
        remedy: "see qiki.tracking.TrackerConfig".into(),
    }
}
