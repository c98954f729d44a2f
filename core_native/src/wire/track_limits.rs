//! What a tracks message may hold.

use super::tracks_message::{TracksHeader, Verdict};
use super::{guard_message, registration_message};
use crate::detection::{range_band, transponder_mode};
use crate::error::{Error, Result};
use crate::frame_limits::{MAX_DECIBELS, text_fault};
use crate::object_type::ObjectType;
use crate::tracking::record::{TrackRecord, alarm, event, friend_foe, present, status};

/// Longest reason \[bytes\]; a message says one sentence, not a log.
pub const MAX_REASON: usize = 4096;

/// Refuse a tracks message that breaks the contract; the error names field, value and limit.
pub fn check_tracks(header: &TracksHeader, tracks: &[TrackRecord]) -> Result<()> {
    check_reason(header)?;
    header.registration.as_ref().map_or(Ok(()), registration_message::check)?;
    header.guard.as_ref().map_or(Ok(()), guard_message::check)?;
    for (index, track) in tracks.iter().enumerate() {
        if !is_plain(track) {
            check_track(track).map_err(|error| at_index(index, error))?;
        }
    }
    Ok(())
}

fn check_reason(header: &TracksHeader) -> Result<()> {
    let length = header.reason.len();
    if length > MAX_REASON {
        return refuse("len(reason)", length, format!("at most {MAX_REASON} bytes"));
    }
    let is_accepted = header.verdict == Verdict::Accepted;
    if is_accepted != header.reason.is_empty() {
        let limit = if is_accepted { "empty when accepted" } else { "given when not accepted" };
        return refuse("reason", format!("{:?}", header.reason), limit.into());
    }
    Ok(())
}

/// Refuse a track that breaks the contract; the error names the field within the track.
pub fn check_track(track: &TrackRecord) -> Result<()> {
    let t = track;
    if t.number == 0 {
        return refuse("number", 0, "at least 1".into());
    }
    finite("position_m", &t.position_m)?;
    finite("velocity_m_s", &t.velocity_m_s)?;
    covariance("position_covariance_m2", &t.position_covariance_m2)?;
    covariance("velocity_covariance_m2_s2", &t.velocity_covariance_m2_s2)?;
    within("range_m", t.range_m, 0.0, f64::MAX)?;
    within("bearing_deg", t.bearing_deg, 0.0, 360.0_f64.next_down())?;
    within("elevation_deg", t.elevation_deg, -90.0, 90.0)?;
    finite("range_rate_m_s", &[t.range_rate_m_s])?;
    within("age_s", t.age_s, 0.0, f64::MAX)?;
    within("quality", t.quality, 0.0, 1.0)?;
    level("snr_db", t, present::SNR, t.snr_db)?;
    level("rcs_dbsm", t, present::RCS, t.rcs_dbsm)?;
    check_codes(t)?;
    check_identity(t)
}

fn check_codes(t: &TrackRecord) -> Result<()> {
    if t.present & !present::ALL != 0 {
        let limit = format!("bits of {:#x}", present::ALL);
        return refuse("present", format!("{:#x}", t.present), limit);
    }
    if t.reserved != [0; 7] {
        return refuse("reserved", format!("{:?}", t.reserved), "zero".into());
    }
    code("status", t.status, status::NEW, status::COASTING)?;
    code("event", t.event, event::NONE, event::ENDED)?;
    code("range_band", t.range_band, range_band::UNSPECIFIED, range_band::SHORT)?;
    code("transponder_mode", t.transponder_mode, transponder_mode::OFF, transponder_mode::SPOOF)?;
    code("object_type", t.object_type, 0, ObjectType::HIGHEST)?;
    code("friend_foe", t.friend_foe, 0, friend_foe::UNKNOWN)?;
    within("friend_foe_probability", f64::from(t.friend_foe_probability), 0.0, 1.0)?;
    within("refuted_probability", f64::from(t.refuted_probability), 0.0, 1.0)?;
    within("object_type_probability", f64::from(t.object_type_probability), 0.0, 1.0)?;
    code("alarms", t.alarms, 0, alarm::ALL)
}

fn check_identity(t: &TrackRecord) -> Result<()> {
    let address_limit = if has(t, present::ADDRESS) { 0xff_ffff } else { 0 };
    code("address", t.address, 0, address_limit)?;
    let mode_3a_limit = if has(t, present::MODE_3A) { 0o7777 } else { 0 };
    code("mode_3a", t.mode_3a, 0, mode_3a_limit)?;
    if let Some(limit) = text_fault(&t.transponder_id, has(t, present::TRANSPONDER_ID)) {
        let text = String::from_utf8_lossy(&t.transponder_id);
        return refuse(
            "transponder_id",
            format!("{:?}", text.trim_end_matches('\0')),
            limit.into(),
        );
    }
    let named = t.present & present::IDENTITY != 0 || t.transponder_mode != transponder_mode::OFF;
    if t.range_band == range_band::LONG && named {
        let limit = "without identity and transponder mode in the LR band".into();
        return refuse("present", format!("{:#x}", t.present), limit);
    }
    Ok(())
}

