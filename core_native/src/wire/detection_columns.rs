//! The columns of `RadarFrameColumns`.

use super::columns::Column;
use crate::detection::{Detection, present};

/// How many there are.
pub const COUNT: usize = 19;

/// Columns of `RadarFrameColumns`, in order of number.
pub const COLUMNS: [Column; COUNT] = [
    Column::optional(16, "detection_time_ns", 8),
    Column::optional(17, "range_m", 8),
    Column::optional(18, "bearing_deg", 8),
    Column::optional(19, "elevation_deg", 8),
    Column::optional(20, "range_rate_m_s", 8),
    Column::optional(21, "height_m", 8),
    Column::optional(22, "range_std_m", 4),
    Column::optional(23, "bearing_std_deg", 4),
    Column::optional(24, "elevation_std_deg", 4),
    Column::optional(25, "range_rate_std_m_s", 4),
    Column::optional(26, "height_std_m", 4),
    Column::optional(27, "snr_db", 4),
    Column::optional(28, "rcs_dbsm", 4),
    Column::optional(29, "address", 4),
    Column::optional(30, "mode_3a", 4),
    Column::optional(31, "detection_range_band", 1),
    Column::optional(32, "transponder_mode", 1),
    Column::optional(33, "transponder_id", 32),
    Column::required(48, "present", 4),
];

/// Place of `detection_time_ns` in [`COLUMNS`].
pub const TIME: usize = 0;
/// First of the five measurements, in the order of their bits in [`present`].
pub const MEASURED: usize = 1;
/// First of their standard deviations, in the same order.
pub const SPREAD: usize = 6;
/// First of SNR and radar cross section.
pub const LEVEL: usize = 11;
/// Place of `address`.
pub const ADDRESS: usize = 13;
/// Place of `mode_3a`.
pub const MODE_3A: usize = 14;
/// Place of `detection_range_band`.
pub const RANGE_BAND: usize = 15;
/// Place of `transponder_mode`.
pub const TRANSPONDER_MODE: usize = 16;
/// Place of `transponder_id`.
pub const TRANSPONDER_ID: usize = 17;
/// Place of `present`.
pub const PRESENT: usize = 18;

/// Which columns `detections` need in a frame of `time_ns` and `band`.
pub fn needed(detections: &[Detection], time_ns: i64, band: u8) -> [bool; COUNT] {
    let (mut bits, mut other_time, mut other_band, mut modes) = (0, 0, 0, 0);
    let mut text = false;
    for detection in detections {
        bits |= detection.present;
        other_time |= detection.time_ns ^ time_ns;
        other_band |= detection.range_band ^ band;
        modes |= detection.transponder_mode;
        text |= detection.transponder_id != [0; 32];
    }
    let mut needed = [false; COUNT];
    for k in 0..5 {
        let is_measured = bits & (present::RANGE << k) != 0;
        (needed[MEASURED + k], needed[SPREAD + k]) = (is_measured, is_measured);
    }
    for k in 0..2 {
        needed[LEVEL + k] = bits & (present::SNR << k) != 0;
    }
    needed[TIME] = other_time != 0;
    needed[ADDRESS] = bits & present::ADDRESS != 0;
    needed[MODE_3A] = bits & present::MODE_3A != 0;
    needed[RANGE_BAND] = other_band != 0;
    needed[TRANSPONDER_MODE] = modes != 0;
    needed[TRANSPONDER_ID] = text || bits & present::TRANSPONDER_ID != 0;
    needed[PRESENT] = true;
    needed
}
