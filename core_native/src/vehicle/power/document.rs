//! The power section of a vehicle document as it is written; [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::MAX_NAME_BYTES;

/// Most loads of a vehicle.
pub const MAX_LOADS: usize = 16;
/// Largest power of one part \[W\].
pub const MAX_POWER_W: f64 = 1e6;
/// Least and largest bus voltage \[V\].
pub const VOLTAGE_LIMITS_V: [f64; 2] = [1.0, 1000.0];
/// Least and largest current limit \[A\].
pub const CURRENT_LIMITS_A: [f64; 2] = [0.001, 1e5];
/// Least and largest capacity of a store \[W h\].
pub const CAPACITY_LIMITS_WH: [f64; 2] = [1e-3, 1e7];
/// Least and largest efficiency.
pub const EFFICIENCY_LIMITS: [f64; 2] = [0.01, 1.0];
/// Longest soft start or hold \[s\].
pub const MAX_HOLD_S: f64 = 3600.0;
/// Largest part of the limit that is kept free when a load is restored.
pub const MAX_MARGIN: f64 = 0.9;

/// Electrical power.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerDocument {
    /// What comes in always \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub base_input_w: f64,
    /// The bus and its power distribution unit.
    pub bus: BusDocument,
    /// The battery, which gives what the inputs do not.
    pub battery: StoreDocument,
    /// Supercapacitor, which gives what the battery may not; without, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supercapacitor: Option<StoreDocument>,
    /// Bridge to the power of a station; without, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dock: Option<DockDocument>,
    /// When loads are shed and restored.
    pub shedding: SheddingDocument,
    /// What each thruster takes while its valve is held open \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub thruster_w: f64,
    /// What the loads take, in the order in which they give way when power is short.
    #[schemars(length(min = 0, max = MAX_LOADS))]
    pub loads: Vec<LoadDocument>,
}

/// The bus and its power distribution unit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusDocument {
    /// Voltage with an empty battery \[V\]; it rises in proportion to the state of charge.
    #[schemars(range(min = VOLTAGE_LIMITS_V[0], max = VOLTAGE_LIMITS_V[1]))]
    pub minimum_v: f64,
    /// Voltage with a full battery \[V\], at least `minimum_v`.
    #[schemars(range(min = VOLTAGE_LIMITS_V[0], max = VOLTAGE_LIMITS_V[1]))]
    pub nominal_v: f64,
    /// The most that leaves the bus, for loads and charging together \[A\].
    #[schemars(range(min = CURRENT_LIMITS_A[0], max = CURRENT_LIMITS_A[1]))]
    pub maximum_a: f64,
}

/// A store of energy.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreDocument {
    /// Energy that it holds \[W h\].
    #[schemars(range(min = CAPACITY_LIMITS_WH[0], max = CAPACITY_LIMITS_WH[1]))]
    pub capacity_wh: f64,
    /// State of charge at the start, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub initial_charge: f64,
    /// The most that it takes from the bus \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub maximum_charge_w: f64,
    /// The most that it gives to the bus \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub maximum_discharge_w: f64,
    /// Part of what it takes that it stores.
    #[serde(default = "lossless")]
    #[schemars(range(min = EFFICIENCY_LIMITS[0], max = EFFICIENCY_LIMITS[1]))]
    pub charge_efficiency: f64,
    /// Part of what it loses from its store that it gives.
    #[serde(default = "lossless")]
    #[schemars(range(min = EFFICIENCY_LIMITS[0], max = EFFICIENCY_LIMITS[1]))]
    pub discharge_efficiency: f64,
}

/// The bridge to the power of a station.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DockDocument {
    /// The most that the station gives \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub station_w: f64,
    /// Voltage of the bridge \[V\].
    #[schemars(range(min = VOLTAGE_LIMITS_V[0], max = VOLTAGE_LIMITS_V[1]))]
    pub bridge_v: f64,
    /// The most that the bridge carries to the bus \[A\].
    #[schemars(range(min = CURRENT_LIMITS_A[0], max = CURRENT_LIMITS_A[1]))]
    pub bridge_a: f64,
    /// Time in which what it may give rises from nothing, evenly, after it was switched on \[s\].
    #[schemars(range(min = 0.0, max = MAX_HOLD_S))]
    pub soft_start_s: f64,
    /// Part of what the station gives that reaches the bus.
    #[serde(default = "lossless")]
    #[schemars(range(min = EFFICIENCY_LIMITS[0], max = EFFICIENCY_LIMITS[1]))]
    pub efficiency: f64,
}

/// When loads are shed and restored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheddingDocument {
    /// State of charge at which the loads with `shed_at_low_charge` are shed, 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub shed_charge: f64,
    /// State of charge at which they are restored, `shed_charge` to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub restore_charge: f64,
    /// Shortest time for which a load is off that was shed for want of power \[s\].
    #[schemars(range(min = 0.0, max = MAX_HOLD_S))]
    pub hold_s: f64,
    /// Part of the power that must be left free when such a load is restored.
    #[schemars(range(min = 0.0, max = MAX_MARGIN))]
    pub restore_margin: f64,
}

/// What takes power.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadDocument {
    /// Its name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// The most that it takes \[W\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub power_w: f64,
    /// What it wants at the start \[W\], at most `power_w`, which it is without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub demand_w: Option<f64>,
    /// Whether it is switched on at the start.
    #[serde(default = "yes")]
    pub is_on: bool,
    /// What happens to it when power is short.
    #[serde(default)]
    pub when_short: WhenShort,
    /// Whether it is shed when the state of charge is low.
    #[serde(default)]
    pub shed_at_low_charge: bool,
}

/// What happens to a load when power is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenShort {
    /// It gives way last, after all others and the thrusters, and that is a fault.
    #[default]
    Keep,
    /// It is shed.
    Shed,
    /// It gets less.
    Throttle,
}

const fn lossless() -> f64 {
    1.0
}

const fn yes() -> bool {
    true
}
