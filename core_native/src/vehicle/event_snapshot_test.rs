//! Events that a vehicle cannot have made are refused by name.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, TEST_KIND, Writer};
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::events::{EventKind, EventQueue, VehicleEvent};
use crate::vehicle::power::loads::Shed;
use crate::vehicle::simulation_test::config as plain_config;
use crate::vehicle::snapshot_test::whole_config;

const STEP_NS: i64 = 1_000_000;
const NOW_NS: i64 = 9 * STEP_NS;

/// At the end of a step.
fn at(step: i64, kind: EventKind, subject: usize) -> VehicleEvent {
    VehicleEvent::plain(step * STEP_NS, kind, subject)
}

fn shed(subject: usize, reason: Shed) -> VehicleEvent {
    VehicleEvent { reason, ..at(5, EventKind::LoadShed, subject) }
}

/// At this temperature \[°C\], in surroundings of -60 °C.
fn node(kind: EventKind, subject: usize, temperature_c: f64) -> VehicleEvent {
    VehicleEvent { above_k: temperature_c + 60.0, ..at(5, kind, subject) }
}

fn read(config: &VehicleConfig, events: &[VehicleEvent]) -> Result<EventQueue> {
    let mut out = Writer::new(&TEST_KIND, 64);
    let queue = EventQueue { waiting: events.iter().copied().collect(), dropped: 3 };
    queue.put(&mut out);
    let bytes = out.finish();
    let mut input = Reader::new(&TEST_KIND, &bytes)?;
    let read = EventQueue::read(&mut input, config, NOW_NS)?;
    input.finish()?;
    assert_eq!(read, queue);
    Ok(read)
}

