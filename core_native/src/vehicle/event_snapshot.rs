//! The events of a vehicle as bytes and back: those that it could not have made are refused.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse};
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::events::{EventKind, EventQueue, Levels, MAX_EVENTS, VehicleEvent};
use crate::vehicle::power::balance::fault;
use crate::vehicle::power::document::WhenShort;
use crate::vehicle::power::loads::Shed;
use crate::vehicle::power::snapshot::shed_of;
use crate::vehicle::simulation::VehicleState;
use crate::vehicle::snapshot::{numbers, time};

impl EventQueue {
    /// Append all that waits.
    pub fn put(&self, out: &mut Writer) {
        out.put(self.dropped.to_le_bytes());
        out.count(self.waiting.len());
        for event in &self.waiting {
            out.put(event.time_ns.to_le_bytes());
            out.put([event.kind as u8, event.subject as u8, event.reason as u8]);
            out.put(event.above_k.to_le_bytes());
        }
    }

    /// Read what [`EventQueue::put`] wrote, of a vehicle of this configuration at `now_ns`.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for an event that the vehicle cannot have made by then, and for
    /// events out of their order.
    pub fn read(input: &mut Reader<'_>, config: &VehicleConfig, now_ns: i64) -> Result<Self> {
        let mut queue = Self { dropped: input.u64()?, ..Self::default() };
        let count = input.count(19)?;
        if count > MAX_EVENTS {
            return Err(refuse(format!("{count} events wait, at most {MAX_EVENTS} can")));
        }
        for _ in 0..count {
            let event = read_event(input, now_ns)?;
            check_time(&event, config)?;
            check_subject(&event, config)?;
            check_reason(&event, config)?;
            check_temperature(&event, config)?;
            if let Some(before) = queue.waiting.back().filter(|&last| place(last) >= place(&event))
            {
                return Err(refuse(format!(
                    "{} at {} ns waits behind {} at {} ns, must be in their order",
                    event.kind.word(),
                    event.time_ns,
                    before.kind.word(),
                    before.time_ns
                )));
            }
            queue.waiting.push_back(event);
        }
        Ok(queue)
    }
}

/// Refuse a state with a level to which no step of a vehicle of this configuration leads.
///
/// # Errors
/// [`crate::error::Error::Snapshot`].
pub fn check_levels(state: &VehicleState, config: &VehicleConfig) -> Result<()> {
    // What would have been noted if all of it had come in one step.
    let mut edges = EventQueue::default();
    edges.note(config.step_ns, [&Levels::default(), &Levels::of(state)], None);
    edges.waiting.iter().try_for_each(|edge| {
        check_subject(edge, config)?;
        check_reason(edge, config)
    })
}

fn read_event(input: &mut Reader<'_>, now_ns: i64) -> Result<VehicleEvent> {
    let time_ns = time(input, "time of an event", now_ns)?;
    let [kind, subject, reason] = input.array()?;
    let [above_k] = numbers(input)?;
    let known = EventKind::of_number(kind);
    let kind = known.ok_or_else(|| refuse(format!("an event has the unknown kind {kind}")))?;
    let (subject, reason) = (usize::from(subject), shed_of(reason)?);
    Ok(VehicleEvent { time_ns, kind, subject, reason, above_k })
}

/// Where an event stands among others: by time, then as a step notes them; no two stand at one place.
/// Only one port docks, so the number of a port does not count.
fn place(event: &VehicleEvent) -> (i64, u8, usize) {
    use EventKind::*;
    let (rank, number) = match event.kind {
        PortLeft | PortApproached | PortCaptured | PortLatched => (0, 0),
        LoadShed | LoadRestored => (1, event.subject),
        // Between two steps.
        PortReleased => (u8::MAX, 0),
        // A kind and the one that ends it.
        kind => (1 + kind as u8 / 2, event.subject),
    };
    (event.time_ns, rank, number)
}

fn check_time(event: &VehicleEvent, config: &VehicleConfig) -> Result<()> {
    let (time_ns, step_ns) = (event.time_ns, config.step_ns);
    if time_ns > 0 && time_ns % step_ns == 0 {
        return Ok(());
    }
    Err(refuse(format!(
        "an event is at {time_ns} ns, must be at the end of a step of {step_ns} ns"
    )))
}

