//! The drive section whose every number has been checked.

use super::document::{
    CLOSING_LIMITS_PER_S, DamperDocument, DriveDocument, FORCE_LIMITS_N, GAIN_LIMITS_N_S_PER_M,
    REST_LIMITS_M_S, SPEED_LIMITS_M_S, TOLERANCE_LIMITS_DEG, TURN_TIME_LIMITS_S, TurnDocument,
};
use crate::geometry::dot;
use crate::scene::place::Place;
use crate::vehicle::document::{MAX_OFFSET_M, VehicleDocument};
use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::power::config::number_of_load;
use crate::vehicle::power::document::MAX_POWER_W;

/// Largest product of the internal step with the rate at which a force of the wheels changes their speed:
/// for it the method of `runge_kutta.rs` is exact to rounding.
const MAX_STEP_RATE: f64 = 0.1;
/// Shortest distance across the bow from the left wheel to the right one \[m\].
const MIN_OFFSET_M: f64 = 0.001;

/// A checked drive section.
#[derive(Clone, Debug, PartialEq)]
pub struct DriveConfig {
    /// Highest speed that a wheel can be told \[m/s\].
    pub maximum_m_s: f64,
    /// Where the left and the right wheel are in the body frame \[m\].
    pub positions_m: [[f64; 3]; 2],
    /// What the motors do along the bow.
    pub servo: Damper,
    /// What the wheels do across the bow.
    pub grip: Damper,
    /// Speed up to which a wheel rests \[m/s\].
    pub rest_m_s: f64,
    /// How it turns by an angle.
    pub turn: TurnLaw,
    /// Power for each metre per second \[W s/m\].
    pub power_w_per_m_s: f64,
    /// Number of the load that it is, if it needs power.
    pub load: Option<usize>,
}

/// A force in proportion to a speed, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damper {
    /// Force for each metre per second \[N s/m\].
    pub gain_n_s_per_m: f64,
    /// The most that it gives \[N\].
    pub maximum_force_n: f64,
}

/// How a drive turns by an angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnLaw {
    /// The most that the wheels are told \[m/s\].
    pub speed_m_s: f64,
    /// Rate of turn for each radian that is left \[1/s\].
    pub closing_per_s: f64,
    /// What may be left at the end \[deg\].
    pub tolerance_deg: f64,
    /// Time after which it is given up \[ns\].
    pub limit_ns: i64,
}

impl Damper {
    /// The force for a speed \[N\].
    #[inline(always)]
    pub const fn force_n(&self, speed_m_s: f64) -> f64 {
        let Self { gain_n_s_per_m, maximum_force_n } = *self;
        (gain_n_s_per_m * speed_m_s).clamp(-maximum_force_n, maximum_force_n)
    }
}

impl DriveConfig {
    /// Half the distance across the bow from one wheel to the other \[m\].
    pub fn half_track_m(&self) -> f64 {
        0.5 * (self.positions_m[1][0] - self.positions_m[0][0])
    }
}

/// Check the drive section of a vehicle document, for a body in internal steps of `step_s`.
pub fn checked(
    place: &Place<'_>,
    document: &DriveDocument,
    vehicle: &VehicleDocument,
    mass: &MassProperties,
    step_s: f64,
) -> DriveConfig {
    let number = |name, value, [low, high]: [f64; 2]| place.key(name).number(value, low, high);
    let is_speed = number("maximum_m_s", document.maximum_m_s, SPEED_LIMITS_M_S);
    let most_m_s = if is_speed { document.maximum_m_s } else { SPEED_LIMITS_M_S[1] };
    number("rest_m_s", document.rest_m_s, REST_LIMITS_M_S);
    let config = DriveConfig {
        maximum_m_s: document.maximum_m_s,
        positions_m: positions(place, document),
        servo: damper(&place.key("servo"), document.servo),
        grip: damper(&place.key("grip"), document.grip),
        rest_m_s: document.rest_m_s,
        turn: turn(&place.key("turn"), document.turn, most_m_s),
        power_w_per_m_s: document.power_w_per_m_s,
        load: load(place, document, vehicle, most_m_s),
    };
    if place.problem_count() == 0 {
        check_step(place, &config, mass, step_s);
        check_turn(&place.key("turn"), &config, mass, vehicle.propellant.mass_kg);
    }
    config
}

fn positions(place: &Place<'_>, document: &DriveDocument) -> [[f64; 3]; 2] {
    let positions_m = [document.left.position_m, document.right.position_m];
    let are_numbers = place.holds(|| {
        for (name, position_m) in ["left", "right"].iter().zip(positions_m) {
            place.key(name).key("position_m").vector(position_m, MAX_OFFSET_M);
        }
    });
    if are_numbers {
        // On either side of the centre of mass: else what turns the vehicle pushes it along as well.
        let sides = [("left", -MAX_OFFSET_M, -MIN_OFFSET_M), ("right", MIN_OFFSET_M, MAX_OFFSET_M)];
        for ((name, low_m, high_m), position_m) in sides.into_iter().zip(positions_m) {
            let side = place.key(name);
            side.key("position_m").index(0).number(position_m[0], low_m, high_m);
        }
    }
    positions_m
}

