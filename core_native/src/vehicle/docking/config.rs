//! The docking section whose every number has been checked.

use super::document::{
    ANGLE_LIMITS_DEG, CONE_LIMITS_DEG, DISTANCE_LIMITS_M, DockingDocument, DockingLimitsDocument,
    MAX_IMPULSE_N_S, MAX_PORTS, MAX_SOFTNESS, PortDocument, RANGE_LIMITS_M, RATE_LIMITS_DEG_S,
    SPEED_LIMITS_M_S, SoftCaptureDocument,
};
use crate::geometry::{cross, dot};
use crate::numeric::DEG_PER_RAD;
use crate::scene::place::Place;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::document::MAX_OFFSET_M;
use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::quaternion::Quaternion;

/// Largest product of the internal step with the angular frequency of soft capture's springs, and with
/// the decay rate of its dampers: for these the method of `runge_kutta.rs` is exact to rounding.
const MAX_STEP_RAD: f64 = 0.1;
/// Shortest axis, and shortest part of `up` across it.
const MIN_DIRECTION: f64 = 1e-6;

/// A checked docking section.
#[derive(Clone, Debug, PartialEq)]
pub struct DockingConfig {
    /// Range of an approach \[m\].
    pub range_m: f64,
    /// Cosine of the half angle of the approach cone.
    pub cone_cos: f64,
    /// Where a port is captured.
    pub capture: DockingLimits,
    /// What holds it then.
    pub soft: SoftCapture,
    /// Where it is latched.
    pub latch: DockingLimits,
    /// Impulse of a release \[N s\].
    pub release_impulse_n_s: f64,
    /// The ports, by number.
    pub ports: Vec<Port>,
}

/// How far two ports may be from each other's place and motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DockingLimits {
    /// Distance \[m\].
    pub distance_m: f64,
    /// Speed \[m/s\].
    pub speed_m_s: f64,
    /// Angle \[rad\].
    pub angle_rad: f64,
    /// Angular rate \[rad/s\].
    pub rate_rad_s: f64,
}

/// Springs and dampers of soft capture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftCapture {
    /// Stiffness \[N/m\].
    pub stiffness_n_per_m: f64,
    /// Damping \[N s/m\].
    pub damping_n_s_per_m: f64,
    /// Stiffness against turns \[N m/rad\].
    pub angular_stiffness_n_m_per_rad: f64,
    /// Damping of turns \[N m s/rad\].
    pub angular_damping_n_m_s_per_rad: f64,
    /// Distance beyond which they come apart \[m\].
    pub reach_m: f64,
}

/// A port of the vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Where it is in the body frame \[m\].
    pub position_m: [f64; 3],
    /// From the port's frame, Y outwards and Z up, to the body frame.
    pub attitude: Quaternion,
}

/// Check a docking section of a body in internal steps of `step_s`.
pub fn checked(
    place: &Place<'_>,
    document: &DockingDocument,
    mass: &MassProperties,
    step_s: f64,
) -> DockingConfig {
    let number = |place: &Place<'_>, name, value, [low, high]: [f64; 2]| {
        place.key(name).number(value, low, high)
    };
    let approach = place.key("approach");
    number(&approach, "range_m", document.approach.range_m, RANGE_LIMITS_M);
    number(&approach, "cone_deg", document.approach.cone_deg, CONE_LIMITS_DEG);
    number(place, "release_impulse_n_s", document.release_impulse_n_s, [0.0, MAX_IMPULSE_N_S]);
    let widest = DockingLimitsDocument {
        distance_m: DISTANCE_LIMITS_M[1],
        speed_m_s: SPEED_LIMITS_M_S[1],
        angle_deg: ANGLE_LIMITS_DEG[1],
        rate_deg_s: RATE_LIMITS_DEG_S[1],
    };
    let (is_right, capture) = limits(&place.key("capture"), &document.capture, &widest);
    let most = if is_right { &document.capture } else { &widest };
    let (_, latch) = limits(&place.key("latch"), &document.latch, most);
    let ports = ports(&place.key("ports"), &document.ports);
    let soft = soft(&place.key("soft"), &document.soft, most.distance_m, is_right);
    if place.problem_count() == 0 {
        check_step(&place.key("soft"), &soft, &ports, mass, step_s);
    }
    DockingConfig {
        range_m: document.approach.range_m,
        cone_cos: libm::cos(document.approach.cone_deg / DEG_PER_RAD),
        capture,
        soft,
        latch,
        release_impulse_n_s: document.release_impulse_n_s,
        ports,
    }
}

