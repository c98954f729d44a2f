//! `qiki.metrics`: distances between sets of points.

use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qiki_core::metrics::assigned_pairs::AssignedPair;
use qiki_core::metrics::cutoff::Cutoff;
use qiki_core::metrics::point_set::PointSet;
use qiki_core::metrics::{gospa as core_gospa, ospa as core_ospa};

use crate::arrays::Numbers;
use crate::errors::CoreError;

/// A table of numbers from Python, row by row.
pub struct Rows {
    name: &'static str,
    pub numbers: Vec<f64>,
    pub columns: usize,
}

impl Rows {
    /// A copy of a two-dimensional argument.
    pub fn of(name: &'static str, array: &Numbers<'_>) -> PyResult<Self> {
        let array = array.as_array();
        let [_, columns] = *array.shape() else {
            let message = format!("{name} has shape {:?}, must be (n, d)", array.shape());
            return Err(PyValueError::new_err(message));
        };
        Ok(Self { name, numbers: array.iter().copied().collect(), columns })
    }

    /// Copies of two arguments that go together; an empty list is no rows of the other's columns.
    fn of_both(arguments: [(&'static str, &Numbers<'_>); 2]) -> PyResult<[Self; 2]> {
        let shapes = arguments.map(|(_, array)| array.as_array().shape().to_vec());
        let columns = shapes.iter().find_map(|shape| shape.get(1).copied()).unwrap_or(1);
        let rows = |(name, array): (&'static str, &Numbers<'_>)| match *array.as_array().shape() {
            [0] => Ok(Self { name, numbers: Vec::new(), columns }),
            _ => Self::of(name, array),
        };
        let [one, other] = arguments;
        Ok([rows(one)?, rows(other)?])
    }

    /// The rows as points of the core.
    pub fn points(&self) -> Result<PointSet<'_>, CoreError> {
        Ok(PointSet::new(self.name, &self.numbers, self.columns)?)
    }
}

/// GOSPA of two sets of points, and the parts that it is made of.
///
/// For ``alpha=2`` ``distance_m**p`` is the sum of the parts, each to the power p.
#[pyclass(frozen, get_all, name = "Gospa", module = "qiki.metrics")]
pub struct Gospa {
    /// The metric [m].
    distance_m: f64,
    /// Part of the assigned pairs [m].
    localisation_m: f64,
    /// Part of the missed targets [m]; NaN unless ``alpha=2``.
    missed_m: f64,
    /// Part of the false estimates [m]; NaN unless ``alpha=2``.
    false_m: f64,
    /// Targets without an estimate.
    missed: usize,
    /// Estimates without a target.
    #[pyo3(name = "false")]
    false_count: usize,
    /// Index of the target of each assigned pair, (k,) int64, ascending.
    target: Py<PyArray1<i64>>,
    /// Index of its estimate, (k,) int64.
    estimate: Py<PyArray1<i64>>,
}

#[pymethods]
impl Gospa {
    fn __repr__(&self) -> String {
        format!(
            "Gospa(distance_m={}, localisation_m={}, missed_m={}, false_m={}, missed={}, false={})",
            self.distance_m,
            self.localisation_m,
            self.missed_m,
            self.false_m,
            self.missed,
            self.false_count
        )
    }
}

/// OSPA of two sets of points, and its two parts.
///
/// ``distance_m**p`` is the sum of the parts, each to the power p.
#[pyclass(frozen, get_all, name = "Ospa", module = "qiki.metrics")]
pub struct Ospa {
    /// The metric [m], at most the cutoff.
    distance_m: f64,
    /// Part of the points of the smaller set, cut off [m].
    localisation_m: f64,
    /// Part of the points that one set has more than the other [m].
    cardinality_m: f64,
    /// Index of the target of each pair nearer than the cutoff, (k,) int64, ascending.
    target: Py<PyArray1<i64>>,
    /// Index of its estimate, (k,) int64.
    estimate: Py<PyArray1<i64>>,
}

#[pymethods]
impl Ospa {
    fn __repr__(&self) -> String {
        format!(
            "Ospa(distance_m={}, localisation_m={}, cardinality_m={})",
            self.distance_m, self.localisation_m, self.cardinality_m
        )
    }
}

type Columns = (Py<PyArray1<i64>>, Py<PyArray1<i64>>);

fn columns(py: Python<'_>, pairs: &[AssignedPair]) -> Columns {
    let column = |part: fn(&AssignedPair) -> u32| {
        let indices: Vec<i64> = pairs.iter().map(|pair| i64::from(part(pair))).collect();
        indices.into_pyarray(py).unbind()
    };
    (column(|pair| pair.target), column(|pair| pair.estimate))
}

