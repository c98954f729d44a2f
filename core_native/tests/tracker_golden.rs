//! The same frames give the same bytes: on every instruction set, in debug and in release, through
//! snapshots, and in every run of this test.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use qiki_core::detection::{Detection, present, range_band};

use qiki_core::frame::{Coverage, FrameHeader};
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::record::TrackRecord;
use qiki_core::tracking::report::Viewpoint;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use sha2::{Digest, Sha256};

use crate::draws::Draw;

mod draws;

const NAME: TrackerName = TrackerName { tracker_id: [7; 16], epoch: 3 };
/// SHA-256 over the track records of all frames, and over those of all scans of positions. They change
/// only with a change of the core that alters results, which must be said in the change log.
const GOLDEN: [(&str, &str, [&str; 2]); 4] = [
    (
        "gnn",
        "[]",
        [
            "0fa43e2e74984dc94bd9aa9c017f2b4a8e11745b11d1fb7f8938867ecb9cdc38",
            "56678ac12a2d0e91c0c26df8cc146542cd5d1d7361f3edba7df41ceda393c15d",
        ],
    ),
    (
        "jpda",
        "[]",
        [
            "4efb1c8eb7b7f798ca3b17936729b8224efbf4e4a3b99f41eedef1ceca4bb682",
            "15468aefbdb58429b2e79c935638c8bdf4d64002d228991147f722c86d3e616c",
        ],
    ),
    (
        "gnn",
        MODELS,
        [
            "ba381403be690ee5715185df6d724160c53339daa62992fdd1a62234070a9bd4",
            "08b39e3b64f8298f683ad8bebfe5ada33a8fa92f683927e44367df2aa7119fac",
        ],
    ),
    (
        "jpda",
        MODELS,
        [
            "96513540185b5ca05b4dba065406ddb01b81cf446ce613b3fa84d6f77b000f73",
            "2608f926d1dc6331d92952671fd74240f3bf298a25ee2bb46b1474d3763621bc",
        ],
    ),
];

/// Constant velocity, a turn, constant acceleration, and a lively constant velocity.
const MODELS: &str = r#"[
    {"kind": "constant_velocity", "initial_probability": 0.7},
    {"kind": "coordinated_turn", "initial_probability": 0.1},
    {"kind": "constant_acceleration", "initial_probability": 0.1, "mean_sojourn_s": 3.0},
    {"kind": "constant_velocity", "initial_probability": 0.1, "process_noise_m2_s3": 100.0}
]"#;