/// Limits, and whether they are right: each at most that of `most`.
fn limits(
    place: &Place<'_>,
    document: &DockingLimitsDocument,
    most: &DockingLimitsDocument,
) -> (bool, DockingLimits) {
    let DockingLimitsDocument { distance_m, speed_m_s, angle_deg, rate_deg_s } = *document;
    let is_right = place.holds(|| {
        place.key("distance_m").number(distance_m, DISTANCE_LIMITS_M[0], most.distance_m);
        place.key("speed_m_s").number(speed_m_s, SPEED_LIMITS_M_S[0], most.speed_m_s);
        place.key("angle_deg").number(angle_deg, ANGLE_LIMITS_DEG[0], most.angle_deg);
        place.key("rate_deg_s").number(rate_deg_s, RATE_LIMITS_DEG_S[0], most.rate_deg_s);
    });
    let [angle_rad, rate_rad_s] = [angle_deg, rate_deg_s].map(|angle| angle / DEG_PER_RAD);
    (is_right, DockingLimits { distance_m, speed_m_s, angle_rad, rate_rad_s })
}

fn soft(
    place: &Place<'_>,
    document: &SoftCaptureDocument,
    capture_m: f64,
    is_right: bool,
) -> SoftCapture {
    let SoftCaptureDocument {
        stiffness_n_per_m,
        damping_n_s_per_m,
        angular_stiffness_n_m_per_rad,
        angular_damping_n_m_s_per_rad,
        reach_m,
    } = *document;
    let soft = SoftCapture {
        stiffness_n_per_m,
        damping_n_s_per_m,
        angular_stiffness_n_m_per_rad,
        angular_damping_n_m_s_per_rad,
        reach_m,
    };
    for (name, value) in soft.named() {
        place.key(name).number(value, 0.0, MAX_SOFTNESS);
    }
    let least_m = if is_right { capture_m } else { DISTANCE_LIMITS_M[0] };
    place.key("reach_m").number(reach_m, least_m, DISTANCE_LIMITS_M[1]);
    soft
}

impl SoftCapture {
    /// Stiffness and damping of the place, then those of the turn.
    const fn named(&self) -> [(&'static str, f64); 4] {
        [
            ("stiffness_n_per_m", self.stiffness_n_per_m),
            ("damping_n_s_per_m", self.damping_n_s_per_m),
            ("angular_stiffness_n_m_per_rad", self.angular_stiffness_n_m_per_rad),
            ("angular_damping_n_m_s_per_rad", self.angular_damping_n_m_s_per_rad),
        ]
    }
}

/// Refuse springs and dampers that are fast beside the internal step.
fn check_step(
    place: &Place<'_>,
    soft: &SoftCapture,
    ports: &[Port],
    mass: &MassProperties,
    step_s: f64,
) {
    let turn = mass.inverse_inertia_trace();
    let arms = ports.iter().map(|port| dot(port.position_m, port.position_m));
    let push = 1.0 / mass.dry_mass_kg + arms.fold(0.0, f64::max) * turn;
    let (spring, damper) = (MAX_STEP_RAD * MAX_STEP_RAD / (step_s * step_s), MAX_STEP_RAD / step_s);
    let most = [spring / push, damper / push, spring / turn, damper / turn];
    for ((name, value), most) in soft.named().into_iter().zip(most) {
        place.key(name).number(value, 0.0, most);
    }
}

fn ports(place: &Place<'_>, documents: &[PortDocument]) -> Vec<Port> {
    place.length(documents.len(), 1, MAX_PORTS);
    let entries = documents.iter().take(MAX_PORTS).enumerate();
    entries
        .map(|(index, document)| {
            let place = place.index(index);
            let name = place.key("name");
            let is_other = |other: &PortDocument| other.name == document.name;
            if name.text(&document.name, MAX_NAME_BYTES) && documents[..index].iter().any(is_other)
            {
                name.problem(format!("is {:?}, already a port's name", document.name));
            }
            place.key("position_m").vector(document.position_m, MAX_OFFSET_M);
            let attitude = attitude(&place, document.axis, document.up);
            Port { name: document.name.clone(), position_m: document.position_m, attitude }
        })
        .collect()
}

fn attitude(place: &Place<'_>, axis: [f64; 3], up: [f64; 3]) -> Quaternion {
    let (axis_place, up_place) = (place.key("axis"), place.key("up"));
    let are_numbers = place.holds(|| {
        axis_place.vector(axis, 1.0);
        up_place.vector(up, 1.0);
    });
    let length = dot(axis, axis).sqrt();
    if !are_numbers {
        return Quaternion::IDENTITY;
    }
    if length < MIN_DIRECTION {
        axis_place.problem(format!("has the length {length}, must have at least {MIN_DIRECTION}"));
        return Quaternion::IDENTITY;
    }
    let axis = axis.map(|part| part / length);
    let along = dot(up, axis);
    let across: [f64; 3] = std::array::from_fn(|part| up[part] - along * axis[part]);
    let length = dot(across, across).sqrt();
    if length < MIN_DIRECTION {
        up_place.problem(format!(
            "has the length {length} across the axis, must have at least {MIN_DIRECTION}"
        ));
        return Quaternion::IDENTITY;
    }
    let across = across.map(|part| part / length);
    Quaternion::from_axes([cross(axis, across), axis, across])
}
