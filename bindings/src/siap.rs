//! `qiki.metrics.Siap`: the attributes of an air picture.

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use qiki_core::metrics::cutoff::Cutoff;
use qiki_core::metrics::siap::{Siap as CoreSiap, SiapScore as CoreScore, SiapSums, Side};

use crate::arrays::Numbers;
use crate::errors::{CoreError, Result};
use crate::metrics::Rows;
use crate::whole_number;

/// The pictures of one run, scored by the attributes of a single integrated air picture (SIAP).
///
/// Add the picture of each time in turn; `add` returns the attributes at that time, `score` those
/// of the run so far: ratios of sums over all pictures.
///
/// Within a picture tracks are assigned to targets one to one at the least sum of distances to the
/// power p; those left over belong to the nearest target, as second tracks of it. Both only below
/// the cutoff.
///
/// Parameters
/// ----------
/// cutoff_m : float
///     Distance from which a track is not that of a target [m], 1e-12 to 1e12.
/// p : float
///     Order of the assignment, 1 to 100.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An argument outside its limits.
///
/// References
/// ----------
/// SIAP System Engineering Task Force, "Single Integrated Air Picture (SIAP) attributes", Technical
/// Report 2001-001; P. Votruba et al., "SIAP metrics implementation", Technical Report 2001-003.
#[pyclass(name = "Siap", module = "qiki.metrics")]
pub struct Siap(CoreSiap);

#[pymethods]
impl Siap {
    #[new]
    #[pyo3(signature = (*, cutoff_m=100.0, p=2.0))]
    fn new(cutoff_m: f64, p: f64) -> Result<Self> {
        Ok(Self(CoreSiap::new(Cutoff::new(cutoff_m, p)?)))
    }

    /// Take in the picture of one time. What is refused changes nothing.
    ///
    /// Parameters
    /// ----------
    /// time_ns : int
    ///     Time of the picture, after that of the last [ns].
    /// truth_numbers : (n,) int
    ///     A number for each target that is there, the same in every picture; not negative.
    /// truth_m : (n, d) array of float
    ///     Where they are [m].
    /// track_numbers : (m,) int
    ///     Numbers of the tracks.
    /// track_m : (m, d) array of float
    ///     Where they say that targets are [m].
    /// truth_velocity_m_s, track_velocity_m_s : (n, e) and (m, e) array of float, optional
    ///     Velocities [m/s], both or none.
    ///
    /// Returns
    /// -------
    /// SiapPicture
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A time that is not after the last, numbers that come twice or are not one for each point,
    ///     a coordinate that is not finite.
    /// qiki.errors.FrameError
    ///     A time outside the limits of frames.
    /// qiki.errors.CapacityError
    ///     More than 1e7 pairs below the cutoff, or targets and their tracks over the run.
    /// TypeError
    ///     Numbers that are not integers.
    /// ValueError
    ///     An array of wrong shape, a negative number, velocities of one side only.
    #[pyo3(signature = (time_ns, truth_numbers, truth_m, track_numbers, track_m, *,
                        truth_velocity_m_s=None, track_velocity_m_s=None))]
    #[expect(clippy::too_many_arguments, reason = "a picture has two sides")]
    fn add(
        &mut self,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
        truth_numbers: &Bound<'_, PyAny>,
        truth_m: Numbers<'_>,
        track_numbers: &Bound<'_, PyAny>,
        track_m: Numbers<'_>,
        truth_velocity_m_s: Option<Numbers<'_>>,
        track_velocity_m_s: Option<Numbers<'_>>,
    ) -> PyResult<SiapPicture> {
        if truth_velocity_m_s.is_some() != track_velocity_m_s.is_some() {
            let message = "truth_velocity_m_s and track_velocity_m_s: one is missing, give both \
                           or none";
            return Err(PyValueError::new_err(message));
        }
        let velocity_names = ["truth_velocity_m_s", "track_velocity_m_s"];
        let truth = Given::of("truth_numbers", truth_numbers, "truth_m", &truth_m)?
            .moving(velocity_names[0], truth_velocity_m_s.as_ref())?;
        let tracks = Given::of("track_numbers", track_numbers, "track_m", &track_m)?
            .moving(velocity_names[1], track_velocity_m_s.as_ref())?;
        let (truth, tracks) = (truth.side()?, tracks.side()?);
        Ok(self.0.add(time_ns, &truth, &tracks).map(SiapPicture).map_err(CoreError::from)?)
    }

    /// Return the attributes of all pictures so far.
    ///
    /// Returns
    /// -------
    /// SiapScore
    fn score(&self) -> SiapScore {
        SiapScore(self.0.score())
    }
}

/// One side of a picture as Python gives it.
struct Given {
    numbers: Vec<u64>,
    positions: Rows,
    velocities: Option<Rows>,
}

impl Given {
    fn of(
        numbers_name: &'static str,
        numbers: &Bound<'_, PyAny>,
        name: &'static str,
        positions: &Numbers<'_>,
    ) -> PyResult<Self> {
        let positions = Rows::of(name, positions)?;
        Ok(Self { numbers: whole_numbers(numbers_name, numbers)?, positions, velocities: None })
    }

