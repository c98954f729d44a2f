//! One SHA-256 over the answers to 2000 frame messages of two radars: on every instruction set, in
//! debug and in release, through a snapshot after every frame, and whatever other trackers do in the
//! same thread or in others.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;
use std::thread;

use qiki_core::bridge::FrameTracker;
use qiki_core::radar::{Radar, RunOptions};
use qiki_core::scene::document::ScenarioDocument;
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::wire::frame_columns;
use qiki_core::wire::tracks_message::Verdict;
use sha2::{Digest, Sha256};

/// SHA-256 over the answers. It changes only with a change of the core that alters results, which
/// must be said in the change log.
const GOLDEN: &str = "56a178229dd763cbb0973caaa6b97c8040dddf2f04fec641b3827a38a3485840";

const FRAMES: usize = 2000;
const TRACKERS: usize = 8;
const NAME: TrackerName = TrackerName { tracker_id: [9; 16], epoch: 6 };

/// Radars of unlike rates and measurements; targets that turn, spoof, come, go and cross.
const SCENE: &str = r#"{
  "scenario_version": 1, "name": "two radars", "seed": 11,
  "own_ship": {"motion": {"coordinated_turn":
    {"position_m": [50, -20, 10], "velocity_m_s": [12, 5, 0.5], "turn_rate_deg_s": 1}}},
  "sensors": [
    {"name": "mast", "scan": {"staring": {"period_s": 0.1}},
     "coverage": {"min_range_m": 100, "max_range_m": 15000, "elevation_deg": [-40, 70]},
     "sr_threshold_m": 6000,
     "detection": {"reference_range_m": 12000, "detection_probability": 0.8,
                   "false_alarm_probability": 1e-5, "false_alarms_per_frame": 8},
     "range": {"resolution_m": 15, "floor_m": 1},
     "bearing": {"beamwidth_deg": 2, "floor_deg": 0.05},
     "elevation": {"beamwidth_deg": 3, "floor_deg": 0.05},
     "range_rate": {"resolution_m_s": 3, "floor_m_s": 0.1, "limit_m_s": 500},
     "spoof_recognition_probability": 0.3},
    {"name": "bow", "scan": {"staring": {"period_s": 0.24}},
     "coverage": {"min_range_m": 50, "max_range_m": 9000, "bearing_start_deg": 290,
                  "bearing_extent_deg": 140, "elevation_deg": [-20, 40]},
     "sr_threshold_m": 3000,
     "detection": {"reference_range_m": 9000, "detection_probability": 0.7,
                   "false_alarm_probability": 1e-5, "false_alarms_per_frame": 4},
     "range": {"resolution_m": 30, "floor_m": 3},
     "bearing": {"beamwidth_deg": 3, "floor_deg": 0.1},
     "elevation": {"beamwidth_deg": 4, "floor_deg": 0.1}}
  ],
  "targets": [
    {"id": "spoofer", "rcs_dbsm": 3, "transponder": {"mode": "spoof", "id": "TURN"},
     "motion": {"coordinated_turn":
       {"position_m": [2000, -500, 900], "velocity_m_s": [60, 10, 0], "turn_rate_deg_s": -7}}},
    {"id": "late", "rcs_dbsm": 5, "present_from_s": 20, "present_until_s": 60,
     "motion": {"constant_velocity": {"position_m": [0, 8000, 0], "velocity_m_s": [0, -100, 0]}}}
  ],
  "groups": [
    {"id_prefix": "air", "count": 60, "rcs_dbsm": [-5, 10], "ground_range_m": [200, 12000],
     "height_m": [0, 3000], "speed_m_s": [0, 120], "turn_rate_deg_s": [-5, 5],
     "transponder_mode": "on"},
    {"id_prefix": "close", "count": 16, "rcs_dbsm": [0, 5], "ground_range_m": [2000, 2400],
     "height_m": [100, 200], "speed_m_s": [0, 20], "turn_rate_deg_s": [-9, 9],
     "transponder_mode": "silent"}
  ]
}"#;

/// The frame messages in the order of their times, but for some that are late and still used; some
/// of them cut, some sent again too late.
static PAYLOADS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let document = ScenarioDocument::from_json(SCENE).expect("valid scene");
    let scenario = Scenario::from_document(&document).expect("valid scene");
    let mut timed: Vec<_> = (0..2).flat_map(|sensor| frames_of(&scenario, sensor)).collect();
    timed.sort_by_key(|(time_ns, _)| *time_ns);
    let mut payloads: Vec<_> = timed.into_iter().take(FRAMES).map(|(_, bytes)| bytes).collect();
    for at in (100..FRAMES).step_by(97) {
        let half = payloads[at].len() / 2;
        payloads[at].truncate(half);
    }
    for at in (150..FRAMES).step_by(101) {
        payloads[at] = payloads[at - 40].clone();
    }
    for at in (175..FRAMES - 4).step_by(53) {
        payloads[at..at + 4].rotate_left(1);
    }
    payloads
});

