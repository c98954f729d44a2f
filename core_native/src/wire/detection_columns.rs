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
    Column::text(33, "transponder_id", present::TRANSPONDER_ID),
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

/// What `detections` need of the columns.
#[derive(Clone, Copy, Debug)]
pub struct Survey {
    /// Rows of each column.
    pub rows: [usize; COUNT],
    /// Whether a detection has text without the bit that says so; no column would carry it.
    pub has_stray_text: bool,
}

/// What `detections` need in a frame of `time_ns` and `band`.
pub fn survey(detections: &[Detection], time_ns: i64, band: u8) -> Survey {
    let (mut bits, mut other_time, mut other_band, mut modes) = (0, 0, 0, 0);
    let (mut texts, mut stray) = (0, 0);
    for detection in detections {
        bits |= detection.present;
        other_time |= detection.time_ns ^ time_ns;
        other_band |= detection.range_band ^ band;
        modes |= detection.transponder_mode;
        let has_text = detection.has(present::TRANSPONDER_ID);
        texts += usize::from(has_text);
        let (words, _) = detection.transponder_id.as_chunks::<16>();
        let any = words.iter().fold(0, |any, word| any | u128::from_le_bytes(*word));
        stray |= if has_text { 0 } else { any };
    }
    let rows_if = |is_needed: bool| if is_needed { detections.len() } else { 0 };
    let rows_of = |bit: u32| rows_if(bits & bit != 0);
    let mut rows = [0; COUNT];
    for k in 0..5 {
        rows[MEASURED + k] = rows_of(present::RANGE << k);
        rows[SPREAD + k] = rows_of(present::RANGE << k);
    }
    for k in 0..2 {
        rows[LEVEL + k] = rows_of(present::SNR << k);
    }
    rows[TIME] = rows_if(other_time != 0);
    rows[ADDRESS] = rows_of(present::ADDRESS);
    rows[MODE_3A] = rows_of(present::MODE_3A);
    rows[RANGE_BAND] = rows_if(other_band != 0);
    rows[TRANSPONDER_MODE] = rows_if(modes != 0);
    rows[TRANSPONDER_ID] = texts;
    rows[PRESENT] = detections.len();
    Survey { rows, has_stray_text: stray != 0 }
}
