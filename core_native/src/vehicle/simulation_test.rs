//! Vehicles in time: grid, pulses, propellant, failures, snapshots.

use std::sync::Arc;

use crate::vehicle::allocation::AllocationWeights;
use crate::vehicle::allocation_test::sixteen;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::quaternion::EulerAngles;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::start::Start;
use crate::vehicle::thruster::{ThrusterCondition, Wrench};

const SECOND_NS: i64 = 1_000_000_000;
/// Specific impulse times standard gravity \[m/s\].
const EXHAUST_M_S: f64 = 60.0 * 9.80665;

pub(super) fn config() -> Arc<VehicleConfig> {
    let thrusters = sixteen();
    Arc::new(VehicleConfig {
        name: "bot".into(),
        description: String::new(),
        step_ns: 1_000_000,
        mass: MassProperties {
            dry_mass_kg: 300.0,
            dry_inertia_kg_m2: [[125.0, 2.0, -1.0], [2.0, 61.0, 0.5], [-1.0, 0.5, 136.0]],
            tank_radius_m: 0.25,
        },
        propellant_kg: 12.0,
        specific_impulse_s: 60.0,
        window_steps: 250,
        min_on_steps: 10,
        weights: AllocationWeights { torque_weight_per_m: 1.0, propellant_weight: 1e-6 },
        clusters: vec!["all".into(); thrusters.len()],
        thrusters,
        power: None,
        thermal: None,
        docking: None,
        comms: None,
        drive: None,
        radiation: None,
        fingerprint: [7; 32],
    })
}

fn tumbling() -> Vehicle {
    let config = config();
    let start = Start {
        position_m: [10.0, -20.0, 30.0],
        velocity_m_s: [1.0, 2.0, -3.0],
        attitude: EulerAngles { heading_deg: 30.0, pitch_deg: 10.0, roll_deg: -50.0 },
        angular_velocity_rad_s: [0.2, -0.3, 0.1],
        propellant_kg: None,
    };
    let body = start.body(&config).unwrap();
    Vehicle::new(config, body)
}

pub(super) fn at_rest() -> Vehicle {
    let config = config();
    let body = Start::default().body(&config).unwrap();
    Vehicle::new(config, body)
}

fn along(axis: usize, size: f64) -> Wrench {
    let mut wrench = [0.0; 6];
    wrench[axis] = size;
    wrench
}

#[test]
fn the_rate_of_the_caller_changes_no_bit() {
    let run = |pieces: &[i64]| {
        let mut vehicle = tumbling();
        vehicle.command([50.0, 300.0, -20.0, 10.0, 0.0, -30.0], Some(1_600_000_000)).unwrap();
        for _ in 0..2 {
            pieces.iter().for_each(|&piece| vehicle.advance(piece).unwrap());
        }
        (vehicle.state().clone(), vehicle.snapshot())
    };
    let once = run(&[SECOND_NS]);
    assert_eq!(run(&[1_000_000; 1000]), once);
    // 60 Hz does not divide a second into whole nanoseconds, still less into whole steps.
    let mut sixtieths = vec![16_666_667; 59];
    sixtieths.push(SECOND_NS - 59 * 16_666_667);
    assert_eq!(run(&sixtieths), once);
    assert_eq!(run(&[1; 500].iter().copied().chain([999_999_500]).collect::<Vec<_>>()), once);
    assert!(once.0.on_time_s.iter().sum::<f64>() > 1.0);
}

