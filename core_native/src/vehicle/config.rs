//! A vehicle's configuration whose every number has been checked.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::geometry::dot;
use crate::scene::place::Place;
use crate::scene::problems::{DocumentKind, Problems};
use crate::scene::reading::read;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::allocation::AllocationWeights;
use crate::vehicle::comms;
use crate::vehicle::comms::config::CommsConfig;
use crate::vehicle::docking;
use crate::vehicle::docking::config::DockingConfig;
use crate::vehicle::document::{
    AllocationDocument, BodyDocument, ClusterDocument, IMPULSE_LIMITS_S, MASS_LIMITS_KG,
    MAX_INERTIA_KG_M2, MAX_OFFSET_M, PROPELLANT_WEIGHT_LIMITS, PropellantDocument, RcsDocument,
    STEP_LIMITS_S, THRUST_LIMITS_N, TORQUE_WEIGHT_LIMITS_PER_M, ThrusterDocument, VEHICLE_VERSION,
    VehicleDocument, WINDOW_LIMITS_S,
};
use crate::vehicle::drive;
use crate::vehicle::drive::config::DriveConfig;
use crate::vehicle::mass_properties::{MassProperties, is_of_a_mass, is_positive_definite};
use crate::vehicle::power;
use crate::vehicle::power::config::PowerConfig;
use crate::vehicle::radiation;
use crate::vehicle::radiation::RadiationDocument;
use crate::vehicle::thermal;
use crate::vehicle::thermal::config::ThermalConfig;
use crate::vehicle::thruster::{MAX_THRUSTERS, Thruster};

/// Shortest direction that has one.
const MIN_DIRECTION: f64 = 1e-6;

/// A checked configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct VehicleConfig {
    /// Short name.
    pub name: String,
    /// What the vehicle is.
    pub description: String,
    /// Internal step \[ns\].
    pub step_ns: i64,
    /// Mass and inertia.
    pub mass: MassProperties,
    /// Propellant of a full tank \[kg\].
    pub propellant_kg: f64,
    /// Specific impulse \[s\].
    pub specific_impulse_s: f64,
    /// Internal steps in a pulse window.
    pub window_steps: u32,
    /// Internal steps of the shortest pulse.
    pub min_on_steps: u32,
    /// What an allocation trades against what.
    pub weights: AllocationWeights,
    /// The thrusters, by number.
    pub thrusters: Vec<Thruster>,
    /// Name of the cluster of each.
    pub clusters: Vec<String>,
    /// Its power, if it has one.
    pub power: Option<PowerConfig>,
    /// Its thermal nodes, if it has some.
    pub thermal: Option<ThermalConfig>,
    /// Its docking, if it can dock.
    pub docking: Option<DockingConfig>,
    /// Its communications, if it has some.
    pub comms: Option<CommsConfig>,
    /// Its drive, if it has one.
    pub drive: Option<DriveConfig>,
    /// Radiation where it flies, if that is known.
    pub radiation: Option<RadiationDocument>,
    /// SHA-256 of the document, by which a snapshot knows its vehicle.
    pub fingerprint: [u8; 32],
}

impl VehicleConfig {
    /// Read and check a vehicle document in JSON.
    ///
    /// # Errors
    /// [`Error::Document`] names every problem: its place, the value and the limit.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::from_document(&read(DocumentKind::Vehicle, json)?)
    }

    /// Check a document.
    ///
    /// # Errors
    /// As [`VehicleConfig::from_json`].
    pub fn from_document(document: &VehicleDocument) -> Result<Self> {
        let problems = Problems::of(DocumentKind::Vehicle);
        let config = checked(&problems.root(), document);
        let config = problems.accept(config)?;
        let text = serde_json::to_string(document).map_err(|error| Error::Decode {
            format: "vehicle",
            offset: error.column(),
            reason: error.to_string(),
        })?;
        Ok(Self { fingerprint: Sha256::digest(text).into(), ..config })
    }
}

