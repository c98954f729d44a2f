//! `qiki.radar.RadarFrame` and its split into range bands.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use qiki_core::detection::range_band;
use qiki_core::error::Error;
use qiki_core::frame::{Frame, FrameHeader, format_uuid, parse_uuid};
use qiki_core::frame_limits::check_parts;
use qiki_core::radar::band_split;

use crate::arrays::{copy_detections, detection_elements, part_of};
use crate::coverage::{self, Coverage};
use crate::errors::CoreError;
use crate::records::DetectionElement;
use crate::whole_number;

/// What one sensor saw in one scan, and where and over what it looked. Immutable.
///
/// Parameters
/// ----------
/// detections : (n,) DETECTION_DTYPE
///     The detections; copied once. A measured field has its bit in `present` set, is finite and
///     has a standard deviation above 0; an absent field is NaN (floats) or zero.
/// time_ns : int
///     Nominal time of the frame [ns]; for a rotating radar the end of the turn or sector.
/// sensor_id : str
///     UUID of the sensor.
/// epoch : int
///     One run of the source.
/// number : int
///     Number of the frame within its epoch, from 0.
/// range_band : int
///     What the frame holds: 0 every detection, 1 long range (LR), 2 short range (SR).
/// coverage : Coverage or dict, optional
///     Volume searched; None is the full sphere.
/// sensor_position_m, sensor_velocity_m_s : (3,) floats
///     Where the sensor stood at `time_ns` [m] and how it moved [m/s], in the world frame.
/// truth : (n,) int32, optional
///     Index of the target behind each detection, -1 where there is none or it is not known.
///     Never leaves the process.
///
/// Raises
/// ------
/// qiki.errors.FrameError
///     A field outside its limits; the message names field, index, value and limit.
/// TypeError
///     `detections` is not an array of DETECTION_DTYPE.
#[pyclass(frozen, name = "RadarFrame", module = "qiki.radar")]
pub struct RadarFrame {
    /// The frame; its detections are the memory of the numpy array.
    pub frame: Frame,
    /// Index of the target behind each detection, -1 for none.
    pub truth: Vec<i32>,
}

impl RadarFrame {
    /// A frame whose targets are not known.
    pub fn without_truth(frame: Frame) -> Self {
        let truth = vec![-1; frame.detections.len()];
        Self { frame, truth }
    }
}

