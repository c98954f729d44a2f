//! A tracker as bytes and back: a restored tracker goes on as if it had never stopped.
//!
//! Layout, little-endian: magic, version, length and text of the settings, name, numbering, newest
//! time, the free slots in their order, the tracks by number with their slot, CRC-32C of all before.

use crate::error::{Error, Result};
use crate::frame_limits::check_time;
use crate::simd::SimdLevel;
use crate::tracking::checkpoint::Checkpoint;
use crate::tracking::config::TrackerConfig;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::track::{Description, Identity, Track};
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::{Tracker, TrackerName};

const MAGIC: &[u8; 8] = b"QIKITRK\0";
/// Changes with the layout and with any change of the core that alters results: what a tracker of
/// one version has begun, one of another must not go on with.
pub const VERSION: u32 = 3;
const OTHER: &str = "use a snapshot of this version or start a new epoch";

impl Tracker {
    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        self.snapshot_of(&self.table, self.newest_ns)
    }

    /// The whole state at a checkpoint of this tracker as bytes.
    ///
    /// # Errors
    /// As [`Tracker::snapshot`].
    pub fn snapshot_at(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>> {
        self.snapshot_of(&checkpoint.table, checkpoint.newest_ns)
    }

    fn snapshot_of(&self, table: &TrackTable, newest_ns: Option<i64>) -> Result<Vec<u8>> {
        let mut out = Writer::new(MAGIC, 256 + table.order.len() * 400);
        let settings = self.config.to_json()?;
        out.count(settings.len());
        out.0.extend_from_slice(settings.as_bytes());
        out.put(self.name.tracker_id);
        out.put(self.name.epoch.to_le_bytes());
        out.put(table.next_number.to_le_bytes());
        out.put([u8::from(newest_ns.is_some())]);
        out.put(newest_ns.unwrap_or(0).to_le_bytes());
        out.count(table.free.len());
        for slot in &table.free {
            out.put(slot.to_le_bytes());
        }
        out.count(table.order.len());
        for &slot in &table.order {
            out.put(slot.to_le_bytes());
            out.track(table, slot);
        }
        Ok(out.finish())
    }

    /// A tracker from the bytes of [`Tracker::snapshot`].
    ///
    /// # Errors
    /// [`Error::Snapshot`] for bytes that are not a whole snapshot of this version.
    pub fn restore(bytes: &[u8], level: SimdLevel) -> Result<Self> {
        let mut input = Reader::new(MAGIC, bytes)?;
        let length = input.count(1)?;
        let settings = std::str::from_utf8(input.take(length)?)
            .map_err(|error| refuse(format!("settings are not text: {error}")))?;
        let config = TrackerConfig::from_json(settings)?;
        let name = TrackerName { tracker_id: input.array()?, epoch: input.u64()? };
        let mut tracker = Self::new(config, name, level)?;
        let table = &mut tracker.table;
        table.next_number = input.u64()?;
        let [started] = input.array()?;
        let newest_ns = input.time("newest time")?;
        let free = input.count(4)?;
        table.free = (0..free).map(|_| input.u32()).collect::<Result<_>>()?;
        let living = input.count(4)?;
        let mut slots = UnclaimedSlots(vec![true; free + living]);
        table.free.iter().try_for_each(|&slot| slots.claim(slot))?;
        table.grow(free + living);
        for _ in 0..living {
            let slot = input.u32()?;
            slots.claim(slot)?;
            input.track(table, slot)?;
            table.order.push(slot);
        }
        input.finish()?;
        check_numbers(table)?;
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

/// The error about a snapshot that cannot be restored.
pub fn refuse(reason: String) -> Error {
    Error::Snapshot { reason, remedy: OTHER }
}

fn checked_body<'a>(magic: &[u8; 8], bytes: &'a [u8]) -> Result<&'a [u8]> {
    let Some((body, checksum)) = bytes.split_last_chunk::<4>() else {
        return Err(refuse(format!("{} bytes are too few", bytes.len())));
    };
    if !body.starts_with(magic) {
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

/// Slots that no track and no entry of the free list has yet.
struct UnclaimedSlots(Vec<bool>);

impl UnclaimedSlots {
    fn claim(&mut self, slot: u32) -> Result<()> {
        match self.0.get_mut(slot as usize) {
            Some(unclaimed) if *unclaimed => {
                *unclaimed = false;
                Ok(())
            }
            Some(_) => Err(refuse(format!("slot {slot} is listed twice"))),
            None => Err(refuse(format!("slot {slot} of {}", self.0.len()))),
        }
    }
}

/// Refuse tracks out of order, or one that a later track would share its number with.
fn check_numbers(table: &TrackTable) -> Result<()> {
    let mut least = 1;
    for &slot in &table.order {
        let number = table.tracks[slot as usize].number;
        if !(least..table.next_number).contains(&number) {
            let next = table.next_number;
            return Err(refuse(format!("track {number} is not in {least}..{next}")));
        }
        least = number + 1;
    }
    Ok(())
}

/// Bytes of a snapshot while it is written.
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// Begin one of a kind, in memory for about `size` bytes.
    pub fn new(magic: &[u8; 8], size: usize) -> Self {
        let mut out = Self(Vec::with_capacity(size));
        out.put(*magic);
        out.put(VERSION.to_le_bytes());
        out
    }

    /// Append bytes.
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    /// Append how many entries follow.
    pub fn count(&mut self, count: usize) {
        self.put((count as u32).to_le_bytes());
    }

    /// The whole snapshot, its checksum last.
    pub fn finish(mut self) -> Vec<u8> {
        let checksum = crc32c::crc32c(&self.0);
        self.put(checksum.to_le_bytes());
        self.0
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
        let description = table.description(slot as usize);
        self.put(description.snr_db.to_le_bytes());
        self.put(description.rcs_dbsm.to_le_bytes());
        self.put([life.status, life.event, description.range_band]);
        let identity = &description.identity;
        self.put(identity.present.to_le_bytes());
        self.put(identity.address.to_le_bytes());
        self.put(identity.mode_3a.to_le_bytes());
        self.put([identity.transponder_mode, identity.friend_foe]);
        self.put(identity.transponder_id);
    }
}

/// Bytes of a snapshot while they are read.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begin to read one of a kind, its checksum checked.
    ///
    /// # Errors
    /// [`Error::Snapshot`], here and below.
    pub fn new(magic: &[u8; 8], bytes: &'a [u8]) -> Result<Self> {
        Ok(Self { bytes: checked_body(magic, bytes)?, at: magic.len() + 4 })
    }

    /// Refuse bytes behind the last field.
    ///
    /// # Errors
    /// [`Error::Snapshot`].
    pub fn finish(&self) -> Result<()> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            rest => Err(refuse(format!("{rest} bytes too many"))),
        }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there are fewer.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
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

    /// The next number.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there is none.
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A time whose difference to another does not overflow.
    fn time(&mut self, field: &str) -> Result<i64> {
        let time_ns = i64::from_le_bytes(self.array()?);
        check_time(field, time_ns).map_err(|error| refuse(error.to_string()))?;
        Ok(time_ns)
    }

    /// A count of entries of at least `size` bytes each, which the rest must be able to hold.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for more than it can.
    pub fn count(&mut self, size: usize) -> Result<usize> {
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
            *value = self.f64()? + 0.0; // no negative zero: an update relies on that
        }
        let time_ns = self.time("state time")?;
        table.states.set(slot, &state, time_ns);
        let birth_ns = self.time("birth time")?;
        table.tracks[slot as usize] =
            Track { number: self.u64()?, track_id: self.array()?, birth_ns };
        let life = &mut table.lives[slot as usize];
        *life = Life {
            history: self.u32()?,
            chances: self.u32()?,
            hit_count: self.u32()?,
            miss_count: self.u32()?,
            detection_index: self.u32()?,
            ..Life::ENDED
        };
        let mut description = Description::UNKNOWN;
        description.snr_db = f32::from_le_bytes(self.array()?);
        description.rcs_dbsm = f32::from_le_bytes(self.array()?);
        [life.status, life.event, description.range_band] = self.array()?;
        let identity = &mut description.identity;
        *identity = Identity { present: self.u32()?, ..Identity::UNKNOWN };
        identity.address = self.u32()?;
        identity.mode_3a = u16::from_le_bytes(self.array()?);
        [identity.transponder_mode, identity.friend_foe] = self.array()?;
        identity.transponder_id = self.array()?;
        if !description.is_unknown() {
            *table.description_mut(slot) = description;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: SimdLevel = SimdLevel::Baseline;

    /// Three tracks in slots 0 to 2 and one free slot, 3.
    fn tracker() -> Tracker {
        let config =
            TrackerConfig { confirm_hits: 1, delete_misses: 1, ..TrackerConfig::default() };
        let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
        let mut tracker = Tracker::new(config, name, LEVEL).expect("valid settings");
        let positions_m = [0.0, 1e4, 2e4, 3e4].map(|x_m| [x_m, 0.0, 0.0]);
        let covariance_m2 = [[100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 100.0]];
        for (time_ns, seen) in [(0, 4), (1, 3), (2, 3)] {
            let seen = &positions_m[..seen];
            tracker.step_positions(time_ns, seen, &[covariance_m2], None).expect("a scan");
        }
        assert_eq!((&tracker.table.order[..], &tracker.table.free[..]), (&[0, 1, 2][..], &[3][..]));
        tracker
    }

    /// What is said of a snapshot that is whole but holds what `damage` does to a tracker.
    fn reason(damage: impl Fn(&mut Tracker)) -> String {
        let mut tracker = tracker();
        damage(&mut tracker);
        let snapshot = tracker.snapshot().expect("valid settings");
        Tracker::restore(&snapshot, LEVEL).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_restored_tracker_has_the_same_snapshot() {
        let snapshot = tracker().snapshot().expect("valid settings");
        let restored = Tracker::restore(&snapshot, LEVEL).expect("whole snapshot");
        assert_eq!(restored.snapshot().expect("valid settings"), snapshot);
        assert_eq!(restored.table.lives.len(), 4);
    }

    #[test]
    fn slots_that_are_not_each_listed_once_are_refused() {
        let twice = "slot 1 is listed twice";
        assert!(reason(|tracker| tracker.table.order[2] = 1).contains(twice));
        assert!(reason(|tracker| tracker.table.free[0] = 1).contains(twice));
        assert!(reason(|tracker| tracker.table.free[0] = 4).contains("slot 4 of 4"));
        // One free slot and two tracks make three slots, 0 to 2.
        assert!(reason(|tracker| tracker.table.order = vec![0, 3]).contains("slot 3"));
    }

    #[test]
    fn numbers_and_times_that_cannot_be_are_refused() {
        assert!(reason(|tracker| tracker.table.order.swap(0, 1)).contains("track 1 is not in 3.."));
        assert!(reason(|tracker| tracker.table.next_number = 3).contains("track 3 is not in 3..3"));
        assert!(reason(|tracker| tracker.newest_ns = Some(i64::MAX)).contains("newest time"));
        let far = |tracker: &mut Tracker| tracker.table.states.blocks[0].times_ns[2] = i64::MIN;
        assert!(reason(far).contains("state time"));
        assert!(
            reason(|tracker| tracker.table.tracks[1].birth_ns = i64::MIN).contains("birth time")
        );
    }
}
