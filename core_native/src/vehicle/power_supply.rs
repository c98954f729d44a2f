//! A vehicle's power: what its thrusters ask of it, and what it is told.

use crate::error::{Error, Result};
use crate::vehicle::comms_control::transponder_load;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking::mechanism::{Docking, DockingPhase};
use crate::vehicle::power::balance::fault;
use crate::vehicle::power::config::PowerConfig;
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::thermal::config::ThermalConfig;
use crate::vehicle::thermal::nodes::ThermalNodes;
use crate::vehicle::thruster::ThrusterCondition;

impl Vehicle {
    /// Its power with its configuration, if it has one.
    pub fn power(&self) -> Option<(&PowerConfig, &PowerPlane)> {
        self.config().power.as_ref().zip(self.state().power.as_ref())
    }

    /// Its thermal nodes with their configuration, if it has some.
    pub fn thermal(&self) -> Option<(&ThermalConfig, &ThermalNodes)> {
        self.config().thermal.as_ref().zip(self.state().thermal.as_ref())
    }

    /// Switch a load on or off, or tell it what it may want \[W\], from the next internal step on.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that no load has, a demand below 0 or above the load's power, or one
    /// for the transponder or for the drive while that is told something; nothing changes then.
    pub fn set_load(
        &mut self,
        name: &str,
        is_on: Option<bool>,
        demand_w: Option<f64>,
    ) -> Result<()> {
        let driving = self.driving_load();
        let (config, plane) = parts(&self.config, &mut self.state.power)?;
        let names = || config.loads.iter().map(|load| load.name.as_str()).collect::<Vec<_>>();
        let index = config.loads.iter().position(|load| load.name == name);
        let index = index.ok_or_else(|| Error::Setting {
            setting: "load".into(),
            value: format!("{name:?}"),
            limit: names().join(", "),
            remedy: "give the name of a load".into(),
        })?;
        let most_w = config.loads[index].power_w;
        let others = [
            (
                transponder_load(&self.config),
                "the transponder",
                "set the transponder's mode instead",
            ),
            (driving, "the drive at work", "stop it, and wait until it rests"),
        ];
        for (_, part, remedy) in others.iter().filter(|(load, ..)| *load == Some(index)) {
            if demand_w.is_some() {
                return Err(Error::Setting {
                    setting: "demand_w".into(),
                    value: "given".into(),
                    limit: format!("left out for {name:?}, which is {part}"),
                    remedy: (*remedy).into(),
                });
            }
        }
        if let Some(value) = demand_w.filter(|value| !(0.0..=most_w).contains(value)) {
            return Err(Error::Setting {
                setting: "demand_w".into(),
                value: value.to_string(),
                limit: format!("0 to {most_w}"),
                remedy: "give a demand within the load's power".into(),
            });
        }
        let state = &mut plane.loads.0[index];
        state.is_on = is_on.unwrap_or(state.is_on);
        state.demand_w = demand_w.unwrap_or(state.demand_w);
        Ok(())
    }

    /// Switch dock power on or off, from the next internal step on; it begins with its soft start.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without a dock bridge, or one that can dock and of which no port is
    /// latched.
    pub fn set_dock_power(&mut self, is_on: bool) -> Result<()> {
        let is_latched = |docking: &Docking| docking.phase == DockingPhase::Latched;
        if is_on && !self.state.docking.as_ref().is_none_or(is_latched) {
            return Err(Error::Setting {
                setting: "dock power".into(),
                value: "on".into(),
                limit: "off while no port is latched".into(),
                remedy: "dock first".into(),
            });
        }
        let (config, plane) = parts(&self.config, &mut self.state.power)?;
        if config.dock.is_none() {
            return Err(without("power.dock"));
        }
        plane.dock_steps = is_on.then(|| plane.dock_steps.unwrap_or(0));
        Ok(())
    }

    /// Whether the valves of the thrusters are kept shut for want of power.
    #[inline(always)]
    pub(super) fn are_valves_shut(&self) -> bool {
        self.state.power.as_ref().is_some_and(|plane| plane.are_valves_shut)
    }

    /// Refuse the pulses of a window that just began if there is no power for all of them at once.
    pub(super) fn ask_power_for_window(&mut self) {
        let pulses = self.state.pulses.pulses();
        let valve_w = self.valve_w(|thruster| pulses[thruster].on_steps > 0);
        if let (Some(config), Some(plane)) = (&self.config.power, &mut self.state.power) {
            plane.are_valves_shut = !plane.can_hold_valves(config, valve_w);
        }
    }

    /// Let the power, and the heat that it makes, go on by the step that begins.
    pub(super) fn step_power(&mut self) {
        self.ask_power_for_transponder();
        self.begin_drive_step();
        let step = self.state.steps;
        let valve_w = self.valve_w(|thruster| self.is_told(thruster, step));
        if let (Some(config), Some(plane)) = (&self.config.power, &mut self.state.power) {
            let heat = self.config.thermal.as_ref().zip(self.state.thermal.as_ref());
            plane.step(config, step, valve_w, heat.map_or(0, |(config, nodes)| nodes.shed(config)));
        }
        self.power_drive();
        if let (Some(config), Some(nodes)) = (&self.config.thermal, &mut self.state.thermal) {
            nodes.step(config, self.state.power.as_ref());
        }
        self.step_comms();
    }

    /// What the valves take that are open and do as they are told \[W\]; one that is stuck takes nothing.
    fn valve_w(&self, is_open: impl Fn(usize) -> bool) -> f64 {
        let Some(config) = &self.config.power else { return 0.0 };
        if self.state.body.propellant_kg <= 0.0 {
            return 0.0;
        }
        let is_drawing = |&thruster: &usize| {
            self.state.conditions[thruster] == ThrusterCondition::Working && is_open(thruster)
        };
        (0..self.config.thrusters.len()).filter(is_drawing).count() as f64 * config.thruster_w
    }
}

/// Names of faults, bits of [`fault`], and of the thermal nodes that are tripped, a bit for each.
pub fn fault_names(config: &VehicleConfig, faults: u8, tripped: u16) -> Vec<String> {
    let present = fault::NAMES.iter().filter(|(bit, _)| faults & bit != 0);
    let names = present.map(|(_, name)| (*name).to_owned());
    let nodes = config.thermal.iter().flat_map(|thermal| thermal.nodes.iter().enumerate());
    let tripped = nodes.filter(|(number, _)| tripped >> number & 1 != 0);
    names.chain(tripped.map(|(_, node)| format!("THERMAL_TRIP:{}", node.name))).collect()
}

fn parts<'a>(
    config: &'a VehicleConfig,
    plane: &'a mut Option<PowerPlane>,
) -> Result<(&'a PowerConfig, &'a mut PowerPlane)> {
    config.power.as_ref().zip(plane.as_mut()).ok_or_else(|| without("power"))
}

pub(super) fn without(section: &str) -> Error {
    Error::Setting {
        setting: section.into(),
        value: "absent".into(),
        limit: "a section of the vehicle's file".into(),
        remedy: "add it to the file".into(),
    }
}