fn checked(root: &Place<'_>, document: &VehicleDocument) -> VehicleConfig {
    let version = document.vehicle_version;
    if version != VEHICLE_VERSION {
        root.key("vehicle_version").problem(format!("is {version}, must be {VEHICLE_VERSION}"));
    }
    root.key("name").text(&document.name, MAX_NAME_BYTES);
    let [shortest, longest] = STEP_LIMITS_S;
    let is_step = root.key("step_s").number(document.step_s, shortest, longest);
    let step_ns = if is_step { libm::round(document.step_s * 1e9) as i64 } else { 1_000_000 };
    let propellant = &document.propellant;
    check_propellant(&root.key("propellant"), propellant);
    let rcs = root.key("rcs");
    let (power_place, step_s) = (root.key("power"), step_ns as f64 * 1e-9);
    let [window_steps, min_on_steps] = pulse_steps(&rcs, &document.rcs, step_ns);
    let (thrusters, clusters) = thrusters(&rcs.key("clusters"), &document.rcs.clusters);
    let mass = mass(&root.key("body"), &document.body, propellant);
    VehicleConfig {
        name: document.name.clone(),
        description: document.description.clone(),
        step_ns,
        mass,
        propellant_kg: propellant.mass_kg,
        specific_impulse_s: propellant.specific_impulse_s,
        window_steps,
        min_on_steps,
        weights: weights(&rcs.key("allocation"), document.rcs.allocation),
        thrusters,
        clusters,
        power: document
            .power
            .as_ref()
            .map(|part| power::config::checked(&power_place, part, step_s)),
        thermal: document.thermal.as_ref().map(|part| {
            thermal::config::checked(&root.key("thermal"), part, document.power.as_ref(), step_s)
        }),
        docking: document
            .docking
            .as_ref()
            .map(|part| docking::config::checked(&root.key("docking"), part, &mass, step_s)),
        comms: document
            .comms
            .as_ref()
            .map(|part| comms::config::checked(&root.key("comms"), part, document.power.as_ref())),
        drive: document
            .drive
            .as_ref()
            .map(|part| drive::config::checked(&root.key("drive"), part, document, &mass, step_s)),
        radiation: document
            .radiation
            .as_ref()
            .map(|part| radiation::checked(&root.key("radiation"), part)),
        fingerprint: [0; 32],
    }
}

fn mass(place: &Place<'_>, body: &BodyDocument, propellant: &PropellantDocument) -> MassProperties {
    let [least, most] = MASS_LIMITS_KG;
    place.key("dry_mass_kg").number(body.dry_mass_kg, least, most);
    check_inertia(&place.key("dry_inertia_kg_m2"), body.dry_inertia_kg_m2);
    MassProperties {
        dry_mass_kg: body.dry_mass_kg,
        dry_inertia_kg_m2: body.dry_inertia_kg_m2,
        tank_radius_m: propellant.tank_radius_m,
    }
}

fn check_inertia(place: &Place<'_>, inertia: [[f64; 3]; 3]) {
    let are_numbers = place.holds(|| {
        for (index, row) in inertia.iter().enumerate() {
            place.index(index).vector(*row, MAX_INERTIA_KG_M2);
        }
    });
    if !are_numbers {
        return;
    }
    for (row, column) in [(0, 1), (0, 2), (1, 2)] {
        let [upper, lower] = [inertia[row][column], inertia[column][row]];
        if upper != lower {
            let reason = format!("is {lower}, must be {upper} as in row {row}, column {column}");
            place.index(column).index(row).problem(reason);
            return;
        }
    }
    if !is_positive_definite(&inertia) {
        place.problem("has a principal moment that is not positive, must be positive definite");
    } else if !is_of_a_mass(&inertia) {
        place.problem(
            "has a principal moment above the sum of the other two, must be that of a mass: check \
             the units and the signs of the products of inertia",
        );
    }
}

