//! Settings of a registration in a running tracker, with their limits.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::frame::parse_uuid;
use crate::tracking::config::TrackerConfig;
use crate::tracking::registration::settings::RegistrationSettings;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::sensor_config::MAX_SENSORS;

/// Sensors at most whose biases one tracker seeks.
pub const MAX_ALIGNED: usize = 16;
/// Pairs at most that may be waited for.
const MAX_PAIRS: u64 = 1_000_000_000;

/// Which sensors are believed, which are aligned to them. `qiki.tracking.RegistrationConfig` has the same
/// fields and defaults; a test compares them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnlineSettings {
    /// UUIDs of the sensors that are believed, but for the biases that the tracker has for them.
    pub reference_ids: Vec<String>,
    /// Sensors whose biases are sought.
    pub sensors: Vec<AlignedSensor>,
    /// Spectral density of the white noise acceleration of the targets, east and north \[m²/s³\]; the
    /// tracker's without.
    pub process_noise_m2_s3: Option<f64>,
    /// The same, up \[m²/s³\].
    pub vertical_process_noise_m2_s3: Option<f64>,
    /// Whether the estimates are taken out of the sensors' frames, or told only.
    pub apply: bool,
    /// Pairs of a target and a detection, since the sensor was aligned, from which an estimate is applied.
    pub min_pairs: u64,
}

/// What may be expected of one sensor's biases before anything is known: standard deviations about what
/// `tracker.sensors` has for it, or about none; with 0 a bias is known.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlignedSensor {
    /// UUID of the sensor.
    pub sensor_id: String,
    /// Of its place, east and north \[m\].
    pub position_std_m: f64,
    /// Of its ranges \[m\].
    pub range_std_m: f64,
    /// Of its bearings \[deg\].
    pub bearing_std_deg: f64,
    /// Of its times \[s\].
    pub time_std_s: f64,
    /// How far, east and north, its plots are first sought from the targets \[m\].
    pub search_m: f64,
}

impl Default for OnlineSettings {
    fn default() -> Self {
        Self {
            reference_ids: Vec::new(),
            sensors: Vec::new(),
            process_noise_m2_s3: None,
            vertical_process_noise_m2_s3: None,
            apply: false,
            min_pairs: 200,
        }
    }
}

impl Default for AlignedSensor {
    fn default() -> Self {
        Self {
            sensor_id: String::new(),
            position_std_m: 1000.0,
            range_std_m: 100.0,
            bearing_std_deg: 0.5,
            time_std_s: 0.5,
            search_m: 5000.0,
        }
    }
}

impl OnlineSettings {
    /// Settings from JSON text; what is unknown is named. Their limits depend on a tracker's settings:
    /// [`OnlineSettings::check`].
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn from_json(text: &str) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            refuse(&path, error.inner(), "a field of RegistrationConfig", "correct it")
        })
    }

    /// The settings as JSON.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is not finite.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| refuse("sensors", error, "finite numbers", "correct them"))
    }

    /// Refuse what cannot work beside the settings of the tracker. What [`RegistrationSettings`] checks is
    /// left to it.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check(&self, tracker: &TrackerConfig) -> Result<()> {
        let (references, aligned) = (self.reference_ids.len(), self.sensors.len());
        if !(1..=MAX_SENSORS).contains(&references) {
            let (limit, remedy) = (format!("1 to {MAX_SENSORS}"), "name the sensors to believe");
            return Err(refuse("reference_ids", format!("{references} sensors"), &limit, remedy));
        }
        if !(1..=MAX_ALIGNED).contains(&aligned) {
            let (limit, remedy) = (format!("1 to {MAX_ALIGNED}"), "name those to be aligned");
            return Err(refuse("sensors", format!("{aligned} sensors"), &limit, remedy));
        }
        if !(1..=MAX_PAIRS).contains(&self.min_pairs) {
            let limit = format!("1 to {MAX_PAIRS}");
            return Err(refuse("min_pairs", self.min_pairs, &limit, "200 is the default"));
        }
        for (field, noise_m2_s3) in [
            ("process_noise_m2_s3", self.process_noise_m2_s3),
            ("vertical_process_noise_m2_s3", self.vertical_process_noise_m2_s3),
        ] {
            if let Some(noise) = noise_m2_s3.filter(|noise| !(0.0..1e9).contains(noise)) {
                return Err(refuse(field, noise, "from 0 to 1e9", "say how targets manoeuvre"));
            }
        }
        self.check_names(tracker)
    }

    /// Refuse a sensor that is named twice, or that the tracker refuses.
    fn check_names(&self, tracker: &TrackerConfig) -> Result<()> {
        let mut known = Vec::new();
        for (field, text) in self.names() {
            let id = parse_uuid(&format!("tracker.registration.{field}"), text)?;
            if known.contains(&id) {
                let limit = "named once, as a reference or to be aligned";
                return Err(refuse(&field, text, limit, "name each sensor once"));
            }
            known.push(id);
            let is_taken = tracker.sensors.is_empty()
                || tracker.sensors.iter().any(|sensor| sensor.sensor_id == *text);
            if !is_taken {
                let remedy = "name it there, too: where any sensor is named, others are refused";
                return Err(refuse(&field, text, "one of tracker.sensors", remedy));
            }
        }
        Ok(())
    }

    /// Each sensor with the name of its field.
    fn names(&self) -> impl Iterator<Item = (String, &String)> {
        let references = self.reference_ids.iter().enumerate();
        let references = references.map(|(index, id)| (format!("reference_ids[{index}]"), id));
        let aligned = self.sensors.iter().enumerate();
        let aligned =
            aligned.map(|(index, it)| (format!("sensors[{index}].sensor_id"), &it.sensor_id));
        references.chain(aligned)
    }

    /// Settings of the tracker that follows the targets: those of `tracker`, but that targets move with
    /// constant velocity and that the references' frames come without their biases.
    pub fn follower(&self, tracker: &TrackerConfig) -> TrackerConfig {
        let mut config = TrackerConfig {
            motion_models: Vec::new(),
            object_types: Vec::new(),
            friendly_ids: Vec::new(),
            hostile_ids: Vec::new(),
            late_window_s: 0.0,
            ..tracker.clone()
        };
        if let Some(noise_m2_s3) = self.process_noise_m2_s3 {
            config.process_noise_m2_s3 = noise_m2_s3;
        }
        if let Some(noise_m2_s3) = self.vertical_process_noise_m2_s3 {
            config.vertical_process_noise_m2_s3 = noise_m2_s3;
        }
        for sensor in &mut config.sensors {
            if self.reference_ids.contains(&sensor.sensor_id) {
                sensor.set_bias(&SensorBias::ZERO);
            }
        }
        config
    }

    /// Settings of the registration of each sensor to be aligned.
    pub fn of_each(&self, tracker: &TrackerConfig) -> impl Iterator<Item = RegistrationSettings> {
        let follower = self.follower(tracker);
        self.sensors.iter().map(move |sensor| RegistrationSettings {
            sensor_id: sensor.sensor_id.clone(),
            position_std_m: sensor.position_std_m,
            range_std_m: sensor.range_std_m,
            bearing_std_deg: sensor.bearing_std_deg,
            time_std_s: sensor.time_std_s,
            search_m: sensor.search_m,
            tracker: follower.clone(),
        })
    }
}

