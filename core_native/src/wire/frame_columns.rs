//! `RadarFrameColumns`: a frame as packed columns.

use super::columns::{Columns, Layout};
use super::detection_columns::{COLUMNS, COUNT, Survey, survey};
use super::detection_rows::{ReadRows, WriteRows};
use super::protobuf::{
    Field, Message, Reader, Room, Sink, Size, once, put_bytes, put_double, put_doubles,
    put_fixed64, put_message, put_uint, required,
};
use super::schema_version;
use crate::detection::Detection;
use crate::error::Result;
use crate::frame::{Coverage, Frame, FrameHeader};
use crate::frame_limits::{check_header, check_parts};
use crate::simd::{SimdLevel, dispatch};

/// The message's name in errors.
pub const FORMAT: &str = "RadarFrameColumns";
/// The one version that this code writes and reads.
pub const SCHEMA_VERSION: u64 = 1;

/// Append a frame's payload to `out`; nothing is appended on an error.
///
/// # Errors
/// [`crate::error::Error::Frame`] when the frame breaks the contract: see
/// [`crate::frame_limits::check_frame`].
pub fn encode(header: &FrameHeader, detections: &[Detection], out: &mut Vec<u8>) -> Result<()> {
    let encoder = Encoder::new(header, detections);
    let start = out.len();
    out.resize(start + encoder.size(), 0);
    encoder.write(&mut out[start..]).inspect_err(|_| out.truncate(start))
}

/// Writes a frame's payload to memory of the caller.
#[derive(Clone, Copy, Debug)]
pub struct Encoder<'a> {
    header: &'a FrameHeader,
    detections: &'a [Detection],
    layout: Layout<COUNT>,
    has_stray_text: bool,
}

impl<'a> Encoder<'a> {
    /// An encoder of one frame.
    pub fn new(header: &'a FrameHeader, detections: &'a [Detection]) -> Self {
        let Survey { rows, has_stray_text } = survey(detections, header.time_ns, header.range_band);
        Self { header, detections, layout: Layout { table: &COLUMNS, rows }, has_stray_text }
    }

    /// Bytes of the payload.
    pub fn size(&self) -> usize {
        let mut size = Size::default();
        self.put_fields(&mut size);
        size.0 + self.layout.size()
    }

    /// Write the payload to `out`, which has [`Self::size`] bytes.
    ///
    /// # Errors
    /// As [`encode`]; what `out` then holds is not a payload.
    pub fn write(&self, out: &mut [u8]) -> Result<()> {
        self.write_at(SimdLevel::detect(), out)
    }

    fn write_at(&self, level: SimdLevel, out: &mut [u8]) -> Result<()> {
        check_header(self.header)?;
        let Self { header, detections, layout, has_stray_text } = *self;
        let mut room = Room(out);
        self.put_fields(&mut room);
        let columns = layout.rooms(&mut room);
        let all_plain = dispatch(level, WriteRows { header, detections, columns });
        if all_plain && !has_stray_text { Ok(()) } else { check_parts(header, detections) }
    }
}

impl Message for Encoder<'_> {
    fn put_fields(&self, out: &mut impl Sink) {
        let header = self.header;
        put_uint(out, 1, SCHEMA_VERSION);
        put_bytes(out, 2, &header.sensor_id);
        put_fixed64(out, 3, header.epoch.to_le_bytes());
        put_fixed64(out, 4, header.number.to_le_bytes());
        put_fixed64(out, 5, header.time_ns.to_le_bytes());
        put_uint(out, 6, u64::from(header.range_band));
        put_message(out, 7, &header.coverage);
        put_doubles(out, 8, &header.sensor_position_m);
        put_doubles(out, 9, &header.sensor_velocity_m_s);
        put_uint(out, 10, self.detections.len() as u64);
    }
}

impl Message for Coverage {
    fn put_fields(&self, out: &mut impl Sink) {
        put_double(out, 1, self.min_range_m);
        put_double(out, 2, self.max_range_m);
        put_double(out, 3, self.bearing_start_deg);
        put_double(out, 4, self.bearing_extent_deg);
        put_double(out, 5, self.min_elevation_deg);
        put_double(out, 6, self.max_elevation_deg);
    }
}

/// The frame of a payload.
///
/// # Errors
/// [`crate::error::Error::Decode`] when the bytes cannot be read, with the offset;
/// [`crate::error::Error::Frame`] when what they say breaks the contract.
pub fn decode(payload: &[u8]) -> Result<Frame> {
    let mut detections = Vec::new();
    let header = decode_into(payload, &mut detections)?;
    Ok(Frame { header, detections })
}

