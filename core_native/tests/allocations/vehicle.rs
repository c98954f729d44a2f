//! A vehicle that is told to move, window after window, allocates nothing.

use std::sync::Arc;

use qiki_core::vehicle::config::VehicleConfig;
use qiki_core::vehicle::docking::relative::PortPose;
use qiki_core::vehicle::events::EventKind;
use qiki_core::vehicle::quaternion::Quaternion;
use qiki_core::vehicle::simulation::Vehicle;
use qiki_core::vehicle::start::Start;

use crate::counter::allocations;

const DOCUMENT: &str = r#"{
    "vehicle_version": 1, "name": "bot",
    "body": {"dry_mass_kg": 300, "dry_inertia_kg_m2": [[125, 0, 0], [0, 61, 0], [0, 0, 136]]},
    "propellant": {"mass_kg": 12, "tank_radius_m": 0.25, "specific_impulse_s": 60},
    "rcs": {"pulse_window_s": 0.05, "minimum_on_time_s": 0.01, "clusters": [
        {"name": "A", "thrust_n": 20, "thrusters": [
            {"position_m": [0.5, -1, 0], "force_direction": [0, 1, 0]},
            {"position_m": [-0.5, -1, 0], "force_direction": [0, 1, 0]},
            {"position_m": [0, 1, 0.4], "force_direction": [0, -1, 0]},
            {"position_m": [0, 1, -0.4], "force_direction": [0, -1, 0]}]}]},
    "power": {"base_input_w": 30, "thruster_w": 20,
        "bus": {"minimum_v": 22, "nominal_v": 28, "maximum_a": 10},
        "battery": {"capacity_wh": 0.05, "initial_charge": 0.5,
            "maximum_charge_w": 120, "maximum_discharge_w": 140},
        "shedding": {"shed_charge": 0.2, "restore_charge": 0.3, "hold_s": 1, "restore_margin": 0.1},
        "loads": [{"name": "radar", "power_w": 18, "when_short": "shed"},
            {"name": "base", "power_w": 60}]},
    "docking": {
        "approach": {"range_m": 20, "cone_deg": 20},
        "capture": {"distance_m": 1, "speed_m_s": 1, "angle_deg": 5, "rate_deg_s": 5},
        "soft": {"stiffness_n_per_m": 150, "damping_n_s_per_m": 430, "reach_m": 2,
            "angular_stiffness_n_m_per_rad": 60, "angular_damping_n_m_s_per_rad": 170},
        "latch": {"distance_m": 1e-6, "speed_m_s": 1e-6, "angle_deg": 1e-4, "rate_deg_s": 1e-4},
        "release_impulse_n_s": 15,
        "ports": [{"name": "A", "position_m": [0, 1, 0], "axis": [0, 1, 0], "up": [0, 0, 1]}]},
    "comms": {"is_on": true,
        "transponder": {"mode": "on", "id": "BOT", "spoof_id": "BAT", "load": "radar"}}
}"#;

#[test]
fn a_vehicle_allocates_nothing_when_it_is_told_and_when_it_moves() {
    let config = Arc::new(VehicleConfig::from_json(DOCUMENT).expect("a good document"));
    let body = Start::default().body(&config).expect("a good start");
    let mut vehicle = Vehicle::new(config, body);
    vehicle.engage_port("A").expect("a port");
    let pose = PortPose {
        position_m: [0.0, 1.01, 0.0],
        velocity_m_s: [0.0; 3],
        attitude: Quaternion([0.0, 0.0, 0.0, 1.0]),
    };
    vehicle.set_station_port(Some(pose)).expect("a good pose");
    let before = allocations();
    for number in 0..100 {
        let force_n = f64::from(number % 7) - 3.0;
        let wrench = [0.0, 10.0 * force_n, 0.0, 0.1 * force_n, 0.0, force_n];
        vehicle.command(wrench, None).expect("a good command");
        vehicle.set_load("base", Some(number % 30 < 20), Some(50.0)).expect("a good demand");
        vehicle.advance(100_000_000).expect("a good duration");
    }
    assert_eq!(allocations() - before, 0);
    let kinds: Vec<_> = vehicle.take_events().map(|event| event.kind).collect();
    for kind in [EventKind::PortCaptured, EventKind::LoadShed, EventKind::TransponderActivated] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    assert!(vehicle.body().propellant_kg < 12.0);
    let (_, plane) = vehicle.power().expect("it has power");
    assert!(plane.used.energy_j > 100.0);
}
