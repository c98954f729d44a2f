//! The part of the scenario document that describes radars.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::detection_threshold::MAX_PULSES;
use crate::radar::faults::MAX_FAULTS;
use crate::radar::fluctuation::Fluctuation;
use crate::radar::mount::MAX_OFFSET_M;
use crate::radar::power_budget::{
    BANDWIDTH_LIMITS_HZ, FREQUENCY_LIMITS_HZ, GAIN_LIMITS_DB, LOSS_LIMITS_DB, POWER_LIMITS_W,
    PULSE_WIDTH_LIMITS_S, WAVELENGTH_LIMITS_M,
};
use crate::radar::sensor::{
    MAX_BEAMWIDTH_DEG, MAX_BIAS_FRACTION, MAX_RANGE_RATE_M_S, RESOLUTION_LIMITS,
};
use crate::scene::false_alarms_document::FalseAlarmsDocument;
use crate::scene::fault_document::FaultDocument;
use crate::scene::platform::OWN_SHIP;
use crate::scene::registration_document::RegistrationBiasDocument;
use crate::scene::scan_document::ScanDocument;
use crate::scene::scenario::{MAX_NAME_BYTES, MAX_POSITION_M, MAX_RCS_DBSM};
use crate::scene::transponder_document::InterrogatorDocument;
use crate::scene::waveform_document::WaveformDocument;

/// One radar.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SensorDocument {
    /// Its name in this scenario.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Its UUID; left out, it is derived from the names of scenario and sensor.
    #[serde(default)]
    #[schemars(extend("format" = "uuid"))]
    pub sensor_id: Option<String>,
    /// Name of the vehicle that carries it.
    #[serde(default = "own_ship")]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
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
    /// Range up to which it interrogates transponders \[m\]; left out, 5000, or with an
    /// `interrogator` as far as it measures anything that it covers.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_POSITION_M))]
    pub sr_threshold_m: Option<f64>,
    /// Its pulses; left out, no range rate is ambiguous and no speed is blind.
    #[serde(default)]
    pub waveform: Option<WaveformDocument>,
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
    /// Whether targets in one resolution cell are seen as one; see docs/radar-resolution.md.
    #[serde(default)]
    pub merges_unresolved: bool,
    /// How it asks transponders; left out, it hears every reply as it was sent.
    #[serde(default)]
    pub interrogator: Option<InterrogatorDocument>,
    /// Probability that a false reply is recognised as one and reported as a spoof.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub spoof_recognition_probability: f64,
    /// What goes wrong with it, and when.
    #[serde(default)]
    #[schemars(length(max = MAX_FAULTS))]
    pub faults: Vec<FaultDocument>,
}

fn own_ship() -> String {
    OWN_SHIP.into()
}

/// Where a radar sits on its vehicle and which way it looks.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MountDocument {
    /// From the vehicle's position to the antenna \[m\]: to starboard, to the bow, up.
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_OFFSET_M, max = MAX_OFFSET_M)))]
    pub offset_m: [f64; 3],
    /// What the coverage's bearings are counted from \[deg\].
    #[serde(default)]
    #[schemars(range(min = -360.0, max = 360.0))]
    pub boresight_bearing_deg: f64,
    /// What the coverage's elevations are counted from \[deg\].
    #[serde(default)]
    #[schemars(range(min = -90.0, max = 90.0))]
    pub boresight_elevation_deg: f64,
    /// What the boresight's bearing is counted from.
    #[serde(default)]
    pub relative_to: RelativeToDocument,
}

/// What the bearing of a boresight is counted from.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelativeToDocument {
    /// North: the antenna is stabilised and does not turn with its vehicle.
    #[default]
    North,
    /// The bow: the antenna turns with its vehicle.
    Bow,
}

/// The volume a radar searches.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageDocument {
    /// Nearest range \[m\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_POSITION_M))]
    pub min_range_m: f64,
    /// Instrumented range \[m\].
    #[schemars(range(min = 0.0, max = MAX_POSITION_M))]
    pub max_range_m: f64,
    /// Where the sector starts \[deg\], clockwise from the boresight, which is north unless the
    /// mount says otherwise.
    #[serde(default)]
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 360.0))]
    pub bearing_start_deg: f64,
    /// Width of the sector \[deg\].
    #[serde(default = "whole_turn_deg")]
    #[schemars(range(min = 0.0, max = 360.0))]
    pub bearing_extent_deg: f64,
    /// Lowest and highest elevation \[deg\].
    #[serde(default = "every_elevation_deg")]
    #[schemars(inner(range(min = -90.0, max = 90.0)))]
    pub elevation_deg: [f64; 2],
}

const fn whole_turn_deg() -> f64 {
    360.0
}

const fn every_elevation_deg() -> [f64; 2] {
    [-90.0, 90.0]
}

