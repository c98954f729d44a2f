//! Docking: springs against closed forms, what is conserved, phases, the push of a release.

use std::sync::Arc;

use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking::config::{DockingConfig, DockingLimits, Port, SoftCapture};
use crate::vehicle::docking::mechanism::DockingPhase;
use crate::vehicle::docking::relative::PortPose;
use crate::vehicle::events::EventKind;
use crate::vehicle::quaternion::{EulerAngles, Quaternion};
use crate::vehicle::rigid_body::BodyState;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::simulation_test::config as plain_config;

const SECOND_NS: i64 = 1_000_000_000;
const STEP_NS: i64 = 1_000_000;
const MASS_KG: f64 = 312.0;
pub(super) const SOFT: SoftCapture = SoftCapture {
    stiffness_n_per_m: 150.0,
    damping_n_s_per_m: 60.0,
    angular_stiffness_n_m_per_rad: 90.0,
    angular_damping_n_m_s_per_rad: 20.0,
    reach_m: 0.4,
};
const CAPTURE: DockingLimits =
    DockingLimits { distance_m: 0.2, speed_m_s: 0.2, angle_rad: 0.2, rate_rad_s: 0.2 };
/// Limits that nothing meets.
pub(super) const NEVER: DockingLimits =
    DockingLimits { distance_m: 0.0, speed_m_s: 0.0, angle_rad: 0.0, rate_rad_s: 0.0 };

/// A port at the bow and one at the side that is turned.
pub(super) fn docking(soft: SoftCapture, latch: DockingLimits) -> DockingConfig {
    let bow =
        Port { name: "A".into(), position_m: [0.0, 1.0, 0.0], attitude: Quaternion::IDENTITY };
    let angles = EulerAngles { heading_deg: 90.0, pitch_deg: 20.0, roll_deg: -30.0 };
    let attitude = Quaternion::from_euler(angles);
    let side = Port { name: "B".into(), position_m: [0.6, 0.2, -0.1], attitude };
    DockingConfig {
        range_m: 10.0,
        cone_cos: 0.9,
        capture: CAPTURE,
        soft,
        latch,
        release_impulse_n_s: 15.0,
        ports: vec![bow, side],
    }
}

pub(super) fn station(velocity_m_s: [f64; 3]) -> PortPose {
    let angles = EulerAngles { heading_deg: 200.0, pitch_deg: 10.0, roll_deg: 35.0 };
    let attitude = Quaternion::from_euler(angles);
    PortPose { position_m: [40.0, -7.0, 3.0], velocity_m_s, attitude }
}

/// A vehicle that was captured with a body which `change` made of a docked one.
fn captured(
    docking: DockingConfig,
    port: usize,
    pose: PortPose,
    change: impl FnOnce(&VehicleConfig, BodyState) -> BodyState,
) -> Vehicle {
    let mut config = VehicleConfig::clone(&plain_config());
    // A diagonal inertia, so that the axes turn each for itself.
    config.mass.dry_inertia_kg_m2 = [[125.0, 0.0, 0.0], [0.0, 61.0, 0.0], [0.0, 0.0, 136.0]];
    let name = docking.ports[port].name.clone();
    let body = change(&config, pose.docked(&docking.ports[port], 12.0));
    config.docking = Some(docking);
    let mut vehicle = Vehicle::new(Arc::new(config), body);
    vehicle.set_station_port(Some(pose)).unwrap();
    vehicle.engage_port(&name).unwrap();
    vehicle.advance(STEP_NS).unwrap();
    assert_eq!(phase(&vehicle), DockingPhase::Approach);
    vehicle.advance(STEP_NS).unwrap();
    assert_eq!(phase(&vehicle), DockingPhase::Captured);
    vehicle
}

fn phase(vehicle: &Vehicle) -> DockingPhase {
    vehicle.docking().unwrap().1.phase
}

