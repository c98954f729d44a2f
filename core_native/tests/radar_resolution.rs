//! Frames of radars that merge what they cannot resolve: the same bytes on every instruction set,
//! and those of a radar that resolves all for every target that is alone in its cell.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::BTreeMap;

use qiki_core::frame_limits::check_frame;
use qiki_core::radar::plot_record::Plots;
use qiki_core::radar::{Radar, RunOptions, SimulatedFrame};
use qiki_core::scene::document::ScenarioDocument;
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;

use crate::frame_digest::sha256_of;

mod frame_digest;

/// Swarms of every kind of fluctuation around a ship with every kind of scan. Coarse cells, so that
/// many are shared.
const SCENE: &str = r#"{
  "scenario_version": 1, "name": "resolution", "seed": 44,
  "own_ship": {"motion": {"coordinated_turn":
    {"position_m": [50, -20, 0], "velocity_m_s": [12, 5, 0], "turn_rate_deg_s": 2}}},
  "sensors": [
    SENSOR "name": "staring", "detection": {"false_alarms_per_frame": 3, DETECTION},
      "scan": {"staring": {"period_s": 0.1}}},
    SENSOR "name": "rotating", "detection": {DETECTION},
      "scan": {"rotating": {"rotation_period_s": 2.4, "sectors": 7, "start_bearing_deg": 12}}},
    SENSOR "name": "steered", "detection": {"pulses": 10, DETECTION},
      "scan": {"steered": {"beams": [
        {"bearing_deg": 10, "bearing_width_deg": 60, "elevation_width_deg": 40, "dwell_s": 0.004},
        {"bearing_deg": 70, "bearing_width_deg": 60, "elevation_width_deg": 40, "dwell_s": 0.007},
        {"bearing_deg": 250, "bearing_width_deg": 90, "elevation_width_deg": 50,
         "dwell_s": 0.03}]}}},
    SENSOR "name": "fast", "detection": {"pulses": 3, DETECTION},
      "scan": {"staring": {"period_s": 0.003}}}
  ],
  "targets": [{"id": "ship", "motion": {"constant_velocity": {"position_m": [4000, 1000, 0]}},
    "rcs_by_aspect": {"azimuth_deg": [0, 90, 180], "elevation_deg": [-20, 20],
                      "rcs_dbsm": [[0, 12, 2], [5, 20, 7]], "symmetric": true}}],
  "groups": [SWARM "id_prefix": "zero", "fluctuation": "swerling_0"},
             SWARM "id_prefix": "one", "fluctuation": "swerling_1"},
             SWARM "id_prefix": "two", "fluctuation": "swerling_2"},
             SWARM "id_prefix": "three", "fluctuation": "swerling_3"},
             SWARM "id_prefix": "four", "fluctuation": "swerling_4"}]
}"#;

const DETECTION: &str = r#"
    "reference_range_m": 12000, "detection_probability": 0.7, "false_alarm_probability": 1e-5"#;

const SENSOR: &str = r#"{
    "coverage": {"min_range_m": 100, "max_range_m": 15000, "elevation_deg": [-40, 60]},
    "sr_threshold_m": 6000,
    "range": {"resolution_m": 600, "floor_m": 1},
    "bearing": {"beamwidth_deg": 7, "floor_deg": 0.05},
    "elevation": {"beamwidth_deg": 11, "floor_deg": 0.05},
    "range_rate": {"resolution_m_s": 90, "floor_m_s": 0.1, "limit_m_s": 500},
    "merges_unresolved": true,"#;

const SWARM: &str = r#"{"count": 90, "rcs_dbsm": [-5, 10], "ground_range_m": [200, 14000],
    "height_m": [-100, 3000], "speed_m_s": [0, 150], "transponder_mode": "on","#;

/// SHA-256 of the first frames of each radar. They change only with the model: on purpose.
const GOLDEN: [&str; 4] = [
    "61ba333655f9aaeafbd41defe9cf332d460c7d407cdd17459c32aaf4d593c116",
    "9cb0f4518a57dde815da5900d1da66db6880912342e9a5b1e1da18976a5b3d0b",
    "582193e2f2542d38232ca349644196fdbedc626819d03d2d48ea4aabd3028291",
    "90ffd33e60be5b0b047d71dd46da8c4fd15fe26047fab84285fca6f2ac5fded9",
];

fn document() -> ScenarioDocument {
    let text = SCENE.replace("SENSOR", SENSOR).replace("SWARM", SWARM);
    ScenarioDocument::from_json(&text.replace("DETECTION", DETECTION)).unwrap()
}

fn radar(document: &ScenarioDocument, index: usize, level: SimdLevel) -> Radar {
    let scenario = Scenario::from_document(document).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 1_000, sr_threshold_m: None, level };
    Radar::new(&scenario, index, options).unwrap()
}

/// The same radar with and without merging.
fn both(index: usize) -> [Radar; 2] {
    [true, false].map(|merges| {
        let mut document = document();
        document.sensors[index].merges_unresolved = merges;
        radar(&document, index, SimdLevel::detect())
    })
}

fn plots_by_target(frame: &SimulatedFrame) -> BTreeMap<i32, String> {
    let pairs = frame.truth.iter().zip(&frame.frame.detections);
    pairs.filter(|(target, _)| **target >= 0).map(|(t, d)| (*t, format!("{d:?}"))).collect()
}

#[test]
fn frames_are_the_same_bytes_everywhere() {
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        let found = [0, 1, 2, 3].map(|index| {
            let radar = radar(&document(), index, level);
            sha256_of((0..100).map(|number| radar.frame(number).unwrap()))
        });
        assert_eq!(found, GOLDEN, "{level}");
    }
}

/// Some are alone and give the same bytes, some merge and give others; nobody appears who would
/// not have been there, but for sums that are seen where none of their parts is.
#[test]
fn targets_that_are_alone_give_the_bytes_of_a_radar_that_resolves_all() {
    for index in 0..4 {
        let [merging, resolving] = both(index);
        let [mut same, mut other, mut gone] = [0; 3];
        for number in 0..60 {
            let [merged, resolved] = [&merging, &resolving].map(|radar| {
                let frame = radar.frame(number).unwrap();
                check_frame(&frame.frame).unwrap();
                plots_by_target(&frame)
            });
            for (target, plot) in &resolved {
                match merged.get(target) {
                    Some(found) if found == plot => same += 1,
                    Some(_) => other += 1,
                    None => gone += 1,
                }
            }
        }
        assert!(same > 100 && other > 100 && gone > 100, "{index}: {same} {other} {gone}");
    }
}

#[test]
fn cells_as_fine_as_they_get_change_no_byte() {
    for index in 0..4 {
        let mut document = document();
        document.sensors[index].range.resolution_m = 1e-3;
        let merging = radar(&document, index, SimdLevel::detect());
        document.sensors[index].merges_unresolved = false;
        let resolving = radar(&document, index, SimdLevel::detect());
        for number in 0..60 {
            let [a, b] = [&merging, &resolving].map(|radar| radar.frame(number).unwrap());
            assert_eq!(sha256_of([a]), sha256_of([b]));
        }
    }
}

#[test]
fn memory_of_an_earlier_frame_has_no_effect() {
    let mut scratch = Plots::default();
    for index in [0, 1, 2, 3, 0] {
        let radar = radar(&document(), index, SimdLevel::detect());
        for number in [5, 0, 9] {
            let again = radar.frame_with(number, &mut scratch).unwrap();
            assert_eq!(sha256_of([again]), sha256_of([radar.frame(number).unwrap()]));
        }
    }
}
