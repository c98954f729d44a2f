//! What an agent asks of its vehicle for the time up to the next frame.

use crate::error::Result;
use crate::vehicle::simulation::{Vehicle, check_wrench};
use crate::vehicle::thruster::Wrench;

/// What is asked of the vehicle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// Force \[N\] and torque \[N m\] in the body frame, until the next action; none ends what the
    /// thrusters were told.
    pub wrench: Option<Wrench>,
    /// What the docking ports are to do.
    pub port: PortAction,
}

/// What the docking ports are to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PortAction {
    /// What they did before.
    #[default]
    Keep,
    /// The port of this name docks where it comes to the station's.
    Engage(String),
    /// The engaged port is let go.
    Release,
}

impl Action {
    /// Tell the vehicle, wholly or not at all.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for a wrench beyond its limits and for a port that cannot do
    /// that.
    pub fn tell(&self, vehicle: &mut Vehicle) -> Result<()> {
        if let Some(wrench) = &self.wrench {
            check_wrench(wrench)?;
        }
        match &self.port {
            PortAction::Keep => {}
            PortAction::Engage(name) => vehicle.engage_port(name)?,
            PortAction::Release => vehicle.release_port()?,
        }
        match self.wrench {
            Some(wrench) => vehicle.set_command(wrench, None),
            None => {
                vehicle.stop();
                Ok(())
            }
        }
    }
}
