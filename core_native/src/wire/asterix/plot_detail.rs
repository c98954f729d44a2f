//! What a CAT048 record says besides the measurement.

use super::plot::{BEARING_UNIT_DEG, M_PER_NM};
use super::record::Record;
use super::uap::cat048;

/// I048/200: 1/16384 NM/s.
const SPEED_UNIT_M_S: f64 = M_PER_NM / 16384.0;
/// I048/210: 1/128 NM.
const TRACK_STD_UNIT_M: f64 = M_PER_NM / 128.0;

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

/// SIM, SPI and RAB of the first octet of I048/020 and TST of the second.
pub(super) fn descriptor_flags(descriptor: &[u8]) -> u8 {
    let bit = |octet: usize, mask: u8, flag: u8| match descriptor.get(octet) {
        Some(bits) if bits & mask != 0 => flag,
        _ => 0,
    };
    bit(0, 0x10, flags::SIMULATED)
        | bit(0, 0x04, flags::SPECIAL_POSITION)
        | bit(0, 0x02, flags::FIELD_MONITOR)
        | bit(1, 0x80, flags::TEST)
}

/// The view of the radar's own tracker; source, type and flags still to be filled in.
pub(super) fn radar_track(record: &Record<'_>) -> PlotDetail {
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
