//! The drive against closed forms: speed, turns, power, and that it is one run at any rate.

use std::sync::Arc;

use crate::numeric::{DEG_PER_RAD, wrap_180};
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::drive::config::{Damper, DriveConfig, TurnLaw};
use crate::vehicle::drive::task::{DriveEnd, MotorCondition};
use crate::vehicle::power::plane_test::config as power_config;
use crate::vehicle::quaternion::EulerAngles;
use crate::vehicle::rigid_body::BodyState;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::simulation_test::config as plain_config;
use crate::vehicle::start::Start;

const SECOND_NS: i64 = 1_000_000_000;
const MASS_KG: f64 = 312.0;
const GAIN_N_S_PER_M: f64 = 200.0;
const MAXIMUM_N: f64 = 60.0;
const TRACK_M: f64 = 1.2;

/// A drive whose forces have no limit that is met.
pub(super) fn drive() -> DriveConfig {
    DriveConfig {
        maximum_m_s: 1.0,
        positions_m: [[-0.5 * TRACK_M, 0.0, 0.0], [0.5 * TRACK_M, 0.0, 0.0]],
        servo: Damper { gain_n_s_per_m: GAIN_N_S_PER_M, maximum_force_n: 1e6 },
        grip: Damper { gain_n_s_per_m: 500.0, maximum_force_n: 1e6 },
        rest_m_s: 1e-6,
        turn: TurnLaw {
            speed_m_s: 0.25,
            closing_per_s: 0.2,
            tolerance_deg: 0.5,
            limit_ns: 60 * SECOND_NS,
        },
        power_w_per_m_s: 40.0,
        load: None,
    }
}

/// A vehicle whose axes turn each for itself.
fn config_with(drive: DriveConfig) -> VehicleConfig {
    let mut config = VehicleConfig::clone(&plain_config());
    config.mass.dry_inertia_kg_m2 = [[125.0, 0.0, 0.0], [0.0, 61.0, 0.0], [0.0, 0.0, 136.0]];
    config.drive = Some(drive);
    config
}

fn with(drive: DriveConfig, start: &Start) -> Vehicle {
    let config = config_with(drive);
    let body = start.body(&config).unwrap();
    Vehicle::new(Arc::new(config), body)
}

fn at_rest(drive: DriveConfig) -> Vehicle {
    with(drive, &Start::default())
}

fn saturating() -> DriveConfig {
    let servo = Damper { gain_n_s_per_m: GAIN_N_S_PER_M, maximum_force_n: MAXIMUM_N };
    DriveConfig { servo, ..drive() }
}

/// Angular velocity about the vertical, clockwise \[rad/s\].
fn rate_rad_s(vehicle: &Vehicle) -> f64 {
    -vehicle.body().angular_velocity_rad_s(&vehicle.config().mass)[2]
}

fn inertia_kg_m2(vehicle: &Vehicle) -> f64 {
    vehicle.config().mass.inertia_kg_m2(12.0)[2][2]
}

fn near(value: f64, expected: f64, most: f64) {
    assert!((value - expected).abs() <= most, "{value} is not {expected} within {most}");
}

#[test]
fn the_speed_comes_to_what_is_told_by_a_first_order_law() {
    let mut vehicle = at_rest(drive());
    vehicle.set_drive([0.8, 0.8], None).unwrap();
    let (rate, told) = (2.0 * GAIN_N_S_PER_M / MASS_KG, 0.8);
    for tenth in 1..=50 {
        vehicle.advance(SECOND_NS / 10).unwrap();
        let time_s = f64::from(tenth) / 10.0;
        let decay = libm::exp(-rate * time_s);
        let body = vehicle.body();
        near(body.velocity_m_s[1], told * (1.0 - decay), 1e-12);
        near(body.position_m[1], told * (time_s - (1.0 - decay) / rate), 1e-12);
        assert_eq!((body.velocity_m_s[0], rate_rad_s(&vehicle)), (0.0, 0.0));
    }
}

#[test]
fn it_is_accelerated_evenly_while_the_motors_give_their_most() {
    let mut vehicle = at_rest(saturating());
    vehicle.set_drive([-1.0, -1.0], None).unwrap();
    vehicle.advance(SECOND_NS).unwrap();
    let acceleration = -2.0 * MAXIMUM_N / MASS_KG;
    near(vehicle.body().velocity_m_s[1], acceleration, 1e-13);
    near(vehicle.body().position_m[1], 0.5 * acceleration, 1e-13);
}

