//! Bodies on which nothing acts, against closed forms, for ten minutes in steps of 1 ms.

use libm::{cos, sin};

use crate::geometry::dot;
use crate::vehicle::mass_properties::{MassProperties, Tensor};
use crate::vehicle::quaternion::{EulerAngles, Quaternion};
use crate::vehicle::rigid_body::{BodyState, Load};

const STEP_S: f64 = 1e-3;
const STEPS: usize = 600_000;

fn body(inertia: Tensor) -> MassProperties {
    MassProperties { dry_mass_kg: 300.0, dry_inertia_kg_m2: inertia, tank_radius_m: 0.25 }
}

const fn diagonal(x: f64, y: f64, z: f64) -> Tensor {
    [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]]
}

fn tumbling(mass: &MassProperties, rate_rad_s: [f64; 3]) -> BodyState {
    let angles = EulerAngles { heading_deg: 40.0, pitch_deg: -20.0, roll_deg: 75.0 };
    let state = BodyState {
        position_m: [3.0, -5.0, 7.0],
        velocity_m_s: [12.0, -3.0, 0.5],
        attitude: Quaternion::from_euler(angles),
        ..BodyState::at_rest(0.0)
    };
    state.turning(mass, rate_rad_s)
}

fn after(mass: &MassProperties, start: BodyState, steps: usize, step_s: f64) -> BodyState {
    (0..steps).fold(start, |state, _| state.advanced(mass, &Load::default(), step_s))
}

/// The turn by an angle about a direction.
fn turn(axis: [f64; 3], angle_rad: f64) -> Quaternion {
    let size = dot(axis, axis).sqrt();
    let (sin, cos) = (sin(0.5 * angle_rad), cos(0.5 * angle_rad));
    Quaternion([cos, sin * axis[0] / size, sin * axis[1] / size, sin * axis[2] / size])
}

fn apart(a: Quaternion, b: Quaternion) -> f64 {
    let sign = if (0..4).map(|k| a.0[k] * b.0[k]).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    (0..4).map(|k| (a.0[k] - sign * b.0[k]).abs()).fold(0.0, f64::max)
}

#[test]
fn energy_and_momentum_do_not_drift() {
    // Up to 10 rad/s about every axis, the unstable middle one included, and a full tensor.
    let full = [[125.0, 8.0, -5.0], [8.0, 61.0, 3.0], [-5.0, 3.0, 136.0]];
    for (inertia, rate_rad_s) in [
        (diagonal(125.0, 61.0, 136.0), [3.0, 1e-3, 1e-3]),
        (full, [2.0, -5.0, 8.0]),
        (full, [0.02, 0.05, -0.01]),
    ] {
        let mass = body(inertia);
        let start = tumbling(&mass, rate_rad_s);
        let end = after(&mass, start, STEPS, STEP_S);
        let [before, now] = [start, end].map(|state| state.rotational_energy_j(&mass));
        assert!((now / before - 1.0).abs() <= 1e-10, "{}", now / before - 1.0);
        assert_eq!(end.angular_momentum_n_m_s, start.angular_momentum_n_m_s);
        assert_eq!(end.velocity_m_s, start.velocity_m_s);
        for axis in 0..3 {
            let expected = start.position_m[axis] + 600.0 * start.velocity_m_s[axis];
            assert!((end.position_m[axis] - expected).abs() < 1e-7 * expected.abs());
        }
    }
}

/// R(t) = Rot(L, |L| t / A) R(0) Rot(z, (1 - C / A) ω_z t), with A = I_x = I_y and C = I_z: L. D.
/// Landau and E. M. Lifshitz, "Mechanics", 3rd ed. (1976), section 33.
#[test]
fn a_symmetric_top_precesses_as_its_closed_form() {
    let (a, c) = (125.0, 40.0);
    let (mass, rate_rad_s) = (body(diagonal(a, a, c)), [0.7, -0.4, 2.5]);
    let start = tumbling(&mass, rate_rad_s);
    let end = after(&mass, start, STEPS, STEP_S);
    let momentum = start.angular_momentum_n_m_s;
    let precession = turn(momentum, dot(momentum, momentum).sqrt() / a * 600.0);
    let spin = turn([0.0, 0.0, 1.0], (1.0 - c / a) * rate_rad_s[2] * 600.0);
    let expected = precession.times(start.attitude).times(spin);
    assert!(apart(end.attitude, expected) < 1e-9, "{}", apart(end.attitude, expected));
}

