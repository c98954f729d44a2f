//! The scenario document as it is written: names, units and what may be left out.
//!
//! It is read from JSON text; Python turns the scenario's YAML into it. Every mapping refuses
//! names it does not know. Positions and velocities are in the world frame: +X east, +Y north,
//! +Z up. Limits are checked by [`super::scenario`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::object_type::ObjectType;
use crate::radar::fluctuation::Fluctuation;
use crate::radar::rcs_table::MAX_ANGLES;
use crate::scene::checked_path::MAX_WAYPOINTS;
use crate::scene::clutter::MAX_CLUTTER;
use crate::scene::clutter_document::ClutterDocument;
use crate::scene::group::MAX_PREFIX_BYTES;
use crate::scene::horizon_document::{HorizonDocument, MIN_OCCLUDING_RADIUS_M};
use crate::scene::platform::MAX_PLATFORMS;
use crate::scene::platform_document::{OwnShipDocument, PlatformDocument};
use crate::scene::problems::DocumentKind;
use crate::scene::reading::read;
use crate::scene::scenario::{
    MAX_IDENTITIES, MAX_IDENTITY_BYTES, MAX_NAME_BYTES, MAX_POSITION_M, MAX_RCS_DBSM, MAX_SENSORS,
    MAX_SPEED_M_S, MAX_TARGETS, MAX_TIME_S, MAX_TURN_RATE_DEG_S, SCENARIO_VERSION,
};
use crate::scene::sensor_document::SensorDocument;
use crate::scene::task_document::TaskDocument;
use crate::scene::transponder_document::{
    HeightReportDocument, TransponderDocument, TransponderModeDocument,
};
use crate::tracking::object_type_config::{MOST_TYPES, ObjectTypeConfig};

/// A whole scenario: what is in the scene, how it moves, and the radars that watch it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "QIKI scenario")]
pub struct ScenarioDocument {
    /// Version of this format; 1.
    #[schemars(range(min = SCENARIO_VERSION, max = SCENARIO_VERSION))]
    pub scenario_version: u32,
    /// Short name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// What the scene is for.
    #[serde(default)]
    pub description: String,
    /// Seed of every random draw, unless the run is given another.
    #[serde(default)]
    pub seed: u64,
    /// What lies behind the ground is hidden; left out, there is no ground.
    #[serde(default)]
    pub horizon: Option<HorizonDocument>,
    /// The vehicle that carries the sensors which name no other.
    #[serde(default)]
    pub own_ship: OwnShipDocument,
    /// Further vehicles that carry sensors.
    #[serde(default)]
    #[schemars(length(max = MAX_PLATFORMS))]
    pub platforms: Vec<PlatformDocument>,
    /// Whose replies make a friend or a foe.
    #[serde(default)]
    pub identities: IdentitiesDocument,
    /// What kinds of bodies are around, for trackers that tell them apart; left out, the standard ones.
    #[serde(default)]
    #[schemars(length(max = MOST_TYPES))]
    pub object_types: Option<Vec<ObjectTypeConfig>>,
    /// The radars.
    #[schemars(length(min = 1, max = MAX_SENSORS))]
    pub sensors: Vec<SensorDocument>,
    /// Bodies written one by one.
    #[serde(default)]
    #[schemars(length(max = MAX_TARGETS))]
    pub targets: Vec<TargetDocument>,
    /// Bodies drawn at random.
    #[serde(default)]
    pub groups: Vec<GroupDocument>,
    /// Echoes of sea, land or weather.
    #[serde(default)]
    #[schemars(length(max = MAX_CLUTTER))]
    pub clutter: Vec<ClutterDocument>,
    /// What an agent is to reach in the scene; left out, nothing is rewarded.
    #[serde(default)]
    pub task: Option<TaskDocument>,
}

/// Lists of transponder identities.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitiesDocument {
    /// Replies that make a friend.
    #[serde(default)]
    #[schemars(length(max = MAX_IDENTITIES), inner(length(min = 1, max = MAX_IDENTITY_BYTES)))]
    pub friendly: Vec<String>,
    /// Replies that make a foe.
    #[serde(default)]
    #[schemars(length(max = MAX_IDENTITIES), inner(length(min = 1, max = MAX_IDENTITY_BYTES)))]
    pub hostile: Vec<String>,
}

/// How a body moves; exactly one kind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MotionDocument {
    /// On a straight line for ever.
    ConstantVelocity {
        /// Position at time 0 \[m\].
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        position_m: [f64; 3],
        /// Velocity \[m/s\].
        #[serde(default)]
        #[schemars(inner(range(min = -MAX_SPEED_M_S, max = MAX_SPEED_M_S)))]
        velocity_m_s: [f64; 3],
    },
    /// On a level circle (a helix with vertical velocity) for ever.
    CoordinatedTurn {
        /// Position at time 0 \[m\].
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        position_m: [f64; 3],
        /// Velocity at time 0 \[m/s\].
        #[schemars(inner(range(min = -MAX_SPEED_M_S, max = MAX_SPEED_M_S)))]
        velocity_m_s: [f64; 3],
        /// Rate of turn \[deg/s\], positive clockwise seen from above.
        #[schemars(range(min = -MAX_TURN_RATE_DEG_S, max = MAX_TURN_RATE_DEG_S))]
        turn_rate_deg_s: f64,
    },
    /// From point to point on straight lines; the course changes at each point at once.
    Waypoints {
        /// When the first point is left \[s\].
        #[serde(default)]
        #[schemars(range(min = -MAX_TIME_S, max = MAX_TIME_S))]
        start_s: f64,
        /// The points, in order.
        #[schemars(length(min = 2, max = MAX_WAYPOINTS))]
        points: Vec<WaypointDocument>,
        /// What comes after the last.
        #[serde(default)]
        at_end: AtEndDocument,
    },
}