fn damper(place: &Place<'_>, document: DamperDocument) -> Damper {
    let DamperDocument { gain_n_s_per_m, maximum_force_n } = document;
    let [least, most] = GAIN_LIMITS_N_S_PER_M;
    place.key("gain_n_s_per_m").number(gain_n_s_per_m, least, most);
    let [least_n, most_n] = FORCE_LIMITS_N;
    place.key("maximum_force_n").number(maximum_force_n, least_n, most_n);
    Damper { gain_n_s_per_m, maximum_force_n }
}

fn turn(place: &Place<'_>, document: TurnDocument, most_m_s: f64) -> TurnLaw {
    let TurnDocument { speed_m_s, closing_per_s, tolerance_deg, limit_s } = document;
    let number = |name, value, [low, high]: [f64; 2]| place.key(name).number(value, low, high);
    number("speed_m_s", speed_m_s, [SPEED_LIMITS_M_S[0], most_m_s]);
    number("closing_per_s", closing_per_s, CLOSING_LIMITS_PER_S);
    number("tolerance_deg", tolerance_deg, TOLERANCE_LIMITS_DEG);
    let is_time = number("limit_s", limit_s, TURN_TIME_LIMITS_S);
    let limit_ns = if is_time { libm::round(limit_s * 1e9) as i64 } else { 0 };
    TurnLaw { speed_m_s, closing_per_s, tolerance_deg, limit_ns }
}

/// Number of the load that a drive is, which must do for its highest speed.
fn load(
    place: &Place<'_>,
    document: &DriveDocument,
    vehicle: &VehicleDocument,
    most_m_s: f64,
) -> Option<usize> {
    let (load_place, power_place) = (place.key("load"), place.key("power_w_per_m_s"));
    let number = number_of_load(&load_place, document.load.as_deref(), vehicle.power.as_ref());
    let loads = vehicle.power.as_ref().map(|power| &power.loads);
    let power_w = number.zip(loads).map_or(MAX_POWER_W, |(number, loads)| loads[number].power_w);
    let is_power = power_place.number(document.power_w_per_m_s, 0.0, MAX_POWER_W);
    if is_power && number.is_some() && document.power_w_per_m_s * most_m_s > power_w {
        let most = power_w / most_m_s;
        power_place.number(document.power_w_per_m_s, 0.0, most);
    }
    let transponder = vehicle.comms.as_ref().and_then(|comms| comms.transponder.as_ref());
    let other = transponder.and_then(|part| part.load.as_ref());
    if number.is_some() && other == document.load.as_ref() {
        load_place.problem(format!("is {:?}, already the transponder's", other.map_or("", |x| x)));
    }
    number
}

/// Refuse forces that are fast beside the internal step.
fn check_step(place: &Place<'_>, config: &DriveConfig, mass: &MassProperties, step_s: f64) {
    let turn = mass.inverse_inertia_trace();
    let pushes = config.positions_m.iter().map(|m| 1.0 / mass.dry_mass_kg + dot(*m, *m) * turn);
    let push_per_kg: f64 = pushes.sum();
    let most = MAX_STEP_RATE / (step_s * push_per_kg);
    for (name, damper) in [("servo", &config.servo), ("grip", &config.grip)] {
        place.key(name).key("gain_n_s_per_m").number(damper.gain_n_s_per_m, 0.0, most);
    }
}

/// Refuse a turn that would overshoot.
///
/// With h half of the track, opposite speeds make the servo bring the rate of turn ω to what is wanted of it
/// with the time constant T = I / (2 g h²), so that with what is left e and the rate c e of closing
/// T e'' + e' + c e = 0: no overshoot where 4 c T ≤ 1. It then never needs more than the angular
/// acceleration c ω, of which the motors have 2 F h / I.
fn check_turn(place: &Place<'_>, config: &DriveConfig, mass: &MassProperties, propellant_kg: f64) {
    let inertia_kg_m2 = mass.inertia_kg_m2(propellant_kg)[2][2];
    let half_m = config.half_track_m();
    let (servo, turn) = (&config.servo, &config.turn);
    let damping = 2.0 * servo.gain_n_s_per_m * half_m * half_m;
    let most_per_s = 0.25 * damping / inertia_kg_m2;
    place.key("closing_per_s").number(turn.closing_per_s, 0.0, most_per_s);
    let most_rad_s2 = 2.0 * servo.maximum_force_n * half_m / inertia_kg_m2;
    let most_m_s = most_rad_s2 * half_m / turn.closing_per_s;
    place.key("speed_m_s").number(turn.speed_m_s, 0.0, most_m_s);
}
