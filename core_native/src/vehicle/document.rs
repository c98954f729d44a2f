//! The vehicle document as it is written: names, units, limits and what may be left out.
//!
//! It is read from JSON text; Python turns YAML into it. Every mapping refuses names it does not know.
//! Positions, directions and the inertia are in the body frame: X to starboard, Y to the bow, Z up, from
//! the centre of mass of the vehicle without propellant. [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::comms::document::CommsDocument;
use crate::vehicle::docking::document::DockingDocument;
use crate::vehicle::drive::document::DriveDocument;
use crate::vehicle::power::document::PowerDocument;
use crate::vehicle::radiation::RadiationDocument;
use crate::vehicle::thermal::document::ThermalDocument;
use crate::vehicle::thruster::MAX_THRUSTERS;

/// Version of the document format that this core reads.
pub const VEHICLE_VERSION: u32 = 1;
/// Shortest and longest internal step \[s\].
pub const STEP_LIMITS_S: [f64; 2] = [1e-4, 0.05];
/// Shortest and longest pulse window \[s\].
pub const WINDOW_LIMITS_S: [f64; 2] = [1e-4, 10.0];
/// Least and largest mass \[kg\].
pub const MASS_LIMITS_KG: [f64; 2] = [0.01, 1e7];
/// Largest size of an entry of the inertia \[kg m²\].
pub const MAX_INERTIA_KG_M2: f64 = 1e10;
/// Largest size of a coordinate in the body frame \[m\].
pub const MAX_OFFSET_M: f64 = 100.0;
/// Least and largest specific impulse \[s\].
pub const IMPULSE_LIMITS_S: [f64; 2] = [1.0, 1e5];
/// Least and largest thrust of one thruster \[N\].
pub const THRUST_LIMITS_N: [f64; 2] = [1e-6, 1e7];
/// Least and largest weight of torque beside force \[1/m\].
pub const TORQUE_WEIGHT_LIMITS_PER_M: [f64; 2] = [0.001, 1000.0];
/// Least and largest weight of the propellant.
pub const PROPELLANT_WEIGHT_LIMITS: [f64; 2] = [1e-8, 0.01];

/// A whole vehicle: its body, its propellant, its thrusters, its power, its heat, its ports, its
/// communications and its drive.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "QIKI vehicle")]
pub struct VehicleDocument {
    /// Version of this format; 1.
    #[schemars(range(min = VEHICLE_VERSION, max = VEHICLE_VERSION))]
    pub vehicle_version: u32,
    /// Short name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// What the vehicle is.
    #[serde(default)]
    pub description: String,
    /// Internal step of the simulation \[s\]; a run is the same whatever the rate of its caller.
    #[serde(default = "step_s")]
    #[schemars(range(min = STEP_LIMITS_S[0], max = STEP_LIMITS_S[1]))]
    pub step_s: f64,
    /// The rigid body.
    pub body: BodyDocument,
    /// What the thrusters burn.
    pub propellant: PropellantDocument,
    /// The reaction control system: the thrusters, and how they are told what to do.
    pub rcs: RcsDocument,
    /// Electrical power; without, the vehicle has none of its parts and nothing needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<PowerDocument>,
    /// How warm its parts become; without, that is not simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thermal: Option<ThermalDocument>,
    /// Docking to a station; without, the vehicle cannot dock, and its dock bridge needs no port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docking: Option<DockingDocument>,
    /// Communications; without, the vehicle has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comms: Option<CommsDocument>,
    /// The drive; without, the vehicle has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive: Option<DriveDocument>,
    /// Radiation where it flies; without, that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radiation: Option<RadiationDocument>,
}

