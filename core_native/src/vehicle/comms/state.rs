//! Communications in time: what is switched, and what the transponder does.

use super::config::{CommsConfig, TransponderPart};
use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse, truth};
use crate::vehicle::power::loads::LoadState;
use crate::vehicle::snapshot::{numbers, time};

/// What a transponder is told to do, as `qiki.radar.v1.TransponderMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransponderMode {
    /// Nothing.
    #[default]
    Off = 0,
    /// To reply with its identity.
    On = 1,
    /// Not to reply.
    Silent = 2,
    /// To reply with a false identity.
    Spoof = 3,
}

/// The modes by number, each with its word.
pub const MODES: [(TransponderMode, &str); 4] = [
    (TransponderMode::Off, "off"),
    (TransponderMode::On, "on"),
    (TransponderMode::Silent, "silent"),
    (TransponderMode::Spoof, "spoof"),
];

/// A station as it was told; it goes on with its velocity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToldStation {
    /// Position in the world frame \[m\].
    pub position_m: [f64; 3],
    /// Its velocity \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// In which step.
    pub step: i64,
}

/// All that changes in a vehicle's communications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comms {
    /// Whether they are on.
    pub is_on: bool,
    /// What the transponder is told to do; off without one.
    pub mode: TransponderMode,
    /// Whether the transponder replied in the last step.
    pub replied: bool,
    /// The station, if it is known.
    pub station: Option<ToldStation>,
}

impl Comms {
    /// Communications at the start.
    pub fn new(config: &CommsConfig) -> Self {
        let mode = config.transponder.as_ref().map(|part| part.mode);
        Self { is_on: config.is_on, mode: mode.unwrap_or_default(), replied: false, station: None }
    }

    /// Whether the transponder is to reply, if it has power.
    pub const fn is_to_reply(&self) -> bool {
        self.is_on && matches!(self.mode, TransponderMode::On | TransponderMode::Spoof)
    }

    /// Go on by a step in which the transponder was this load, if it needs power.
    pub fn step(&mut self, load: Option<&LoadState>) {
        let has_power = load.is_none_or(|load| load.is_powered() && !load.is_throttled);
        self.replied = self.is_to_reply() && has_power;
    }

    /// Whether the transponder replies: it did in the last step, and was not told otherwise since.
    pub const fn is_active(&self) -> bool {
        self.is_to_reply() && self.replied
    }

    /// The identity that it gives while it replies.
    pub fn id<'a>(&self, part: &'a TransponderPart) -> &'a str {
        if self.mode == TransponderMode::Spoof { &part.spoof_id } else { &part.id }
    }

    /// Append all that changes.
    pub fn put(&self, out: &mut Writer) {
        let nowhere = ToldStation { position_m: [0.0; 3], velocity_m_s: [0.0; 3], step: 0 };
        out.put([u8::from(self.is_on), self.mode as u8, u8::from(self.replied)]);
        out.put([u8::from(self.station.is_some())]);
        let ToldStation { position_m, velocity_m_s, step } = self.station.unwrap_or(nowhere);
        let both = position_m.iter().chain(&velocity_m_s);
        both.for_each(|number| out.put(number.to_le_bytes()));
        out.put(step.to_le_bytes());
    }

    /// Read what [`Comms::put`] wrote, of a vehicle at step number `steps`.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a state that cannot be.
    pub fn read(input: &mut Reader<'_>, steps: i64) -> Result<Self> {
        let [is_on, mode, replied, has_station] = input.array()?;
        let Some(&(mode, _)) = MODES.get(usize::from(mode)) else {
            return Err(refuse(format!("the transponder has mode {mode}, must have 0 to 3")));
        };
        let (position_m, velocity_m_s) = (numbers(input)?, numbers(input)?);
        let step = time(input, "step in which a station was told", steps)?;
        let station = ToldStation { position_m, velocity_m_s, step };
        let station = truth(has_station)?.then_some(station);
        Ok(Self { is_on: truth(is_on)?, mode, replied: truth(replied)?, station })
    }
}