    fn moving(self, name: &'static str, velocities: Option<&Numbers<'_>>) -> PyResult<Self> {
        let velocities = velocities.map(|velocities| Rows::of(name, velocities)).transpose()?;
        Ok(Self { velocities, ..self })
    }

    fn side(&self) -> Result<Side<'_>> {
        Ok(Side {
            numbers: &self.numbers,
            positions: self.positions.points()?,
            velocities: self.velocities.as_ref().map(Rows::points).transpose()?,
        })
    }
}

fn whole_numbers(name: &str, numbers: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    if let Ok(array) = numbers.extract::<PyReadonlyArray1<'_, u64>>() {
        return Ok(array.as_array().iter().copied().collect());
    }
    let signed: Vec<i64> = numbers.extract().map_err(|_| {
        PyTypeError::new_err(format!("{name} must be a one-dimensional array of integers"))
    })?;
    let refuse =
        |number: i64| PyValueError::new_err(format!("{name} has {number}, must not be negative"));
    signed.into_iter().map(|number| u64::try_from(number).map_err(|_| refuse(number))).collect()
}

/// The attributes at one time. A ratio of nothing is NaN.
#[pyclass(frozen, name = "SiapPicture", module = "qiki.metrics")]
pub struct SiapPicture(SiapSums);

#[pymethods]
impl SiapPicture {
    /// J: targets that are there.
    #[getter]
    fn targets(&self) -> u64 {
        self.0.objects
    }

    /// JT: targets with a track.
    #[getter]
    fn tracked_targets(&self) -> u64 {
        self.0.tracked_objects
    }

    /// N: tracks.
    #[getter]
    fn tracks(&self) -> u64 {
        self.0.tracks
    }

    /// NA: tracks assigned to a target.
    #[getter]
    fn assigned_tracks(&self) -> u64 {
        self.0.assigned_tracks
    }

    /// C: share of the targets that have a track.
    #[getter]
    fn completeness(&self) -> f64 {
        self.0.completeness()
    }

    /// A: assigned tracks per target that has one; 1 at best.
    #[getter]
    fn ambiguity(&self) -> f64 {
        self.0.ambiguity()
    }

    /// S: share of the tracks that are assigned to no target.
    #[getter]
    fn spuriousness(&self) -> f64 {
        self.0.spuriousness()
    }

    /// PA: mean distance of an assigned track from its target [m].
    #[getter]
    fn position_accuracy_m(&self) -> f64 {
        self.0.position_accuracy()
    }

    /// VA: mean error of the velocity of an assigned track [m/s].
    #[getter]
    fn velocity_accuracy_m_s(&self) -> f64 {
        self.0.velocity_accuracy()
    }
}

/// The attributes over a run: ratios of sums over its pictures. A ratio of nothing is NaN.
#[pyclass(frozen, name = "SiapScore", module = "qiki.metrics")]
pub struct SiapScore(CoreScore);

#[pymethods]
impl SiapScore {
    /// Pictures taken in.
    #[getter]
    fn pictures(&self) -> u64 {
        self.0.pictures
    }

    /// Different targets.
    #[getter]
    fn targets(&self) -> u64 {
        self.0.object_count
    }

    /// Targets that ever had a track.
    #[getter]
    fn tracked_targets(&self) -> u64 {
        self.0.tracked_object_count
    }

    /// C: share of the targets that have a track, in the mean over targets and pictures.
    #[getter]
    fn completeness(&self) -> f64 {
        self.0.sums.completeness()
    }

    /// A: assigned tracks per target that has one; 1 at best.
    #[getter]
    fn ambiguity(&self) -> f64 {
        self.0.sums.ambiguity()
    }

    /// S: share of the tracks that are assigned to no target.
    #[getter]
    fn spuriousness(&self) -> f64 {
        self.0.sums.spuriousness()
    }

    /// Tracks per picture that are assigned to no target.
    #[getter]
    fn spurious_tracks(&self) -> f64 {
        let sums = &self.0.sums;
        (sums.tracks - sums.assigned_tracks) as f64 / self.0.pictures as f64
    }

    /// PA: mean distance of an assigned track from its target [m].
    #[getter]
    fn position_accuracy_m(&self) -> f64 {
        self.0.sums.position_accuracy()
    }

    /// VA: mean error of the velocity of an assigned track [m/s].
    #[getter]
    fn velocity_accuracy_m_s(&self) -> f64 {
        self.0.sums.velocity_accuracy()
    }

    /// Different tracks per target that ever had one; 1 at best.
    #[getter]
    fn tracks_per_target(&self) -> f64 {
        self.0.numbers_per_object
    }

    /// Fewest changes of track number by which the targets could have been followed. A target that
    /// is lost and found again under the same number has none.
    #[getter]
    fn number_changes(&self) -> u64 {
        self.0.number_changes
    }

    /// R: these changes per time for which a target was tracked [1/s].
    #[getter]
    fn number_change_rate_hz(&self) -> f64 {
        self.0.number_change_rate_hz
    }

    /// LS: share of the targets' time that the longest unbroken segment of one track covers.
    #[getter]
    fn longest_segment(&self) -> f64 {
        self.0.longest_segment
    }
}
