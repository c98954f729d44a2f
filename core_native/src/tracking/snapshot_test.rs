//! Snapshots of trackers that know much, and those that are not whole.

use crate::detection::{Detection, present};
use crate::error::Error;
use crate::frame::{Coverage, FrameHeader};
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::tracking::motion_config::{
    ConstantAccelerationConfig, ConstantVelocityConfig, CoordinatedTurnConfig, MotionModelConfig,
};
use crate::tracking::tracker::{Tracker, TrackerName};

const LEVEL: SimdLevel = SimdLevel::Baseline;
const NAME: TrackerName = TrackerName { tracker_id: [9; 16], epoch: 77 };

fn banked() -> TrackerConfig {
    let share = 1.0 / 3.0;
    let straight =
        ConstantVelocityConfig { initial_probability: share, ..ConstantVelocityConfig::default() };
    let faster = ConstantAccelerationConfig {
        initial_probability: share,
        ..ConstantAccelerationConfig::default()
    };
    let turning =
        CoordinatedTurnConfig { initial_probability: share, ..CoordinatedTurnConfig::default() };
    TrackerConfig {
        motion_models: vec![
            MotionModelConfig::ConstantVelocity(straight),
            MotionModelConfig::ConstantAcceleration(faster),
            MotionModelConfig::CoordinatedTurn(turning),
        ],
        ..TrackerConfig::default()
    }
}

/// A plot that says who it is, how bright it is and how strong.
fn plot(index: u32, time_ns: i64) -> Detection {
    let mut plot = Detection::absent(time_ns);
    (plot.range_m, plot.range_std_m) = (3000.0 + 700.0 * f64::from(index), 8.0);
    (plot.bearing_deg, plot.bearing_std_deg) = (40.0 * f64::from(index), 0.1);
    (plot.elevation_deg, plot.elevation_std_deg) = (3.0, 0.2);
    (plot.snr_db, plot.rcs_dbsm) = (11.0 + index as f32, 2.0);
    (plot.address, plot.mode_3a) = (0x40_0000 + index, 0o1200);
    plot.present = present::RANGE | present::BEARING | present::ELEVATION | present::SNR;
    plot.present |= present::RCS | present::ADDRESS | present::MODE_3A;
    plot
}

fn step(tracker: &mut Tracker, number: u64, plots: u32) {
    let header = FrameHeader {
        sensor_id: [3; 16],
        epoch: 1,
        number,
        time_ns: number as i64 * 500_000_000,
        range_band: 0,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [0.0; 3],
        sensor_velocity_m_s: [0.0; 3],
    };
    let plots: Vec<_> = (0..plots).map(|index| plot(index, header.time_ns)).collect();
    tracker.step(&header, &plots).expect("a frame");
}

fn tracker(config: TrackerConfig) -> Tracker {
    let mut tracker = Tracker::new(config, NAME, LEVEL).expect("valid settings");
    for (number, plots) in [(0, 7), (1, 6), (2, 7), (3, 5)] {
        step(&mut tracker, number, plots);
    }
    tracker
}

fn bytes_of(tracker: &Tracker) -> Vec<u8> {
    tracker.snapshot().expect("valid settings")
}

#[test]
fn a_restored_tracker_goes_on_as_if_it_had_never_stopped() {
    for config in [TrackerConfig::default(), banked()] {
        let mut tracker = tracker(config);
        let mut restored = Tracker::restore(&bytes_of(&tracker), LEVEL).expect("whole");
        assert_eq!(restored.name(), NAME);
        assert_eq!(restored.newest_ns(), tracker.newest_ns());
        for (number, plots) in [(4, 7), (5, 3), (9, 7)] {
            step(&mut tracker, number, plots);
            step(&mut restored, number, plots);
            assert!(bytes_of(&restored) == bytes_of(&tracker), "{number}");
        }
    }
}

#[test]
fn whether_a_frame_was_used_is_part_of_the_state() {
    let mut tracker = Tracker::new(banked(), NAME, LEVEL).expect("valid settings");
    let restored = |tracker: &Tracker| Tracker::restore(&bytes_of(tracker), LEVEL).expect("whole");
    assert_eq!(restored(&tracker).newest_ns(), None);
    step(&mut tracker, 0, 0);
    assert_eq!(restored(&tracker).newest_ns(), Some(0));
}

/// The bytes with a checksum of their own.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = body.to_vec();
    bytes.extend_from_slice(&crc32c::crc32c(body).to_le_bytes());
    bytes
}

