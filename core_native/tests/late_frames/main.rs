//! Frames that come late leave the tracker as if they had come in order, what was published stays
//! true, and a tracker restored from a snapshot goes on the same way.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod frames;
mod limits;

use std::collections::{BTreeMap, BTreeSet};

use qiki_core::bridge::FrameTracker;
use qiki_core::detection::range_band;
use qiki_core::frame::{Coverage, Frame};
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::record::{TrackRecord, event, status};
use qiki_core::tracking::report::Viewpoint;
use qiki_core::tracking::tracker::Tracker;
use qiki_core::wire::track_columns;
use qiki_core::wire::tracks_message::Verdict;

use crate::frames::{
    LEVEL, NAME, PERIOD_NS, answer, config, frame, frame_tracker, payload_of, plot, snapshot,
};

/// A linear congruential generator: numbers that look random and never change.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn within(&mut self, reach: f64) -> f64 {
        (self.below(2_000_001) as f64 / 1e6 - 1.0) * reach
    }
}

/// What two sensors see of targets that come and go, with false alarms near them.
fn scene(draw: &mut Draw, count: u64) -> Vec<Frame> {
    let mut frames = Vec::new();
    for number in 0..count {
        for sensor in 1..=2 {
            // Now and then both at the same time.
            let offset_ns = if draw.below(4) == 0 { 0 } else { i64::from(sensor) * 20_000_000 };
            let time_ns = number as i64 * PERIOD_NS + offset_ns;
            let mut plots = Vec::new();
            for target in 0..6 {
                let is_there = (number + 3 * target) % 11 < 7;
                let (range_m, bearing_deg) = (3000.0 + 500.0 * target as f64, 60.0 * target as f64);
                if is_there && draw.below(10) < 8 {
                    let noisy_m = range_m + number as f64 * 8.0 + draw.within(15.0);
                    plots.push(plot(time_ns, noisy_m, bearing_deg + draw.within(0.1)));
                }
                if draw.below(6) == 0 {
                    let (away_m, turned_deg) = (draw.within(120.0), draw.within(2.0));
                    plots.push(plot(time_ns, range_m + away_m, bearing_deg + turned_deg));
                }
            }
            frames.push(frame(sensor, number, time_ns, plots));
        }
    }
    frames
}

/// The frames as they come: each late by up to `latest_ns`, three in four hardly.
fn shuffled(draw: &mut Draw, frames: &[Frame], latest_ns: u64) -> Vec<Frame> {
    let mut coming: Vec<(i64, &Frame)> = frames
        .iter()
        .map(|frame| {
            let late_ns = if draw.below(4) == 0 { draw.below(latest_ns) } else { 0 };
            (frame.header.time_ns + late_ns as i64, frame)
        })
        .collect();
    coming.sort_by_key(|&(comes_ns, _)| comes_ns);
    coming.into_iter().map(|(_, frame)| frame.clone()).collect()
}

fn payload_for(tracker: &mut FrameTracker, frame: &Frame) -> Vec<u8> {
    let answer = tracker.answer(&payload_of(frame), None).expect("every payload is answered");
    answer.payload.to_vec()
}

/// A tracker that used the frames in order of time; those of one time as they came.
fn ordered(config: &TrackerConfig, used: &[Frame]) -> Tracker {
    let mut frames: Vec<&Frame> = used.iter().collect();
    frames.sort_by_key(|frame| frame.header.time_ns);
    let mut tracker = Tracker::new(config.clone(), NAME, LEVEL).expect("valid settings");
    for frame in frames {
        tracker.step(&frame.header, &frame.detections).expect("used before");
    }
    tracker
}

/// All of a record that depends neither on the track's number nor on the sensor that looks.
fn state_of(record: &TrackRecord) -> Vec<u64> {
    let numbers = [record.position_m, record.velocity_m_s].concat();
    let spread = [record.position_covariance_m2, record.velocity_covariance_m2_s2].concat();
    let values = numbers.iter().chain(&spread).chain([&record.age_s, &record.quality]);
    let counts = [record.hit_count, record.miss_count, record.status.into()].map(u64::from);
    let times_ns = [record.time_ns as u64, record.update_time_ns as u64];
    values.map(|value| value.to_bits()).chain(counts).chain(times_ns).collect()
}

/// What a reader of the messages knows.
#[derive(Default)]
struct Reader {
    living: BTreeMap<u64, TrackRecord>,
    ever: BTreeSet<u64>,
    /// Tracks told to have ended by an answer to a late frame, and those begun by one.
    taken_away: usize,
    added: usize,
}

