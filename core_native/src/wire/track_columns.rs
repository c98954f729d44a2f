//! `RadarTrackColumns`: what one frame did to the tracks, as packed columns.

use super::columns::{Column, Columns, Layout, Rows, read, write};
use super::protobuf::{Message, Reader, Room, Size};
use super::schema_version;
use super::track_limits::check_tracks;
use super::tracks_message::{HeaderFields, HeaderMessage, TracksHeader};
use crate::error::Result;
use crate::tracking::record::{NO_DETECTION, TrackRecord, present};

/// The message's name in errors.
pub const FORMAT: &str = "RadarTrackColumns";
/// The one version that this code writes and reads.
pub const SCHEMA_VERSION: u64 = 1;

/// Rows that are moved column by column before the next: their records stay in the first cache.
const ROWS: usize = 32;

/// The columns in order of number, and how rows go to them and come back, from one list of
/// (need, number, name, field of the record, bytes of a row). The text stands among them, `present`
/// is the last.
macro_rules! columns_of_tracks {
    (
        {$($need:ident $number:literal $name:literal $field:ident $width:literal;)*}
        text $text:literal $text_name:literal;
        {$($late_need:ident $late:literal $late_name:literal $late_field:ident $late_width:literal;)*}
    ) => {
        /// Place of the text in [`COLUMNS`].
        const TEXT: usize = [$($number),*].len();
        const COUNT: usize = TEXT + [$($late),*].len() + 2;
        const COLUMNS: [Column; COUNT] = [
            $(Column::$need($number, $name, $width),)*
            Column::text($text, $text_name, present::TRANSPONDER_ID),
            $(Column::$late_need($late, $late_name, $late_width),)*
            Column::required(64, "present", 4),
        ];

        fn write_rows(columns: &mut [&mut [u8]; COUNT], first: usize, rows: &[TrackRecord]) {
            let mut columns = columns.iter_mut();
            $(if let Some(column) = columns.next() {
                write(column, first, rows.iter().map(|row| row.$field));
            })*
            let mut columns = columns.skip(1);
            $(if let Some(column) = columns.next() {
                write(column, first, rows.iter().map(|row| row.$late_field));
            })*
        }

        fn read_rows(columns: &[&[u8]; COUNT], first: usize, rows: &mut [TrackRecord]) {
            let mut columns = columns.iter();
            $(if let Some(column) = columns.next() {
                for (row, value) in rows.iter_mut().zip(read(column, first)) {
                    row.$field = value;
                }
            })*
            let mut columns = columns.skip(1);
            $(if let Some(column) = columns.next() {
                for (row, value) in rows.iter_mut().zip(read(column, first)) {
                    row.$late_field = value;
                }
            })*
        }
    };
}

columns_of_tracks! {
    {
        required 16 "track_id" track_id 16;
        required 17 "number" number 8;
        optional 18 "track_time_ns" time_ns 8;
        required 19 "update_time_ns" update_time_ns 8;
        required 20 "position_m" position_m 24;
        required 21 "velocity_m_s" velocity_m_s 24;
        required 22 "position_covariance_m2" position_covariance_m2 48;
        required 23 "velocity_covariance_m2_s2" velocity_covariance_m2_s2 48;
        required 24 "range_m" range_m 8;
        required 25 "bearing_deg" bearing_deg 8;
        required 26 "elevation_deg" elevation_deg 8;
        required 27 "range_rate_m_s" range_rate_m_s 8;
        required 28 "age_s" age_s 8;
        required 29 "quality" quality 8;
        optional 30 "snr_db" snr_db 4;
        optional 31 "rcs_dbsm" rcs_dbsm 4;
        required 32 "hit_count" hit_count 4;
        optional 33 "miss_count" miss_count 4;
        optional 34 "detection_index" detection_index 4;
        optional 35 "address" address 4;
        optional 36 "mode_3a" mode_3a 4;
        required 37 "status" status 1;
        required 38 "event" event 1;
        optional 39 "track_range_band" range_band 1;
        optional 40 "transponder_mode" transponder_mode 1;
        optional 41 "object_type" object_type 1;
        optional 42 "friend_foe" friend_foe 1;
    }
    text 43 "transponder_id";
    {
        optional 44 "friend_foe_probability" friend_foe_probability 4;
        optional 45 "refuted_probability" refuted_probability 4;
        optional 46 "alarms" alarms 1;
        optional 47 "object_type_probability" object_type_probability 4;
    }
}

/// Place of `present`.
const PRESENT: usize = COUNT - 1;

