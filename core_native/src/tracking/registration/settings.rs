//! Settings of a registration, with their limits.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::frame::parse_uuid;
use crate::tracking::config::TrackerConfig;
use crate::tracking::registration::bias_information::{BIASES, PerBias};
use crate::tracking::sensor_bias::SensorBias;

/// Settings of a registration. The standard deviations are those of what may be expected before
/// anything is known, about the biases that `tracker.sensors` has for the sensor, or about none; with 0
/// a bias is known, and not estimated.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationSettings {
    /// UUID of the sensor whose biases are sought.
    pub sensor_id: String,
    /// Of its place, east and north \[m\].
    pub position_std_m: f64,
    /// Of its ranges \[m\].
    pub range_std_m: f64,
    /// Of its bearings \[deg\].
    pub bearing_std_deg: f64,
    /// Of its times \[s\].
    pub time_std_s: f64,
    /// How far, east and north, its plots are first sought from the targets \[m\]; 0 where gates let
    /// them in from the start.
    pub search_m: f64,
    /// Settings of the tracker that follows the targets: how they move, what is known of the sensors.
    pub tracker: TrackerConfig,
}

/// Widest search \[m\].
const MAX_SEARCH_M: f64 = 100_000.0;

impl RegistrationSettings {
    /// Settings from JSON text; what is unknown or outside its limits is named.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn from_json(text: &str) -> Result<Self> {
        let settings: Self = serde_json::from_str(text)
            .map_err(|error| refuse("settings", error, "those of a registration"))?;
        settings.checked()
    }

    /// The settings as JSON.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is not finite.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| refuse("settings", error, "finite numbers"))
    }

    /// The settings themselves when each is inside its limits.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn checked(mut self) -> Result<Self> {
        for (name, value, most) in [
            ("position_std_m", self.position_std_m, 1e5),
            ("range_std_m", self.range_std_m, 1e5),
            ("bearing_std_deg", self.bearing_std_deg, 10.0),
            ("time_std_s", self.time_std_s, 10.0),
            ("search_m", self.search_m, MAX_SEARCH_M),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(refuse(name, value, &format!("0 to {most}")));
            }
        }
        if self.units() == [0.0; BIASES] {
            return Err(refuse("position_std_m", 0.0, "above 0, or another bias above 0"));
        }
        parse_uuid("registration.sensor_id", &self.sensor_id)?;
        self.tracker = self.tracker.checked()?;
        let models = self.tracker.motion_models.len();
        if models > 0 {
            return Err(Error::Setting {
                setting: "registration.config.motion_models".into(),
                value: format!("{models} models"),
                limit: "none".into(),
                remedy: "a registration's targets move with constant velocity: leave the models out and \
                         give a process_noise_m2_s3 that covers how targets move"
                    .into(),
            });
        }
        Ok(self)
    }

    /// The prior standard deviation of each bias, in which it is counted.
    pub const fn units(&self) -> PerBias {
        let position_m = self.position_std_m;
        [position_m, position_m, self.range_std_m, self.bearing_std_deg, self.time_std_s]
    }
}

fn refuse(name: &str, value: impl ToString, limit: &str) -> Error {
    Error::Setting {
        setting: format!("registration.{name}"),
        value: value.to_string(),
        limit: limit.into(),
        remedy: "see qiki.tracking.Registration".into(),
    }
}

/// The biases of numbers in the order of [`PerBias`].
pub const fn bias_of(numbers: &PerBias) -> SensorBias {
    let [east_m, north_m, range_m, bearing_deg, time_s] = *numbers;
    SensorBias { east_m, north_m, range_m, bearing_deg, time_s }
}

/// The numbers of biases, in the order of [`PerBias`].
pub const fn numbers_of(bias: &SensorBias) -> PerBias {
    [bias.east_m, bias.north_m, bias.range_m, bias.bearing_deg, bias.time_s]
}

/// Settings for tests.
#[cfg(test)]
pub fn sample() -> RegistrationSettings {
    RegistrationSettings {
        sensor_id: "00000000-0000-0000-0000-000000000007".into(),
        position_std_m: 1000.0,
        range_std_m: 100.0,
        bearing_std_deg: 0.5,
        time_std_s: 0.5,
        search_m: 5000.0,
        tracker: TrackerConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{sample as settings, *};

    #[test]
    fn settings_survive_json() {
        let text = settings().to_json().expect("finite numbers");
        assert_eq!(RegistrationSettings::from_json(&text), Ok(settings()));
        assert!(RegistrationSettings::from_json("{}").is_err());
    }

    #[test]
    fn each_limit_is_named() {
        let message = |change: fn(&mut RegistrationSettings)| {
            let mut changed = settings();
            change(&mut changed);
            changed.checked().map_or_else(|error| error.to_string(), |_| String::new())
        };
        let expected = "registration.time_std_s is 11, must be 0 to 10: ";
        assert!(message(|s| s.time_std_s = 11.0).starts_with(expected));
        assert!(
            message(|s| s.search_m = f64::NAN).contains("search_m is NaN, must be 0 to 100000")
        );
        assert!(message(|s| s.range_std_m = -1.0).contains("range_std_m is -1"));
        assert!(message(|s| s.bearing_std_deg = 10.5).contains("bearing_std_deg is 10.5"));
        assert!(message(|s| s.sensor_id = "x".into()).contains("registration.sensor_id"));
        assert!(message(|s| s.tracker.max_tracks = 0).contains("tracker.max_tracks is 0"));
        let models = message(|s| {
            let text = r#"{"motion_models": [{"kind": "constant_velocity"}]}"#;
            s.tracker = TrackerConfig::from_json(text).expect("valid settings");
        });
        let expected =
            "registration.config.motion_models is 1 models, must be none: a registration";
        assert!(models.starts_with(expected), "{models}");
        let none = message(|s| {
            (s.position_std_m, s.range_std_m, s.bearing_std_deg, s.time_std_s) =
                (0.0, 0.0, 0.0, 0.0);
        });
        assert!(none.contains("position_std_m is 0, must be above 0, or another"), "{none}");
    }

    #[test]
    fn numbers_and_biases_are_one() {
        let numbers = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(numbers_of(&bias_of(&numbers)), numbers);
    }
}
