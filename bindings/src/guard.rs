//! `qiki.tracking.GuardRules`, and where a track comes closest to own ship.

use numpy::ndarray::{Ix2, Ix3};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::guard::closest_approach::closest_approaches;
use qiki_core::guard::document::GuardDocument;
use qiki_core::guard::rules::GuardRules;
use qiki_core::scene::schema::schema_of;

use crate::arrays::NumbersOf;
use crate::errors::{CoreError, Result};
use crate::filter::read;

/// Guard rules whose every number has been checked; ``qiki.tracking.GuardRules`` adds reading YAML.
///
/// Parameters
/// ----------
/// document_json : str
///     The rule file as JSON.
///
/// Raises
/// ------
/// qiki.errors.GuardRulesError
///     The message has a line for each problem: its place in the document, the value and the
///     limit; the attribute `problems` has them apart.
#[pyclass(frozen, subclass, name = "CheckedGuardRules", module = "qiki._core")]
pub struct CheckedGuardRules(pub GuardRules);

#[pymethods]
impl CheckedGuardRules {
    #[new]
    fn new(document_json: &str) -> Result<Self> {
        Ok(Self(GuardRules::from_json(document_json)?))
    }

    /// JSON Schema (draft 2020-12) of the rule file, as JSON text.
    ///
    /// Returns
    /// -------
    /// str
    ///     Names, types, units, defaults and limits. The limits between two values, as that of a
    ///     maximum by its minimum, are not in it.
    #[staticmethod]
    fn schema_json() -> String {
        schema_of::<GuardDocument>().to_string()
    }

    /// The rules as JSON, their defaults written out.
    fn to_json(&self) -> Result<String> {
        Ok(self.0.to_json()?)
    }

    /// Names of the rules, in the order of the file.
    #[getter]
    fn rule_ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.texts().iter().map(|rule| &rule.id))
    }
}

/// When, how far and how near: what [`closest_approach`] gives.
type Approaches<'py> =
    (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Find where targets come closest to own ship, had neither any acceleration.
///
/// The probability is that of the Gaussian in the plane across the relative velocity (Foster and Estes
/// 1992) within a disc, by a Gauss-Legendre rule (Alfano 2005, eq. 2); its absolute error is below 2e-6.
/// The covariance moves with the state, without process noise.
///
/// Parameters
/// ----------
/// state : (n, 6) float64
///     Relative to own ship: x, y, z [m], vx, vy, vz [m/s].
/// covariance : (n, 6, 6) float64
///     Symmetric, positive semidefinite but for rounding; the upper triangle is read.
/// distance_m : float
///     How near, 0.001 to 1e8 [m].
///
/// Returns
/// -------
/// time_s : (n,) float64
///     From now to the closest approach [s]: negative when it has passed, NaN where the relative velocity
///     is zero.
/// distance_m : (n,) float64
///     Of the means, then [m].
/// probability : (n,) float64
///     That the distance then is at most `distance_m`.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A mean that is not finite or a covariance that is none, with the state's index; a distance outside
///     its limits.
/// ValueError
///     Shapes that do not fit.
#[pyfunction]
pub fn closest_approach<'py>(
    py: Python<'py>,
    state: NumbersOf<'py, Ix2>,
    covariance: NumbersOf<'py, Ix3>,
    distance_m: f64,
) -> PyResult<Approaches<'py>> {
    let states = read(&state, &covariance)?;
    let [time_s, miss_m, probability] =
        py.detach(|| closest_approaches(&states, distance_m)).map_err(CoreError::from)?;
    Ok((time_s.into_pyarray(py), miss_m.into_pyarray(py), probability.into_pyarray(py)))
}
