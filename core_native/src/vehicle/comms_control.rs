//! A vehicle's communications: what they are told, and what they tell.

use crate::error::{Error, Result};
use crate::geometry::dot;
use crate::vehicle::comms::config::CommsConfig;
use crate::vehicle::comms::radio_link::LinkQuality;
use crate::vehicle::comms::state::{Comms, ToldStation, TransponderMode};
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::power_supply::without;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::start::check_motion;

impl Vehicle {
    /// Its communications with their configuration, if it has some.
    pub fn comms(&self) -> Option<(&CommsConfig, &Comms)> {
        self.config().comms.as_ref().zip(self.state().comms.as_ref())
    }

    /// The identity that its transponder gives; none while that does not reply.
    pub fn transponder_id(&self) -> Option<&str> {
        let (config, comms) = self.comms()?;
        let part = config.transponder.as_ref().filter(|_| comms.is_active())?;
        Some(comms.id(part))
    }

    /// How well the station hears it; none while communications are off, or where there is no link, no
    /// station, or that is nearer than a wavelength.
    pub fn link_quality(&self) -> Option<LinkQuality> {
        let (config, comms) = self.comms()?;
        let station = comms.station.filter(|_| comms.is_on)?;
        let time_s = ((self.state.steps - station.step) * self.config.step_ns) as f64 * 1e-9;
        let way_m: [f64; 3] = std::array::from_fn(|axis| {
            let moved_m = station.velocity_m_s[axis] * time_s;
            station.position_m[axis] + moved_m - self.body().position_m[axis]
        });
        config.link.as_ref()?.quality(dot(way_m, way_m).sqrt())
    }

    /// Switch communications on or off; the transponder's mode stays for the next time.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without.
    pub fn set_comms(&mut self, is_on: bool) -> Result<()> {
        self.state.comms.as_mut().ok_or_else(|| without("comms"))?.is_on = is_on;
        Ok(())
    }

    /// Tell the transponder what to do: it ends a reply at once, and begins one in the next internal step.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without one, or while communications are off.
    pub fn set_transponder_mode(&mut self, mode: TransponderMode) -> Result<()> {
        let parts = self.config.comms.as_ref().zip(self.state.comms.as_mut());
        let (config, comms) = parts.ok_or_else(|| without("comms"))?;
        if config.transponder.is_none() {
            return Err(without("comms.transponder"));
        }
        if !comms.is_on {
            return Err(Error::Setting {
                setting: "comms".into(),
                value: "off".into(),
                limit: "on".into(),
                remedy: "switch communications on first".into(),
            });
        }
        comms.mode = mode;
        Ok(())
    }

    /// Tell where the station is at the last internal step, and its velocity, or that none is known.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without communications, or a place or velocity beyond the limits of a
    /// start; nothing changes then.
    pub fn set_comms_station(&mut self, place: Option<[[f64; 3]; 2]>) -> Result<()> {
        let step = self.state.steps;
        let comms = self.state.comms.as_mut().ok_or_else(|| without("comms"))?;
        if let Some([position_m, velocity_m_s]) = place {
            check_motion(position_m, velocity_m_s)?;
        }
        comms.station =
            place.map(|[position_m, velocity_m_s]| ToldStation { position_m, velocity_m_s, step });
        Ok(())
    }

    /// Let the transponder want power in the step that begins, or none.
    pub(super) fn ask_power_for_transponder(&mut self) {
        let Some(load) = transponder_load(&self.config) else { return };
        let wants = self.state.comms.is_some_and(|comms| comms.is_to_reply());
        if let (Some(config), Some(plane)) = (&self.config.power, &mut self.state.power) {
            plane.loads.0[load].demand_w = if wants { config.loads[load].demand_w } else { 0.0 };
        }
    }

    /// Let communications go on by the step in which the power flowed as it did last.
    pub(super) fn step_comms(&mut self) {
        let load = transponder_load(&self.config);
        let load = load.zip(self.state.power.as_ref()).map(|(load, plane)| plane.loads.0[load]);
        if let Some(comms) = &mut self.state.comms {
            comms.step(load.as_ref());
        }
    }
}

/// Number of the load that is the transponder, if one is.
pub(super) fn transponder_load(config: &VehicleConfig) -> Option<usize> {
    config.comms.as_ref()?.transponder.as_ref()?.load
}
