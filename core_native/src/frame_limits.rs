//! What a frame may hold: every number finite and inside its limits, every absent field absent.

use crate::detection::{Detection, present, range_band, transponder_mode};
use crate::error::{Error, Result};
use crate::frame::{Coverage, Frame, FrameHeader};

/// Largest length or coordinate \[m\]: past the orbit of the Moon.
pub const MAX_DISTANCE_M: f64 = 1e9;
/// Largest speed \[m/s\]: that of light.
pub const MAX_SPEED_M_S: f64 = 299_792_458.0;
/// Largest time \[ns\] either side of zero, 73 years: differences of two times fit an `i64`.
pub const MAX_TIME_NS: i64 = 1 << 61;
/// Longest time from a detection to the end of its frame \[ns\], one hour.
pub const MAX_DETECTION_AGE_NS: i64 = 3_600_000_000_000;
/// Largest size of an SNR \[dB\] or a radar cross section \[dBsm\].
pub const MAX_DECIBELS: f64 = 200.0;

const POSITION_FIELDS: [&str; 3] =
    ["sensor_position_m[0]", "sensor_position_m[1]", "sensor_position_m[2]"];
const VELOCITY_FIELDS: [&str; 3] =
    ["sensor_velocity_m_s[0]", "sensor_velocity_m_s[1]", "sensor_velocity_m_s[2]"];

/// Refuse a frame that breaks the contract; the error names the field, its value and its limit.
pub fn check_frame(frame: &Frame) -> Result<()> {
    check_parts(&frame.header, &frame.detections)
}

/// As [`check_frame`], for a frame that is still in parts.
pub fn check_parts(header: &FrameHeader, detections: &[Detection]) -> Result<()> {
    check_header(header)?;
    check_detections(detections)?;
    check_bands(header.range_band, detections)
}

/// A frame of one band holds detections of that band only: so no detection can bring its identity
/// into the LR band by leaving its own band unset.
fn check_bands(frame_band: u8, detections: &[Detection]) -> Result<()> {
    let other = detections.iter().position(|detection| detection.range_band != frame_band);
    match other {
        Some(index) if frame_band != range_band::UNSPECIFIED => {
            let limit = format!("{frame_band}, the frame's");
            let field = format!("detections[{index}].range_band");
            refuse(&field, detections[index].range_band.to_string(), &limit)
        }
        _ => Ok(()),
    }
}

/// As [`check_frame`], for the header alone.
pub fn check_header(header: &FrameHeader) -> Result<()> {
    within("range_band", f64::from(header.range_band), 0.0, f64::from(range_band::SHORT))?;
    check_time("time_ns", header.time_ns)?;
    let [position_m, velocity_m_s] = [header.sensor_position_m, header.sensor_velocity_m_s];
    for (field, value) in POSITION_FIELDS.into_iter().zip(position_m) {
        within(field, value, -MAX_DISTANCE_M, MAX_DISTANCE_M)?;
    }
    for (field, value) in VELOCITY_FIELDS.into_iter().zip(velocity_m_s) {
        within(field, value, -MAX_SPEED_M_S, MAX_SPEED_M_S)?;
    }
    check_coverage(&header.coverage)
}

/// Refuse a time whose difference to another would overflow.
pub fn check_time(field: &str, time_ns: i64) -> Result<()> {
    if (-MAX_TIME_NS..=MAX_TIME_NS).contains(&time_ns) {
        return Ok(());
    }
    refuse(field, time_ns.to_string(), &format!("from -{MAX_TIME_NS} to {MAX_TIME_NS}"))
}

/// As [`check_frame`], for the volume searched.
pub fn check_coverage(coverage: &Coverage) -> Result<()> {
    let Coverage { min_range_m, max_range_m, min_elevation_deg, max_elevation_deg, .. } = *coverage;
    within("coverage.min_range_m", min_range_m, 0.0, MAX_DISTANCE_M)?;
    within("coverage.max_range_m", max_range_m, min_range_m, MAX_DISTANCE_M)?;
    within("coverage.min_elevation_deg", min_elevation_deg, -90.0, 90.0)?;
    within("coverage.max_elevation_deg", max_elevation_deg, min_elevation_deg, 90.0)?;
    bearing("coverage.bearing_start_deg", coverage.bearing_start_deg)?;
    within("coverage.bearing_extent_deg", coverage.bearing_extent_deg, 0.0, 360.0)
}

/// As [`check_frame`], for the detections alone.
pub fn check_detections(detections: &[Detection]) -> Result<()> {
    for (index, detection) in detections.iter().enumerate() {
        check_detection(detection).map_err(|error| at_index(index, error))?;
    }
    Ok(())
}

