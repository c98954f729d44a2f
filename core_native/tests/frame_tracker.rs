//! Every frame message gets exactly one answer, also one whose tracks the answer cannot hold.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use qiki_core::bridge::{FrameTracker, MAX_ANSWER_BYTES};
use qiki_core::detection::{Detection, present, range_band};
use qiki_core::frame::{Coverage, FrameHeader};
use qiki_core::guard::rules::GuardRules;
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::wire::tracks_message::Verdict;
use qiki_core::wire::{frame_columns, track_columns};

const SPACING_M: f64 = 2000.0;
const PER_ROW: usize = 100;

fn tracker() -> Tracker {
    let name = TrackerName { tracker_id: [7; 16], epoch: 3 };
    Tracker::new(TrackerConfig::default(), name, SimdLevel::detect()).unwrap()
}

fn header(number: u64) -> FrameHeader {
    FrameHeader {
        sensor_id: [1; 16],
        epoch: 1,
        number,
        time_ns: number as i64 * 100_000_000,
        range_band: range_band::UNSPECIFIED,
        coverage: Coverage::sphere(1e6),
        sensor_position_m: [0.0; 3],
        sensor_velocity_m_s: [0.0; 3],
    }
}

/// Targets that stand on a grid around the sensor, far apart.
fn detections(number: u64, count: usize) -> Vec<Detection> {
    let at = |index: usize| {
        let east_m = ((index % PER_ROW) as f64 - 50.5) * SPACING_M;
        let north_m = ((index / PER_ROW) as f64 - 50.5) * SPACING_M;
        let mut detection = Detection::absent(header(number).time_ns);
        detection.range_m = libm::hypot(east_m, north_m);
        detection.bearing_deg = libm::atan2(east_m, north_m).to_degrees().rem_euclid(360.0);
        detection.range_std_m = 10.0;
        detection.bearing_std_deg = 0.01;
        (detection.elevation_deg, detection.elevation_std_deg) = (0.0, 0.01);
        detection.present = present::RANGE | present::BEARING | present::ELEVATION;
        detection
    };
    (0..count).map(at).collect()
}

fn message(number: u64, count: usize) -> Vec<u8> {
    let mut payload = Vec::new();
    frame_columns::encode(&header(number), &detections(number, count), &mut payload).unwrap();
    payload
}

#[test]
fn the_answer_holds_the_tracks_and_names_the_frame() {
    let mut bridge = FrameTracker::new(tracker());
    let answer = bridge.answer(&message(0, 3), None).unwrap();
    let (said, tracks) = track_columns::decode(answer.payload).unwrap();
    assert_eq!((said.verdict, said.input.sensor_id, tracks.len()), (Verdict::Accepted, [1; 16], 3));
    assert_eq!((answer.detection_count, answer.track_count), (3, 3));
}

#[test]
fn what_cannot_be_read_leaves_the_tracker_as_it_was() {
    let mut bridge = FrameTracker::new(tracker());
    bridge.answer(&message(0, 3), None).unwrap();
    let before = bridge.tracker().snapshot().unwrap();
    for payload in [&message(1, 3)[..40], b"", b"no frame at all"] {
        let answer = bridge.answer(payload, None).unwrap();
        let (said, tracks) = track_columns::decode(answer.payload).unwrap();
        assert_eq!((said.verdict, tracks.len()), (Verdict::Refused, 0));
        assert!(!said.reason.is_empty());
    }
    assert_eq!(bridge.tracker().snapshot().unwrap(), before);
}

#[test]
fn tracks_that_no_answer_can_hold_are_refused_and_the_tracker_has_moved_on() {
    let mut bridge = FrameTracker::new(tracker());
    let mut alone = tracker();
    let many = 9000;
    alone.step(&header(0), &detections(0, many)).unwrap();

    let answer = bridge.answer(&message(0, many), None).unwrap();
    let (said, tracks) = track_columns::decode(answer.payload).unwrap();
    assert_eq!((said.verdict, tracks.len(), answer.track_count), (Verdict::Refused, 0, 0));
    assert_eq!(said.input.number, 0);
    let limit = format!("must be at most {MAX_ANSWER_BYTES} bytes: send the frame in smaller");
    assert!(said.reason.contains("bytes with 9000 tracks"), "{}", said.reason);
    assert!(said.reason.contains(&limit), "{}", said.reason);
    assert_eq!(bridge.tracker().snapshot().unwrap(), alone.snapshot().unwrap());
}

#[test]
fn alerts_of_a_frame_whose_tracks_no_answer_can_hold_are_told() {
    let rules = r#"{"schema_version": 1, "rules": [
        {"id": "NEAR", "title": "Near", "severity": "info", "max_range_m": 2000}]}"#;
    let rules = GuardRules::from_json(rules).unwrap();
    let mut bridge = FrameTracker::new(tracker()).with_guards(rules);
    let mut told = Vec::new();
    for number in 0..6 {
        let answer = bridge.answer(&message(number, 9000), None).unwrap();
        let (said, tracks) = track_columns::decode(answer.payload).unwrap();
        assert_eq!((said.verdict, tracks.len()), (Verdict::Refused, 0));
        told.extend(said.guard.map(|guard| guard.alerts.len()));
    }
    // The four targets around the sensor, once.
    assert_eq!(told, [4]);
}

#[test]
fn the_longest_answer_is_as_long_as_its_limit_and_no_longer() {
    let lengths = |count: usize| {
        let mut bridge = FrameTracker::new(tracker());
        let answer = bridge.answer(&message(0, count), None).unwrap();
        (answer.payload.len(), answer.track_count)
    };
    let (few, _) = lengths(1000);
    let (more, _) = lengths(2000);
    let per_track = (more - few) / 1000;
    let fitting = MAX_ANSWER_BYTES / per_track;
    let (longest, held) = (0..4).map(|less| lengths(fitting - less)).max().unwrap();
    assert!(held >= fitting - 3);
    assert!(longest <= MAX_ANSWER_BYTES && longest > MAX_ANSWER_BYTES - 2 * per_track);
    assert_eq!(lengths(fitting + 1).1, 0);
}
