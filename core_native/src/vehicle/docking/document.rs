//! The docking section of a vehicle document as it is written; [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::document::MAX_OFFSET_M;

/// Most ports of a vehicle.
pub const MAX_PORTS: usize = 8;
/// Least and largest range of an approach \[m\].
pub const RANGE_LIMITS_M: [f64; 2] = [0.01, 1e4];
/// Least and largest half angle of the approach cone \[deg\].
pub const CONE_LIMITS_DEG: [f64; 2] = [0.1, 90.0];
/// Least and largest distance of a limit \[m\].
pub const DISTANCE_LIMITS_M: [f64; 2] = [1e-6, 100.0];
/// Least and largest speed of a limit \[m/s\].
pub const SPEED_LIMITS_M_S: [f64; 2] = [1e-6, 100.0];
/// Least and largest angle of a limit \[deg\].
pub const ANGLE_LIMITS_DEG: [f64; 2] = [1e-4, 90.0];
/// Least and largest angular rate of a limit \[deg/s\].
pub const RATE_LIMITS_DEG_S: [f64; 2] = [1e-4, 100.0];
/// Largest stiffness and damping of soft capture, in their units.
pub const MAX_SOFTNESS: f64 = 1e9;
/// Largest impulse of a release \[N s\].
pub const MAX_IMPULSE_N_S: f64 = 1e6;

/// Docking to the port of a station.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DockingDocument {
    /// Where an engaged port counts as on approach.
    pub approach: ApproachDocument,
    /// What a port on approach must keep within to be captured.
    pub capture: DockingLimitsDocument,
    /// What holds a captured port until it is latched.
    pub soft: SoftCaptureDocument,
    /// What a captured port must have settled within to be latched, at most `capture`.
    pub latch: DockingLimitsDocument,
    /// Impulse that pushes the vehicle off when it is released from its latches \[N s\].
    #[schemars(range(min = 0.0, max = MAX_IMPULSE_N_S))]
    pub release_impulse_n_s: f64,
    /// The vehicle's ports.
    #[schemars(length(min = 1, max = MAX_PORTS))]
    pub ports: Vec<PortDocument>,
}

/// Where an engaged port counts as on approach.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproachDocument {
    /// Distance between the ports \[m\].
    #[schemars(range(min = RANGE_LIMITS_M[0], max = RANGE_LIMITS_M[1]))]
    pub range_m: f64,
    /// Half angle of the cone round the axis of the station's port \[deg\].
    #[schemars(range(min = CONE_LIMITS_DEG[0], max = CONE_LIMITS_DEG[1]))]
    pub cone_deg: f64,
}

/// How far two ports may be from each other's place and motion.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DockingLimitsDocument {
    /// Distance between the ports \[m\].
    #[schemars(range(min = DISTANCE_LIMITS_M[0], max = DISTANCE_LIMITS_M[1]))]
    pub distance_m: f64,
    /// Speed of one port past the other \[m/s\].
    #[schemars(range(min = SPEED_LIMITS_M_S[0], max = SPEED_LIMITS_M_S[1]))]
    pub speed_m_s: f64,
    /// Angle of the turn between the attitude and that of a docked vehicle \[deg\].
    #[schemars(range(min = ANGLE_LIMITS_DEG[0], max = ANGLE_LIMITS_DEG[1]))]
    pub angle_deg: f64,
    /// Angular rate \[deg/s\].
    #[schemars(range(min = RATE_LIMITS_DEG_S[0], max = RATE_LIMITS_DEG_S[1]))]
    pub rate_deg_s: f64,
}

/// A spring and a damper between the ports, for the place and for the turn.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoftCaptureDocument {
    /// Stiffness \[N/m\]; it and the three others must be slow beside the internal step.
    #[schemars(range(min = 0.0, max = MAX_SOFTNESS))]
    pub stiffness_n_per_m: f64,
    /// Damping \[N s/m\].
    #[schemars(range(min = 0.0, max = MAX_SOFTNESS))]
    pub damping_n_s_per_m: f64,
    /// Stiffness against turns \[N m/rad\].
    #[schemars(range(min = 0.0, max = MAX_SOFTNESS))]
    pub angular_stiffness_n_m_per_rad: f64,
    /// Damping of turns \[N m s/rad\].
    #[schemars(range(min = 0.0, max = MAX_SOFTNESS))]
    pub angular_damping_n_m_s_per_rad: f64,
    /// Distance between the ports beyond which they come apart \[m\], at least that of `capture`.
    #[schemars(range(min = DISTANCE_LIMITS_M[0], max = DISTANCE_LIMITS_M[1]))]
    pub reach_m: f64,
}

/// A port of the vehicle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortDocument {
    /// Its name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Where it is \[m\].
    #[schemars(inner(range(min = -MAX_OFFSET_M, max = MAX_OFFSET_M)))]
    pub position_m: [f64; 3],
    /// Its axis, outwards; of any length but zero.
    #[schemars(inner(range(min = -1.0, max = 1.0)))]
    pub axis: [f64; 3],
    /// Across the axis, what points up at a station's port; what of it is along the axis does not count.
    #[schemars(inner(range(min = -1.0, max = 1.0)))]
    pub up: [f64; 3],
}