#[test]
fn wheels_of_different_speed_go_in_a_circle() {
    let mut vehicle = at_rest(drive());
    vehicle.set_drive([0.6, 0.3], None).unwrap();
    vehicle.advance(60 * SECOND_NS).unwrap();
    // v = (l + r) / 2 and ω = (l - r) / track; the grip gives the centripetal force m v ω, so that it
    // slips outwards, to port, by m v ω / 2 g; and of it the bow is slowed by nothing.
    let (speed, rate) = (0.45, 0.3 / TRACK_M);
    near(rate_rad_s(&vehicle), rate, 1e-12);
    let body = vehicle.body();
    let [across, along, up] = body.attitude.to_body(body.velocity_m_s);
    // In the turning frame m (a' - ω s) = -2 g_a (a - v) and m (s' + ω a) = -2 g_s s, with s to port.
    let (servo, grip, turn) = (2.0 * GAIN_N_S_PER_M, 1000.0, MASS_KG * rate);
    let forward = servo * speed / (servo + turn * turn / grip);
    near(along, forward, 1e-12);
    near(across, -turn * forward / grip, 1e-12);
    assert_eq!(up, 0.0);
}

#[test]
fn it_goes_where_its_bow_points() {
    let start = Start { velocity_m_s: [0.9, 0.0, 0.0], ..Start::default() };
    let mut vehicle = with(drive(), &start);
    vehicle.set_drive([0.0, 0.0], None).unwrap();
    vehicle.advance(SECOND_NS).unwrap();
    near(vehicle.body().velocity_m_s[0], 0.9 * libm::exp(-1000.0 / MASS_KG), 1e-12);
    let grip = Damper { gain_n_s_per_m: 500.0, maximum_force_n: 10.0 };
    let mut vehicle = with(DriveConfig { grip, ..drive() }, &start);
    vehicle.set_drive([0.0, 0.0], None).unwrap();
    vehicle.advance(SECOND_NS).unwrap();
    near(vehicle.body().velocity_m_s[0], 0.9 - 20.0 / MASS_KG, 1e-12);
}

#[test]
fn it_turns_by_the_angle_and_lets_go() {
    for (from_deg, angle_deg) in
        [(0.0, 90.0), (350.0, 30.0), (10.0, -45.5), (123.0, 360.0), (0.0, -1.0), (5.0, 0.0)]
    {
        let attitude = EulerAngles { heading_deg: from_deg, ..EulerAngles::default() };
        let mut vehicle = with(drive(), &Start { attitude, ..Start::default() });
        vehicle.turn_drive(angle_deg).unwrap();
        let (mut turned_deg, mut last_deg) = (0.0, from_deg);
        for _ in 0..600 {
            vehicle.advance(SECOND_NS / 10).unwrap();
            let heading_deg = vehicle.body().attitude.euler().heading_deg;
            turned_deg += wrap_180(heading_deg - last_deg);
            last_deg = heading_deg;
            let sign = if angle_deg < 0.0 { -1.0 } else { 1.0 };
            assert!(turned_deg * sign <= angle_deg.abs() + 1e-9, "{turned_deg} of {angle_deg}");
        }
        near(turned_deg, angle_deg, 0.5);
        let (_, drive) = vehicle.drive().unwrap();
        assert!(drive.is_idle());
        assert_eq!(drive.ended, Some(DriveEnd::Turned));
        assert!(rate_rad_s(&vehicle).abs() * 0.5 * TRACK_M <= 1e-6);
        assert!(vehicle.body().position_m.iter().all(|part| part.abs() < 1e-9));
    }
}

#[test]
fn a_turn_goes_by_the_law_of_its_servo() {
    let mut config = drive();
    config.turn.closing_per_s = 0.1;
    let mut vehicle = at_rest(config);
    vehicle.turn_drive(30.0).unwrap();
    vehicle.advance(4 * SECOND_NS).unwrap();
    // T e'' + e' + c e = 0 with T = I / (2 g x²), from e = 30 deg at rest; told anew at each step.
    let time_constant_s =
        inertia_kg_m2(&vehicle) / (2.0 * GAIN_N_S_PER_M * 0.25 * TRACK_M * TRACK_M);
    let root = (1.0 - 0.4 * time_constant_s).sqrt();
    let rates = [1.0 - root, 1.0 + root].map(|part| 0.5 * part / time_constant_s);
    let left = [(rates[1], -rates[0]), (rates[0], -rates[1])]
        .map(|(weight, rate)| weight * libm::exp(rate * 4.0));
    let left_deg = 30.0 * (left[0] - left[1]) / (rates[1] - rates[0]);
    near(vehicle.body().attitude.euler().heading_deg, 30.0 - left_deg, 0.01);
}

