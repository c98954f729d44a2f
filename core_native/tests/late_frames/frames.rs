//! Frames, a tracker that answers them, and what it says.

use qiki_core::bridge::FrameTracker;
use qiki_core::detection::{Detection, present, range_band};
use qiki_core::frame::{Coverage, Frame, FrameHeader};
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::{ConfirmBy, TrackerConfig};
use qiki_core::tracking::record::TrackRecord;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::wire::tracks_message::Verdict;
use qiki_core::wire::{frame_columns, track_columns};

pub const NAME: TrackerName = TrackerName { tracker_id: [7; 16], epoch: 3 };
pub const LEVEL: SimdLevel = SimdLevel::Baseline;
pub const PERIOD_NS: i64 = 100_000_000;

/// Tracks that live and die within the window.
pub fn config() -> TrackerConfig {
    TrackerConfig {
        confirm_by: ConfirmBy::Hits,
        confirm_hits: 2,
        confirm_window: 3,
        delete_misses: 2,
        initial_speed_std_m_s: 300.0,
        ..TrackerConfig::default()
    }
}

pub fn plot(time_ns: i64, range_m: f64, bearing_deg: f64) -> Detection {
    let mut plot = Detection::absent(time_ns);
    (plot.range_m, plot.range_std_m) = (range_m, 10.0);
    (plot.bearing_deg, plot.bearing_std_deg) = (bearing_deg.rem_euclid(360.0), 0.1);
    (plot.elevation_deg, plot.elevation_std_deg) = (2.0, 0.1);
    plot.present = present::RANGE | present::BEARING | present::ELEVATION;
    plot
}

pub fn frame(sensor: u8, number: u64, time_ns: i64, detections: Vec<Detection>) -> Frame {
    let header = FrameHeader {
        sensor_id: [sensor; 16],
        epoch: 1,
        number,
        time_ns,
        range_band: range_band::UNSPECIFIED,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [f64::from(sensor) * 40.0, 0.0, 10.0],
        sensor_velocity_m_s: [3.0, 0.0, 0.0],
    };
    Frame { header, detections }
}

pub fn payload_of(frame: &Frame) -> Vec<u8> {
    let mut payload = Vec::new();
    frame_columns::encode(&frame.header, &frame.detections, &mut payload).expect("a good frame");
    payload
}

pub fn frame_tracker(config: &TrackerConfig) -> FrameTracker {
    FrameTracker::new(Tracker::new(config.clone(), NAME, LEVEL).expect("valid settings"))
}

pub fn answer(tracker: &mut FrameTracker, frame: &Frame) -> (Verdict, String, Vec<TrackRecord>) {
    let answer = tracker.answer(&payload_of(frame), None).expect("every payload is answered");
    assert_eq!(answer.detection_count, frame.detections.len());
    let (header, records) = track_columns::decode(answer.payload).expect("a good message");
    assert_eq!(header.time_ns, frame.header.time_ns);
    (header.verdict, header.reason, records)
}

pub fn snapshot(tracker: &FrameTracker) -> Vec<u8> {
    tracker.snapshot().expect("valid settings")
}
