//! Bodies under constant loads, against closed forms.

use libm::{cos, log, sin};

use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::rigid_body::{BodyState, Load};

const STEP_S: f64 = 1e-3;
const MASS: MassProperties = MassProperties {
    dry_mass_kg: 300.0,
    dry_inertia_kg_m2: [[125.0, 0.0, 0.0], [0.0, 61.0, 0.0], [0.0, 0.0, 136.0]],
    tank_radius_m: 0.3,
};

fn after(start: BodyState, load: Load, steps: usize) -> BodyState {
    (0..steps).fold(start, |state, _| state.advanced(&MASS, &load, STEP_S))
}

fn assert_near(found: [f64; 3], expected: [f64; 3], limit: f64) {
    assert!(
        found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= limit),
        "{found:?} {expected:?}"
    );
}

#[test]
fn a_constant_force_accelerates_evenly() {
    let load = Load { force_n: [30.0, -60.0, 90.0], ..Load::default() };
    let state = after(BodyState::at_rest(0.0), load, 60_000);
    assert_near(state.velocity_m_s, [6.0, -12.0, 18.0], 1e-10);
    assert_near(state.position_m, [180.0, -360.0, 540.0], 1e-9);
    assert_eq!(state.angular_velocity_rad_s(&MASS), [0.0; 3]);
}

#[test]
fn a_constant_torque_about_a_principal_axis_turns_evenly_faster() {
    for axis in 0..3 {
        let mut load = Load::default();
        load.torque_n_m[axis] = 2.0;
        let state = after(BodyState::at_rest(0.0), load, 60_000);
        let inertia = MASS.dry_inertia_kg_m2[axis][axis];
        let mut expected = [0.0; 3];
        expected[axis] = 2.0 * 60.0 / inertia;
        assert_near(state.angular_velocity_rad_s(&MASS), expected, 1e-11);
        let half_angle_rad = 0.5 * 0.5 * 2.0 / inertia * 3600.0;
        let turned = [state.attitude.0[0], state.attitude.0[1 + axis]];
        let sign = if turned[0] * cos(half_angle_rad) < 0.0 { -1.0 } else { 1.0 };
        assert!((turned[0] - sign * cos(half_angle_rad)).abs() < 1e-10, "{turned:?}");
        assert!((turned[1] - sign * sin(half_angle_rad)).abs() < 1e-10, "{turned:?}");
    }
}

/// K. E. Tsiolkovsky's rocket equation, with a burn at constant mass flow: after t the speed is
/// c ln(m0 / m) and the way c t - c (m / f) ln(m0 / m), with m = m0 - f t.
#[test]
fn a_burn_gains_what_the_rocket_equation_says() {
    let (exhaust_m_s, flow_kg_s) = (588.399, 0.5);
    let load = Load {
        force_n: [0.0, exhaust_m_s * flow_kg_s, 0.0],
        mass_flow_kg_s: flow_kg_s,
        ..Load::default()
    };
    let state = after(BodyState::at_rest(12.0), load, 20_000);
    let (mass_kg, ratio) = (302.0, log(312.0 / 302.0));
    assert!((state.propellant_kg - 2.0).abs() < 1e-11, "{}", state.propellant_kg);
    assert!((state.velocity_m_s[1] - exhaust_m_s * ratio).abs() < 1e-11);
    let way_m = exhaust_m_s * 20.0 - exhaust_m_s * mass_kg / flow_kg_s * ratio;
    assert!((state.position_m[1] - way_m).abs() < 1e-9, "{} {way_m}", state.position_m[1]);
}

#[test]
fn propellant_that_leaves_takes_its_spin_with_it() {
    for axis in 0..3 {
        let mut rate_rad_s = [0.0; 3];
        rate_rad_s[axis] = 1.5;
        let start = BodyState::at_rest(12.0).turning(&MASS, rate_rad_s);
        let end = after(start, Load { mass_flow_kg_s: 0.5, ..Load::default() }, 20_000);
        assert_near(end.angular_velocity_rad_s(&MASS), rate_rad_s, 1e-11);
        assert_ne!(end.angular_momentum_n_m_s, start.angular_momentum_n_m_s);
    }
}

/// A force that turns with the body at ω about Z: v = F / (m ω) (sin ωt, 1 - cos ωt) along X and Y.
#[test]
fn a_force_that_turns_with_the_body_drives_it_in_a_circle() {
    let (rate, acceleration) = (0.8, 2.0);
    let start = BodyState::at_rest(0.0).turning(&MASS, [0.0, 0.0, rate]);
    let state = after(start, Load { force_n: [600.0, 0.0, 0.0], ..Load::default() }, 60_000);
    let angle = rate * 60.0;
    let speed = acceleration / rate;
    let expected = [speed * sin(angle), speed * (1.0 - cos(angle)), 0.0];
    assert_near(state.velocity_m_s, expected, 1e-10);
    let way = [speed * (1.0 - cos(angle)) / rate, speed * (60.0 - sin(angle) / rate), 0.0];
    assert_near(state.position_m, way, 1e-9);
}

#[test]
fn the_order_is_six_under_force_torque_and_mass_flow() {
    let load = Load {
        force_n: [90.0, -400.0, 200.0],
        torque_n_m: [60.0, -80.0, 30.0],
        mass_flow_kg_s: 0.8,
    };
    let start = BodyState::at_rest(12.0).turning(&MASS, [1.0, 0.5, -1.5]);
    let after = |steps: usize| {
        let step_s = 2.0 / steps as f64;
        (0..steps).fold(start, |state, _| state.advanced(&MASS, &load, step_s))
    };
    let reference = after(4096);
    let error = |steps: usize| {
        let state = after(steps);
        (0..3)
            .map(|k| (state.velocity_m_s[k] - reference.velocity_m_s[k]).abs())
            .fold(0.0, f64::max)
    };
    for steps in [16, 32] {
        let order = libm::log2(error(steps) / error(2 * steps));
        assert!((5.3..7.0).contains(&order), "{order}");
    }
}
