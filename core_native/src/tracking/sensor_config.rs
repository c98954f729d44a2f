//! What a tracker knows of one sensor: settings over those for all, and what follows from them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::frame::{format_uuid, parse_uuid};
use crate::tracking::config::{TrackerConfig, require};
use crate::tracking::existence;
use crate::tracking::sensor_bias::SensorBias;

/// Sensors that one tracker may be told of.
pub const MAX_SENSORS: usize = 256;

/// Settings of one sensor; an absent one is the tracker's. `qiki.tracking.SensorConfig` has the same
/// fields.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SensorConfig {
    /// UUID of the sensor.
    pub sensor_id: String,
    /// Probability that it detects a target which it covers.
    #[serde(default)]
    pub detection_probability: Option<f64>,
    /// False alarms that it makes per frame over its whole coverage.
    #[serde(default)]
    pub clutter_per_frame: Option<f64>,
    /// New targets per frame over its whole coverage.
    #[serde(default)]
    pub births_per_frame: Option<f64>,
    /// Width of the interval into which its range rates are folded, λ PRF / 2 \[m/s\]; absent where
    /// they are the true ones.
    #[serde(default)]
    pub range_rate_interval_m_s: Option<f64>,
    /// What it reports too much, which is taken out of each of its frames first: of its place, east
    /// \[m\].
    #[serde(default)]
    pub east_bias_m: f64,
    /// The same, north \[m\].
    #[serde(default)]
    pub north_bias_m: f64,
    /// The same of each range \[m\].
    #[serde(default)]
    pub range_bias_m: f64,
    /// The same of each bearing \[deg\].
    #[serde(default)]
    pub bearing_bias_deg: f64,
    /// The same of each time \[s\].
    #[serde(default)]
    pub time_bias_s: f64,
}

impl SensorConfig {
    /// Refuse a value outside its limits; `index` is that of the sensor in `tracker.sensors`.
    pub(super) fn check(&self, index: usize) -> Result<()> {
        let named = |field: &str| format!("sensors[{index}].{field}");
        parse_uuid(&format!("tracker.{}", named("sensor_id")), &self.sensor_id)?;
        let checked = |field: &str, value: Option<f64>, holds: fn(f64) -> bool, limit: &str| {
            value.map_or(Ok(()), |value| require(&named(field), value, holds(value), limit))
        };
        let probability = |value| (1e-6..=1.0 - 1e-12).contains(&value);
        let pd = self.detection_probability;
        checked("detection_probability", pd, probability, "1e-6 to 1 - 1e-12")?;
        let positive = |value| value > 0.0 && value < 1e9;
        for (field, value) in [
            ("clutter_per_frame", self.clutter_per_frame),
            ("births_per_frame", self.births_per_frame),
            ("range_rate_interval_m_s", self.range_rate_interval_m_s),
        ] {
            checked(field, value, positive, "above 0 and below 1e9")?;
        }
        for (field, value, most) in [
            ("east_bias_m", self.east_bias_m, 1e6),
            ("north_bias_m", self.north_bias_m, 1e6),
            ("range_bias_m", self.range_bias_m, 1e6),
            ("bearing_bias_deg", self.bearing_bias_deg, 180.0),
            ("time_bias_s", self.time_bias_s, 3600.0),
        ] {
            let limit = format!("-{most} to {most}");
            require(&named(field), value, value.abs() <= most, &limit)?;
        }
        Ok(())
    }

    /// What it reports too much.
    pub const fn bias(&self) -> SensorBias {
        SensorBias {
            east_m: self.east_bias_m,
            north_m: self.north_bias_m,
            range_m: self.range_bias_m,
            bearing_deg: self.bearing_bias_deg,
            time_s: self.time_bias_s,
        }
    }

    /// Say what it reports too much.
    pub const fn set_bias(&mut self, bias: &SensorBias) {
        let SensorBias { east_m, north_m, range_m, bearing_deg, time_s } = *bias;
        (self.east_bias_m, self.north_bias_m) = (east_m, north_m);
        (self.range_bias_m, self.bearing_bias_deg) = (range_m, bearing_deg);
        self.time_bias_s = time_s;
    }
}

/// What follows from the settings of a sensor, worked out once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorRules {
    /// Probability that it detects a target which it covers.
    pub detection_probability: f64,
    /// ln(Pd / (1 - Pd)): the cost at which a track rather goes without a detection.
    pub miss_bonus: f64,
    /// ln of the false alarms per frame.
    pub ln_clutter: f64,
    /// False alarms per frame.
    pub clutter_per_frame: f64,
    /// Probability of existence of a track that one detection began.
    pub birth_existence: f64,
    /// Width of the interval of range rates \[m/s\] and one over it; zeros where they are true.
    pub range_rate_interval_m_s: [f64; 2],
    /// What it reports too much.
    pub bias: SensorBias,
}

impl SensorRules {
    /// Those of a sensor that `config` does not name.
    pub fn of_any(config: &TrackerConfig) -> Self {
        Self::of(&SensorConfig::default(), config)
    }