/// Refuse a detection that breaks the contract; the error names the field within the detection.
pub fn check_detection(detection: &Detection) -> Result<()> {
    check_measurements(detection)?;
    check_identity(detection)?;
    let band = detection.range_band;
    within("range_band", f64::from(band), 0.0, f64::from(range_band::SHORT))?;
    if detection.present & !present::ALL != 0 {
        let limit = format!("bits of {:#x}", present::ALL);
        return refuse("present", format!("{:#x}", detection.present), &limit);
    }
    if detection.reserved != [0; 8] {
        return refuse("reserved", format!("{:?}", detection.reserved), "zero");
    }
    let named = detection.present & present::IDENTITY != 0;
    if band == range_band::LONG && (named || detection.transponder_mode != transponder_mode::OFF) {
        let limit = "without identity and transponder mode in the LR band";
        return refuse("present", format!("{:#x}", detection.present), limit);
    }
    Ok(())
}

fn check_measurements(detection: &Detection) -> Result<()> {
    let d = detection;
    let (far, fast, loud) = (MAX_DISTANCE_M, MAX_SPEED_M_S, MAX_DECIBELS);
    let elevation_std_deg = f64::from(d.elevation_std_deg);
    let range_rate_std_m_s = f64::from(d.range_rate_std_m_s);
    measured(d.has(present::RANGE), "range_m", d.range_m, 0.0, far)?;
    spread(d.has(present::RANGE), "range_std_m", f64::from(d.range_std_m), far)?;
    let bearing_limit_deg = 360.0_f64.next_down();
    measured(d.has(present::BEARING), "bearing_deg", d.bearing_deg, 0.0, bearing_limit_deg)?;
    spread(d.has(present::BEARING), "bearing_std_deg", f64::from(d.bearing_std_deg), 360.0)?;
    measured(d.has(present::ELEVATION), "elevation_deg", d.elevation_deg, -90.0, 90.0)?;
    spread(d.has(present::ELEVATION), "elevation_std_deg", elevation_std_deg, 360.0)?;
    measured(d.has(present::RANGE_RATE), "range_rate_m_s", d.range_rate_m_s, -fast, fast)?;
    spread(d.has(present::RANGE_RATE), "range_rate_std_m_s", range_rate_std_m_s, fast)?;
    measured(d.has(present::HEIGHT), "height_m", d.height_m, -far, far)?;
    spread(d.has(present::HEIGHT), "height_std_m", f64::from(d.height_std_m), far)?;
    measured(d.has(present::SNR), "snr_db", f64::from(d.snr_db), -loud, loud)?;
    measured(d.has(present::RCS), "rcs_dbsm", f64::from(d.rcs_dbsm), -loud, loud)
}

fn check_identity(detection: &Detection) -> Result<()> {
    let address_limit = if detection.has(present::ADDRESS) { 0xff_ffff } else { 0 };
    within("address", f64::from(detection.address), 0.0, f64::from(address_limit))?;
    let mode_3a_limit = if detection.has(present::MODE_3A) { 0o7777 } else { 0 };
    within("mode_3a", f64::from(detection.mode_3a), 0.0, f64::from(mode_3a_limit))?;
    let mode_limit = f64::from(transponder_mode::SPOOF);
    within("transponder_mode", f64::from(detection.transponder_mode), 0.0, mode_limit)?;
    check_transponder_id(detection)
}

fn check_transponder_id(detection: &Detection) -> Result<()> {
    let bytes = &detection.transponder_id;
    let Some(limit) = text_fault(bytes, detection.has(present::TRANSPONDER_ID)) else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(bytes);
    refuse("transponder_id", format!("{:?}", text.trim_end_matches('\0')), limit)
}

/// What is wrong with a text padded with zero bytes, as the limit that it breaks.
pub fn text_fault(bytes: &[u8; 32], is_present: bool) -> Option<&'static str> {
    let length = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    match (is_present, length) {
        (true, 0) => Some("1 to 32 bytes of UTF-8 where present"),
        (false, 1..) => Some("empty where absent"),
        _ if std::str::from_utf8(&bytes[..length]).is_err() => Some("UTF-8"),
        _ if bytes[length..].iter().any(|&byte| byte != 0) => Some("zero after its end"),
        _ => None,
    }
}

/// A measurement is finite and within its limits where present, NaN where absent.
fn measured(is_present: bool, field: &str, value: f64, low: f64, high: f64) -> Result<()> {
    match (is_present, value.is_nan()) {
        (true, _) => within(field, value, low, high),
        (false, true) => Ok(()),
        (false, false) => refuse(field, value.to_string(), "NaN where its present bit is clear"),
    }
}

/// A standard deviation is as its measurement, and above zero.
fn spread(is_present: bool, field: &str, value: f64, high: f64) -> Result<()> {
    if is_present && value <= 0.0 {
        return refuse(field, value.to_string(), &format!("above 0, at most {high}"));
    }
    measured(is_present, field, value, 0.0, high)
}

fn within(field: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    refuse(field, value.to_string(), &format!("{low} to {high}"))
}

