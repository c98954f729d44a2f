//! The thermal section whose every number has been checked.

use super::document::{
    CAPACITY_LIMITS_J_PER_K, CouplingDocument, MAX_CONDUCTANCE_W_PER_K, MAX_COUPLINGS,
    MAX_HYSTERESIS_K, MAX_NODES, MAX_SOURCES, NodeDocument, TEMPERATURE_LIMITS_C, ThermalDocument,
};
use super::heat_network::{Coupling, HeatNetwork};
use crate::scene::place::Place;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::power::document::{MAX_LOADS, PowerDocument};

/// A checked thermal section.
#[derive(Clone, Debug, PartialEq)]
pub struct ThermalConfig {
    /// Temperature of the surroundings \[°C\].
    pub ambient_c: f64,
    /// The nodes, by number.
    pub nodes: Vec<Node>,
    /// What heats them.
    pub heats: Vec<Heat>,
    /// What a step does to them.
    pub network: HeatNetwork,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Temperature at the start \[°C\].
    pub initial_c: f64,
    /// Temperature at which it trips \[°C\].
    pub trip_c: f64,
    /// Temperature at which it warns \[°C\].
    pub warn_c: f64,
    /// How far below each it must cool until that ends \[K\].
    pub hysteresis_k: f64,
    /// The loads that are shed while it is tripped, a bit for each by its number.
    pub sheds: u16,
}

/// What heats a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heat {
    /// Number of the node.
    pub node: usize,
    /// Where the heat comes from.
    pub source: HeatSource,
    /// Part of it that becomes heat in the node.
    pub fraction: f64,
}

/// Where heat comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeatSource {
    /// The power of a load, by its number.
    Load(usize),
    /// The power of the thrusters' valves.
    Thrusters,
    /// What the battery loses.
    Battery,
    /// What the supercapacitor loses.
    Supercapacitor,
    /// What the dock's bridge loses.
    Dock,
}

/// The sources that are not loads, by name.
pub const OTHER_SOURCES: [(&str, HeatSource); 4] = [
    ("thrusters", HeatSource::Thrusters),
    ("battery", HeatSource::Battery),
    ("supercapacitor", HeatSource::Supercapacitor),
    ("dock", HeatSource::Dock),
];

/// Check a thermal section beside the power section, for internal steps of `step_s`.
///
/// Without power there are no loads: then nothing heats and nothing is shed.
pub fn checked(
    place: &Place<'_>,
    document: &ThermalDocument,
    power: Option<&PowerDocument>,
    step_s: f64,
) -> ThermalConfig {
    let [least_c, most_c] = TEMPERATURE_LIMITS_C;
    let list = place.key("nodes");
    let mut built = (Vec::new(), Vec::new(), Vec::new());
    let are_right = place.holds(|| {
        place.key("ambient_c").number(document.ambient_c, least_c, most_c);
        list.length(document.nodes.len(), 1, MAX_NODES);
        let nodes = document.nodes.iter().take(MAX_NODES).enumerate();
        built.0 = nodes.map(|(index, _)| node(&list, &document.nodes, index, power)).collect();
        built.1 = heats(&list, &document.nodes, power);
        built.2 = couplings(&place.key("couplings"), document);
    });
    let (nodes, heats, couplings) = built;
    let numbers = |of: fn(&NodeDocument) -> f64| document.nodes.iter().map(of).collect::<Vec<_>>();
    let (capacities, ambient) = (numbers(|n| n.capacity_j_per_k), numbers(|n| n.ambient_w_per_k));
    let network = if are_right {
        HeatNetwork::new(&capacities, &ambient, &couplings, step_s)
    } else {
        HeatNetwork::default()
    };
    ThermalConfig { ambient_c: document.ambient_c, nodes, heats, network }
}

