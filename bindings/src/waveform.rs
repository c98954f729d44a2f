//! `qiki.radar.Waveform`.

use pyo3::prelude::*;
use qiki_core::radar::equation::to_db;
use qiki_core::radar::waveform::Waveform as CoreWaveform;

use crate::arrays::Numbers;
use crate::detection_curve::map;

/// What a scenario says of a radar's pulses.
///
/// References
/// ----------
/// M. I. Skolnik, "Introduction to Radar Systems", 3rd ed. (2001), chapter 3.
/// M. A. Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014), chapter 5.
#[pyclass(frozen, name = "Waveform", module = "qiki.radar")]
#[derive(Clone, Copy)]
pub struct Waveform(CoreWaveform);

impl From<&CoreWaveform> for Waveform {
    fn from(waveform: &CoreWaveform) -> Self {
        Self(*waveform)
    }
}

#[pymethods]
impl Waveform {
    /// Pulse repetition frequency [Hz].
    #[getter]
    fn prf_hz(&self) -> f64 {
        self.0.prf_hz
    }

    /// Wavelength [m].
    #[getter]
    fn wavelength_m(&self) -> f64 {
        self.0.wavelength_m
    }

    /// Whether range rates outside ± ``blind_speed_m_s / 2`` are measured as those inside that have
    /// the same Doppler frequency.
    #[getter]
    fn folds_range_rate(&self) -> bool {
        self.0.folds_range_rate
    }

    /// Delays of the canceller; 0 where there is none.
    #[getter]
    fn canceller_delays(&self) -> u32 {
        self.0.canceller_delays
    }

    /// First blind speed, ``wavelength * PRF / 2`` [m/s]; range rates that differ by it have the
    /// same Doppler frequency.
    #[getter]
    fn blind_speed_m_s(&self) -> f64 {
        self.0.blind_speed_m_s()
    }

    /// Range from which an echo comes back with the next pulse, ``c / (2 PRF)`` [m].
    #[getter]
    fn unambiguous_range_m(&self) -> f64 {
        self.0.unambiguous_range_m()
    }

    /// Power gain of the canceller for an echo over that for noise.
    ///
    /// ``|2 sin(pi v / b)|^(2 n) / C(2 n, n)`` with the blind speed b and n delays (Richards 2014,
    /// chapter 5); its mean over all range rates is 1.
    ///
    /// Parameters
    /// ----------
    /// range_rate_m_s : float or array
    ///     Range rate [m/s].
    ///
    /// Returns
    /// -------
    /// float or array of the same shape
    ///     Gain [dB]; minus infinity at the blind speeds.
    fn canceller_gain_db<'py>(
        &self,
        py: Python<'py>,
        range_rate_m_s: Numbers<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        map(py, &range_rate_m_s, |range_rate_m_s| Ok(to_db(self.0.canceller_gain(range_rate_m_s))))
    }

    fn __repr__(&self) -> String {
        format!(
            "Waveform(prf_hz={}, wavelength_m={}, folds_range_rate={}, canceller_delays={})",
            self.0.prf_hz,
            self.0.wavelength_m,
            if self.0.folds_range_rate { "True" } else { "False" },
            self.0.canceller_delays
        )
    }
}