#[test]
fn a_turn_that_is_held_up_is_given_up() {
    let mut config = drive();
    config.turn.limit_ns = 5 * SECOND_NS;
    let mut vehicle = at_rest(config);
    vehicle.set_motor_condition(0, MotorCondition::Blocked).unwrap();
    vehicle.set_motor_condition(1, MotorCondition::Blocked).unwrap();
    vehicle.turn_drive(90.0).unwrap();
    vehicle.advance(5 * SECOND_NS).unwrap();
    assert!(!vehicle.drive().unwrap().1.is_idle());
    vehicle.advance(SECOND_NS).unwrap();
    let (_, drive) = vehicle.drive().unwrap();
    assert!(drive.is_idle());
    assert_eq!(drive.ended, Some(DriveEnd::TimeOver));
    assert_eq!(vehicle.body().attitude.euler().heading_deg, 0.0);
}

#[test]
fn a_speed_ends_with_its_time_and_it_brakes() {
    let mut vehicle = at_rest(drive());
    vehicle.set_drive([1.0, 1.0], Some(2 * SECOND_NS)).unwrap();
    vehicle.advance(3 * SECOND_NS).unwrap();
    let rate = 2.0 * GAIN_N_S_PER_M / MASS_KG;
    let reached = 1.0 - libm::exp(-2.0 * rate);
    near(vehicle.body().velocity_m_s[1], reached * libm::exp(-rate), 1e-12);
    assert_eq!(vehicle.drive().unwrap().1.ended, Some(DriveEnd::TimeOver));
    vehicle.advance(20 * SECOND_NS).unwrap();
    assert!(vehicle.drive().unwrap().1.is_idle());
    assert!(vehicle.body().velocity_m_s[1] <= 1e-6);
}

#[test]
fn a_second_stop_lets_go_of_wheels_that_do_not_rest() {
    let mut vehicle = at_rest(drive());
    vehicle.set_drive([1.0, 1.0], None).unwrap();
    vehicle.advance(SECOND_NS).unwrap();
    vehicle.stop_drive().unwrap();
    vehicle.advance(SECOND_NS / 10).unwrap();
    assert!(!vehicle.drive().unwrap().1.is_idle());
    vehicle.stop_drive().unwrap();
    let (_, drive) = vehicle.drive().unwrap();
    assert!(drive.is_idle() && drive.ended == Some(DriveEnd::Told));
    let before = vehicle.body().velocity_m_s[1];
    vehicle.advance(SECOND_NS).unwrap();
    assert!(before > 0.01 && vehicle.body().velocity_m_s[1] == before);
}

#[test]
fn a_motor_that_fails_turns_the_vehicle() {
    let run = |condition| {
        let mut vehicle = at_rest(saturating());
        vehicle.set_motor_condition(1, condition).unwrap();
        vehicle.set_drive([1.0, 1.0], None).unwrap();
        vehicle.advance(SECOND_NS / 10).unwrap();
        (rate_rad_s(&vehicle), vehicle.body().attitude.to_body(vehicle.body().velocity_m_s)[1])
    };
    let (rate, along) = run(MotorCondition::Free);
    let inertia = inertia_kg_m2(&at_rest(drive()));
    near(rate, 0.1 * MAXIMUM_N * 0.5 * TRACK_M / inertia, 1e-9);
    near(along, 0.1 * MAXIMUM_N / MASS_KG, 1e-5);
    let (blocked_rate, blocked_along) = run(MotorCondition::Blocked);
    assert!(blocked_rate > rate && blocked_along < along);
}

/// The drive is load number 1 of `plane_test.rs`, 40 W.
fn powered(drive: DriveConfig) -> Vehicle {
    let mut config = config_with(DriveConfig { load: Some(1), ..drive });
    let mut power = power_config();
    power.loads[1].demand_w = 0.0;
    config.power = Some(power);
    Vehicle::new(Arc::new(config), BodyState::at_rest(12.0))
}

fn used_j(vehicle: &Vehicle) -> f64 {
    vehicle.power().unwrap().1.used.energy_j
}

#[test]
fn it_draws_forty_watts_for_each_metre_per_second() {
    for (parts, watts) in [([1.0, 1.0], 40.0), ([0.5, -0.5], 20.0), ([1.0, 0.0], 20.0)] {
        let (mut driven, mut idle) = (powered(drive()), powered(drive()));
        driven.set_drive(parts, Some(5 * SECOND_NS)).unwrap();
        for vehicle in [&mut driven, &mut idle] {
            vehicle.advance(5 * SECOND_NS).unwrap();
        }
        assert_eq!(driven.power().unwrap().1.loads.0[1].power_w, watts);
        near(used_j(&driven) - used_j(&idle), 5.0 * watts, 1e-9);
        // Brakes take nothing.
        driven.advance(40 * SECOND_NS).unwrap();
        idle.advance(40 * SECOND_NS).unwrap();
        near(used_j(&driven) - used_j(&idle), 5.0 * watts, 1e-8);
        assert!(driven.drive().unwrap().1.is_idle());
    }
}

