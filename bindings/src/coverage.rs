//! `qiki.radar.Coverage`.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use qiki_core::frame::Coverage as CoreCoverage;
use qiki_core::frame_limits::{MAX_DISTANCE_M, check_coverage};

use crate::errors::Result;

/// The volume that a frame searched. A track predicted outside it was not missed.
///
/// Parameters
/// ----------
/// min_range_m, max_range_m : float
///     Nearest and farthest slant range searched [m], 0 to 1e9.
/// bearing_start_deg : float
///     Where the sector starts [deg], clockwise from north, 0 <= start < 360.
/// bearing_extent_deg : float
///     Width of the sector [deg], 0 to 360; 360 is the whole turn.
/// min_elevation_deg, max_elevation_deg : float
///     Lowest and highest elevation searched [deg], -90 to 90.
///
/// Raises
/// ------
/// qiki.errors.FrameError
///     A number outside its limits.
#[pyclass(frozen, eq, from_py_object, name = "Coverage", module = "qiki.radar")]
#[derive(Clone, Copy, PartialEq)]
pub struct Coverage(pub CoreCoverage);

#[pymethods]
impl Coverage {
    #[new]
    #[pyo3(signature = (*, min_range_m=0.0, max_range_m=MAX_DISTANCE_M, bearing_start_deg=0.0,
                        bearing_extent_deg=360.0, min_elevation_deg=-90.0, max_elevation_deg=90.0),
           text_signature = "(*, min_range_m=0.0, max_range_m=1e9, bearing_start_deg=0.0, \
                             bearing_extent_deg=360.0, min_elevation_deg=-90.0, \
                             max_elevation_deg=90.0)")]
    fn new(
        min_range_m: f64,
        max_range_m: f64,
        bearing_start_deg: f64,
        bearing_extent_deg: f64,
        min_elevation_deg: f64,
        max_elevation_deg: f64,
    ) -> Result<Self> {
        let coverage = CoreCoverage {
            min_range_m,
            max_range_m,
            bearing_start_deg,
            bearing_extent_deg,
            min_elevation_deg,
            max_elevation_deg,
        };
        check_coverage(&coverage)?;
        Ok(Self(coverage))
    }

    /// Return the coverage of a clock frame, which looked nowhere: no track is missed by it.
    #[staticmethod]
    const fn empty() -> Self {
        Self(CoreCoverage::EMPTY)
    }

    /// True when nothing was searched: a clock frame's, its `max_range_m` is 0.
    #[getter]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nearest slant range searched [m].
    #[getter]
    fn min_range_m(&self) -> f64 {
        self.0.min_range_m
    }

    /// Farthest slant range searched [m].
    #[getter]
    fn max_range_m(&self) -> f64 {
        self.0.max_range_m
    }

    /// Where the sector starts [deg], clockwise from north.
    #[getter]
    fn bearing_start_deg(&self) -> f64 {
        self.0.bearing_start_deg
    }

    /// Width of the sector [deg].
    #[getter]
    fn bearing_extent_deg(&self) -> f64 {
        self.0.bearing_extent_deg
    }

    /// Lowest elevation searched [deg].
    #[getter]
    fn min_elevation_deg(&self) -> f64 {
        self.0.min_elevation_deg
    }

    /// Highest elevation searched [deg].
    #[getter]
    fn max_elevation_deg(&self) -> f64 {
        self.0.max_elevation_deg
    }

    fn __repr__(&self) -> String {
        let c = &self.0;
        format!(
            "Coverage(min_range_m={}, max_range_m={}, bearing_start_deg={}, bearing_extent_deg={}, \
             min_elevation_deg={}, max_elevation_deg={})",
            c.min_range_m,
            c.max_range_m,
            c.bearing_start_deg,
            c.bearing_extent_deg,
            c.min_elevation_deg,
            c.max_elevation_deg,
        )
    }
}

/// The coverage that an argument means: an object, a dict of its parameters, or None for a frame
/// that says nothing about it, which is taken as the full sphere.
pub fn from_argument(argument: Option<&Bound<'_, PyAny>>) -> PyResult<CoreCoverage> {
    let Some(argument) = argument else {
        return Ok(CoreCoverage::sphere(MAX_DISTANCE_M));
    };
    if let Ok(parameters) = argument.cast::<PyDict>() {
        let class = argument.py().get_type::<Coverage>();
        return Ok(class.call((), Some(parameters))?.extract::<Coverage>()?.0);
    }
    Ok(argument.extract::<Coverage>()?.0)
}
