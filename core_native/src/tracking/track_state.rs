//! The state of one track at a time, with what a record leaves out of its covariance.

use crate::simd::LANES;
use crate::tracking::gaussian::{Gaussian, predict};
use crate::tracking::tracker::Tracker;

impl Tracker {
    /// The state at `time_ns`, not before the newest frame's, of the living track with a number; none of
    /// one that does not live.
    pub fn state_at(&self, number: u64, time_ns: i64) -> Option<Gaussian> {
        let table = &self.table;
        let number_of = |&slot: &u32| table.tracks[slot as usize].number;
        let slot = table.order[table.order.binary_search_by_key(&number, number_of).ok()?];
        if !table.lives[slot as usize].goes_on() {
            return None;
        }
        let until_s = (time_ns - table.states.time_ns(slot)) as f64 * 1e-9;
        let bank = &table.states.bank;
        if !bank.is_used() {
            return Some(predict(&table.states.state(slot), until_s, self.rules.noise_m2_s3));
        }
        let (block, lane) = (slot as usize / LANES, slot as usize % LANES);
        let each_until_s = table.states.blocks[block].until_s([time_ns; LANES]);
        Some(bank.matched_after(block, &each_until_s, &mut bank.room()).state(lane))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::SimdLevel;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::gaussian::at;
    use crate::tracking::record::TrackRecord;
    use crate::tracking::report::Viewpoint;
    use crate::tracking::tracker::TrackerName;

    /// A tracker that followed three targets for a second.
    fn tracker(settings: &str) -> Tracker {
        let config = TrackerConfig::from_json(settings).expect("valid settings");
        let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
        let mut tracker = Tracker::new(config, name, SimdLevel::Baseline).expect("valid settings");
        let covariance_m2 = [[100.0, 9.0, 0.0], [9.0, 100.0, 0.0], [0.0, 0.0, 100.0]];
        for second in 0..5 {
            let x_m = f64::from(second) * 20.0;
            let positions_m = [[x_m, 0.0, 0.0], [1e4 - x_m, x_m, 0.0], [2e4, 0.0, 50.0]];
            let time_ns = i64::from(second) * 1_000_000_000;
            tracker.step_positions(time_ns, &positions_m, &[covariance_m2], None).expect("a scan");
        }
        tracker
    }

    #[test]
    fn it_is_the_state_that_a_record_tells_of() {
        for settings in [
            "{}",
            r#"{"motion_models": [
                {"kind": "constant_velocity", "initial_probability": 0.8},
                {"kind": "coordinated_turn", "initial_probability": 0.2}]}"#,
        ] {
            let mut tracker = tracker(settings);
            let seen_from = Viewpoint { time_ns: 5_500_000_000, sensor: None };
            let mut records = Vec::<TrackRecord>::new();
            tracker.report_living(seen_from, &mut records);
            assert_eq!(records.len(), 3);
            for record in &records {
                let state = tracker.state_at(record.number, record.time_ns).expect("it lives");
                assert_eq!(state.mean[..3], record.position_m);
                assert_eq!(state.mean[3..], record.velocity_m_s);
                let [xx, xy, _, _, _, zz] = record.position_covariance_m2;
                for (found, told) in [((0, 0), xx), ((0, 1), xy), ((2, 2), zz)] {
                    let found = state.covariance[at(found.0, found.1)];
                    assert!((found - told).abs() <= 1e-9 * told.abs(), "{found} {told}");
                }
                assert!(state.covariance[at(0, 3)] > 0.0, "position and velocity go together");
            }
        }
    }

    #[test]
    fn there_is_none_of_a_track_that_does_not_live() {
        let tracker = tracker("{}");
        assert!(tracker.state_at(3, 5_000_000_000).is_some());
        assert!(tracker.state_at(4, 5_000_000_000).is_none());
    }
}