#[test]
fn less_power_is_less_force_and_none_is_refused() {
    let mut vehicle = powered(saturating());
    vehicle.set_drive([1.0, 1.0], None).unwrap();
    vehicle.state.power.as_mut().unwrap().loads.0[1].is_on = false;
    vehicle.advance(SECOND_NS).unwrap();
    assert_eq!(vehicle.body().velocity_m_s, [0.0; 3]);
    let before = vehicle.snapshot();
    let error = vehicle.set_drive([0.5, 0.5], None).unwrap_err().to_string();
    assert!(error.contains("the drive's load is off, must be on"), "{error}");
    let error = vehicle.set_load("drive", None, Some(1.0)).unwrap_err().to_string();
    assert!(error.contains("which is the drive at work"), "{error}");
    assert_eq!(vehicle.snapshot(), before);
    // With the radar shed about 20 W are left for the drive.
    let mut config = VehicleConfig::clone(vehicle.config());
    config.power.as_mut().unwrap().maximum_a = 85.0 / config.power.as_ref().unwrap().nominal_v;
    let mut vehicle = Vehicle::new(Arc::new(config), BodyState::at_rest(12.0));
    vehicle.set_drive([1.0, 1.0], None).unwrap();
    vehicle.advance(SECOND_NS / 100).unwrap();
    let part = vehicle.power().unwrap().1.loads.0[1].power_w / 40.0;
    assert!((0.1..0.9).contains(&part), "{part}");
    assert_eq!(vehicle.drive().unwrap().1.power_part, part);
    near(vehicle.body().velocity_m_s[1], 0.01 * part * 2.0 * MAXIMUM_N / MASS_KG, 1e-5);
}

#[test]
fn the_rate_of_the_caller_changes_no_bit_and_a_snapshot_goes_on() {
    let begun = || {
        let start = Start { velocity_m_s: [0.1, 0.3, 0.0], ..Start::default() };
        let mut vehicle = with(saturating(), &start);
        vehicle.turn_drive(-70.0).unwrap();
        vehicle
    };
    let (mut whole, mut pieces) = (begun(), begun());
    for second in 0..4 {
        whole.advance(SECOND_NS).unwrap();
        for _ in 0..1000 {
            pieces.advance(SECOND_NS / 1000).unwrap();
        }
        assert!(!pieces.drive().unwrap().1.is_idle());
        assert_eq!(whole.snapshot(), pieces.snapshot(), "{second}");
        pieces = Vehicle::restore(Arc::clone(pieces.config()), &pieces.snapshot()).unwrap();
        assert_eq!(whole.state(), pieces.state());
    }
    whole.advance(30 * SECOND_NS).unwrap();
    pieces.advance(30 * SECOND_NS).unwrap();
    assert_eq!(whole.state(), pieces.state());
    near(whole.body().attitude.euler().heading_deg, 290.0, 0.5);
}

#[test]
fn an_idle_drive_changes_nothing() {
    let rate = 100.0 / DEG_PER_RAD;
    let start = Start {
        velocity_m_s: [1.0, -2.0, 0.5],
        angular_velocity_rad_s: [0.3, rate, -0.2],
        ..Start::default()
    };
    let mut vehicle = with(drive(), &start);
    let mut config = VehicleConfig::clone(vehicle.config());
    config.drive = None;
    let mut without = Vehicle::new(Arc::new(config), *vehicle.body());
    vehicle.stop_drive().unwrap();
    for vehicle in [&mut vehicle, &mut without] {
        vehicle.command([10.0, 200.0, 0.0, 0.0, 5.0, 0.0], Some(SECOND_NS)).unwrap();
        vehicle.advance(3 * SECOND_NS).unwrap();
    }
    assert_eq!(vehicle.body(), without.body());
    for told in [without.set_drive([0.0; 2], None), without.turn_drive(1.0), without.stop_drive()] {
        assert!(told.unwrap_err().to_string().starts_with("drive is absent"));
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut vehicle = at_rest(drive());
    let before = vehicle.snapshot();
    let refusals = [
        (vehicle.set_drive([1.01, 0.0], None), "left is 1.01, must be -1 to 1"),
        (vehicle.set_drive([0.0, f64::NAN], None), "right is NaN, must be -1 to 1"),
        (vehicle.set_drive([0.0, 0.0], Some(-1)), "duration_ns is -1, must be 0"),
        (vehicle.turn_drive(-361.0), "angle_deg is -361, must be -360 to 360"),
        (vehicle.turn_drive(f64::INFINITY), "angle_deg is inf, must be"),
        (vehicle.set_motor_condition(2, MotorCondition::Free), "motor is 2, must be 0 to 1"),
    ];
    for (result, text) in refusals {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    assert_eq!(vehicle.snapshot(), before);
}
