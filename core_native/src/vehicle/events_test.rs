//! Edges are noted once, at their step, in a queue of limited length.

use crate::vehicle::events::{EventKind, EventQueue, Levels, MAX_EVENTS};
use crate::vehicle::power::balance::fault;
use crate::vehicle::power::loads::Shed;
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::power::plane_test::config as power_config;
use crate::vehicle::simulation::VehicleState;
use crate::vehicle::simulation_test::at_rest;
use crate::vehicle::thermal::document::MAX_NODES;
use crate::vehicle::thermal::nodes::ThermalNodes;

fn state() -> VehicleState {
    let nodes = ThermalNodes {
        above_k: std::array::from_fn(|node| node as f64),
        heat_w: [0.0; MAX_NODES],
        tripped: 0,
        warned: 0,
    };
    let power = Some(PowerPlane::new(&power_config()));
    VehicleState { power, thermal: Some(nodes), ..at_rest().state().clone() }
}

/// The levels of a state that differs from that at the start.
fn levels(change: impl FnOnce(&mut PowerPlane, &mut ThermalNodes)) -> Levels {
    let mut state = state();
    if let (Some(plane), Some(nodes)) = (&mut state.power, &mut state.thermal) {
        change(plane, nodes);
    }
    Levels::of(&state)
}

fn run(levels: &[Levels]) -> EventQueue {
    let mut queue = EventQueue::default();
    let above_k: [f64; MAX_NODES] = std::array::from_fn(|node| node as f64);
    for (step, pair) in levels.windows(2).enumerate() {
        queue.note(step as i64, [&pair[0], &pair[1]], Some(&above_k));
    }
    queue
}

#[test]
fn edges_are_noted_once_and_levels_not_at_all() {
    let rest = levels(|_, _| ());
    let short = levels(|plane, nodes| {
        plane.loads.0[0].shed = Shed::Overcurrent;
        plane.loads.0[1].is_throttled = true;
        (plane.faults, plane.is_overloaded) = (fault::PDU_OVERCURRENT, true);
        nodes.tripped = 0b100;
    });
    let hot = levels(|plane, nodes| {
        plane.loads.0[0].shed = Shed::Heat;
        plane.is_supercapacitor_empty = true;
        (nodes.tripped, nodes.warned) = (0b100, 0b1000);
    });
    let queue = run(&[rest, rest, short, short, hot, rest]);
    let seen: Vec<_> = queue.waiting.iter().map(|e| (e.time_ns, e.kind, e.subject)).collect();
    let expected = [
        (1, EventKind::LoadShed, 0),
        (1, EventKind::LoadThrottled, 1),
        (1, EventKind::OverloadBegan, 0),
        (1, EventKind::FaultRaised, 3),
        (1, EventKind::NodeTripped, 2),
        (3, EventKind::LoadShed, 0),
        (3, EventKind::LoadThrottleEnded, 1),
        (3, EventKind::OverloadEnded, 0),
        (3, EventKind::SupercapacitorEmptied, 0),
        (3, EventKind::FaultCleared, 3),
        (3, EventKind::NodeWarned, 3),
        (4, EventKind::LoadRestored, 0),
        (4, EventKind::SupercapacitorRecharged, 0),
        (4, EventKind::NodeCleared, 2),
        (4, EventKind::NodeWarningEnded, 3),
    ];
    assert_eq!(seen, expected);
    let reasons = queue.waiting.iter().map(|event| event.reason).filter(|&shed| shed != Shed::No);
    assert_eq!(reasons.collect::<Vec<_>>(), [Shed::Overcurrent, Shed::Heat]);
    for event in &queue.waiting {
        let above_k = if event.kind.is_of_node() { event.subject as f64 } else { 0.0 };
        assert_eq!(event.above_k, above_k, "{event:?}");
    }
}

#[test]
fn each_kind_is_known_by_its_number() {
    let kinds = (0..14).map(|pair| {
        let bits = levels(|plane, nodes| {
            plane.loads.0[0].is_throttled = pair == 0;
            plane.is_overloaded = pair == 1;
            plane.is_supercapacitor_empty = pair == 2;
            plane.faults = u8::from(pair == 3);
            (nodes.tripped, nodes.warned) = (u16::from(pair == 4), u16::from(pair == 5));
        });
        let queue = run(&[levels(|_, _| ()), bits, levels(|_, _| ())]);
        queue.waiting.iter().map(|event| event.kind as u8).collect::<Vec<_>>()
    });
    let found: Vec<_> = kinds.flatten().collect();
    assert_eq!(found, (2..14).collect::<Vec<_>>());
}

#[test]
fn a_full_queue_drops_the_oldest_and_counts_them() {
    let (rest, hot) = (levels(|_, _| ()), levels(|plane, _| plane.loads.0[0].shed = Shed::Heat));
    let run_of = |count: usize| [rest, hot].into_iter().cycle().take(count + 1).collect::<Vec<_>>();
    let queue = run(&run_of(300));
    assert_eq!((queue.waiting.len(), queue.dropped), (MAX_EVENTS, 300 - MAX_EVENTS as u64));
    assert_eq!(queue.waiting[0].time_ns, 300 - MAX_EVENTS as i64);
    let (room, clone) = (EventQueue::default().waiting.capacity(), queue.clone());
    assert_eq!([queue.waiting.capacity(), clone.waiting.capacity()], [room; 2]);
    assert_eq!(clone, queue);
}