/// As [`decode`], into memory that is used again: `detections` is emptied first, and keeps nothing
/// of use on an error.
///
/// # Errors
/// As [`decode`].
pub fn decode_into(payload: &[u8], detections: &mut Vec<Detection>) -> Result<FrameHeader> {
    decode_at(SimdLevel::detect(), payload, detections)
}

fn decode_at(
    level: SimdLevel,
    payload: &[u8],
    detections: &mut Vec<Detection>,
) -> Result<FrameHeader> {
    let mut reader = Reader::new(FORMAT, payload);
    schema_version(&mut reader, SCHEMA_VERSION)?;
    let mut header = HeaderFields::default();
    let mut columns = Columns::new(&COLUMNS);
    while let Some(field) = reader.next_field()? {
        if !header.accept(&field)? {
            columns.accept(&field)?;
        }
    }
    let (header, count) = header.finish(&reader)?;
    check_header(&header)?;
    // The column `present` has four bytes a row, so the rows are at most 32 times the input.
    let columns = columns.of_rows(count, &reader)?;
    let count = count as usize;
    detections.clear();
    // Not exactly: the memory of many frames goes round, and each must soon hold the largest.
    detections.reserve(count);
    if !dispatch(level, ReadRows { header: &header, columns, count, detections }) {
        check_parts(&header, detections)?;
    }
    Ok(header)
}

/// The header while its fields are read.
#[derive(Default)]
struct HeaderFields {
    sensor_id: Option<[u8; 16]>,
    epoch: Option<u64>,
    number: Option<u64>,
    time_ns: Option<u64>,
    range_band: Option<u64>,
    coverage: Option<Coverage>,
    sensor_position_m: Option<[f64; 3]>,
    sensor_velocity_m_s: Option<[f64; 3]>,
    detection_count: Option<u64>,
}

impl HeaderFields {
    /// Keep `field` if it belongs to the header.
    fn accept(&mut self, field: &Field<'_>) -> Result<bool> {
        macro_rules! keep {
            ($name:ident, $read:ident) => {{
                let value = field.$read(stringify!($name))?;
                once(&mut self.$name, stringify!($name), field, value)?
            }};
        }
        match field.number {
            2 => keep!(sensor_id, array),
            3 => keep!(epoch, fixed64),
            4 => keep!(number, fixed64),
            5 => keep!(time_ns, fixed64),
            6 => keep!(range_band, varint),
            7 => once(&mut self.coverage, "coverage", field, read_coverage(field)?)?,
            8 => keep!(sensor_position_m, doubles),
            9 => keep!(sensor_velocity_m_s, doubles),
            10 => keep!(detection_count, varint),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The header and the number of detections.
    fn finish(self, reader: &Reader<'_>) -> Result<(FrameHeader, u64)> {
        macro_rules! need {
            ($name:ident) => {
                required(self.$name, stringify!($name), reader)?
            };
        }
        let header = FrameHeader {
            sensor_id: need!(sensor_id),
            epoch: need!(epoch),
            number: need!(number),
            time_ns: need!(time_ns) as i64,
            // A band past 255 stays past its limit.
            range_band: need!(range_band).min(u64::from(u8::MAX)) as u8,
            coverage: need!(coverage),
            sensor_position_m: need!(sensor_position_m),
            sensor_velocity_m_s: need!(sensor_velocity_m_s),
        };
        Ok((header, need!(detection_count)))
    }
}

fn read_coverage(field: &Field<'_>) -> Result<Coverage> {
    const NAMES: [&str; 6] = [
        "coverage.min_range_m",
        "coverage.max_range_m",
        "coverage.bearing_start_deg",
        "coverage.bearing_extent_deg",
        "coverage.min_elevation_deg",
        "coverage.max_elevation_deg",
    ];
    let mut reader = field.message("coverage")?;
    let mut values = [None; NAMES.len()];
    while let Some(field) = reader.next_field()? {
        let index = field.number as usize - 1;
        if let (Some(slot), Some(name)) = (values.get_mut(index), NAMES.get(index)) {
            once(slot, name, &field, field.double(name)?)?;
        }
    }
    let value = |index: usize| required(values[index], NAMES[index], &reader);
    Ok(Coverage {
        min_range_m: value(0)?,
        max_range_m: value(1)?,
        bearing_start_deg: value(2)?,
        bearing_extent_deg: value(3)?,
        min_elevation_deg: value(4)?,
        max_elevation_deg: value(5)?,
    })
}

#[cfg(test)]
mod tests;
