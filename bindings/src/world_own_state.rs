//! `qiki.agent.env.OwnState`, and what is observed of it and the tracks.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use qiki_core::error::Error;
use qiki_core::scene::scenario::MAX_IDENTITY_BYTES;
use qiki_core::vehicle::docking::mechanism::DockingPhase;
use qiki_core::vehicle::quaternion::Quaternion;
use qiki_core::world::observation::{
    Field, LENGTH, OWN_FIELDS, TRACK_FIELDS, TRACKS, observe as observe_in,
};
use qiki_core::world::own_state::{OwnState, PortSight};

use crate::arrays::copy_tracks;
use crate::errors::{CoreError, Result};
use crate::records::TrackElement;
use crate::vehicle::PyVehicle;
use crate::whole_number;

/// The phases of docking by number, each with its word.
const PHASES: [(DockingPhase, &str); 4] = [
    (DockingPhase::Free, "free"),
    (DockingPhase::Approach, "approach"),
    (DockingPhase::Captured, "captured"),
    (DockingPhase::Latched, "latched"),
];

/// A vehicle as its telemetry shows it: what `observe` needs of it. Immutable.
///
/// Parameters
/// ----------
/// time_ns : int
///     World time of the state [ns].
/// position_m : (3,) sequence of float
///     Position of the centre of mass in the world frame [m].
/// velocity_m_s : (3,) sequence of float
///     Velocity in the world frame [m/s].
/// attitude : (4,) sequence of float
///     Unit quaternion [w, x, y, z] from the body to the world frame.
/// rate_rad_s : (3,) sequence of float
///     Angular velocity in the body frame [rad/s].
/// propellant : float
///     Part of a full tank that is left, 0 to 1.
/// charge_pct : float
///     State of charge of the battery [%]; 0 without one.
/// phase : str
///     ``free``, ``approach``, ``captured`` or ``latched``.
/// is_engaged : bool
///     Whether a port is engaged.
/// sight : three (3,) sequences of float, optional
///     What the docking camera sees, in the body frame: the way to the station's port [m], the velocity of the
///     own port past it [m/s], and the turn that is left to the docked attitude, a rotation vector [deg],
///     as ``offset_m``, ``velocity_m_s`` and ``turn_deg`` of `qiki.vehicle.Docking`; None in the phase ``free``.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     Another phase.
#[pyclass(frozen, name = "OwnState", module = "qiki.agent.env")]
pub struct PyOwnState(OwnState);

#[pymethods]
impl PyOwnState {
    #[new]
    #[pyo3(signature = (
        time_ns, position_m, velocity_m_s, attitude, rate_rad_s, *, propellant, charge_pct,
        phase="free", is_engaged=false, sight=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn new(
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
        position_m: [f64; 3],
        velocity_m_s: [f64; 3],
        attitude: [f64; 4],
        rate_rad_s: [f64; 3],
        propellant: f64,
        charge_pct: f64,
        phase: &str,
        is_engaged: bool,
        sight: Option<[[f64; 3]; 3]>,
    ) -> Result<Self> {
        let port = |[offset_m, velocity_m_s, turn_deg]: [[f64; 3]; 3]| PortSight {
            offset_m,
            velocity_m_s,
            turn_deg,
        };
        Ok(Self(OwnState {
            time_ns,
            position_m,
            velocity_m_s,
            attitude: Quaternion(attitude),
            rate_rad_s,
            propellant,
            charge_pct,
            phase: phase_of(phase)?,
            is_engaged,
            sight: sight.map(port),
        }))
    }

    /// The state of a vehicle.
    ///
    /// Parameters
    /// ----------
    /// vehicle : qiki.vehicle.Vehicle
    ///     As it is now.
    /// start_time_ns : int
    ///     World time of the vehicle's time 0 [ns].
    #[staticmethod]
    #[pyo3(signature = (vehicle, start_time_ns=0))]
    fn of(
        vehicle: PyRef<'_, PyVehicle>,
        #[pyo3(from_py_with = whole_number::start_time_ns)] start_time_ns: i64,
    ) -> Self {
        Self(OwnState::of(&vehicle.0, start_time_ns))
    }

    /// World time of the state [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.0.time_ns
    }

    fn __repr__(&self) -> String {
        let OwnState { time_ns, position_m, phase, .. } = &self.0;
        let phase = PHASES[*phase as usize].1;
        format!("OwnState(time_ns={time_ns}, position_m={position_m:?}, phase={phase:?})")
    }
}

/// What an agent observes: numbers from -1 to 1, as `observation_layout` tells.
///
/// A function of its arguments alone: a policy sees the same numbers in `QikiEnv` and behind the
/// services.
///
/// Parameters
/// ----------
/// own : OwnState
///     The own vehicle.
/// tracks : (n,) TRACK_DTYPE
///     The newest record of each living track, as `qiki.agent.View.tracks`; those that are confirmed are
///     taken on to the time of `own`.
/// station_id : str, optional
///     What the station's transponder replies; without, its track is known by its object type.
/// min_quality : float
///     Tracks of less quality do not count.
///
/// Returns
/// -------
/// (m,) float32
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An identity of more than 32 bytes.
#[pyfunction]
#[pyo3(signature = (own, tracks, station_id=None, *, min_quality=0.0))]
pub fn observe<'py>(
    py: Python<'py>,
    own: &Bound<'py, PyOwnState>,
    tracks: PyReadonlyArray1<'py, TrackElement>,
    station_id: Option<&str>,
    min_quality: f64,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    let mut records = Vec::new();
    copy_tracks(&tracks, &mut records)?;
    let station_id = station_id.map(padded).transpose()?;
    let mut out = [0.0; LENGTH];
    observe_in(&own.get().0, &records, station_id.as_ref(), min_quality, &mut out);
    Ok(PyArray1::from_slice(py, &out))
}

/// What the numbers of an observation are, in order.
///
/// Returns
/// -------
/// list of (str, int, str, float, str)
///     Name, how many numbers, unit of the scale, scale and meaning. A vector v with the scale s is
///     told as v / (|v| + s), what has the scale 0 as it is. Those of tracks come once for each of 10.
#[pyfunction]
pub fn observation_layout() -> Vec<(&'static str, usize, &'static str, f64, &'static str)> {
    let tracks = std::iter::repeat_n(&TRACK_FIELDS, TRACKS).flatten();
    let all = OWN_FIELDS.iter().chain(tracks);
    all.map(|Field { name, count, unit, scale, about }| (*name, *count, *unit, *scale, *about))
        .collect()
}

fn phase_of(word: &str) -> Result<DockingPhase> {
    let phase = PHASES.iter().find(|(_, name)| *name == word).map(|(phase, _)| *phase);
    Ok(phase.ok_or_else(|| Error::Setting {
        setting: "phase".into(),
        value: format!("{word:?}"),
        limit: PHASES.map(|(_, name)| name).join(", "),
        remedy: "give one of these words".into(),
    })?)
}

fn padded(id: &str) -> PyResult<[u8; MAX_IDENTITY_BYTES]> {
    let mut bytes = [0; MAX_IDENTITY_BYTES];
    let room = bytes.get_mut(..id.len()).ok_or_else(|| {
        CoreError::from(Error::Setting {
            setting: "station_id".into(),
            value: format!("{} bytes long", id.len()),
            limit: format!("at most {MAX_IDENTITY_BYTES} bytes"),
            remedy: "give what the station replies".into(),
        })
    })?;
    room.copy_from_slice(id.as_bytes());
    Ok(bytes)
}