/// Generalised optimal sub-pattern assignment (GOSPA) metric of two sets of points.
///
/// The least, over all assignments of estimates to targets, of the sum of the assigned distances to
/// the power p and of ``cutoff_m**p / 2`` for each missed target and each false estimate, to the
/// power ``1 / p`` (eq. 4, ``alpha=2``). For another alpha the smaller set is assigned as a whole,
/// distances cut off, and each point that the other set has more costs ``cutoff_m**p / alpha``
/// (eq. 1); the metric then has no missed and false part. Only pairs below the cutoff are looked
/// at, which a grid finds; the time grows with their number.
///
/// Parameters
/// ----------
/// truth_m : (n, d) array of float
///     Targets [m], within ± 1e12; an empty list where there are none, and so of the estimates.
/// estimates_m : (m, d) array of float
///     Estimates of where they are [m].
/// cutoff_m : float
///     Distance c from which an estimate is no longer that of a target [m], 1e-12 to 1e12.
/// p : float
///     Order, 1 to 100.
/// alpha : float
///     Weight of the difference of the numbers, above 0 and at most 2.
///
/// Returns
/// -------
/// Gospa
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A coordinate that is not finite, points of different dimensions, or an argument outside its
///     limits.
/// qiki.errors.CapacityError
///     More than 1e7 pairs below the cutoff.
/// ValueError
///     An array that is not two-dimensional.
///
/// References
/// ----------
/// A. S. Rahmathullah, Á. F. García-Fernández, L. Svensson, "Generalized optimal sub-pattern
/// assignment metric", FUSION (2017).
///
/// Examples
/// --------
/// >>> found = gospa([[0.0, 0.0], [500.0, 0.0]], [[0.0, 30.0]], cutoff_m=100.0)
/// >>> found.localisation_m, found.missed, found.false
/// (30.0, 1, 0)
#[pyfunction]
#[pyo3(signature = (truth_m, estimates_m, *, cutoff_m=100.0, p=2.0, alpha=2.0))]
pub fn gospa(
    py: Python<'_>,
    truth_m: Numbers<'_>,
    estimates_m: Numbers<'_>,
    cutoff_m: f64,
    p: f64,
    alpha: f64,
) -> PyResult<Gospa> {
    let [truth, estimates] = Rows::of_both([("truth_m", &truth_m), ("estimates_m", &estimates_m)])?;
    let cutoff = Cutoff::new(cutoff_m, p).map_err(CoreError::from)?;
    let found = py.detach(|| {
        Ok::<_, CoreError>(core_gospa::gospa(
            &truth.points()?,
            &estimates.points()?,
            &cutoff,
            alpha,
        )?)
    })?;
    let (target, estimate) = columns(py, &found.pairs);
    Ok(Gospa {
        distance_m: found.distance,
        localisation_m: found.localisation,
        missed_m: found.missed,
        false_m: found.false_part,
        missed: found.missed_count,
        false_count: found.false_count,
        target,
        estimate,
    })
}

/// Optimal sub-pattern assignment (OSPA) metric of two sets of points.
///
/// The mean over the larger set of the distances to the power p, each cut off, under the best
/// assignment, where the points that one set has more count as at the cutoff; to the power
/// ``1 / p`` (eq. 3). Two empty sets are 0 apart.
///
/// Parameters
/// ----------
/// truth_m : (n, d) array of float
///     Targets [m], within ± 1e12; an empty list where there are none, and so of the estimates.
/// estimates_m : (m, d) array of float
///     Estimates of where they are [m].
/// cutoff_m : float
///     Largest distance that counts [m], 1e-12 to 1e12.
/// p : float
///     Order, 1 to 100.
///
/// Returns
/// -------
/// Ospa
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A coordinate that is not finite, points of different dimensions, or an argument outside its
///     limits.
/// qiki.errors.CapacityError
///     More than 1e7 pairs below the cutoff.
/// ValueError
///     An array that is not two-dimensional.
///
/// References
/// ----------
/// D. Schuhmacher, B.-T. Vo, B.-N. Vo, "A consistent metric for performance evaluation of
/// multi-object filters", IEEE Trans. Signal Processing 56 (2008), 3447.
#[pyfunction]
#[pyo3(signature = (truth_m, estimates_m, *, cutoff_m=100.0, p=2.0))]
pub fn ospa(
    py: Python<'_>,
    truth_m: Numbers<'_>,
    estimates_m: Numbers<'_>,
    cutoff_m: f64,
    p: f64,
) -> PyResult<Ospa> {
    let [truth, estimates] = Rows::of_both([("truth_m", &truth_m), ("estimates_m", &estimates_m)])?;
    let cutoff = Cutoff::new(cutoff_m, p).map_err(CoreError::from)?;
    let found = py.detach(|| {
        Ok::<_, CoreError>(core_ospa::ospa(&truth.points()?, &estimates.points()?, &cutoff)?)
    })?;
    let (target, estimate) = columns(py, &found.pairs);
    Ok(Ospa {
        distance_m: found.distance,
        localisation_m: found.localisation,
        cardinality_m: found.cardinality,
        target,
        estimate,
    })
}
