//! Frames of a radar that integrates pulses: the same bytes on every instruction set and in every
//! build, whatever other targets there are and in whatever order.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use qiki_core::frame_limits::check_frame;
use qiki_core::radar::fluctuation::Fluctuation;
use qiki_core::radar::{Radar, RunOptions};
use qiki_core::scene::document::ScenarioDocument;
use qiki_core::scene::scenario::Scenario;
use qiki_core::simd::SimdLevel;

use crate::frame_digest::sha256_of;

mod frame_digest;

const SCENE: &str = r#"{
  "scenario_version": 1, "name": "integrated", "seed": 42,
  "sensors": [{
    "name": "main", "scan": {"staring": {"period_s": 0.1}},
    "coverage": {"min_range_m": 100, "max_range_m": 15000},
    "detection": {
      "radar_equation": {"power_w": 5000, "antenna_gain_db": 28, "frequency_hz": 9.4e9,
                         "system_losses_db": 4, "noise_figure_db": 3, "pulse_width_s": 1e-6},
      "pulses": 12, "false_alarm_probability": 1e-5, "false_alarms_per_frame": 20},
    "range": {"resolution_m": 150}, "bearing": {"beamwidth_deg": 2}
  }],
  "groups": [GROUPS]
}"#;

/// SHA-256 of the first frames of [`SCENE`]. It changes only with the model: on purpose.
const GOLDEN: &str = "b66f93c92db1ba2366cd06a56f1dfad4258d59237d537ab4493bc2bec76561be";

/// The scene with `count` targets of each case, the cases in the given order.
fn document(count: usize, cases: &[Fluctuation], pulses: u32) -> ScenarioDocument {
    let group = |case: &Fluctuation| {
        let name = case.name();
        format!(
            r#"{{"id_prefix": "{name}", "count": {count}, "fluctuation": "{name}",
                "rcs_dbsm": [-5, 10], "ground_range_m": [1000, 14000], "height_m": [0, 900],
                "speed_m_s": [0, 150], "turn_rate_deg_s": [-5, 5]}}"#
        )
    };
    let groups: Vec<String> = cases.iter().map(group).collect();
    let json = SCENE.replace("GROUPS", &groups.join(","));
    let mut document = ScenarioDocument::from_json(&json).unwrap();
    document.sensors[0].detection.pulses = pulses;
    document
}

fn radar(document: &ScenarioDocument, level: SimdLevel) -> Radar {
    let scenario = Scenario::from_document(document).unwrap();
    let options =
        RunOptions { seed: None, epoch: 3, start_time_ns: 0, sr_threshold_m: None, level };
    Radar::new(&scenario, 0, options).unwrap()
}

#[test]
fn frames_are_the_same_bytes_everywhere() {
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        let frames = [1, 2, 3, 12, 500].into_iter().flat_map(|pulses| {
            let radar = radar(&document(21, &Fluctuation::ALL, pulses), level);
            (0..30).map(move |number| radar.frame(number).unwrap())
        });
        let frames = frames.inspect(|simulated| check_frame(&simulated.frame).unwrap());
        assert_eq!(sha256_of(frames), GOLDEN, "{level}");
    }
}

/// What is seen of the targets of one case, without false alarms, by name.
fn seen(radar: &Radar, case: Fluctuation, number: u64) -> Vec<String> {
    let simulated = radar.frame(number).unwrap();
    let named =
        simulated.frame.detections.iter().zip(&simulated.truth).filter_map(|(d, target)| {
            let target = radar.targets().get(usize::try_from(*target).ok()?)?;
            (target.fluctuation == case).then(|| format!("{} {d:?}", target.id))
        });
    let mut named: Vec<String> = named.collect();
    named.sort();
    named
}

#[test]
fn other_targets_and_their_order_do_not_change_what_is_seen_of_one() {
    let mut backwards = Fluctuation::ALL;
    backwards.reverse();
    let crowd = radar(&document(13, &backwards, 12), SimdLevel::Baseline);
    for case in Fluctuation::ALL {
        let alone = radar(&document(13, &[case], 12), SimdLevel::detect());
        let plots: Vec<_> = (0..30).map(|number| seen(&alone, case, number)).collect();
        assert!(plots.iter().map(Vec::len).sum::<usize>() > 50, "{case:?}");
        for (number, plots) in (0..).zip(&plots) {
            assert_eq!(&seen(&crowd, case, number), plots);
        }
    }
}

#[test]
fn one_pulse_knows_only_two_kinds_of_fluctuation() {
    let named = |case| {
        let mut document = document(40, &[case], 1);
        document.groups[0].id_prefix = "same".into();
        format!("{:?}", radar(&document, SimdLevel::detect()).frame(3).unwrap())
    };
    let [_, one, two, three, four] = Fluctuation::ALL.map(named);
    assert_eq!(one, two);
    assert_eq!(three, four);
    assert_ne!(one, three);
}
