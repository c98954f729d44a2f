//! The power of a vehicle as bytes and back: the part of a vehicle's snapshot that it has with power.

use super::balance::{Flows, fault};
use super::config::PowerConfig;
use super::energy_sum::EnergySum;
use super::loads::{LoadState, Shed};
use super::plane::PowerPlane;
use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse, truth};
use crate::vehicle::snapshot::{numbers, time};

const SHED: [Shed; 5] =
    [Shed::No, Shed::LowCharge, Shed::Overcurrent, Shed::Undersupply, Shed::Heat];

impl PowerPlane {
    /// Append all that changes.
    pub fn put(&self, config: &PowerConfig, out: &mut Writer) {
        for sum in [self.battery, self.supercapacitor, self.taken, self.used, self.lost] {
            out.put(sum.energy_j.to_le_bytes());
            out.put(sum.rest_j.to_le_bytes());
        }
        self.flows.to_array().iter().for_each(|power_w| out.put(power_w.to_le_bytes()));
        out.put([self.faults, u8::from(self.is_charge_low), u8::from(self.are_valves_shut)]);
        out.put([u8::from(self.is_overloaded), u8::from(self.is_supercapacitor_empty)]);
        out.put([u8::from(self.dock_steps.is_some())]);
        out.put(self.dock_steps.unwrap_or(0).to_le_bytes());
        for state in &self.loads.0[..config.loads.len()] {
            out.put([u8::from(state.is_on), state.shed as u8, u8::from(state.is_throttled)]);
            out.put(state.demand_w.to_le_bytes());
            out.put(state.power_w.to_le_bytes());
            out.put(state.shed_step.to_le_bytes());
        }
    }

    /// Read what [`PowerPlane::put`] wrote, at step number `steps`.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a number that cannot be.
    pub fn read(config: &PowerConfig, input: &mut Reader<'_>, steps: i64) -> Result<Self> {
        let mut plane = Self::new(config);
        plane.battery = sum(input)?;
        plane.supercapacitor = sum(input)?;
        let capacitor_j = config.supercapacitor.map_or(0.0, |store| store.capacity_j);
        stored("battery", plane.battery, config.battery.capacity_j)?;
        stored("supercapacitor", plane.supercapacitor, capacitor_j)?;
        (plane.taken, plane.used, plane.lost) = (sum(input)?, sum(input)?, sum(input)?);
        plane.flows = Flows::from_array(numbers(input)?);
        let [faults, is_low, are_shut, is_overloaded, is_empty, is_docked] = input.array()?;
        let known = fault::NAMES.iter().fold(0, |all, (bit, _)| all | bit);
        if faults & !known != 0 {
            return Err(refuse(format!("faults are {faults:#b}, known are {known:#b}")));
        }
        plane.faults = faults;
        (plane.is_charge_low, plane.are_valves_shut) = (truth(is_low)?, truth(are_shut)?);
        plane.is_overloaded = truth(is_overloaded)?;
        plane.is_supercapacitor_empty = truth(is_empty)?;
        let dock_steps = time(input, "time of dock power", steps)?;
        plane.dock_steps = truth(is_docked)?.then_some(dock_steps);
        for (state, load) in plane.loads.0.iter_mut().zip(&config.loads) {
            *state = load_state(input, load.power_w, steps)?;
        }
        Ok(plane)
    }
}

/// The reason with this number.
pub fn shed_of(number: u8) -> Result<Shed> {
    let shed = SHED.get(usize::from(number)).copied();
    shed.ok_or_else(|| refuse(format!("a load is shed for reason {number}, must be 0 to 4")))
}

fn sum(input: &mut Reader<'_>) -> Result<EnergySum> {
    let [energy_j, rest_j] = numbers(input)?;
    Ok(EnergySum { energy_j, rest_j })
}

fn stored(store: &str, sum: EnergySum, capacity_j: f64) -> Result<()> {
    if (0.0..=capacity_j).contains(&sum.energy_j) {
        return Ok(());
    }
    Err(refuse(format!("{store} holds {} J, must hold 0 to {capacity_j}", sum.energy_j)))
}

fn load_state(input: &mut Reader<'_>, most_w: f64, steps: i64) -> Result<LoadState> {
    let [is_on, shed, is_throttled] = input.array()?;
    let shed = shed_of(shed)?;
    let [demand_w, power_w] = numbers(input)?;
    if !(0.0..=most_w).contains(&demand_w) {
        return Err(refuse(format!("a load wants {demand_w} W, must want 0 to {most_w}")));
    }
    let shed_step = time(input, "step in which a load was shed", steps)?;
    let (is_on, is_throttled) = (truth(is_on)?, truth(is_throttled)?);
    Ok(LoadState { is_on, demand_w, shed, shed_step, power_w, is_throttled })
}
