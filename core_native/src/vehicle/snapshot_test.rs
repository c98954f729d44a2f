//! Snapshots of a vehicle with all its parts, whole, cut and damaged.

use std::sync::Arc;

use crate::snapshot_bytes::sealed;
use crate::vehicle::comms::config::{CommsConfig, TransponderPart};
use crate::vehicle::comms::state::TransponderMode;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking_test::{NEVER, SOFT, docking, station};
use crate::vehicle::drive_test::drive;
use crate::vehicle::events::EventKind;
use crate::vehicle::power::plane_test::config as power_config;
use crate::vehicle::rigid_body::BodyState;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::simulation_test::config as plain_config;
use crate::vehicle::thermal::heat_network::HeatNetwork;
use crate::vehicle::thermal::nodes_test::tripping;
use crate::wire::test_random::Random;

const STEP_NS: i64 = 1_000_000;

/// A configuration with every part, whose nodes are hot at first and cool within seconds.
pub(super) fn whole_config() -> Arc<VehicleConfig> {
    let mut thermal = tripping();
    thermal.network = HeatNetwork::new(&[10.0; 2], &[1.0; 2], &[], 0.001);
    thermal.nodes.iter_mut().for_each(|node| node.initial_c = 92.0);
    let transponder = TransponderPart {
        mode: TransponderMode::On,
        id: "BOT".into(),
        spoof_id: "TOB".into(),
        load: None,
    };
    Arc::new(VehicleConfig {
        power: Some(power_config()),
        thermal: Some(thermal),
        docking: Some(docking(SOFT, NEVER)),
        comms: Some(CommsConfig { is_on: true, transponder: Some(transponder), link: None }),
        drive: Some(drive()),
        ..VehicleConfig::clone(&plain_config())
    })
}

/// A vehicle that was captured and released, cools, and is about to turn.
pub(super) fn eventful() -> Vehicle {
    let (config, pose) = (whole_config(), station([0.0; 3]));
    let port = &docking(SOFT, NEVER).ports[0];
    let mut vehicle = Vehicle::new(config, pose.docked(port, 12.0));
    vehicle.set_station_port(Some(pose)).unwrap();
    vehicle.engage_port("A").unwrap();
    vehicle.command([5.0, 0.0, 0.0, 0.0, 0.0, 1.0], None).unwrap();
    vehicle.advance(5 * STEP_NS).unwrap();
    vehicle.release_port().unwrap();
    vehicle.advance(2000 * STEP_NS + 7).unwrap();
    vehicle.engage_port("A").unwrap();
    vehicle.turn_drive(90.0).unwrap();
    vehicle.advance(20 * STEP_NS).unwrap();
    vehicle
}

#[test]
fn a_vehicle_with_all_its_parts_and_events_comes_back() {
    let mut vehicle = eventful();
    let kinds: Vec<_> = vehicle.state().events.waiting.iter().map(|event| event.kind).collect();
    for kind in [
        EventKind::LoadShed,
        EventKind::LoadRestored,
        EventKind::NodeCleared,
        EventKind::NodeWarningEnded,
        EventKind::TransponderActivated,
        EventKind::PortApproached,
        EventKind::PortCaptured,
        EventKind::PortReleased,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
    }
    let mut other = Vehicle::restore(whole_config(), &vehicle.snapshot()).unwrap();
    assert_eq!(other.state(), vehicle.state());
    for one in [&mut vehicle, &mut other] {
        one.advance(500 * STEP_NS).unwrap();
    }
    assert_eq!(other.snapshot(), vehicle.snapshot());
}

#[test]
fn every_cut_is_refused_though_its_checksum_is_right() {
    let bytes = eventful().snapshot();
    let body = &bytes[..bytes.len() - 4];
    for length in 0..body.len() {
        let result = Vehicle::restore(whole_config(), &sealed(&body[..length]));
        assert!(result.is_err(), "{length} of {} bytes", body.len());
    }
    assert!(Vehicle::restore(whole_config(), &sealed(body)).is_ok());
}

#[test]
fn damage_is_refused_or_gives_a_vehicle_that_goes_on() {
    let (config, bytes) = (whole_config(), eventful().snapshot());
    let (mut random, mut accepted) = (Random::new(19), 0);
    for round in 0..20_000 {
        let mut body = bytes[..bytes.len() - 4].to_vec();
        // The events stand last.
        let from = if round % 2 == 0 { body.len() / 2 } else { 0 };
        for _ in 0..=random.below(3) {
            let at = from + random.below(body.len() - from);
            body[at] ^= 1 << random.below(8);
        }
        let Ok(mut vehicle) = Vehicle::restore(Arc::clone(&config), &sealed(&body)) else {
            continue;
        };
        accepted += 1;
        // A vehicle at the last of all times goes no further.
        let _ = vehicle.advance(2 * STEP_NS);
        // Which may hold what is not finite by now.
        let _ = Vehicle::restore(Arc::clone(&config), &vehicle.snapshot());
        let is_in_order = vehicle.take_events().is_sorted_by_key(|event| event.time_ns);
        assert!(is_in_order, "round {round}");
    }
    assert!(accepted > 1000, "nearly all of the damage is refused at once: {accepted}");
}

#[test]
fn a_level_that_no_step_leads_to_is_refused() {
    let refusal = |change: fn(&mut Vehicle)| {
        let mut vehicle = eventful();
        change(&mut vehicle);
        let result = Vehicle::restore(whole_config(), &vehicle.snapshot());
        result.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(refusal(|_| ()), "");
    let text = refusal(|vehicle| {
        let plane = vehicle.state.power.as_mut().unwrap();
        plane.loads.0[2].is_throttled = true;
    });
    assert!(text.contains("load_throttled is of number 2"), "{text}");
    let text = refusal(|vehicle| {
        vehicle.state.power.as_mut().unwrap().loads.0[2].shed =
            super::power::loads::Shed::LowCharge;
    });
    assert!(text.contains("load_shed is of number 2 for the reason LowCharge"), "{text}");
}

#[test]
fn a_body_that_is_anywhere_comes_back() {
    let far = BodyState { position_m: [1e200, -3.0, 0.0], ..BodyState::at_rest(12.0) };
    let vehicle = Vehicle::new(whole_config(), far);
    let other = Vehicle::restore(whole_config(), &vehicle.snapshot()).unwrap();
    assert_eq!(other.state(), vehicle.state());
    let outside = other.why_outside().unwrap();
    assert!(outside.starts_with("position_m[0] is 1") && outside.ends_with("to 100000000"));
    assert_eq!(eventful().why_outside(), None);
}