impl Reader {
    fn read(&mut self, records: &[TrackRecord], is_late: bool) {
        let mut told = BTreeSet::new();
        for record in records {
            assert!(told.insert(record.number), "track {} twice", record.number);
            let is_new = self.ever.insert(record.number);
            assert_eq!(is_new, record.event == event::BORN, "track {}", record.number);
            assert!(is_new || self.living.contains_key(&record.number), "an ended track is back");
            self.added += usize::from(is_new && is_late);
            if record.status == status::LOST {
                assert_eq!(record.event, event::ENDED);
                self.living.remove(&record.number);
                self.taken_away += usize::from(is_late);
            } else {
                self.living.insert(record.number, *record);
            }
        }
    }

    fn states(&self) -> Vec<Vec<u64>> {
        let mut states: Vec<_> = self.living.values().map(state_of).collect();
        states.sort();
        states
    }
}

fn states_of(tracker: &mut Tracker) -> Vec<Vec<u64>> {
    let time_ns = tracker.newest_ns().unwrap_or(0);
    let picture = tracker.picture(Viewpoint { time_ns, sensor: None }).expect("the newest time");
    let mut states: Vec<_> = picture.iter().map(state_of).collect();
    states.sort();
    states
}

/// Counts of (late frames used, frames too late, tracks taken away, tracks added) in one run.
fn check_run(seed: u64, latest_ns: u64) -> [usize; 4] {
    let mut draw = Draw(seed);
    let frames = scene(&mut draw, 30);
    let config = config();
    let (mut tracker, mut reader) = (frame_tracker(&config), Reader::default());
    let (mut used, mut late, mut too_late) = (Vec::new(), 0, 0);
    for frame in shuffled(&mut draw, &frames, latest_ns) {
        let mut twin = frame_tracker(&config);
        let before = snapshot(&tracker);
        twin.restore(&before, LEVEL).expect("its own snapshot");
        assert!(snapshot(&twin) == before, "seed {seed}");
        let newest_ns = tracker.tracker().newest_ns();
        let payload = payload_for(&mut tracker, &frame);
        assert!(payload_for(&mut twin, &frame) == payload, "seed {seed}");
        let (header, records) = track_columns::decode(&payload).expect("a good message");
        let (verdict, reason) = (header.verdict, header.reason);
        assert!(snapshot(&twin) == snapshot(&tracker), "seed {seed}");
        let late_ns = newest_ns.map_or(0, |newest_ns| newest_ns - frame.header.time_ns);
        assert_eq!(verdict == Verdict::Late, late_ns > 1_000_000_000, "{reason}");
        let is_late = late_ns > 0;
        if verdict == Verdict::Late {
            assert!(reason.contains("no longer taken"), "{reason}");
            assert!(records.is_empty() && snapshot(&tracker) == before);
            too_late += 1;
            continue;
        }
        assert_eq!(verdict, Verdict::Accepted, "{reason}");
        late += usize::from(is_late);
        used.push(frame);
        let mut expected = ordered(&config, &used);
        let own = tracker.tracker().snapshot().expect("valid settings");
        assert!(own == expected.snapshot().expect("valid settings"), "seed {seed}");
        reader.read(&records, is_late);
        assert!(reader.states() == states_of(&mut expected), "seed {seed}");
    }
    [late, too_late, reader.taken_away, reader.added]
}

#[test]
fn whatever_the_order_the_state_is_that_of_the_ordered_run_and_what_was_said_stays_true() {
    let mut sums = [0; 4];
    for seed in 0..60 {
        // In every other run some are later than the window is long.
        let counts = check_run(seed, if seed % 2 == 0 { 1_000_000_000 } else { 2_000_000_000 });
        assert!(seed % 2 == 1 || counts[1] == 0);
        sums = [0, 1, 2, 3].map(|at| sums[at] + counts[at]);
    }
    // Otherwise it would have shown nothing.
    let [late, too_late, taken_away, added] = sums;
    assert!(late > 400 && too_late > 50 && taken_away > 50 && added > 100, "{sums:?}");
}

#[test]
fn frames_in_order_give_the_same_answers_with_and_without_a_window() {
    let frames = scene(&mut Draw(1), 40);
    let mut with = frame_tracker(&config());
    let mut without = frame_tracker(&TrackerConfig { late_window_s: 0.0, ..config() });
    let mut ordered = frames;
    ordered.sort_by_key(|frame| frame.header.time_ns);
    for frame in &ordered {
        assert!(payload_for(&mut with, frame) == payload_for(&mut without, frame));
    }
    let late = frame(1, 99, ordered.last().expect("frames").header.time_ns - 1, Vec::new());
    assert_eq!(answer(&mut with, &late).0, Verdict::Accepted);
    let before = snapshot(&without);
    assert_eq!(answer(&mut without, &late).0, Verdict::Late);
    assert_eq!(snapshot(&without), before);
}

/// Events of an answer by number of track.
fn events(records: &[TrackRecord]) -> Vec<(u64, u8)> {
    records.iter().map(|record| (record.number, record.event)).collect()
}

