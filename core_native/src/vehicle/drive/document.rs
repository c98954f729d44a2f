//! The drive section of a vehicle document as it is written; [`super::config`] checks it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::document::MAX_OFFSET_M;
use crate::vehicle::power::document::MAX_POWER_W;

/// Least and largest highest speed \[m/s\].
pub const SPEED_LIMITS_M_S: [f64; 2] = [0.001, 1000.0];
/// Least and largest force per speed \[N s/m\].
pub const GAIN_LIMITS_N_S_PER_M: [f64; 2] = [1e-3, 1e9];
/// Least and largest force of a wheel \[N\].
pub const FORCE_LIMITS_N: [f64; 2] = [1e-6, 1e7];
/// Least and largest speed at which a wheel rests \[m/s\].
pub const REST_LIMITS_M_S: [f64; 2] = [1e-9, 0.1];
/// Least and largest rate at which a turn closes what is left of it \[1/s\].
pub const CLOSING_LIMITS_PER_S: [f64; 2] = [1e-3, 100.0];
/// Least and largest tolerance of a turn \[deg\].
pub const TOLERANCE_LIMITS_DEG: [f64; 2] = [1e-4, 10.0];
/// Shortest and longest time limit of a turn \[s\].
pub const TURN_TIME_LIMITS_S: [f64; 2] = [0.01, 3600.0];

/// The drive: two motors that push along the bow, each with a wheel that does not slip sideways.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriveDocument {
    /// Highest speed that a wheel can be told \[m/s\].
    #[schemars(range(min = SPEED_LIMITS_M_S[0], max = SPEED_LIMITS_M_S[1]))]
    pub maximum_m_s: f64,
    /// The wheel to port of the centre of mass.
    pub left: WheelDocument,
    /// The wheel to starboard of it.
    pub right: WheelDocument,
    /// What each motor does along the bow about the speed that is missing.
    pub servo: DamperDocument,
    /// What each wheel does across the bow about its speed there.
    pub grip: DamperDocument,
    /// Speed of both wheels up to which the drive, told to stop, has stopped and lets go \[m/s\].
    #[schemars(range(min = REST_LIMITS_M_S[0], max = REST_LIMITS_M_S[1]))]
    pub rest_m_s: f64,
    /// How it turns by an angle.
    pub turn: TurnDocument,
    /// Power for each metre per second that the wheels are told, in the mean of both \[W s/m\].
    #[schemars(range(min = 0.0, max = MAX_POWER_W))]
    pub power_w_per_m_s: f64,
    /// Name of the load that it is, of which the power must do for `maximum_m_s`; without, it needs no power.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub load: Option<String>,
}

/// A wheel with its motor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WheelDocument {
    /// Where its forces act \[m\]; no ground bears the vehicle, so that wheels below its centre make it pitch.
    #[schemars(inner(range(min = -MAX_OFFSET_M, max = MAX_OFFSET_M)))]
    pub position_m: [f64; 3],
}

/// A force in proportion to a speed, up to a limit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DamperDocument {
    /// Force of a wheel for each metre per second \[N s/m\]; it must be slow beside the internal step.
    #[schemars(range(min = GAIN_LIMITS_N_S_PER_M[0], max = GAIN_LIMITS_N_S_PER_M[1]))]
    pub gain_n_s_per_m: f64,
    /// The most that a wheel gives \[N\].
    #[schemars(range(min = FORCE_LIMITS_N[0], max = FORCE_LIMITS_N[1]))]
    pub maximum_force_n: f64,
}

/// A turn by an angle: the wheels are told opposite speeds, in proportion to what is left of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnDocument {
    /// The most that the wheels are told \[m/s\], at most `maximum_m_s` and no more than the motors can take
    /// back in time.
    #[schemars(range(min = SPEED_LIMITS_M_S[0], max = SPEED_LIMITS_M_S[1]))]
    pub speed_m_s: f64,
    /// Rate of turn that is wanted, for each radian that is left \[1/s\]; slow enough for the servo.
    #[schemars(range(min = CLOSING_LIMITS_PER_S[0], max = CLOSING_LIMITS_PER_S[1]))]
    pub closing_per_s: f64,
    /// What may be left at the end \[deg\].
    #[schemars(range(min = TOLERANCE_LIMITS_DEG[0], max = TOLERANCE_LIMITS_DEG[1]))]
    pub tolerance_deg: f64,
    /// Time after which it is given up \[s\].
    #[schemars(range(min = TURN_TIME_LIMITS_S[0], max = TURN_TIME_LIMITS_S[1]))]
    pub limit_s: f64,
}