/// sn, cn and dn by descending Landen transformation: M. Abramowitz and I. A. Stegun, "Handbook of
/// Mathematical Functions" (1964), section 16.4.
fn jacobi(u: f64, parameter: f64) -> [f64; 3] {
    let (mut means, mut halves) = (vec![1.0], vec![parameter.sqrt()]);
    let mut b = (1.0 - parameter).sqrt();
    while halves[halves.len() - 1] > 1e-17 && means.len() < 20 {
        let a = means[means.len() - 1];
        means.push(0.5 * (a + b));
        halves.push(0.5 * (a - b));
        b = (a * b).sqrt();
    }
    let doublings = f64::from(1_u32 << (means.len() - 1));
    let mut phase = doublings * means[means.len() - 1] * u;
    for k in (1..means.len()).rev() {
        phase = 0.5 * (phase + libm::asin(halves[k] / means[k] * sin(phase)));
    }
    let sn = sin(phase);
    [sn, cos(phase), (1.0 - parameter * sn * sn).sqrt()]
}

/// Landau and Lifshitz, equations (37.8) to (37.10), for I1 < I2 < I3 and L² > 2 E I2.
#[test]
fn an_asymmetric_top_turns_by_elliptic_functions() {
    let (i1, i2, i3) = (61.0_f64, 125.0, 136.0);
    let (w1, w3) = (0.3, 1.9);
    let (doubled_energy, momentum) =
        (i1 * w1 * w1 + i3 * w3 * w3, i1 * i1 * w1 * w1 + i3 * i3 * w3 * w3);
    assert!(momentum > doubled_energy * i2);
    let rest = momentum - doubled_energy * i1;
    let pace = ((i3 - i2) * rest / (i1 * i2 * i3)).sqrt();
    let parameter = (i2 - i1) * (doubled_energy * i3 - momentum) / ((i3 - i2) * rest);
    // Axes 1, 2 and 3 are Y, X and Z reversed, so that they are right-handed.
    let mass = body(diagonal(i2, i1, i3));
    let mut state = tumbling(&mass, [0.0, w1, -w3]);
    for second in [1.0, 60.0, 600.0] {
        state = after(&mass, tumbling(&mass, [0.0, w1, -w3]), (second * 1e3) as usize, STEP_S);
        let [sn, cn, dn] = jacobi(pace * second, parameter);
        let w2 = ((doubled_energy * i3 - momentum) / (i2 * (i3 - i2))).sqrt() * sn;
        let expected = [w2, w1 * cn, -w3 * dn];
        let found = state.angular_velocity_rad_s(&mass);
        for axis in 0..3 {
            assert!((found[axis] - expected[axis]).abs() < 1e-9, "{found:?} {expected:?}");
        }
    }
    assert!(state.rotational_energy_j(&mass) > 0.0);
}

#[test]
fn the_error_falls_with_the_sixth_power_of_the_step() {
    let mass = body([[125.0, 8.0, -5.0], [8.0, 61.0, 3.0], [-5.0, 3.0, 136.0]]);
    let start = tumbling(&mass, [1.0, -2.0, 1.5]);
    let reference = after(&mass, start, 4096, 2.0 / 4096.0);
    let error = |steps: usize| {
        apart(after(&mass, start, steps, 2.0 / steps as f64).attitude, reference.attitude)
    };
    for steps in [32, 64] {
        let order = libm::log2(error(steps) / error(2 * steps));
        assert!((5.5..6.7).contains(&order), "{order}");
    }
}
