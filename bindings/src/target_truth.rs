//! `qiki.radar.TargetTruth`.

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use qiki_core::radar::truth::TargetTruth;

/// Every target at one time, as the radar would see it without error.
#[pyclass(frozen, get_all, name = "TargetTruth", module = "qiki.radar")]
pub struct TruthColumns {
    /// Position in the world frame, (n, 3) float64 [m].
    position_m: Py<PyArray2<f64>>,
    /// Velocity in the world frame, (n, 3) float64 [m/s].
    velocity_m_s: Py<PyArray2<f64>>,
    /// Slant range from the radar, (n,) float64 [m].
    range_m: Py<PyArray1<f64>>,
    /// Bearing, (n,) float64 [deg].
    bearing_deg: Py<PyArray1<f64>>,
    /// Elevation, (n,) float64 [deg].
    elevation_deg: Py<PyArray1<f64>>,
    /// Range rate, (n,) float64 [m/s], negative when approaching.
    range_rate_m_s: Py<PyArray1<f64>>,
    /// Probability that the echo of one look at the target at this time is detected, of a steered
    /// antenna the one with the beam that is strongest there, (n,) float64; 0 where it is not
    /// there, not covered or hidden. It is that of the target alone, also where the radar merges it
    /// with others.
    detection_probability: Py<PyArray1<f64>>,
    /// Probability that the transponder's reply is heard in one look, (n,) float64; 0 where none
    /// replies, beyond the range of interrogation and where the target is not there, not covered or
    /// hidden.
    reply_probability: Py<PyArray1<f64>>,
    /// Whether the target is there, (n,) bool.
    is_present: Py<PyArray1<bool>>,
    /// Whether the horizon or another body hides it, (n,) bool.
    is_hidden: Py<PyArray1<bool>>,
}

impl TruthColumns {
    pub fn of(py: Python<'_>, truth: &[TargetTruth]) -> PyResult<Self> {
        let column = |read: fn(&TargetTruth) -> f64| {
            PyArray1::from_iter(py, truth.iter().map(read)).unbind()
        };
        let flags = |read: fn(&TargetTruth) -> bool| {
            PyArray1::from_iter(py, truth.iter().map(read)).unbind()
        };
        let vectors = |read: fn(&TargetTruth) -> [f64; 3]| {
            let flat = PyArray1::from_iter(py, truth.iter().flat_map(read));
            Ok::<_, PyErr>(flat.reshape([truth.len(), 3])?.unbind())
        };
        Ok(Self {
            position_m: vectors(|entry| entry.state.position_m)?,
            velocity_m_s: vectors(|entry| entry.state.velocity_m_s)?,
            range_m: column(|entry| entry.range_m),
            bearing_deg: column(|entry| entry.bearing_deg),
            elevation_deg: column(|entry| entry.elevation_deg),
            range_rate_m_s: column(|entry| entry.range_rate_m_s),
            detection_probability: column(|entry| entry.detection_probability),
            reply_probability: column(|entry| entry.reply_probability),
            is_present: flags(|entry| entry.is_present),
            is_hidden: flags(|entry| entry.is_hidden),
        })
    }
}