impl Default for MotionDocument {
    fn default() -> Self {
        Self::ConstantVelocity { position_m: [0.0; 3], velocity_m_s: [0.0; 3] }
    }
}

/// A point to pass.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaypointDocument {
    /// Where \[m\].
    #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
    pub position_m: [f64; 3],
    /// How fast there \[m/s\]; between two points the speed changes evenly in time.
    #[schemars(range(min = 0.0, max = MAX_SPEED_M_S))]
    pub speed_m_s: f64,
}

/// What happens after the last waypoint.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtEndDocument {
    /// Keep the last velocity.
    #[default]
    Continue,
    /// Stand still.
    Hold,
    /// Go to the first point and round again.
    Repeat,
}

/// One body.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetDocument {
    /// Its name in this scenario; random draws are keyed by it.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub id: String,
    /// What it is.
    #[serde(default)]
    pub object_type: ObjectType,
    /// Mean radar cross section \[dBsm\].
    #[serde(default)]
    #[schemars(range(min = -MAX_RCS_DBSM, max = MAX_RCS_DBSM))]
    pub rcs_dbsm: Option<f64>,
    /// The same by the side that the radar sees, in place of it.
    #[serde(default)]
    pub rcs_by_aspect: Option<RcsTableDocument>,
    /// Name of the user's model that gives it, in place of both.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub rcs_model: Option<String>,
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
    /// When it appears \[s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_TIME_S))]
    pub present_from_s: Option<f64>,
    /// When it disappears \[s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_TIME_S))]
    pub present_until_s: Option<f64>,
    /// How it moves.
    pub motion: MotionDocument,
}

/// A table of mean radar cross sections by aspect.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RcsTableDocument {
    /// Azimuths off the nose \[deg\], clockwise seen from above, ascending.
    #[schemars(length(min = 1, max = MAX_ANGLES), inner(range(min = 0.0, max = 360.0)))]
    pub azimuth_deg: Vec<f64>,
    /// Elevations of the radar as the body sees it \[deg\], ascending; left out, it does not matter.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_ANGLES), inner(range(min = -90.0, max = 90.0)))]
    pub elevation_deg: Option<Vec<f64>>,
    /// One row of cross sections \[dBsm\] for each elevation, one entry for each azimuth.
    #[schemars(length(min = 1, max = MAX_ANGLES))]
    #[schemars(inner(inner(range(min = -MAX_RCS_DBSM, max = MAX_RCS_DBSM))))]
    pub rcs_dbsm: Vec<Vec<f64>>,
    /// Whether port is as starboard: azimuths from 0 to 180.
    #[serde(default)]
    pub symmetric: bool,
}

/// Bodies drawn at random, the same for the same seed. Pairs are the ends of a uniform draw.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDocument {
    /// Start of each id; a hyphen and a number from 0 follow.
    #[schemars(length(min = 1, max = MAX_PREFIX_BYTES))]
    pub id_prefix: String,
    /// How many.
    #[schemars(range(min = 1, max = MAX_TARGETS))]
    pub count: usize,
    /// What they are.
    #[serde(default)]
    pub object_type: ObjectType,
    /// Mean radar cross section \[dBsm\].
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_RCS_DBSM, max = MAX_RCS_DBSM)))]
    pub rcs_dbsm: Option<[f64; 2]>,
    /// Name of the user's model that gives it, in place of the draw.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub rcs_model: Option<String>,
    /// How their cross sections change from pulse to pulse and from frame to frame.
    #[serde(default)]
    pub fluctuation: Fluctuation,
    /// Distance over ground from the world's origin at time 0 \[m\], even over the area.
    #[schemars(inner(range(min = 0.0, max = MAX_POSITION_M)))]
    pub ground_range_m: [f64; 2],
    /// Position on Z at time 0 \[m\].
    #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
    pub height_m: [f64; 2],
    /// Speed over ground \[m/s\], in any direction.
    #[schemars(inner(range(min = 0.0, max = MAX_SPEED_M_S)))]
    pub speed_m_s: [f64; 2],
    /// Rate of turn \[deg/s\].
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_TURN_RATE_DEG_S, max = MAX_TURN_RATE_DEG_S)))]
    pub turn_rate_deg_s: [f64; 2],
    /// Mode of their transponders, which reply with the id.
    #[serde(default)]
    pub transponder_mode: TransponderModeDocument,
    /// Whether each has a Mode 3/A code and a 24-bit address of its own, too, drawn at random.
    #[serde(default)]
    pub transponder_codes: bool,
    /// Whether they report their heights, and how fine; steps of 25 ft need `transponder_codes`.
    #[serde(default)]
    pub reports_height: HeightReportDocument,
}

impl ScenarioDocument {
    /// Read a document from JSON; an error names every place where its structure is wrong.
    pub fn from_json(json: &str) -> Result<Self> {
        read(DocumentKind::Scenario, json)
    }
}