/// Append the payload of a tracks message to `out`; nothing is appended on an error.
///
/// # Errors
/// [`crate::error::Error::Tracks`] when the message breaks the contract.
pub fn encode(header: &TracksHeader, tracks: &[TrackRecord], out: &mut Vec<u8>) -> Result<()> {
    check_tracks(header, tracks)?;
    let message =
        HeaderMessage { header, schema_version: SCHEMA_VERSION, track_count: tracks.len() };
    let layout = Layout { table: &COLUMNS, rows: needed(tracks, header.time_ns) };
    let mut size = Size(layout.size());
    message.put_fields(&mut size);
    let start = out.len();
    out.resize(start + size.0, 0);
    let mut room = Room(&mut out[start..]);
    message.put_fields(&mut room);
    let mut columns = layout.rooms(&mut room);
    for (index, rows) in tracks.chunks(ROWS).enumerate() {
        write_rows(&mut columns, index * ROWS, rows);
        write(columns[PRESENT], index * ROWS, rows.iter().map(|row| row.present));
    }
    let named = tracks.iter().filter(|track| track.present & present::TRANSPONDER_ID != 0);
    write(columns[TEXT], 0, named.map(|track| track.transponder_id));
    Ok(())
}

/// The header and the tracks of a payload.
///
/// # Errors
/// [`crate::error::Error::Decode`] when the bytes cannot be read, with the offset;
/// [`crate::error::Error::Tracks`] when what they say breaks the contract.
pub fn decode(payload: &[u8]) -> Result<(TracksHeader, Vec<TrackRecord>)> {
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
    // The required columns have 250 bytes a row, so the tracks are at most 1.3 times the input.
    let columns = columns.of_rows(count, &reader)?;
    let mut tracks = vec![absent(header.time_ns); count as usize];
    for (index, rows) in tracks.chunks_mut(ROWS).enumerate() {
        read_rows(&columns, index * ROWS, rows);
        for (row, bits) in rows.iter_mut().zip(read(columns[PRESENT], index * ROWS)) {
            row.present = bits;
        }
    }
    let named = tracks.iter_mut().filter(|track| track.present & present::TRANSPONDER_ID != 0);
    for (track, text) in named.zip(read(columns[TEXT], 0)) {
        track.transponder_id = text;
    }
    check_tracks(&header, &tracks)?;
    Ok((header, tracks))
}

/// Rows of each column in a message of `time_ns`.
fn needed(tracks: &[TrackRecord], time_ns: i64) -> [usize; COUNT] {
    let any = |is_needed: fn(&TrackRecord) -> bool| tracks.iter().any(is_needed);
    let with = |bit: u32| tracks.iter().filter(|track| track.present & bit != 0).count();
    let is_needed = |column: &Column| match column.name {
        "track_time_ns" => tracks.iter().any(|track| track.time_ns != time_ns),
        "snr_db" => with(present::SNR) > 0,
        "rcs_dbsm" => with(present::RCS) > 0,
        "miss_count" => any(|track| track.miss_count != 0),
        "detection_index" => any(|track| track.detection_index != NO_DETECTION),
        "address" => with(present::ADDRESS) > 0,
        "mode_3a" => with(present::MODE_3A) > 0,
        "track_range_band" => any(|track| track.range_band != 0),
        "transponder_mode" => any(|track| track.transponder_mode != 0),
        "object_type" => any(|track| track.object_type != 0),
        "friend_foe" => any(|track| track.friend_foe != 0),
        "friend_foe_probability" => any(|track| track.friend_foe_probability != 0.0),
        "refuted_probability" => any(|track| track.refuted_probability != 0.0),
        "alarms" => any(|track| track.alarms != 0),
        "object_type_probability" => any(|track| track.object_type_probability != 0.0),
        _ => true,
    };
    COLUMNS.each_ref().map(|column| match column.rows {
        Rows::WithBit(bit) => with(bit),
        _ if is_needed(column) => tracks.len(),
        _ => 0,
    })
}

/// A track of which the columns left out say nothing.
pub const fn absent(time_ns: i64) -> TrackRecord {
    TrackRecord {
        track_id: [0; 16],
        number: 0,
        time_ns,
        update_time_ns: 0,
        position_m: [f64::NAN; 3],
        velocity_m_s: [f64::NAN; 3],
        position_covariance_m2: [f64::NAN; 6],
        velocity_covariance_m2_s2: [f64::NAN; 6],
        range_m: f64::NAN,
        bearing_deg: f64::NAN,
        elevation_deg: f64::NAN,
        range_rate_m_s: f64::NAN,
        age_s: f64::NAN,
        quality: f64::NAN,
        snr_db: f32::NAN,
        rcs_dbsm: f32::NAN,
        hit_count: 0,
        miss_count: 0,
        present: 0,
        address: 0,
        detection_index: NO_DETECTION,
        mode_3a: 0,
        status: 0,
        event: 0,
        range_band: 0,
        transponder_mode: 0,
        object_type: 0,
        friend_foe: 0,
        friend_foe_probability: 0.0,
        refuted_probability: 0.0,
        object_type_probability: 0.0,
        alarms: 0,
        reserved: [0; 7],
        transponder_id: [0; 32],
    }
}

#[cfg(test)]
mod tests;
