//! `RadarTrack`: a track as the original's JSON, one message each.

use serde::Serialize;

use super::row::{Id, Padded, id_present};
use super::timestamp::Timestamp;
use super::{SCHEMA_VERSION, write};
use crate::error::Result;
use crate::tracking::record::{TrackRecord, present};
use crate::wire::track_limits::check_track;

/// The message's name in errors.
pub const FORMAT: &str = "RadarTrack JSON";

/// Append the JSON of one track to `out`; nothing is appended on an error.
///
/// `ingest_time_ns` is the wall clock, as `ts_ingest`. Returns the text of the header
/// `x-qiki-absent`; empty where nothing is absent.
///
/// # Errors
/// [`crate::error::Error::Tracks`] when the track breaks the contract.
pub fn encode(track: &TrackRecord, ingest_time_ns: i64, out: &mut Vec<u8>) -> Result<String> {
    check_track(track)?;
    write(FORMAT, &TrackMessage::of(track, ingest_time_ns), out)?;
    let absent = [("snr_db", says_snr(track)), ("rcs_dbsm", track.present & present::RCS != 0)];
    let names = absent.iter().filter(|(_, is_said)| !is_said).map(|(name, _)| *name);
    Ok(names.collect::<Vec<_>>().join(";"))
}

/// The keys of a track, in the original's order.
#[derive(Serialize)]
struct TrackMessage {
    schema_version: u8,
    track_id: Id,
    object_type: u8,
    iff: u8,
    transponder_on: bool,
    transponder_mode: u8,
    transponder_id: Option<Padded>,
    quality: f64,
    status: u8,
    range_m: f64,
    bearing_deg: f64,
    elev_deg: f64,
    vr_mps: f64,
    snr_db: f64,
    rcs_dbsm: f64,
    position: Vector,
    velocity: Vector,
    position_covariance: [f64; 6],
    velocity_covariance: [f64; 6],
    age_s: f64,
    miss_count: u32,
    timestamp: Timestamp,
    ts_event: Timestamp,
    ts_ingest: Timestamp,
    range_band: u8,
    id_present: Option<bool>,
}

#[derive(Serialize)]
struct Vector {
    x: f64,
    y: f64,
    z: f64,
}

impl Vector {
    const fn of([x, y, z]: [f64; 3]) -> Self {
        Self { x, y, z }
    }
}

impl TrackMessage {
    fn of(t: &TrackRecord, ingest_time_ns: i64) -> Self {
        let has = |bit: u32| t.present & bit != 0;
        let has_id = has(present::TRANSPONDER_ID);
        let timestamp = Timestamp::of_ns(t.time_ns);
        Self {
            schema_version: SCHEMA_VERSION,
            track_id: Id(t.track_id),
            object_type: t.object_type,
            iff: t.friend_foe,
            transponder_on: has(present::TRANSPONDER_REPLY),
            transponder_mode: t.transponder_mode,
            transponder_id: has_id.then_some(Padded(t.transponder_id)),
            quality: t.quality,
            status: t.status,
            range_m: t.range_m,
            bearing_deg: t.bearing_deg,
            elev_deg: t.elevation_deg,
            vr_mps: t.range_rate_m_s,
            snr_db: if says_snr(t) { f64::from(t.snr_db) } else { 0.0 },
            rcs_dbsm: if has(present::RCS) { f64::from(t.rcs_dbsm) } else { 0.0 },
            position: Vector::of(t.position_m),
            velocity: Vector::of(t.velocity_m_s),
            position_covariance: t.position_covariance_m2,
            velocity_covariance: t.velocity_covariance_m2_s2,
            age_s: t.age_s,
            miss_count: t.miss_count,
            timestamp,
            ts_event: timestamp,
            ts_ingest: Timestamp::of_ns(ingest_time_ns),
            range_band: t.range_band,
            id_present: id_present(t.range_band, has_id),
        }
    }
}

fn says_snr(t: &TrackRecord) -> bool {
    t.present & present::SNR != 0 && t.snr_db >= 0.0
}
