//! `RadarTrack`: a track as a row.

use super::{
    SCHEMA_VERSION, TimestampMessage, UuidMessage, check_id_present, put_nonzero,
    put_nonzero_double, put_text, read_code, read_text, read_timestamp, read_uuid,
};
use crate::detection::range_band;
use crate::error::Result;
use crate::tracking::record::{TrackRecord, alarm, present};
use crate::wire::protobuf::{
    Field, Message, Reader, Sink, append_message, put_double, put_doubles, put_float, put_message,
    put_uint, required,
};
use crate::wire::schema_version;
use crate::wire::track_columns::absent;
use crate::wire::track_limits::check_track;

/// The message's name in errors.
pub const TRACK_FORMAT: &str = "RadarTrack";

/// Append the bytes of one track to `out`; nothing is appended on an error.
///
/// # Errors
/// [`crate::error::Error::Tracks`] when the track breaks the contract.
pub fn encode_track(track: &TrackRecord, out: &mut Vec<u8>) -> Result<()> {
    check_track(track)?;
    append_message(out, track);
    Ok(())
}

/// The track of a `RadarTrack`. Position and velocity have single precision; what rows do not
/// carry is zero: `number`, `update_time_ns`, `hit_count`, `event`, address and Mode 3/A code.
///
/// # Errors
/// [`crate::error::Error::Decode`] when the bytes cannot be read, with the offset;
/// [`crate::error::Error::Tracks`] when what they say breaks the contract.
pub fn decode_track(payload: &[u8]) -> Result<TrackRecord> {
    let mut reader = Reader::new(TRACK_FORMAT, payload);
    schema_version(&mut reader, SCHEMA_VERSION)?;
    let mut track = zero();
    let (mut track_id, mut time_ns, mut id_present) = (None, None, None);
    while let Some(field) = reader.next_field()? {
        match field.number {
            2 => track_id = Some(read_uuid(&field, "track_id")?),
            13 => time_ns = Some(read_timestamp(&field, "timestamp")?),
            91 => id_present = Some((field, field.varint("id_present")? != 0)),
            _ => read_field(&mut track, &field)?,
        }
    }
    track.track_id = required(track_id, "track_id", &reader)?;
    track.time_ns = required(time_ns, "timestamp", &reader)?;
    let has_id = track.transponder_id[0] != 0;
    if has_id {
        track.present |= present::TRANSPONDER_ID;
    }
    if let Some((field, said)) = id_present {
        check_id_present(Some(said), has_id, &field)?;
    }
    check_track(&TrackRecord { number: 1, ..track })?;
    Ok(track)
}

/// What a row says that has no field but the required ones: proto3's zeros.
const fn zero() -> TrackRecord {
    TrackRecord {
        position_m: [0.0; 3],
        velocity_m_s: [0.0; 3],
        position_covariance_m2: [0.0; 6],
        velocity_covariance_m2_s2: [0.0; 6],
        range_m: 0.0,
        bearing_deg: 0.0,
        elevation_deg: 0.0,
        range_rate_m_s: 0.0,
        age_s: 0.0,
        quality: 0.0,
        ..absent(0)
    }
}

fn read_field(track: &mut TrackRecord, field: &Field<'_>) -> Result<()> {
    let mut bit = 0;
    match field.number {
        3 => track.object_type = read_code(field, "object_type")?,
        4 => track.friend_foe = read_code(field, "iff")?,
        5 if field.varint("transponder_on")? != 0 => bit = present::TRANSPONDER_REPLY,
        6 => track.quality = field.double("quality")?,
        7 => track.range_m = field.double("range_m")?,
        8 => track.bearing_deg = field.double("bearing_deg")?,
        9 => track.elevation_deg = field.double("elev_deg")?,
        10 => track.range_rate_m_s = field.double("vr_mps")?,
        11 => (track.snr_db, bit) = (field.double("snr_db")? as f32, present::SNR),
        12 => (track.rcs_dbsm, bit) = (field.double("rcs_dbsm")? as f32, present::RCS),
        14 => track.transponder_mode = read_code(field, "transponder_mode")?,
        15 => track.transponder_id = read_text(field, "transponder_id")?,
        16 => track.status = read_code(field, "status")?,
        17 => track.position_m = read_vector(field, "position")?,
        18 => track.velocity_m_s = read_vector(field, "velocity")?,
        19 => track.position_covariance_m2 = field.doubles("position_covariance")?,
        20 => track.velocity_covariance_m2_s2 = field.doubles("velocity_covariance")?,
        21 => track.age_s = field.double("age_s")?,
        22 => track.miss_count = read_count(field, "miss_count")?,
        23 => track.friend_foe_probability = field.double("iff_probability")? as f32,
        24 => track.refuted_probability = field.double("identity_refuted_probability")? as f32,
        25 => read_alarm(field, "identity_refuted", alarm::IDENTITY_REFUTED, track)?,
        26 => track.object_type_probability = field.double("object_type_probability")? as f32,
        27 => read_alarm(field, "identity_contested", alarm::IDENTITY_CONTESTED, track)?,
        90 => track.range_band = read_code(field, "range_band")?,
        _ => {}
    }
    track.present |= bit;
    Ok(())
}

