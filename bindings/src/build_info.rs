//! How the binary was built, so that a benchmark can refuse a debug build.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How the compiled core was built.
///
/// Returns
/// -------
/// dict
///     ``version`` (str), ``profile`` (``"release"`` or ``"debug"``).
#[pyfunction]
pub fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
    Ok(info)
}