fn settings(association: &str, models: &str) -> String {
    format!(r#"{{"association": "{association}", "motion_models": {models}}}"#)
}

fn header(number: u64) -> FrameHeader {
    FrameHeader {
        sensor_id: [1; 16],
        epoch: 1,
        number,
        time_ns: number as i64 * 100_000_000,
        range_band: range_band::UNSPECIFIED,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [3.0 * number as f64, 0.0, 10.0],
        sensor_velocity_m_s: [30.0, 0.0, 0.0],
    }
}

/// A mix of everything: elevation, height, both or none, with and without range rate, clutter.
fn detections(frame: u64) -> Vec<Detection> {
    let mut draw = Draw(frame * 977 + 1);
    let mut found = Vec::new();
    for target in 0..80_u64 {
        if draw.uniform() > 0.9 {
            continue;
        }
        let mut detection =
            Detection::absent(frame as i64 * 100_000_000 - (target as i64 % 7) * 1000);
        let drift = frame as f64 * (target as f64 - 40.0) * 0.3;
        detection.range_m = 2000.0 + 700.0 * target as f64 + drift + 15.0 * draw.normal();
        detection.bearing_deg = (target as f64 * 37.0 + 0.05 * draw.normal()).rem_euclid(360.0);
        detection.range_std_m = 15.0;
        detection.bearing_std_deg = 0.05;
        detection.present = present::RANGE | present::BEARING;
        if target % 3 != 0 {
            detection.elevation_deg = 3.0 + 0.05 * draw.normal();
            detection.elevation_std_deg = 0.05;
            detection.present |= present::ELEVATION;
        }
        if target % 4 == 0 {
            detection.height_m = 500.0 + 10.0 * draw.normal();
            detection.height_std_m = 10.0;
            detection.present |= present::HEIGHT;
        }
        if target % 2 == 0 {
            detection.range_rate_m_s = (target as f64 - 40.0) * 3.0 + draw.normal();
            detection.range_rate_std_m_s = 1.0;
            detection.present |= present::RANGE_RATE;
        }
        found.push(detection);
    }
    found
}

fn bytes_of(records: &[TrackRecord], hasher: &mut Sha256) {
    for record in records {
        hasher.update(record.track_id);
        hasher.update(record.number.to_le_bytes());
        hasher.update([record.status, record.event, record.range_band]);
        let vectors = record.position_m.iter().chain(&record.velocity_m_s);
        let covariances =
            record.position_covariance_m2.iter().chain(&record.velocity_covariance_m2_s2);
        let polar =
            [record.range_m, record.bearing_deg, record.elevation_deg, record.range_rate_m_s];
        for value in vectors.chain(covariances).chain(&polar).chain([&record.quality]) {
            hasher.update(value.to_le_bytes());
        }
    }
}

/// Hash of the run; `restart_every` takes the tracker through a snapshot after so many frames.
fn run(settings: &str, level: SimdLevel, restart_every: Option<u64>) -> String {
    let mut config = TrackerConfig::from_json(settings).expect("valid settings");
    config.earth_radius_m = 6_371_000.0;
    let mut tracker = Tracker::new(config, NAME, level).expect("valid settings");
    let mut hasher = Sha256::new();
    let mut records = Vec::new();
    for number in 0..60 {
        let header = header(number);
        tracker.step(&header, &detections(number)).expect("frames in order");
        records.clear();
        tracker.report_touched(Viewpoint::from(&header), &mut records);
        bytes_of(&records, &mut hasher);
        if restart_every.is_some_and(|frames| number % frames == 0) {
            let snapshot = tracker.snapshot().expect("valid settings");
            tracker = Tracker::restore(&snapshot, level).expect("whole snapshot");
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Targets that come and go, some close together, measured with covariances as different as
/// `uneven` says.
fn positions(scan: u64, uneven: bool) -> (Vec<[f64; 3]>, Vec<[[f64; 3]; 3]>) {
    let mut draw = Draw(scan * 1009 + 5);
    let (mut positions_m, mut covariances_m2) = (Vec::new(), Vec::new());
    for target in 0..90_u64 {
        if draw.uniform() > 0.85 || (target + scan) % 30 < 4 {
            continue;
        }
        let at = |step: u64| (target * step % 90) as f64;
        let speed = at(7) - 45.0;
        let noise = [0; 3].map(|_| 6.0 * draw.normal());
        let x = 40.0 * at(11) + 0.1 * scan as f64 * speed + noise[0];
        positions_m.push([x, 500.0 * at(17) + noise[1], 60.0 * at(3) + noise[2]]);
        let (narrow, wide) = (36.0, if uneven { 36.0 + 40.0 * at(5) } else { 50.0 });
        let tilt = if uneven { 0.4 * wide.min(narrow) } else { 5.0 };
        let rows = [[wide, tilt, 0.0], [tilt, narrow, -tilt], [0.0, -tilt, wide + narrow]];
        covariances_m2.push(rows);
    }
    (positions_m, covariances_m2)
}

/// Hash of scans with one covariance and with one each by turns; `restart_every` as above.
fn run_positions(settings: &str, level: SimdLevel, restart_every: Option<u64>) -> String {
    let config = TrackerConfig::from_json(settings).expect("valid settings");
    let mut tracker = Tracker::new(config, NAME, level).expect("valid settings");
    let mut hasher = Sha256::new();
    let mut records = Vec::new();
    for scan in 0..60 {
        let (positions_m, covariances_m2) = positions(scan, scan % 2 == 0);
        let given = if scan % 2 == 0 { &covariances_m2[..] } else { &covariances_m2[..1] };
        let time_ns = scan as i64 * 100_000_000;
        tracker.step_positions(time_ns, &positions_m, given, None).expect("scans in order");
        tracker.report_touched(Viewpoint { time_ns, sensor: None }, &mut records);
        bytes_of(&records, &mut hasher);
        if restart_every.is_some_and(|scans| scan % scans == 0) {
            let snapshot = tracker.snapshot().expect("valid settings");
            tracker = Tracker::restore(&snapshot, level).expect("whole snapshot");
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_instruction_set_gives_the_golden_bytes() {
    for (association, models, golden) in GOLDEN {
        let settings = &settings(association, models);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
            let found = [run(settings, level, None), run_positions(settings, level, None)];
            assert_eq!(found, golden, "{settings} {level}");
        }
    }
}

#[test]
fn a_restored_tracker_goes_on_as_if_it_had_never_stopped() {
    for (association, models, [frames, scans]) in GOLDEN {
        let settings = &settings(association, models);
        assert_eq!(run(settings, SimdLevel::detect(), Some(1)), frames);
        assert_eq!(run(settings, SimdLevel::Baseline, Some(7)), frames);
        assert_eq!(run_positions(settings, SimdLevel::detect(), Some(1)), scans);
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let mut tracker =
        Tracker::new(TrackerConfig::default(), NAME, SimdLevel::detect()).expect("valid settings");
    tracker.step(&header(0), &detections(0)).expect("first frame");
    let snapshot = tracker.snapshot().expect("valid settings");
    for end in 0..snapshot.len() {
        assert!(Tracker::restore(&snapshot[..end], SimdLevel::Baseline).is_err(), "{end} bytes");
    }
    for at in (0..snapshot.len()).step_by(7) {
        let mut damaged = snapshot.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Tracker::restore(&damaged, SimdLevel::Baseline).is_err(), "bit of byte {at}");
    }
}
