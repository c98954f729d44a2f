//! The communications section whose every number has been checked.

use super::document::{
    BANDWIDTH_LIMITS_HZ, CommsDocument, FREQUENCY_LIMITS_HZ, GAIN_LIMITS_DBI, RadioLinkDocument,
    SNR_LIMITS_DB, TEMPERATURE_LIMITS_K, TRANSMIT_LIMITS_W, TransponderPartDocument,
};
use super::radio_link::RadioLink;
use super::state::TransponderMode;
use crate::error::{Error, Result};
use crate::quote::quoted;
use crate::scene::place::Place;
use crate::scene::scenario::MAX_IDENTITY_BYTES;
use crate::scene::transponder_document::TransponderModeDocument;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::power::config::number_of_load;
use crate::vehicle::power::document::PowerDocument;

/// A checked communications section.
#[derive(Clone, Debug, PartialEq)]
pub struct CommsConfig {
    /// Whether they are on at the start.
    pub is_on: bool,
    /// The transponder, if there is one.
    pub transponder: Option<TransponderPart>,
    /// The way to a station, if it is described.
    pub link: Option<RadioLink>,
}

/// A vehicle's transponder.
#[derive(Clone, Debug, PartialEq)]
pub struct TransponderPart {
    /// What it does at the start.
    pub mode: TransponderMode,
    /// Its identity.
    pub id: String,
    /// Its false identity.
    pub spoof_id: String,
    /// Number of the load that it is, if it needs power.
    pub load: Option<usize>,
}

/// Check a communications section of a vehicle with this power.
pub fn checked(
    place: &Place<'_>,
    document: &CommsDocument,
    power: Option<&PowerDocument>,
) -> CommsConfig {
    let transponder = document.transponder.as_ref();
    CommsConfig {
        is_on: document.is_on,
        transponder: transponder.map(|part| checked_part(&place.key("transponder"), part, power)),
        link: document.link.as_ref().map(|part| link(&place.key("link"), part)),
    }
}

fn checked_part(
    place: &Place<'_>,
    document: &TransponderPartDocument,
    power: Option<&PowerDocument>,
) -> TransponderPart {
    place.key("id").text(&document.id, MAX_IDENTITY_BYTES);
    place.key("spoof_id").text(&document.spoof_id, MAX_IDENTITY_BYTES);
    TransponderPart {
        mode: match document.mode {
            TransponderModeDocument::Off => TransponderMode::Off,
            TransponderModeDocument::On => TransponderMode::On,
            TransponderModeDocument::Silent => TransponderMode::Silent,
            TransponderModeDocument::Spoof => TransponderMode::Spoof,
        },
        id: document.id.clone(),
        spoof_id: document.spoof_id.clone(),
        load: number_of_load(&place.key("load"), document.load.as_deref(), power),
    }
}

impl VehicleConfig {
    /// The same vehicle with another identity of its transponder, where it has one.
    ///
    /// # Errors
    /// [`Error::Setting`] for an identity that is empty or too long.
    pub fn with_transponder_id(&self, id: &str) -> Result<Self> {
        if id.is_empty() || id.len() > MAX_IDENTITY_BYTES {
            return Err(Error::Setting {
                setting: "transponder_id".into(),
                value: quoted(id),
                limit: format!("1 to {MAX_IDENTITY_BYTES} bytes"),
                remedy: "give the vehicle another".into(),
            });
        }
        let mut config = self.clone();
        if let Some(part) = config.comms.as_mut().and_then(|comms| comms.transponder.as_mut()) {
            part.id = id.into();
        }
        Ok(config)
    }
}

fn link(place: &Place<'_>, document: &RadioLinkDocument) -> RadioLink {
    let number = |name, value, [low, high]: [f64; 2]| {
        place.key(name).number(value, low, high);
        value
    };
    let frequency_hz = number("frequency_hz", document.frequency_hz, FREQUENCY_LIMITS_HZ);
    let transmit_w = number("transmit_w", document.transmit_w, TRANSMIT_LIMITS_W);
    let antenna_dbi = number("antenna_dbi", document.antenna_dbi, GAIN_LIMITS_DBI);
    let station_dbi = document.station_antenna_dbi;
    let station_dbi = number("station_antenna_dbi", station_dbi, GAIN_LIMITS_DBI);
    let temperature_k = document.noise_temperature_k;
    let temperature_k = number("noise_temperature_k", temperature_k, TEMPERATURE_LIMITS_K);
    let bandwidth_hz = number("bandwidth_hz", document.bandwidth_hz, BANDWIDTH_LIMITS_HZ);
    let required_snr_db = number("required_snr_db", document.required_snr_db, SNR_LIMITS_DB);
    let sent = [transmit_w, antenna_dbi + station_dbi];
    RadioLink::new(frequency_hz, sent, [temperature_k, bandwidth_hz], required_snr_db)
}
