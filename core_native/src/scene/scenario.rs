//! A scenario whose every number has been checked, ready to be evaluated at any time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::object_type::ObjectType;
use crate::radar::fluctuation::Fluctuation;
use crate::radar::line_of_sight::{check_count, horizon_radius_m};
use crate::radar::rcs_table::RcsTable;
use crate::radar::sensor::Sensor;
use crate::random::entity_of;
use crate::scene::checked_path::checked_path;
use crate::scene::clutter::{ClutterSource, clutter_sources};
use crate::scene::document::{IdentitiesDocument, ScenarioDocument, TargetDocument};
use crate::scene::group;
use crate::scene::horizon_document::MIN_OCCLUDING_RADIUS_M;
use crate::scene::motion::Path;
use crate::scene::place::Place;
use crate::scene::platform::{Platform, platforms, visible_platforms};
use crate::scene::problems::Problems;
use crate::scene::task_document::TaskDocument;
use crate::scene::transponder::Transponder;
use crate::tracking::object_type_config::{ObjectTypeConfig, TableFlaw, flaws_of};

/// Version of the document format that this core reads.
pub const SCENARIO_VERSION: u32 = 1;
/// Most targets of a scenario, groups included.
pub const MAX_TARGETS: usize = 100_000;
/// Most sensors of a scenario.
pub const MAX_SENSORS: usize = 64;
/// Most entries of an identity list.
pub const MAX_IDENTITIES: usize = 100_000;
/// Largest coordinate of a position \[m\].
pub const MAX_POSITION_M: f64 = 1e8;
/// Largest speed \[m/s\].
pub const MAX_SPEED_M_S: f64 = 1e5;
/// Largest rate of turn \[deg/s\].
pub const MAX_TURN_RATE_DEG_S: f64 = 180.0;
/// Largest size of a mean radar cross section \[dBsm\].
pub const MAX_RCS_DBSM: f64 = 100.0;
/// Largest time in a scenario \[s\], about 30 years.
pub const MAX_TIME_S: f64 = 1e9;
/// Longest name or target id \[bytes\].
pub const MAX_NAME_BYTES: usize = 64;
/// Longest transponder identity \[bytes\], as in the detection record.
pub const MAX_IDENTITY_BYTES: usize = 32;

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Short name.
    pub name: String,
    /// What the scene is for.
    pub description: String,
    /// Seed of every draw, unless a run is given another.
    pub seed: u64,
    /// Radius of the ground that hides what is behind it \[m\]; none where there is no ground.
    pub horizon_radius_m: Option<f64>,
    /// The vehicles that carry the radars, the own ship first.
    pub platforms: Vec<Platform>,
    /// The radars.
    pub sensors: Vec<Sensor>,
    /// The targets, then the platforms that are targets too, then those of groups; their order
    /// here is the one of `truth`.
    pub targets: Vec<Target>,
    /// Echoes of sea, land or weather.
    pub clutter: Vec<Arc<ClutterSource>>,
    /// Replies that make a friend.
    pub friendly: Vec<String>,
    /// Replies that make a foe.
    pub hostile: Vec<String>,
    /// What kinds of bodies are around; none where it is not said.
    pub object_types: Option<Vec<ObjectTypeConfig>>,
    /// What an agent is to reach; none where it is not said.
    pub task: Option<TaskDocument>,
}

/// One body of the scene.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub id: String,
    /// Stable number of `id`, which keys its random draws.
    pub entity: u64,
    /// Number as in `qiki.radar.v1.ObjectType`.
    pub object_type: u8,
    /// Mean radar cross section \[dBsm\]; the largest one where it depends on the aspect, NaN
    /// where a user's model gives it.
    pub rcs_dbsm: f64,
    /// How it depends on the aspect.
    pub rcs_by_aspect: Option<RcsTable>,
    /// Name of the user's model that gives it.
    pub rcs_model: Option<Arc<str>>,
    /// How the cross section changes from pulse to pulse and from frame to frame.
    pub fluctuation: Fluctuation,
    /// Radius of the sphere round it that hides what is behind \[m\]; none where it hides nothing.
    pub occluding_radius_m: Option<f64>,
    /// What its transponder does.
    pub transponder: Transponder,
    /// When it appears \[s\]; negative infinity when it was always there.
    pub present_from_s: f64,
    /// When it disappears \[s\]; infinity when it never does.
    pub present_until_s: f64,
    /// How it moves.
    pub path: Path,
}

