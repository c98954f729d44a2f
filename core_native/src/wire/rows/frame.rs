//! `RadarFrame`: a frame as rows.

use super::{
    SCHEMA_VERSION, TimestampMessage, UuidMessage, check_id_present, put_nonzero, put_text,
    read_code, read_text, read_timestamp, read_uuid,
};
use crate::detection::{Detection, present, range_band};
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::frame_limits::{check_detections, check_parts};
use crate::wire::protobuf::{
    Field, Message, Reader, Sink, append_message, put_double, put_message, put_uint, required,
};
use crate::wire::schema_version;

/// The message's name in errors.
pub const FRAME_FORMAT: &str = "RadarFrame";

/// What a `RadarFrame` says.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameRows {
    /// UUID of the frame.
    pub frame_id: [u8; 16],
    /// UUID of the sensor.
    pub sensor_id: [u8; 16],
    /// Time of the frame \[ns\].
    pub time_ns: i64,
    /// The detections, all at `time_ns`. Rows carry no standard deviations: they are NaN, also of
    /// what was measured.
    pub detections: Vec<Detection>,
}

/// Append the bytes of a frame to `out`; nothing is appended on an error.
///
/// # Errors
/// [`crate::error::Error::Frame`] when the frame breaks the contract.
pub fn encode_frame(
    header: &FrameHeader,
    detections: &[Detection],
    out: &mut Vec<u8>,
) -> Result<()> {
    check_parts(header, detections)?;
    check_measured(detections)?;
    append_message(out, &FrameMessage { header, detections });
    Ok(())
}

/// The rows of a `RadarFrame`.
///
/// # Errors
/// [`crate::error::Error::Decode`] when the bytes cannot be read, with the offset;
/// [`crate::error::Error::Frame`] when what they say breaks the contract.
pub fn decode_frame(payload: &[u8]) -> Result<FrameRows> {
    let mut reader = Reader::new(FRAME_FORMAT, payload);
    schema_version(&mut reader, SCHEMA_VERSION)?;
    let (mut frame_id, mut sensor_id, mut time_ns) = (None, None, None);
    let mut detections = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            2 => frame_id = Some(read_uuid(&field, "frame_id")?),
            3 => sensor_id = Some(read_uuid(&field, "sensor_id")?),
            4 => time_ns = Some(read_timestamp(&field, "timestamp")?),
            5 => detections.push(read_detection(&field)?),
            _ => {}
        }
    }
    let time_ns = required(time_ns, "timestamp", &reader)?;
    check_rows(&mut detections)?;
    detections.iter_mut().for_each(|detection| detection.time_ns = time_ns);
    Ok(FrameRows {
        frame_id: required(frame_id, "frame_id", &reader)?,
        sensor_id: required(sensor_id, "sensor_id", &reader)?,
        time_ns,
        detections,
    })
}

struct FrameMessage<'a> {
    header: &'a FrameHeader,
    detections: &'a [Detection],
}

impl Message for FrameMessage<'_> {
    fn put_fields(&self, out: &mut impl Sink) {
        put_uint(out, 1, SCHEMA_VERSION);
        put_message(out, 2, &UuidMessage(self.header.frame_id().into_bytes()));
        put_message(out, 3, &UuidMessage(self.header.sensor_id));
        put_message(out, 4, &TimestampMessage(self.header.time_ns));
        for detection in self.detections {
            put_message(out, 5, detection);
        }
    }
}

impl Message for Detection {
    fn put_fields(&self, out: &mut impl Sink) {
        let measured = [
            (1, present::RANGE, self.range_m),
            (2, present::BEARING, self.bearing_deg),
            (3, present::ELEVATION, self.elevation_deg),
            (4, present::RANGE_RATE, self.range_rate_m_s),
            (5, present::SNR, f64::from(self.snr_db)),
            (6, present::RCS, f64::from(self.rcs_dbsm)),
        ];
        for (number, bit, value) in measured {
            if self.has(bit) {
                put_double(out, number, value);
            }
        }
        put_nonzero(out, 7, u64::from(self.has(present::TRANSPONDER_REPLY)));
        put_nonzero(out, 8, u64::from(self.transponder_mode));
        put_text(out, 9, &self.transponder_id);
        if self.range_band != range_band::UNSPECIFIED {
            put_uint(out, 90, u64::from(self.range_band));
            put_uint(out, 91, u64::from(self.has(present::TRANSPONDER_ID)));
        }
    }
}

/// A detection as its row says, deviations and time still absent.
fn read_detection(field: &Field<'_>) -> Result<Detection> {
    let mut reader = field.message("detections")?;
    let mut d = Detection::absent(0);
    let mut id_present = None;
    while let Some(field) = reader.next_field()? {
        let mut bit = 0;
        match field.number {
            1 => (d.range_m, bit) = (field.double("range_m")?, present::RANGE),
            2 => (d.bearing_deg, bit) = (field.double("bearing_deg")?, present::BEARING),
            3 => (d.elevation_deg, bit) = (field.double("elev_deg")?, present::ELEVATION),
            4 => (d.range_rate_m_s, bit) = (field.double("vr_mps")?, present::RANGE_RATE),
            5 => (d.snr_db, bit) = (field.double("snr_db")? as f32, present::SNR),
            6 => (d.rcs_dbsm, bit) = (field.double("rcs_dbsm")? as f32, present::RCS),
            7 if field.varint("transponder_on")? != 0 => bit = present::TRANSPONDER_REPLY,
            8 => d.transponder_mode = read_code(&field, "transponder_mode")?,
            9 => d.transponder_id = read_text(&field, "transponder_id")?,
            90 => d.range_band = read_code(&field, "range_band")?,
            91 => id_present = Some(field.varint("id_present")? != 0),
            _ => {}
        }
        d.present |= bit;
    }
    let has_id = d.transponder_id[0] != 0;
    if has_id {
        d.present |= present::TRANSPONDER_ID;
    }
    check_id_present(id_present, has_id, field)?;
    Ok(d)
}

/// Refuse detections that break the contract, but for the deviations that rows do not carry.
fn check_rows(detections: &mut [Detection]) -> Result<()> {
    set_deviations(detections, 1.0);
    check_measured(detections)?;
    check_detections(detections)?;
    set_deviations(detections, f32::NAN);
    Ok(())
}

fn set_deviations(detections: &mut [Detection], value: f32) {
    for d in detections {
        let where_present = |bit| if d.present & bit != 0 { value } else { f32::NAN };
        d.range_std_m = where_present(present::RANGE);
        d.bearing_std_deg = where_present(present::BEARING);
        d.elevation_std_deg = where_present(present::ELEVATION);
        d.range_rate_std_m_s = where_present(present::RANGE_RATE);
    }
}

/// A row without range and bearing says nothing, yet it would take 64 times its two bytes.
fn check_measured(detections: &[Detection]) -> Result<()> {
    let is_empty = |d: &Detection| d.present & (present::RANGE | present::BEARING) == 0;
    match detections.iter().position(is_empty) {
        Some(index) => Err(Error::Frame {
            field: format!("detections[{index}].present"),
            value: format!("{:#x}", detections[index].present),
            limit: "with range or bearing in a row".into(),
        }),
        None => Ok(()),
    }
}
