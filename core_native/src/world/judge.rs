//! What a task rewards, and when it is over.

use crate::geometry::dot;
use crate::scene::task_document::{GoalDocument, TaskDocument};
use crate::vehicle::docking::mechanism::DockingPhase;
use crate::world::bodies::{Bodies, Places};
use crate::world::simulation::World;

/// To keep clear, distances count up to so many times that of a collision.
const CLEAR_TIMES: f64 = 10.0;

/// How a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    #[default]
    Running = 0,
    /// The goal is reached.
    Success = 1,
    /// The vehicle has collided.
    Collision = 2,
    /// Its time is over.
    TimeLimit = 3,
    /// The vehicle is where no radar can be.
    LeftWorld = 4,
}

/// What a step was worth, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The reward.
    pub reward: f64,
    /// How the task stands.
    pub outcome: Outcome,
    /// Distance to the station \[m\]; NaN while there is none.
    pub station_m: f64,
    /// Distance to the nearest body \[m\]; infinite while there is none.
    pub nearest_m: f64,
}

/// Judges the steps of one world, by the truth.
#[derive(Clone, Debug)]
pub struct Judge {
    task: TaskDocument,
    places: Places,
    before: Places,
    potential_m: Option<f64>,
    propellant_kg: f64,
    /// Whether the vehicle was where it docks at the end of the step before.
    was_approaching: bool,
}

impl Judge {
    /// A judge of a world as it is now.
    pub fn new(task: TaskDocument, bodies: &Bodies, world: &World) -> Self {
        let mut judge = Self {
            task,
            places: Places::default(),
            before: Places::default(),
            potential_m: None,
            propellant_kg: 0.0,
            was_approaching: false,
        };
        judge.begin(bodies, world);
        judge
    }

    /// Judge another world, as it is now.
    pub fn begin(&mut self, bodies: &Bodies, world: &World) {
        self.look(bodies, world);
        self.before.clone_from(&self.places);
        self.potential_m = self.potential_m(world);
        self.was_approaching = self.is_approaching(world);
        self.propellant_kg = world.vehicle().body().propellant_kg;
    }

    /// What came of the step that the world has just made.
    pub fn judge(&mut self, bodies: &Bodies, world: &World) -> Judgement {
        std::mem::swap(&mut self.places, &mut self.before);
        self.look(bodies, world);
        let outcome = self.outcome(world);
        self.was_approaching = self.is_approaching(world);
        let station = world.docking_station();
        let place_m = station.and_then(|station| self.places.get(station.target));
        Judgement {
            reward: self.reward(world, outcome),
            outcome,
            station_m: place_m.map_or(f64::NAN, |place_m| dot(place_m, place_m).sqrt()),
            nearest_m: self.places.nearest_m(),
        }
    }

    fn look(&mut self, bodies: &Bodies, world: &World) {
        let vehicle = world.vehicle();
        let time_s = vehicle.time_ns() as f64 * 1e-9;
        bodies.places(time_s, vehicle.body().position_m, &mut self.places);
    }

    fn outcome(&self, world: &World) -> Outcome {
        let goal = self.task.goal;
        let phase = world.vehicle().state().docking.map(|docking| docking.phase);
        if goal == GoalDocument::Dock && phase == Some(DockingPhase::Latched) {
            return Outcome::Success;
        }
        if goal != GoalDocument::None && self.has_collided(world) {
            return Outcome::Collision;
        }
        if world.why_ended().is_some() {
            return Outcome::LeftWorld;
        }
        let limit_s = self.task.time_limit_s.unwrap_or(f64::INFINITY);
        if (world.vehicle().time_ns() as f64) < limit_s * 1e9 {
            return Outcome::Running;
        }
        if goal == GoalDocument::KeepClear { Outcome::Success } else { Outcome::TimeLimit }
    }

    fn has_collided(&self, world: &World) -> bool {
        let is_spared = self.was_approaching && self.is_approaching(world);
        let station = world.docking_station().map(|station| station.target);
        let spared = station.filter(|_| is_spared);
        self.places.has_met(&self.before, self.task.collision_distance_m, spared)
    }

    /// Whether the vehicle is where it docks: in the cone before the station's port, or held.
    fn is_approaching(&self, world: &World) -> bool {
        let Some((config, docking)) = world.vehicle().docking() else { return false };
        let station = world.docking_station().filter(|_| self.task.goal == GoalDocument::Dock);
        let Some(station) = station else { return false };
        let Some(place_m) = self.places.get(station.target) else { return false };
        let axis = station.attitude().to_world([0.0, 1.0, 0.0]);
        let ahead_m = -dot(place_m, axis);
        docking.phase.is_held() || ahead_m >= config.cone_cos * dot(place_m, place_m).sqrt()
    }

    /// What the vehicle gains by growing \[m\]; none while there is nothing to judge it by.
    fn potential_m(&self, world: &World) -> Option<f64> {
        match self.task.goal {
            GoalDocument::Dock => {
                let place_m = self.places.get(world.docking_station()?.target)?;
                Some(-dot(place_m, place_m).sqrt())
            }
            GoalDocument::KeepClear => {
                Some(self.places.nearest_m().min(CLEAR_TIMES * self.task.collision_distance_m))
            }
            GoalDocument::None => None,
        }
    }

    fn reward(&mut self, world: &World, outcome: Outcome) -> f64 {
        if self.task.goal == GoalDocument::None {
            return 0.0;
        }
        let weights = &self.task.weights;
        let potential_m = self.potential_m(world);
        let both = potential_m.zip(self.potential_m);
        let progress_m = both.map_or(0.0, |(now_m, before_m)| now_m - before_m);
        let propellant_kg = world.vehicle().body().propellant_kg;
        let at_end = match outcome {
            Outcome::Success => weights.success,
            Outcome::Collision => -weights.collision,
            Outcome::Running | Outcome::TimeLimit | Outcome::LeftWorld => 0.0,
        };
        let reward = weights.progress_per_m * progress_m
            - weights.propellant_per_kg * (self.propellant_kg - propellant_kg)
            + at_end;
        (self.potential_m, self.propellant_kg) = (potential_m, propellant_kg);
        reward
    }
}