/// Refuse an event of what the vehicle does not have.
fn check_subject(event: &VehicleEvent, config: &VehicleConfig) -> Result<()> {
    use EventKind::*;
    let number = event.subject;
    let power = config.power.as_ref();
    let is_there = match event.kind {
        OverloadBegan | OverloadEnded => power.is_some() && number == 0,
        SupercapacitorEmptied | SupercapacitorRecharged => {
            power.is_some_and(|power| power.supercapacitor.is_some()) && number == 0
        }
        FaultRaised | FaultCleared => power.is_some() && number < fault::NAMES.len(),
        TransponderActivated | TransponderDeactivated => {
            config.comms.as_ref().is_some_and(|comms| comms.transponder.is_some()) && number == 0
        }
        _ => event.subject_name(config).is_some(),
    };
    if is_there {
        return Ok(());
    }
    let kind = event.kind.word();
    Err(refuse(format!("{kind} is of number {number}, which is not there")))
}

/// Refuse a load that gives way as it cannot, and a reason where none belongs.
fn check_reason(event: &VehicleEvent, config: &VehicleConfig) -> Result<()> {
    use EventKind::*;
    let may_be = |reason| may_be_shed(config, event.subject, reason);
    let is_possible = match event.kind {
        LoadShed => may_be(event.reason),
        LoadRestored => {
            let reasons = [Shed::LowCharge, Shed::Overcurrent, Shed::Heat];
            event.reason == Shed::No && reasons.into_iter().any(may_be)
        }
        LoadThrottled | LoadThrottleEnded => {
            event.reason == Shed::No && is_throttling(config, event.subject)
        }
        _ => event.reason == Shed::No,
    };
    if is_possible {
        return Ok(());
    }
    let (kind, subject, reason) = (event.kind.word(), event.subject, event.reason);
    Err(refuse(format!("{kind} is of number {subject} for the reason {reason:?}, which cannot be")))
}

/// Whether a load of this number may be shed for a reason.
fn may_be_shed(config: &VehicleConfig, load: usize, reason: Shed) -> bool {
    let loads = config.power.as_ref().map(|power| &power.loads);
    match reason {
        Shed::No => false,
        Shed::LowCharge => {
            loads.and_then(|loads| loads.get(load)).is_some_and(|load| load.shed_at_low_charge)
        }
        Shed::Overcurrent | Shed::Undersupply => !is_throttling(config, load),
        Shed::Heat => config
            .thermal
            .as_ref()
            .is_some_and(|thermal| thermal.nodes.iter().any(|node| node.sheds >> load & 1 != 0)),
    }
}

fn is_throttling(config: &VehicleConfig, load: usize) -> bool {
    let load = config.power.as_ref().and_then(|power| power.loads.get(load));
    load.is_some_and(|load| load.when_short == WhenShort::Throttle)
}

/// Refuse a temperature at which a node's level does not change, and one of what has none.
fn check_temperature(event: &VehicleEvent, config: &VehicleConfig) -> Result<()> {
    use EventKind::*;
    let node = config.thermal.as_ref().and_then(|thermal| thermal.nodes.get(event.subject));
    let temperature_c = event.temperature_c(config).unwrap_or_default();
    let is_possible = match (event.kind, node) {
        (NodeTripped, Some(node)) => temperature_c >= node.trip_c,
        (NodeCleared, Some(node)) => temperature_c <= node.trip_c - node.hysteresis_k,
        (NodeWarned, Some(node)) => temperature_c >= node.warn_c,
        (NodeWarningEnded, Some(node)) => temperature_c <= node.warn_c - node.hysteresis_k,
        _ => event.above_k == 0.0,
    };
    if is_possible {
        return Ok(());
    }
    let (kind, subject, above_k) = (event.kind.word(), event.subject, event.above_k);
    Err(refuse(format!("{kind} is of number {subject} at {above_k} K, where nothing changes")))
}
