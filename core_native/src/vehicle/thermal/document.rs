//! The thermal section of a vehicle document as it is written; [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::power::document::MAX_LOADS;

/// Most thermal nodes of a vehicle.
pub const MAX_NODES: usize = 16;
/// Most couplings between them.
pub const MAX_COUPLINGS: usize = 120;
/// Lowest and highest temperature \[°C\].
pub const TEMPERATURE_LIMITS_C: [f64; 2] = [-273.15, 2000.0];
/// Least and largest heat capacity \[J/K\].
pub const CAPACITY_LIMITS_J_PER_K: [f64; 2] = [1e-3, 1e9];
/// Largest thermal conductance \[W/K\].
pub const MAX_CONDUCTANCE_W_PER_K: f64 = 1e6;
/// Largest hysteresis \[K\].
pub const MAX_HYSTERESIS_K: f64 = 500.0;
/// Most sources that heat a node.
pub const MAX_SOURCES: usize = MAX_LOADS + 4;

/// How warm the vehicle's parts become.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThermalDocument {
    /// Temperature of the surroundings \[°C\].
    #[schemars(range(min = TEMPERATURE_LIMITS_C[0], max = TEMPERATURE_LIMITS_C[1]))]
    pub ambient_c: f64,
    /// The parts, each of one temperature.
    #[schemars(length(min = 1, max = MAX_NODES))]
    pub nodes: Vec<NodeDocument>,
    /// What conducts heat between them.
    #[serde(default)]
    #[schemars(length(min = 0, max = MAX_COUPLINGS))]
    pub couplings: Vec<CouplingDocument>,
}

/// A part of one temperature.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeDocument {
    /// Its name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Heat capacity \[J/K\].
    #[schemars(range(min = CAPACITY_LIMITS_J_PER_K[0], max = CAPACITY_LIMITS_J_PER_K[1]))]
    pub capacity_j_per_k: f64,
    /// Temperature at the start \[°C\].
    #[schemars(range(min = TEMPERATURE_LIMITS_C[0], max = TEMPERATURE_LIMITS_C[1]))]
    pub initial_c: f64,
    /// Conductance to the surroundings \[W/K\].
    #[schemars(range(min = 0.0, max = MAX_CONDUCTANCE_W_PER_K))]
    pub ambient_w_per_k: f64,
    /// Temperature at which it trips \[°C\].
    #[schemars(range(min = TEMPERATURE_LIMITS_C[0], max = TEMPERATURE_LIMITS_C[1]))]
    pub trip_c: f64,
    /// Temperature at which it warns \[°C\], at most `trip_c`.
    #[schemars(range(min = TEMPERATURE_LIMITS_C[0], max = TEMPERATURE_LIMITS_C[1]))]
    pub warn_c: f64,
    /// How far below each of the two it must cool until that ends \[K\].
    #[schemars(range(min = 0.0, max = MAX_HYSTERESIS_K))]
    pub hysteresis_k: f64,
    /// Names of the loads that are shed while it is tripped.
    #[serde(default)]
    #[schemars(length(min = 0, max = MAX_LOADS))]
    pub sheds: Vec<String>,
    /// What heats it.
    #[serde(default)]
    #[schemars(length(min = 0, max = MAX_SOURCES))]
    pub heated_by: Vec<HeatDocument>,
}

/// A source of heat.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeatDocument {
    /// Name of a load, whose whole power counts; or `thrusters`, for their valves; or `battery`,
    /// `supercapacitor` or `dock`, for what is lost in these.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub source: String,
    /// Part of it that becomes heat here; over all nodes at most 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fraction: f64,
}

/// What conducts heat between two nodes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CouplingDocument {
    /// Names of the two nodes.
    pub between: [String; 2],
    /// Conductance \[W/K\].
    #[schemars(range(min = 0.0, max = MAX_CONDUCTANCE_W_PER_K))]
    pub conductance_w_per_k: f64,
}
