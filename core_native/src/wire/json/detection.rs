//! One detection of a frame as the original writes it.

use serde::{Deserialize, Serialize};

use super::row::{Padded, id_present};
use crate::detection::{Detection, present};
use crate::error::{Error, Result};

/// Fields that the original requires, in its order, and the bit of what was measured: absent ones are 0.
pub const MEASURED: [(&str, u32); 6] = [
    ("range_m", present::RANGE),
    ("bearing_deg", present::BEARING),
    ("elev_deg", present::ELEVATION),
    ("vr_mps", present::RANGE_RATE),
    ("snr_db", present::SNR),
    ("rcs_dbsm", present::RCS),
];

/// The keys of a detection, in the original's order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectionRow {
    range_m: f64,
    bearing_deg: f64,
    elev_deg: f64,
    vr_mps: f64,
    snr_db: f64,
    rcs_dbsm: f64,
    #[serde(default)]
    transponder_on: bool,
    #[serde(default)]
    transponder_mode: u8,
    transponder_id: Option<Padded>,
    #[serde(default)]
    range_band: u8,
    id_present: Option<bool>,
}

impl DetectionRow {
    /// What the row of a detection that keeps the contract says.
    pub fn of(d: &Detection) -> Self {
        let value = |bit, value| if says(d, bit) { value } else { 0.0 };
        let has_id = d.has(present::TRANSPONDER_ID);
        Self {
            range_m: value(present::RANGE, d.range_m),
            bearing_deg: value(present::BEARING, d.bearing_deg),
            elev_deg: value(present::ELEVATION, d.elevation_deg),
            vr_mps: value(present::RANGE_RATE, d.range_rate_m_s),
            snr_db: value(present::SNR, f64::from(d.snr_db)),
            rcs_dbsm: value(present::RCS, f64::from(d.rcs_dbsm)),
            transponder_on: d.has(present::TRANSPONDER_REPLY),
            transponder_mode: d.transponder_mode,
            transponder_id: has_id.then_some(Padded(d.transponder_id)),
            range_band: d.range_band,
            id_present: id_present(d.range_band, has_id),
        }
    }

    /// The detection at `time_ns`, everything measured, deviations still absent; `index` names it in errors.
    pub fn detection(&self, time_ns: i64, index: usize) -> Result<Detection> {
        let padded = self.transponder_id.map_or([0; 32], |text| text.0);
        let has_id = padded[0] != 0;
        if self.id_present.is_some_and(|said| said != has_id) {
            let limit = if has_id { "true with a transponder_id" } else { "false without one" };
            return Err(Error::Frame {
                field: format!("detections[{index}].id_present"),
                value: format!("{}", !has_id),
                limit: limit.into(),
            });
        }
        let mut bits = MEASURED.iter().fold(0, |bits, (_, bit)| bits | bit);
        for (bit, is_set) in
            [(present::TRANSPONDER_ID, has_id), (present::TRANSPONDER_REPLY, self.transponder_on)]
        {
            bits |= if is_set { bit } else { 0 };
        }
        Ok(Detection {
            range_m: self.range_m,
            bearing_deg: self.bearing_deg,
            elevation_deg: self.elev_deg,
            range_rate_m_s: self.vr_mps,
            snr_db: self.snr_db as f32,
            rcs_dbsm: self.rcs_dbsm as f32,
            present: bits,
            range_band: self.range_band,
            transponder_mode: self.transponder_mode,
            transponder_id: padded,
            ..Detection::absent(time_ns)
        })
    }
}

/// Whether JSON says what was measured: its SNR is never below 0.
pub fn says(d: &Detection, bit: u32) -> bool {
    d.has(bit) && (bit != present::SNR || d.snr_db >= 0.0)
}

/// Take back a measurement that is 0 because it is absent.
pub fn remove(d: &mut Detection, name: &str, bit: u32, index: usize) -> Result<()> {
    let absent = Detection::absent(d.time_ns);
    let value = match bit {
        present::RANGE => std::mem::replace(&mut d.range_m, absent.range_m),
        present::BEARING => std::mem::replace(&mut d.bearing_deg, absent.bearing_deg),
        present::ELEVATION => std::mem::replace(&mut d.elevation_deg, absent.elevation_deg),
        present::RANGE_RATE => std::mem::replace(&mut d.range_rate_m_s, absent.range_rate_m_s),
        present::SNR => f64::from(std::mem::replace(&mut d.snr_db, absent.snr_db)),
        _ => f64::from(std::mem::replace(&mut d.rcs_dbsm, absent.rcs_dbsm)),
    };
    d.present &= !bit;
    if value == 0.0 {
        return Ok(());
    }
    Err(Error::Frame {
        field: format!("detections[{index}].{name}"),
        value: value.to_string(),
        limit: "0 where x-qiki-absent names it".into(),
    })
}