/// The body without propellant.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyDocument {
    /// Mass without propellant \[kg\].
    #[schemars(range(min = MASS_LIMITS_KG[0], max = MASS_LIMITS_KG[1]))]
    pub dry_mass_kg: f64,
    /// Inertia about the centre of mass without propellant \[kg m²\], the rows of a symmetric, positive
    /// definite tensor of which no principal moment is above the sum of the other two.
    #[schemars(inner(inner(range(min = -MAX_INERTIA_KG_M2, max = MAX_INERTIA_KG_M2))))]
    pub dry_inertia_kg_m2: [[f64; 3]; 3],
}

/// Propellant, in a spherical tank round the centre of mass which it always fills evenly.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropellantDocument {
    /// Mass when the tank is full \[kg\].
    #[schemars(range(min = 0.0, max = MASS_LIMITS_KG[1]))]
    pub mass_kg: f64,
    /// Radius of the tank \[m\].
    #[schemars(range(min = 0.0, max = MAX_OFFSET_M))]
    pub tank_radius_m: f64,
    /// Specific impulse \[s\]: thrust over mass flow and standard gravity, 9.80665 m/s².
    #[schemars(range(min = IMPULSE_LIMITS_S[0], max = IMPULSE_LIMITS_S[1]))]
    pub specific_impulse_s: f64,
}

/// The reaction control system.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RcsDocument {
    /// Time in which each thruster fires at most one pulse \[s\], a whole number of steps.
    #[schemars(range(min = WINDOW_LIMITS_S[0], max = WINDOW_LIMITS_S[1]))]
    pub pulse_window_s: f64,
    /// Shortest pulse \[s\], at most the window; rounded up to whole steps.
    #[schemars(range(min = 0.0, max = WINDOW_LIMITS_S[1]))]
    pub minimum_on_time_s: f64,
    /// How a wanted force and torque is shared out.
    #[serde(default)]
    pub allocation: AllocationDocument,
    /// The thrusters in groups; they are numbered from 0 in the order in which they stand.
    #[schemars(length(min = 1, max = MAX_THRUSTERS))]
    pub clusters: Vec<ClusterDocument>,
}

/// How a wanted force and torque is shared out over the thrusters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocationDocument {
    /// How much an error of the torque counts beside one of the force \[1/m\]: that many newtons for one
    /// newton metre.
    #[serde(default = "torque_weight_per_m")]
    #[schemars(range(min = TORQUE_WEIGHT_LIMITS_PER_M[0], max = TORQUE_WEIGHT_LIMITS_PER_M[1]))]
    pub torque_weight_per_m: f64,
    /// How much the thrust spent counts; the force falls short by about twice that part of itself.
    #[serde(default = "propellant_weight")]
    #[schemars(range(min = PROPELLANT_WEIGHT_LIMITS[0], max = PROPELLANT_WEIGHT_LIMITS[1]))]
    pub propellant_weight: f64,
}

/// Thrusters of one thrust.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterDocument {
    /// Its name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Thrust of each of its thrusters while it fires \[N\].
    #[schemars(range(min = THRUST_LIMITS_N[0], max = THRUST_LIMITS_N[1]))]
    pub thrust_n: f64,
    /// The thrusters.
    #[schemars(length(min = 1, max = MAX_THRUSTERS))]
    pub thrusters: Vec<ThrusterDocument>,
}

/// One thruster.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThrusterDocument {
    /// Where its force acts \[m\].
    #[schemars(inner(range(min = -MAX_OFFSET_M, max = MAX_OFFSET_M)))]
    pub position_m: [f64; 3],
    /// Direction of the force on the vehicle, opposite to the exhaust; of any length but zero.
    #[schemars(inner(range(min = -1.0, max = 1.0)))]
    pub force_direction: [f64; 3],
}

impl Default for AllocationDocument {
    fn default() -> Self {
        Self { torque_weight_per_m: torque_weight_per_m(), propellant_weight: propellant_weight() }
    }
}

const fn step_s() -> f64 {
    0.001
}

const fn torque_weight_per_m() -> f64 {
    1.0
}

const fn propellant_weight() -> f64 {
    1e-6
}
