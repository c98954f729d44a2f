//! A tracker as bytes and back: a restored tracker goes on as if it had never stopped.
//!
//! Layout, little-endian: magic, version, length and text of the settings, name, numbering, newest
//! time, the free slots in their order, the tracks by number with their slot, CRC-32C of all before.

use crate::error::{Error, Result};
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::track::{Identity, Track};
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::{Tracker, TrackerName};

const MAGIC: &[u8; 8] = b"QIKITRK\0";
/// Changes with the layout and with any change of the core that alters results: what a tracker of
/// one version has begun, one of another must not go on with.
pub const VERSION: u32 = 2;
const OTHER: &str = "use a snapshot of this version or start a new epoch";

impl Tracker {
    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let mut out = Writer(Vec::with_capacity(256 + self.table.order.len() * 400));
        out.0.extend_from_slice(MAGIC);
        out.put(VERSION.to_le_bytes());
        let settings = self.config.to_json()?;
        out.count(settings.len());
        out.0.extend_from_slice(settings.as_bytes());
        out.put(self.name.tracker_id);
        out.put(self.name.epoch.to_le_bytes());
        out.put(self.table.next_number.to_le_bytes());
        out.put([u8::from(self.newest_ns.is_some())]);
        out.put(self.newest_ns.unwrap_or(0).to_le_bytes());
        out.count(self.table.free.len());
        for slot in &self.table.free {
            out.put(slot.to_le_bytes());
        }
        out.count(self.table.order.len());
        for &slot in &self.table.order {
            out.put(slot.to_le_bytes());
            out.track(&self.table, slot);
        }
        let checksum = crc32c::crc32c(&out.0);
        out.put(checksum.to_le_bytes());
        Ok(out.0)
    }

    /// A tracker from the bytes of [`Tracker::snapshot`].
    ///
    /// # Errors
    /// [`Error::Snapshot`] for bytes that are not a whole snapshot of this version.
    pub fn restore(bytes: &[u8], level: SimdLevel) -> Result<Self> {
        let body = checked_body(bytes)?;
        let mut input = Reader { bytes: body, at: MAGIC.len() + 4 };
        let length = input.count(1)?;
        let settings = std::str::from_utf8(input.take(length)?)
            .map_err(|error| refuse(format!("settings are not text: {error}")))?;
        let config = TrackerConfig::from_json(settings)?;
        let name = TrackerName { tracker_id: input.array()?, epoch: input.u64()? };
        let mut tracker = Self::new(config, name, level)?;
        let table = &mut tracker.table;
        table.next_number = input.u64()?;
        let [started] = input.array()?;
        let newest_ns = i64::from_le_bytes(input.array()?);
        let free = input.count(4)?;
        table.free = (0..free).map(|_| input.u32()).collect::<Result<_>>()?;
        let living = input.count(4)?;
        table.grow(free + living);
        for _ in 0..living {
            let slot = input.u32()?;
            if slot as usize >= free + living {
                return Err(refuse(format!("slot {slot} of {}", free + living)));
            }
            input.track(table, slot)?;
            table.order.push(slot);
        }
        if input.at != body.len() {
            return Err(refuse(format!("{} bytes too many", body.len() - input.at)));
        }
        if let Some(slot) = table.free.iter().find(|&&slot| slot as usize >= free + living) {
            return Err(refuse(format!("free slot {slot} of {}", free + living)));
        }
        tracker.newest_ns = (started != 0).then_some(newest_ns);
        Ok(tracker)
    }

    /// Refuse settings other than the tracker's own, naming the first that differs.
    ///
    /// # Errors
    /// [`Error::Snapshot`].
    pub fn require_settings(&self, expected: &TrackerConfig) -> Result<()> {
        if self.config == *expected {
            return Ok(());
        }
        let (found, expected) = (self.config.to_json()?, expected.to_json()?);
        Err(refuse(format!("its settings are {found}, the tracker's are {expected}")))
    }
}

