//! The power section whose every number has been checked.

use super::dock_bridge::DockBridge;
use super::document::{
    BusDocument, CAPACITY_LIMITS_WH, CURRENT_LIMITS_A, DockDocument, EFFICIENCY_LIMITS,
    LoadDocument, MAX_HOLD_S, MAX_LOADS, MAX_MARGIN, MAX_POWER_W, PowerDocument, SheddingDocument,
    StoreDocument, VOLTAGE_LIMITS_V, WhenShort,
};
use super::energy_store::EnergyStore;
use super::loads::Load;
use crate::scene::place::Place;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::vehicle::thermal::config::OTHER_SOURCES;

/// A watt hour \[J\].
const WATT_HOUR_J: f64 = 3600.0;

/// A checked power section.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerConfig {
    /// Internal step \[s\].
    pub step_s: f64,
    /// What comes in always \[W\].
    pub base_input_w: f64,
    /// Voltage of the bus with an empty battery \[V\].
    pub minimum_v: f64,
    /// Voltage of the bus with a full battery \[V\].
    pub nominal_v: f64,
    /// The most that leaves the bus \[A\].
    pub maximum_a: f64,
    /// The battery.
    pub battery: EnergyStore,
    /// The supercapacitor, if there is one.
    pub supercapacitor: Option<EnergyStore>,
    /// The bridge to a station's power, if there is one.
    pub dock: Option<DockBridge>,
    /// State of charge at which loads are shed.
    pub shed_charge: f64,
    /// State of charge at which they are restored.
    pub restore_charge: f64,
    /// Steps for which a load is off that was shed for want of power.
    pub hold_steps: i64,
    /// Part of the power that must be left free when such a load is restored.
    pub restore_margin: f64,
    /// What each thruster takes while its valve is held open \[W\].
    pub thruster_w: f64,
    /// The loads, by number.
    pub loads: Vec<Load>,
    /// Their numbers in the order in which they give way.
    pub order: Vec<usize>,
}

/// Check a power section, for internal steps of `step_s`.
pub fn checked(place: &Place<'_>, document: &PowerDocument, step_s: f64) -> PowerConfig {
    place.key("base_input_w").number(document.base_input_w, 0.0, MAX_POWER_W);
    place.key("thruster_w").number(document.thruster_w, 0.0, MAX_POWER_W);
    check_bus(&place.key("bus"), &document.bus);
    check_shedding(&place.key("shedding"), &document.shedding);
    let BusDocument { minimum_v, nominal_v, maximum_a } = document.bus;
    let SheddingDocument { shed_charge, restore_charge, hold_s, restore_margin } =
        document.shedding;
    let capacitor = place.key("supercapacitor");
    let loads = loads(&place.key("loads"), &document.loads);
    PowerConfig {
        step_s,
        base_input_w: document.base_input_w,
        minimum_v,
        nominal_v,
        maximum_a,
        battery: store(&place.key("battery"), &document.battery),
        supercapacitor: document.supercapacitor.as_ref().map(|part| store(&capacitor, part)),
        dock: document.dock.as_ref().map(|part| dock(&place.key("dock"), part)),
        shed_charge,
        restore_charge,
        hold_steps: libm::ceil(hold_s / step_s - 1e-6) as i64,
        restore_margin,
        thruster_w: document.thruster_w,
        order: order(&loads),
        loads,
    }
}

/// Number of the load with this name, in a vehicle that has power.
pub fn number_of_load(
    place: &Place<'_>,
    name: Option<&str>,
    power: Option<&PowerDocument>,
) -> Option<usize> {
    let name = name.filter(|name| place.text(name, MAX_NAME_BYTES))?;
    let loads = &power?.loads;
    let number = loads.iter().position(|load| load.name == name);
    if number.is_none() {
        let names: Vec<_> = loads.iter().map(|load| load.name.as_str()).collect();
        place.problem(format!("is {name:?}, must be one of {}", names.join(", ")));
    }
    number
}

fn check_bus(place: &Place<'_>, bus: &BusDocument) {
    let [least_v, most_v] = VOLTAGE_LIMITS_V;
    let is_right = place.key("minimum_v").number(bus.minimum_v, least_v, most_v);
    let least_v = if is_right { bus.minimum_v } else { least_v };
    place.key("nominal_v").number(bus.nominal_v, least_v, most_v);
    let [least_a, most_a] = CURRENT_LIMITS_A;
    place.key("maximum_a").number(bus.maximum_a, least_a, most_a);
}

