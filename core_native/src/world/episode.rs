//! Episodes: one world after the other, each judged by the scenario's task.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::object_type::ObjectType;
use crate::random::{Purpose, Stream};
use crate::scene::task_document::{GoalDocument, TaskDocument, TaskWeightsDocument};
use crate::vehicle::thruster::{Thruster, Wrench};
use crate::world::action::{Action, PortAction};
use crate::world::bodies::Bodies;
use crate::world::judge::{Judge, Judgement, Outcome};
use crate::world::observation::{LENGTH, observe};
use crate::world::own_state::OwnState;
use crate::world::settings::WorldSettings;
use crate::world::simulation::World;

/// Numbers of an action: force and torque by axis, and what the port is to do.
pub const ACTION_LENGTH: usize = 7;
/// Beyond it the last number engages the port, below its negative it releases it.
const PORT_LEVEL: f32 = 0.5;
/// Seeds are whole numbers below 2^63, as the services take them.
const SEED_MASK: u64 = (1 << 63) - 1;

/// What all episodes of a scenario share.
pub struct EpisodeSettings {
    /// What the worlds are made of.
    pub world: Arc<WorldSettings>,
    /// What is rewarded; nothing where the scenario has no task.
    pub task: TaskDocument,
    bodies: Bodies,
    /// Force \[N\] and torque \[N m\] of an action of 1, by axis.
    pub action_scale: Wrench,
    /// What the station replies, where it does.
    pub station_id: Option<[u8; 32]>,
}

impl EpisodeSettings {
    /// What a scenario asks for.
    ///
    /// # Errors
    /// [`Error::Setting`] for a task to dock with a vehicle that cannot.
    pub fn new(world: Arc<WorldSettings>) -> Result<Self> {
        let (scenario, vehicle) = (&world.scenario, &world.vehicle);
        let task = scenario.task.unwrap_or(TaskDocument {
            goal: GoalDocument::None,
            collision_distance_m: 0.0,
            time_limit_s: None,
            weights: TaskWeightsDocument::default(),
        });
        if task.goal == GoalDocument::Dock && vehicle.docking.is_none() {
            return Err(Error::Setting {
                setting: "task.goal".into(),
                value: "dock".into(),
                limit: format!("keep_clear or none for {:?}, which has no docking", vehicle.name),
                remedy: "take a vehicle with ports".into(),
            });
        }
        let station = |kind: u8| kind == ObjectType::Station as u8;
        let station = scenario.targets.iter().find(|target| station(target.object_type));
        let reply = station.map(|target| &target.transponder).filter(|part| part.replies());
        Ok(Self {
            station_id: reply.map(|part| part.id),
            bodies: Bodies::of(scenario),
            action_scale: largest_wrench(&vehicle.thrusters),
            task,
            world,
        })
    }
}

/// What all thrusters that push one way along an axis give together, by axis; at least 1.
fn largest_wrench(thrusters: &[Thruster]) -> Wrench {
    let mut most = [0.0_f64; 6];
    for wrench in thrusters.iter().map(Thruster::wrench) {
        for axis in 0..6 {
            most[axis] += wrench[axis].max(0.0);
        }
    }
    most.map(|sum| if sum > 0.0 { sum } else { 1.0 })
}

/// Worlds one after the other.
///
/// A seed is that of the radars' draws in the first world after it; those that follow have seeds of
/// their own, which depend on it alone.
pub struct Episode {
    settings: Arc<EpisodeSettings>,
    world: World,
    judge: Judge,
    seed: u64,
    number: u64,
    judgement: Judgement,
}

impl Episode {
    /// The first episode of a seed.
    ///
    /// # Errors
    /// Those of [`World::new`] and [`World::step`].
    pub fn new(settings: &Arc<EpisodeSettings>, seed: u64) -> Result<Self> {
        let world = begun(settings, seed, 0)?;
        Ok(Self {
            judge: Judge::new(settings.task, &settings.bodies, &world),
            world,
            seed,
            number: 0,
            judgement: Judgement::default(),
            settings: Arc::clone(settings),
        })
    }