#[test]
fn a_track_that_never_was_is_lost_and_one_that_was_keeps_its_number() {
    let mut tracker = frame_tracker(&config());
    let at = |number: u64, plots: &[(f64, f64)]| {
        let time_ns = number as i64 * PERIOD_NS;
        let plots = plots.iter().map(|&(range_m, bearing)| plot(time_ns, range_m, bearing));
        frame(1, number, time_ns, plots.collect())
    };
    let mut tell = |frame: &Frame| answer(&mut tracker, frame);
    assert_eq!(events(&tell(&at(0, &[(5000.0, 10.0)])).2), [(1, event::BORN)]);
    let third = tell(&at(3, &[(5000.0, 10.0), (9000.0, 80.0)])).2;
    assert_eq!(events(&third), [(1, event::UPDATED), (2, event::BORN)]);
    // Seen earlier, the second one is another track. The first has a hit more.
    let (verdict, _, late) = tell(&at(2, &[(9000.0, 80.0), (5000.0, 10.0)]));
    assert_eq!(verdict, Verdict::Accepted);
    let expected = [(1, event::UPDATED), (3, event::BORN), (2, event::ENDED)];
    assert_eq!(events(&late), expected);
    assert_eq!(late.iter().map(|r| r.detection_index).collect::<Vec<_>>(), [1, 0, u32::MAX]);
    assert!(late.iter().all(|record| record.time_ns == 3 * PERIOD_NS));
    assert_eq!((late[0].hit_count, late[1].hit_count), (3, 2));
    // Nor does a third order of the same frames bring a number back.
    let again = tell(&at(1, &[(5000.0, 10.0), (9000.0, 80.0)])).2;
    let expected = [(1, event::UPDATED), (4, event::BORN), (3, event::ENDED)];
    assert_eq!(events(&again), expected);
    let next = tell(&at(4, &[(5000.0, 10.0), (9000.0, 80.0), (20_000.0, 200.0)])).2;
    let expected = [(1, event::UPDATED), (4, event::UPDATED), (5, event::BORN)];
    assert_eq!(events(&next), expected);
}

#[test]
fn a_track_that_a_late_frame_did_not_change_is_not_told_again() {
    let mut tracker = frame_tracker(&config());
    let at = |number: u64, bearings: &[f64]| {
        let time_ns = number as i64 * PERIOD_NS;
        frame(1, number, time_ns, bearings.iter().map(|&b| plot(time_ns, 5000.0, b)).collect())
    };
    for number in [0, 1, 2, 5] {
        answer(&mut tracker, &at(number, &[10.0, 90.0]));
    }
    let mut nowhere = at(3, &[]);
    nowhere.header.coverage = Coverage::sphere(10.0);
    assert_eq!(events(&answer(&mut tracker, &nowhere).2), []);
    let mut eastward = at(4, &[90.0]);
    eastward.header.coverage.bearing_start_deg = 80.0;
    eastward.header.coverage.bearing_extent_deg = 20.0;
    assert_eq!(events(&answer(&mut tracker, &eastward).2), [(2, event::UPDATED)]);
}

#[test]
fn a_late_frame_that_cannot_be_used_changes_nothing() {
    let config = TrackerConfig { max_tracks: 3, ..config() };
    let mut tracker = frame_tracker(&config);
    let plots = |time_ns: i64, bearings: &[f64]| {
        bearings.iter().map(|&bearing| plot(time_ns, 5000.0, bearing)).collect::<Vec<_>>()
    };
    for number in [0, 2, 3, 4, 5, 6] {
        let time_ns = number as i64 * PERIOD_NS;
        let seen = plots(time_ns, if number == 0 { &[10.0][..] } else { &[10.0, 90.0][..] });
        assert_eq!(answer(&mut tracker, &frame(1, number, time_ns, seen)).0, Verdict::Accepted);
    }
    let before = snapshot(&tracker);
    let mut refuse = |late: &Frame, said: &str| {
        let (verdict, reason, records) = answer(&mut tracker, late);
        assert_eq!((verdict, records.len()), (Verdict::Refused, 0));
        assert!(reason.contains(said), "{reason}");
        assert!(snapshot(&tracker) == before);
    };
    let late_ns = 2 * PERIOD_NS - 1;
    let mut one_band = frame(1, 1, late_ns, Vec::new());
    one_band.header.range_band = range_band::LONG;
    refuse(&one_band, "all bands");
    refuse(&frame(1, 1, late_ns, plots(late_ns, &[50.0, 60.0, 70.0])), "max_tracks");
    // It has room itself, but would leave none to a frame that was used.
    refuse(&frame(1, 1, late_ns, plots(late_ns, &[50.0, 60.0])), "max_tracks");
    refuse(&frame(1, 4, late_ns, Vec::new()), "send each frame once");
    refuse(&frame(1, 4, 9 * PERIOD_NS, Vec::new()), "send each frame once");
    let fits = frame(1, 1, late_ns, plots(late_ns, &[50.0]));
    assert_eq!(answer(&mut tracker, &fits).0, Verdict::Accepted);
}
