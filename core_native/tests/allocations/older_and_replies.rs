//! Transponders' replies, which tell identities and types, and detections older than their tracks make
//! the tracker allocate nothing, by whatever built-in models targets move.

use qiki_core::bridge::FrameTracker;
use qiki_core::detection::Detection;
use qiki_core::tracking::record::TrackRecord;
use qiki_core::tracking::report::Viewpoint;

use crate::{born_and_ended, demand_none, demand_none_of_messages, scene, tracker};

const MODELS: [(&str, &str); 4] = [
    ("one filter", "[]"),
    (
        "constant velocities",
        r#"[{"kind": "constant_velocity", "initial_probability": 0.7},
            {"kind": "constant_velocity", "process_noise_m2_s3": 50.0, "initial_probability": 0.3}]"#,
    ),
    ("constant acceleration", r#"[{"kind": "constant_acceleration"}]"#),
    (
        "unequal models",
        r#"[{"kind": "constant_velocity", "initial_probability": 0.6},
            {"kind": "constant_acceleration", "initial_probability": 0.2},
            {"kind": "coordinated_turn", "initial_probability": 0.2}]"#,
    ),
];

type Scene = fn(u64) -> Vec<Detection>;
const SCENES: [(&str, Scene); 2] =
    [("replies", scene::replies), ("older detections", scene::partly_older_replies)];

/// Every way to associate, move and detect.
fn every_way() -> impl Iterator<Item = (&'static str, &'static str, Scene, String)> {
    ["gnn", "jpda"].into_iter().flat_map(|association| {
        MODELS.into_iter().flat_map(move |(moving, models)| {
            SCENES.into_iter().map(move |(seeing, detections)| {
                (association, models, detections, format!("{association}, {moving}, {seeing}"))
            })
        })
    })
}

/// How many tracks took a detection of a former frame's time, which their states have mostly passed, and
/// how many have an identity.
fn older_and_named(detections: &[Detection], now_ns: i64, records: &[TrackRecord]) -> [usize; 2] {
    let is_older = |record: &&TrackRecord| {
        let taken = detections.get(record.detection_index as usize);
        taken.is_some_and(|detection| detection.time_ns < now_ns)
    };
    let older = records.iter().filter(is_older).count();
    [older, records.iter().filter(|record| record.address != 0).count()]
}

#[test]
fn a_frame_of_replies_and_older_detections_allocates_nothing() {
    for (association, models, detections, what) in every_way() {
        let (mut tracker, mut records) = (tracker(association, models, "[]"), Vec::new());
        let (mut older, mut named) = (0, 0);
        let input = |number| (scene::header(number), detections(number));
        demand_none(&what, input, |(header, detections)| {
            tracker.step(header, detections).expect("a good frame");
            tracker.report_touched(Viewpoint::from(header), &mut records);
            let found = older_and_named(detections, header.time_ns, &records);
            (older, named) = (older + found[0], named + found[1]);
            born_and_ended(&records)
        });
        assert_eq!(older > 1000, what.ends_with("older detections"), "{what}: {older} were older");
        assert!(named > 1000, "{what}: {named} had an identity");
    }
}

#[test]
fn a_message_of_replies_and_older_detections_is_answered_without_allocating() {
    for (association, models, detections, what) in every_way() {
        let tracker = tracker(association, models, "[]");
        demand_none_of_messages(
            &format!("message, {what}"),
            FrameTracker::new(tracker),
            detections,
        );
    }
}
