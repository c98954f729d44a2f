//! `qiki.radar.OwnShipState`.

use pyo3::prelude::*;
use qiki_core::scene::platform::Platform;

/// Where an own ship, or another body, that is simulated elsewhere is at one time, and how it moves.
///
/// Parameters
/// ----------
/// time_ns : int
///     Time on the run's clock [ns].
/// position_m : sequence of 3 floats
///     Position in the world frame [m].
/// velocity_m_s : sequence of 3 floats
///     Velocity in the world frame [m/s].
/// heading_deg : float
///     Where the bow points over ground, clockwise from north [deg].
#[pyclass(frozen, name = "OwnShipState", module = "qiki.radar")]
#[derive(Clone, Copy)]
pub struct OwnShipState {
    /// Time on the run's clock [ns].
    #[pyo3(get)]
    pub time_ns: i64,
    pub position_m: [f64; 3],
    pub velocity_m_s: [f64; 3],
    /// Where the bow points over ground, clockwise from north [deg].
    #[pyo3(get)]
    pub heading_deg: f64,
}

impl OwnShipState {
    /// A platform of a scenario at the time 0.
    pub fn at_start(platform: &Platform) -> Self {
        let state = platform.path.state_at(0.0);
        Self {
            time_ns: 0,
            position_m: state.position_m,
            velocity_m_s: state.velocity_m_s,
            heading_deg: platform.heading_at(0.0)[0],
        }
    }
}

#[pymethods]
impl OwnShipState {
    #[new]
    #[pyo3(signature = (time_ns, position_m, velocity_m_s, heading_deg))]
    const fn new(
        time_ns: i64,
        position_m: [f64; 3],
        velocity_m_s: [f64; 3],
        heading_deg: f64,
    ) -> Self {
        Self { time_ns, position_m, velocity_m_s, heading_deg }
    }

    /// Position in the world frame, three floats [m].
    #[getter]
    fn position_m(&self) -> (f64, f64, f64) {
        self.position_m.into()
    }

    /// Velocity in the world frame, three floats [m/s].
    #[getter]
    fn velocity_m_s(&self) -> (f64, f64, f64) {
        self.velocity_m_s.into()
    }

    fn __repr__(&self) -> String {
        format!(
            "OwnShipState(time_ns={}, position_m={:?}, velocity_m_s={:?}, heading_deg={:?})",
            self.time_ns, self.position_m, self.velocity_m_s, self.heading_deg
        )
    }
}
