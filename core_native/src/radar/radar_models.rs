//! The user's models that a scenario asks for, found by name among those that a run is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::radar::sensor::Sensor;
use crate::scene::clutter::ClutterSource;
use crate::scene::scenario::{Scenario, Target};
use crate::user_model::{ModelKind, UserModel};

/// Most names that an error lists.
const MAX_LISTED: usize = 8;

/// A model that a scenario asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededModel {
    /// Its name.
    pub name: Arc<str>,
    /// What it is to give.
    pub kind: ModelKind,
}

/// The models that `scenario` asks for, by name; each once.
pub fn needed_models(scenario: &Scenario) -> Vec<NeededModel> {
    let rcs = scenario.targets.iter().filter_map(|target| target.rcs_model.as_ref());
    let detection = scenario.sensors.iter().map(|sensor| &sensor.detection_probability_model);
    let clutter = scenario.clutter.iter().filter_map(|source| source.density_model());
    let needed = |kind| move |name: &Arc<str>| NeededModel { name: Arc::clone(name), kind };
    let all: BTreeSet<NeededModel> = rcs
        .map(needed(ModelKind::Rcs))
        .chain(detection.flatten().map(needed(ModelKind::DetectionProbability)))
        .chain(clutter.map(needed(ModelKind::ClutterDensity)))
        .collect();
    all.into_iter().collect()
}

/// Refuse models that are not those that `scenario` asks for.
pub fn check_models(scenario: &Scenario, given: &[UserModel]) -> Result<()> {
    let by_name = unique(given)?;
    let needed = needed_models(scenario);
    for entry in &needed {
        check_given(entry, &by_name, &scenario.name)?;
    }
    match given.iter().find(|model| !is_needed(model, &needed)) {
        Some(model) => Err(not_needed(model, &needed, &scenario.name)),
        None => Ok(()),
    }
}

type ByName = BTreeMap<Arc<str>, UserModel>;

/// The models of one radar.
#[derive(Clone, Debug)]
pub struct RadarModels {
    /// Those of the whole scenario.
    by_name: ByName,
    detection_probability: Option<UserModel>,
}

impl RadarModels {
    /// The models of `sensor`; `given` must be those that `scenario` asks for, and no others.
    pub fn new(scenario: &Scenario, sensor: &Sensor, given: &[UserModel]) -> Result<Self> {
        check_models(scenario, given)?;
        let by_name: ByName =
            given.iter().map(|model| (model.name().into(), model.clone())).collect();
        let of_sensor = sensor.detection_probability_model.as_ref();
        let detection_probability = of_sensor.and_then(|name| by_name.get(name)).cloned();
        Ok(Self { by_name, detection_probability })
    }

    /// The one that gives the radar cross section of `target`.
    pub fn rcs(&self, target: &Target) -> Option<&UserModel> {
        self.by_name.get(target.rcs_model.as_ref()?)
    }

    /// The one that gives the density of `clutter`.
    pub fn clutter_density(&self, clutter: &ClutterSource) -> Option<&UserModel> {
        self.by_name.get(clutter.density_model()?)
    }

    /// The one that gives the probability of detection.
    pub const fn detection_probability(&self) -> Option<&UserModel> {
        self.detection_probability.as_ref()
    }
}

fn unique(given: &[UserModel]) -> Result<ByName> {
    let mut by_name = BTreeMap::new();
    for model in given {
        if by_name.insert(model.name().into(), model.clone()).is_some() {
            return Err(Error::Setting {
                setting: "models".into(),
                value: format!("two of the name {:?}", model.name()),
                limit: "one of each name".into(),
                remedy: "leave one out or rename it".into(),
            });
        }
    }
    Ok(by_name)
}

fn check_given(needed: &NeededModel, by_name: &ByName, scenario: &str) -> Result<()> {
    let NeededModel { name, kind } = needed;
    let wanted = format!("the {} model {name:?} of scenario {scenario:?}", kind.name());
    match by_name.get(name) {
        Some(model) if model.kind() == *kind => Ok(()),
        Some(model) => Err(Error::Setting {
            setting: format!("model {name:?}"),
            value: format!("for {}", model.kind().name()),
            limit: wanted,
            remedy: "give one of that kind, or name another in the scenario".into(),
        }),
        None => Err(Error::Setting {
            setting: "models".into(),
            value: listed(by_name.keys()),
            limit: format!("with {wanted}"),
            remedy: "give it by `models`, to commands by --models".into(),
        }),
    }
}

fn is_needed(model: &UserModel, needed: &[NeededModel]) -> bool {
    needed.iter().any(|entry| *entry.name == *model.name())
}

fn not_needed(model: &UserModel, needed: &[NeededModel], scenario: &str) -> Error {
    let asked_for = listed(needed.iter().map(|entry| &entry.name));
    Error::Setting {
        setting: "models".into(),
        value: format!("with the {} model {:?}", model.kind().name(), model.name()),
        limit: format!("those that scenario {scenario:?} asks for ({asked_for})"),
        remedy: "leave it out or name it in the scenario".into(),
    }
}

/// The first names, for an error.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a Arc<str>>) -> String {
    let more = names.len().saturating_sub(MAX_LISTED);
    let shown: Vec<String> = names.take(MAX_LISTED).map(|name| format!("{name:?}")).collect();
    match (shown.is_empty(), more) {
        (true, _) => "none".into(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