/// A damped oscillation: place and speed after a time, of m x'' + c x' + k x = 0 with c² < 4 k m.
fn oscillation(m: f64, c: f64, k: f64, [x, v]: [f64; 2], time_s: f64) -> [f64; 2] {
    let decay = c / (2.0 * m);
    let rate = (k / m - decay * decay).sqrt();
    let (sin, cos) = (libm::sin(rate * time_s), libm::cos(rate * time_s));
    let side = (v + decay * x) / rate;
    let envelope = libm::exp(-decay * time_s);
    let place = envelope * (x * cos + side * sin);
    let speed = envelope * ((side * rate - decay * x) * cos - (decay * side + rate * x) * sin);
    [place, speed]
}

#[test]
fn along_and_about_the_axis_soft_capture_is_a_damped_oscillation() {
    let roll = Quaternion::from_euler(EulerAngles { roll_deg: 8.0, ..EulerAngles::default() });
    let mut vehicle = captured(docking(SOFT, NEVER), 0, station([2.0, -5.0, 0.3]), |_, body| {
        let back = body.attitude.to_world([0.0, -0.05, 0.0]);
        let attitude = body.attitude.times(roll);
        let drift = body.attitude.to_world([0.0, -0.1, 0.0]);
        BodyState {
            position_m: std::array::from_fn(|axis| body.position_m[axis] + back[axis]),
            velocity_m_s: std::array::from_fn(|axis| body.velocity_m_s[axis] + drift[axis]),
            attitude,
            ..body
        }
    });
    let axis = vehicle.body().attitude.to_world([0.0, 1.0, 0.0]);
    let along = |vector: [f64; 3]| crate::geometry::dot(vector, axis);
    let start = vehicle.docking_relative().unwrap();
    let inertia = 61.0 + 12.0 * 0.4 * 0.25 * 0.25;
    for second in 1..=20 {
        vehicle.advance(SECOND_NS).unwrap();
        assert_eq!(phase(&vehicle), DockingPhase::Captured);
        let (now, time_s) = (vehicle.docking_relative().unwrap(), f64::from(second));
        let place = [along(start.offset_m), along(start.velocity_m_s)];
        let turn = [along(start.turn_rad), along(start.rate_rad_s)];
        let [x, v] = oscillation(MASS_KG, 60.0, 150.0, place, time_s);
        let [angle, rate] = oscillation(inertia, 20.0, 90.0, turn, time_s);
        let errors = [
            along(now.offset_m) - x,
            along(now.velocity_m_s) - v,
            along(now.turn_rad) - angle,
            along(now.rate_rad_s) - rate,
        ];
        assert!(errors.iter().all(|error| error.abs() < 1e-11), "{second} s: {errors:?}");
        assert!((now.distance_m() - x.abs()).abs() < 1e-11);
    }
}

#[test]
fn without_dampers_the_energy_stays_and_with_them_it_falls() {
    for port in [0, 1] {
        for damping in [0.0, 25.0] {
            let soft = SoftCapture {
                damping_n_s_per_m: damping,
                angular_damping_n_m_s_per_rad: damping,
                ..SOFT
            };
            let pose = station([0.0; 3]);
            let mut vehicle = captured(docking(soft, NEVER), port, pose, |config, body| {
                let turn = EulerAngles { heading_deg: 5.0, pitch_deg: -4.0, roll_deg: 6.0 };
                let attitude = body.attitude.times(Quaternion::from_euler(turn));
                let body = BodyState { attitude, velocity_m_s: [0.02, -0.05, 0.03], ..body };
                body.turning(&config.mass, [0.02, -0.05, 0.04])
            });
            let energy_j = |vehicle: &Vehicle| {
                let (body, mass) = (vehicle.body(), &vehicle.config().mass);
                let spring_j = vehicle.docking_relative().unwrap().spring_energy_j(&soft);
                spring_j + body.rotational_energy_j(mass) + body.translational_energy_j(mass)
            };
            let mut before_j = energy_j(&vehicle);
            let start_j = before_j;
            for _ in 0..60 {
                vehicle.advance(SECOND_NS).unwrap();
                let now_j = energy_j(&vehicle);
                if damping == 0.0 {
                    assert!((now_j / start_j - 1.0).abs() < 1e-10, "{}", now_j / start_j - 1.0);
                } else {
                    assert!(now_j < before_j);
                }
                before_j = now_j;
            }
        }
    }
}

