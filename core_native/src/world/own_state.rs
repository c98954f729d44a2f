//! What an agent knows of its own vehicle.

use crate::numeric::DEG_PER_RAD;
use crate::vehicle::docking::mechanism::DockingPhase;
use crate::vehicle::power::config::PowerConfig;
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::simulation::Vehicle;

/// A vehicle as its telemetry shows it, in its units, so that nothing is rounded on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnState {
    /// World time of the state \[ns\].
    pub time_ns: i64,
    /// Position of the centre of mass in the world frame \[m\].
    pub position_m: [f64; 3],
    /// Velocity in the world frame \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// From the body to the world frame.
    pub attitude: Quaternion,
    /// Angular velocity in the body frame \[rad/s\].
    pub rate_rad_s: [f64; 3],
    /// Part of a full tank that is left, 0 to 1.
    pub propellant: f64,
    /// State of charge of the battery \[%\]; 0 without one.
    pub charge_pct: f64,
    /// How far docking has come.
    pub phase: DockingPhase,
    /// Whether a port is engaged.
    pub is_engaged: bool,
    /// What the camera at the engaged port sees; none in the phase free.
    pub sight: Option<PortSight>,
}

/// What the camera at the engaged port sees of the station's, in the body frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortSight {
    /// The way to the station's port \[m\].
    pub offset_m: [f64; 3],
    /// Velocity of the own port past it \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// The turn that is left to the docked attitude, a rotation vector \[deg\].
    pub turn_deg: [f64; 3],
}

impl OwnState {
    /// That of a vehicle in a world that began at `start_time_ns`.
    pub fn of(vehicle: &Vehicle, start_time_ns: i64) -> Self {
        let (config, body) = (vehicle.config(), vehicle.body());
        let docking = vehicle.docking().map(|(_, docking)| *docking).unwrap_or_default();
        let charge =
            |(config, plane): (&PowerConfig, &PowerPlane)| config.battery.charge(plane.battery);
        let full_kg = config.propellant_kg;
        Self {
            time_ns: start_time_ns + vehicle.time_ns(),
            position_m: body.position_m,
            velocity_m_s: body.velocity_m_s,
            attitude: body.attitude,
            rate_rad_s: body.angular_velocity_rad_s(&config.mass),
            propellant: if full_kg > 0.0 { body.propellant_kg / full_kg } else { 0.0 },
            charge_pct: vehicle.power().map_or(0.0, charge) * 100.0,
            phase: docking.phase,
            is_engaged: docking.port.is_some(),
            sight: vehicle.docking_sight().map(|sight| PortSight {
                offset_m: sight.offset_m,
                velocity_m_s: sight.velocity_m_s,
                turn_deg: sight.turn_rad.map(|part| part * DEG_PER_RAD),
            }),
        }
    }
}