fn check_shedding(place: &Place<'_>, shedding: &SheddingDocument) {
    let is_right = place.key("shed_charge").number(shedding.shed_charge, 0.0, 1.0);
    let least = if is_right { shedding.shed_charge } else { 0.0 };
    place.key("restore_charge").number(shedding.restore_charge, least, 1.0);
    place.key("hold_s").number(shedding.hold_s, 0.0, MAX_HOLD_S);
    place.key("restore_margin").number(shedding.restore_margin, 0.0, MAX_MARGIN);
}

fn store(place: &Place<'_>, document: &StoreDocument) -> EnergyStore {
    let number = |name, value, [low, high]: [f64; 2]| place.key(name).number(value, low, high);
    number("capacity_wh", document.capacity_wh, CAPACITY_LIMITS_WH);
    number("initial_charge", document.initial_charge, [0.0, 1.0]);
    number("maximum_charge_w", document.maximum_charge_w, [0.0, MAX_POWER_W]);
    number("maximum_discharge_w", document.maximum_discharge_w, [0.0, MAX_POWER_W]);
    number("charge_efficiency", document.charge_efficiency, EFFICIENCY_LIMITS);
    number("discharge_efficiency", document.discharge_efficiency, EFFICIENCY_LIMITS);
    EnergyStore {
        capacity_j: document.capacity_wh * WATT_HOUR_J,
        initial_charge: document.initial_charge,
        maximum_charge_w: document.maximum_charge_w,
        maximum_discharge_w: document.maximum_discharge_w,
        charge_efficiency: document.charge_efficiency,
        discharge_efficiency: document.discharge_efficiency,
    }
}

fn dock(place: &Place<'_>, document: &DockDocument) -> DockBridge {
    let DockDocument { station_w, bridge_v, bridge_a, soft_start_s, efficiency } = *document;
    let number = |name, value, [low, high]: [f64; 2]| place.key(name).number(value, low, high);
    number("station_w", station_w, [0.0, MAX_POWER_W]);
    number("bridge_v", bridge_v, VOLTAGE_LIMITS_V);
    number("bridge_a", bridge_a, CURRENT_LIMITS_A);
    number("soft_start_s", soft_start_s, [0.0, MAX_HOLD_S]);
    number("efficiency", efficiency, EFFICIENCY_LIMITS);
    DockBridge { station_w, bridge_w: bridge_v * bridge_a, soft_start_s, efficiency }
}

fn loads(place: &Place<'_>, documents: &[LoadDocument]) -> Vec<Load> {
    place.length(documents.len(), 0, MAX_LOADS);
    let entries = documents.iter().take(MAX_LOADS).enumerate();
    entries
        .map(|(index, document)| {
            let place = place.index(index);
            let name = place.key("name");
            let is_other = |other: &LoadDocument| other.name == document.name;
            if name.text(&document.name, MAX_NAME_BYTES) && documents[..index].iter().any(is_other)
            {
                name.problem(format!("is {:?}, already a load's name", document.name));
            }
            if OTHER_SOURCES.iter().any(|(other, _)| *other == document.name) {
                name.problem(format!("is {:?}, must not be that of another part", document.name));
            }
            load(&place, document)
        })
        .collect()
}

fn load(place: &Place<'_>, document: &LoadDocument) -> Load {
    let power_w = document.power_w;
    let is_power = place.key("power_w").number(power_w, 0.0, MAX_POWER_W);
    let most_w = if is_power { power_w } else { MAX_POWER_W };
    if let Some(demand_w) = document.demand_w {
        place.key("demand_w").number(demand_w, 0.0, most_w);
    }
    Load {
        name: document.name.clone(),
        power_w,
        demand_w: document.demand_w.unwrap_or(power_w),
        is_on: document.is_on,
        when_short: document.when_short,
        shed_at_low_charge: document.shed_at_low_charge,
    }
}

/// Numbers of the loads in the order in which they give way: those that are kept come last.
fn order(loads: &[Load]) -> Vec<usize> {
    let numbers_of = |is_kept: bool| {
        let all = loads.iter().enumerate();
        all.filter(move |(_, load)| (load.when_short == WhenShort::Keep) == is_kept)
            .map(|(number, _)| number)
    };
    numbers_of(false).chain(numbers_of(true)).collect()
}