/// Every message that one radar could have among the first [`FRAMES`], with its time.
fn frames_of(scenario: &Scenario, sensor: usize) -> Vec<(i64, Vec<u8>)> {
    let options = RunOptions {
        seed: None,
        epoch: 3,
        start_time_ns: 1_000 + 7_000_000 * sensor as i64,
        sr_threshold_m: None,
        level: SimdLevel::Baseline,
    };
    let radar = Radar::new(scenario, sensor, options).expect("a radar of the scene");
    let message = |number| {
        let frame = radar.frame(number).expect("a frame of the scene").frame;
        let mut payload = Vec::new();
        frame_columns::encode(&frame.header, &frame.detections, &mut payload).expect("valid frame");
        (frame.header.time_ns, payload)
    };
    (0..FRAMES as u64).map(message).collect()
}

fn levels() -> Vec<SimdLevel> {
    SimdLevel::ALL.into_iter().filter(|level| level.is_available()).collect()
}

/// A tracker and the hash of what it has answered.
struct Run {
    tracker: FrameTracker,
    hash: Sha256,
}

impl Run {
    fn new(level: SimdLevel) -> Self {
        let tracker = Tracker::new(TrackerConfig::default(), NAME, level).expect("valid settings");
        Self { tracker: FrameTracker::new(tracker), hash: Sha256::new() }
    }

    fn answer(&mut self, payload: &[u8]) -> (Verdict, usize) {
        let answer = self.tracker.answer(payload, None).expect("an answer to any payload");
        self.hash.update((answer.payload.len() as u64).to_le_bytes());
        self.hash.update(answer.payload);
        (answer.header.verdict, answer.confirmed_count)
    }

    /// Go on in another tracker, on another instruction set, that takes over from a snapshot.
    fn restart(&mut self, level: SimdLevel) {
        let snapshot = self.tracker.snapshot().expect("valid settings");
        let mut fresh = Self::new(level).tracker;
        fresh.restore(&snapshot, level).expect("whole snapshot");
        self.tracker = fresh;
    }

    fn sha256(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn run_straight(level: SimdLevel) -> String {
    let mut run = Run::new(level);
    for payload in PAYLOADS.iter() {
        run.answer(payload);
    }
    run.sha256()
}

#[test]
fn the_scene_asks_for_every_kind_of_answer() {
    let mut run = Run::new(SimdLevel::detect());
    let answers: Vec<_> = PAYLOADS.iter().map(|payload| run.answer(payload)).collect();
    let count = |wanted| answers.iter().filter(|(verdict, _)| *verdict == wanted).count();
    assert_eq!(answers.len(), FRAMES);
    assert_eq!((count(Verdict::Refused), count(Verdict::Late)), (20, 19));
    assert!(answers.iter().filter(|(_, confirmed)| *confirmed >= 40).count() > FRAMES / 2);
}

#[test]
fn every_instruction_set_gives_the_golden_hash() {
    for level in levels() {
        assert_eq!(run_straight(level), GOLDEN, "{level}");
    }
}

#[test]
fn a_snapshot_after_every_frame_changes_nothing() {
    let levels = levels();
    let mut run = Run::new(SimdLevel::detect());
    for (number, payload) in PAYLOADS.iter().enumerate() {
        run.answer(payload);
        run.restart(levels[number % levels.len()]);
    }
    assert_eq!(run.sha256(), GOLDEN);
}

#[test]
fn eight_trackers_in_turn_do_not_meet() {
    let levels = levels();
    let mut runs: Vec<_> = (0..TRACKERS).map(|n| Run::new(levels[n % levels.len()])).collect();
    let behind = 13; // frames from one tracker to the next: each is elsewhere in the scene
    for turn in 0..FRAMES + behind * TRACKERS {
        for (number, run) in runs.iter_mut().enumerate() {
            let at = turn.checked_sub(behind * number);
            if let Some(payload) = at.and_then(|at| PAYLOADS.get(at)) {
                run.answer(payload);
            }
        }
    }
    for run in runs {
        assert_eq!(run.sha256(), GOLDEN);
    }
}

#[test]
fn eight_trackers_in_threads_do_not_meet() {
    let levels = levels();
    thread::scope(|scope| {
        let levels = &levels;
        let threads: Vec<_> = (0..TRACKERS)
            .map(|number| scope.spawn(move || run_straight(levels[number % levels.len()])))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().expect("a thread that ends"), GOLDEN);
        }
    });
}
