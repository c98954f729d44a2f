//! `qiki.agent.env.WorldBatch`: episodes side by side, behind the Gymnasium environments.

use std::sync::Arc;

use numpy::{PyArray1, PyReadonlyArray2, PyReadwriteArray1, PyReadwriteArray2};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use qiki_core::world::batch::{EpisodeBatch, StepOutput};
use qiki_core::world::episode::{ACTION_LENGTH, Episode, EpisodeSettings};
use qiki_core::world::observation::LENGTH;

use crate::errors::CoreError;
use crate::records::TrackElement;
use crate::tracker::to_array;
use crate::vehicle::PyVehicle;
use crate::whole_number::{self, WorldSeed};
use crate::world::PyWorldSettings;

/// Episodes of one scenario side by side, judged by its task, stepped in one thread without the GIL.
///
/// A seed is that of the radars' draws in the first world after it; those that follow have seeds of
/// their own, which depend on it alone.
///
/// Parameters
/// ----------
/// settings : WorldSettings
///     What the worlds are made of.
/// seeds : sequence of int
///     One for each episode, 1 to 65536 of them, each below 2^63.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A seed, or a number of seeds, outside its limits, a task that the vehicle cannot do, and as of `World`.
#[pyclass(name = "WorldBatch", module = "qiki.agent.env")]
pub struct PyWorldBatch {
    batch: EpisodeBatch,
    settings: Arc<EpisodeSettings>,
}

#[pymethods]
impl PyWorldBatch {
    /// Numbers of an observation.
    #[classattr]
    const OBSERVATION_LENGTH: usize = LENGTH;

    /// Numbers of an action: force and torque in the body frame, by axis, and what the port does.
    #[classattr]
    const ACTION_LENGTH: usize = ACTION_LENGTH;

    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives sequences by value")]
    fn new(settings: &Bound<'_, PyWorldSettings>, seeds: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let seeds = seeds.iter().map(seed).collect::<PyResult<Vec<_>>>()?;
        let world = Arc::clone(&settings.get().0);
        let settings = Arc::new(EpisodeSettings::new(world).map_err(CoreError::from)?);
        let batch = EpisodeBatch::new(&settings, &seeds).map_err(CoreError::from)?;
        Ok(Self { batch, settings })
    }

    /// Begin the next episode of each that `mask` names; releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// seeds : sequence of int or None
    ///     For each: its first episode of this seed, or, for None, the one after the last.
    /// mask : sequence of bool
    ///     Which.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A seed outside its limits.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives sequences by value")]
    fn reset(
        &mut self,
        py: Python<'_>,
        seeds: Vec<Option<Bound<'_, PyAny>>>,
        mask: Vec<bool>,
    ) -> PyResult<()> {
        let wanted = |given: &Option<Bound<'_, PyAny>>| given.as_ref().map(seed).transpose();
        let seeds = seeds.iter().map(wanted).collect::<PyResult<Vec<_>>>()?;
        let count = self.batch.episodes().len();
        check_length("seeds", seeds.len(), count)?;
        check_length("mask", mask.len(), count)?;
        let batch = &mut self.batch;
        Ok(py.detach(|| batch.reset(&seeds, &mask)).map_err(CoreError::from)?)
    }

    /// Write what each observes now.
    ///
    /// Parameters
    /// ----------
    /// observations : (n, m) float32
    ///     C-ordered, written to.
    fn observe(&self, mut observations: PyReadwriteArray2<'_, f32>) -> PyResult<()> {
        let count = self.batch.episodes().len();
        let rows = rows_of(observations.as_slice_mut()?, "observations", count)?;
        self.batch.observe(rows);
        Ok(())
    }

