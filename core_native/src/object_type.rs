//! Kinds of bodies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of bodies, as `qiki.radar.v1.ObjectType`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectType {
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

impl ObjectType {
    /// Highest number.
    pub const HIGHEST: u8 = Self::Debris as u8;
}