fn refuse(reason: String) -> Error {
    Error::Snapshot { reason, remedy: OTHER }
}

fn checked_body(bytes: &[u8]) -> Result<&[u8]> {
    let Some((body, checksum)) = bytes.split_last_chunk::<4>() else {
        return Err(refuse(format!("{} bytes are too few", bytes.len())));
    };
    if !body.starts_with(MAGIC) {
        return Err(refuse("it does not begin as one".into()));
    }
    let version = body.get(8..12).map_or(0, |v| u32::from_le_bytes([v[0], v[1], v[2], v[3]]));
    if version != VERSION {
        return Err(refuse(format!("version is {version}, must be {VERSION}")));
    }
    let (found, expected) = (crc32c::crc32c(body), u32::from_le_bytes(*checksum));
    if found != expected {
        return Err(refuse(format!("checksum is {found:#010x}, must be {expected:#010x}")));
    }
    Ok(body)
}

struct Writer(Vec<u8>);

impl Writer {
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    fn count(&mut self, count: usize) {
        self.put((count as u32).to_le_bytes());
    }

    fn track(&mut self, table: &TrackTable, slot: u32) {
        let (state, time_ns) = (table.states.state(slot), table.states.time_ns(slot));
        let (life, track) = (&table.lives[slot as usize], &table.tracks[slot as usize]);
        for value in state.mean.iter().chain(&state.covariance) {
            self.put(value.to_le_bytes());
        }
        self.put(time_ns.to_le_bytes());
        self.put(track.birth_ns.to_le_bytes());
        self.put(track.number.to_le_bytes());
        self.put(track.track_id);
        for count in
            [life.history, life.chances, life.hit_count, life.miss_count, life.detection_index]
        {
            self.put(count.to_le_bytes());
        }
        self.put(track.snr_db.to_le_bytes());
        self.put(track.rcs_dbsm.to_le_bytes());
        self.put([life.status, life.event, track.range_band]);
        let identity = &track.identity;
        self.put(identity.present.to_le_bytes());
        self.put(identity.address.to_le_bytes());
        self.put(identity.mode_3a.to_le_bytes());
        self.put([identity.transponder_mode, identity.friend_foe]);
        self.put(identity.transponder_id);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| refuse(format!("it ends inside a field at {}", self.at)))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A count of entries of at least `size` bytes each, which the rest must be able to hold.
    fn count(&mut self, size: usize) -> Result<usize> {
        let count = self.u32()? as usize;
        let room = (self.bytes.len() - self.at) / size;
        if count <= room {
            return Ok(count);
        }
        Err(refuse(format!("{count} entries announced, room for {room}")))
    }

    fn track(&mut self, table: &mut TrackTable, slot: u32) -> Result<()> {
        let mut state = Gaussian::ZERO;
        for value in state.mean.iter_mut().chain(&mut state.covariance) {
            *value = self.f64()?;
        }
        let time_ns = i64::from_le_bytes(self.array()?);
        table.states.set(slot, &state, time_ns);
        let track = &mut table.tracks[slot as usize];
        let birth_ns = i64::from_le_bytes(self.array()?);
        *track = Track::new(self.u64()?, self.array()?, birth_ns);
        let life = &mut table.lives[slot as usize];
        *life = Life {
            history: self.u32()?,
            chances: self.u32()?,
            hit_count: self.u32()?,
            miss_count: self.u32()?,
            detection_index: self.u32()?,
            ..Life::ENDED
        };
        track.snr_db = f32::from_le_bytes(self.array()?);
        track.rcs_dbsm = f32::from_le_bytes(self.array()?);
        [life.status, life.event, track.range_band] = self.array()?;
        let identity = &mut track.identity;
        *identity = Identity { present: self.u32()?, ..Identity::UNKNOWN };
        identity.address = self.u32()?;
        identity.mode_3a = u16::from_le_bytes(self.array()?);
        [identity.transponder_mode, identity.friend_foe] = self.array()?;
        identity.transponder_id = self.array()?;
        Ok(())
    }
}
