//! The step of one frame allocates nothing after warm-up, whatever associates, by whatever models:
//! counted by the allocator.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod counter;
#[path = "../draws/mod.rs"]
mod draws;
mod older_and_replies;
mod registration;
mod scene;
mod user_models;
mod vehicle;

use counter::allocations;
use qiki_core::bridge::FrameTracker;
use qiki_core::detection::Detection;
use qiki_core::guard::rules::GuardRules;
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::record::{TrackRecord, event};
use qiki_core::tracking::report::Viewpoint;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::wire::frame_columns;
use qiki_core::wire::tracks_message::Verdict;

/// Whatever comes later has come before: what grows further grows without need.
const WARM_UP: u64 = 3 * scene::ROUND;
const COUNTED: u64 = scene::ROUND;
const BANK: &str = r#"[
    {"kind": "constant_velocity", "initial_probability": 0.7},
    {"kind": "coordinated_turn", "initial_probability": 0.3}
]"#;
/// A table of types, so that reports tell them.
const TYPES: &str = r#"[{"object_type": "ship", "prior_probability": 0.4, "rcs_dbsm": 15,
    "rcs_std_db": 6, "speed_m_s": [0, 20], "transponder_probability": 0.5},
    {"object_type": "drone", "prior_probability": 0.4, "rcs_dbsm": 0,
    "rcs_std_db": 6, "speed_m_s": [5, 200], "transponder_probability": 0.5}]"#;
const SETTINGS: [(&str, &str); 4] = [("gnn", "[]"), ("jpda", "[]"), ("gnn", BANK), ("jpda", BANK)];

fn tracker(association: &str, models: &str, sensors: &str) -> Tracker {
    let settings = format!(
        r#"{{"association": "{association}", "motion_models": {models}, "sensors": {sensors},
            "object_types": {TYPES}}}"#
    );
    tracker_of(TrackerConfig::from_json(&settings).expect("valid settings"))
}

fn tracker_of(config: TrackerConfig) -> Tracker {
    let name = TrackerName { tracker_id: [7; 16], epoch: 3 };
    Tracker::new(config, name, SimdLevel::detect()).expect("valid settings")
}

/// Warm up, then demand that `step` takes in further inputs without one allocation. It says how many
/// tracks the frame began and ended: without both the scene would show nothing.
fn demand_none<T>(what: &str, input: impl Fn(u64) -> T, mut step: impl FnMut(&T) -> [usize; 2]) {
    let inputs: Vec<T> = (0..WARM_UP + COUNTED).map(input).collect();
    let (warm_up, counted) = inputs.split_at(WARM_UP as usize);
    for input in warm_up {
        step(input);
    }
    let (mut born, mut ended) = (0, 0);
    for (input, number) in counted.iter().zip(WARM_UP..) {
        let before = allocations();
        let [begun, lost] = step(input);
        assert_eq!(allocations() - before, 0, "{what}: allocations in frame {number}");
        (born, ended) = (born + begun, ended + lost);
    }
    assert!(born > 40 && ended > 40, "{what}: {born} tracks began, {ended} ended");
}

fn born_and_ended(records: &[TrackRecord]) -> [usize; 2] {
    [event::BORN, event::ENDED]
        .map(|kind| records.iter().filter(|record| record.event == kind).count())
}

#[test]
fn the_counter_sees_what_is_allocated_and_what_grows() {
    let before = allocations();
    let mut list: Vec<u8> = Vec::with_capacity(1);
    assert_eq!(allocations() - before, 1);
    list.extend([1, 2, 3]);
    assert_eq!(allocations() - before, 2);
    drop(std::hint::black_box(list));
    assert_eq!(allocations() - before, 2);
}

