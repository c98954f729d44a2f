//! `qiki.radar.Radar`.

use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qiki_core::frame::format_uuid;
use qiki_core::radar::plot_record::Plots;
use qiki_core::radar::{Delivery, FaultyRadar, RunOptions};

use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::own_ship_state::OwnShipState;
use crate::scenario::{CheckedScenario, ScenarioSensor};
use crate::sensor_choice::SensorChoice;
use crate::simd_level;
use crate::target_truth::TruthColumns;
use crate::told_ship::ToldArguments;
use crate::user_model::CompiledModel;
use crate::whole_number;

/// A simulated radar that watches a scenario.
///
/// A frame is a pure function of scenario, sensor, seed and its number: frames may be asked for
/// in any order, by any number of threads, and are the same bytes each time and on every machine.
///
/// Model: mean SNR of a pulse by the radar equation (SNR ~ RCS / range^4), from a reference target
/// or from power, gain and losses; Swerling 0 to 4 fluctuation; the powers of N pulses are added
/// and detected when they exceed ``detection_threshold(Pfa, pulses=N)``, each echo's power drawn
/// from its exact law; Gaussian noise with standard deviation
/// ``sqrt(floor^2 + (resolution / k)^2 / (2 SNR))`` of the SNR of the echo itself, that of all N
/// pulses together (its `snr_db`), k 1.6 for angles (monopulse), else 1; a Poisson number of false
/// alarms, even over the coverage; clutter of the scene by Poisson processes over the ground.
/// docs/radar.md and docs/radar-clutter.md have the equations.
///
/// A staring radar looks at its whole coverage at once; a rotating one sweeps over a sector in each
/// frame and meets each target when the beam passes its bearing; a steered one looks with one beam
/// after the other, weakened off its centre by ``exp(-8 ln 2 (x^2 + y^2))`` with x and y the angles
/// off the centre in half-power widths. Frames come at most 100 times per second; faster looks go
/// out together, of each target the strongest echo. ``docs/radar-scan.md`` has the equations.
///
/// With ``merges_unresolved`` the targets of one resolution cell give one echo: of the sum of their
/// mean SNRs, at the centroid that these weigh, with the draws, the time and the `truth` of the
/// strongest. ``docs/radar-resolution.md`` has the cells.
///
/// Where the scenario asks for it, pulses make range rates ambiguous and speeds blind, the horizon
/// and other bodies hide targets, and a part of each error stays the same for a target:
/// ``docs/radar-visibility.md``.
///
/// Transponders up to `sr_threshold_m` are asked in every look; a scenario may give the radar an
/// interrogator that misses, garbles and confuses replies: ``docs/transponder.md``.
///
/// Parameters
/// ----------
/// scenario : Scenario
///     What is there.
/// sensor : int or str
///     Index of the radar in the scenario, or its name.
/// seed : int, optional
///     Seed of the draws; None takes the scenario's.
/// epoch : int
///     Epoch written into the frames; the draws do not depend on it.
/// start_time_ns : int
///     Time of frame 0 [ns]. A frame's time is its end: what a turning or steered antenna saw in
///     frame 0 lies before it.
/// sr_threshold_m : float, optional
///     Range up to which transponders are interrogated [m]; None takes the scenario's.
/// models : sequence of UserModel
///     The models that the scenario names (`Scenario.needed_models`), of this radar or not, in any
///     order; kept alive as long as the radar. ``docs/models.md`` says what each is asked.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     The scenario has no such sensor, the threshold is negative or not finite, or `models` lacks
///     one that the scenario names, has one of another kind, two of one name, or one that the
///     scenario does not name.
///
/// References
/// ----------
/// P. Swerling, "Probability of detection for fluctuating targets", IRE Trans. IT-6 (1960).
/// D. K. Barton, "Radar Equations for Modern Radar" (2013), on beamshape loss.
/// P. A. W. Lewis, G. S. Shedler, "Simulation of nonhomogeneous Poisson processes by thinning",
/// Naval Research Logistics Quarterly 26 (1979).
/// M. I. Skolnik, "Introduction to Radar Systems", 3rd ed. (2001), chapters 3 and 8.
/// G. R. Curry, "Radar System Performance Modeling", 2nd ed. (2005), chapter 8.
#[pyclass(frozen, name = "Radar", module = "qiki.radar")]
pub struct Radar {
    radar: FaultyRadar,
    /// Memory that one frame leaves to the next; a second thread at the same time takes its own.
    scratch: Mutex<Plots>,
}

impl From<FaultyRadar> for Radar {
    fn from(radar: FaultyRadar) -> Self {
        Self { radar, scratch: Mutex::default() }
    }
}

