//! A tracker as bytes and back: a restored tracker goes on as if it had never stopped.
//!
//! Layout, little-endian: magic, version, length and text of the settings, name, numbering, newest
//! time, the names of frames used, the free slots in their order, the tracks by number with their slot, CRC-32C of all before.

use crate::error::Result;
use crate::simd::SimdLevel;
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse};
use crate::tracking::checkpoint::Checkpoint;
use crate::tracking::config::TrackerConfig;
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::{Tracker, TrackerName};
use crate::tracking::used_names::UsedNames;

/// What a tracker writes.
pub const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKITRK\0", version: 7 };
impl Tracker {
    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        self.snapshot_of(&self.table, self.newest_ns, &self.used_names)
    }

    /// The whole state at a checkpoint of this tracker as bytes.
    ///
    /// # Errors
    /// As [`Tracker::snapshot`].
    pub fn snapshot_at(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>> {
        self.snapshot_of(&checkpoint.table, checkpoint.newest_ns, &checkpoint.used_names)
    }

    fn snapshot_of(
        &self,
        table: &TrackTable,
        newest_ns: Option<i64>,
        used_names: &UsedNames,
    ) -> Result<Vec<u8>> {
        let mut out = Writer::new(&KIND, 256 + table.order.len() * 512);
        let settings = self.config.to_json()?;
        out.block(settings.as_bytes());
        out.put(self.name.tracker_id);
        out.put(self.name.epoch.to_le_bytes());
        out.put(table.next_number.to_le_bytes());
        out.put([u8::from(newest_ns.is_some())]);
        out.put(newest_ns.unwrap_or(0).to_le_bytes());
        used_names.write(&mut out);
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
        Self::restore_by(bytes, level, Ok)
    }

    /// The same of a snapshot that must have been made with `config`, which holds the motion models
    /// that a user wrote: text only names them, and says what they answered.
    ///
    /// # Errors
    /// [`Error::Snapshot`] also for other settings.
    pub fn restore_with(bytes: &[u8], level: SimdLevel, config: &TrackerConfig) -> Result<Self> {
        Self::restore_by(bytes, level, |found| {
            require_same(&found, config)?;
            Ok(config.clone())
        })
    }

    /// A tracker with the settings that `settle` makes of those in the snapshot.
    fn restore_by(
        bytes: &[u8],
        level: SimdLevel,
        settle: impl FnOnce(TrackerConfig) -> Result<TrackerConfig>,
    ) -> Result<Self> {
        let mut input = Reader::new(&KIND, bytes)?;
        let settings = std::str::from_utf8(input.block()?)
            .map_err(|error| refuse(format!("settings are not text: {error}")))?;
        let config = settle(TrackerConfig::parse(settings)?)?;
        let name = TrackerName { tracker_id: input.array()?, epoch: input.u64()? };
        let mut tracker = Self::new(config, name, level)?;
        let table = &mut tracker.table;
        table.next_number = input.u64()?;
        let [started] = input.array()?;
        let newest_ns = input.time("newest time")?;
        tracker.newest_ns = (started != 0).then_some(newest_ns);
        tracker.used_names = UsedNames::read(&mut input, tracker.newest_ns)?;
        let free = input.count(4)?;
        table.free = (0..free).map(|_| input.u32()).collect::<Result<_>>()?;
        let living = input.count(4)?;
        let mut slots = UnclaimedSlots(vec![true; free + living]);
        table.free.iter().try_for_each(|&slot| slots.claim(slot))?;
        table.grow(free + living);
        for _ in 0..living {
            let slot = input.u32()?;
            slots.claim(slot)?;
            input.track(table, slot, &tracker.rules)?;
            table.order.push(slot);
        }
        input.finish()?;
        check_numbers(table)?;
        Ok(tracker)
    }
}

/// Refuse settings other than the tracker's own.
fn require_same(found: &TrackerConfig, expected: &TrackerConfig) -> Result<()> {
    let (found, expected) = (found.to_json()?, expected.to_json()?);
    if found == expected {
        return Ok(());
    }
    Err(refuse(format!("its settings are {found}, the tracker's are {expected}")))
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

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: SimdLevel = SimdLevel::Baseline;

    /// Three tracks in slots 0 to 2 and one free slot, 3.
    fn tracker() -> Tracker {
        let config = TrackerConfig {
            births_per_frame: 1e3,
            delete_existence: 0.92,
            ..TrackerConfig::default()
        };
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
        let flat = |tracker: &mut Tracker| {
            let mut state = tracker.table.states.state(1);
            state.covariance[0] = -9.0;
            tracker.table.states.set(1, &state, 0);
        };
        assert!(reason(flat).contains("state covariance[0][0] is -9, must be at least 0"));
        let nowhere = |tracker: &mut Tracker| {
            let mut state = tracker.table.states.state(1);
            state.mean[4] = f64::NAN;
            tracker.table.states.set(1, &state, 0);
        };
        assert!(reason(nowhere).contains("state[4] is NaN, must be finite"));
        for existence in [-0.1, 1.0, f64::NAN] {
            let reason = reason(|tracker| tracker.table.lives[1].existence = existence);
            assert!(reason.contains("existence is"), "{reason}");
        }
        assert!(
            reason(|tracker| tracker.table.tracks[1].birth_ns = i64::MIN).contains("birth time")
        );
    }
}
