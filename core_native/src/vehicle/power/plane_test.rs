//! The power in time: closed forms, the balance of the bus, each rule of shedding.

use crate::vehicle::power::balance::fault;
use crate::vehicle::power::config::PowerConfig;
use crate::vehicle::power::dock_bridge::DockBridge;
use crate::vehicle::power::document::WhenShort;
use crate::vehicle::power::energy_store::EnergyStore;
use crate::vehicle::power::loads::{Load, Shed};
use crate::vehicle::power::plane::PowerPlane;

const STEP_S: f64 = 0.001;
const RADAR: usize = 0;
const DRIVE: usize = 1;
const BASE: usize = 2;

fn load(name: &str, power_w: f64, when_short: WhenShort) -> Load {
    let shed_at_low_charge = name == "radar";
    Load {
        name: name.into(),
        power_w,
        demand_w: power_w,
        is_on: true,
        when_short,
        shed_at_low_charge,
    }
}

/// Radar 20 W, drive 40 W, base 60 W; 30 W come in.
pub(in crate::vehicle) fn config() -> PowerConfig {
    let battery = EnergyStore {
        capacity_j: 36_000.0,
        initial_charge: 0.8,
        maximum_charge_w: 120.0,
        maximum_discharge_w: 140.0,
        charge_efficiency: 0.9,
        discharge_efficiency: 0.95,
    };
    PowerConfig {
        step_s: STEP_S,
        base_input_w: 30.0,
        minimum_v: 20.0,
        nominal_v: 28.0,
        maximum_a: 20.0,
        battery,
        supercapacitor: Some(EnergyStore {
            capacity_j: 500.0,
            maximum_discharge_w: 200.0,
            ..battery
        }),
        dock: Some(DockBridge {
            station_w: 250.0,
            bridge_w: 280.0,
            soft_start_s: 2.0,
            efficiency: 0.9,
        }),
        shed_charge: 0.2,
        restore_charge: 0.3,
        hold_steps: 1000,
        restore_margin: 0.1,
        thruster_w: 20.0,
        loads: vec![
            load("radar", 20.0, WhenShort::Shed),
            load("drive", 40.0, WhenShort::Throttle),
            load("base", 60.0, WhenShort::Keep),
        ],
        order: vec![RADAR, DRIVE, BASE],
    }
}

fn run(plane: &mut PowerPlane, config: &PowerConfig, from: i64, steps: i64, valve_w: f64) {
    for step in from..from + steps {
        plane.step(config, step, valve_w, 0);
    }
}

fn with_charge(config: &PowerConfig, charge: f64) -> PowerPlane {
    let mut plane = PowerPlane::new(config);
    plane.battery.energy_j = charge * config.battery.capacity_j;
    plane
}

#[test]
fn a_constant_load_empties_the_battery_as_the_closed_form_says() {
    let config = config();
    let mut plane = PowerPlane::new(&config);
    run(&mut plane, &config, 0, 100_000, 0.0);
    // 120 W of loads, 30 W of them from the input.
    let expected_j = 0.8 * 36_000.0 - (120.0 - 30.0) / 0.95 * 100.0;
    assert!((plane.battery.energy_j - expected_j).abs() < 1e-8, "{}", plane.battery.energy_j);
    assert!((plane.used.energy_j - 12_000.0).abs() < 1e-8);
    assert_eq!(plane.flows.bus_a(), 120.0 / plane.flows.bus_v);
    let charge = config.battery.charge(plane.battery);
    assert!((plane.flows.bus_v - (20.0 + 8.0 * charge)).abs() < 1e-4);
    assert_eq!(plane.faults, 0);
}

#[test]
fn the_supercapacitor_gives_what_the_battery_may_not_and_no_more() {
    let config = config();
    let mut plane = PowerPlane::new(&config);
    // 120 W and 80 W of valves against 30 W: 140 W by the battery, 30 W by the supercapacitor.
    run(&mut plane, &config, 0, 1, 80.0);
    assert_eq!((plane.flows.battery_w, plane.flows.supercapacitor_w), (-140.0, -30.0));
    assert_eq!(plane.faults, fault::BATTERY_DISCHARGE_LIMIT);
    run(&mut plane, &config, 1, 12_665, 80.0);
    assert!(plane.supercapacitor.energy_j > 0.0);
    run(&mut plane, &config, 12_666, 10, 80.0);
    assert_eq!(plane.supercapacitor.energy_j, 0.0);
    // 170 W are left for 200 W: the radar is shed, the drive gets 10 W less.
    assert_eq!(plane.loads.0[RADAR].shed, Shed::Undersupply);
    assert_eq!(plane.loads.0[DRIVE].power_w, 30.0);
    assert_eq!(plane.flows.thruster_w, 80.0);
}

