//! The part of the scenario document that describes radars.

use serde::Deserialize;

use crate::scene::platform::OWN_SHIP;
use crate::scene::registration_document::RegistrationBiasDocument;
use crate::scene::scan_document::ScanDocument;

/// One radar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorDocument {
    /// Its name in this scenario.
    pub name: String,
    /// Its UUID; left out, it is derived from the names of scenario and sensor.
    #[serde(default)]
    pub sensor_id: Option<String>,
    /// Name of the vehicle that carries it.
    #[serde(default = "own_ship")]
    pub platform: String,
    /// Where it sits on the vehicle and which way it looks.
    #[serde(default)]
    pub mount: MountDocument,
    /// What shifts all that it reports; left out, nothing.
    #[serde(default)]
    pub registration_bias: Option<RegistrationBiasDocument>,
    /// How it looks round.
    pub scan: ScanDocument,
    /// The volume it searches.
    pub coverage: CoverageDocument,
    /// Range up to which it interrogates transponders \[m\].
    #[serde(default = "default_sr_threshold_m")]
    pub sr_threshold_m: f64,
    /// How well it detects.
    pub detection: DetectionDocument,
    /// Range measurement.
    pub range: AccuracyDocument,
    /// Bearing measurement.
    pub bearing: AngleAccuracyDocument,
    /// Elevation measurement; left out, the radar does not measure elevation.
    #[serde(default)]
    pub elevation: Option<AngleAccuracyDocument>,
    /// Range rate measurement; left out, the radar does not measure it.
    #[serde(default)]
    pub range_rate: Option<RangeRateAccuracyDocument>,
    /// Probability that a false reply is recognised as one and reported as a spoof.
    #[serde(default)]
    pub spoof_recognition_probability: f64,
}

const fn default_sr_threshold_m() -> f64 {
    5000.0
}

fn own_ship() -> String {
    OWN_SHIP.into()
}

/// Where a radar sits on its vehicle and which way it looks.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MountDocument {
    /// From the vehicle's position to the antenna \[m\]: to starboard, to the bow, up.
    #[serde(default)]
    pub offset_m: [f64; 3],
    /// What the coverage's bearings are counted from \[deg\].
    #[serde(default)]
    pub boresight_bearing_deg: f64,
    /// What the coverage's elevations are counted from \[deg\].
    #[serde(default)]
    pub boresight_elevation_deg: f64,
    /// What the boresight's bearing is counted from.
    #[serde(default)]
    pub relative_to: RelativeToDocument,
}

/// What the bearing of a boresight is counted from.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelativeToDocument {
    /// North: the antenna is stabilised and does not turn with its vehicle.
    #[default]
    North,
    /// The bow: the antenna turns with its vehicle.
    Bow,
}

/// The volume a radar searches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageDocument {
    /// Nearest range \[m\].
    #[serde(default)]
    pub min_range_m: f64,
    /// Instrumented range \[m\].
    pub max_range_m: f64,
    /// Where the sector starts \[deg\], clockwise from the boresight, which is north unless the
    /// mount says otherwise.
    #[serde(default)]
    pub bearing_start_deg: f64,
    /// Width of the sector \[deg\].
    #[serde(default = "whole_turn_deg")]
    pub bearing_extent_deg: f64,
    /// Lowest and highest elevation \[deg\].
    #[serde(default = "every_elevation_deg")]
    pub elevation_deg: [f64; 2],
}

const fn whole_turn_deg() -> f64 {
    360.0
}

const fn every_elevation_deg() -> [f64; 2] {
    [-90.0, 90.0]
}

/// How well a radar detects: the point of its detection curve that fixes the radar equation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectionDocument {
    /// Range of the reference target \[m\].
    pub reference_range_m: f64,
    /// Mean radar cross section of the reference target \[dBsm\].
    #[serde(default)]
    pub reference_rcs_dbsm: f64,
    /// Probability of detecting the reference target in one frame.
    pub detection_probability: f64,
    /// Probability that noise alone passes the threshold in one resolution cell.
    pub false_alarm_probability: f64,
    /// Mean number of false alarms in one frame.
    #[serde(default)]
    pub false_alarms_per_frame: f64,
}

/// Accuracy of a range \[m\].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyDocument {
    /// Resolution \[m\].
    pub resolution_m: f64,
    /// Standard deviation that remains however strong the echo \[m\].
    #[serde(default)]
    pub floor_m: f64,
}

/// Accuracy of an angle \[deg\].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AngleAccuracyDocument {
    /// Width of the beam at half power \[deg\].
    pub beamwidth_deg: f64,
    /// Standard deviation that remains however strong the echo \[deg\].
    #[serde(default)]
    pub floor_deg: f64,
}

/// Accuracy of a range rate \[m/s\].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeRateAccuracyDocument {
    /// Resolution \[m/s\].
    pub resolution_m_s: f64,
    /// Standard deviation that remains however strong the echo \[m/s\].
    #[serde(default)]
    pub floor_m_s: f64,
    /// Fastest range rate of the filter bank, either way \[m/s\]; faster targets are not seen.
    pub limit_m_s: f64,
}
