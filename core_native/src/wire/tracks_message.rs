//! What a tracks message says besides the tracks: whose they are and which frame they answer.

use super::protobuf::{
    Field, Message, Reader, Sink, once, put_bytes, put_fixed64, put_message, put_uint, required,
};
use super::{guard_message, registration_message};
use crate::error::Result;
use crate::guard::alert::GuardReport;
use crate::online_registration::estimators::RegistrationEstimate;

/// What became of a frame; numbers as in `RadarTrackColumns.Verdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Used.
    Accepted = 1,
    /// Breaks the contract; not used.
    Refused = 2,
    /// Older than a frame already used; not used.
    Late = 3,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Refused, Self::Late];

    /// The verdict in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Late => "late",
        }
    }
}

/// The frame that a tracks message answers. A refused payload that names no frame has zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputName {
    /// UUID of the sensor.
    pub sensor_id: [u8; 16],
    /// Run of the sensor.
    pub epoch: u64,
    /// Number of the frame within its epoch.
    pub number: u64,
    /// SHA-256 of the frame's payload.
    pub payload_sha256: [u8; 32],
}

/// Everything about a tracks message but its tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct TracksHeader {
    /// UUID of the tracker.
    pub tracker_id: [u8; 16],
    /// One core version with one set of settings.
    pub tracker_epoch: u64,
    /// Time that the tracks hold for \[ns\].
    pub time_ns: i64,
    /// The frame answered.
    pub input: InputName,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it was not used; empty when it was.
    pub reason: String,
    /// What is known of the biases of its sensor, where they are sought.
    pub registration: Option<RegistrationEstimate>,
    /// The alerts; none where there are none.
    pub guard: Option<GuardReport>,
}

/// The header's fields with the number of tracks.
pub(super) struct HeaderMessage<'a> {
    pub header: &'a TracksHeader,
    pub schema_version: u64,
    pub track_count: usize,
}

impl Message for HeaderMessage<'_> {
    fn put_fields(&self, out: &mut impl Sink) {
        let header = self.header;
        put_uint(out, 1, self.schema_version);
        put_bytes(out, 2, &header.tracker_id);
        put_fixed64(out, 3, header.tracker_epoch.to_le_bytes());
        put_fixed64(out, 4, header.time_ns.to_le_bytes());
        put_message(out, 5, &header.input);
        put_uint(out, 6, header.verdict as u64);
        put_bytes(out, 7, header.reason.as_bytes());
        put_uint(out, 8, self.track_count as u64);
        if let Some(registration) = &header.registration {
            put_message(out, 9, registration);
        }
        if let Some(guard) = &header.guard {
            put_message(out, 10, guard);
        }
    }
}

impl Message for InputName {
    fn put_fields(&self, out: &mut impl Sink) {
        put_bytes(out, 1, &self.sensor_id);
        put_fixed64(out, 2, self.epoch.to_le_bytes());
        put_fixed64(out, 3, self.number.to_le_bytes());
        put_bytes(out, 4, &self.payload_sha256);
    }
}

/// The header while its fields are read.
#[derive(Default)]
pub(super) struct HeaderFields<'a> {
    tracker_id: Option<[u8; 16]>,
    tracker_epoch: Option<u64>,
    time_ns: Option<u64>,
    input: Option<InputName>,
    verdict: Option<Verdict>,
    reason: Option<&'a str>,
    track_count: Option<u64>,
    registration: Option<RegistrationEstimate>,
    guard: Option<GuardReport>,
}

impl<'a> HeaderFields<'a> {
    /// Keep `field` if it belongs to the header.
    pub fn accept(&mut self, field: &Field<'a>) -> Result<bool> {
        macro_rules! keep {
            ($name:ident, $value:expr) => {{
                let value = $value;
                once(&mut self.$name, stringify!($name), field, value)?
            }};
        }
        match field.number {
            2 => keep!(tracker_id, field.array("tracker_id")?),
            3 => keep!(tracker_epoch, field.fixed64("tracker_epoch")?),
            4 => keep!(time_ns, field.fixed64("time_ns")?),
            5 => keep!(input, read_input(field)?),
            6 => keep!(verdict, read_verdict(field)?),
            7 => keep!(reason, field.text("reason")?),
            8 => keep!(track_count, field.varint("track_count")?),
            9 => keep!(registration, registration_message::read(field)?),
            10 => keep!(guard, guard_message::read(field)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The header and the number of tracks.
    pub fn finish(self, reader: &Reader<'_>) -> Result<(TracksHeader, u64)> {
        let header = TracksHeader {
            tracker_id: required(self.tracker_id, "tracker_id", reader)?,
            tracker_epoch: required(self.tracker_epoch, "tracker_epoch", reader)?,
            time_ns: required(self.time_ns, "time_ns", reader)? as i64,
            input: required(self.input, "input", reader)?,
            verdict: required(self.verdict, "verdict", reader)?,
            reason: required(self.reason, "reason", reader)?.into(),
            registration: self.registration,
            guard: self.guard,
        };
        Ok((header, required(self.track_count, "track_count", reader)?))
    }
}

fn read_verdict(field: &Field<'_>) -> Result<Verdict> {
    let number = field.varint("verdict")?;
    let found = Verdict::ALL.into_iter().find(|verdict| *verdict as u64 == number);
    found.ok_or_else(|| {
        field.error(format!("verdict is {number}, must be 1 (accepted), 2 (refused) or 3 (late)"))
    })
}

fn read_input(field: &Field<'_>) -> Result<InputName> {
    let mut reader = field.message("input")?;
    let (mut sensor_id, mut epoch, mut number, mut payload_sha256) = (None, None, None, None);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => once(&mut sensor_id, "input.sensor_id", &field, field.array("input.sensor_id")?)?,
            2 => once(&mut epoch, "input.epoch", &field, field.fixed64("input.epoch")?)?,
            3 => once(&mut number, "input.number", &field, field.fixed64("input.number")?)?,
            4 => {
                let name = "input.payload_sha256";
                once(&mut payload_sha256, name, &field, field.array(name)?)?;
            }
            _ => {}
        }
    }
    Ok(InputName {
        sensor_id: required(sensor_id, "input.sensor_id", &reader)?,
        epoch: required(epoch, "input.epoch", &reader)?,
        number: required(number, "input.number", &reader)?,
        payload_sha256: required(payload_sha256, "input.payload_sha256", &reader)?,
    })
}
