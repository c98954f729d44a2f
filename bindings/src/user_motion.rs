//! The compiled function behind `qiki.tracking.UserMotion`.

use std::ffi::{CStr, c_int, c_void};
use std::sync::Arc;

use numpy::ndarray::{Array2, Array3, Ix2};
use numpy::{IntoPyArray, PyArray2, PyArray3, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::tracking::user_motion::{MotionBatch, MotionFunction, UserMotion};

use crate::arrays::{NumbersOf, in_order};
use crate::errors::CoreError;
use crate::outside_function::{Code, OutsideFunction};
use crate::whole_number;

const SIGNATURE: &CStr = c"void (int, double *, double *, double *, double *, double *, double *)";
/// With the user data of the capsule, its context, as last argument.
const SIGNATURE_WITH_DATA: &CStr =
    c"void (int, double *, double *, double *, double *, double *, double *, void *)";

type Numbers = *mut f64;
type Plain = unsafe extern "C" fn(c_int, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers);
type WithData =
    unsafe extern "C" fn(c_int, Numbers, Numbers, Numbers, Numbers, Numbers, Numbers, *mut c_void);

type Outside = OutsideFunction<Plain, WithData>;

impl MotionFunction for Outside {
    fn predict(&self, batch: MotionBatch<'_>) {
        let MotionBatch { state, time_step_s, parameters, mean, transition, noise } = batch;
        let count = time_step_s.len() as c_int;
        let (state, time_step_s) = (state.as_mut_ptr(), time_step_s.as_mut_ptr());
        let (parameters, mean) = (parameters.as_mut_ptr(), mean.as_mut_ptr());
        let (transition, noise) = (transition.as_mut_ptr(), noise.as_mut_ptr());
        match self.code {
            // SAFETY: the capsule's name gave the signature and its maker the sizes, for which the
            // core made the room; its maker answers for the function.
            Code::WithData(function, data) => unsafe {
                function(count, state, time_step_s, parameters, mean, transition, noise, data);
            },
            // SAFETY: as above.
            Code::Plain(function) => unsafe {
                function(count, state, time_step_s, parameters, mean, transition, noise);
            },
        }
    }
}

/// A motion model that a user wrote, called by the core without the GIL.
///
/// Make it with `qiki.models.motion_model`, or with `qiki.models.motion_from_capsule`, and give it to
/// `qiki.tracking.UserMotion`.
///
/// The function may be called by any thread, at any time and in any order. It must answer the same
/// for the same numbers, and must neither raise, nor allocate, nor touch a Python object.
///
/// Parameters
/// ----------
/// name : str
///     By which errors call it, 1 to 64 bytes.
/// state_size : int
///     Numbers of a state, 6 to 9: position [m], velocity [m/s], what the model adds.
/// parameter_count : int
///     Numbers that `UserMotion.parameters` must hold, 0 to 16.
/// capsule : PyCapsule
///     Its name is the C signature, `qiki.models.MOTION_SIGNATURE` or
///     `MOTION_SIGNATURE_WITH_DATA`; its pointer the function, its context the last argument of the
///     second form.
/// owner : object, optional
///     Kept alive as long as the model: what owns the code and the data.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A name or a size outside its limits, or another signature.
#[pyclass(frozen, name = "CompiledMotion", module = "qiki._core")]
pub struct CompiledMotion(pub UserMotion);

#[pymethods]
impl CompiledMotion {
    #[new]
    #[pyo3(signature = (name, state_size, parameter_count, capsule, owner=None))]
    fn new(
        name: &str,
        #[pyo3(from_py_with = whole_number::state_size)] state_size: usize,
        #[pyo3(from_py_with = whole_number::parameter_count)] parameter_count: usize,
        capsule: &Bound<'_, PyCapsule>,
        owner: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        // SAFETY: the types are those of the signatures.
        let function = unsafe { Outside::of(capsule, owner, [SIGNATURE, SIGNATURE_WITH_DATA]) }?;
        let model = UserMotion::new(name, state_size, parameter_count, Arc::new(function));
        Ok(Self(model.map_err(CoreError::from)?))
    }

    /// By which errors call it.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Numbers of a state.
    #[getter]
    const fn state_size(&self) -> usize {
        self.0.state_size()
    }

    /// Numbers that `UserMotion.parameters` must hold.
    #[getter]
    const fn parameter_count(&self) -> usize {
        self.0.parameter_count()
    }

    /// What it answers of states, checked as the core checks it. Releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// state : (n, d) float64
    ///     The states, d being `state_size`.
    /// dt_s : float
    ///     Time step [s].
    /// parameters : sequence of float
    ///     `parameter_count` numbers.
    ///
    /// Returns
    /// -------
    /// mean : (n, d) float64
    ///     The states then.
    /// transition : (n, d, d) float64
    ///     Derivative of each number then by each now.
    /// noise : (n, d, d) float64
    ///     Covariance of the process noise.
    ///
    /// Raises
    /// ------
    /// qiki.errors.ModelError
    ///     A number outside its limits; names model, number, state and limit.
    /// ValueError
    ///     Shapes that do not fit.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives arrays by value")]
    #[pyo3(signature = (state, dt_s, parameters=vec![]))]
    fn answers<'py>(
        &self,
        py: Python<'py>,
        state: NumbersOf<'py, Ix2>,
        dt_s: f64,
        parameters: Vec<f64>,
    ) -> PyResult<Answers<'py>> {
        let state = in_order(&state)?;
        let (shape, wanted) = (state.shape(), [self.0.state_size(), self.0.parameter_count()]);
        if [shape[1], parameters.len()] != wanted {
            let [d, count] = wanted;
            return Err(PyValueError::new_err(format!(
                "state has shape {shape:?} and there are {} parameters, must be (n, {d}) and {count}",
                parameters.len()
            )));
        }
        let (states, (n, d)) = (state.as_slice()?, (shape[0], shape[1]));
        let answers = py.detach(|| self.0.answers_of(states, dt_s, &parameters));
        let [mean, transition, noise] = answers.map_err(CoreError::from)?;
        let square = |numbers: Vec<f64>| {
            Array3::from_shape_fn((n, d, d), |(k, i, j)| numbers[(k * d + i) * d + j])
        };
        let mean = Array2::from_shape_fn((n, d), |(k, i)| mean[k * d + i]);
        let (transition, noise) = (square(transition), square(noise));
        Ok((mean.into_pyarray(py), transition.into_pyarray(py), noise.into_pyarray(py)))
    }

    fn __repr__(&self) -> String {
        let (name, size) = (self.name(), self.state_size());
        format!("CompiledMotion(name={name:?}, state_size={size})")
    }
}

type Answers<'py> =
    (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray3<f64>>, Bound<'py, PyArray3<f64>>);

/// The users' models that settings hold, in their order.
pub fn models_of(motion_models: &Bound<'_, PyAny>) -> PyResult<Vec<UserMotion>> {
    let mut found = Vec::new();
    for settings in motion_models.try_iter()? {
        found.extend(model_of(&settings?)?);
    }
    Ok(found)
}

/// The user's model that the settings of one model hold.
pub fn model_of(settings: &Bound<'_, PyAny>) -> PyResult<Option<UserMotion>> {
    let model = settings.getattr_opt("model")?;
    Ok(model
        .and_then(|model| model.cast::<CompiledMotion>().ok().map(|model| model.get().0.clone())))
}
