//! What changed in a vehicle, kept until the caller takes it.
//!
//! Levels can be read at any time; one that came and went between two readings could not. So each edge is
//! noted with the time of the internal step that made it.

use std::collections::VecDeque;

use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking::mechanism::DockingPhase;
use crate::vehicle::power::balance::fault;
use crate::vehicle::power::document::MAX_LOADS;
use crate::vehicle::power::loads::Shed;
use crate::vehicle::simulation::{Vehicle, VehicleState};

/// Most events that wait to be taken; of more the oldest are dropped and counted.
pub const MAX_EVENTS: usize = 256;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A load was shed, or is now for another reason.
    LoadShed = 0,
    /// A load is no longer shed.
    LoadRestored = 1,
    /// A load began to get less than it wants.
    LoadThrottled = 2,
    /// A load gets what it wants again, or nothing.
    LoadThrottleEnded = 3,
    /// The loads began to want more than the power distribution unit may carry.
    OverloadBegan = 4,
    /// The unit carries what the loads want again.
    OverloadEnded = 5,
    /// The supercapacitor holds less than it may give in a step.
    SupercapacitorEmptied = 6,
    /// The supercapacitor holds more again.
    SupercapacitorRecharged = 7,
    /// A fault began.
    FaultRaised = 8,
    /// A fault ended.
    FaultCleared = 9,
    /// A thermal node tripped.
    NodeTripped = 10,
    /// A thermal node is no longer tripped.
    NodeCleared = 11,
    /// A thermal node began to warn.
    NodeWarned = 12,
    /// A thermal node warns no longer.
    NodeWarningEnded = 13,
    /// The transponder began to reply.
    TransponderActivated = 14,
    /// The transponder no longer replies.
    TransponderDeactivated = 15,
    /// The engaged port left the approach cone, or came off while it was captured.
    PortLeft = 16,
    /// The engaged port came into the approach cone.
    PortApproached = 17,
    /// The engaged port was captured.
    PortCaptured = 18,
    /// The engaged port was latched.
    PortLatched = 19,
    /// A port that was held was released.
    PortReleased = 20,
}

/// The kinds by number, each with its word.
const KINDS: [(EventKind, &str); 21] = [
    (EventKind::LoadShed, "load_shed"),
    (EventKind::LoadRestored, "load_restored"),
    (EventKind::LoadThrottled, "load_throttled"),
    (EventKind::LoadThrottleEnded, "load_throttle_ended"),
    (EventKind::OverloadBegan, "overload_began"),
    (EventKind::OverloadEnded, "overload_ended"),
    (EventKind::SupercapacitorEmptied, "supercapacitor_emptied"),
    (EventKind::SupercapacitorRecharged, "supercapacitor_recharged"),
    (EventKind::FaultRaised, "fault_raised"),
    (EventKind::FaultCleared, "fault_cleared"),
    (EventKind::NodeTripped, "node_tripped"),
    (EventKind::NodeCleared, "node_cleared"),
    (EventKind::NodeWarned, "node_warned"),
    (EventKind::NodeWarningEnded, "node_warning_ended"),
    (EventKind::TransponderActivated, "transponder_activated"),
    (EventKind::TransponderDeactivated, "transponder_deactivated"),
    (EventKind::PortLeft, "port_left"),
    (EventKind::PortApproached, "port_approached"),
    (EventKind::PortCaptured, "port_captured"),
    (EventKind::PortLatched, "port_latched"),
    (EventKind::PortReleased, "port_released"),
];
/// Number of the first kind of each pair of rise and fall in [`Levels::bits`].
const FIRST_OF_BITS: usize = EventKind::LoadThrottled as usize;
const PAIRS: usize = (EventKind::PortLeft as usize - FIRST_OF_BITS) / 2;

/// An edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VehicleEvent {
    /// When it happened: the end of the step that made it \[ns\].
    pub time_ns: i64,
    /// What happened.
    pub kind: EventKind,
    /// Number of the load, node or port, or of the fault in [`fault::NAMES`]; 0 for what there is one of.
    pub subject: usize,
    /// Why a load was shed.
    pub reason: Shed,
    /// Temperature of a node above the surroundings \[K\]; 0 for what has none.
    pub above_k: f64,
}

/// Events in order of time, and within a step first that of docking, then
/// loads shed and restored, then the others in order of kind and number.
#[derive(Debug, PartialEq)]
pub struct EventQueue {
    /// Those that wait.
    pub waiting: VecDeque<VehicleEvent>,
    /// How many were dropped since the start.
    pub dropped: u64,
}

/// What has edges, as one step left it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    shed: [Shed; MAX_LOADS],
    /// A bit for each subject: throttled loads, overload, empty supercapacitor, faults, tripped nodes,
    /// nodes that warn, the transponder's reply.
    bits: [u16; PAIRS],
}

impl EventKind {
    /// That of a number.
    pub fn of_number(number: u8) -> Option<Self> {
        KINDS.get(usize::from(number)).map(|(kind, _)| *kind)
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        KINDS[self as usize].1
    }

    /// Whether its subject is a thermal node.
    pub const fn is_of_node(self) -> bool {
        let number = self as u8;
        Self::NodeTripped as u8 <= number && number <= Self::NodeWarningEnded as u8
    }

