//! Closed forms of detection: threshold, probability, required SNR.

use numpy::IntoPyArray;
use numpy::ndarray::{ArrayD, IxDyn};
use pyo3::prelude::*;
use qiki_core::radar::detection_probability::{Detector, required_snr_db as core_required_snr_db};
use qiki_core::radar::fluctuation::Fluctuation;

use crate::arrays::Numbers;
use crate::errors::Result;
use crate::whole_number;

/// Threshold on the sum of N square-law detected pulses.
///
/// The sum of N noise powers, each with mean 1, has a gamma distribution of shape N; the threshold
/// is where its upper tail is the probability of a false alarm (Richards 2014, section 6.3). For
/// one pulse it is ``-ln Pfa``. Relative error below 1e-13.
///
/// Parameters
/// ----------
/// false_alarm_probability : float or array
///     Probability that noise alone passes, 1e-30 to 0.5.
/// pulses : int
///     Pulses that are integrated, 1 to 10000.
///
/// Returns
/// -------
/// float or array of the same shape
///     Threshold over the mean noise power of one pulse.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A value outside its limits.
///
/// References
/// ----------
/// M. A. Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014).
#[pyfunction]
#[pyo3(signature = (false_alarm_probability, *, pulses=1))]
pub fn detection_threshold<'py>(
    py: Python<'py>,
    false_alarm_probability: Numbers<'py>,
    #[pyo3(from_py_with = whole_number::pulses)] pulses: i64,
) -> PyResult<Bound<'py, PyAny>> {
    map(py, &false_alarm_probability, |value| Ok(Detector::new(value, pulses)?.threshold))
}

/// Probability of detecting a target by N non-coherently integrated pulses.
///
/// Exact for a square-law detector and the Swerling cases 0 (no fluctuation; Marcum's Q), 1 and 3
/// (constant during the N pulses), 2 and 4 (independent from pulse to pulse); with one pulse 1 is 2
/// and 3 is 4, and case 1 is ``Pfa ** (1 / (1 + SNR))``. Absolute error below 1e-9 within the
/// limits (1e-12 up to 1000 pulses), relative error of small probabilities below 1e-9.
///
/// Parameters
/// ----------
/// snr_db : float or array
///     Mean SNR of a single pulse [dB], -200 to 200; not that of the sum.
/// false_alarm_probability : float
///     Probability that noise alone passes, 1e-30 to 0.5.
/// pulses : int
///     Pulses that are integrated, 1 to 10000.
/// swerling : int
///     Swerling case, 0 to 4.
///
/// Returns
/// -------
/// float or array of the same shape
///     Probability of detection.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A value outside its limits.
///
/// References
/// ----------
/// P. Swerling, "Probability of detection for fluctuating targets", IRE Trans. IT-6 (1960), 269.
/// J. V. DiFranco, W. L. Rubin, "Radar Detection" (1968), chapters 10 and 11.
/// D. A. Shnidman, "The calculation of the probability of detection and the generalized Marcum
/// Q-function", IEEE Trans. IT-35 (1989), 389: the sums that are evaluated.
///
/// Examples
/// --------
/// >>> round(detection_probability(13.0, false_alarm_probability=1e-6), 6)
/// 0.517178
#[pyfunction]
#[pyo3(signature = (snr_db, *, false_alarm_probability, pulses=1, swerling=1))]
pub fn detection_probability<'py>(
    py: Python<'py>,
    snr_db: Numbers<'py>,
    false_alarm_probability: f64,
    #[pyo3(from_py_with = whole_number::pulses)] pulses: i64,
    #[pyo3(from_py_with = whole_number::swerling)] swerling: i64,
) -> PyResult<Bound<'py, PyAny>> {
    let (detector, fluctuation) = detector(false_alarm_probability, pulses, swerling)?;
    map(py, &snr_db, |value| Ok(detector.detection_probability_at(value, fluctuation)?))
}

/// SNR at which a target is detected with a given probability; inverse of `detection_probability`.
///
/// Parameters
/// ----------
/// detection_probability : float or array
///     Wanted probability, from 1.01 times that of a false alarm to 1 - 1e-9.
/// false_alarm_probability : float
///     Probability that noise alone passes, 1e-30 to 0.5.
/// pulses : int
///     Pulses that are integrated, 1 to 10000.
/// swerling : int
///     Swerling case, 0 to 4.
///
/// Returns
/// -------
/// float or array of the same shape
///     Mean SNR of a single pulse [dB].
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A value outside its limits.
///
/// Examples
/// --------
/// >>> round(required_snr_db(0.9, false_alarm_probability=1e-6), 2)
/// 21.14
#[pyfunction]
#[pyo3(signature = (detection_probability, *, false_alarm_probability, pulses=1, swerling=1))]
pub fn required_snr_db<'py>(
    py: Python<'py>,
    detection_probability: Numbers<'py>,
    false_alarm_probability: f64,
    #[pyo3(from_py_with = whole_number::pulses)] pulses: i64,
    #[pyo3(from_py_with = whole_number::swerling)] swerling: i64,
) -> PyResult<Bound<'py, PyAny>> {
    let (detector, fluctuation) = detector(false_alarm_probability, pulses, swerling)?;
    map(py, &detection_probability, |value| {
        Ok(core_required_snr_db(&detector, value, fluctuation)?)
    })
}

fn detector(
    false_alarm_probability: f64,
    pulses: i64,
    swerling: i64,
) -> Result<(Detector, Fluctuation)> {
    let fluctuation = Fluctuation::from_number(swerling)?;
    Ok((Detector::new(false_alarm_probability, pulses)?, fluctuation))
}

/// `function` of each number without the GIL; a float for a single number.
pub fn map<'py>(
    py: Python<'py>,
    numbers: &Numbers<'py>,
    function: impl Fn(f64) -> Result<f64> + Sync,
) -> PyResult<Bound<'py, PyAny>> {
    let view = numbers.as_array();
    let shape = view.shape().to_vec();
    let values =
        py.detach(|| view.iter().map(|&value| function(value)).collect::<Result<Vec<_>>>())?;
    if shape.is_empty() {
        return Ok(values[0].into_pyobject(py)?.into_any());
    }
    let array = ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(|error| {
        pyo3::exceptions::PyRuntimeError::new_err(format!("array of shape {shape:?}: {error}"))
    })?;
    Ok(array.into_pyarray(py).into_any())
}