#[test]
fn charging_stays_within_the_current_limit_of_the_unit() {
    let config = PowerConfig { maximum_a: 6.0, ..config() };
    let mut plane = with_charge(&config, 0.5);
    plane.dock_steps = Some(0);
    for step in 0..10_000 {
        plane.step(&config, step, 0.0, 0);
        assert!(plane.flows.bus_w() <= plane.flows.limit_w);
        assert_eq!(plane.faults & fault::PDU_OVERCURRENT, 0);
    }
    // 6 A times about 24 V: all that the loads leave of it goes into the stores.
    assert!((plane.flows.bus_a() - 6.0).abs() < 1e-9, "{}", plane.flows.bus_a());
}

#[test]
fn what_gives_way_does_so_in_order_and_is_named() {
    let limited = |maximum_w: f64, valve_w: f64| {
        let config = config();
        let bus_v = PowerPlane::new(&config).flows.bus_v;
        let config = PowerConfig { maximum_a: maximum_w / bus_v, ..config };
        let mut plane = PowerPlane::new(&config);
        plane.step(&config, 0, valve_w, 0);
        let powers_w = [RADAR, DRIVE, BASE].map(|load| plane.loads.0[load].power_w);
        (powers_w.map(f64::round), plane.flows.thruster_w, plane.faults)
    };
    assert_eq!(limited(121.0, 0.0), ([20.0, 40.0, 60.0], 0.0, 0));
    assert_eq!(limited(115.0, 0.0), ([0.0, 40.0, 60.0], 0.0, 0));
    assert_eq!(limited(85.0, 0.0), ([0.0, 25.0, 60.0], 0.0, 0));
    assert_eq!(limited(100.0, 40.0), ([0.0, 0.0, 60.0], 40.0, 0));
    // Valves that cannot be held beside the base are not, and cost the others nothing.
    assert_eq!(limited(119.0, 80.0), ([0.0, 40.0, 60.0], 0.0, fault::THRUSTERS_UNPOWERED));
    assert_eq!(limited(50.0, 0.0), ([0.0, 0.0, 0.0], 0.0, fault::PDU_OVERCURRENT));
}

#[test]
fn a_load_shed_by_overcurrent_comes_back_after_its_hold_and_with_its_margin() {
    let config = config();
    let bus_v = PowerPlane::new(&config).flows.bus_v;
    let tight = PowerConfig { maximum_a: 119.0 / bus_v, ..config.clone() };
    let mut plane = PowerPlane::new(&tight);
    run(&mut plane, &tight, 0, 3000, 0.0);
    assert_eq!(plane.loads.0[RADAR].shed, Shed::Overcurrent);
    // 130 W are enough for 120 W, but not with a tenth of them free.
    let near = PowerConfig { maximum_a: 130.0 / bus_v, ..config.clone() };
    run(&mut plane, &near, 3000, 3000, 0.0);
    assert_eq!(plane.loads.0[RADAR].shed, Shed::Overcurrent);
    run(&mut plane, &config, 6000, 1, 0.0);
    assert_eq!(plane.loads.0[RADAR].shed, Shed::No);
    // With room at once it still stays off for the hold.
    run(&mut plane, &tight, 6001, 1, 0.0);
    run(&mut plane, &config, 6002, 999, 0.0);
    assert_eq!(plane.loads.0[RADAR].shed, Shed::Overcurrent);
    run(&mut plane, &config, 7001, 1, 0.0);
    assert_eq!(plane.loads.0[RADAR].shed, Shed::No);
}

#[test]
fn low_charge_sheds_and_restores_with_its_hysteresis() {
    let config = config();
    let mut plane = with_charge(&config, 0.2001);
    plane.step(&config, 0, 0.0, 0);
    assert!(plane.loads.0[RADAR].is_powered());
    for (charge, shed) in [
        (0.2, Shed::LowCharge),
        (0.25, Shed::LowCharge),
        (0.2999, Shed::LowCharge),
        (0.3, Shed::No),
        (0.2001, Shed::No),
        (0.19, Shed::LowCharge),
    ] {
        plane.battery.energy_j = charge * config.battery.capacity_j;
        plane.step(&config, 1, 0.0, 0);
        assert_eq!(plane.loads.0[RADAR].shed, shed, "{charge}");
        assert_eq!(plane.loads.0[RADAR].is_powered(), shed == Shed::No);
        assert!(plane.loads.0[BASE].is_powered());
    }
}