fn read_alarm(field: &Field<'_>, name: &str, bit: u8, track: &mut TrackRecord) -> Result<()> {
    let is_set = field.varint(name)? != 0;
    track.alarms = (track.alarms & !bit) | if is_set { bit } else { 0 };
    Ok(())
}

fn read_vector(field: &Field<'_>, name: &str) -> Result<[f64; 3]> {
    let mut reader = field.message(name)?;
    let mut vector = [0.0; 3];
    while let Some(field) = reader.next_field()? {
        if let Some(axis) = vector.get_mut(field.number as usize - 1) {
            *axis = f64::from(field.float(name)?);
        }
    }
    Ok(vector)
}

fn read_count(field: &Field<'_>, name: &str) -> Result<u32> {
    let count = field.varint(name)?;
    u32::try_from(count).map_err(|_| field.error(format!("{name} is {count}, must fit 32 bits")))
}

impl Message for TrackRecord {
    fn put_fields(&self, out: &mut impl Sink) {
        let has = |bit: u32| self.present & bit != 0;
        put_uint(out, 1, SCHEMA_VERSION);
        put_message(out, 2, &UuidMessage(self.track_id));
        put_nonzero(out, 3, u64::from(self.object_type));
        put_nonzero(out, 4, u64::from(self.friend_foe));
        put_nonzero(out, 5, u64::from(has(present::TRANSPONDER_REPLY)));
        put_nonzero_double(out, 6, self.quality);
        put_nonzero_double(out, 7, self.range_m);
        put_nonzero_double(out, 8, self.bearing_deg);
        put_nonzero_double(out, 9, self.elevation_deg);
        put_nonzero_double(out, 10, self.range_rate_m_s);
        if has(present::SNR) {
            put_double(out, 11, f64::from(self.snr_db));
        }
        if has(present::RCS) {
            put_double(out, 12, f64::from(self.rcs_dbsm));
        }
        put_message(out, 13, &TimestampMessage(self.time_ns));
        put_nonzero(out, 14, u64::from(self.transponder_mode));
        put_text(out, 15, &self.transponder_id);
        put_nonzero(out, 16, u64::from(self.status));
        put_message(out, 17, &VectorMessage(self.position_m));
        put_message(out, 18, &VectorMessage(self.velocity_m_s));
        put_doubles(out, 19, &self.position_covariance_m2);
        put_doubles(out, 20, &self.velocity_covariance_m2_s2);
        put_nonzero_double(out, 21, self.age_s);
        put_nonzero(out, 22, u64::from(self.miss_count));
        put_nonzero_double(out, 23, f64::from(self.friend_foe_probability));
        put_nonzero_double(out, 24, f64::from(self.refuted_probability));
        put_nonzero(out, 25, u64::from(self.alarms & alarm::IDENTITY_REFUTED));
        put_nonzero_double(out, 26, f64::from(self.object_type_probability));
        put_nonzero(out, 27, u64::from(self.alarms & alarm::IDENTITY_CONTESTED != 0));
        if self.range_band != range_band::UNSPECIFIED {
            put_uint(out, 90, u64::from(self.range_band));
            put_uint(out, 91, u64::from(has(present::TRANSPONDER_ID)));
        }
    }
}

/// `qiki.common.Vector3`, in single precision.
struct VectorMessage([f64; 3]);

impl Message for VectorMessage {
    fn put_fields(&self, out: &mut impl Sink) {
        for (number, value) in (1..).zip(self.0) {
            let value = value as f32;
            if value.to_bits() != 0 {
                put_float(out, number, value);
            }
        }
    }
}
