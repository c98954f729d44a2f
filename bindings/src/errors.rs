//! One mapping from the core's error to the classes of `qiki.errors`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use qiki_core::error::Error;
use qiki_core::scene::problems::DocumentKind;

/// The core's error on its way to Python; `?` turns the one into the other.
pub struct CoreError(Error);

/// Result of a binding function.
pub type Result<T> = std::result::Result<T, CoreError>;

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<CoreError> for PyErr {
    fn from(CoreError(error): CoreError) -> Self {
        Python::attach(|py| exception(py, &error).unwrap_or_else(|fault| fault))
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = class_of(py, error)?;
    let Error::Document { problems, unlisted, .. } = error else {
        return Ok(PyErr::from_type(class, error.to_string()));
    };
    // The line is known where the document's text is: in Python.
    let problems: Vec<_> =
        problems.iter().map(|problem| (&problem.path, py.None(), &problem.reason)).collect();
    Ok(PyErr::from_value(class.call1((problems, *unlisted))?))
}

fn class_of<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyType>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let name = match error {
        Error::Setting { .. } => "SettingError",
        Error::Document { kind: DocumentKind::Scenario, .. } => "ScenarioError",
        Error::Document { kind: DocumentKind::Vehicle, .. } => "VehicleError",
        Error::Document { kind: DocumentKind::GuardRules, .. } => "GuardRulesError",
        Error::Frame { .. } => "FrameError",
        Error::Tracks { .. } => "TracksError",
        Error::Decode { .. } => "DecodeError",
        Error::Ahead { .. } => "FutureFrameError",
        Error::Late { .. } => "LateFrameError",
        Error::Capacity { .. } => "CapacityError",
        Error::Model { .. } => "ModelError",
        Error::Snapshot { .. } => "SnapshotError",
    };
    let module = MODULE.get_or_try_init(py, || py.import("qiki.errors").map(Bound::unbind))?;
    let class = module.bind(py).getattr(name)?;
    class
        .cast_into()
        .map_err(|_| PyRuntimeError::new_err(format!("qiki.errors.{name} is no class")))
}
