//! The state of a tracker at one instant, kept so that it can go back there.
//!
//! A plain copy of the tables in memory that is used again.

use crate::tracking::record::event;
use crate::tracking::track_table::TrackTable;
use crate::tracking::tracker::Tracker;
use crate::tracking::used_names::UsedNames;

/// What a tracker knew when it had used a certain frame.
#[derive(Default)]
pub struct Checkpoint {
    pub(super) table: TrackTable,
    pub(super) newest_ns: Option<i64>,
    pub(super) used_names: UsedNames,
}

impl Checkpoint {
    /// Time of the newest frame used \[ns\].
    pub const fn newest_ns(&self) -> Option<i64> {
        self.newest_ns
    }
}

/// What the last frame did to a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Number of the track.
    pub number: u64,
    /// One of [`event`].
    pub event: u8,
    /// Index into the frame of the detection used, or [`crate::tracking::record::NO_DETECTION`].
    pub detection_index: u32,
}

impl Tracker {
    /// Copy the state.
    pub fn save_to(&self, checkpoint: &mut Checkpoint) {
        checkpoint.table.copy_from(&self.table);
        checkpoint.newest_ns = self.newest_ns;
        checkpoint.used_names.copy_from(&self.used_names);
    }

    /// Become what saved `checkpoint`.
    pub fn go_back_to(&mut self, checkpoint: &Checkpoint) {
        self.table.copy_from(&checkpoint.table);
        self.newest_ns = checkpoint.newest_ns;
        self.used_names.copy_from(&checkpoint.used_names);
    }

    /// Become what saved `checkpoint`, which gets the present state.
    pub const fn swap_with(&mut self, checkpoint: &mut Checkpoint) {
        std::mem::swap(&mut self.table, &mut checkpoint.table);
        std::mem::swap(&mut self.newest_ns, &mut checkpoint.newest_ns);
        std::mem::swap(&mut self.used_names, &mut checkpoint.used_names);
    }

    /// Number that the next track will get.
    pub const fn next_number(&self) -> u64 {
        self.table.next_number
    }

    /// UUID of the track with a number.
    pub const fn track_id(&self, number: u64) -> [u8; 16] {
        self.ids.id(number)
    }

    /// Numbers of the living tracks, ascending.
    pub fn living_numbers(&self) -> impl Iterator<Item = u64> + '_ {
        let (lives, tracks) = (&self.table.lives, &self.table.tracks);
        let living = self.table.order.iter().filter(|&&slot| lives[slot as usize].goes_on());
        living.map(|&slot| tracks[slot as usize].number)
    }

    /// What the last frame did, by track number.
    pub fn touches(&self) -> impl Iterator<Item = Touch> + '_ {
        self.table.order.iter().map(|&slot| slot as usize).filter_map(|slot| {
            let life = &self.table.lives[slot];
            (life.event != event::NONE).then(|| Touch {
                number: self.table.tracks[slot].number,
                event: life.event,
                detection_index: life.detection_index,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::SimdLevel;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::record::NO_DETECTION;
    use crate::tracking::tracker::TrackerName;

    fn scan(tracker: &mut Tracker, time_ns: i64, along_x_m: &[f64]) {
        let covariance_m2 = [[100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 100.0]];
        let positions_m: Vec<_> = along_x_m.iter().map(|&x_m| [x_m, 0.0, 0.0]).collect();
        tracker.step_positions(time_ns, &positions_m, &[covariance_m2], None).expect("a scan");
    }

    fn tracker() -> Tracker {
        let config = TrackerConfig { delete_existence: 0.09, ..TrackerConfig::default() };
        let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
        Tracker::new(config, name, SimdLevel::Baseline).expect("valid settings")
    }

    #[test]
    fn it_goes_on_from_a_checkpoint_as_it_went_on_before() {
        let (mut tracker, mut early, mut late) =
            (tracker(), Checkpoint::default(), Checkpoint::default());
        scan(&mut tracker, 0, &[0.0, 1e4, 2e4]);
        scan(&mut tracker, 1_000_000, &[0.0, 2e4]);
        tracker.save_to(&mut early);
        let before = tracker.snapshot().expect("valid settings");
        scan(&mut tracker, 2_000_000, &[3e4, 0.0, 4e4, 5e4]);
        let after = tracker.snapshot().expect("valid settings");
        tracker.swap_with(&mut late);
        assert_eq!((tracker.track_count(), late.newest_ns()), (0, Some(2_000_000)));
        tracker.go_back_to(&early);
        assert_eq!(tracker.snapshot().expect("valid settings"), before);
        assert_eq!(tracker.snapshot_at(&late).expect("valid settings"), after);
        scan(&mut tracker, 2_000_000, &[3e4, 0.0, 4e4, 5e4]);
        assert_eq!(tracker.snapshot().expect("valid settings"), after);
    }

    #[test]
    fn what_a_frame_did_and_who_lives_is_told_by_number() {
        let mut tracker = tracker();
        scan(&mut tracker, 0, &[0.0, 1e4]);
        scan(&mut tracker, 1_000_000, &[5e4, 0.0]);
        let touch = |number, event, detection_index| Touch { number, event, detection_index };
        let expected = [
            touch(1, event::UPDATED, 1),
            touch(2, event::ENDED, NO_DETECTION),
            touch(3, event::BORN, 0),
        ];
        assert!(tracker.touches().eq(expected));
        assert!(tracker.living_numbers().eq([1, 3]));
        assert_eq!(tracker.next_number(), 4);
    }
}
