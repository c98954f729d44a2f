//! What an agent knows of its own vehicle.

use crate::vehicle::docking::mechanism::DockingPhase;
use crate::vehicle::power::config::PowerConfig;
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::simulation::Vehicle;

/// A vehicle as its own instruments show it.
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
    /// State of charge of the battery, 0 to 1; 0 without one.
    pub charge: f64,
    /// How far docking has come.
    pub phase: DockingPhase,
    /// Whether a port is engaged.
    pub is_engaged: bool,
    /// How the engaged port stands to the station's; none where one of them is missing.
    pub port: Option<PortReading>,
}

/// What the docking sensor shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortReading {
    /// Distance between the ports \[m\].
    pub distance_m: f64,
    /// Speed of one past the other \[m/s\].
    pub speed_m_s: f64,
    /// Angle between the attitude and that of a docked vehicle \[rad\].
    pub angle_rad: f64,
    /// Angular rate of the vehicle \[rad/s\].
    pub rate_rad_s: f64,
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
            charge: vehicle.power().map_or(0.0, charge),
            phase: docking.phase,
            is_engaged: docking.port.is_some(),
            port: vehicle.docking_relative().map(|relative| PortReading {
                distance_m: relative.distance_m(),
                speed_m_s: relative.speed_m_s(),
                angle_rad: relative.angle_rad(),
                rate_rad_s: relative.rate_rad_s(),
            }),
        }
    }
}