    /// That docking came to a phase by itself.
    pub const fn of_phase(phase: DockingPhase) -> Self {
        match phase {
            DockingPhase::Free => Self::PortLeft,
            DockingPhase::Approach => Self::PortApproached,
            DockingPhase::Captured => Self::PortCaptured,
            DockingPhase::Latched => Self::PortLatched,
        }
    }
}

impl VehicleEvent {
    /// One without reason and temperature.
    pub const fn plain(time_ns: i64, kind: EventKind, subject: usize) -> Self {
        Self { time_ns, kind, subject, reason: Shed::No, above_k: 0.0 }
    }

    /// Name of its subject in a vehicle of this configuration.
    pub fn subject_name<'a>(&self, config: &'a VehicleConfig) -> Option<&'a str> {
        let name = match self.kind {
            EventKind::LoadShed
            | EventKind::LoadRestored
            | EventKind::LoadThrottled
            | EventKind::LoadThrottleEnded => &config.power.as_ref()?.loads.get(self.subject)?.name,
            EventKind::OverloadBegan | EventKind::OverloadEnded => "pdu",
            EventKind::SupercapacitorEmptied | EventKind::SupercapacitorRecharged => {
                "supercapacitor"
            }
            EventKind::FaultRaised | EventKind::FaultCleared => fault::NAMES.get(self.subject)?.1,
            EventKind::TransponderActivated | EventKind::TransponderDeactivated => "transponder",
            EventKind::NodeTripped
            | EventKind::NodeCleared
            | EventKind::NodeWarned
            | EventKind::NodeWarningEnded => {
                &config.thermal.as_ref()?.nodes.get(self.subject)?.name
            }
            _ => &config.docking.as_ref()?.ports.get(self.subject)?.name,
        };
        Some(name)
    }

    /// Temperature of its node \[°C\], if it is of one.
    pub fn temperature_c(&self, config: &VehicleConfig) -> Option<f64> {
        let thermal = config.thermal.as_ref().filter(|_| self.kind.is_of_node())?;
        Some(thermal.ambient_c + self.above_k)
    }
}

impl Levels {
    /// Those of a vehicle in this state.
    pub fn of(state: &VehicleState) -> Self {
        let mut levels = Self::default();
        if let Some(plane) = &state.power {
            levels.shed = plane.loads.0.map(|load| load.shed);
            levels.bits[..4].copy_from_slice(&[
                plane.loads.throttled(),
                u16::from(plane.is_overloaded),
                u16::from(plane.is_supercapacitor_empty),
                u16::from(plane.faults),
            ]);
        }
        if let Some(nodes) = &state.thermal {
            levels.bits[4..6].copy_from_slice(&[nodes.tripped, nodes.warned]);
        }
        if let Some(comms) = &state.comms {
            levels.bits[6] = u16::from(comms.replied);
        }
        levels
    }
}

impl EventQueue {
    /// Note the edges from one step's levels to those of the next, which ends at `time_ns`; `above_k` are
    /// the temperatures of the nodes, if there are.
    pub fn note(&mut self, time_ns: i64, [from, to]: [&Levels; 2], above_k: Option<&[f64]>) {
        if from == to {
            return;
        }
        for (subject, (before, reason)) in from.shed.iter().zip(to.shed).enumerate() {
            if *before != reason {
                let is_shed = reason != Shed::No;
                let kind = if is_shed { EventKind::LoadShed } else { EventKind::LoadRestored };
                self.push(VehicleEvent { reason, ..VehicleEvent::plain(time_ns, kind, subject) });
            }
        }
        for pair in 0..PAIRS {
            let changed = from.bits[pair] ^ to.bits[pair];
            for subject in (0..16).filter(|bit| changed >> bit & 1 != 0) {
                let has_ended = to.bits[pair] >> subject & 1 == 0;
                let (kind, _) = KINDS[FIRST_OF_BITS + 2 * pair + usize::from(has_ended)];
                let above_k = above_k.filter(|_| kind.is_of_node()).map_or(0.0, |all| all[subject]);
                self.push(VehicleEvent { above_k, ..VehicleEvent::plain(time_ns, kind, subject) });
            }
        }
    }

    /// Note an event that is not older than any other.
    pub fn push(&mut self, event: VehicleEvent) {
        if self.waiting.len() == MAX_EVENTS {
            self.waiting.pop_front();
            self.dropped += 1;
        }
        self.waiting.push_back(event);
    }
}

impl Default for EventQueue {
    /// An empty queue that never allocates again.
    fn default() -> Self {
        Self { waiting: VecDeque::with_capacity(MAX_EVENTS), dropped: 0 }
    }
}

impl Clone for EventQueue {
    /// With the same room, so that the clone never allocates either.
    fn clone(&self) -> Self {
        let mut queue = Self { dropped: self.dropped, ..Self::default() };
        queue.waiting.extend(&self.waiting);
        queue
    }
}

impl Vehicle {
    /// What happened since it was last asked, in order; the queue is empty then.
    pub fn take_events(&mut self) -> impl Iterator<Item = VehicleEvent> + '_ {
        self.state.events.waiting.drain(..)
    }
}