    /// Those of a sensor.
    pub fn of(sensor: &SensorConfig, config: &TrackerConfig) -> Self {
        let pd = sensor.detection_probability.unwrap_or(config.detection_probability);
        let clutter = sensor.clutter_per_frame.unwrap_or(config.clutter_per_frame);
        let births = sensor.births_per_frame.unwrap_or(config.births_per_frame);
        let interval = sensor.range_rate_interval_m_s;
        Self {
            detection_probability: pd,
            miss_bonus: libm::log(pd / (1.0 - pd)),
            ln_clutter: libm::log(clutter),
            clutter_per_frame: clutter,
            birth_existence: existence::at_birth(births, clutter),
            range_rate_interval_m_s: interval.map_or([0.0; 2], |width| [width, 1.0 / width]),
            bias: sensor.bias(),
        }
    }
}

/// The sensors that a tracker knows.
pub struct Sensors {
    any: SensorRules,
    known: Vec<([u8; 16], SensorRules)>,
}

impl Sensors {
    /// Those of `config`, which is checked.
    ///
    /// # Errors
    /// [`Error::Setting`] for a sensor that is named twice.
    pub fn new(config: &TrackerConfig) -> Result<Self> {
        let mut known: Vec<([u8; 16], SensorRules)> = Vec::with_capacity(config.sensors.len());
        for (index, sensor) in config.sensors.iter().enumerate() {
            let id = parse_uuid("tracker.sensors", &sensor.sensor_id)?;
            let new = known.iter().all(|(other, _)| *other != id);
            let field = format!("sensors[{index}].sensor_id");
            require(&field, &sensor.sensor_id, new, "named once")?;
            known.push((id, SensorRules::of(sensor, config)));
        }
        Ok(Self { any: SensorRules::of_any(config), known })
    }

    /// The rules of positions, which name no sensor.
    pub const fn any(&self) -> &SensorRules {
        &self.any
    }

    /// The rules of a sensor. Where none is named all are alike; where some are, no other is known.
    ///
    /// # Errors
    /// [`Error::Frame`] for an unknown one.
    pub fn rules(&self, sensor_id: &[u8; 16]) -> Result<&SensorRules> {
        if self.known.is_empty() {
            return Ok(&self.any);
        }
        let found = self.known.iter().find(|(id, _)| id == sensor_id);
        found.map(|(_, rules)| rules).ok_or_else(|| Error::Frame {
            field: "sensor_id".into(),
            value: format_uuid(sensor_id),
            limit: format!(
                "one of the {} of tracker.sensors: add a SensorConfig for it, or name no sensors",
                self.known.len()
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    fn config(sensors: Vec<SensorConfig>) -> TrackerConfig {
        TrackerConfig { sensors, ..TrackerConfig::default() }
    }

    fn sensor(id: &str) -> SensorConfig {
        SensorConfig { sensor_id: id.into(), ..SensorConfig::default() }
    }

    #[test]
    fn what_a_sensor_does_not_say_is_the_tracker_s() {
        let own = SensorConfig { clutter_per_frame: Some(3.0), ..sensor(ID) };
        let config = config(vec![own]);
        let (any, rules) =
            (SensorRules::of_any(&config), SensorRules::of(&config.sensors[0], &config));
        assert_eq!(rules.detection_probability, config.detection_probability);
        assert_eq!(rules.birth_existence, existence::at_birth(config.births_per_frame, 3.0));
        assert_eq!(any.birth_existence, existence::at_birth(config.births_per_frame, 10.0));
        assert_eq!(any.range_rate_interval_m_s, [0.0; 2]);
    }

    #[test]
    fn one_sensor_named_makes_the_others_unknown() {
        let nobody = Sensors::new(&config(Vec::new())).expect("no sensors");
        assert_eq!(nobody.rules(&[9; 16]).expect("all are alike"), nobody.any());
        let one = Sensors::new(&config(vec![sensor(ID)])).expect("one sensor");
        let mut id = [0; 16];
        id[15] = 7;
        assert!(one.rules(&id).is_ok());
        let error = one.rules(&[9; 16]).expect_err("unknown").to_string();
        assert!(error.contains("sensor_id") && error.contains("one of the 1"), "{error}");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let twice = Sensors::new(&config(vec![sensor(ID), sensor(ID)])).err();
        assert!(twice.is_some_and(|error| error.to_string().contains("sensors[1].sensor_id")));
        for (bad, field) in [
            (sensor("seven"), "sensors[0].sensor_id"),
            (
                SensorConfig { detection_probability: Some(1.0), ..sensor(ID) },
                "sensors[0].detection_probability",
            ),
            (
                SensorConfig { range_rate_interval_m_s: Some(0.0), ..sensor(ID) },
                "sensors[0].range_rate_interval_m_s",
            ),
            (SensorConfig { time_bias_s: f64::NAN, ..sensor(ID) }, "sensors[0].time_bias_s"),
        ] {
            let error = config(vec![bad]).checked().expect_err("out of limits").to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