#[test]
fn a_station_that_moves_is_the_same_as_one_at_rest() {
    let after = |velocity_m_s| {
        let pose = station(velocity_m_s);
        let mut vehicle = captured(docking(SOFT, NEVER), 1, pose, |config, body| {
            body.turning(&config.mass, [0.05, 0.1, -0.05])
        });
        vehicle.command([3.0, 40.0, -5.0, 1.0, 2.0, -1.0], Some(SECOND_NS)).unwrap();
        vehicle.advance(7 * SECOND_NS).unwrap();
        vehicle.docking_relative().unwrap()
    };
    let (still, moving) = (after([0.0; 3]), after([300.0, -120.0, 44.0]));
    let pairs = [
        (still.offset_m, moving.offset_m),
        (still.velocity_m_s, moving.velocity_m_s),
        (still.turn_rad, moving.turn_rad),
        (still.rate_rad_s, moving.rate_rad_s),
    ];
    for (one, other) in pairs {
        // Positions of some kilometres are rounded to 1e-12 m in each step.
        assert!(one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-8), "{one:?} {other:?}");
    }
    assert!(still.distance_m() > 1e-3);
}

#[test]
fn a_settled_port_is_latched_and_moves_with_its_station() {
    let latch =
        DockingLimits { distance_m: 0.01, speed_m_s: 0.01, angle_rad: 0.02, rate_rad_s: 0.02 };
    let pose = station([1.0, 0.5, -0.25]);
    let mut vehicle = captured(docking(SOFT, latch), 0, pose, |_, body| BodyState {
        velocity_m_s: [1.05, 0.5, -0.25],
        ..body
    });
    vehicle.advance(60 * SECOND_NS).unwrap();
    assert_eq!(phase(&vehicle), DockingPhase::Latched);
    // Thrusters burn, but the latches hold.
    vehicle.command([0.0, -300.0, 0.0, 0.0, 0.0, 40.0], None).unwrap();
    vehicle.advance(10 * SECOND_NS).unwrap();
    vehicle.stop();
    let body = *vehicle.body();
    assert!(body.propellant_kg < 12.0);
    let expected = pose.after(70.002).docked(&vehicle.docking().unwrap().0.ports[0], 0.0);
    assert!((0..3).all(|k| (body.position_m[k] - expected.position_m[k]).abs() < 1e-9));
    assert_eq!((body.velocity_m_s, body.angular_momentum_n_m_s), (pose.velocity_m_s, [0.0; 3]));
    let kinds: Vec<_> = vehicle.take_events().map(|event| event.kind).collect();
    let expected = [EventKind::PortApproached, EventKind::PortCaptured, EventKind::PortLatched];
    assert_eq!(kinds, expected);
}