#[test]
fn a_frame_allocates_nothing_nor_does_its_report() {
    const BIASED: &str = r#"[{"sensor_id": "01010101-0101-0101-0101-010101010101",
                              "range_bias_m": 3.0, "time_bias_s": 0.002}]"#;
    for (association, models) in SETTINGS {
        for sensors in ["[]", BIASED] {
            let (mut tracker, mut records) = (tracker(association, models, sensors), Vec::new());
            let input = |number| (scene::header(number), scene::detections(number));
            let what = format!("step, {association}, {models}, {sensors}");
            demand_none(&what, input, |(header, detections)| {
                tracker.step(header, detections).expect("a good frame");
                tracker.report_touched(Viewpoint::from(header), &mut records);
                let changes = born_and_ended(&records);
                tracker.report_living(Viewpoint::from(header), &mut records);
                changes
            });
        }
    }
}

#[test]
fn a_scan_of_positions_allocates_nothing_in_space_or_plane() {
    let of_all = [scene::covariance_m2::<3>()];
    let input = |number| {
        let positions_m = scene::positions_m(number);
        let plane_m: Vec<_> = positions_m.iter().map(|&[east, north, _]| [east, north]).collect();
        let of_each = vec![scene::covariance_m2::<2>(); plane_m.len()];
        (scene::time_ns(number), positions_m, plane_m, of_each)
    };
    for (association, models) in SETTINGS {
        let [mut space, mut plane] = [0; 2].map(|_| tracker(association, models, "[]"));
        let mut records = Vec::new();
        let what = format!("positions, {association}, {models}");
        demand_none(&what, input, |(time_ns, positions_m, plane_m, of_each)| {
            space.step_positions(*time_ns, positions_m, &of_all, None).expect("a good scan");
            plane.step_plane_positions(*time_ns, plane_m, of_each, None).expect("a good scan");
            let nowhere = Viewpoint { time_ns: *time_ns, sensor: None };
            plane.report_touched(nowhere, &mut records);
            space.report_touched(nowhere, &mut records);
            born_and_ended(&records)
        });
    }
}

/// The message of a frame; of each ten the seventh comes after the ninth, late and still used.
fn message(at: u64, detections: impl Fn(u64) -> Vec<Detection>) -> Vec<u8> {
    let number = match at % 10 {
        7 | 8 => at + 1,
        9 => at - 2,
        _ => at,
    };
    let mut payload = Vec::new();
    frame_columns::encode(&scene::header(number), &detections(number), &mut payload)
        .expect("a good frame");
    payload
}

/// Demand that a bridge answers such messages without one allocation.
fn demand_none_of_messages(
    what: &str,
    mut bridge: FrameTracker,
    detections: impl Fn(u64) -> Vec<Detection>,
) {
    demand_none(
        what,
        |at| message(at, &detections),
        |payload| {
            let confirmed = bridge.tracker().confirmed_count();
            let answer = bridge.answer(payload, None).expect("an answer");
            assert_eq!(
                answer.header.verdict,
                Verdict::Accepted,
                "{what}: {}",
                answer.header.reason
            );
            let after = answer.confirmed_count;
            [after.saturating_sub(confirmed), confirmed.saturating_sub(after)]
        },
    );
}

#[test]
fn a_message_is_answered_without_allocating_also_a_late_one() {
    for (association, models) in SETTINGS {
        let what = format!("message, {association}, {models}");
        let bridge = FrameTracker::new(tracker(association, models, "[]"));
        demand_none_of_messages(&what, bridge, scene::detections);
    }
}

/// Every track is watched and weighed, and none for so long that there is an alert to tell.
#[test]
fn guards_that_tell_of_nothing_allocate_nothing() {
    let rules = r#"{"schema_version": 1, "rules": [
        {"id": "ALL", "title": "a", "severity": "info", "min_duration_s": 80000},
        {"id": "NEAR", "title": "n", "severity": "info", "min_duration_s": 80000,
         "cpa": {"within_s": 80000, "distance_m": 1e6, "probability": 1e-5}}]}"#;
    for (association, models) in SETTINGS {
        let rules = GuardRules::from_json(rules).expect("two rules");
        let bridge = FrameTracker::new(tracker(association, models, "[]")).with_guards(rules);
        let what = format!("guards, {association}, {models}");
        demand_none_of_messages(&what, bridge, scene::detections);
    }
}