#[pymethods]
impl Radar {
    #[new]
    #[pyo3(signature = (scenario, *, sensor=SensorChoice::Index(0), seed=None, epoch=0, start_time_ns=0,
                        sr_threshold_m=None, models=Vec::new()),
           text_signature = "(scenario, *, sensor=0, seed=None, epoch=0, start_time_ns=0, \
                             sr_threshold_m=None, models=())")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives sequences by value")]
    fn new(
        scenario: &CheckedScenario,
        #[pyo3(from_py_with = SensorChoice::from_argument)] sensor: SensorChoice,
        #[pyo3(from_py_with = whole_number::seed)] seed: Option<u64>,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
        #[pyo3(from_py_with = whole_number::start_time_ns)] start_time_ns: i64,
        sr_threshold_m: Option<f64>,
        models: Vec<PyRef<'_, CompiledModel>>,
    ) -> Result<Self> {
        let level = simd_level::current();
        let options = RunOptions { seed, epoch, start_time_ns, sr_threshold_m, level };
        let models: Vec<_> = models.iter().map(|model| model.0.clone()).collect();
        let sensor = sensor.index_in(&scenario.0)?;
        Ok(FaultyRadar::new(&scenario.0, sensor, options, &models)?.into())
    }

    /// UUID of the sensor.
    #[getter]
    fn sensor_id(&self) -> String {
        format_uuid(&self.radar.radar().sensor().id)
    }

    /// What the scenario says of this radar, a ScenarioSensor.
    #[getter]
    fn sensor(&self) -> ScenarioSensor {
        ScenarioSensor::of(self.radar.radar().sensor(), &self.radar.radar().carrier().platform)
    }

    /// Time from frame to frame [ns]; the mean one where beams dwell for different times.
    #[getter]
    fn period_ns(&self) -> i64 {
        self.radar.radar().sensor().period_ns
    }

    /// How long before its time a frame begins to look, at the most [ns].
    #[getter]
    fn longest_frame_ns(&self) -> i64 {
        self.radar.radar().sensor().scan.longest_frame_ns()
    }

    /// Range up to which transponders are interrogated [m]; where frames are split.
    #[getter]
    fn sr_threshold_m(&self) -> f64 {
        self.radar.radar().sensor().sr_threshold_m
    }

    /// Ids of the targets, tuple of str; a frame's `truth` and `truth()` index it.
    #[getter]
    fn target_names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.radar.radar().targets().iter().map(|target| &target.id))
    }

    /// Make frame `number`; releases the GIL.
    ///
    /// Parameters
    /// ----------
    /// number : int
    ///     Number of the frame, from 0; `frame_time_ns` gives its time.
    ///
    /// Returns
    /// -------
    /// RadarFrame
    ///     Detections by bearing, each with its range band; those of the long range without
    ///     identity and each with the time at which it was seen. `truth` holds the index of the
    ///     target behind each, -1 for a false alarm, clutter and a reply to another interrogator.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     The scenario's clock ends before this frame.
    /// qiki.errors.FrameError
    ///     The radar has left the world, a cube of ± 1e9 m.
    /// qiki.errors.ModelError
    ///     A user's model answered what it must not; names it, its arguments and the value. There is
    ///     no such frame; the radar goes on with any other.
    fn frame(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = whole_number::number)] number: u64,
    ) -> Result<RadarFrame> {
        let simulated = py.detach(|| match self.scratch.try_lock() {
            Ok(mut scratch) => self.radar.frame_with(number, &mut scratch),
            Err(_) => self.radar.frame(number),
        })?;
        Ok(RadarFrame { frame: simulated.frame, truth: simulated.truth })
    }

    /// Return when frame `number` ends on the run's clock [ns].
    ///
    /// Parameters
    /// ----------
    /// number : int
    ///     Number of the frame, from 0.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     The scenario's clock ends before this frame.
    fn frame_time_ns(
        &self,
        #[pyo3(from_py_with = whole_number::number)] number: u64,
    ) -> Result<i64> {
        Ok(self.radar.radar().frame_time_ns(number)?)
    }

    /// Whether the radar is off when frame `number` is due.
    fn is_off(&self, #[pyo3(from_py_with = whole_number::number)] number: u64) -> bool {
        self.radar.is_off(number)
    }

    /// How frame `number` reaches those who wait for it.
    ///
    /// Parameters
    /// ----------
    /// number : int
    ///     Number of the frame.
    ///
    /// Returns
    /// -------
    /// delay_ns : int
    ///     How long after its time it arrives [ns]; 0 unless a fault delays it.
    /// copies : int
    ///     How often it arrives; 1 unless a fault repeats it.
    fn delivery(&self, #[pyo3(from_py_with = whole_number::number)] number: u64) -> (i64, u32) {
        let Delivery { delay_ns, copies } = self.radar.delivery(number);
        (delay_ns, copies)
    }

    /// Make the same radar with one fault more.
    ///
    /// Parameters
    /// ----------
    /// fault_json : str
    ///     The fault as the scenario gives it, in JSON: ``{"from_s": 3, "until_s": 5, "fault":
    ///     {"bias": {"range_m": 50}}}``. Kinds: off, stuck, bias, noisy, clock_jump, late,
    ///     duplicated, reordered. Times count from frame 0.
    ///
    /// Returns
    /// -------
    /// Radar
    ///
    /// Raises
    /// ------
    /// qiki.errors.ScenarioError
    ///     An unknown fault, or a value outside its limits.
    /// qiki.errors.CapacityError
    ///     It has 1000 faults.
    fn with_fault(&self, fault_json: &str) -> Result<Self> {
        Ok(self.radar.with_fault(fault_json)?.into())
    }

    /// Make the same radar where the own ship goes a way that was simulated elsewhere.
    ///
    /// A radar on the own ship goes with it, level, as its mount says; another sees it go, where the
    /// scenario makes it a target. Between two states the acceleration changes once, half way, and the
    /// heading turns evenly: of a ship whose acceleration is at most a, told every dt, it differs by
    /// less than a dt^2 / 8. Before and after them it goes straight.
    ///
    /// Parameters
    /// ----------
    /// states : sequence of OwnShipState
    ///     In order of time, 1 to 100 000; those of a frame's time say where its looks are.
    /// transponder_mode : int, optional
    ///     What the ship's transponder does, a `TransponderMode`; None for what the scenario says.
    /// transponder_id : str, optional
    ///     What it replies with, at most 32 bytes; None for nothing. Only with a mode.
    ///
    /// Returns
    /// -------
    /// Radar
    ///     With the same faults; a frame is a function of its number and of these states.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     No state or too many, times out of order, a number that is not finite or beyond the limits
    ///     of a scenario, an identity that is too long or without a mode.
    #[pyo3(signature = (states, *, transponder_mode=None, transponder_id=None))]
    fn with_own_ship(
        &self,
        states: Vec<PyRef<'_, OwnShipState>>,
        transponder_mode: Option<u8>,
        transponder_id: Option<&str>,
    ) -> Result<Self> {
        let told = ToldArguments::new(&self.radar, states, transponder_mode, transponder_id)?;
        Ok(self.radar.with_own_ship(&told.ship())?.into())
    }

    /// Make the same radar where one target goes a way that was simulated elsewhere.
    ///
    /// It goes as the own ship of `with_own_ship` does; all else that the scenario says of it stays.
    /// Several are told one after the other, in any order.
    ///
    /// Parameters
    /// ----------
    /// target : int
    ///     Index among `target_names`; the radar's own vehicle is none.
    /// states, transponder_mode, transponder_id : as those of `with_own_ship`
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     No such target, or what `with_own_ship` refuses.
    #[pyo3(signature = (target, states, *, transponder_mode=None, transponder_id=None))]
    fn with_told_target(
        &self,
        #[pyo3(from_py_with = whole_number::target)] target: usize,
        states: Vec<PyRef<'_, OwnShipState>>,
        transponder_mode: Option<u8>,
        transponder_id: Option<&str>,
    ) -> Result<Self> {
        let told = ToldArguments::new(&self.radar, states, transponder_mode, transponder_id)?;
        Ok(self.radar.with_told_target(target, &told.ship())?.into())
    }

    /// Whether the radar repeats an earlier frame as frame `number`.
    fn is_stuck(&self, #[pyo3(from_py_with = whole_number::number)] number: u64) -> bool {
        self.radar.is_stuck(number)
    }

    /// Make the same radar without any fault, those of the scenario neither.
    fn repaired(&self) -> Self {
        self.radar.repaired().into()
    }

    /// How many faults it has, those whose time is over included.
    #[getter]
    fn fault_count(&self) -> usize {
        self.radar.faults().len()
    }

    /// Make the clock frame that goes out while the radar is silent.
    ///
    /// Parameters
    /// ----------
    /// number : int
    ///     Number of the frame.
    /// time_ns : int
    ///     Its time on the run's clock [ns].
    ///
    /// Returns
    /// -------
    /// RadarFrame
    ///     Without detections, its coverage empty: it says where the sensor is and that time has
    ///     passed, and no track is missed by it.
    ///
    /// Raises
    /// ------
    /// qiki.errors.FrameError
    ///     The time is outside the limits, or the radar has left the world.
    fn clock_frame(
        &self,
        #[pyo3(from_py_with = whole_number::number)] number: u64,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
    ) -> Result<RadarFrame> {
        let simulated = self.radar.clock_frame(number, time_ns)?;
        Ok(RadarFrame { frame: simulated.frame, truth: simulated.truth })
    }

    /// Where the targets really are; releases the GIL. Each is told of by itself, whatever the radar
    /// merges.
    ///
    /// Parameters
    /// ----------
    /// time_ns : int
    ///     Time on the run's clock [ns].
    ///
    /// Returns
    /// -------
    /// TargetTruth
    ///     One entry per target, in the order of `target_names`.
    ///
    /// Raises
    /// ------
    /// qiki.errors.ModelError
    ///     A user's model answered what it must not.
    fn truth<'py>(
        &self,
        py: Python<'py>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
    ) -> PyResult<TruthColumns> {
        let truth = py.detach(|| self.radar.radar().truth(time_ns)).map_err(CoreError::from)?;
        TruthColumns::of(py, &truth)
    }

    fn __repr__(&self) -> String {
        format!(
            "Radar(sensor_id='{}', targets={})",
            self.sensor_id(),
            self.radar.radar().targets().len()
        )
    }
}