#[test]
fn a_release_pushes_off_with_its_impulse() {
    for port in [0, 1] {
        let pose = station([1.0, 0.5, -0.25]);
        let mut vehicle = captured(docking(SOFT, CAPTURE), port, pose, |_, body| body);
        vehicle.advance(STEP_NS).unwrap();
        assert_eq!(phase(&vehicle), DockingPhase::Latched);
        let before = *vehicle.body();
        vehicle.release_port().unwrap();
        let (after, mass) = (*vehicle.body(), vehicle.config().mass);
        let out = pose.attitude.to_world([0.0, 1.0, 0.0]);
        let arm = before.attitude.to_world(vehicle.docking().unwrap().0.ports[port].position_m);
        let turn = crate::geometry::cross(arm, out.map(|part| 15.0 * part));
        for axis in 0..3 {
            let pushed = MASS_KG * (after.velocity_m_s[axis] - before.velocity_m_s[axis]);
            assert!((pushed - 15.0 * out[axis]).abs() < 1e-9);
            assert!((after.angular_momentum_n_m_s[axis] - turn[axis]).abs() < 1e-9);
        }
        assert_eq!((after.position_m, after.attitude), (before.position_m, before.attitude));
        // What it gained is what the impulse does along the way of its point: J v / 2.
        let energy_j = after.rotational_energy_j(&mass) + 0.5 * 15.0 * 15.0 / MASS_KG;
        let rate = after.attitude.to_world(after.angular_velocity_rad_s(&mass));
        let sweep = crate::geometry::cross(rate, arm);
        let speed = 15.0 / MASS_KG + crate::geometry::dot(sweep, out);
        assert!((energy_j - 0.5 * 15.0 * speed).abs() < 1e-9);
        vehicle.advance(SECOND_NS).unwrap();
        let (_, docking) = vehicle.docking().unwrap();
        assert_eq!((docking.phase, docking.port), (DockingPhase::Free, None));
        let last = vehicle.take_events().last().unwrap();
        assert_eq!((last.kind, last.subject), (EventKind::PortReleased, port));
    }
}

#[test]
fn a_port_that_is_torn_away_or_leaves_the_cone_is_free() {
    let mut vehicle = captured(docking(SOFT, NEVER), 0, station([0.0; 3]), |_, body| body);
    vehicle.command([0.0, -300.0, 0.0, 0.0, 0.0, 0.0], Some(4 * SECOND_NS)).unwrap();
    vehicle.advance(20 * SECOND_NS).unwrap();
    assert_eq!(phase(&vehicle), DockingPhase::Free);
    let kinds: Vec<_> = vehicle.take_events().map(|event| event.kind).collect();
    let expected = [
        EventKind::PortApproached,
        EventKind::PortCaptured,
        EventKind::PortLeft,
        EventKind::PortApproached,
        EventKind::PortLeft,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a_restored_vehicle_docks_to_the_same_bits() {
    let pose = station([1.0, 2.0, 3.0]);
    let mut vehicle = captured(docking(SOFT, NEVER), 1, pose, |config, body| {
        body.turning(&config.mass, [0.1, 0.0, -0.1])
    });
    vehicle.advance(SECOND_NS).unwrap();
    let mut other = Vehicle::restore(Arc::clone(vehicle.config()), &vehicle.snapshot()).unwrap();
    assert_eq!(other.state(), vehicle.state());
    for one in [&mut vehicle, &mut other] {
        one.advance(SECOND_NS).unwrap();
    }
    assert_eq!(other.snapshot(), vehicle.snapshot());
}

#[test]
fn what_docking_refuses_changes_nothing() {
    let mut vehicle = captured(docking(SOFT, NEVER), 0, station([0.0; 3]), |_, body| body);
    let before = vehicle.snapshot();
    let message = |result: crate::error::Result<()>| result.unwrap_err().to_string();
    assert!(message(vehicle.engage_port("C")).starts_with("port is \"C\", must be A, B"));
    assert!(message(vehicle.engage_port("B")).contains("must be \"A\", which is held"));
    assert!(message(vehicle.set_station_port(None)).contains("known while a port is held"));
    let far = PortPose { position_m: [0.0, f64::NAN, 0.0], ..station([0.0; 3]) };
    assert!(message(vehicle.set_station_port(Some(far))).starts_with("position_m[1] is NaN"));
    let far = PortPose { position_m: [0.0, 1e6, 0.0], ..station([0.0; 3]) };
    assert!(message(vehicle.set_station_port(Some(far))).contains("must be within 0.4 m of where"));
    assert_eq!(vehicle.snapshot(), before);
    vehicle.release_port().unwrap();
    assert!(message(vehicle.release_port()).contains("port is none, must be engaged"));
    vehicle.set_station_port(None).unwrap();
    let plain = plain_config();
    let mut plain = Vehicle::new(plain, BodyState::at_rest(12.0));
    assert!(message(plain.engage_port("A")).contains("docking is absent"));
    assert!(message(plain.release_port()).contains("docking is absent"));
}