    /// Begin the next episode: the first of `seed` where one is given.
    ///
    /// # Errors
    /// As [`Episode::new`]; the episode then goes on as it was.
    pub fn reset(&mut self, seed: Option<u64>) -> Result<()> {
        let (seed, number) = seed.map_or((self.seed, self.number + 1), |seed| (seed, 0));
        self.world = begun(&self.settings, seed, number)?;
        self.judge.begin(&self.settings.bodies, &self.world);
        (self.seed, self.number, self.judgement) = (seed, number, Judgement::default());
        Ok(())
    }

    /// Seed of the radars' draws in this episode.
    pub fn world_seed(&self) -> u64 {
        world_seed(self.seed, self.number)
    }

    /// The world.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// What came of the last step.
    pub const fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.judgement.outcome != Outcome::Running
    }

    /// Do what the numbers ask, each from -1 to 1, up to and including the next frame.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is none, and those of [`World::step`].
    pub fn step(&mut self, numbers: &[f32; ACTION_LENGTH]) -> Result<()> {
        let action = self.action(numbers)?;
        self.world.step(&action)?;
        self.judgement = self.judge.judge(&self.settings.bodies, &self.world);
        Ok(())
    }

    /// Write what is observed now.
    pub fn observe(&self, out: &mut [f32; LENGTH]) {
        let start_time_ns = self.settings.world.start_time_ns;
        let own = OwnState::of(self.world.vehicle(), start_time_ns);
        let WorldSettings { min_quality, .. } = *self.settings.world;
        let station_id = self.settings.station_id.as_ref();
        observe(&own, self.world.tracks(), station_id, min_quality, out);
    }

    /// What the numbers ask: of those beyond ±1 the nearest limit, of the port what it can do now.
    fn action(&self, numbers: &[f32; ACTION_LENGTH]) -> Result<Action> {
        check_action(numbers)?;
        let scale = &self.settings.action_scale;
        let wrench =
            std::array::from_fn(|axis| f64::from(numbers[axis].clamp(-1.0, 1.0)) * scale[axis]);
        Ok(Action { wrench: Some(wrench), port: self.port_action(numbers[ACTION_LENGTH - 1]) })
    }

    fn port_action(&self, level: f32) -> PortAction {
        let Some((config, docking)) = self.world.vehicle().docking() else {
            return PortAction::Keep;
        };
        let is_there = self.world.station_is_there();
        if level > PORT_LEVEL && docking.port.is_none() && is_there {
            return PortAction::Engage(config.ports[0].name.clone());
        }
        if level < -PORT_LEVEL && docking.port.is_some() {
            return PortAction::Release;
        }
        PortAction::Keep
    }
}

/// Refuse an action of which a number is none.
///
/// # Errors
/// [`Error::Setting`].
pub fn check_action(numbers: &[f32; ACTION_LENGTH]) -> Result<()> {
    let Some(index) = numbers.iter().position(|number| number.is_nan()) else { return Ok(()) };
    Err(Error::Setting {
        setting: format!("action[{index}]"),
        value: "NaN".into(),
        limit: "-1 to 1".into(),
        remedy: "look why the policy answers that".into(),
    })
}

/// A world whose first frame has been.
fn begun(settings: &EpisodeSettings, seed: u64, number: u64) -> Result<World> {
    let mut world = World::new(&settings.world, Some(world_seed(seed, number)), number)?;
    world.step(&Action::default())?;
    Ok(world)
}

fn world_seed(seed: u64, number: u64) -> u64 {
    if number == 0 {
        return seed;
    }
    let words = Stream::new(seed, &[0; 16], Purpose::EpisodeSeed).words(number, 0);
    (u64::from(words[0]) << 32 | u64::from(words[1])) & SEED_MASK
}
