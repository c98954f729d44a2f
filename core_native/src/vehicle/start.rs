//! How a vehicle begins: where, how it stands, how it moves.

use crate::error::{Error, Result};
use crate::scene::scenario::{MAX_POSITION_M, MAX_SPEED_M_S};
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::quaternion::{EulerAngles, Quaternion};
use crate::vehicle::rigid_body::BodyState;
use crate::vehicle::simulation::Vehicle;

/// Fastest turn at the start, as an angle per internal step \[rad\]: up to it the energy of free
/// tumbling keeps to the bar of `free_tumbling_test.rs`, 20 rad/s for a step of 1 ms.
pub const MAX_TURN_PER_STEP_RAD: f64 = 0.02;

/// The start of a vehicle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Start {
    /// Position in the world frame \[m\].
    pub position_m: [f64; 3],
    /// Velocity in the world frame \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// How it stands.
    pub attitude: EulerAngles,
    /// Angular velocity in the body frame \[rad/s\].
    pub angular_velocity_rad_s: [f64; 3],
    /// Propellant \[kg\]; none for a full tank.
    pub propellant_kg: Option<f64>,
}

impl Start {
    /// The body of a vehicle that begins like this.
    ///
    /// # Errors
    /// [`Error::Setting`] for a value that is not finite or beyond its limits.
    pub fn body(&self, config: &VehicleConfig) -> Result<BodyState> {
        check_motion(self.position_m, self.velocity_m_s)?;
        let attitude = checked_attitude(self.attitude)?;
        let fastest_rad_s = MAX_TURN_PER_STEP_RAD / (config.step_ns as f64 * 1e-9);
        let rate_rad_s = self.angular_velocity_rad_s;
        check("angular_velocity_rad_s", &rate_rad_s, -fastest_rad_s, fastest_rad_s)?;
        let propellant_kg = self.propellant_kg.unwrap_or(config.propellant_kg);
        check("propellant_kg", &[propellant_kg], 0.0, config.propellant_kg)?;
        let state = BodyState {
            position_m: self.position_m,
            velocity_m_s: self.velocity_m_s,
            attitude,
            ..BodyState::at_rest(propellant_kg)
        };
        Ok(state.turning(&config.mass, rate_rad_s))
    }
}

impl Vehicle {
    /// Which coordinate or velocity is beyond the limits of a world, if one is, and the limits.
    pub fn why_outside(&self) -> Option<String> {
        let BodyState { position_m, velocity_m_s, .. } = *self.body();
        match check_motion(position_m, velocity_m_s) {
            Err(Error::Setting { setting, value, limit, .. }) => {
                Some(format!("{setting} is {value}, must be {limit}"))
            }
            _ => None,
        }
    }
}

/// Refuse a place or a velocity beyond the limits of a world.
///
/// # Errors
/// [`Error::Setting`].
pub fn check_motion(position_m: [f64; 3], velocity_m_s: [f64; 3]) -> Result<()> {
    check("position_m", &position_m, -MAX_POSITION_M, MAX_POSITION_M)?;
    check("velocity_m_s", &velocity_m_s, -MAX_SPEED_M_S, MAX_SPEED_M_S)
}

/// The attitude of these angles.
///
/// # Errors
/// [`Error::Setting`] for one beyond its limits.
pub fn checked_attitude(angles: EulerAngles) -> Result<Quaternion> {
    let EulerAngles { heading_deg, pitch_deg, roll_deg } = angles;
    check("heading_deg", &[heading_deg], -360.0, 360.0)?;
    check("pitch_deg", &[pitch_deg], -90.0, 90.0)?;
    check("roll_deg", &[roll_deg], -360.0, 360.0)?;
    Ok(Quaternion::from_euler(angles))
}

fn check(setting: &str, values: &[f64], low: f64, high: f64) -> Result<()> {
    let Some(index) = values.iter().position(|value| !(low..=high).contains(value)) else {
        return Ok(());
    };
    let place = if values.len() > 1 { format!("[{index}]") } else { String::new() };
    Err(Error::Setting {
        setting: format!("{setting}{place}"),
        value: values[index].to_string(),
        limit: format!("{low} to {high}"),
        remedy: "give a start within the limits".into(),
    })
}
