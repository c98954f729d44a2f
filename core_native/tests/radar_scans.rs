//! Frames of turning, steered and fast radars on moving platforms, biased and on their own clocks:
//! the same bytes on every instruction set and in every build.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use qiki_core::frame_limits::check_frame;
use qiki_core::radar::{Radar, RunOptions, SimulatedFrame};
use qiki_core::scene::document::ScenarioDocument;
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;

use crate::frame_digest::sha256_of;

mod frame_digest;

/// A ship that turns and a consort on patrol; each carries radars of several kinds.
const SCENE: &str = r#"{
  "scenario_version": 1, "name": "scans", "seed": 43,
  "own_ship": {
    "motion": {"coordinated_turn":
      {"position_m": [50, -20, 0], "velocity_m_s": [12, 5, 0], "turn_rate_deg_s": 2}},
    "visible_as": {"rcs_dbsm": 25, "object_type": "ship", "transponder": {"mode": "on", "id": "OWN"}}},
  "platforms": [{
    "name": "consort",
    "motion": {"waypoints": {"at_end": "repeat", "points": [
      {"position_m": [3000, 1000, 0], "speed_m_s": 10},
      {"position_m": [3400, 1000, 0], "speed_m_s": 15},
      {"position_m": [3400, 1900, 0], "speed_m_s": 0}]}},
    "visible_as": {"rcs_dbsm": 20}}],
  "sensors": [
    SENSOR "name": "rotating",
      "mount": {"offset_m": [2, -15, 20], "relative_to": "bow", "boresight_bearing_deg": 30},
      "registration_bias": {"range_m": 25, "bearing_deg": 0.8, "elevation_deg": -0.3,
        "position_m": [100, -50, 3], "clock_offset_ns": 1500000, "clock_drift_ppm": -8},
      "scan": {"rotating": {"rotation_period_s": 2.4, "sectors": 7, "start_bearing_deg": 12}}},
    SENSOR "name": "anticlockwise", "platform": "consort",
      "mount": {"offset_m": [0, 8, 15], "relative_to": "bow"},
      "scan": {"rotating": {"rotation_period_s": 0.05, "sectors": 32, "clockwise": false}}},
    SENSOR "name": "steered", "mount": {"offset_m": [0, 10, 12], "boresight_elevation_deg": 3},
      "scan": {"steered": {"beams": [
        {"bearing_deg": 10, "elevation_deg": 8, "bearing_width_deg": 60,
         "elevation_width_deg": 40, "dwell_s": 0.004},
        {"bearing_deg": 70, "elevation_deg": 8, "bearing_width_deg": 80,
         "elevation_width_deg": 40, "dwell_s": 0.007},
        {"bearing_deg": 250, "bearing_width_deg": 90, "elevation_width_deg": 50,
         "dwell_s": 0.03}]}}},
    SENSOR "name": "fast", "platform": "consort", "scan": {"staring": {"period_s": 0.003}}}
  ],
  "groups": [{"id_prefix": "many", "count": 61, "rcs_dbsm": [-5, 10],
    "ground_range_m": [200, 14000], "height_m": [-100, 2000], "speed_m_s": [0, 250],
    "turn_rate_deg_s": [-5, 5], "transponder_mode": "on"}]
}"#;

/// What all radars of [`SCENE`] have in common.
const SENSOR: &str = r#"{
    "coverage": {"min_range_m": 100, "max_range_m": 15000, "elevation_deg": [-40, 60]},
    "sr_threshold_m": 6000,
    "detection": {"reference_range_m": 12000, "detection_probability": 0.7,
                  "false_alarm_probability": 1e-5, "false_alarms_per_frame": 4},
    "range": {"resolution_m": 15, "floor_m": 1},
    "bearing": {"beamwidth_deg": 2, "floor_deg": 0.05},
    "elevation": {"beamwidth_deg": 3, "floor_deg": 0.05},
    "range_rate": {"resolution_m_s": 3, "floor_m_s": 0.1, "limit_m_s": 500},"#;

/// SHA-256 of the first frames of each radar. They change only with the model: on purpose.
const GOLDEN: [&str; 4] = [
    "3cbae2de3c754c6d04a491018169986a983f0d8582bd3b2d19ce70c9d153b9de",
    "f98a0295109f9d0e258aba1a54acb8f0472f8ea09326674309ba5ba9011ed2bc",
    "70aff8d2b00c1c5a4cedb1ce7716211ddff770cc7f9efd22223a5fc265c866b2",
    "8919f5fa6fce0a57da76a736dcc749379d05c42a50b57fedf417a507d5df3dbc",
];

fn radar(index: usize, level: SimdLevel, crowded: bool) -> Radar {
    let mut document = ScenarioDocument::from_json(&SCENE.replace("SENSOR", SENSOR)).unwrap();
    if crowded {
        document.groups[0].count = 200;
    }
    let scenario = Scenario::from_document(&document).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 1_000, sr_threshold_m: None, level };
    Radar::new(&scenario, index, options).unwrap()
}

#[test]
fn frames_are_the_same_bytes_everywhere() {
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        let found = [0, 1, 2, 3].map(|index| {
            let radar = radar(index, level, false);
            sha256_of((0..200).map(|number| radar.frame(number).unwrap()))
        });
        assert_eq!(found, GOLDEN, "{level}");
    }
}

#[test]
fn frames_keep_the_contract() {
    for index in 0..4 {
        let radar = radar(index, SimdLevel::detect(), false);
        let mut count = 0;
        let mut last_ns = i64::MIN;
        for number in 0..300 {
            let SimulatedFrame { frame, truth } = radar.frame(number).unwrap();
            check_frame(&frame).unwrap();
            assert_eq!(frame.detections.len(), truth.len());
            assert!(frame.header.time_ns > last_ns);
            let times = frame.detections.iter().map(|detection| detection.time_ns);
            // A look may reach back to the begin of the frame, but not into the one before.
            assert!(times.clone().all(|time_ns| time_ns <= frame.header.time_ns));
            assert!(number == 0 || times.clone().all(|time_ns| time_ns >= last_ns));
            last_ns = frame.header.time_ns;
            count += frame.detections.len();
        }
        assert!(count > 1000, "{index}: {count}");
    }
}

#[test]
fn other_targets_do_not_change_what_is_seen_of_one() {
    for index in 0..4 {
        let (few, many) =
            (radar(index, SimdLevel::Baseline, false), radar(index, SimdLevel::detect(), true));
        for number in 0..60 {
            let (a, b) = (few.frame(number).unwrap(), many.frame(number).unwrap());
            let known = few.targets().len() as i32;
            let of_known = |frame: &SimulatedFrame| -> Vec<String> {
                let pairs = frame.frame.detections.iter().zip(&frame.truth);
                pairs
                    .filter(|(_, target)| (0..known).contains(*target))
                    .map(|pair| format!("{pair:?}"))
                    .collect()
            };
            assert_eq!(of_known(&a), of_known(&b));
        }
    }
}