/// A look that nearly every track passes, without a branch for each field; no track passes that
/// [`check_track`] refuses. Floats of one sign stand in the order of their bits.
#[inline]
fn is_plain(t: &TrackRecord) -> bool {
    let position = t.position_covariance_m2;
    let velocity = t.velocity_covariance_m2_s2;
    let diagonals = [position[0], position[3], position[5], velocity[0], velocity[3], velocity[5]];
    let mut wrong_sign = t.range_m.to_bits() | t.age_s.to_bits();
    for value in diagonals {
        wrong_sign |= value.to_bits();
    }
    let mut overflow = not_finite(t.range_m) | not_finite(t.age_s) | not_finite(t.range_rate_m_s);
    for (value, other) in t.position_m.iter().zip(&t.velocity_m_s) {
        overflow |= not_finite(*value) | not_finite(*other);
    }
    for (value, other) in position.iter().zip(&velocity) {
        overflow |= not_finite(*value) | not_finite(*other);
    }
    let mut bad = (wrong_sign | overflow) >> 63 != 0;
    bad |= t.bearing_deg.to_bits() >= 360.0_f64.to_bits();
    bad |= t.elevation_deg.abs().to_bits() > 90.0_f64.to_bits();
    bad |= t.quality.to_bits() > 1.0_f64.to_bits();
    for (value, bit) in [(t.snr_db, present::SNR), (t.rcs_dbsm, present::RCS)] {
        let is_inside = value.abs() <= MAX_DECIBELS as f32;
        bad |= !if has(t, bit) { is_inside } else { value.is_nan() };
    }
    bad |= (t.number == 0) | (t.reserved != [0; 7]);
    bad |= (t.status.wrapping_sub(1) >= status::COASTING) | (t.event > event::ENDED);
    bad |= (t.range_band > range_band::SHORT) | (t.object_type > ObjectType::HIGHEST);
    bad |= (t.friend_foe > friend_foe::UNKNOWN) | (t.alarms > alarm::ALL);
    let probabilities =
        [t.friend_foe_probability, t.refuted_probability, t.object_type_probability];
    for probability in probabilities {
        bad |= probability.to_bits() > 1.0_f32.to_bits();
    }
    // Whoever carries any identity is looked at closely.
    bad |= t.present & !(present::SNR | present::RCS) != 0;
    bad |= (t.transponder_mode != transponder_mode::OFF) | (t.transponder_id != [0; 32]);
    bad |= (t.address != 0) | (t.mode_3a != 0);
    !bad
}

/// The top bit when `value` is infinite or no number: one more than its exponent overflows.
const fn not_finite(value: f64) -> u64 {
    (value.to_bits() & !(1 << 63)).wrapping_add(1 << 52)
}

const fn has(track: &TrackRecord, bit: u32) -> bool {
    track.present & bit != 0
}

fn within(field: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let limit = match high {
        f64::MAX => format!("finite and at least {low}"),
        _ => format!("{low} to {high}"),
    };
    refuse(field, value, limit)
}

fn finite(field: &str, values: &[f64]) -> Result<()> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(value) => refuse(field, value, "finite".into()),
        None => Ok(()),
    }
}

/// Upper triangle xx, xy, xz, yy, yz, zz: finite, with a diagonal that is not negative.
fn covariance(field: &str, values: &[f64; 6]) -> Result<()> {
    finite(field, values)?;
    let diagonal = [values[0], values[3], values[5]];
    match diagonal.iter().find(|value| **value < 0.0) {
        Some(value) => refuse(field, value, "at least 0 on the diagonal".into()),
        None => Ok(()),
    }
}

/// Decibels: inside their limits where present, NaN where absent.
fn level(field: &str, track: &TrackRecord, bit: u32, value: f32) -> Result<()> {
    match (has(track, bit), value.is_nan()) {
        (true, _) => within(field, f64::from(value), -MAX_DECIBELS, MAX_DECIBELS),
        (false, true) => Ok(()),
        (false, false) => refuse(field, value, "NaN where its present bit is clear".into()),
    }
}

fn code<T: PartialOrd + std::fmt::Display>(field: &str, value: T, low: T, high: T) -> Result<()> {
    if low <= value && value <= high {
        return Ok(());
    }
    let limit = format!("{low} to {high}");
    refuse(field, value, limit)
}

fn refuse(field: &str, value: impl ToString, limit: String) -> Result<()> {
    Err(Error::Tracks { field: field.into(), value: value.to_string(), limit })
}

/// Name the track at `index` in an error about one.
pub fn at_index(index: usize, error: Error) -> Error {
    match error {
        Error::Tracks { field, value, limit } => {
            Error::Tracks { field: format!("tracks[{index}].{field}"), value, limit }
        }
        other => other,
    }
}
