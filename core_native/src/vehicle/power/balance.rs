//! The balance of the bus in one step: what comes to it is what leaves it.
//!
//! The inputs are used first, the base input before the dock. What they give beyond the loads charges the
//! supercapacitor, then the battery; what they lack the battery gives, and beyond its limit the
//! supercapacitor. An input gives no more than is used.

use super::config::PowerConfig;

/// What is wrong, as bits.
pub mod fault {
    /// There is more to charge the battery with than it may take.
    pub const BATTERY_CHARGE_LIMIT: u8 = 1;
    /// More is wanted of the battery than it may give.
    pub const BATTERY_DISCHARGE_LIMIT: u8 = 1 << 1;
    /// The battery holds less than it may give in a step.
    pub const BATTERY_EMPTY: u8 = 1 << 2;
    /// A load that gives way last is off, for the current limit of the power distribution unit.
    pub const PDU_OVERCURRENT: u8 = 1 << 3;
    /// A load that gives way last is off, for want of power.
    pub const POWER_SHORTAGE: u8 = 1 << 4;
    /// Thrusters are told to fire and there is no power to hold their valves open.
    pub const THRUSTERS_UNPOWERED: u8 = 1 << 5;
    /// Each with its name.
    pub const NAMES: [(u8, &str); 6] = [
        (BATTERY_CHARGE_LIMIT, "BATTERY_CHARGE_LIMIT"),
        (BATTERY_DISCHARGE_LIMIT, "BATTERY_DISCHARGE_LIMIT"),
        (BATTERY_EMPTY, "BATTERY_EMPTY"),
        (PDU_OVERCURRENT, "PDU_OVERCURRENT"),
        (POWER_SHORTAGE, "POWER_SHORTAGE"),
        (THRUSTERS_UNPOWERED, "THRUSTERS_UNPOWERED"),
    ];
}

/// The most that each side can do in a step \[W\].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Supply {
    /// What may leave the bus.
    pub limit_w: f64,
    /// What the base input gives.
    pub input_w: f64,
    /// What the dock gives.
    pub dock_w: f64,
    /// What the battery gives, and what it takes.
    pub battery_w: [f64; 2],
    /// What the supercapacitor gives, and what it takes.
    pub supercapacitor_w: [f64; 2],
}

/// The powers of a step, at the bus \[W\].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flows {
    /// Voltage of the bus \[V\].
    pub bus_v: f64,
    /// What might have left the bus.
    pub limit_w: f64,
    /// From the base input.
    pub input_w: f64,
    /// From the dock.
    pub dock_w: f64,
    /// Into the battery; negative out of it.
    pub battery_w: f64,
    /// Into the supercapacitor; negative out of it.
    pub supercapacitor_w: f64,
    /// Into the loads, thrusters included.
    pub load_w: f64,
    /// Into the valves of the thrusters.
    pub thruster_w: f64,
    /// Lost in the dock's bridge.
    pub dock_lost_w: f64,
    /// Lost in the battery.
    pub battery_lost_w: f64,
    /// Lost in the supercapacitor.
    pub supercapacitor_lost_w: f64,
}

impl Supply {
    /// What the inputs give.
    pub fn external_w(&self) -> f64 {
        self.input_w + self.dock_w
    }

    /// What the loads may take: what there is, and no more than may leave the bus.
    pub fn most_w(&self) -> f64 {
        self.limit_w.min(self.all_w())
    }

    /// What there is from everywhere.
    pub fn all_w(&self) -> f64 {
        self.external_w() + self.battery_w[0] + self.supercapacitor_w[0]
    }

    /// What there is for long: the supercapacitor is soon empty, and so is a battery that is low.
    pub fn lasting_w(&self, is_battery_counted: bool) -> f64 {
        let battery_w = if is_battery_counted { self.battery_w[0] } else { 0.0 };
        self.limit_w.min(self.external_w() + battery_w)
    }