#[test]
fn heat_sheds_what_it_is_told_to_and_is_named_before_all_else() {
    let config = config();
    let mut plane = with_charge(&config, 0.1);
    for (hot, shed) in
        [(1 << RADAR, Shed::Heat), (0, Shed::LowCharge), (1 << BASE, Shed::LowCharge)]
    {
        plane.step(&config, 0, 0.0, hot);
        assert_eq!(plane.loads.0[RADAR].shed, shed);
        assert_eq!(plane.loads.0[BASE].is_powered(), hot != 1 << BASE);
    }
    // What heat sheds is no fault of the power, and the drive need not wait for it.
    assert_eq!(plane.faults, 0);
    assert!(plane.loads.0[DRIVE].is_powered());
}

#[test]
fn an_empty_battery_gives_nothing_until_it_is_charged_again() {
    let config = PowerConfig { supercapacitor: None, ..config() };
    let mut plane = with_charge(&config, 1e-3);
    let is_empty = |plane: &PowerPlane| plane.faults & fault::BATTERY_EMPTY != 0;
    let emptied = (0..2000).find(|&step| {
        plane.step(&config, step, 0.0, 0);
        is_empty(&plane)
    });
    // The radar is off: 100 W of loads less the input, out of 36 J, but for the last step at 140 W.
    assert_eq!(emptied, Some((36.0 * 0.95 / 70.0 * 1000.0) as i64 - 2));
    run(&mut plane, &config, 487, 2, 0.0);
    assert_eq!(plane.battery.energy_j, 0.0);
    // 30 W are too little for the base, so it is off, the drive waits too and they charge the battery.
    run(&mut plane, &config, 489, 1511, 0.0);
    assert_eq!((plane.flows.load_w, plane.flows.battery_w), (0.0, 30.0));
    assert_eq!(plane.faults, fault::POWER_SHORTAGE);
    assert!(!plane.loads.0[BASE].is_powered() && !plane.loads.0[RADAR].is_powered());
    // Dock power brings all of them back, but the radar only when the charge is no longer low.
    plane.dock_steps = Some(0);
    run(&mut plane, &config, 2000, 3000, 0.0);
    assert!(plane.loads.0[BASE].is_powered());
    assert_eq!(plane.loads.0[RADAR].shed, Shed::LowCharge);
    assert_eq!(plane.faults & (fault::POWER_SHORTAGE | fault::BATTERY_EMPTY), 0);
    run(&mut plane, &config, 5000, 200_000, 0.0);
    assert!(plane.loads.0[RADAR].is_powered());
}

#[test]
fn what_comes_in_is_used_stored_or_lost() {
    let config = config();
    let mut plane = with_charge(&config, 0.05);
    let before_j = plane.battery.energy_j + plane.supercapacitor.energy_j;
    for step in 0..600_000 {
        if step % 7919 == 0 {
            // Fractions that fill 0 to 1 evenly.
            let drawn = (0.618_033_988_749_894_9 * (step / 7919) as f64) % 1.0;
            plane.loads.0[BASE].demand_w = 60.0 * drawn;
            plane.loads.0[DRIVE].is_on = drawn < 0.6;
            plane.dock_steps = (drawn > 0.5).then_some(0);
        }
        let valve_w = if step % 5000 < 1500 { 160.0 } else { 0.0 };
        plane.step(&config, step, valve_w, 0);
        if step % 250 == 0 {
            plane.are_valves_shut = false;
        }
        let charge = config.battery.charge(plane.battery);
        assert!((0.0..=1.0).contains(&charge), "{charge}");
        let flows = &plane.flows;
        assert!(flows.bus_w() <= flows.limit_w * (1.0 + 1e-12));
        let left_w = flows.load_w + flows.battery_w + flows.supercapacitor_w;
        assert!((flows.input_w + flows.dock_w - left_w).abs() < 1e-9, "{flows:?}");
    }
    let stored_j = plane.battery.energy_j + plane.supercapacitor.energy_j - before_j;
    let error_j = plane.taken.energy_j - plane.used.energy_j - plane.lost.energy_j - stored_j;
    assert!(error_j.abs() < 1e-9 * plane.taken.energy_j, "{error_j}");
    assert!(plane.lost.energy_j > 100.0 && plane.used.energy_j > 10_000.0);
}
