//! Clutter and false alarms from cells are the same bytes on every instruction set and in every
//! build, for each kind of scan.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use qiki_core::frame_limits::check_frame;
use qiki_core::radar::{Radar, RunOptions, SimulatedFrame};
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;

use crate::frame_digest::sha256_of;

mod frame_digest;

const SCANS: [&str; 3] = [
    r#"{"staring": {"period_s": 0.002}}"#,
    r#"{"rotating": {"rotation_period_s": 1, "sectors": 12}}"#,
    r#"{"steered": {"beams": [
        {"bearing_deg": 10, "bearing_width_deg": 20, "elevation_width_deg": 10, "dwell_s": 0.006},
        {"bearing_deg": 30, "bearing_width_deg": 20, "elevation_width_deg": 10, "dwell_s": 0.006}
    ]}}"#,
];

/// SHA-256 of the first frames with each scan. They change only with the model: on purpose.
const GOLDEN: [&str; 3] = [
    "12562a55efbc4bf282c67cd1f7394e990a429db2b1b2ccd6e8361cb7782197a6",
    "3f1b489140764bac76549c2a2461984de3ecacbf257010bd6f6d0acdc810f168",
    "201aa7f926eb812cfe520a309bfa991a43f542f85f3bf2f88cd88bf2b3ddf7ff",
];

/// A moving radar and a source of each kind.
fn scene(scan: &str) -> String {
    format!(
        r#"{{
  "scenario_version": 1, "name": "clutter", "seed": 9,
  "own_ship": {{"motion": {{"coordinated_turn":
    {{"position_m": [50, -20, 10], "velocity_m_s": [12, 5, 0], "turn_rate_deg_s": 2}}}}}},
  "sensors": [{{
    "name": "main", "scan": {scan},
    "coverage": {{"max_range_m": 9000, "elevation_deg": [-20, 40]}},
    "detection": {{"reference_range_m": 9000, "detection_probability": 0.7, "pulses": 3,
                  "false_alarm_probability": 1e-5, "false_alarms_per_frame": "from_cells"}},
    "range": {{"resolution_m": 30}}, "bearing": {{"beamwidth_deg": 2}},
    "range_rate": {{"resolution_m_s": 3, "limit_m_s": 30}}
  }}],
  "clutter": [
    {{"name": "sea", "mean_snr_db": 15, "drift_velocity_m_s": [3, -2, 0], "range_rate_std_m_s": 8,
     "shape": {{"disc": {{"centre_m": [500, 300], "radius_m": 4000, "density_per_km2": 3}}}}}},
    {{"name": "land", "mean_snr_db": 25, "height_m": [0, 300],
     "shape": {{"polygon": {{"corners_m": [[0, 0], [5000, 500], [4000, 5000], [2500, 2000]],
                           "density_per_km2": 5}}}}}},
    {{"name": "rain", "mean_snr_db": 14, "height_m": [0, 3000], "range_rate_std_m_s": 2,
     "shape": {{"map": {{"south_west_m": [-6000, 1000], "cell_m": 2000,
                       "density_per_km2": [[0, 1, 4, 2], [0.5, 3, 0, 6]]}}}}}}
  ]
}}"#
    )
}

/// The first frames, which hold what the test is about.
fn frames(scan: &str, level: SimdLevel) -> Vec<SimulatedFrame> {
    let scenario = Scenario::from_json(&scene(scan)).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 1_000, sr_threshold_m: None, level };
    let radar = Radar::new(&scenario, 0, options).unwrap();
    let frames: Vec<_> = (0..30).map(|number| radar.frame(number).unwrap()).collect();
    frames.iter().for_each(|simulated| check_frame(&simulated.frame).unwrap());
    let plots: usize = frames.iter().map(|simulated| simulated.frame.detections.len()).sum();
    assert!(plots > 100, "{scan}: {plots}");
    frames
}

#[test]
fn frames_are_the_same_bytes_everywhere() {
    for (scan, golden) in SCANS.into_iter().zip(GOLDEN) {
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
            assert_eq!(sha256_of(frames(scan, level)), golden, "{level} {scan}");
        }
    }
}