fn check_propellant(place: &Place<'_>, propellant: &PropellantDocument) {
    place.key("mass_kg").number(propellant.mass_kg, 0.0, MASS_LIMITS_KG[1]);
    place.key("tank_radius_m").number(propellant.tank_radius_m, 0.0, MAX_OFFSET_M);
    let [least, most] = IMPULSE_LIMITS_S;
    place.key("specific_impulse_s").number(propellant.specific_impulse_s, least, most);
}

/// Steps of a window and of the shortest pulse.
fn pulse_steps(place: &Place<'_>, rcs: &RcsDocument, step_ns: i64) -> [u32; 2] {
    let ([shortest, longest], step_s) = (WINDOW_LIMITS_S, step_ns as f64 * 1e-9);
    let window = place.key("pulse_window_s");
    let least_on = place.key("minimum_on_time_s");
    let is_window = window.number(rcs.pulse_window_s, shortest, longest);
    let most_on_s = if is_window { rcs.pulse_window_s } else { longest };
    if !least_on.number(rcs.minimum_on_time_s, 0.0, most_on_s) || !is_window {
        return [1, 1];
    }
    let [window_steps, on_steps] =
        [rcs.pulse_window_s, rcs.minimum_on_time_s].map(|time_s| time_s / step_s);
    let whole = libm::round(window_steps);
    if whole < 1.0 || (window_steps - whole).abs() > 1e-6 {
        let value = rcs.pulse_window_s;
        window.problem(format!("is {value}, must be a whole number of steps of {step_s} s"));
        return [1, 1];
    }
    [whole as u32, libm::ceil(on_steps - 1e-6).clamp(1.0, whole) as u32]
}

fn weights(place: &Place<'_>, document: AllocationDocument) -> AllocationWeights {
    let AllocationDocument { torque_weight_per_m, propellant_weight } = document;
    let [least, most] = TORQUE_WEIGHT_LIMITS_PER_M;
    place.key("torque_weight_per_m").number(torque_weight_per_m, least, most);
    let [least, most] = PROPELLANT_WEIGHT_LIMITS;
    place.key("propellant_weight").number(propellant_weight, least, most);
    AllocationWeights { torque_weight_per_m, propellant_weight }
}

fn thrusters(place: &Place<'_>, clusters: &[ClusterDocument]) -> (Vec<Thruster>, Vec<String>) {
    place.length(clusters.len(), 1, MAX_THRUSTERS);
    let count: usize = clusters.iter().map(|cluster| cluster.thrusters.len()).sum();
    if count > MAX_THRUSTERS {
        place.problem(format!("have {count} thrusters, must have at most {MAX_THRUSTERS}"));
        return (Vec::new(), Vec::new());
    }
    let (mut thrusters, mut names) = (Vec::new(), Vec::new());
    for (index, cluster) in clusters.iter().enumerate() {
        let place = place.index(index);
        let name = place.key("name");
        if name.text(&cluster.name, MAX_NAME_BYTES)
            && clusters[..index].iter().any(|other| other.name == cluster.name)
        {
            name.problem(format!("is {:?}, already a cluster's name", cluster.name));
        }
        let [least, most] = THRUST_LIMITS_N;
        place.key("thrust_n").number(cluster.thrust_n, least, most);
        let list = place.key("thrusters");
        list.length(cluster.thrusters.len(), 1, MAX_THRUSTERS);
        for (number, document) in cluster.thrusters.iter().enumerate() {
            thrusters.push(thruster(&list.index(number), document, cluster.thrust_n));
            names.push(cluster.name.clone());
        }
    }
    (thrusters, names)
}

fn thruster(place: &Place<'_>, document: &ThrusterDocument, thrust_n: f64) -> Thruster {
    let ThrusterDocument { position_m, force_direction } = *document;
    place.key("position_m").vector(position_m, MAX_OFFSET_M);
    let length = dot(force_direction, force_direction).sqrt();
    let place = place.key("force_direction");
    if place.vector(force_direction, 1.0) && length < MIN_DIRECTION {
        place.problem(format!("has the length {length}, must have at least {MIN_DIRECTION}"));
    }
    Thruster { position_m, force_direction: force_direction.map(|part| part / length), thrust_n }
}