impl Target {
    /// Time of its last scripted change \[s\]: a waypoint, or that it appears or disappears;
    /// infinite when its path repeats for ever.
    pub fn scripted_until_s(&self) -> f64 {
        if self.present_until_s.is_finite() {
            return self.present_until_s;
        }
        self.path.last_change_s().max(self.present_from_s).max(0.0)
    }
}

impl Scenario {
    /// Read and check a scenario document in JSON.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::from_document(&ScenarioDocument::from_json(json)?)
    }

    /// Check a document. The error names every problem: its place, the value and the limit.
    pub fn from_document(document: &ScenarioDocument) -> Result<Self> {
        let problems = Problems::default();
        let scenario = checked(&problems.root(), document);
        problems.accept(scenario)
    }
}

fn checked(root: &Place<'_>, document: &ScenarioDocument) -> Scenario {
    let version = document.scenario_version;
    if version != SCENARIO_VERSION {
        root.key("scenario_version").problem(format!("is {version}, must be {SCENARIO_VERSION}"));
    }
    root.key("name").text(&document.name, MAX_NAME_BYTES);
    check_identities(&root.key("identities"), &document.identities);
    check_object_types(&root.key("object_types"), document.object_types.as_deref());
    let platforms = platforms(root, document);
    let targets = targets(root, document, &platforms);
    let sensors = sensors(&root.key("sensors"), document, &platforms);
    check_count(&root.key("targets"), &targets);
    if let Some(task) = &document.task {
        let is_station = |target: &Target| target.object_type == ObjectType::Station as u8;
        task.check(&root.key("task"), targets.iter().any(is_station));
    }
    let horizon = document.horizon.as_ref();
    Scenario {
        name: document.name.clone(),
        description: document.description.clone(),
        seed: document.seed,
        clutter: clutter_sources(&root.key("clutter"), &document.clutter, &sensors),
        sensors,
        horizon_radius_m: horizon.map(|entry| horizon_radius_m(&root.key("horizon"), entry)),
        platforms,
        targets,
        friendly: document.identities.friendly.clone(),
        hostile: document.identities.hostile.clone(),
        object_types: document.object_types.clone(),
        task: document.task,
    }
}

fn check_identities(place: &Place<'_>, lists: &IdentitiesDocument) {
    for (name, list) in [("friendly", &lists.friendly), ("hostile", &lists.hostile)] {
        let place = place.key(name);
        place.length(list.len(), 0, MAX_IDENTITIES);
        for (index, identity) in list.iter().enumerate() {
            place.index(index).text(identity, MAX_IDENTITY_BYTES);
        }
    }
    let friendly: BTreeMap<_, _> = lists.friendly.iter().zip(0..).collect();
    for (index, identity) in lists.hostile.iter().enumerate() {
        if let Some(other) = friendly.get(identity) {
            let reason = format!("is {identity:?}, which is also identities.friendly[{other}]");
            place.key("hostile").index(index).problem(reason);
        }
    }
}

fn check_object_types(place: &Place<'_>, rows: Option<&[ObjectTypeConfig]>) {
    for TableFlaw { index, field, value, limit } in flaws_of(rows.unwrap_or(&[])) {
        place.index(index).key(field).problem(format!("is {value}, must be {limit}"));
    }
}

fn sensors(place: &Place<'_>, document: &ScenarioDocument, platforms: &[Platform]) -> Vec<Sensor> {
    place.length(document.sensors.len(), 1, MAX_SENSORS);
    let mut sensors: Vec<Sensor> = Vec::new();
    for (index, entry) in document.sensors.iter().enumerate() {
        let place = place.index(index);
        let sensor = Sensor::from_document(&place, entry, &document.name, platforms);
        let is_same = |other: &Sensor| other.name == sensor.name || other.id == sensor.id;
        if let Some(other) = sensors.iter().take(MAX_SENSORS).position(is_same) {
            let reason = format!("has the name or sensor_id of sensors[{other}]: give it its own");
            place.problem(reason);
        }
        sensors.push(sensor);
    }
    sensors
}

