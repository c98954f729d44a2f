//! A CAT048 record as a detection, and what else it says kept apart.

use crate::detection::{Detection, present, transponder_mode};

use super::clock::Clock;
use super::fault::{Fault, Reason};
use super::plot_detail::{PlotDetail, descriptor_flags, flags, radar_track};
use super::record::Record;
use super::sensor::{DopplerSign, SensorAccuracy};
use super::uap::{CAT048, cat048};

/// Metres in a nautical mile.
pub(super) const M_PER_NM: f64 = 1852.0;
/// I048/040: 1/256 NM and 360/65536 deg.
const RANGE_UNIT_M: f64 = M_PER_NM / 256.0;
pub(super) const BEARING_UNIT_DEG: f64 = 360.0 / 65536.0;
/// I048/090: a quarter of a flight level, 25 ft.
const HEIGHT_UNIT_M: f64 = 25.0 * 0.3048;
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
) -> Result<Report, Fault> {
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