    /// Step each by its action, up to and including the next frame; releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// actions : (n, 7) float32
    ///     Each -1 to 1, beyond it as at the limit: force and torque in parts of `action_scale`, and the
    ///     port, engaged above 0.5 and released below -0.5. C-ordered.
    /// observations : (n, m) float32
    ///     What each observes after it; this and the others are C-ordered and written to.
    /// rewards : (n,) float64
    ///     What the step was worth.
    /// terminated, truncated : (n,) bool
    ///     Whether the goal is reached or missed, and whether the time is over or the vehicle has left
    ///     the world.
    /// outcomes : (n,) uint8
    ///     0 while it goes on, 1 for success, 2 for a collision, 3 when the time is over, 4 for a vehicle
    ///     that has left the world.
    /// distances_m : (n, 2) float64
    ///     To the station, NaN where there is none, and to the nearest body, infinite where none is [m].
    /// resets : bool
    ///     Whether one that is over begins its next episode, with reward 0, in place of a step.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     An action that is NaN, and no episode has made a step; a time beyond the limits of a world, a step
    ///     after its end, and the episodes before that one have.
    /// ValueError
    ///     An array of another length, or not C-ordered.
    #[pyo3(signature = (
        actions, observations, rewards, terminated, truncated, outcomes, distances_m, *, resets
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is an array of the environments")]
    fn step(
        &mut self,
        py: Python<'_>,
        actions: PyReadonlyArray2<'_, f32>,
        mut observations: PyReadwriteArray2<'_, f32>,
        mut rewards: PyReadwriteArray1<'_, f64>,
        mut terminated: PyReadwriteArray1<'_, bool>,
        mut truncated: PyReadwriteArray1<'_, bool>,
        mut outcomes: PyReadwriteArray1<'_, u8>,
        mut distances_m: PyReadwriteArray2<'_, f64>,
        resets: bool,
    ) -> PyResult<()> {
        let count = self.batch.episodes().len();
        let (actions, rest) = actions.as_slice()?.as_chunks::<ACTION_LENGTH>();
        check_length("actions", if rest.is_empty() { actions.len() } else { 0 }, count)?;
        let mut output = StepOutput {
            observations: rows_of(observations.as_slice_mut()?, "observations", count)?,
            rewards: entries_of(rewards.as_slice_mut()?, "rewards", count)?,
            terminated: entries_of(terminated.as_slice_mut()?, "terminated", count)?,
            truncated: entries_of(truncated.as_slice_mut()?, "truncated", count)?,
            outcomes: entries_of(outcomes.as_slice_mut()?, "outcomes", count)?,
            distances_m: rows_of(distances_m.as_slice_mut()?, "distances_m", count)?,
        };
        let batch = &mut self.batch;
        Ok(py.detach(|| batch.step(actions, resets, &mut output)).map_err(CoreError::from)?)
    }

    /// What an action of 1 asks of the thrusters, six floats: force [N] and torque [N m] by axis, what
    /// all that push that way give together.
    #[getter]
    fn action_scale(&self) -> [f64; 6] {
        self.settings.action_scale
    }

    /// What the station's transponder replies; None where it has none or there is no station.
    #[getter]
    fn station_id(&self) -> Option<String> {
        let id = self.settings.station_id.as_ref()?;
        let length = id.iter().position(|&byte| byte == 0).unwrap_or(id.len());
        Some(String::from_utf8_lossy(&id[..length]).into_owned())
    }

    /// Seeds of the radars' draws in the episodes that run, list of int.
    #[getter]
    fn world_seeds(&self) -> Vec<u64> {
        self.batch.episodes().iter().map(Episode::world_seed).collect()
    }

    /// A copy of the vehicle of an episode, as it is now.
    fn vehicle(&self, index: usize) -> PyResult<PyVehicle> {
        Ok(PyVehicle(self.episode(index)?.world().vehicle().clone()))
    }

    /// The newest record of each living track of an episode, by track number, (n,) TRACK_DTYPE.
    fn tracks<'py>(
        &self,
        py: Python<'py>,
        index: usize,
    ) -> PyResult<Bound<'py, PyArray1<TrackElement>>> {
        Ok(to_array(py, self.episode(index)?.world().tracks().to_vec()))
    }

    fn __len__(&self) -> usize {
        self.batch.episodes().len()
    }

    fn __repr__(&self) -> String {
        let scenario = &self.settings.world.scenario.name;
        format!("WorldBatch(scenario={scenario:?}, episodes={})", self.batch.episodes().len())
    }
}

impl PyWorldBatch {
    fn episode(&self, index: usize) -> PyResult<&Episode> {
        let count = self.batch.episodes().len();
        self.batch.episodes().get(index).ok_or_else(|| {
            PyIndexError::new_err(format!("index is {index}, must be 0 to {}", count - 1))
        })
    }
}

fn seed(value: &Bound<'_, PyAny>) -> PyResult<u64> {
    whole_number::seed::<WorldSeed>(value).map(|seed| seed.0)
}

fn rows_of<'a, T, const N: usize>(
    slice: &'a mut [T],
    name: &str,
    count: usize,
) -> PyResult<&'a mut [[T; N]]> {
    let (rows, rest) = slice.as_chunks_mut::<N>();
    check_length(name, if rest.is_empty() { rows.len() } else { 0 }, count)?;
    Ok(rows)
}

fn entries_of<'a, T>(slice: &'a mut [T], name: &str, count: usize) -> PyResult<&'a mut [T]> {
    check_length(name, slice.len(), count)?;
    Ok(slice)
}

fn check_length(name: &str, rows: usize, count: usize) -> PyResult<()> {
    if rows == count {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "{name} has {rows} whole rows, must have {count}: one for each episode"
    )))
}
