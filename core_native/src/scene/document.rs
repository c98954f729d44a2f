//! The scenario document as it is written: names, units and what may be left out.
//!
//! It is read from JSON text; Python turns the scenario's YAML into it. Every mapping refuses
//! names it does not know. Positions and velocities are in the world frame: +X east, +Y north,
//! +Z up. Limits are checked by [`super::scenario`].

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::scene::platform_document::{OwnShipDocument, PlatformDocument};
use crate::scene::sensor_document::SensorDocument;

/// A whole scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDocument {
    /// Version of this format; 1.
    pub scenario_version: u32,
    /// Short name.
    pub name: String,
    /// What the scene is for.
    #[serde(default)]
    pub description: String,
    /// Seed of every random draw, unless the run is given another.
    #[serde(default)]
    pub seed: u64,
    /// The vehicle that carries the sensors which name no other.
    #[serde(default)]
    pub own_ship: OwnShipDocument,
    /// Further vehicles that carry sensors.
    #[serde(default)]
    pub platforms: Vec<PlatformDocument>,
    /// Whose replies make a friend or a foe.
    #[serde(default)]
    pub identities: IdentitiesDocument,
    /// The radars.
    pub sensors: Vec<SensorDocument>,
    /// Bodies written one by one.
    #[serde(default)]
    pub targets: Vec<TargetDocument>,
    /// Bodies drawn at random.
    #[serde(default)]
    pub groups: Vec<GroupDocument>,
}

/// Lists of transponder identities.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitiesDocument {
    /// Replies that make a friend.
    #[serde(default)]
    pub friendly: Vec<String>,
    /// Replies that make a foe.
    #[serde(default)]
    pub hostile: Vec<String>,
}

/// How a body moves; exactly one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MotionDocument {
    /// On a straight line for ever.
    ConstantVelocity {
        /// Position at time 0 \[m\].
        position_m: [f64; 3],
        /// Velocity \[m/s\].
        #[serde(default)]
        velocity_m_s: [f64; 3],
    },
    /// On a level circle (a helix with vertical velocity) for ever.
    CoordinatedTurn {
        /// Position at time 0 \[m\].
        position_m: [f64; 3],
        /// Velocity at time 0 \[m/s\].
        velocity_m_s: [f64; 3],
        /// Rate of turn \[deg/s\], positive clockwise seen from above.
        turn_rate_deg_s: f64,
    },
    /// From point to point on straight lines; the course changes at each point at once.
    Waypoints {
        /// When the first point is left \[s\].
        #[serde(default)]
        start_s: f64,
        /// The points, in order.
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaypointDocument {
    /// Where \[m\].
    pub position_m: [f64; 3],
    /// How fast there \[m/s\]; between two points the speed changes evenly in time.
    pub speed_m_s: f64,
}

/// What happens after the last waypoint.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetDocument {
    /// Its name in this scenario; random draws are keyed by it.
    pub id: String,
    /// What it is.
    #[serde(default)]
    pub object_type: ObjectTypeDocument,
    /// Mean radar cross section \[dBsm\].
    pub rcs_dbsm: f64,
    /// Its transponder; left out, it has none.
    #[serde(default)]
    pub transponder: TransponderDocument,
    /// When it appears \[s\].
    #[serde(default)]
    pub present_from_s: Option<f64>,
    /// When it disappears \[s\].
    #[serde(default)]
    pub present_until_s: Option<f64>,
    /// How it moves.
    pub motion: MotionDocument,
}

/// Kinds of bodies, as `qiki.radar.v1.ObjectType`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectTypeDocument {
    /// Not said.
    #[default]
    Unspecified = 0,
    /// A drone.
    Drone = 1,
    /// A ship.
    Ship = 2,
    /// A station.
    Station = 3,
    /// An asteroid.
    Asteroid = 4,
    /// Debris.
    Debris = 5,
}

/// A transponder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransponderDocument {
    /// What it does.
    #[serde(default)]
    pub mode: TransponderModeDocument,
    /// The identity it replies with: the true one when on, the false one when spoofing.
    #[serde(default)]
    pub id: Option<String>,
}

/// Modes, as `qiki.radar.v1.TransponderMode`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TransponderModeDocument {
    /// None fitted, or switched off.
    #[default]
    Off = 0,
    /// Replies with its identity.
    On = 1,
    /// Fitted but does not reply.
    Silent = 2,
    /// Replies with a false identity.
    Spoof = 3,
}

/// Bodies drawn at random, the same for the same seed. Pairs are the ends of a uniform draw.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDocument {
    /// Start of each id; a hyphen and a number from 0 follow.
    pub id_prefix: String,
    /// How many.
    pub count: usize,
    /// What they are.
    #[serde(default)]
    pub object_type: ObjectTypeDocument,
    /// Mean radar cross section \[dBsm\].
    pub rcs_dbsm: [f64; 2],
    /// Distance over ground from the world's origin at time 0 \[m\], even over the area.
    pub ground_range_m: [f64; 2],
    /// Position on Z at time 0 \[m\].
    pub height_m: [f64; 2],
    /// Speed over ground \[m/s\], in any direction.
    pub speed_m_s: [f64; 2],
    /// Rate of turn \[deg/s\].
    #[serde(default)]
    pub turn_rate_deg_s: [f64; 2],
    /// Mode of their transponders, which reply with the id.
    #[serde(default)]
    pub transponder_mode: TransponderModeDocument,
}

impl ScenarioDocument {
    /// Read a document from JSON; an error names the place in it.
    pub fn from_json(json: &str) -> Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let document = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            Error::Scenario { path: error.path().to_string(), reason: reason(error.inner()) }
        })?;
        deserializer.end().map_err(|error| Error::Scenario {
            path: ".".into(),
            reason: format!("the JSON text goes on after the document: {error}"),
        })?;
        Ok(document)
    }
}

/// The parser's sentence in words of the document instead of Rust's, and without its place in the
/// JSON text, which nobody wrote by hand; that matters only where the text is not JSON at all.
fn reason(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    match sentence.rfind(" at line ") {
        Some(end) if error.is_data() => [
            ("expected f64", "expected a number"),
            ("expected u32", "expected a whole number from 0"),
            ("expected u64", "expected a whole number from 0"),
            ("expected usize", "expected a whole number from 0"),
        ]
        .iter()
        .fold(sentence[..end].to_string(), |text, (rust, plain)| text.replace(rust, plain)),
        _ => sentence,
    }
}
