//! The docking mechanism in time: which port is engaged, to what, and how far that has come.

use super::config::{DockingConfig, Port};
use super::relative::{PortPose, Relative};
use crate::geometry::dot;

/// How far docking has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DockingPhase {
    /// No port is engaged, or it is outside the approach cone.
    #[default]
    Free = 0,
    /// The engaged port is in the cone.
    Approach = 1,
    /// It is held by springs and dampers.
    Captured = 2,
    /// It is held rigidly, and carries power.
    Latched = 3,
}

/// All that changes in a vehicle's docking.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Docking {
    /// How far it has come.
    pub phase: DockingPhase,
    /// Number of the port that is engaged.
    pub port: Option<usize>,
    /// The station's port, if it is known.
    pub station: Option<ToldPort>,
}

/// A station's port as it was told; it goes on with its velocity and does not turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToldPort {
    /// Where it was, and how it moves.
    pub pose: PortPose,
    /// In which step.
    pub step: i64,
}

impl ToldPort {
    /// The port at `since_s` after the beginning of a step.
    pub fn at(&self, step: i64, step_s: f64, since_s: f64) -> PortPose {
        self.pose.after((step - self.step) as f64 * step_s + since_s)
    }
}

impl DockingPhase {
    /// Whether a port is held.
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Captured | Self::Latched)
    }

    /// What follows where the engaged port is `relative` to a station's.
    pub fn next(self, config: &DockingConfig, relative: &Relative, station: &PortPose) -> Self {
        match self {
            Self::Latched => Self::Latched,
            Self::Captured if relative.is_within(&config.latch) => Self::Latched,
            Self::Captured if relative.distance_m() <= config.soft.reach_m => Self::Captured,
            Self::Captured => Self::Free,
            Self::Approach if relative.is_within(&config.capture) => Self::Captured,
            Self::Free | Self::Approach if is_near(config, relative, station) => Self::Approach,
            Self::Free | Self::Approach => Self::Free,
        }
    }
}

impl Docking {
    /// The engaged port with the station's.
    pub fn pair<'a>(&self, config: &'a DockingConfig) -> Option<(&'a Port, ToldPort)> {
        Some((config.ports.get(self.port?)?, self.station?))
    }
}

/// Whether a port is in the cone before the station's, or so near that the cone has no width there.
fn is_near(config: &DockingConfig, relative: &Relative, station: &PortPose) -> bool {
    let distance_m = relative.distance_m();
    let ahead_m = dot(relative.offset_m, station.attitude.to_world([0.0, 1.0, 0.0]));
    let is_in_cone = ahead_m >= config.cone_cos * distance_m;
    distance_m <= config.range_m && (is_in_cone || distance_m <= config.capture.distance_m)
}