fn bearing(field: &str, value: f64) -> Result<()> {
    if (0.0..360.0).contains(&value) {
        return Ok(());
    }
    refuse(field, value.to_string(), "at least 0, below 360")
}

fn refuse(field: &str, value: String, limit: &str) -> Result<()> {
    Err(Error::Frame { field: field.into(), value, limit: limit.into() })
}

fn at_index(index: usize, error: Error) -> Error {
    match error {
        Error::Frame { field, value, limit } => {
            Error::Frame { field: format!("detections[{index}].{field}"), value, limit }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Detection {
        let mut detection = Detection::absent(5);
        detection.present = present::RANGE | present::BEARING;
        (detection.range_m, detection.range_std_m) = (1000.0, 5.0);
        (detection.bearing_deg, detection.bearing_std_deg) = (359.0, 0.5);
        detection
    }

    fn message_of(change: impl FnOnce(&mut Detection)) -> String {
        let mut detections = [plain(), plain()];
        change(&mut detections[1]);
        check_detections(&detections).unwrap_err().to_string()
    }

    #[test]
    fn a_plain_detection_passes() {
        assert_eq!(check_detections(&[plain(), Detection::absent(0)]), Ok(()));
    }

    #[test]
    fn the_error_names_field_index_value_and_limit() {
        let message = message_of(|d| d.range_m = -3.0);
        assert_eq!(message, "frame: detections[1].range_m is -3, must be 0 to 1000000000");
        let message = message_of(|d| d.bearing_deg = 360.0);
        assert!(message.starts_with("frame: detections[1].bearing_deg is 360, must be 0 to 359.9"));
        let message = message_of(|d| d.range_std_m = 0.0);
        assert_eq!(
            message,
            "frame: detections[1].range_std_m is 0, must be above 0, at most 1000000000"
        );
        let message = message_of(|d| d.elevation_deg = 0.0);
        assert!(
            message.ends_with("elevation_deg is 0, must be NaN where its present bit is clear")
        );
    }

    #[test]
    fn every_field_is_checked() {
        assert!(message_of(|d| d.range_m = f64::NAN).contains("range_m"));
        assert!(message_of(|d| d.range_m = f64::INFINITY).contains("range_m"));
        assert!(message_of(|d| d.range_std_m = f32::NAN).contains("range_std_m"));
        assert!(message_of(|d| d.snr_db = 1.0).contains("snr_db"));
        assert!(message_of(|d| d.height_std_m = 1.0).contains("height_std_m"));
        assert!(message_of(|d| d.address = 1).contains("address"));
        assert!(message_of(|d| d.mode_3a = 0o1200).contains("mode_3a"));
        assert!(message_of(|d| d.range_band = 3).contains("range_band"));
        assert!(message_of(|d| d.transponder_mode = 4).contains("transponder_mode"));
        assert!(message_of(|d| d.transponder_id[0] = b'A').contains("transponder_id"));
        assert!(message_of(|d| d.present |= 1 << 30).contains("present is 0x40000003"));
        assert!(message_of(|d| d.reserved[7] = 1).contains("reserved"));
        assert!(message_of(|d| d.present |= present::TRANSPONDER_ID).contains("transponder_id"));
    }

    #[test]
    fn the_long_range_band_carries_no_identity() {
        let long = |d: &mut Detection| d.range_band = range_band::LONG;
        assert!(
            message_of(|d| {
                long(d);
                d.present |= present::TRANSPONDER_REPLY;
            })
            .contains("LR band")
        );
        assert!(
            message_of(|d| {
                long(d);
                d.transponder_mode = transponder_mode::SILENT;
            })
            .contains("LR band")
        );
    }

    #[test]
    fn a_frame_of_one_band_holds_no_other() {
        let mut header = FrameHeader {
            sensor_id: [1; 16],
            epoch: 0,
            number: 0,
            time_ns: 0,
            range_band: range_band::UNSPECIFIED,
            coverage: Coverage::sphere(1000.0),
            sensor_position_m: [0.0; 3],
            sensor_velocity_m_s: [0.0; 3],
        };
        let mut detections = [plain(), plain()];
        assert_eq!(check_parts(&header, &detections), Ok(()));
        header.range_band = range_band::SHORT;
        detections[0].range_band = range_band::SHORT;
        let message = check_parts(&header, &detections).unwrap_err().to_string();
        assert_eq!(message, "frame: detections[1].range_band is 0, must be 2, the frame's");
    }

    #[test]
    fn coverage_limits_stand_in_order() {
        let mut coverage = Coverage::sphere(1000.0);
        assert_eq!(check_coverage(&coverage), Ok(()));
        coverage.min_range_m = 2000.0;
        let message = check_coverage(&coverage).unwrap_err().to_string();
        assert_eq!(message, "frame: coverage.max_range_m is 1000, must be 2000 to 1000000000");
    }
}