#[pymethods]
impl RadarFrame {
    #[new]
    #[pyo3(signature = (detections, *, time_ns,
                        sensor_id="00000000-0000-0000-0000-000000000000", epoch=0, number=0,
                        range_band=0, coverage=None, sensor_position_m=[0.0; 3],
                        sensor_velocity_m_s=[0.0; 3], truth=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of the Python constructor")]
    fn new(
        detections: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = whole_number::time_ns)] time_ns: i64,
        sensor_id: &str,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
        #[pyo3(from_py_with = whole_number::number)] number: u64,
        #[pyo3(from_py_with = whole_number::range_band)] range_band: u8,
        coverage: Option<&Bound<'_, PyAny>>,
        sensor_position_m: [f64; 3],
        sensor_velocity_m_s: [f64; 3],
        truth: Option<PyReadonlyArray1<'_, i32>>,
    ) -> PyResult<Self> {
        let header = FrameHeader {
            sensor_id: core(parse_uuid("sensor_id", sensor_id))?,
            epoch,
            number,
            time_ns,
            range_band,
            coverage: coverage::from_argument(coverage)?,
            sensor_position_m,
            sensor_velocity_m_s,
        };
        let detections = copy_detections(detections)?;
        core(check_parts(&header, &detections))?;
        let truth = copy_truth(truth, detections.len())?;
        Ok(Self { frame: Frame { header, detections }, truth })
    }

    /// The detections, (n,) DETECTION_DTYPE: read-only, no copy, alive as long as the array is.
    #[getter]
    fn detections(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<DetectionElement>>> {
        part_of(this, |frame| detection_elements(&frame.frame.detections))
    }

    /// Index of the target behind each detection, (n,) int32; -1 is a false alarm or unknown.
    #[getter]
    fn truth(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<i32>>> {
        part_of(this, |frame| &frame.truth)
    }

    /// Nominal time of the frame [ns].
    #[getter]
    fn time_ns(&self) -> i64 {
        self.frame.header.time_ns
    }

    /// UUID of the sensor.
    #[getter]
    fn sensor_id(&self) -> String {
        format_uuid(&self.frame.header.sensor_id)
    }

    /// One run of the source.
    #[getter]
    fn epoch(&self) -> u64 {
        self.frame.header.epoch
    }

    /// Number of the frame within its epoch.
    #[getter]
    fn number(&self) -> u64 {
        self.frame.header.number
    }

    /// The frame's name: UUID v5 of epoch and number in the sensor's namespace. A frame and its
    /// range bands share it.
    #[getter]
    fn frame_id(&self) -> String {
        self.frame.header.frame_id().to_string()
    }

    /// What the frame holds: 0 every detection, 1 long range, 2 short range.
    #[getter]
    fn range_band(&self) -> u8 {
        self.frame.header.range_band
    }

    /// The volume searched.
    #[getter]
    fn coverage(&self) -> Coverage {
        Coverage(self.frame.header.coverage)
    }

    /// Where the sensor stood at `time_ns`, in the world frame [m].
    #[getter]
    fn sensor_position_m(&self) -> (f64, f64, f64) {
        self.frame.header.sensor_position_m.into()
    }

    /// The sensor's velocity in the world frame [m/s].
    #[getter]
    fn sensor_velocity_m_s(&self) -> (f64, f64, f64) {
        self.frame.header.sensor_velocity_m_s.into()
    }

    fn __len__(&self) -> usize {
        self.frame.detections.len()
    }

    fn __repr__(&self) -> String {
        let header = &self.frame.header;
        format!(
            "RadarFrame({} detections, number={}, time_ns={}, sensor_id='{}', epoch={}, range_band={})",
            self.frame.detections.len(),
            header.number,
            header.time_ns,
            format_uuid(&header.sensor_id),
            header.epoch,
            header.range_band,
        )
    }

    /// Split the frame into its long-range and short-range parts.
    ///
    /// Parameters
    /// ----------
    /// sr_threshold_m : float
    ///     A detection whose range is at most this is short range (SR), any other long range (LR).
    ///
    /// Returns
    /// -------
    /// BandFrames
    ///     ``all``: every detection with `range_band` set and the LR ones stripped of identity;
    ///     ``long`` and ``short``: its parts.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A threshold that is negative or not finite.
    /// qiki.errors.FrameError
    ///     The frame is itself a part.
    fn split(&self, py: Python<'_>, sr_threshold_m: f64) -> PyResult<BandFrames> {
        let bands = core(band_split::split(&self.frame, sr_threshold_m))?;
        let truth_in = |band| {
            let pairs = bands.all.detections.iter().zip(&self.truth);
            pairs.filter(|pair| pair.0.range_band == band).map(|pair| *pair.1).collect()
        };
        let (long, short) = (truth_in(range_band::LONG), truth_in(range_band::SHORT));
        Ok(BandFrames {
            long: Py::new(py, Self { frame: bands.long, truth: long })?,
            short: Py::new(py, Self { frame: bands.short, truth: short })?,
            all: Py::new(py, Self { frame: bands.all, truth: self.truth.clone() })?,
        })
    }
}

/// A frame and its two range bands; all three have the same `frame_id`.
#[pyclass(frozen, get_all, name = "BandFrames", module = "qiki.radar")]
pub struct BandFrames {
    /// Every detection with `range_band` set, those of the long range without identity.
    all: Py<RadarFrame>,
    /// The long-range detections: no identity of any kind.
    long: Py<RadarFrame>,
    /// The short-range detections.
    short: Py<RadarFrame>,
}

#[pymethods]
impl BandFrames {
    fn __repr__(&self) -> String {
        let count = |frame: &Py<RadarFrame>| frame.get().frame.detections.len();
        format!("BandFrames(long={}, short={})", count(&self.long), count(&self.short))
    }
}

/// The core's error as a Python one, where `?` cannot convert in one step.
fn core<T>(result: qiki_core::error::Result<T>) -> PyResult<T> {
    Ok(result.map_err(CoreError::from)?)
}

fn copy_truth(truth: Option<PyReadonlyArray1<'_, i32>>, count: usize) -> PyResult<Vec<i32>> {
    let Some(truth) = truth else {
        return Ok(vec![-1; count]);
    };
    let truth: Vec<i32> = truth.as_array().iter().copied().collect();
    core(check_truth(&truth, count))?;
    Ok(truth)
}

fn check_truth(truth: &[i32], count: usize) -> qiki_core::error::Result<()> {
    if truth.len() == count {
        return Ok(());
    }
    Err(Error::Frame {
        field: "len(truth)".into(),
        value: truth.len().to_string(),
        limit: format!("{count}, one per detection"),
    })
}
