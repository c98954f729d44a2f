//! `RadarFrame`: a frame as the original's JSON.

use serde::{Deserialize, Serialize, Serializer};

use super::absent::{AbsentRows, read_absent};
use super::detection::{DetectionRow, MEASURED, remove, says};
use super::row::{Id, Object, known_version};
use super::scan::Scan;
use super::timestamp::Timestamp;
use super::{SCHEMA_VERSION, read, write};
use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::{FrameHeader, format_uuid};
use crate::frame_limits::check_parts;

/// The message's name in errors.
pub const FORMAT: &str = "RadarFrame JSON";

/// What goes beside the payload of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameHeaders {
    /// Text of the header `x-qiki-scan`.
    pub scan: String,
    /// Text of the header `x-qiki-absent`; empty where nothing is absent.
    pub absent: String,
}

/// Append the JSON of a frame to `out`; nothing is appended on an error.
///
/// `ingest_time_ns` is the wall clock, as `ts_ingest`. Heights, addresses, Mode 3/A codes, own times
/// and deviations of detections are not carried.
///
/// # Errors
/// [`Error::Frame`] when the frame breaks the contract.
pub fn encode(
    header: &FrameHeader,
    detections: &[Detection],
    ingest_time_ns: i64,
    out: &mut Vec<u8>,
) -> Result<FrameHeaders> {
    check_parts(header, detections)?;
    let scan = Scan::of(header, detections).to_text()?;
    let timestamp = Timestamp::of_ns(header.time_ns);
    let message = FrameMessage {
        schema_version: SCHEMA_VERSION,
        frame_id: Id(header.frame_id().into_bytes()),
        sensor_id: Id(header.sensor_id),
        timestamp,
        ts_event: Some(timestamp),
        ts_ingest: Some(Timestamp::of_ns(ingest_time_ns)),
        detections: Rows(detections),
    };
    write(FORMAT, &message, out)?;
    Ok(FrameHeaders { scan, absent: absent_of(detections) })
}

/// The frame of a JSON payload with its headers, into memory that is used again: `detections` is
/// emptied first, and keeps nothing of use on an error. All detections are at the frame's time. A `scan`
/// without epoch, number and time is that of each frame that nothing else names; its `frame_id` may then
/// be any.
///
/// # Errors
/// [`Error::Decode`] when payload or headers cannot be read, with the offset; [`Error::Frame`] when
/// what they say breaks the contract.
pub fn decode_into(
    payload: &[u8],
    scan: &str,
    absent: &str,
    detections: &mut Vec<Detection>,
) -> Result<FrameHeader> {
    detections.clear();
    let message: FrameMessage<Vec<Object<DetectionRow>>> = read(FORMAT, payload)?;
    let scan = Scan::from_text(scan)?;
    let header = scan.header(message.sensor_id.0, message.timestamp)?;
    message.check(&header, scan.names_a_frame())?;
    for (index, Object(row)) in message.detections.iter().enumerate() {
        detections.push(row.detection(header.time_ns, index)?);
    }
    let names = MEASURED.map(|(name, _)| name);
    read_absent(absent, &names, detections.len(), |field, row| {
        let (name, bit) = MEASURED[field];
        remove(&mut detections[row], name, bit, row)
    })?;
    detections.iter_mut().for_each(|detection| scan.set_deviations(detection));
    check_parts(&header, detections)?;
    Ok(header)
}

/// The keys of a frame, in the original's order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameMessage<Detections> {
    #[serde(default = "known_version")]
    schema_version: u8,
    frame_id: Id,
    sensor_id: Id,
    timestamp: Timestamp,
    ts_event: Option<Timestamp>,
    ts_ingest: Option<Timestamp>,
    detections: Detections,
}

impl<Detections> FrameMessage<Detections> {
    /// Refuse what says something else than the frame's header.
    fn check(&self, header: &FrameHeader, has_name: bool) -> Result<()> {
        let (own, frame_id) = (format_uuid(&self.frame_id.0), header.frame_id().to_string());
        let timestamp = Timestamp::of_ns(header.time_ns);
        let version = self.schema_version;
        if version != SCHEMA_VERSION {
            return refuse(
                "schema_version",
                version,
                format!("{SCHEMA_VERSION}: update the older side"),
            );
        }
        if has_name && own != frame_id {
            let limit =
                format!("{frame_id}, of the sensor and the epoch and number of x-qiki-scan");
            return refuse("frame_id", own, limit);
        }
        if self.timestamp != timestamp {
            let limit = format!("{timestamp}, the time of x-qiki-scan");
            return refuse("timestamp", self.timestamp, limit);
        }
        match self.ts_event {
            Some(event) if event != timestamp => {
                refuse("ts_event", event, format!("{timestamp}, the timestamp"))
            }
            _ => Ok(()),
        }
    }
}

fn refuse(field: &str, value: impl ToString, limit: String) -> Result<()> {
    Err(Error::Frame { field: field.into(), value: value.to_string(), limit })
}

struct Rows<'a>(&'a [Detection]);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(DetectionRow::of))
    }
}

/// Text of `x-qiki-absent`.
fn absent_of(detections: &[Detection]) -> String {
    let mut text = String::new();
    for (name, bit) in MEASURED {
        let mut rows = AbsentRows::default();
        let silent = detections.iter().enumerate().filter(|(_, d)| !says(d, bit));
        silent.for_each(|(index, _)| rows.push(index));
        rows.write(name, detections.len(), &mut text);
    }
    text
}
