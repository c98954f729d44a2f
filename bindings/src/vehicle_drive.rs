//! `qiki.vehicle.Drive`.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::error::Error;
use qiki_core::vehicle::drive::config::DriveConfig;
use qiki_core::vehicle::drive::task::{CONDITIONS, Drive, DriveTask, ENDS};
use qiki_core::vehicle::drive_control::MOTORS;
use qiki_core::vehicle::simulation::Vehicle;

use crate::errors::Result;
use crate::vehicle_part::VehiclePart;

/// The drive of a vehicle, from `Vehicle.drive`: what it tells is that of the vehicle now.
///
/// Two motors push along the bow, each a servo for the speed of its wheel, and the wheels do not slip
/// sideways. A drive that is told nothing gives no force.
#[pyclass(frozen, name = "Drive", module = "qiki.vehicle")]
pub struct PyDrive(pub VehiclePart);

impl PyDrive {
    fn asked<T>(&self, py: Python<'_>, of: fn(&DriveConfig, &Drive) -> T) -> PyResult<Option<T>> {
        self.0.ask(py, |vehicle| vehicle.drive().map(|(config, drive)| of(config, drive)))
    }
}

#[pymethods]
impl PyDrive {
    /// Hold a speed of each wheel, from the next internal step on; at the end it brakes and lets go.
    ///
    /// Parameters
    /// ----------
    /// left, right : float
    ///     Speed as a part of the highest, -1 to 1; below 0 it is astern, and 0 brakes.
    /// duration_ns : int, optional
    ///     How long [ns]; without, until told otherwise.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A value outside its limits, while a port is held, or where its load is off or shed; nothing
    ///     changes.
    #[pyo3(signature = (left, right, *, duration_ns=None))]
    fn set(&self, py: Python<'_>, left: f64, right: f64, duration_ns: Option<i64>) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.set_drive([left, right], duration_ns))
    }

    /// Turn by an angle with opposite speeds of the wheels, from the next internal step on; when what is
    /// left of it is within the tolerance of the file, or its time is over, it brakes and lets go.
    ///
    /// Parameters
    /// ----------
    /// angle_deg : float
    ///     By how much, clockwise [deg], -360 to 360.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     As for `set`.
    fn turn(&self, py: Python<'_>, angle_deg: f64) -> PyResult<()> {
        self.0.tell(py, |vehicle| vehicle.turn_drive(angle_deg))
    }

    /// End what it is told: it brakes, and lets go once both wheels rest, or told to stop again.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.0.tell(py, Vehicle::stop_drive)
    }

    /// Let a motor fail, or repair it.
    ///
    /// Parameters
    /// ----------
    /// motor : str
    ///     ``left`` or ``right``.
    /// condition : str
    ///     ``working``, ``free``, giving no force along the bow, or ``blocked``, its wheel held at 0 while
    ///     the drive is told something.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     Another word.
    fn set_condition(&self, py: Python<'_>, motor: &str, condition: &str) -> PyResult<()> {
        let motor = index_of("motor", motor, &MOTORS)?;
        let condition = index_of("condition", condition, &CONDITIONS.map(|(_, word)| word))?;
        self.0.tell(py, |vehicle| vehicle.set_motor_condition(motor, CONDITIONS[condition].0))
    }

    /// ``idle``, ``speeds``, ``turn`` or ``brake``.
    #[getter]
    fn task(&self, py: Python<'_>) -> PyResult<&'static str> {
        let word = self.asked(py, |_, drive| match drive.task {
            DriveTask::Idle => "idle",
            DriveTask::Speeds { .. } => "speeds",
            DriveTask::Turn { .. } => "turn",
            DriveTask::Brake => "brake",
        })?;
        Ok(word.unwrap_or("idle"))
    }

    /// Why it is no longer at what it was told last: ``told``, to stop, ``time_over``, ``turned``, by the
    /// angle, or ``docked``, a port was captured; None while it is at it, or was never told anything.
    #[getter]
    fn ended(&self, py: Python<'_>) -> PyResult<Option<&'static str>> {
        let end = self.asked(py, |_, drive| drive.ended)?.flatten();
        Ok(end.map(|end| ENDS[end as usize].1))
    }

    /// What is left of a turn, clockwise [deg], as of the last internal step; None where it is not turning.
    #[getter]
    fn left_deg(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let left_deg = self.asked(py, |_, drive| match drive.task {
            DriveTask::Turn { angle_deg, turned_deg, .. } => Some(angle_deg - turned_deg),
            _ => None,
        })?;
        Ok(left_deg.flatten())
    }

    /// Speeds that the left and the right wheel are told, and in a turn were in the last internal step,
    /// (2,) float64 [m/s].
    #[getter]
    fn told_m_s<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let told_m_s = self.asked(py, |_, drive| drive.told_m_s())?.unwrap_or_default();
        Ok(PyArray1::from_slice(py, &told_m_s))
    }

    /// Speeds of the left and the right wheel's place along the bow, in the world, (2,) float64 [m/s].
    #[getter]
    fn wheels_m_s<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let speeds_m_s = self.0.ask(py, Vehicle::wheel_speeds_m_s)?.unwrap_or_default();
        Ok(PyArray1::from_slice(py, &speeds_m_s.map(|[_, along]| along)))
    }

    /// Highest speed that a wheel can be told [m/s].
    #[getter]
    fn maximum_m_s(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.asked(py, |config, _| config.maximum_m_s)?.unwrap_or_default())
    }

    /// Part of the power wanted that it got in the last internal step, by which the motors' forces are
    /// scaled, 0 to 1; None where it is told nothing.
    #[getter]
    fn power_part(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let part = self.asked(py, |_, drive| (!drive.is_idle()).then_some(drive.power_part))?;
        Ok(part.flatten())
    }

    /// ``working``, ``free`` or ``blocked`` for the left and the right motor, tuple of str.
    #[getter]
    fn conditions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let conditions = self.asked(py, |_, drive| drive.conditions)?.unwrap_or_default();
        PyTuple::new(py, conditions.map(|condition| CONDITIONS[condition as usize].1))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Drive(task={:?}, ended={:?})", self.task(py)?, self.ended(py)?))
    }
}

fn index_of(setting: &str, word: &str, words: &[&str]) -> Result<usize> {
    let index = words.iter().position(|known| *known == word);
    let refused = || Error::Setting {
        setting: setting.into(),
        value: format!("{word:?}"),
        limit: words.join(", "),
        remedy: "give one of these words".into(),
    };
    Ok(index.ok_or_else(refused)?)
}