/// How well a radar detects. Either a reference target, the point of the detection curve that
/// fixes the radar equation, or the terms of the equation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetectionDocument {
    /// Range of the reference target \[m\].
    #[serde(default)]
    #[schemars(range(min = 1.0, max = MAX_POSITION_M))]
    pub reference_range_m: Option<f64>,
    /// Mean radar cross section of the reference target \[dBsm\]; left out, 0.
    #[serde(default)]
    #[schemars(range(min = -MAX_RCS_DBSM, max = MAX_RCS_DBSM))]
    pub reference_rcs_dbsm: Option<f64>,
    /// How the reference target fluctuates; left out, as Swerling 1.
    #[serde(default)]
    pub reference_fluctuation: Option<Fluctuation>,
    /// Probability of detecting the reference target in one frame.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 0.999_999))]
    pub detection_probability: Option<f64>,
    /// The terms of the radar equation.
    #[serde(default)]
    pub radar_equation: Option<RadarEquationDocument>,
    /// Pulses of a frame that are integrated, non-coherently.
    #[serde(default = "one_pulse")]
    #[schemars(range(min = 1, max = MAX_PULSES))]
    pub pulses: u32,
    /// Probability that noise alone passes the threshold in one resolution cell.
    #[schemars(range(min = 1e-15, max = 0.1))]
    pub false_alarm_probability: f64,
    /// Mean number of false alarms in one frame, or `from_cells`.
    #[serde(default)]
    pub false_alarms_per_frame: FalseAlarmsDocument,
    /// Name of the user's model that gives the probability of detection, in place of the
    /// detector's curve.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub detection_probability_model: Option<String>,
}

const fn one_pulse() -> u32 {
    1
}

/// What the radar equation takes for the SNR of a single pulse.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadarEquationDocument {
    /// Peak power transmitted \[W\].
    #[schemars(range(min = POWER_LIMITS_W[0], max = POWER_LIMITS_W[1]))]
    pub power_w: f64,
    /// Gain of the antenna, both ways the same \[dB\].
    #[serde(default)]
    #[schemars(range(min = GAIN_LIMITS_DB[0], max = GAIN_LIMITS_DB[1]))]
    pub antenna_gain_db: Option<f64>,
    /// Gain of the transmitting antenna \[dB\].
    #[serde(default)]
    #[schemars(range(min = GAIN_LIMITS_DB[0], max = GAIN_LIMITS_DB[1]))]
    pub transmit_gain_db: Option<f64>,
    /// Gain of the receiving antenna \[dB\].
    #[serde(default)]
    #[schemars(range(min = GAIN_LIMITS_DB[0], max = GAIN_LIMITS_DB[1]))]
    pub receive_gain_db: Option<f64>,
    /// Carrier frequency \[Hz\].
    #[serde(default)]
    #[schemars(range(min = FREQUENCY_LIMITS_HZ[0], max = FREQUENCY_LIMITS_HZ[1]))]
    pub frequency_hz: Option<f64>,
    /// Wavelength instead of the frequency \[m\].
    #[serde(default)]
    #[schemars(range(min = WAVELENGTH_LIMITS_M[0], max = WAVELENGTH_LIMITS_M[1]))]
    pub wavelength_m: Option<f64>,
    /// All losses together \[dB\].
    #[serde(default)]
    #[schemars(range(min = LOSS_LIMITS_DB[0], max = LOSS_LIMITS_DB[1]))]
    pub system_losses_db: f64,
    /// Noise figure of the receiver \[dB\].
    #[schemars(range(min = LOSS_LIMITS_DB[0], max = LOSS_LIMITS_DB[1]))]
    pub noise_figure_db: f64,
    /// Bandwidth of the receiver's noise \[Hz\].
    #[serde(default)]
    #[schemars(range(min = BANDWIDTH_LIMITS_HZ[0], max = BANDWIDTH_LIMITS_HZ[1]))]
    pub bandwidth_hz: Option<f64>,
    /// Width of the pulse that the receiver is matched to, instead of the bandwidth \[s\].
    #[serde(default)]
    #[schemars(range(min = PULSE_WIDTH_LIMITS_S[0], max = PULSE_WIDTH_LIMITS_S[1]))]
    pub pulse_width_s: Option<f64>,
}

/// Accuracy of a range \[m\].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyDocument {
    /// Resolution \[m\].
    #[schemars(range(min = RESOLUTION_LIMITS[0], max = RESOLUTION_LIMITS[1]))]
    pub resolution_m: f64,
    /// Standard deviation that remains however strong the echo \[m\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = RESOLUTION_LIMITS[1]))]
    pub floor_m: f64,
    /// Standard deviation of the error that stays the same for a target, in resolutions.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_BIAS_FRACTION))]
    pub bias_fraction: f64,
}

/// Accuracy of an angle \[deg\].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AngleAccuracyDocument {
    /// Width of the beam at half power \[deg\].
    #[schemars(range(min = 1e-3, max = MAX_BEAMWIDTH_DEG))]
    pub beamwidth_deg: f64,
    /// Standard deviation that remains however strong the echo \[deg\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub floor_deg: f64,
    /// Standard deviation of the error that stays the same for a target, in beamwidths.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_BIAS_FRACTION))]
    pub bias_fraction: f64,
}

/// Accuracy of a range rate \[m/s\].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeRateAccuracyDocument {
    /// Resolution \[m/s\].
    #[schemars(range(min = RESOLUTION_LIMITS[0], max = RESOLUTION_LIMITS[1]))]
    pub resolution_m_s: f64,
    /// Standard deviation that remains however strong the echo \[m/s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = RESOLUTION_LIMITS[1]))]
    pub floor_m_s: f64,
    /// Standard deviation of the error that stays the same for a target, in resolutions.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_BIAS_FRACTION))]
    pub bias_fraction: f64,
    /// Fastest range rate of the filter bank, either way \[m/s\]; faster targets are not seen. Where
    /// the waveform folds range rates it holds for the folded ones, is at most a quarter of λ PRF
    /// and, left out, just that.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RANGE_RATE_M_S))]
    pub limit_m_s: Option<f64>,
}