/// The targets one by one, then those of the groups; none when there are too many.
fn targets(root: &Place<'_>, document: &ScenarioDocument, platforms: &[Platform]) -> Vec<Target> {
    if !root.holds(|| check_target_count(root, document)) {
        return Vec::new();
    }
    let (targets_place, groups_place) = (root.key("targets"), root.key("groups"));
    let platforms_place = root.key("platforms");
    let mut all = Vec::new();
    let mut places = BTreeMap::new();
    for (index, entry) in document.targets.iter().enumerate() {
        let place = targets_place.index(index);
        let target = target(&place, entry);
        if let Some(other) = places.insert(target.id.clone(), place.to_string()) {
            place.key("id").problem(format!("is {:?}, already the id of {other}", target.id));
        }
        all.push(target);
    }
    let visible = visible_platforms(document, root, &platforms_place);
    let paths = platforms.iter().filter(|platform| platform.target.is_some());
    for ((place, entry), platform) in visible.zip(paths) {
        let place = place.key("visible_as");
        if let Some(other) = places.insert(entry.id.clone(), place.to_string()) {
            let reason = format!("makes the id {:?}, already that of {other}", entry.id);
            place.problem(reason);
        }
        // Its motion has been checked as the platform's.
        all.push(Target { path: platform.path.clone(), ..target(&place, &entry) });
    }
    for (index, entry) in document.groups.iter().enumerate() {
        let place = groups_place.index(index);
        let mut is_told = false;
        for target in group::members(&place, entry, document.seed) {
            let other = places.insert(target.id.clone(), place.to_string());
            // One word for the group, not one for each of its members.
            if let Some(other) = other.filter(|_| !is_told) {
                let reason = format!("makes {:?}, already an id of {other}", target.id);
                is_told = !place.key("id_prefix").problem(reason);
            }
            all.push(target);
        }
    }
    all
}

fn check_target_count(root: &Place<'_>, document: &ScenarioDocument) {
    root.key("targets").length(document.targets.len(), 0, MAX_TARGETS);
    let mut count = document.targets.len().min(MAX_TARGETS);
    for (index, group) in document.groups.iter().enumerate() {
        count = count.saturating_add(group.count);
        if count > MAX_TARGETS {
            let reason = format!("brings the targets to {count}, must be at most {MAX_TARGETS}");
            root.key("groups").index(index).key("count").problem(reason);
            return;
        }
    }
}

fn target(place: &Place<'_>, document: &TargetDocument) -> Target {
    place.key("id").text(&document.id, MAX_NAME_BYTES);
    let (rcs_dbsm, rcs_by_aspect, rcs_model) = cross_section(place, document);
    let (present_from_s, present_until_s) = presence(place, document);
    Target {
        id: document.id.clone(),
        entity: entity_of(&document.id),
        object_type: document.object_type as u8,
        rcs_dbsm,
        rcs_by_aspect,
        rcs_model,
        fluctuation: document.fluctuation,
        occluding_radius_m: occluding_radius_m(place, document),
        transponder: Transponder::from_document(&place.key("transponder"), &document.transponder),
        present_from_s,
        present_until_s,
        path: checked_path(&place.key("motion"), &document.motion),
    }
}

/// When a target appears and disappears \[s\].
fn presence(place: &Place<'_>, document: &TargetDocument) -> (f64, f64) {
    let mut least_s = 0.0;
    if let Some(from_s) = document.present_from_s
        && place.key("present_from_s").number(from_s, 0.0, MAX_TIME_S)
    {
        least_s = from_s;
    }
    if let Some(until_s) = document.present_until_s {
        place.key("present_until_s").number(until_s, least_s, MAX_TIME_S);
    }
    let from_s = document.present_from_s.unwrap_or(f64::NEG_INFINITY);
    (from_s, document.present_until_s.unwrap_or(f64::INFINITY))
}

fn occluding_radius_m(place: &Place<'_>, document: &TargetDocument) -> Option<f64> {
    let radius_m = document.occluding_radius_m?;
    place.key("occluding_radius_m").number(radius_m, MIN_OCCLUDING_RADIUS_M, MAX_POSITION_M);
    Some(radius_m)
}

/// A constant, a table or a model, whichever is given.
fn cross_section(
    place: &Place<'_>,
    document: &TargetDocument,
) -> (f64, Option<RcsTable>, Option<Arc<str>>) {
    match (document.rcs_dbsm, &document.rcs_by_aspect, &document.rcs_model) {
        (Some(rcs_dbsm), None, None) => {
            place.key("rcs_dbsm").number(rcs_dbsm, -MAX_RCS_DBSM, MAX_RCS_DBSM);
            (rcs_dbsm, None, None)
        }
        (None, Some(table), None) => {
            let table = RcsTable::from_document(&place.key("rcs_by_aspect"), table);
            (table.largest_dbsm(), Some(table), None)
        }
        (None, None, Some(model)) => {
            place.key("rcs_model").text(model, MAX_NAME_BYTES);
            (f64::NAN, None, Some(model.as_str().into()))
        }
        _ => {
            place.problem(
                "must have rcs_dbsm, rcs_by_aspect or rcs_model: give exactly one of them",
            );
            (0.0, None, None)
        }
    }
}