#[test]
fn a_command_gives_its_impulse_and_the_propellant_pays_for_it() {
    for (axis, force_n) in [(0, -50.0), (1, 400.0), (2, 7.0)] {
        let mut vehicle = at_rest();
        vehicle.command(along(axis, force_n), Some(10 * SECOND_NS)).unwrap();
        vehicle.advance(12 * SECOND_NS).unwrap();
        let (body, config) = (vehicle.body(), vehicle.config());
        let burnt_kg = 12.0 - body.propellant_kg;
        // No torque: what is reached of the speed is the rocket equation's, by the canted thrust.
        let mass_ratio = 312.0 / config.mass.mass_kg(body.propellant_kg);
        let most_m_s = EXHAUST_M_S * 0.5_f64.sqrt() * libm::log(mass_ratio);
        assert!((body.velocity_m_s[axis].abs() - most_m_s).abs() < 1e-6 * most_m_s);
        // The last pulse may be owed: at most the minimum on-time of the four thrusters.
        let impulse_n_s = burnt_kg * EXHAUST_M_S * 0.5_f64.sqrt();
        let owed_n_s = (impulse_n_s - 10.0 * force_n.abs()).abs();
        assert!(owed_n_s < 0.01 * 8.0 * 260.0 + 0.1, "{axis}: {impulse_n_s}");
        let spent: f64 = (0..16)
            .map(|k| vehicle.state().on_time_s[k] * config.thrusters[k].thrust_n / EXHAUST_M_S)
            .sum();
        assert!((spent - burnt_kg).abs() < 1e-9, "{spent} {burnt_kg}");
        assert!(vehicle.firing().iter().all(|on| !on));
    }
}

#[test]
fn a_wanted_torque_turns_about_its_axis_alone() {
    let mut vehicle = at_rest();
    let allocation = vehicle.command(along(5, 90.0), Some(2 * SECOND_NS)).unwrap();
    assert!((allocation.wrench[5] - 90.0).abs() < 1e-2);
    vehicle.advance(3 * SECOND_NS).unwrap();
    let body = vehicle.body();
    let momentum = body.angular_momentum_n_m_s[2];
    assert!((momentum - 180.0).abs() < 8.0, "{momentum}");
    assert!(body.velocity_m_s.iter().all(|part| part.abs() < 0.02), "{:?}", body.velocity_m_s);
}

#[test]
fn propellant_ends_at_nothing_and_the_thrust_with_it() {
    let mut vehicle = at_rest();
    vehicle.command(along(1, 700.0), None).unwrap();
    let mut before = vehicle.body().propellant_kg;
    for _ in 0..4000 {
        vehicle.advance(5_000_000).unwrap();
        let now = vehicle.body().propellant_kg;
        assert!((0.0..=before).contains(&now));
        before = now;
    }
    assert_eq!(before, 0.0);
    assert!(vehicle.firing().iter().all(|on| !on));
    // All of it became speed along the bow: the rocket equation for the canted thrust.
    let speed_m_s = EXHAUST_M_S * 0.5_f64.sqrt() * libm::log(312.0 / 300.0);
    let velocity = vehicle.body().velocity_m_s;
    assert!((velocity[1] - speed_m_s).abs() < 1e-9, "{velocity:?} {speed_m_s}");
    vehicle.advance(SECOND_NS).unwrap();
    assert_eq!(vehicle.body().velocity_m_s, velocity);
}

#[test]
fn a_thruster_stuck_open_is_held_against_by_a_command() {
    let mut vehicle = at_rest();
    vehicle.set_condition(5, ThrusterCondition::StuckOpen).unwrap();
    vehicle.command([0.0; 6], None).unwrap();
    vehicle.advance(2 * SECOND_NS).unwrap();
    let held = vehicle.body().angular_momentum_n_m_s;
    assert!(held.iter().all(|part| part.abs() < 10.0), "{held:?}");
    assert!(vehicle.firing()[5] && vehicle.state().on_time_s[5] > 1.99);
    // Without a command nobody does, and the vehicle begins to spin.
    vehicle.stop();
    vehicle.advance(2 * SECOND_NS).unwrap();
    let spun = vehicle.body().angular_momentum_n_m_s;
    assert!(spun.iter().any(|part| part.abs() > 50.0), "{spun:?}");
    vehicle.set_condition(5, ThrusterCondition::StuckClosed).unwrap();
    let coasting = vehicle.body().angular_momentum_n_m_s;
    vehicle.advance(SECOND_NS).unwrap();
    assert_eq!(vehicle.body().angular_momentum_n_m_s, coasting);
}