#[test]
fn bytes_that_are_missing_or_too_many_are_refused() {
    for config in [TrackerConfig::default(), banked()] {
        let bytes = bytes_of(&tracker(config));
        let body = &bytes[..bytes.len() - 4];
        assert!(Tracker::restore(&sealed(body), LEVEL).is_ok());
        for length in (0..body.len()).rev().step_by(7) {
            let refused = Tracker::restore(&sealed(&body[..length]), LEVEL);
            assert!(matches!(refused, Err(Error::Snapshot { .. })));
        }
        let longer = [body, &[0]].concat();
        let refused = Tracker::restore(&sealed(&longer), LEVEL).err().expect("a byte too many");
        assert!(refused.to_string().contains("1 bytes too many"), "{refused}");
    }
}

#[test]
fn other_settings_than_the_trackers_own_are_refused() {
    let bytes = bytes_of(&tracker(banked()));
    let restored = Tracker::restore_with(&bytes, LEVEL, &banked()).expect("the same settings");
    assert!(bytes_of(&restored) == bytes);
    for other in [TrackerConfig::default(), TrackerConfig { max_tracks: 7, ..banked() }] {
        let refused = Tracker::restore_with(&bytes, LEVEL, &other).err().expect("others");
        assert!(refused.to_string().contains("its settings are"), "{refused}");
    }
}

fn bytes_of_numbers(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// What is said of a snapshot in which the second track's numbers by its models are changed.
fn said_of(change: impl Fn(&mut Vec<f64>)) -> String {
    let tracker = tracker(banked());
    let mut numbers = tracker.table.states.bank.numbers(tracker.table.order[1]);
    let (bytes, before) = (bytes_of(&tracker), bytes_of_numbers(&numbers));
    let place = bytes.windows(before.len()).position(|own| own == before).expect("they are there");
    change(&mut numbers);
    let mut body = bytes[..bytes.len() - 4].to_vec();
    body[place..place + before.len()].copy_from_slice(&bytes_of_numbers(&numbers));
    let restored = Tracker::restore(&sealed(&body), LEVEL);
    restored.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn numbers_of_motion_models_that_cannot_be_are_refused() {
    assert_eq!(said_of(|_| ()), "");
    for at in 0..3 {
        for wrong in [-1e-9, 1.0 + 1e-9, f64::NAN] {
            let said = said_of(|numbers| numbers[at] = wrong);
            assert!(said.contains(&format!("model probability is {wrong}, must be 0 to 1")));
        }
        for fine in [0.0, 1.0] {
            assert_eq!(said_of(|numbers| numbers[at] = fine), "");
        }
    }
    // After three probabilities each filter has its mean and the triangle of its covariance.
    for (begin, size) in [(3, 6), (3 + 6 + 21, 9), (3 + 6 + 21 + 9 + 45, 7)] {
        let mean = said_of(|numbers| numbers[begin + size - 1] = f64::INFINITY);
        let place = size - 1;
        assert!(mean.contains(&format!("state by a motion model[{place}] is inf")), "{mean}");
        let flat = said_of(|numbers| numbers[begin + size] = -1.0);
        assert!(flat.contains("state by a motion model covariance[0][0] is -1"), "{flat}");
    }
}

#[test]
fn a_negative_zero_becomes_zero() {
    let mut tracker = tracker(TrackerConfig::default());
    let slot = tracker.table.order[0];
    let (mut state, time_ns) =
        (tracker.table.states.state(slot), tracker.table.states.time_ns(slot));
    state.mean[4] = -0.0;
    tracker.table.states.set(slot, &state, time_ns);
    let restored = Tracker::restore(&bytes_of(&tracker), LEVEL).expect("a state");
    assert_eq!(restored.table.states.state(slot).mean[4].to_bits(), 0);
}

#[test]
fn evidence_and_probabilities_are_kept_and_those_that_cannot_be_refused() {
    let told = |change: fn(&mut Tracker)| {
        let mut tracker = tracker(TrackerConfig::default());
        change(&mut tracker);
        let restored = Tracker::restore(&bytes_of(&tracker), LEVEL);
        restored.err().map_or_else(String::new, |error| error.to_string())
    };
    let dead = told(|tracker| {
        let slot = tracker.table.order[2] as usize;
        tracker.table.lives[slot].existence = 0.0;
    });
    assert_eq!(dead, "");
    let brighter = told(|tracker| {
        let slot = tracker.table.order[2];
        tracker.table.description_mut(slot).type_evidence.looks = 0.5;
    });
    assert!(brighter.contains("evidence of a type is"), "{brighter}");
    let late = told(|tracker| {
        let slot = tracker.table.order[2] as usize;
        tracker.table.lives[slot].detected_ns = i64::MAX;
    });
    assert!(late.contains("time of the last detection"), "{late}");
}
