//! A CAT048 record as a detection, and what else it says kept apart.

use std::str::FromStr;

use crate::detection::{Detection, present, transponder_mode};
use crate::error::{Error, Result};

use super::clock::Clock;
use super::fault::{Fault, Reason};
use super::record::Record;
use super::uap::{CAT048, cat048};

const M_PER_NM: f64 = 1852.0;
/// I048/040: 1/256 NM and 360/65536 deg.
const RANGE_UNIT_M: f64 = M_PER_NM / 256.0;
const BEARING_UNIT_DEG: f64 = 360.0 / 65536.0;
/// I048/090: a quarter of a flight level, 25 ft.
const HEIGHT_UNIT_M: f64 = 25.0 * 0.3048;
/// I048/200: 1/16384 NM/s.
const SPEED_UNIT_M_S: f64 = M_PER_NM / 16384.0;
/// I048/210: 1/128 NM.
const TRACK_STD_UNIT_M: f64 = M_PER_NM / 128.0;

/// How well the radar measures. CAT048 carries no accuracy of a plot, so the reader must be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorAccuracy {
    /// Standard deviation of the slant range \[m\].
    pub range_std_m: f32,
    /// Standard deviation of the bearing \[deg\].
    pub bearing_std_deg: f32,
    /// Standard deviation of the height from the flight level \[m\].
    pub height_std_m: f32,
    /// Standard deviation of the range rate \[m/s\].
    pub range_rate_std_m_s: f32,
}

impl Default for SensorAccuracy {
    /// A Mode S radar of the European standard.
    fn default() -> Self {
        Self {
            range_std_m: 30.0,
            bearing_std_deg: 0.06,
            height_std_m: 15.0,
            range_rate_std_m_s: 2.0,
        }
    }
}

impl SensorAccuracy {
    /// The accuracy itself if every part of it can be a standard deviation.
    ///
    /// # Errors
    /// [`Error::Setting`] names the part that is not finite or not above zero.
    pub fn checked(self) -> Result<Self> {
        for (setting, value) in [
            ("range_std_m", self.range_std_m),
            ("bearing_std_deg", self.bearing_std_deg),
            ("height_std_m", self.height_std_m),
            ("range_rate_std_m_s", self.range_rate_std_m_s),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::Setting {
                    setting: setting.into(),
                    value: value.to_string(),
                    limit: "finite and above 0".into(),
                    remedy: "give the radar's standard deviation, or leave it unset".into(),
                });
            }
        }
        Ok(self)
    }
}

/// What the sign of the calculated Doppler speed (I048/120) means. The standard does not say, so
/// it is not used unless the reader is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DopplerSign {
    /// Unknown: the range rate stays absent.
    #[default]
    Unknown,
    /// Positive when the target moves away.
    Receding,
    /// Positive when the target comes closer.
    Approaching,
}

impl FromStr for DopplerSign {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "unknown" => Ok(Self::Unknown),
            "receding" => Ok(Self::Receding),
            "approaching" => Ok(Self::Approaching),
            _ => Err(Error::Setting {
                setting: "doppler_sign".into(),
                value: name.into(),
                limit: "one of unknown, receding, approaching".into(),
                remedy: "say what a positive speed means, or leave it unset".into(),
            }),
        }
    }
}

/// Bits of [`PlotDetail::flags`].
pub mod flags {
    /// A simulated target (SIM).
    pub const SIMULATED: u8 = 1 << 0;
    /// A test target (TST).
    pub const TEST: u8 = 1 << 1;
    /// A transponder on the ground that monitors the radar (RAB).
    pub const FIELD_MONITOR: u8 = 1 << 2;
    /// The pilot pressed "ident" (SPI).
    pub const SPECIAL_POSITION: u8 = 1 << 3;
    /// The flight level was not validated or garbled, so the height is absent.
    pub const HEIGHT_REFUSED: u8 = 1 << 4;
    /// The Mode 3/A code was not validated, garbled or not of this turn, so it is absent.
    pub const MODE_3A_REFUSED: u8 = 1 << 5;
    /// The identification holds a character that ICAO leaves undefined, so it is absent.
    pub const IDENTIFICATION_REFUSED: u8 = 1 << 6;
}

/// `track_number` of a plot that the radar gave none.
pub const NO_TRACK_NUMBER: u16 = u16::MAX;

