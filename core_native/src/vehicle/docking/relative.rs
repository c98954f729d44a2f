//! How a vehicle's port stands to that of a station, and what soft capture does about it.

use super::config::{DockingLimits, Port, SoftCapture};
use crate::geometry::{cross, dot};
use crate::numeric::atan2;
use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::rigid_body::{BodyState, Load};

/// Half a turn about a port's up: what lies between the frames of two ports that are docked.
const FACING: Quaternion = Quaternion([0.0, 0.0, 0.0, 1.0]);

/// The place, motion and attitude of a station's port in a world frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortPose {
    /// Position \[m\].
    pub position_m: [f64; 3],
    /// Velocity \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// From the port's frame, Y outwards and Z up, to the world frame.
    pub attitude: Quaternion,
}

/// A vehicle's port as seen from a station's, in the world frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relative {
    /// From the station's port to the vehicle's \[m\].
    pub offset_m: [f64; 3],
    /// Velocity of the vehicle's port past the station's \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// The turn from the attitude of a docked vehicle to its own, as a rotation vector \[rad\].
    pub turn_rad: [f64; 3],
    /// Its angular velocity \[rad/s\].
    pub rate_rad_s: [f64; 3],
}

/// A station's port as a camera at the vehicle's port sees it, in the body frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// From the vehicle's port to the station's \[m\].
    pub offset_m: [f64; 3],
    /// Velocity of the vehicle's port past the station's \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// The turn that would bring the vehicle into the docked attitude, as a rotation vector \[rad\].
    pub turn_rad: [f64; 3],
}

impl PortPose {
    /// The pose some time later.
    pub fn after(&self, time_s: f64) -> Self {
        let position_m =
            std::array::from_fn(|axis| self.position_m[axis] + self.velocity_m_s[axis] * time_s);
        Self { position_m, ..*self }
    }

    /// A body with this port's place and motion added to its own so many times.
    pub fn seen(&self, body: &BodyState, times: f64) -> BodyState {
        let added = |to: [f64; 3], part: [f64; 3]| {
            std::array::from_fn(|axis| to[axis] + times * part[axis])
        };
        BodyState {
            position_m: added(body.position_m, self.position_m),
            velocity_m_s: added(body.velocity_m_s, self.velocity_m_s),
            ..*body
        }
    }

    /// The attitude of a vehicle that is docked here with this port of it.
    pub fn docked_attitude(&self, port: &Port) -> Quaternion {
        self.attitude.times(FACING).times(port.attitude.inverse()).normalised()
    }

    /// A body that is docked here with this port: it moves with the station and does not turn.
    pub fn docked(&self, port: &Port, propellant_kg: f64) -> BodyState {
        let attitude = self.docked_attitude(port);
        let arm_m = attitude.to_world(port.position_m);
        BodyState {
            position_m: std::array::from_fn(|axis| self.position_m[axis] - arm_m[axis]),
            velocity_m_s: self.velocity_m_s,
            attitude,
            ..BodyState::at_rest(propellant_kg)
        }
    }
}

impl Relative {
    /// A port of a body to that of a station.
    pub fn of(body: &BodyState, mass: &MassProperties, port: &Port, station: &PortPose) -> Self {
        let arm_m = body.attitude.to_world(port.position_m);
        let rate_rad_s = body.attitude.to_world(body.angular_velocity_rad_s(mass));
        let sweep_m_s = cross(rate_rad_s, arm_m);
        let turn = body.attitude.times(station.docked_attitude(port).inverse());
        Self {
            offset_m: std::array::from_fn(|axis| {
                body.position_m[axis] + arm_m[axis] - station.position_m[axis]
            }),
            velocity_m_s: std::array::from_fn(|axis| {
                body.velocity_m_s[axis] + sweep_m_s[axis] - station.velocity_m_s[axis]
            }),
            turn_rad: rotation_vector(turn),
            rate_rad_s,
        }
    }

    /// What a vehicle of this attitude sees of it from its own port.
    pub fn sight(&self, attitude: Quaternion) -> Sight {
        let ahead = |vector: [f64; 3]| attitude.to_body(vector.map(|part| -part));
        Sight {
            offset_m: ahead(self.offset_m),
            velocity_m_s: attitude.to_body(self.velocity_m_s),
            turn_rad: ahead(self.turn_rad),
        }
    }

    /// Distance between the ports \[m\].
    pub fn distance_m(&self) -> f64 {
        length(self.offset_m)
    }

    /// Speed of one port past the other \[m/s\].
    pub fn speed_m_s(&self) -> f64 {
        length(self.velocity_m_s)
    }

    /// Angle between the attitude and that of a docked vehicle \[rad\].
    pub fn angle_rad(&self) -> f64 {
        length(self.turn_rad)
    }

    /// Angular rate \[rad/s\].
    pub fn rate_rad_s(&self) -> f64 {
        length(self.rate_rad_s)
    }

    /// Whether all is within these limits.
    pub fn is_within(&self, limits: &DockingLimits) -> bool {
        self.distance_m() <= limits.distance_m
            && self.speed_m_s() <= limits.speed_m_s
            && self.angle_rad() <= limits.angle_rad
            && self.rate_rad_s() <= limits.rate_rad_s
    }

    /// What the springs hold \[J\].
    pub fn spring_energy_j(&self, soft: &SoftCapture) -> f64 {
        let place = soft.stiffness_n_per_m * dot(self.offset_m, self.offset_m);
        let turn = soft.angular_stiffness_n_m_per_rad * dot(self.turn_rad, self.turn_rad);
        0.5 * (place + turn)
    }
}

/// `load` with what springs and dampers do to a body by its port: F = -k d - c v at the port, and the
/// torque -κ θ - γ ω, which is that of the potential κ |θ|² / 2 of the angle.
#[inline(always)]
pub fn held(
    load: &Load,
    soft: &SoftCapture,
    port: &Port,
    relative: &Relative,
    attitude: Quaternion,
) -> Load {
    let force_n = std::array::from_fn(|axis| {
        -soft.stiffness_n_per_m * relative.offset_m[axis]
            - soft.damping_n_s_per_m * relative.velocity_m_s[axis]
    });
    let torque_n_m = std::array::from_fn(|axis| {
        -soft.angular_stiffness_n_m_per_rad * relative.turn_rad[axis]
            - soft.angular_damping_n_m_s_per_rad * relative.rate_rad_s[axis]
    });
    let (force_n, torque_n_m) = (attitude.to_body(force_n), attitude.to_body(torque_n_m));
    let by_arm_n_m = cross(port.position_m, force_n);
    Load {
        force_n: std::array::from_fn(|axis| load.force_n[axis] + force_n[axis]),
        torque_n_m: std::array::from_fn(|axis| {
            load.torque_n_m[axis] + torque_n_m[axis] + by_arm_n_m[axis]
        }),
        ..*load
    }
}

/// The rotation vector of a turn, of at most half a turn \[rad\].
fn rotation_vector(turn: Quaternion) -> [f64; 3] {
    let [w, x, y, z] = turn.0;
    let sine = length([x, y, z]);
    let angle = 2.0 * atan2(sine, w.abs());
    // For small turns the angle is twice the sine.
    let scale = if sine > 1e-9 { angle / sine } else { 2.0 };
    [x, y, z].map(|part| if w < 0.0 { -scale * part } else { scale * part })
}

fn length(vector: [f64; 3]) -> f64 {
    dot(vector, vector).sqrt()
}
