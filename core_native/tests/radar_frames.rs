//! Frames are the same bytes on every instruction set and in every build, and each target's draws
//! are its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use qiki_core::detection::{Detection, present};
use qiki_core::frame_limits::check_frame;
use qiki_core::radar::{Radar, RunOptions, SimulatedFrame};
use qiki_core::scene::document::{ScenarioDocument, TargetDocument};
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;

use crate::frame_digest::sha256_of;

mod frame_digest;

/// A scene with every kind of motion and transponder; the radar moves.
const SCENE: &str = r#"{
  "scenario_version": 1, "name": "golden", "seed": 42,
  "own_ship": {"motion": {"coordinated_turn":
    {"position_m": [50, -20, 10], "velocity_m_s": [12, 5, 0.5], "turn_rate_deg_s": 2}}},
  "sensors": [{
    "name": "main", "scan": {"staring": {"period_s": 0.1}},
    "coverage": {"min_range_m": 100, "max_range_m": 15000, "bearing_start_deg": 300,
                 "bearing_extent_deg": 270, "elevation_deg": [-40, 70]},
    "sr_threshold_m": 6000,
    "detection": {"reference_range_m": 12000, "detection_probability": 0.7,
                  "false_alarm_probability": 1e-5, "false_alarms_per_frame": 20},
    "range": {"resolution_m": 15, "floor_m": 1},
    "bearing": {"beamwidth_deg": 2, "floor_deg": 0.05},
    "elevation": {"beamwidth_deg": 3, "floor_deg": 0.05},
    "range_rate": {"resolution_m_s": 3, "floor_m_s": 0.1, "limit_m_s": 500},
    "spoof_recognition_probability": 0.3
  }],
  "targets": [
    {"id": "line", "rcs_dbsm": 3, "transponder": {"mode": "on", "id": "LINE"},
     "motion": {"constant_velocity": {"position_m": [900, 3000, 200], "velocity_m_s": [-30, 4, 1]}}},
    {"id": "turn", "rcs_dbsm": 0, "transponder": {"mode": "spoof", "id": "TURN"},
     "motion": {"coordinated_turn":
       {"position_m": [2000, -500, 900], "velocity_m_s": [60, 10, 0], "turn_rate_deg_s": -7}}},
    {"id": "patrol", "rcs_dbsm": 8, "transponder": {"mode": "silent"},
     "motion": {"waypoints": {"at_end": "repeat", "points": [
       {"position_m": [4000, 4000, 100], "speed_m_s": 40},
       {"position_m": [4400, 4000, 150], "speed_m_s": 80},
       {"position_m": [4400, 4900, 100], "speed_m_s": 20}]}}},
    {"id": "late", "rcs_dbsm": 5, "present_from_s": 2, "present_until_s": 4,
     "motion": {"constant_velocity": {"position_m": [0, 8000, 0], "velocity_m_s": [0, -100, 0]}}}
  ],
  "groups": [{"id_prefix": "many", "count": 61, "rcs_dbsm": [-5, 10],
    "ground_range_m": [200, 14000], "height_m": [-500, 4000], "speed_m_s": [0, 150],
    "turn_rate_deg_s": [-5, 5], "transponder_mode": "on"}]
}"#;

/// SHA-256 of the first frames of [`SCENE`]. It changes only with the model: on purpose.
const GOLDEN: &str = "13e132d5c3ccc6d8a3b39a49e1bf9871c05ad45722ce407cc5b58d2602878cd2";

fn document() -> ScenarioDocument {
    ScenarioDocument::from_json(SCENE).unwrap()
}

fn radar(document: &ScenarioDocument, level: SimdLevel) -> Radar {
    let scenario = Scenario::from_document(document).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 1_000, sr_threshold_m: None, level };
    Radar::new(&scenario, 0, options).unwrap()
}

#[test]
fn frames_are_the_same_bytes_everywhere() {
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        let radar = radar(&document(), level);
        let frames = (0..100).map(|number| radar.frame(number).unwrap());
        assert_eq!(sha256_of(frames), GOLDEN, "{level}");
    }
}

