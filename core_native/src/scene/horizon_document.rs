//! The part of the scenario document that describes what hides bodies from each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Smallest and largest radius of the ground \[m\].
pub const EFFECTIVE_RADIUS_LIMITS_M: [f64; 2] = [1.0, 1e9];
/// Smallest radius of a body that hides others \[m\].
pub const MIN_OCCLUDING_RADIUS_M: f64 = 1e-3;
/// Most bodies that hide others.
pub const MAX_OCCLUDING_BODIES: usize = 1000;

/// The ground, a sphere that touches the XY plane from below in the world's origin: what lies
/// behind it or below it is not seen.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HorizonDocument {
    /// Radius of the sphere \[m\]; left out, 4/3 of the Earth's 6371 km, which stands for rays that
    /// are bent by a standard atmosphere.
    #[serde(default = "standard_radius_m")]
    #[schemars(range(min = EFFECTIVE_RADIUS_LIMITS_M[0], max = EFFECTIVE_RADIUS_LIMITS_M[1]))]
    pub effective_radius_m: f64,
}

/// 4/3 of the Earth's mean radius: M. I. Skolnik, "Introduction to Radar Systems", 3rd ed. (2001),
/// chapter 8.
const fn standard_radius_m() -> f64 {
    6_371_000.0 * 4.0 / 3.0
}
