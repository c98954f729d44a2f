//! The task of a scenario: what an agent is to reach in the scene, and what it is rewarded for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::place::Place;
use crate::scene::scenario::{MAX_POSITION_M, MAX_TIME_S};

/// Shortest time for a task \[s\].
const MIN_TIME_LIMIT_S: f64 = 0.1;
/// Largest weight.
const MAX_WEIGHT: f64 = 1e6;

/// What an agent is to reach in the scene (docs/environment.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskDocument {
    /// What is to be reached.
    pub goal: GoalDocument,
    /// Distance between the own ship and a body at which they collide \[m\]; the station to dock to
    /// collides outside its approach cone alone.
    #[serde(default = "default_collision_distance_m")]
    #[schemars(range(min = 0.0, max = MAX_POSITION_M))]
    pub collision_distance_m: f64,
    /// When it is over, counted from the start \[s\]; left out, never. To keep clear needs one.
    #[serde(default)]
    #[schemars(range(min = MIN_TIME_LIMIT_S, max = MAX_TIME_S))]
    pub time_limit_s: Option<f64>,
    /// What is rewarded, and how much.
    #[serde(default)]
    pub weights: TaskWeightsDocument,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoalDocument {
    /// To be latched to the station.
    Dock,
    /// To collide with nothing until the time limit.
    KeepClear,
    /// Nothing: there is no reward, and only the time limit and leaving the world end it.
    None,
}

/// Weights of the parts of a reward.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskWeightsDocument {
    /// For the way nearer to the station \[m\]; to keep clear, for that away from the nearest body, up
    /// to ten times the distance of a collision.
    #[schemars(range(min = 0.0, max = MAX_WEIGHT))]
    pub progress_per_m: f64,
    /// Taken off for each kilogram of propellant.
    #[schemars(range(min = 0.0, max = MAX_WEIGHT))]
    pub propellant_per_kg: f64,
    /// Taken off for a collision.
    #[schemars(range(min = 0.0, max = MAX_WEIGHT))]
    pub collision: f64,
    /// For the goal.
    #[schemars(range(min = 0.0, max = MAX_WEIGHT))]
    pub success: f64,
}

impl Default for TaskWeightsDocument {
    fn default() -> Self {
        Self { progress_per_m: 0.001, propellant_per_kg: 0.1, collision: 10.0, success: 10.0 }
    }
}

const fn default_collision_distance_m() -> f64 {
    5.0
}

impl TaskDocument {
    /// Report what is wrong with it, in a scene with or without a station.
    pub fn check(&self, place: &Place<'_>, has_station: bool) {
        let Self { goal, collision_distance_m, time_limit_s, weights } = *self;
        place.key("collision_distance_m").number(collision_distance_m, 0.0, MAX_POSITION_M);
        if let Some(limit_s) = time_limit_s {
            place.key("time_limit_s").number(limit_s, MIN_TIME_LIMIT_S, MAX_TIME_S);
        }
        let weight = |name, value| place.key("weights").key(name).number(value, 0.0, MAX_WEIGHT);
        weight("progress_per_m", weights.progress_per_m);
        weight("propellant_per_kg", weights.propellant_per_kg);
        weight("collision", weights.collision);
        weight("success", weights.success);
        if goal == GoalDocument::Dock && !has_station {
            place.key("goal").problem("is dock, must have a target that is a station");
        }
        if goal == GoalDocument::KeepClear && time_limit_s.is_none() {
            place.key("time_limit_s").problem("is missing: a task to keep clear must have one");
        }
    }
}
