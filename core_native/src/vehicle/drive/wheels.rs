//! The forces of the wheels on the body.

use super::config::DriveConfig;
use crate::geometry::cross;
use crate::vehicle::mass_properties::MassProperties;
use crate::vehicle::rigid_body::{BodyState, Load};

/// What one wheel is told for a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WheelOrder {
    /// Speed along the bow \[m/s\].
    pub speed_m_s: f64,
    /// Part of the servo's force that it gives, 0 to 1.
    pub part: f64,
}

/// Both wheels during a step.
#[derive(Clone, Copy, Debug)]
pub struct Wheels<'a> {
    /// What they are made of.
    pub config: &'a DriveConfig,
    /// What each is told.
    pub orders: [WheelOrder; 2],
}

impl Wheels<'_> {
    /// A load with what the wheels add to it on a body in this state.
    #[inline(always)]
    pub fn added(&self, load: &Load, body: &BodyState, mass: &MassProperties) -> Load {
        let DriveConfig { servo, grip, positions_m, .. } = self.config;
        let speeds_m_s = wheel_speeds_m_s(self.config, body, mass);
        let mut load = *load;
        for ((order, position_m), [across, along]) in
            self.orders.iter().zip(positions_m).zip(speeds_m_s)
        {
            let along_n = order.part * servo.force_n(order.speed_m_s - along);
            let force_n = [-grip.force_n(across), along_n, 0.0];
            let torque_n_m = cross(*position_m, force_n);
            for axis in 0..3 {
                load.force_n[axis] += force_n[axis];
                load.torque_n_m[axis] += torque_n_m[axis];
            }
        }
        load
    }
}

/// Speed of each wheel's place across the bow, to starboard, and along it, in the world \[m/s\].
#[inline(always)]
pub fn wheel_speeds_m_s(
    config: &DriveConfig,
    body: &BodyState,
    mass: &MassProperties,
) -> [[f64; 2]; 2] {
    let velocity_m_s = body.attitude.to_body(body.velocity_m_s);
    let rate_rad_s = body.angular_velocity_rad_s(mass);
    config.positions_m.map(|position_m| {
        let sweep_m_s = cross(rate_rad_s, position_m);
        [velocity_m_s[0] + sweep_m_s[0], velocity_m_s[1] + sweep_m_s[1]]
    })
}
