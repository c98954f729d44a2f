//! The part of the scenario document that describes vehicles which carry radars.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object_type::ObjectType;
use crate::radar::fluctuation::Fluctuation;
use crate::scene::document::MotionDocument;
use crate::scene::horizon_document::MIN_OCCLUDING_RADIUS_M;
use crate::scene::scenario::{
    MAX_IDENTITY_BYTES, MAX_POSITION_M, MAX_RCS_DBSM, MAX_TURN_RATE_DEG_S,
};
use crate::scene::transponder_document::TransponderDocument;

/// The vehicle that carries every radar which names no other.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnShipDocument {
    /// How it moves; left out, it stands at the origin.
    #[serde(default)]
    pub motion: MotionDocument,
    /// Where its bow points.
    #[serde(default)]
    pub attitude: AttitudeDocument,
    /// What the radars of other vehicles see of it; left out, nothing.
    #[serde(default)]
    pub visible_as: Option<VisibleAsDocument>,
}

/// A further vehicle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlatformDocument {
    /// Its name in this scenario, and its id as a target.
    #[schemars(length(min = 1, max = MAX_IDENTITY_BYTES))]
    pub name: String,
    /// How it moves.
    pub motion: MotionDocument,
    /// Where its bow points.
    #[serde(default)]
    pub attitude: AttitudeDocument,
    /// What the radars of other vehicles see of it; left out, nothing.
    #[serde(default)]
    pub visible_as: Option<VisibleAsDocument>,
}

/// Where the bow of a vehicle points. Vehicles stay level: they turn, but neither pitch nor roll.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AttitudeDocument {
    /// Along the course over ground.
    #[default]
    FollowsVelocity,
    /// As told, however it moves.
    Given {
        /// Heading at time 0 \[deg\], clockwise from north.
        #[schemars(range(min = -360.0, max = 360.0))]
        heading_deg: f64,
        /// Rate of turn \[deg/s\], positive clockwise seen from above.
        #[serde(default)]
        #[schemars(range(min = -MAX_TURN_RATE_DEG_S, max = MAX_TURN_RATE_DEG_S))]
        turn_rate_deg_s: f64,
    },
}

/// A vehicle as a target.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VisibleAsDocument {
    /// What it is.
    #[serde(default)]
    pub object_type: ObjectType,
    /// Mean radar cross section \[dBsm\].
    #[schemars(range(min = -MAX_RCS_DBSM, max = MAX_RCS_DBSM))]
    pub rcs_dbsm: f64,
    /// How the cross section changes from pulse to pulse and from frame to frame.
    #[serde(default)]
    pub fluctuation: Fluctuation,
    /// Radius of the sphere round it that hides what is behind \[m\]; left out, it hides nothing.
    #[serde(default)]
    #[schemars(range(min = MIN_OCCLUDING_RADIUS_M, max = MAX_POSITION_M))]
    pub occluding_radius_m: Option<f64>,
    /// Its transponder; left out, it has none.
    #[serde(default)]
    pub transponder: TransponderDocument,
}