fn refuse(field: &str, value: impl ToString, limit: &str, remedy: &str) -> Error {
    Error::Setting {
        setting: format!("tracker.registration.{field}"),
        value: value.to_string(),
        limit: limit.into(),
        remedy: remedy.into(),
    }
}

/// Settings for tests: sensor 10 is believed, sensor 11 aligned.
#[cfg(test)]
pub fn sample() -> OnlineSettings {
    let text = r#"{"reference_ids": ["00000000-0000-0000-0000-00000000000a"],
        "sensors": [{"sensor_id": "00000000-0000-0000-0000-00000000000b"}]}"#;
    OnlineSettings::from_json(text).expect("valid settings")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(change: impl Fn(&mut OnlineSettings)) -> String {
        let mut settings = sample();
        change(&mut settings);
        let checked = settings.check(&TrackerConfig::default());
        checked.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn settings_survive_json() {
        let settings = sample();
        let text = settings.to_json().expect("finite numbers");
        assert_eq!(OnlineSettings::from_json(&text), Ok(settings));
        let unknown = OnlineSettings::from_json(r#"{"sensors": [{"range_m": 1}]}"#);
        let unknown = unknown.expect_err("an unknown field").to_string();
        assert!(unknown.starts_with("tracker.registration.sensors[0].range_m is "), "{unknown}");
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_remedy() {
        assert_eq!(message(|_| ()), "");
        let expected = "tracker.registration.reference_ids is 0 sensors, must be 1 to 256: name";
        assert!(message(|s| s.reference_ids.clear()).starts_with(expected));
        let expected = "tracker.registration.sensors is 0 sensors, must be 1 to 16: name those";
        assert!(message(|s| s.sensors.clear()).starts_with(expected));
        let many = message(|s| s.sensors = vec![s.sensors[0].clone(); 17]);
        assert!(many.contains("sensors is 17 sensors, must be 1 to 16"), "{many}");
        let noise = message(|s| s.process_noise_m2_s3 = Some(f64::NAN));
        let expected =
            "tracker.registration.process_noise_m2_s3 is NaN, must be from 0 to 1e9: say";
        assert!(noise.starts_with(expected), "{noise}");
        assert!(message(|s| s.min_pairs = 0).contains("min_pairs is 0, must be 1 to"));
        let both = message(|s| s.reference_ids.push(s.sensors[0].sensor_id.clone()));
        let expected =
            "sensors[0].sensor_id is 00000000-0000-0000-0000-00000000000b, must be named once";
        assert!(both.contains(expected), "{both}");
        let text = message(|s| s.reference_ids[0] = "radar".into());
        assert!(text.contains("tracker.registration.reference_ids[0] is \"radar\""), "{text}");
    }

    #[test]
    fn a_sensor_that_the_tracker_refuses_is_refused() {
        let text = r#"{"sensors": [{"sensor_id": "00000000-0000-0000-0000-00000000000a"}]}"#;
        let tracker = TrackerConfig::from_json(text).expect("valid settings");
        let error = sample().check(&tracker).expect_err("one is missing").to_string();
        assert!(error.contains("00000000000b, must be one of tracker.sensors: name"), "{error}");
    }

    #[test]
    fn targets_move_with_constant_velocity_and_references_have_no_bias() {
        let text = r#"{"motion_models": [{"kind": "constant_velocity"}], "sensors": [
            {"sensor_id": "00000000-0000-0000-0000-00000000000a", "range_bias_m": 5},
            {"sensor_id": "00000000-0000-0000-0000-00000000000b", "range_bias_m": 7}]}"#;
        let tracker = TrackerConfig::from_json(text).expect("valid settings");
        let settings = OnlineSettings { process_noise_m2_s3: Some(3.0), ..sample() };
        let follower = settings.follower(&tracker);
        assert!(follower.motion_models.is_empty());
        let noises = [follower.process_noise_m2_s3, follower.vertical_process_noise_m2_s3];
        assert_eq!(noises, [3.0, 1.0]);
        assert_eq!([0, 1].map(|index| follower.sensors[index].range_bias_m), [0.0, 7.0]);
    }
}
