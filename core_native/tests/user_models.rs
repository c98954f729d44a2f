//! Frames with users' models: what they are asked, that a bad answer spoils its frame alone, and
//! that neither the order of the scenario nor the instruction set shows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::sync::Arc;

use qiki_core::radar::plot_record::Plots;
use qiki_core::radar::{Radar, RunOptions};
use qiki_core::scene::document::ScenarioDocument;
use qiki_core::scene::false_alarms_document::FalseAlarmsDocument;
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;
use qiki_core::user_model::{Function, ModelKind, UserModel};

const SCENE: &str = r#"{
  "scenario_version": 1, "name": "models", "seed": 9,
  "sensors": [{
    "name": "main", "scan": {"staring": {"period_s": 0.1}},
    "coverage": {"min_range_m": 100, "max_range_m": 15000, "elevation_deg": [-40, 60]},
    "detection": {"reference_range_m": 12000, "detection_probability": 0.7,
                  "false_alarm_probability": 1e-5, "false_alarms_per_frame": 4},
    "range": {"resolution_m": 15}, "bearing": {"beamwidth_deg": 2},
    "range_rate": {"resolution_m_s": 3, "limit_m_s": 500}}],
  "targets": [
    {"id": "turning", "rcs_model": "plate", "fluctuation": "swerling_3", "motion":
      {"coordinated_turn": {"position_m": [5000, 3000, 900], "velocity_m_s": [60, 10, 0],
                            "turn_rate_deg_s": -40}}},
    {"id": "far", "rcs_model": "plate",
     "motion": {"constant_velocity": {"position_m": [0, 16000, 0], "velocity_m_s": [0, -9, 0]}}},
    {"id": "still", "rcs_dbsm": 3,
     "motion": {"constant_velocity": {"position_m": [-4000, 4000, 100]}}}],
  "groups": [{"id_prefix": "many", "count": 40, "rcs_model": "plate",
    "ground_range_m": [1000, 14000], "height_m": [0, 2000], "speed_m_s": [10, 150]}]
}"#;

type Rule = fn([f64; 3]) -> f64;

#[derive(Debug)]
struct Ruled(Rule);

impl Function for Ruled {
    fn value(&self, arguments: [f64; 3]) -> f64 {
        (self.0)(arguments)
    }
}

fn model(kind: ModelKind, name: &str, rule: Rule) -> UserModel {
    UserModel::new(kind, name, Arc::new(Ruled(rule))).unwrap()
}

fn plate(rule: Rule) -> UserModel {
    model(ModelKind::Rcs, "plate", rule)
}

/// Broad at the nose, and slowly growing.
fn broad([azimuth_deg, elevation_deg, time_s]: [f64; 3]) -> f64 {
    assert!((0.0..360.0).contains(&azimuth_deg) && (-90.0..=90.0).contains(&elevation_deg));
    1.0 + (azimuth_deg - 180.0).abs() / 60.0 + time_s
}

fn document() -> ScenarioDocument {
    ScenarioDocument::from_json(SCENE).unwrap()
}

fn try_radar(
    document: &ScenarioDocument,
    level: SimdLevel,
    models: &[UserModel],
) -> qiki_core::error::Result<Radar> {
    let scenario = Scenario::from_document(document).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 0, sr_threshold_m: None, level };
    Radar::with_models(&scenario, 0, options, models)
}

fn radar(document: &ScenarioDocument, level: SimdLevel, models: &[UserModel]) -> Radar {
    try_radar(document, level, models).unwrap()
}

/// The detections of some frames, by the names of the targets.
fn seen(radar: &Radar) -> Vec<String> {
    let name = |index: &i32| radar.targets().get(*index as usize).map(|target| target.id.clone());
    let frames = (0..20).map(|number| radar.frame(number).unwrap());
    frames
        .map(|made| {
            let names: Vec<_> = made.truth.iter().map(name).collect();
            format!("{names:?} {:?}", made.frame)
        })
        .collect()
}

#[test]
fn neither_instruction_set_nor_order_shows() {
    let expected = seen(&radar(&document(), SimdLevel::Baseline, &[plate(broad)]));
    assert!(expected[0].contains("many-0001"));
    let mut reversed = document();
    reversed.targets.reverse();
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        assert_eq!(seen(&radar(&document(), level, &[plate(broad)])), expected, "{level}");
        assert_eq!(seen(&radar(&reversed, level, &[plate(broad)])), expected, "{level}");
    }
}