#[test]
fn frames_keep_the_contract_and_long_range_names_nobody() {
    let radar = radar(&document(), SimdLevel::detect());
    for number in 0..200 {
        let SimulatedFrame { frame, truth } = radar.frame(number).unwrap();
        check_frame(&frame).unwrap();
        assert_eq!(frame.detections.len(), truth.len());
        assert!(frame.detections.is_sorted_by(|a, b| a.bearing_deg <= b.bearing_deg));
        for (detection, target) in frame.detections.iter().zip(truth) {
            let is_far = detection.range_m > 6000.0;
            assert_eq!(detection.range_band, if is_far { 1 } else { 2 });
            let named = detection.present & present::IDENTITY != 0;
            assert!(!(named && (is_far || target < 0)), "{detection:?}");
        }
    }
}

/// What the targets of `names` look like in a frame, in the frame's order.
fn plots_of(radar: &Radar, names: &[&str], number: u64) -> Vec<(String, Detection)> {
    let SimulatedFrame { frame, truth } = radar.frame(number).unwrap();
    let name = |target: i32| radar.targets()[target as usize].id.clone();
    let pairs = frame.detections.into_iter().zip(truth).filter(|(_, target)| *target >= 0);
    let named = pairs.map(|(detection, target)| (name(target), detection));
    named.filter(|(name, _)| names.contains(&name.as_str())).collect()
}

#[test]
fn other_targets_do_not_change_what_is_seen_of_one() {
    let names = ["line", "turn", "patrol"];
    let mut alone = document();
    alone.groups.clear();
    alone.targets.retain(|target| names.contains(&target.id.as_str()));
    let mut crowd = document();
    crowd.groups[0].count = 200;
    let (alone, crowd) = (radar(&alone, SimdLevel::Baseline), radar(&crowd, SimdLevel::detect()));
    for number in 0..60 {
        let (few, many) = (plots_of(&alone, &names, number), plots_of(&crowd, &names, number));
        assert_eq!(format!("{few:?}"), format!("{many:?}")); // NaN is not equal to itself
    }
}

#[test]
fn the_order_of_the_document_does_not_matter() {
    let mut reversed = document();
    reversed.targets.reverse();
    let (forward, backward) =
        (radar(&document(), SimdLevel::detect()), radar(&reversed, SimdLevel::detect()));
    for number in [0, 7, 25] {
        let (a, b) = (forward.frame(number).unwrap(), backward.frame(number).unwrap());
        assert_eq!(format!("{:?}", a.frame), format!("{:?}", b.frame));
        let name = |radar: &Radar, index: &i32| {
            usize::try_from(*index).ok().map(|index| radar.targets()[index].id.clone())
        };
        let names = |radar, truth: &[i32]| truth.iter().map(|i| name(radar, i)).collect::<Vec<_>>();
        assert_eq!(names(&forward, &a.truth), names(&backward, &b.truth));
    }
}

#[test]
fn frames_in_used_memory_are_the_same() {
    let radar = radar(&document(), SimdLevel::detect());
    let mut scratch = Default::default();
    for number in [90, 0, 7, 91] {
        let again = radar.frame_with(number, &mut scratch).unwrap();
        assert_eq!(format!("{again:?}"), format!("{:?}", radar.frame(number).unwrap()));
    }
}

#[test]
fn a_target_in_the_very_place_of_the_radar_breaks_nothing() {
    let mut document = document();
    let here = r#"{"id": "here", "rcs_dbsm": 100, "motion": {"constant_velocity": {"position_m": [0, 0, 0]}}}"#;
    document.own_ship.motion = Default::default();
    document.sensors[0].coverage.min_range_m = 0.0;
    document.targets = vec![serde_json::from_str::<TargetDocument>(here).unwrap()];
    let radar = radar(&document, SimdLevel::detect());
    for number in 0..50 {
        check_frame(&radar.frame(number).unwrap().frame).unwrap();
    }
}

#[test]
fn frames_after_the_end_of_the_clock_are_refused() {
    let radar = radar(&document(), SimdLevel::detect());
    let message = radar.frame(u64::MAX).unwrap_err().to_string();
    assert!(message.starts_with("number of the frame is 18446744073709551615, must be at most"));
    assert!(radar.frame(1_000_000).is_ok());
}
