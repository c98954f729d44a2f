//! The compiled function behind `qiki.models.UserModel`.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use qiki_core::error::Error;
use qiki_core::user_model::{Function, ModelKind, UserModel as CoreModel};

use crate::errors::Result;
use crate::outside_function::{Code, OutsideFunction};

/// With the user data of the capsule, its context, as last argument.
const SIGNATURE_WITH_DATA: &CStr = c"double (double, double, double, void *)";
const SIGNATURE: &CStr = c"double (double, double, double)";

type WithData = unsafe extern "C" fn(f64, f64, f64, *mut c_void) -> f64;
type Plain = unsafe extern "C" fn(f64, f64, f64) -> f64;

type Outside = OutsideFunction<Plain, WithData>;

impl Function for Outside {
    #[inline]
    fn value(&self, [first, second, third]: [f64; 3]) -> f64 {
        match self.code {
            // SAFETY: the capsule's name gave the signature; its maker answers for the function.
            Code::WithData(function, data) => unsafe { function(first, second, third, data) },
            // SAFETY: as above.
            Code::Plain(function) => unsafe { function(first, second, third) },
        }
    }
}

/// A model that a user wrote, called by the core without the GIL.
///
/// Make it with a decorator of `qiki.models`, or with `qiki.models.from_capsule`. Calling it gives
/// its values, checked as the core checks them.
///
/// The function may be called by any thread, at any time and in any order. It must return the same
/// for the same numbers, and must neither raise, nor allocate, nor touch a Python object.
///
/// Parameters
/// ----------
/// kind : str
///     "rcs", "detection_probability" or "clutter_density".
/// name : str
///     By which errors call it, 1 to 64 bytes.
/// capsule : PyCapsule
///     Its name is the C signature, "double (double, double, double)" or
///     "double (double, double, double, void *)"; its pointer the function, its context the last
///     argument of the second form.
/// owner : object, optional
///     Kept alive as long as the model: what owns the code and the data.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An unknown kind, a name outside its limits, or another signature.
#[pyclass(frozen, subclass, name = "CompiledModel", module = "qiki._core")]
pub struct CompiledModel(pub CoreModel);

#[pymethods]
impl CompiledModel {
    #[new]
    #[pyo3(signature = (kind, name, capsule, owner=None))]
    fn new(
        kind: &str,
        name: &str,
        capsule: &Bound<'_, PyCapsule>,
        owner: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let kind = ModelKind::from_name(kind).map_err(crate::errors::CoreError::from)?;
        // SAFETY: the types are those of the signatures.
        let function = unsafe { Outside::of(capsule, owner, [SIGNATURE, SIGNATURE_WITH_DATA]) }?;
        let model = CoreModel::new(kind, name, Arc::new(function));
        Ok(Self(model.map_err(crate::errors::CoreError::from)?))
    }

    /// What it stands for: "rcs", "detection_probability" or "clutter_density".
    #[getter]
    fn kind(&self) -> &str {
        self.0.kind().name()
    }

    /// By which errors call it.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Names of its three arguments, with their units, tuple of str.
    #[getter]
    fn arguments(&self) -> (&str, &str, &str) {
        self.0.kind().arguments().into()
    }

    /// Smallest and largest value that it may return, tuple of float.
    #[getter]
    fn limits(&self) -> (f64, f64) {
        self.0.kind().limits().into()
    }

    /// Values at columns of arguments; `qiki.models` calls it. Releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// first, second, third : (n,) float64
    ///     The arguments.
    ///
    /// Returns
    /// -------
    /// (n,) float64
    ///
    /// Raises
    /// ------
    /// qiki.errors.ModelError
    ///     A value that is not finite, or outside the limits; names model, arguments and value.
    /// ValueError
    ///     The columns differ in length.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives arrays by value")]
    fn values<'py>(
        &self,
        py: Python<'py>,
        first: PyReadonlyArray1<'py, f64>,
        second: PyReadonlyArray1<'py, f64>,
        third: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (first, second, third) = (first.as_slice()?, second.as_slice()?, third.as_slice()?);
        if first.len() != second.len() || first.len() != third.len() {
            let lengths = [first.len(), second.len(), third.len()];
            return Err(pyo3::exceptions::PyValueError::new_err(format!(
                "the columns have {lengths:?} entries, must have equally many"
            )));
        }
        let values = py.detach(|| values_of(&self.0, first, second, third))?;
        Ok(PyArray1::from_vec(py, values))
    }

    fn __repr__(&self) -> String {
        format!("UserModel(kind={:?}, name={:?})", self.kind(), self.name())
    }
}

fn values_of(model: &CoreModel, first: &[f64], second: &[f64], third: &[f64]) -> Result<Vec<f64>> {
    let arguments = first.iter().zip(second).zip(third);
    let values = arguments.map(|((&a, &b), &c)| model.value([a, b, c]).map_err(Error::from));
    Ok(values.collect::<std::result::Result<_, _>>()?)
}
