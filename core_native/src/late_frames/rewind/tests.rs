//! What is told of tracks after a late frame: as a sensor that had gone on would see them now.

use super::*;
use crate::detection;
use crate::frame::Coverage;
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::tracking::tracker::{Tracker, TrackerName};

const PERIOD_NS: i64 = 100_000_000;

fn tracker() -> OrderedTracker {
    let config =
        TrackerConfig { late_window_s: 2.0, delete_existence: 1e-6, ..TrackerConfig::default() };
    let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
    let tracker = Tracker::new(config, name, SimdLevel::Baseline);
    OrderedTracker::new(tracker.expect("valid settings"))
}

fn header(sensor: u8, number: u64, time_ns: i64) -> FrameHeader {
    FrameHeader {
        sensor_id: [sensor; 16],
        epoch: 1,
        number,
        time_ns,
        range_band: 0,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [f64::from(sensor) * 900.0, -300.0, 20.0],
        sensor_velocity_m_s: [f64::from(sensor) * 110.0, -70.0, 12.0],
    }
}

fn plot(time_ns: i64, bearing_deg: f64) -> Detection {
    let mut plot = Detection::absent(time_ns);
    (plot.range_m, plot.range_std_m) = (5000.0, 10.0);
    (plot.bearing_deg, plot.bearing_std_deg) = (bearing_deg, 0.1);
    (plot.elevation_deg, plot.elevation_std_deg) = (2.0, 0.1);
    plot.snr_db = 17.0;
    let measured = detection::present::RANGE | detection::present::BEARING;
    plot.present = measured | detection::present::ELEVATION | detection::present::SNR;
    plot
}

/// Use a frame of plots at these bearings; what is told.
fn told(
    tracker: &mut OrderedTracker,
    header: &FrameHeader,
    bearings_deg: &[f64],
) -> Vec<TrackRecord> {
    let plots = bearings_deg.iter().map(|&bearing_deg| plot(header.time_ns, bearing_deg));
    let (mut plots, mut records) = (plots.collect(), Vec::new());
    tracker.use_frame(header, None, &mut plots, &mut records).expect("a frame");
    records
}

#[test]
fn a_late_frame_is_told_of_from_where_its_sensor_would_be_now() {
    let mut tracker = tracker();
    for number in [0, 1, 2, 6, 7, 8] {
        told(&mut tracker, &header(1, number, number as i64 * PERIOD_NS), &[10.0, 130.0]);
    }
    let late = header(2, 3, 3 * PERIOD_NS);
    let records = told(&mut tracker, &late, &[19.0, 130.0, 240.0]);
    assert!(records.len() >= 3, "{records:?}");
    let newest_ns = 8 * PERIOD_NS;
    // 0.5 s at (220, -70, 12) m/s from (1800, -300, 20) m.
    let sensor = SensorState { position_m: [1910.0, -335.0, 26.0], ..sensor_of(&late) };
    let seen_from = Viewpoint { time_ns: newest_ns, sensor: Some(sensor) };
    let picture = tracker.tracker.picture(seen_from).expect("the newest time");
    let mut compared = 0;
    for record in records.iter().filter(|record| record.event != event::ENDED) {
        let own = tracker.numbers.own(record.number).expect("a living track");
        let same = picture.iter().find(|seen| seen.number == own).expect("a living track");
        let polar = |r: &TrackRecord| [r.range_m, r.bearing_deg, r.elevation_deg, r.range_rate_m_s];
        for (found, expected) in polar(record).into_iter().zip(polar(same)) {
            assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} {expected}");
        }
        assert_eq!((record.position_m, record.time_ns), (same.position_m, newest_ns));
        compared += 1;
    }
    assert!(compared >= 3);
}

fn sensor_of(header: &FrameHeader) -> SensorState {
    let (position_m, velocity_m_s) = (header.sensor_position_m, header.sensor_velocity_m_s);
    SensorState { position_m, velocity_m_s }
}

#[test]
fn a_track_that_was_taken_away_has_ended_with_the_state_that_it_had() {
    let mut tracker = tracker();
    told(&mut tracker, &header(1, 0, 0), &[10.0]);
    let before = told(&mut tracker, &header(1, 3, 3 * PERIOD_NS), &[10.0, 200.0]);
    let old = before.iter().find(|record| record.event == event::BORN).expect("the second track");
    let records = told(&mut tracker, &header(1, 2, 2 * PERIOD_NS), &[200.0, 10.0]);
    let ended: Vec<_> = records.iter().filter(|record| record.event == event::ENDED).collect();
    let [ended] = ended[..] else { panic!("one track never was: {records:?}") };
    assert_eq!((ended.number, ended.track_id), (old.number, old.track_id));
    assert_eq!((ended.status, ended.quality), (status::LOST, 0.0));
    assert_eq!(ended.detection_index, NO_DETECTION);
    assert_eq!((ended.position_m, ended.hit_count), (old.position_m, old.hit_count));
}

/// What is known of a track, all of it other than nothing.
fn record() -> TrackRecord {
    let mut record = TrackRecord::EMPTY;
    (record.snr_db, record.rcs_dbsm, record.present) = (17.0, 3.0, present::SNR | present::RCS);
    (record.range_m, record.bearing_deg) = (5000.0, 10.0);
    (record.elevation_deg, record.range_rate_m_s) = (2.0, -9.0);
    record
}

#[test]
fn records_say_the_same_where_all_but_the_last_frames_deed_is_equal() {
    let before = record();
    let same = |change: fn(&mut TrackRecord)| {
        let mut after = before;
        change(&mut after);
        says_the_same(&after, &before)
    };
    assert!(same(|_| ()));
    assert!(same(|after| (after.event, after.detection_index) = (event::UPDATED, 4)));
    assert!(!same(|after| after.snr_db = 16.0));
    assert!(!same(|after| after.rcs_dbsm = 4.0));
    assert!(!same(|after| after.present = present::SNR));
    assert!(!same(|after| after.position_m[1] += 1e-9));
    assert!(!same(|after| after.hit_count += 1));
    assert!(!same(|after| after.status = status::COASTING));
}

#[test]
fn what_is_absent_from_both_records_says_the_same() {
    let mut before = record();
    (before.snr_db, before.rcs_dbsm, before.present) = (f32::NAN, f32::NAN, 0);
    assert!(says_the_same(&before, &before));
    for (snr_db, rcs_dbsm, bits) in [(17.0, f32::NAN, present::SNR), (f32::NAN, 3.0, present::RCS)]
    {
        let mut known = before;
        (known.snr_db, known.rcs_dbsm, known.present) = (snr_db, rcs_dbsm, bits);
        assert!(says_the_same(&known, &known), "{bits}");
        assert!(!says_the_same(&known, &before) && !says_the_same(&before, &known), "{bits}");
    }
}
