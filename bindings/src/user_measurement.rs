//! The compiled functions behind `qiki.tracking.Tracker.step_measurements`.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use numpy::ndarray::{Array2, Array3, Ix2};
use numpy::{IntoPyArray, PyArray2, PyArray3, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::tracking::gaussian::STATE;
use qiki_core::tracking::user_measurement::{MeasurementFunctions, UserMeasurement};

use crate::arrays::{NumbersOf, in_order};
use crate::errors::CoreError;
use crate::outside_function::{Code, OutsideFunction};
use crate::whole_number;

const SIGNATURE: &CStr = c"void (double *, double *, double *, double *)";
const START_SIGNATURE: &CStr = c"void (double *, double *, double *, double *, double *)";
/// With the user data of the capsule, its context, as last argument.
const SIGNATURE_WITH_DATA: &CStr = c"void (double *, double *, double *, double *, void *)";
const START_SIGNATURE_WITH_DATA: &CStr =
    c"void (double *, double *, double *, double *, double *, void *)";

type Numbers = *mut f64;
type Data = *mut c_void;
type Plain = unsafe extern "C" fn(Numbers, Numbers, Numbers, Numbers);
type WithData = unsafe extern "C" fn(Numbers, Numbers, Numbers, Numbers, Data);
type StartPlain = unsafe extern "C" fn(Numbers, Numbers, Numbers, Numbers, Numbers);
type StartWithData = unsafe extern "C" fn(Numbers, Numbers, Numbers, Numbers, Numbers, Data);

/// Two functions from outside.
#[derive(Debug)]
struct OutsideMeasurement {
    predict: OutsideFunction<Plain, WithData>,
    start: OutsideFunction<StartPlain, StartWithData>,
}

impl MeasurementFunctions for OutsideMeasurement {
    fn predict(
        &self,
        state: &mut [f64; STATE],
        parameters: &mut [f64],
        predicted: &mut [f64],
        jacobian: &mut [f64],
    ) {
        let (state, parameters) = (state.as_mut_ptr(), parameters.as_mut_ptr());
        let (predicted, jacobian) = (predicted.as_mut_ptr(), jacobian.as_mut_ptr());
        match self.predict.code {
            // SAFETY: the capsule's name gave the signature and its maker the sizes, for which the
            // core made the room; its maker answers for the function.
            Code::WithData(function, data) => unsafe {
                function(state, parameters, predicted, jacobian, data);
            },
            // SAFETY: as above.
            Code::Plain(function) => unsafe { function(state, parameters, predicted, jacobian) },
        }
    }

    fn start(
        &self,
        measured: &mut [f64],
        noise: &mut [f64],
        parameters: &mut [f64],
        position_m: &mut [f64; 3],
        covariance_m2: &mut [f64; 9],
    ) {
        let (measured, noise) = (measured.as_mut_ptr(), noise.as_mut_ptr());
        let (parameters, position_m) = (parameters.as_mut_ptr(), position_m.as_mut_ptr());
        let covariance_m2 = covariance_m2.as_mut_ptr();
        match self.start.code {
            // SAFETY: as in `predict`.
            Code::WithData(function, data) => unsafe {
                function(measured, noise, parameters, position_m, covariance_m2, data);
            },
            // SAFETY: as in `predict`.
            Code::Plain(function) => unsafe {
                function(measured, noise, parameters, position_m, covariance_m2);
            },
        }
    }
}

/// A measurement model that a user wrote, called by the core without the GIL.
///
/// Make it with `qiki.models.measurement_model`, or with `qiki.models.measurement_from_capsules`, and
/// give it to `qiki.tracking.Tracker.step_measurements`.
///
/// The functions may be called by any thread, at any time and in any order. They must answer the same
/// for the same numbers, and must neither raise, nor allocate, nor touch a Python object.
///
/// Parameters
/// ----------
/// name : str
///     By which errors call it, 1 to 64 bytes.
/// periods : sequence of float
///     One for each of the 1 to 4 numbers of a measurement: its period, as 2 π of an angle in rad; 0
///     for none.
/// parameter_count : int
///     Numbers that each scan must give, 0 to 16.
/// predict, start : PyCapsule
///     Their names are the C signatures, `qiki.models.MEASUREMENT_SIGNATURE` and `START_SIGNATURE`
///     or those with data; their pointers the functions, their contexts the last argument of the
///     forms with data.
/// owner : object, optional
///     Kept alive as long as the model: what owns the code and the data.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A name, a period or a size outside its limits, or another signature.
#[pyclass(frozen, name = "CompiledMeasurement", module = "qiki._core")]
pub struct CompiledMeasurement(pub UserMeasurement);

#[pymethods]
impl CompiledMeasurement {
    #[new]
    #[pyo3(signature = (name, periods, parameter_count, predict, start, owner=None))]
    fn new(
        name: &str,
        periods: Vec<f64>,
        #[pyo3(from_py_with = whole_number::parameter_count)] parameter_count: usize,
        predict: &Bound<'_, PyCapsule>,
        start: &Bound<'_, PyCapsule>,
        owner: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let signatures = [SIGNATURE, SIGNATURE_WITH_DATA];
        let start_signatures = [START_SIGNATURE, START_SIGNATURE_WITH_DATA];
        // SAFETY: the types are those of the signatures.
        let predict = unsafe { OutsideFunction::of(predict, owner.clone(), signatures) }?;
        // SAFETY: as above.
        let start = unsafe { OutsideFunction::of(start, owner, start_signatures) }?;
        let functions = Arc::new(OutsideMeasurement { predict, start });
        let model = UserMeasurement::new(name, periods, parameter_count, functions);
        Ok(Self(model.map_err(CoreError::from)?))
    }

    /// By which errors call it.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Period of each number of a measurement, 0 for none, tuple of float.
    #[getter]
    fn periods<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
        pyo3::types::PyTuple::new(py, self.0.periods())
    }

    /// Numbers that each scan must give.
    #[getter]
    const fn parameter_count(&self) -> usize {
        self.0.parameter_count()
    }

    /// What is measured of states, checked as the core checks it. Releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// state : (n, 6) float64
    ///     Position [m] and velocity [m/s].
    /// parameters : sequence of float
    ///     `parameter_count` numbers.
    ///
    /// Returns
    /// -------
    /// predicted : (n, m) float64
    ///     The measurements.
    /// jacobian : (n, m, 6) float64
    ///     Derivative of each number by each of the state.
    ///
    /// Raises
    /// ------
    /// qiki.errors.ModelError
    ///     A number outside its limits; names model, number, state and limit.
    /// ValueError
    ///     Shapes that do not fit.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives arrays by value")]
    #[pyo3(signature = (state, parameters=vec![]))]
    fn answers<'py>(
        &self,
        py: Python<'py>,
        state: NumbersOf<'py, Ix2>,
        parameters: Vec<f64>,
    ) -> PyResult<Answers<'py>> {
        let (shape, wanted) = (state.shape(), self.0.parameter_count());
        if shape[1] != STATE || parameters.len() != wanted {
            return Err(PyValueError::new_err(format!(
                "state has shape {shape:?} and there are {} parameters, must be (n, 6) and {wanted}",
                parameters.len()
            )));
        }
        let state = in_order(&state)?;
        let (states, m) = (state.as_slice()?, self.0.size());
        let ask = |state: &[f64]| self.0.predict(state, &parameters);
        let answers = py.detach(|| states.chunks(STATE).map(ask).collect::<Result<Vec<_>, _>>());
        let answers = answers.map_err(CoreError::from)?;
        let count = answers.len();
        let predicted = Array2::from_shape_fn((count, m), |(k, i)| answers[k].values[i]);
        let jacobian =
            Array3::from_shape_fn((count, m, STATE), |(k, i, j)| answers[k].jacobian[i][j]);
        Ok((predicted.into_pyarray(py), jacobian.into_pyarray(py)))
    }

    fn __repr__(&self) -> String {
        let (name, periods) = (self.name(), self.0.periods());
        format!("CompiledMeasurement(name={name:?}, periods={periods:?})")
    }
}

type Answers<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray3<f64>>);