    /// What the inputs give beyond `load_w` and may leave the bus.
    pub fn surplus_w(&self, load_w: f64) -> f64 {
        (self.external_w().min(self.limit_w) - load_w).max(0.0)
    }

    /// The powers where the loads take `load_w`, which is at most [`Supply::most_w`].
    pub fn balanced(&self, load_w: f64) -> Flows {
        let surplus_w = self.surplus_w(load_w);
        let deficit_w = (load_w - self.external_w()).max(0.0);
        let given_w = deficit_w.min(self.battery_w[0]);
        let helped_w = (deficit_w - given_w).min(self.supercapacitor_w[0]);
        let supercapacitor_w = surplus_w.min(self.supercapacitor_w[1]) - helped_w;
        let battery_w = (surplus_w - supercapacitor_w.max(0.0)).min(self.battery_w[1]) - given_w;
        let taken_w = load_w + supercapacitor_w + battery_w;
        let input_w = taken_w.clamp(0.0, self.input_w);
        Flows {
            limit_w: self.limit_w,
            input_w,
            dock_w: (taken_w - input_w).clamp(0.0, self.dock_w),
            battery_w,
            supercapacitor_w,
            load_w,
            ..Flows::default()
        }
    }
}

impl Flows {
    /// All that leaves the bus, which its limit holds for \[W\].
    pub fn bus_w(&self) -> f64 {
        self.load_w + self.battery_w.max(0.0) + self.supercapacitor_w.max(0.0)
    }

    /// The current that leaves the bus \[A\].
    pub fn bus_a(&self) -> f64 {
        if self.bus_v > 0.0 { self.bus_w() / self.bus_v } else { 0.0 }
    }

    /// What is taken from outside, with what the dock's bridge loses \[W\].
    pub fn taken_w(&self) -> f64 {
        self.input_w + self.dock_w + self.dock_lost_w
    }

    /// All that is lost \[W\].
    pub fn lost_w(&self) -> f64 {
        self.dock_lost_w + self.battery_lost_w + self.supercapacitor_lost_w
    }

    /// The fields in their order.
    pub const fn to_array(self) -> [f64; 11] {
        let Self { bus_v, limit_w, input_w, dock_w, battery_w, supercapacitor_w, .. } = self;
        let Self { load_w, thruster_w, dock_lost_w, battery_lost_w, supercapacitor_lost_w, .. } =
            self;
        [
            bus_v,
            limit_w,
            input_w,
            dock_w,
            battery_w,
            supercapacitor_w,
            load_w,
            thruster_w,
            dock_lost_w,
            battery_lost_w,
            supercapacitor_lost_w,
        ]
    }

    /// What [`Flows::to_array`] gave.
    pub const fn from_array(fields: [f64; 11]) -> Self {
        let [bus_v, limit_w, input_w, dock_w, battery_w, supercapacitor_w, load_w, ..] = fields;
        let [.., thruster_w, dock_lost_w, battery_lost_w, supercapacitor_lost_w] = fields;
        Self {
            bus_v,
            limit_w,
            input_w,
            dock_w,
            battery_w,
            supercapacitor_w,
            load_w,
            thruster_w,
            dock_lost_w,
            battery_lost_w,
            supercapacitor_lost_w,
        }
    }
}

/// Whether the battery is asked for more than it may give, or given.
pub fn battery_faults(config: &PowerConfig, supply: &Supply, flows: &Flows, wanted_w: f64) -> u8 {
    let store = &config.battery;
    let asked_w = wanted_w.min(supply.limit_w) - supply.external_w();
    let offered_w = supply.surplus_w(flows.load_w) - flows.supercapacitor_w.max(0.0);
    let is_charging = flows.battery_w > 0.0 && flows.battery_w >= store.maximum_charge_w;
    let bit = |is_set, bit| if is_set { bit } else { 0 };
    bit(asked_w > store.maximum_discharge_w, fault::BATTERY_DISCHARGE_LIMIT)
        | bit(is_charging && offered_w > store.maximum_charge_w, fault::BATTERY_CHARGE_LIMIT)
}