/// What a record says besides the measurement: its place, its source and the view of the radar's
/// own tracker. That tracker knows the addresses, so nothing of this may reach ours.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotDetail {
    /// Byte of the input where the record starts.
    pub offset: u64,
    /// Ground speed by the radar's tracker \[m/s\] (I048/200); NaN where absent.
    pub ground_speed_m_s: f32,
    /// Heading by the radar's tracker \[deg\] (I048/200); NaN where absent.
    pub heading_deg: f32,
    /// Standard deviation of the radar's track along x \[m\] (I048/210); NaN where absent.
    pub track_std_x_m: f32,
    /// Standard deviation of the radar's track along y \[m\] (I048/210); NaN where absent.
    pub track_std_y_m: f32,
    /// Track number of the radar (I048/161) or [`NO_TRACK_NUMBER`].
    pub track_number: u16,
    /// System area code of the radar.
    pub sac: u8,
    /// System identification code of the radar.
    pub sic: u8,
    /// TYP of I048/020: 1 PSR, 2 SSR, 3 SSR + PSR, 4 Mode S all-call, 5 roll-call, 6 and 7 the
    /// same + PSR.
    pub report_type: u8,
    /// First octet of the track status (I048/170), zero where absent.
    pub track_status: u8,
    /// Bits of [`flags`].
    pub flags: u8,
    /// Zero; room for later fields.
    pub reserved: u8,
}

/// Bytes of one detail; part of the contract.
pub const PLOT_DETAIL_SIZE: usize = 32;
const _: () = assert!(size_of::<PlotDetail>() == PLOT_DETAIL_SIZE);

/// What a CAT048 record turned out to be.
pub enum Report {
    /// A measurement.
    Plot(Detection, PlotDetail),
    /// TYP 0: the radar's tracker extrapolated, nothing was detected.
    NoDetection,
    /// A record without the measured position I048/040.
    NoPosition,
}

/// Read a cut record as a plot.
pub fn read(
    record: &Record<'_>,
    clock: &mut Clock,
    accuracy: &SensorAccuracy,
    doppler: DopplerSign,
) -> std::result::Result<Report, Fault> {
    let fault = |reason| Fault { format: CAT048.name, offset: record.offset, reason };
    let missing = |index: usize| fault(Reason::Missing(CAT048.items[index].name));
    let &[sac, sic] = record.item(cat048::SOURCE) else { return Err(missing(cat048::SOURCE)) };
    let time_of_day = record.u24(cat048::TIME).ok_or(missing(cat048::TIME))?;
    let time_ns = clock.time_ns(time_of_day).map_err(fault)?;
    let descriptor = record.item(cat048::DESCRIPTOR);
    let Some(&first) = descriptor.first() else { return Err(missing(cat048::DESCRIPTOR)) };
    let report_type = first >> 5;
    if report_type == 0 {
        return Ok(Report::NoDetection);
    }
    let &[r1, r0, b1, b0] = record.item(cat048::POSITION) else { return Ok(Report::NoPosition) };

    let mut plot = Detection::absent(time_ns);
    plot.present = present::RANGE | present::BEARING;
    plot.range_m = f64::from(u16::from_be_bytes([r1, r0])) * RANGE_UNIT_M;
    plot.range_std_m = accuracy.range_std_m;
    plot.bearing_deg = f64::from(u16::from_be_bytes([b1, b0])) * BEARING_UNIT_DEG;
    plot.bearing_std_deg = accuracy.bearing_std_deg;
    let refused = set_height(&mut plot, record, accuracy)
        | set_mode_3a(&mut plot, record)
        | set_identity(&mut plot, record, report_type);
    set_range_rate(&mut plot, record, accuracy, doppler);
    let detail = PlotDetail {
        sac,
        sic,
        report_type,
        flags: refused | descriptor_flags(descriptor),
        ..radar_track(record)
    };
    Ok(Report::Plot(plot, detail))
}

/// SIM, SPI and RAB of the first octet of I048/020 and TST of the second.
fn descriptor_flags(descriptor: &[u8]) -> u8 {
    let bit = |octet: usize, mask: u8, flag: u8| match descriptor.get(octet) {
        Some(bits) if bits & mask != 0 => flag,
        _ => 0,
    };
    bit(0, 0x10, flags::SIMULATED)
        | bit(0, 0x04, flags::SPECIAL_POSITION)
        | bit(0, 0x02, flags::FIELD_MONITOR)
        | bit(1, 0x80, flags::TEST)
}

/// V, G and, for a Mode 3/A code, L: not validated, garbled, not extracted during this turn.
const NOT_VALIDATED: u16 = 0x8000;
const GARBLED: u16 = 0x4000;
const NOT_EXTRACTED: u16 = 0x2000;

/// The flight level is a pressure altitude above 1013.25 hPa, in two's complement of 14 bits.
fn set_height(plot: &mut Detection, record: &Record<'_>, accuracy: &SensorAccuracy) -> u8 {
    let Some(bits) = record.u16(cat048::FLIGHT_LEVEL) else { return 0 };
    if bits & (NOT_VALIDATED | GARBLED) != 0 {
        return flags::HEIGHT_REFUSED;
    }
    let quarter_levels = (bits << 2).cast_signed() >> 2;
    plot.present |= present::HEIGHT;
    plot.height_m = f64::from(quarter_levels) * HEIGHT_UNIT_M;
    plot.height_std_m = accuracy.height_std_m;
    0
}