fn refusal(config: &VehicleConfig, events: &[VehicleEvent]) -> String {
    read(config, events).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_a_step_notes_is_read_in_its_order() {
    let config = whole_config();
    let all = [
        at(1, EventKind::PortApproached, 0),
        at(1, EventKind::TransponderActivated, 0),
        at(5, EventKind::PortCaptured, 0),
        shed(0, Shed::Heat),
        shed(2, Shed::Overcurrent),
        at(5, EventKind::LoadThrottled, 1),
        at(5, EventKind::OverloadBegan, 0),
        at(5, EventKind::SupercapacitorEmptied, 0),
        at(5, EventKind::FaultRaised, 1),
        at(5, EventKind::FaultCleared, 5),
        node(EventKind::NodeCleared, 0, 85.0),
        node(EventKind::NodeTripped, 1, 90.0),
        node(EventKind::NodeWarned, 0, 80.0),
        node(EventKind::NodeWarningEnded, 1, 75.0),
        at(5, EventKind::TransponderDeactivated, 0),
        at(5, EventKind::PortReleased, 0),
        at(9, EventKind::LoadRestored, 0),
    ];
    assert_eq!(refusal(&config, &all), "");
    for index in 0..all.len() - 1 {
        let mut wrong = all;
        wrong.swap(index, index + 1);
        let text = refusal(&config, &wrong);
        assert!(text.contains("must be in their order"), "{index}: {text}");
    }
    let text = refusal(&config, &[all[3], all[3]]);
    assert!(text.contains("load_shed at 5000000 ns waits behind load_shed"), "{text}");
}

#[test]
fn an_event_that_no_step_makes_is_refused() {
    let config = whole_config();
    let begun = EventKind::OverloadBegan;
    for (event, message) in [
        (at(10, begun, 0), "time of an event is 10000000, must be 0 to 9000000"),
        (at(0, begun, 0), "is at 0 ns, must be at the end of a step of 1000000 ns"),
        (VehicleEvent { time_ns: 5, ..at(1, begun, 0) }, "is at 5 ns, must be at the end"),
        (at(5, begun, 1), "overload_began is of number 1, which is not there"),
        (at(5, EventKind::FaultRaised, 6), "fault_raised is of number 6, which is not there"),
        (at(5, EventKind::PortLatched, 2), "port_latched is of number 2, which is not there"),
        (at(5, EventKind::TransponderActivated, 1), "of number 1, which is not there"),
        (shed(3, Shed::Overcurrent), "load_shed is of number 3, which is not there"),
        (shed(0, Shed::No), "for the reason No, which cannot be"),
        (shed(1, Shed::Undersupply), "number 1 for the reason Undersupply, which cannot be"),
        (shed(2, Shed::LowCharge), "number 2 for the reason LowCharge, which cannot be"),
        (at(5, EventKind::LoadThrottled, 0), "load_throttled is of number 0 for the reason No"),
        (
            VehicleEvent { reason: Shed::Heat, ..at(5, EventKind::LoadRestored, 0) },
            "load_restored is of number 0 for the reason Heat",
        ),
        (VehicleEvent { reason: Shed::Heat, ..at(5, begun, 0) }, "overload_began is of number 0"),
        (node(EventKind::NodeTripped, 2, 95.0), "node_tripped is of number 2, which is not there"),
        (node(EventKind::NodeTripped, 0, 89.9), "node_tripped is of number 0 at 149.9 K"),
        (node(EventKind::NodeCleared, 0, 85.1), "where nothing changes"),
        (node(EventKind::NodeWarned, 0, 79.9), "where nothing changes"),
        (node(EventKind::NodeWarningEnded, 0, 75.1), "where nothing changes"),
        (VehicleEvent { above_k: 1.0, ..at(5, begun, 0) }, "overload_began is of number 0 at 1 K"),
    ] {
        let text = refusal(&config, &[event]);
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn an_event_of_a_part_that_the_vehicle_lacks_is_refused() {
    let (whole, plain) = (whole_config(), plain_config());
    let without_heat = VehicleConfig { thermal: None, ..VehicleConfig::clone(&whole) };
    let mut without_capacitor = VehicleConfig::clone(&whole);
    without_capacitor.power.as_mut().unwrap().supercapacitor = None;
    let mut mute = VehicleConfig::clone(&whole);
    mute.comms.as_mut().unwrap().transponder = None;
    let tripped = node(EventKind::NodeTripped, 0, 95.0);
    let emptied = at(5, EventKind::SupercapacitorEmptied, 0);
    let replied = at(5, EventKind::TransponderActivated, 0);
    for (config, event) in
        [(&without_heat, tripped), (&without_capacitor, emptied), (&mute, replied)]
    {
        assert_eq!(refusal(&whole, &[event]), "");
        let text = refusal(config, &[event]);
        assert!(text.contains("is of number 0, which is not there"), "{text}");
        assert!(!refusal(&plain, &[event]).is_empty());
    }
    let by_heat = refusal(&without_heat, &[shed(1, Shed::Heat)]);
    assert!(by_heat.contains("for the reason Heat, which cannot be"), "{by_heat}");
    for kind in (0..21).filter_map(EventKind::of_number) {
        let text = refusal(&plain, &[at(5, kind, 0)]);
        assert!(text.contains("which is not there"), "{kind:?}: {text}");
    }
    let mut strange = Vec::new();
    for (kind, reason) in [(21, 0), (0, 5)] {
        let mut out = Writer::new(&TEST_KIND, 64);
        out.put(0_u64.to_le_bytes());
        out.count(1);
        out.put(STEP_NS.to_le_bytes());
        out.put([kind, 0, reason]);
        out.put(0.0_f64.to_le_bytes());
        let bytes = out.finish();
        let mut input = Reader::new(&TEST_KIND, &bytes).unwrap();
        strange.push(EventQueue::read(&mut input, &whole, NOW_NS).unwrap_err().to_string());
    }
    assert!(strange[0].contains("unknown kind 21"), "{strange:?}");
    assert!(strange[1].contains("shed for reason 5"), "{strange:?}");
}
