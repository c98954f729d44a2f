//! A CAT034 record: what the radar says of its antenna.

use super::clock::Clock;
use super::fault::{Fault, Reason};
use super::record::Record;
use super::uap::{CAT034, cat034};

/// Message types of I034/000.
pub mod message_type {
    /// The antenna passed north.
    pub const NORTH_MARKER: u8 = 1;
    /// The antenna entered a sector.
    pub const SECTOR_CROSSING: u8 = 2;
    /// A geographical filter was set.
    pub const GEOGRAPHICAL_FILTER: u8 = 3;
    /// A jamming strobe.
    pub const JAMMING_STROBE: u8 = 4;
}

/// One service message.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceMessage {
    /// Time \[ns\] on the plots' clock.
    pub time_ns: i64,
    /// Byte of the input where the record starts.
    pub offset: u64,
    /// Azimuth of the start of the sector \[deg\] (I034/020); NaN where absent.
    pub sector_azimuth_deg: f64,
    /// Antenna rotation period \[s\] (I034/041); NaN where absent.
    pub rotation_period_s: f64,
    /// System area code of the radar.
    pub sac: u8,
    /// System identification code of the radar.
    pub sic: u8,
    /// I034/000; see [`message_type`].
    pub message_type: u8,
    /// Zero; room for later fields.
    pub reserved: [u8; 5],
}

/// Bytes of one message; part of the contract.
pub const SERVICE_MESSAGE_SIZE: usize = 40;
const _: () = assert!(size_of::<ServiceMessage>() == SERVICE_MESSAGE_SIZE);

/// Read a cut record as a service message.
pub fn read(record: &Record<'_>, clock: &mut Clock) -> Result<ServiceMessage, Fault> {
    let fault = |reason| Fault { format: CAT034.name, offset: record.offset, reason };
    let missing = |index: usize| fault(Reason::Missing(CAT034.items[index].name));
    let &[sac, sic] = record.item(cat034::SOURCE) else { return Err(missing(cat034::SOURCE)) };
    let &[message_type] = record.item(cat034::MESSAGE_TYPE) else {
        return Err(missing(cat034::MESSAGE_TYPE));
    };
    let time_of_day = record.u24(cat034::TIME).ok_or(missing(cat034::TIME))?;
    let time_ns = clock.time_ns(time_of_day).map_err(fault)?;
    let sector_azimuth_deg = match *record.item(cat034::SECTOR) {
        [sector] => f64::from(sector) * (360.0 / 256.0),
        _ => f64::NAN,
    };
    let period = record.u16(cat034::ROTATION_PERIOD);
    Ok(ServiceMessage {
        time_ns,
        offset: record.offset as u64,
        sector_azimuth_deg,
        rotation_period_s: period.map_or(f64::NAN, |ticks| f64::from(ticks) / 128.0),
        sac,
        sic,
        message_type,
        reserved: [0; 5],
    })
}
