//! The power of a vehicle in time.

use super::balance::{Flows, Supply, battery_faults, fault};
use super::config::PowerConfig;
use super::energy_store::EnergyStore;
use super::energy_sum::EnergySum;
use super::loads::{Loads, Shed};

/// All that changes in a vehicle's power.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerPlane {
    /// What the battery holds.
    pub battery: EnergySum,
    /// What the supercapacitor holds.
    pub supercapacitor: EnergySum,
    /// Whether the state of charge is low, with its hysteresis.
    pub is_charge_low: bool,
    /// Steps since dock power was switched on, if it is.
    pub dock_steps: Option<i64>,
    /// Whether the valves of the thrusters stay shut until the next pulse window.
    pub are_valves_shut: bool,
    /// The loads.
    pub loads: Loads,
    /// Energy from outside since the start.
    pub taken: EnergySum,
    /// Energy that the loads got since the start.
    pub used: EnergySum,
    /// Energy lost in the stores and the bridge since the start.
    pub lost: EnergySum,
    /// The powers of the last step.
    pub flows: Flows,
    /// What was wrong in the last step, the bits of [`fault`].
    pub faults: u8,
    /// Whether the loads wanted more in it than the power distribution unit may carry.
    pub is_overloaded: bool,
    /// Whether the supercapacitor was empty after it.
    pub is_supercapacitor_empty: bool,
}

impl PowerPlane {
    /// The power at the start.
    pub fn new(config: &PowerConfig) -> Self {
        let battery = config.battery.initial();
        Self {
            battery,
            supercapacitor: config
                .supercapacitor
                .map_or(EnergySum::of(0.0), |store| store.initial()),
            is_charge_low: config.battery.charge(battery) <= config.shed_charge,
            dock_steps: None,
            are_valves_shut: false,
            loads: Loads::new(config),
            taken: EnergySum::default(),
            used: EnergySum::default(),
            lost: EnergySum::default(),
            flows: Flows { bus_v: bus_v(config, battery), ..Flows::default() },
            faults: 0,
            is_overloaded: false,
            is_supercapacitor_empty: config
                .supercapacitor
                .is_some_and(|store| store.is_empty(store.initial(), config.step_s)),
        }
    }

    /// Whether valves that take `valve_w` could be held open now, if all gave way that do so first.
    pub fn can_hold_valves(&self, config: &PowerConfig, valve_w: f64) -> bool {
        valve_w <= self.supply(config).most_w() - self.loads.kept_w(config)
    }

    /// Go on by step number `step`, in which the valves of the thrusters want `valve_w` and the loads `hot`, a
    /// bit for each, are shed by heat.
    pub fn step(&mut self, config: &PowerConfig, step: i64, valve_w: f64, hot: u16) {
        let supply = self.supply(config);
        let charge = config.battery.charge(self.battery);
        self.heed_charge(config, charge);
        self.loads.heed(config, self.is_charge_low, hot);
        let room_w = supply.lasting_w(charge >= config.restore_charge);
        let room_w = room_w * (1.0 - config.restore_margin);
        self.loads.restore(config, step, room_w, valve_w);

        let wanted_w = self.loads.wanted_w(config) + valve_w;
        self.are_valves_shut |= valve_w > 0.0 && !self.can_hold_valves(config, valve_w);
        let thruster_w = if self.are_valves_shut { 0.0 } else { valve_w };
        let is_by_limit = supply.limit_w <= supply.all_w();
        let reason = if is_by_limit { Shed::Overcurrent } else { Shed::Undersupply };
        let load_w = self.loads.grant(config, step, supply.most_w() - thruster_w, reason);
        self.is_overloaded =
            self.loads.is_any_shed(Shed::Overcurrent) || is_by_limit && self.loads.throttled() != 0;

        let mut flows = supply.balanced(load_w + thruster_w);
        (flows.bus_v, flows.thruster_w) = (bus_v(config, self.battery), thruster_w);
        self.faults = battery_faults(config, &supply, &flows, wanted_w);
        self.exchange(config, &mut flows);
        self.flows = flows;
        self.faults |= self.lasting_faults(config);
        self.dock_steps = self.dock_steps.map(|steps| steps + 1);
    }

    /// What each side can do in the next step.
    fn supply(&self, config: &PowerConfig) -> Supply {
        let step_s = config.step_s;
        let dock_w = match (&config.dock, self.dock_steps) {
            (Some(dock), Some(steps)) => dock.available_w(steps as f64 * step_s, step_s),
            _ => 0.0,
        };
        let both = |store: &EnergyStore, stored| {
            [store.available_w(stored, step_s), store.acceptable_w(stored, step_s)]
        };
        let capacitor = config.supercapacitor.as_ref();
        Supply {
            limit_w: config.maximum_a * bus_v(config, self.battery),
            input_w: config.base_input_w,
            dock_w,
            battery_w: both(&config.battery, self.battery),
            supercapacitor_w: capacitor.map_or([0.0; 2], |store| both(store, self.supercapacitor)),
        }
    }

    fn heed_charge(&mut self, config: &PowerConfig, charge: f64) {
        if charge <= config.shed_charge {
            self.is_charge_low = true;
        } else if charge >= config.restore_charge {
            self.is_charge_low = false;
        }
    }

    /// Let the powers flow for a step.
    fn exchange(&mut self, config: &PowerConfig, flows: &mut Flows) {
        let step_s = config.step_s;
        flows.battery_lost_w = config.battery.exchange(&mut self.battery, flows.battery_w, step_s);
        if let Some(store) = &config.supercapacitor {
            flows.supercapacitor_lost_w =
                store.exchange(&mut self.supercapacitor, flows.supercapacitor_w, step_s);
            self.is_supercapacitor_empty = store.is_empty(self.supercapacitor, step_s);
        }
        if let Some(dock) = &config.dock {
            flows.dock_lost_w = flows.dock_w / dock.efficiency - flows.dock_w;
        }
        self.taken.add(flows.taken_w() * step_s);
        self.used.add(flows.load_w * step_s);
        self.lost.add(flows.lost_w() * step_s);
    }

    /// Faults that the state tells.
    fn lasting_faults(&self, config: &PowerConfig) -> u8 {
        let bit = |is_set, bit| if is_set { bit } else { 0 };
        let loads = &self.loads;
        bit(config.battery.is_empty(self.battery, config.step_s), fault::BATTERY_EMPTY)
            | bit(loads.is_kept_shed(config, Shed::Overcurrent), fault::PDU_OVERCURRENT)
            | bit(loads.is_kept_shed(config, Shed::Undersupply), fault::POWER_SHORTAGE)
            | bit(self.are_valves_shut, fault::THRUSTERS_UNPOWERED)
    }
}

/// Voltage of the bus, by the battery's state of charge \[V\].
fn bus_v(config: &PowerConfig, battery: EnergySum) -> f64 {
    config.minimum_v + (config.nominal_v - config.minimum_v) * config.battery.charge(battery)
}