fn set_mode_3a(plot: &mut Detection, record: &Record<'_>) -> u8 {
    let Some(bits) = record.u16(cat048::MODE_3A) else { return 0 };
    if bits & (NOT_VALIDATED | GARBLED | NOT_EXTRACTED) != 0 {
        return flags::MODE_3A_REFUSED;
    }
    plot.present |= present::MODE_3A;
    plot.mode_3a = bits & 0x0FFF;
    0
}

fn set_identity(plot: &mut Detection, record: &Record<'_>, report_type: u8) -> u8 {
    if report_type >= 2 {
        plot.present |= present::TRANSPONDER_REPLY;
        plot.transponder_mode = transponder_mode::ON;
    }
    if let Some(address) = record.u24(cat048::ADDRESS) {
        plot.present |= present::ADDRESS;
        plot.address = address;
    }
    let &[a, b, c, d, e, f] = record.item(cat048::IDENTIFICATION) else { return 0 };
    let Some(text) = identification([a, b, c, d, e, f]) else {
        return flags::IDENTIFICATION_REFUSED;
    };
    if text[0] != 0 {
        plot.present |= present::TRANSPONDER_ID;
        plot.transponder_id[..8].copy_from_slice(&text);
    }
    0
}

/// Eight characters of six bits (ICAO Annex 10, volume IV, table 3-8) as text padded with zero
/// bytes; none if one of them is undefined.
fn identification(octets: [u8; 6]) -> Option<[u8; 8]> {
    let bits = octets.iter().fold(0_u64, |bits, &octet| bits << 8 | u64::from(octet));
    let mut text = [0; 8];
    for (k, character) in text.iter_mut().enumerate() {
        *character = match (bits >> (42 - 6 * k)) as u8 & 0x3F {
            letter @ 1..=26 => b'A' - 1 + letter,
            digit @ 48..=57 => digit,
            32 => b' ',
            _ => return None,
        };
    }
    for character in text.iter_mut().rev() {
        if *character != b' ' {
            break;
        }
        *character = 0;
    }
    Some(text)
}

/// Only the calculated speed (CAL) is signed and free of ambiguity; the raw ones (RDS) are
/// unsigned remainders of an ambiguity interval.
fn set_range_rate(
    plot: &mut Detection,
    record: &Record<'_>,
    accuracy: &SensorAccuracy,
    doppler: DopplerSign,
) {
    let sign = match doppler {
        DopplerSign::Unknown => return,
        DopplerSign::Receding => 1.0,
        DopplerSign::Approaching => -1.0,
    };
    let &[subfields, high, low, ..] = record.item(cat048::DOPPLER) else { return };
    let (calculated, doubtful) = (subfields & 0x80 != 0, high & 0x80 != 0);
    // A second octet of subfields would move the speed; the profile defines none.
    if !calculated || doubtful || subfields & 1 != 0 {
        return;
    }
    let speed = (u16::from_be_bytes([high, low]) << 6).cast_signed() >> 6;
    plot.present |= present::RANGE_RATE;
    plot.range_rate_m_s = sign * f64::from(speed);
    plot.range_rate_std_m_s = accuracy.range_rate_std_m_s;
}

fn radar_track(record: &Record<'_>) -> PlotDetail {
    let (ground_speed_m_s, heading_deg) = match *record.item(cat048::VELOCITY) {
        [s1, s0, h1, h0] => (
            (f64::from(u16::from_be_bytes([s1, s0])) * SPEED_UNIT_M_S) as f32,
            (f64::from(u16::from_be_bytes([h1, h0])) * BEARING_UNIT_DEG) as f32,
        ),
        _ => (f32::NAN, f32::NAN),
    };
    let (track_std_x_m, track_std_y_m) = match *record.item(cat048::TRACK_QUALITY) {
        [x, y, _, _] => {
            ((f64::from(x) * TRACK_STD_UNIT_M) as f32, (f64::from(y) * TRACK_STD_UNIT_M) as f32)
        }
        _ => (f32::NAN, f32::NAN),
    };
    let number = record.u16(cat048::TRACK_NUMBER).map(|bits| bits & 0x0FFF);
    PlotDetail {
        offset: record.offset as u64,
        ground_speed_m_s,
        heading_deg,
        track_std_x_m,
        track_std_y_m,
        track_number: number.unwrap_or(NO_TRACK_NUMBER),
        sac: 0,
        sic: 0,
        report_type: 0,
        track_status: record.item(cat048::TRACK_STATUS).first().copied().unwrap_or(0),
        flags: 0,
        reserved: 0,
    }
}