#[test]
fn a_stop_takes_effect_at_once() {
    let mut vehicle = at_rest();
    vehicle.command(along(1, 735.0), None).unwrap();
    vehicle.advance(1_100_000_000).unwrap();
    assert!(vehicle.firing()[..8].iter().any(|&on| on));
    vehicle.stop();
    let velocity = vehicle.body().velocity_m_s;
    vehicle.advance(SECOND_NS).unwrap();
    assert_eq!(vehicle.body().velocity_m_s, velocity);
}

#[test]
fn a_restored_vehicle_goes_on_to_the_same_bits() {
    let mut vehicle = tumbling();
    vehicle.set_condition(3, ThrusterCondition::StuckOpen).unwrap();
    vehicle.command([20.0, 100.0, -20.0, 5.0, 0.0, -3.0], Some(3 * SECOND_NS)).unwrap();
    vehicle.advance(1_234_567_891).unwrap();
    let bytes = vehicle.snapshot();
    let mut other = Vehicle::restore(config(), &bytes).unwrap();
    assert_eq!(other.state(), vehicle.state());
    for one in [&mut vehicle, &mut other] {
        one.advance(3 * SECOND_NS).unwrap();
    }
    assert_eq!(other.snapshot(), vehicle.snapshot());
    assert_ne!(vehicle.snapshot(), bytes);
}

#[test]
fn a_snapshot_that_is_not_one_of_this_vehicle_is_refused() {
    let bytes = tumbling().snapshot();
    for length in 0..bytes.len() {
        assert!(Vehicle::restore(config(), &bytes[..length]).is_err());
    }
    for index in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 16;
        assert!(Vehicle::restore(config(), &damaged).is_err());
    }
    let other = VehicleConfig { fingerprint: [8; 32], ..VehicleConfig::clone(&config()) };
    let error = Vehicle::restore(Arc::new(other), &bytes).unwrap_err();
    assert!(error.to_string().contains("another configuration"), "{error}");
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut vehicle = tumbling();
    vehicle.advance(SECOND_NS).unwrap();
    let before = vehicle.snapshot();
    assert!(vehicle.advance(-1).is_err());
    assert!(vehicle.advance(i64::MAX).is_err());
    let text = vehicle.advance(3_600_000_000_001).unwrap_err().to_string();
    assert!(text.starts_with("duration_ns is 3600000000001, must be 0 to 3600000000000"), "{text}");
    assert!(vehicle.command(along(2, f64::NAN), None).is_err());
    assert!(vehicle.command(along(4, f64::INFINITY), None).is_err());
    assert!(vehicle.command([0.0; 6], Some(-1)).is_err());
    assert!(vehicle.command([0.0; 6], Some(i64::MAX)).is_err());
    assert!(vehicle.set_condition(16, ThrusterCondition::StuckOpen).is_err());
    assert_eq!(vehicle.snapshot(), before);
}

#[test]
fn a_start_beyond_the_limits_is_refused() {
    let config = config();
    let refused = |start: Start| start.body(&config).unwrap_err().to_string();
    let start = Start::default();
    let text = refused(Start { position_m: [0.0, f64::NAN, 0.0], ..start });
    assert!(text.starts_with("position_m[1] is NaN, must be -100000000 to 100000000"), "{text}");
    let text = refused(Start { angular_velocity_rad_s: [0.0, 0.0, 21.0], ..start });
    assert!(text.starts_with("angular_velocity_rad_s[2] is 21, must be -20 to 20"), "{text}");
    assert!(refused(Start { propellant_kg: Some(12.5), ..start }).contains("must be 0 to 12"));
}
