//! The own ship's way, as its radars are told it.

use std::collections::VecDeque;

use crate::error::Result;
use crate::radar::{FaultyRadar, ToldShip};
use crate::scene::scenario::MAX_IDENTITY_BYTES;
use crate::scene::told_way::ToldState;
use crate::scene::transponder::told_reply;
use crate::vehicle::comms::state::TransponderMode;
use crate::vehicle::simulation::Vehicle;

/// Within the time of a frame: at 100 Hz every state of one of 100 s is kept.
const MOST_GAPS: i64 = 10_000;

/// Where a vehicle was for as long as a frame looks back.
///
/// Of a frame that takes long not every state is kept, but always the newest: they are as far apart
/// that a way never has more of them than a radar takes.
#[derive(Clone, Debug)]
pub struct ShipWay {
    span_ns: i64,
    gap_ns: i64,
    /// When, counted from the start of the world \[ns\].
    times_ns: VecDeque<i64>,
    states: VecDeque<ToldState>,
}

impl ShipWay {
    /// A way of nothing yet. `span_ns` is the longest time that a frame of any radar takes.
    pub const fn new(span_ns: i64) -> Self {
        let gap_ns = (span_ns + MOST_GAPS - 1) / MOST_GAPS;
        Self { span_ns, gap_ns, times_ns: VecDeque::new(), states: VecDeque::new() }
    }

    /// Note where the vehicle is.
    pub fn note(&mut self, vehicle: &Vehicle) {
        let time_ns = vehicle.time_ns();
        // Else no internal step of the vehicle has passed.
        if self.times_ns.back().is_some_and(|&last_ns| last_ns >= time_ns) {
            return;
        }
        let kept = self.times_ns.len();
        if kept > 1 && self.times_ns[kept - 1] - self.times_ns[kept - 2] < self.gap_ns {
            self.times_ns.pop_back();
            self.states.pop_back();
        }
        let body = vehicle.body();
        self.times_ns.push_back(time_ns);
        self.states.push_back(ToldState {
            time_s: time_ns as f64 * 1e-9,
            position_m: body.position_m,
            velocity_m_s: body.velocity_m_s,
            heading_deg: body.attitude.euler().heading_deg,
        });
        // One before the span stays: the way begins there.
        while self.states.len() > 2 && self.times_ns[1] <= time_ns - self.span_ns {
            self.times_ns.pop_front();
            self.states.pop_front();
        }
    }

    /// The radar as it is with the ship on this way, and with what it replies now.
    ///
    /// # Errors
    /// Those of [`FaultyRadar::with_own_ship`].
    pub fn told(&mut self, radar: &FaultyRadar, vehicle: &Vehicle) -> Result<FaultyRadar> {
        let reply = reply_of(vehicle)?;
        let from = self.newest_of(radar.radar().sensor().scan.longest_frame_ns());
        radar.with_own_ship(&ToldShip { states: &self.states.make_contiguous()[from..], reply })
    }

    /// Where the states of a newest frame that takes so long begin: one before it, two at least.
    fn newest_of(&self, frame_ns: i64) -> usize {
        let newest_ns = self.times_ns.back().copied().unwrap_or(0);
        let before = self.times_ns.partition_point(|&time_ns| time_ns <= newest_ns - frame_ns);
        before.saturating_sub(1).min(self.times_ns.len().saturating_sub(2))
    }
}

/// What the vehicle's transponder does; none for a vehicle without one.
fn reply_of(vehicle: &Vehicle) -> Result<Option<(u8, [u8; MAX_IDENTITY_BYTES])>> {
    let Some((config, comms)) = vehicle.comms() else { return Ok(None) };
    if config.transponder.is_none() {
        return Ok(None);
    }
    let identity = vehicle.transponder_id();
    let replies = matches!(comms.mode, TransponderMode::On | TransponderMode::Spoof);
    // One that replies and has no power, or whose communications are off, does not.
    let is_off = !comms.is_on || (replies && identity.is_none());
    let mode = if is_off { TransponderMode::Off } else { comms.mode };
    told_reply(Some(mode as u8), identity)
}
