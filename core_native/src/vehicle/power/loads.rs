//! What the loads get: who gives way when power is short, and who comes back.
//!
//! A load that was shed for want of power stays off for the configured hold, and comes back only when
//! what it wants fits with the configured margin into what lasts: so a load on the edge does not flicker.
//! While it waits, none gets power that gives way before it.

use super::config::PowerConfig;
use super::document::{MAX_LOADS, WhenShort};

/// What takes power.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Its name.
    pub name: String,
    /// The most that it takes \[W\].
    pub power_w: f64,
    /// What it wants at the start \[W\].
    pub demand_w: f64,
    /// Whether it is switched on at the start.
    pub is_on: bool,
    /// What happens to it when power is short.
    pub when_short: WhenShort,
    /// Whether it is shed when the state of charge is low.
    pub shed_at_low_charge: bool,
}

/// Why a load is off that is switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shed {
    /// It is not.
    #[default]
    No = 0,
    /// The state of charge is low.
    LowCharge = 1,
    /// The power distribution unit may not carry it.
    Overcurrent = 2,
    /// There is not enough power for it.
    Undersupply = 3,
    /// A thermal node that sheds it is tripped.
    Heat = 4,
}

impl Shed {
    /// Its word, if the load is shed.
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::LowCharge => Some("low_charge"),
            Self::Overcurrent => Some("overcurrent"),
            Self::Undersupply => Some("undersupply"),
            Self::Heat => Some("heat"),
        }
    }
}

/// A load in time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadState {
    /// Whether it is switched on.
    pub is_on: bool,
    /// What it wants while it is on \[W\].
    pub demand_w: f64,
    /// Why it was shed in the last step, if it was.
    pub shed: Shed,
    /// Step in which it was last shed for want of power.
    pub shed_step: i64,
    /// What it got in the last step \[W\].
    pub power_w: f64,
    /// Whether that was less than it wanted, and it was not shed.
    pub is_throttled: bool,
}

/// The loads of a vehicle, by number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loads(pub [LoadState; MAX_LOADS]);

impl Loads {
    /// The loads at the start.
    pub fn new(config: &PowerConfig) -> Self {
        let mut loads = Self([LoadState::default(); MAX_LOADS]);
        for (state, load) in loads.0.iter_mut().zip(&config.loads) {
            state.is_on = load.is_on;
            state.demand_w = load.demand_w;
        }
        loads
    }

    /// Shed by heat, a bit for each load, or by the state of charge, or no longer by these.
    pub fn heed(&mut self, config: &PowerConfig, is_charge_low: bool, hot: u16) {
        for (index, (state, load)) in self.0.iter_mut().zip(&config.loads).enumerate() {
            if hot >> index & 1 != 0 {
                state.shed = Shed::Heat;
            } else if is_charge_low && load.shed_at_low_charge {
                state.shed = Shed::LowCharge;
            } else if !state.is_waiting() {
                state.shed = Shed::No;
            }
        }
    }

    /// Bring back what was shed for want of power, those that give way last first, as far as it fits into
    /// `room_w` beside what gives way still later; `valve_w` of the thrusters give way before what is kept.
    pub fn restore(&mut self, config: &PowerConfig, step: i64, room_w: f64, valve_w: f64) {
        let mut wanted_w = 0.0;
        for &index in config.order.iter().rev() {
            let state = self.0[index];
            let restored = LoadState { shed: Shed::No, ..state };
            if !state.is_waiting() {
                wanted_w += state.wanted_w();
                continue;
            }
            wanted_w += restored.wanted_w();
            let is_kept = config.loads[index].when_short == WhenShort::Keep;
            let beside_w = if is_kept { 0.0 } else { valve_w };
            let is_held = step - state.shed_step < config.hold_steps;
            if is_held || wanted_w + beside_w > room_w {
                return;
            }
            self.0[index] = restored;
        }
    }

    /// What all that are not shed want together \[W\].
    pub fn wanted_w(&self, config: &PowerConfig) -> f64 {
        self.0[..config.loads.len()].iter().map(LoadState::wanted_w).sum()
    }

    /// What those want that give way last, also those of them that wait \[W\].
    pub fn kept_w(&self, config: &PowerConfig) -> f64 {
        let kept = self.0.iter().zip(&config.loads);
        let kept = kept.filter(|(state, load)| {
            let is_wanting = state.shed == Shed::No || state.is_waiting();
            load.when_short == WhenShort::Keep && state.is_on && is_wanting
        });
        kept.map(|(state, _)| state.demand_w).sum()
    }

    /// Give each what it wants, but all together no more than `most_w`; what is shed is shed for `reason`.
    /// Says how much it is \[W\].
    pub fn grant(&mut self, config: &PowerConfig, step: i64, most_w: f64, reason: Shed) -> f64 {
        let mut excess_w = self.wanted_w(config) - most_w;
        let waiting = config.order.iter().rposition(|&index| self.0[index].is_waiting());
        for (rank, &index) in config.order.iter().enumerate() {
            let state = &mut self.0[index];
            state.power_w = state.wanted_w();
            state.is_throttled = false;
            let must_wait = waiting.is_some_and(|last| rank < last);
            if !(must_wait || excess_w > 0.0) || state.power_w == 0.0 {
                continue;
            }
            let is_throttled = config.loads[index].when_short == WhenShort::Throttle;
            let is_whole = must_wait || !is_throttled;
            let cut_w = if is_whole { state.power_w } else { state.power_w.min(excess_w) };
            state.is_throttled = is_throttled;
            if !is_throttled {
                (state.shed, state.shed_step) = (reason, step);
            }
            state.power_w -= cut_w;
            excess_w -= cut_w;
        }
        self.0[..config.loads.len()].iter().map(|state| state.power_w).sum()
    }

    /// Those that got less than they wanted and were not shed, a bit for each.
    pub fn throttled(&self) -> u16 {
        let bits = self.0.iter().enumerate();
        bits.fold(0, |bits, (index, state)| bits | u16::from(state.is_throttled) << index)
    }

    /// Whether one is shed for this reason.
    pub fn is_any_shed(&self, reason: Shed) -> bool {
        self.0.iter().any(|state| state.shed == reason)
    }

    /// Whether one that gives way last is shed for this reason.
    pub fn is_kept_shed(&self, config: &PowerConfig, reason: Shed) -> bool {
        let mut all = self.0.iter().zip(&config.loads);
        all.any(|(state, load)| load.when_short == WhenShort::Keep && state.shed == reason)
    }
}

impl LoadState {
    /// Whether it is shed for want of power.
    pub const fn is_waiting(&self) -> bool {
        matches!(self.shed, Shed::Overcurrent | Shed::Undersupply)
    }

    /// What it wants, nothing where it is off or shed \[W\].
    pub fn wanted_w(&self) -> f64 {
        if self.is_on && self.shed == Shed::No { self.demand_w } else { 0.0 }
    }

    /// Whether it has power: it is on, not shed, and gets some of what it wants.
    pub fn is_powered(&self) -> bool {
        self.is_on && self.shed == Shed::No && self.power_w > 0.0
    }
}
