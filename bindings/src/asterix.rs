//! `qiki.recording`'s columns of an ASTERIX recording, and its turns as frames.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use qiki_core::error::Error;
use qiki_core::wire::asterix::scans::{Identity, ScanOptions, Scans, cut};
use qiki_core::wire::asterix::sensor::SensorAccuracy;
use qiki_core::wire::asterix::source::Source;
use qiki_core::wire::asterix::{ReadOptions, Recording, read, replay_epoch};

use crate::arrays::{detection_elements, part_of, plot_detail_elements, service_message_elements};
use crate::errors::{CoreError, Result};
use crate::frame::RadarFrame;
use crate::records::{DetectionElement, PlotDetailElement, ServiceMessageElement};
use crate::whole_number;

/// Read ASTERIX CAT048 and CAT034 into columns; see ``qiki.recording.read_asterix``.
///
/// Parameters
/// ----------
/// data : bytes
///     Concatenated data blocks, or a pcap or pcapng capture of UDP datagrams that hold them.
/// format : str, optional
///     ``"blocks"``, ``"pcap"`` or ``"pcapng"``; None tells it from the first four bytes.
/// udp_port : int, optional
///     Of a capture, only the datagrams to this port.
/// tolerant : bool
///     List what cannot be read and go on, instead of raising at the first fault.
/// range_std_m, bearing_std_deg, height_std_m, range_rate_std_m_s : float
///     Accuracy of the radar, written into every plot: CAT048 carries none.
/// doppler_sign : str
///     What a positive calculated Doppler speed (I048/120) means: ``"receding"``,
///     ``"approaching"``, or ``"unknown"``: the range rate stays absent, for the standard does
///     not say.
///
/// Returns
/// -------
/// AsterixColumns
///
/// Raises
/// ------
/// qiki.errors.DecodeError
///     The first fault of a strict reading, with offset and reason; a capture of a kind that
///     cannot be read; bytes without a single CAT048 or CAT034 block.
/// qiki.errors.SettingError
///     An argument outside its limits.
#[pyfunction]
#[pyo3(signature = (data, *, format=None, udp_port=None, tolerant=false, range_std_m=30.0,
                    bearing_std_deg=0.06, height_std_m=15.0, range_rate_std_m_s=2.0,
                    doppler_sign="unknown"))]
#[expect(clippy::too_many_arguments, reason = "keywords of the Python function")]
pub fn read_asterix_columns(
    py: Python<'_>,
    data: &[u8],
    format: Option<&str>,
    #[pyo3(from_py_with = whole_number::udp_port)] udp_port: Option<u16>,
    tolerant: bool,
    range_std_m: f32,
    bearing_std_deg: f32,
    height_std_m: f32,
    range_rate_std_m_s: f32,
    doppler_sign: &str,
) -> Result<AsterixColumns> {
    let options = ReadOptions {
        container: format.map(str::parse).transpose()?,
        udp_port,
        tolerant,
        accuracy: SensorAccuracy { range_std_m, bearing_std_deg, height_std_m, range_rate_std_m_s },
        doppler: doppler_sign.parse()?,
    };
    let recording = py.detach(|| read(data, options))?;
    Ok(AsterixColumns { recording })
}

/// The records of an ASTERIX recording in the order of the input. Immutable.
#[pyclass(frozen, name = "AsterixColumns", module = "qiki.recording")]
pub struct AsterixColumns {
    recording: Recording,
}

#[pymethods]
impl AsterixColumns {
    /// The plots with their identity, (n,) DETECTION_DTYPE, read-only.
    #[getter]
    fn plots(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<DetectionElement>>> {
        part_of(this, |columns| detection_elements(&columns.recording.plots))
    }

    /// What else each plot's record says, (n,) PLOT_DETAIL_DTYPE, read-only.
    #[getter]
    fn details(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<PlotDetailElement>>> {
        part_of(this, |columns| plot_detail_elements(&columns.recording.details))
    }

    /// The service messages, (m,) SERVICE_MESSAGE_DTYPE, read-only.
    #[getter]
    fn services(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<ServiceMessageElement>>> {
        part_of(this, |columns| service_message_elements(&columns.recording.services))
    }

    /// What was read and what was passed over, in numbers.
    #[getter]
    fn tally<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let tally = &self.recording.tally;
        let numbers = PyDict::new(py);
        for (name, number) in [
            ("blocks", tally.blocks),
            ("other_blocks", tally.other_blocks),
            ("records", tally.records),
            ("records_without_detection", tally.records_without_detection),
            ("records_without_position", tally.records_without_position),
            ("packets", tally.packets),
            ("other_packets", tally.other_packets),
            ("unread_bytes", tally.unread_bytes),
            ("faults", self.recording.faults.count),
        ] {
            numbers.set_item(name, number)?;
        }
        Ok(numbers)
    }

    /// The first 1000 faults of a tolerant reading as (format, offset, reason).
    #[getter]
    fn faults(&self) -> Vec<(&'static str, usize, String)> {
        let listed = self.recording.faults.listed.iter();
        listed.map(|fault| (fault.format, fault.offset, fault.reason.to_string())).collect()
    }

    /// Cut the plots of one radar into turns of its antenna.
    ///
    /// Parameters
    /// ----------
    /// source : (int, int), optional
    ///     SAC and SIC of the radar; needed where the recording holds plots of several.
    /// rotation_period_s : float, optional
    ///     Time of one turn [s]; None takes it from the service messages, else from the plots.
    /// max_range_m : float, optional
    ///     Instrumented range [m]; None takes that of the furthest plot, up to the next nautical
    ///     mile.
    /// max_elevation_deg : float
    ///     Edge of the cone of silence [deg]: above it an aircraft is not missed but unseen.
    ///
    /// Returns
    /// -------
    /// AsterixScans
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A source that is not there or not chosen, or a period that is neither given nor told.
    #[pyo3(signature = (*, source=None, rotation_period_s=None, max_range_m=None,
                        max_elevation_deg=45.0))]
    fn cut(
        &self,
        py: Python<'_>,
        source: Option<(u8, u8)>,
        rotation_period_s: Option<f64>,
        max_range_m: Option<f64>,
        max_elevation_deg: f64,
    ) -> Result<AsterixScans> {
        let source = source.map(|(sac, sic)| Source { sac, sic });
        let max_elevation_deg = Some(max_elevation_deg);
        let options = ScanOptions { source, rotation_period_s, max_range_m, max_elevation_deg };
        let scans = py.detach(|| cut(&self.recording, options))?;
        Ok(AsterixScans { scans })
    }
}

