//! The part of the scenario document that describes radars.

use serde::Deserialize;

use crate::radar::fluctuation::Fluctuation;
use crate::scene::fault_document::FaultDocument;

/// One radar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorDocument {
    /// Its name in this scenario.
    pub name: String,
    /// Its UUID; left out, it is derived from the names of scenario and sensor.
    #[serde(default)]
    pub sensor_id: Option<String>,
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
    /// What goes wrong with it, and when.
    #[serde(default)]
    pub faults: Vec<FaultDocument>,
}

const fn default_sr_threshold_m() -> f64 {
    5000.0
}

/// How a radar looks round; exactly one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScanDocument {
    /// The whole coverage at once.
    Staring {
        /// Time from frame to frame \[s\].
        period_s: f64,
    },
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
    /// Where the sector starts \[deg\], clockwise from north.
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

/// How well a radar detects. Either a reference target, the point of the detection curve that
/// fixes the radar equation, or the terms of the equation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectionDocument {
    /// Range of the reference target \[m\].
    #[serde(default)]
    pub reference_range_m: Option<f64>,
    /// Mean radar cross section of the reference target \[dBsm\]; left out, 0.
    #[serde(default)]
    pub reference_rcs_dbsm: Option<f64>,
    /// How the reference target fluctuates; left out, as Swerling 1.
    #[serde(default)]
    pub reference_fluctuation: Option<Fluctuation>,
    /// Probability of detecting the reference target in one frame.
    #[serde(default)]
    pub detection_probability: Option<f64>,
    /// The terms of the radar equation.
    #[serde(default)]
    pub radar_equation: Option<RadarEquationDocument>,
    /// Pulses of a frame that are integrated, non-coherently.
    #[serde(default = "one_pulse")]
    pub pulses: u32,
    /// Probability that noise alone passes the threshold in one resolution cell.
    pub false_alarm_probability: f64,
    /// Mean number of false alarms in one frame.
    #[serde(default)]
    pub false_alarms_per_frame: f64,
}

const fn one_pulse() -> u32 {
    1
}

/// What the radar equation takes for the SNR of a single pulse.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RadarEquationDocument {
    /// Peak power transmitted \[W\].
    pub power_w: f64,
    /// Gain of the antenna, both ways the same \[dB\].
    #[serde(default)]
    pub antenna_gain_db: Option<f64>,
    /// Gain of the transmitting antenna \[dB\].
    #[serde(default)]
    pub transmit_gain_db: Option<f64>,
    /// Gain of the receiving antenna \[dB\].
    #[serde(default)]
    pub receive_gain_db: Option<f64>,
    /// Carrier frequency \[Hz\].
    #[serde(default)]
    pub frequency_hz: Option<f64>,
    /// Wavelength instead of the frequency \[m\].
    #[serde(default)]
    pub wavelength_m: Option<f64>,
    /// All losses together \[dB\].
    #[serde(default)]
    pub system_losses_db: f64,
    /// Noise figure of the receiver \[dB\].
    pub noise_figure_db: f64,
    /// Bandwidth of the receiver's noise \[Hz\].
    #[serde(default)]
    pub bandwidth_hz: Option<f64>,
    /// Width of the pulse that the receiver is matched to, instead of the bandwidth \[s\].
    #[serde(default)]
    pub pulse_width_s: Option<f64>,
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
