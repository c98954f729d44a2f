//! The part of the scenario document that describes vehicles which carry radars.

use serde::Deserialize;

use crate::scene::document::{MotionDocument, ObjectTypeDocument, TransponderDocument};

/// The vehicle that carries every radar which names no other.
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformDocument {
    /// Its name in this scenario, and its id as a target.
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
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AttitudeDocument {
    /// Along the course over ground.
    #[default]
    FollowsVelocity,
    /// As told, however it moves.
    Given {
        /// Heading at time 0 \[deg\], clockwise from north.
        heading_deg: f64,
        /// Rate of turn \[deg/s\], positive clockwise seen from above.
        #[serde(default)]
        turn_rate_deg_s: f64,
    },
}

/// A vehicle as a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibleAsDocument {
    /// What it is.
    #[serde(default)]
    pub object_type: ObjectTypeDocument,
    /// Mean radar cross section \[dBsm\].
    pub rcs_dbsm: f64,
    /// Its transponder; left out, it has none.
    #[serde(default)]
    pub transponder: TransponderDocument,
}