/// The plots of one radar, turn by turn and within a turn by time. Immutable.
#[pyclass(frozen, name = "AsterixScans", module = "qiki.recording")]
pub struct AsterixScans {
    scans: Scans,
}

#[pymethods]
impl AsterixScans {
    /// The plots with their identity, (n,) DETECTION_DTYPE, read-only.
    #[getter]
    fn plots(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<DetectionElement>>> {
        part_of(this, |scans| detection_elements(&scans.scans.plots))
    }

    /// What else each plot's record says, (n,) PLOT_DETAIL_DTYPE, read-only.
    #[getter]
    fn details(this: Bound<'_, Self>) -> PyResult<Bound<'_, PyArray1<PlotDetailElement>>> {
        part_of(this, |scans| plot_detail_elements(&scans.scans.details))
    }

    /// Turn ``k`` is ``plots[starts[k]:starts[k + 1]]``; (turns + 1,) int64.
    #[getter]
    fn starts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.scans.starts.iter().map(|&start| start as i64))
    }

    /// End of each turn [ns], not before the time of any of its plots; (turns,) int64.
    #[getter]
    fn end_times_ns<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_slice(py, &self.scans.end_times_ns)
    }

    /// SAC and SIC of the radar.
    #[getter]
    fn source(&self) -> (u8, u8) {
        (self.scans.source.sac, self.scans.source.sic)
    }

    /// The sensor's UUID: v5 of SAC and SIC.
    #[getter]
    fn sensor_id(&self) -> String {
        self.scans.source.sensor_id().to_string()
    }

    /// Time of one turn [s].
    #[getter]
    fn rotation_period_s(&self) -> f64 {
        self.scans.rotation_period_s
    }

    /// Instrumented range [m].
    #[getter]
    fn max_range_m(&self) -> f64 {
        self.scans.max_range_m
    }

    /// Plots of other radars in the recording, left out.
    #[getter]
    fn other_plots(&self) -> usize {
        self.scans.other_plots
    }

    /// North markers and sector messages that contradict the plots, left out.
    #[getter]
    fn refused_markers(&self) -> usize {
        self.scans.refused_markers
    }

    fn __len__(&self) -> usize {
        self.scans.len()
    }

    /// The frame of one turn.
    ///
    /// Parameters
    /// ----------
    /// number : int
    ///     Number of the turn, from 0.
    /// identity : str
    ///     ``"withheld"`` removes address, Mode 3/A code, identification and the reply itself
    ///     before the frame is made; ``"used"`` keeps them.
    /// epoch : int
    ///     Epoch of the frame.
    ///
    /// Raises
    /// ------
    /// qiki.errors.SettingError
    ///     A number past the last turn, or an unknown word for `identity`.
    #[pyo3(signature = (number, *, identity="withheld", epoch=0))]
    fn frame(
        &self,
        #[pyo3(from_py_with = whole_number::number)] number: usize,
        identity: &str,
        #[pyo3(from_py_with = whole_number::epoch)] epoch: u64,
    ) -> Result<RadarFrame> {
        let identity: Identity = identity.parse()?;
        let frame = self.scans.frame(number, identity, epoch);
        frame.map(RadarFrame::without_truth).ok_or_else(|| {
            CoreError::from(Error::Setting {
                setting: "number".into(),
                value: number.to_string(),
                limit: format!("below {}, the number of turns", self.scans.len()),
                remedy: "count to len(scans)".into(),
            })
        })
    }
}

/// The epoch of a replay of `data`: a hash of the bytes and of `identity`.
///
/// Parameters
/// ----------
/// data : bytes
///     The whole recording.
/// identity : str
///     ``"withheld"`` or ``"used"``: frames that differ never share a name.
///
/// Returns
/// -------
/// int
///     At most 2^53 - 1, so that it survives JSON.
#[pyfunction]
pub fn asterix_replay_epoch(py: Python<'_>, data: &[u8], identity: &str) -> Result<u64> {
    let identity: Identity = identity.parse()?;
    Ok(py.detach(|| replay_epoch(data, identity.name())))
}