fn node(
    list: &Place<'_>,
    documents: &[NodeDocument],
    index: usize,
    power: Option<&PowerDocument>,
) -> Node {
    let (place, document) = (list.index(index), &documents[index]);
    let number = |name, value, [low, high]: [f64; 2]| place.key(name).number(value, low, high);
    let name = place.key("name");
    if name.text(&document.name, MAX_NAME_BYTES)
        && documents[..index].iter().any(|other| other.name == document.name)
    {
        name.problem(format!("is {:?}, already a node's name", document.name));
    }
    number("capacity_j_per_k", document.capacity_j_per_k, CAPACITY_LIMITS_J_PER_K);
    number("ambient_w_per_k", document.ambient_w_per_k, [0.0, MAX_CONDUCTANCE_W_PER_K]);
    number("initial_c", document.initial_c, TEMPERATURE_LIMITS_C);
    let [least_c, most_c] = TEMPERATURE_LIMITS_C;
    let is_trip = number("trip_c", document.trip_c, TEMPERATURE_LIMITS_C);
    number("warn_c", document.warn_c, [least_c, if is_trip { document.trip_c } else { most_c }]);
    number("hysteresis_k", document.hysteresis_k, [0.0, MAX_HYSTERESIS_K]);
    Node {
        name: document.name.clone(),
        initial_c: document.initial_c,
        trip_c: document.trip_c,
        warn_c: document.warn_c,
        hysteresis_k: document.hysteresis_k,
        sheds: sheds(&place.key("sheds"), &document.sheds, power),
    }
}

/// The bits of the loads that a node sheds.
fn sheds(place: &Place<'_>, names: &[String], power: Option<&PowerDocument>) -> u16 {
    place.length(names.len(), 0, MAX_LOADS);
    let Some(power) = power else { return 0 };
    let mut bits = 0;
    for (index, name) in names.iter().enumerate() {
        match load_number(power, name) {
            Some(load) => bits |= 1 << load,
            None => _ = place.index(index).problem(format!("is {name:?}, not a load's name")),
        }
    }
    bits
}

fn load_number(power: &PowerDocument, name: &str) -> Option<usize> {
    power.loads.iter().take(MAX_LOADS).position(|load| load.name == name)
}

fn heats(list: &Place<'_>, nodes: &[NodeDocument], power: Option<&PowerDocument>) -> Vec<Heat> {
    let mut heats: Vec<Heat> = Vec::new();
    for (node, document) in nodes.iter().enumerate() {
        let place = list.index(node);
        let place = place.key("heated_by");
        place.length(document.heated_by.len(), 0, MAX_SOURCES);
        for (index, heat) in document.heated_by.iter().enumerate() {
            let place = place.index(index);
            place.key("fraction").number(heat.fraction, 0.0, 1.0);
            let other = OTHER_SOURCES.iter().find(|(name, _)| *name == heat.source);
            let load = || power.and_then(|power| load_number(power, &heat.source));
            let source = other.map(|(_, source)| *source);
            let source = source.or_else(|| load().map(HeatSource::Load));
            if let Some(source) = source {
                let heat = Heat { node, source, fraction: heat.fraction };
                check_sum(&place.key("fraction"), &heats, heat);
                heats.push(heat);
            } else if power.is_some() {
                let names = OTHER_SOURCES.map(|(name, _)| name).join(", ");
                let reason = format!("is {:?}, must be a load's name or {names}", heat.source);
                place.key("source").problem(reason);
            }
        }
    }
    heats
}

/// Refuse a part of a source beyond what the nodes before leave of it.
fn check_sum(place: &Place<'_>, heats: &[Heat], heat: Heat) {
    let before = heats.iter().filter(|other| other.source == heat.source);
    let left = 1.0 - before.map(|other| other.fraction).sum::<f64>();
    // Decimal fractions do not add up to 1 to the last bit.
    if (0.0..=1.0).contains(&heat.fraction) && heat.fraction > left + 1e-9 {
        place.problem(format!("is {}, must be 0 to {left}, what is left of 1", heat.fraction));
    }
}

fn couplings(place: &Place<'_>, document: &ThermalDocument) -> Vec<Coupling> {
    let documents = &document.couplings;
    place.length(documents.len(), 0, MAX_COUPLINGS);
    let entries = documents.iter().enumerate();
    entries.filter_map(|(index, entry)| coupling(&place.index(index), entry, document)).collect()
}

fn coupling(
    place: &Place<'_>,
    entry: &CouplingDocument,
    document: &ThermalDocument,
) -> Option<Coupling> {
    let conductance = entry.conductance_w_per_k;
    place.key("conductance_w_per_k").number(conductance, 0.0, MAX_CONDUCTANCE_W_PER_K);
    let between = place.key("between");
    let number = |end: usize| {
        let name = &entry.between[end];
        let found = document.nodes.iter().position(|node| node.name == *name);
        if found.is_none() {
            between.index(end).problem(format!("is {name:?}, not a node's name"));
        }
        found
    };
    let [one, other] = [number(0), number(1)];
    let ends = [one?, other?];
    if ends[0] == ends[1] {
        between.problem(format!("is {:?} twice, must be two nodes", entry.between[0]));
    }
    Some((ends, conductance))
}