#[test]
fn a_detection_model_leaves_the_draws_of_others_alone() {
    let chance = || model(ModelKind::DetectionProbability, "chance", |_| 0.5);
    let mut few = document();
    few.sensors[0].detection.detection_probability_model = Some("chance".into());
    few.sensors[0].detection.false_alarms_per_frame = FalseAlarmsDocument::PerFrame(0.0);
    let mut many = few.clone();
    many.groups[0].count = 90;
    let [few, many] =
        [few, many].map(|d| radar(&d, SimdLevel::detect(), &[chance(), plate(broad)]));
    let (mut detected, known) = (0, few.targets().len() as i32);
    for number in 0..20 {
        let (a, b) = (few.frame(number).unwrap(), many.frame(number).unwrap());
        let ours = b.frame.detections.iter().zip(&b.truth).filter(|(_, truth)| **truth < known);
        let ours: Vec<_> = ours.map(|(detection, _)| detection).collect();
        assert_eq!(format!("{:?}", a.frame.detections), format!("{ours:?}").replace('&', ""));
        detected += ours.len();
    }
    assert!(detected > 300, "{detected}");
}

#[test]
fn a_bad_answer_spoils_its_frame_alone_and_names_the_first() {
    let bad = |[azimuth_deg, _, time_s]: [f64; 3]| {
        if (0.45..0.55).contains(&time_s) { -azimuth_deg } else { 2.0 }
    };
    let mut reversed = document();
    reversed.targets.reverse();
    let [forward, backward] =
        [document(), reversed].map(|d| radar(&d, SimdLevel::detect(), &[plate(bad)]));
    let mut scratch = Plots::default();
    let before = forward.frame_with(4, &mut scratch).unwrap();
    let fault = forward.frame_with(5, &mut scratch).unwrap_err().to_string();
    assert!(fault.starts_with("rcs model \"plate\" is -"), "{fault}");
    assert!(fault.contains("time_s 0.5, must be 0 to 10000000000"), "{fault}");
    for radar in [&forward, &backward] {
        assert_eq!(radar.frame(5).unwrap_err().to_string(), fault);
        assert!(radar.truth(500_000_000).is_err() && radar.truth(600_000_000).is_ok());
    }
    let after = forward.frame_with(6, &mut scratch).unwrap();
    assert_eq!(format!("{after:?}"), format!("{:?}", forward.frame(6).unwrap()));
    assert_eq!(format!("{before:?}"), format!("{:?}", forward.frame(4).unwrap()));
}

#[test]
fn cross_sections_are_asked_before_probabilities_whatever_the_order() {
    let mut document = document();
    document.sensors[0].detection.detection_probability_model = Some("chance".into());
    let chance = |rule| model(ModelKind::DetectionProbability, "chance", rule);
    let fault = |document: &ScenarioDocument, models: &[UserModel]| {
        radar(document, SimdLevel::detect(), models).frame(0).unwrap_err().to_string()
    };
    for _ in 0..2 {
        let both = fault(&document, &[plate(|_| f64::NAN), chance(|_| 2.0)]);
        assert!(both.starts_with("rcs model \"plate\" is NaN"), "{both}");
        let one = fault(&document, &[plate(broad), chance(|_| 2.0)]);
        assert!(one.starts_with("detection_probability model \"chance\" is 2"), "{one}");
        document.targets.reverse();
    }
}

#[test]
fn nobody_is_asked_about_what_the_radar_does_not_see() {
    let mut document = document();
    document.groups.clear();
    document.targets.retain(|target| target.id == "far");
    let radar = radar(&document, SimdLevel::detect(), &[plate(|_| f64::NAN)]);
    radar.frame(0).unwrap();
    assert_eq!(radar.truth(0).unwrap()[0].detection_probability, 0.0);
}

#[test]
fn models_are_those_that_the_scenario_names() {
    let refused = |models: &[UserModel]| {
        try_radar(&document(), SimdLevel::Baseline, models).unwrap_err().to_string()
    };
    let rcs = plate(broad);
    let text = refused(&[]);
    assert!(text.starts_with("models is none, must be with the rcs model \"plate\" of"), "{text}");
    let text = refused(&[rcs.clone(), rcs.clone()]);
    assert!(text.starts_with("models is two of the name \"plate\", must be one of"), "{text}");
    let text = refused(&[model(ModelKind::ClutterDensity, "plate", broad)]);
    assert!(text.contains("is for clutter_density, must be the rcs model \"plate\""), "{text}");
    let text = refused(&[rcs, model(ModelKind::DetectionProbability, "chance", broad)]);
    assert!(text.contains("\"chance\", must be those that scenario \"models\" asks"), "{text}");
}
