//! A vehicle in time: its body in fixed internal steps, its thrusters in pulse windows.
//!
//! Everything happens on the grid of the internal steps, counted from time 0: a run is the same to the
//! last bit whether it is advanced a second at once or a thousand times by a millisecond. What a caller
//! asks for between two steps waits for the next one.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::vehicle::allocation::{Allocation, Allocator};
use crate::vehicle::comms::state::Comms;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking::mechanism::Docking;
use crate::vehicle::drive::task::Drive;
use crate::vehicle::events::{EventQueue, Levels};
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::pulse::PulseModulator;
use crate::vehicle::rigid_body::{BodyState, Load};
use crate::vehicle::thermal::nodes::ThermalNodes;
use crate::vehicle::thruster::{MAX_THRUSTERS, STANDARD_GRAVITY_M_S2, ThrusterCondition, Wrench};

/// Last time of a vehicle \[ns\]: about 30 years.
pub const MAX_TIME_NS: i64 = 1_000_000_000_000_000_000;
/// Longest time that a vehicle is advanced at once \[ns\]: an hour, some seconds of work.
pub const MAX_ADVANCE_NS: i64 = 3_600_000_000_000;
/// Largest force \[N\] and torque \[N m\] that can be asked for along an axis.
pub const MAX_WRENCH: f64 = 1e9;

/// A vehicle.
#[derive(Clone, Debug)]
pub struct Vehicle {
    pub(super) config: Arc<VehicleConfig>,
    allocator: Arc<Allocator>,
    pub(super) state: VehicleState,
}

/// All that changes in a vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct VehicleState {
    /// Where the body is and how it moves.
    pub body: BodyState,
    /// Internal steps since time 0.
    pub steps: i64,
    /// Time that was asked for beyond the last step \[ns\], less than a step.
    pub waiting_ns: i64,
    /// What the thrusters are told to do, if anything.
    pub command: Option<Command>,
    /// What became of it in this window.
    pub pulses: PulseModulator,
    /// Whether each thruster does as it is told.
    pub conditions: [ThrusterCondition; MAX_THRUSTERS],
    /// How long each has fired \[s\].
    pub on_time_s: [f64; MAX_THRUSTERS],
    /// Its power, if it has one.
    pub power: Option<PowerPlane>,
    /// Its thermal nodes, if it has some.
    pub thermal: Option<ThermalNodes>,
    /// Its docking, if it can dock.
    pub docking: Option<Docking>,
    /// Its communications, if it has some.
    pub comms: Option<Comms>,
    /// Its drive, if it has one.
    pub drive: Option<Drive>,
    /// What happened and was not taken yet.
    pub events: EventQueue,
}

/// A force and torque that the thrusters are told to give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    /// Force \[N\] and torque \[N m\] in the body frame.
    pub wrench: Wrench,
    /// When it ends \[ns\].
    pub until_ns: i64,
}

impl Vehicle {
    /// A vehicle at time 0.
    pub fn new(config: Arc<VehicleConfig>, body: BodyState) -> Self {
        let allocator = Arc::new(Allocator::new(&config.thrusters, config.weights));
        let state = VehicleState {
            body,
            steps: 0,
            waiting_ns: 0,
            command: None,
            pulses: PulseModulator::new(config.window_steps, config.min_on_steps),
            conditions: [ThrusterCondition::Working; MAX_THRUSTERS],
            on_time_s: [0.0; MAX_THRUSTERS],
            power: config.power.as_ref().map(PowerPlane::new),
            thermal: config.thermal.as_ref().map(ThermalNodes::new),
            docking: config.docking.as_ref().map(|_| Docking::default()),
            comms: config.comms.as_ref().map(Comms::new),
            drive: config.drive.as_ref().map(|_| Drive::default()),
            events: EventQueue::default(),
        };
        Self { config, allocator, state }
    }

    /// A vehicle in this state, of which only the parts that `config` has are used.
    pub fn in_state(config: Arc<VehicleConfig>, state: VehicleState) -> Self {
        Self { state, ..Self::new(config, BodyState::at_rest(0.0)) }
    }

    /// What it is made of.
    pub fn config(&self) -> &Arc<VehicleConfig> {
        &self.config
    }

    /// What changes in it.
    pub fn state(&self) -> &VehicleState {
        &self.state
    }

    /// The body.
    pub fn body(&self) -> &BodyState {
        &self.state.body
    }

    /// Dose rate where it is \[µSv/h\], if its file says what radiates.
    pub fn radiation_usv_h(&self) -> Option<f64> {
        let radiation = self.config.radiation.as_ref()?;
        Some(radiation.dose_rate_usv_h(self.body().position_m))
    }

    /// Time of the body's state, that of the last internal step \[ns\].
    pub fn time_ns(&self) -> i64 {
        self.state.steps * self.config.step_ns
    }

    /// Force \[N\] and torque \[N m\] of each thruster while it fires, by number.
    pub fn wrenches(&self) -> &[Wrench] {
        self.allocator.wrenches()
    }

    /// Whether each thruster fired in the last step.
    pub fn firing(&self) -> [bool; MAX_THRUSTERS] {
        let last = self.state.steps - 1;
        std::array::from_fn(|thruster| {
            last >= 0 && self.state.body.propellant_kg > 0.0 && self.is_on(thruster, last)
        })
    }

    /// Advance by `duration_ns` ≥ 0: by all internal steps that end in it.
    ///
    /// # Errors
    /// [`Error::Setting`] for a duration below 0, above [`MAX_ADVANCE_NS`] or past [`MAX_TIME_NS`]; nothing
    /// changes then.
    pub fn advance(&mut self, duration_ns: i64) -> Result<()> {
        let now_ns = self.time_ns() + self.state.waiting_ns;
        let most_ns = MAX_ADVANCE_NS.min(MAX_TIME_NS - now_ns);
        within("duration_ns", duration_ns, most_ns, "advance by less at once")?;
        let step_ns = self.config.step_ns;
        let waiting_ns = self.state.waiting_ns + duration_ns;
        for _ in 0..waiting_ns / step_ns {
            self.step();
        }
        self.state.waiting_ns = waiting_ns % step_ns;
        Ok(())
    }

    /// Tell the thrusters to give a force and torque from the next pulse window on, for `duration_ns` or
    /// until told otherwise; says what they will do.
    ///
    /// # Errors
    /// [`Error::Setting`] for a wrench or a duration beyond the limits; nothing changes then.
    pub fn command(&mut self, wrench: Wrench, duration_ns: Option<i64>) -> Result<Allocation> {
        self.set_command(wrench, duration_ns)?;
        self.allocate(wrench)
    }

    /// As [`Vehicle::command`], for one who need not know what the thrusters will do.
    ///
    /// # Errors
    /// As [`Vehicle::command`].
    pub fn set_command(&mut self, wrench: Wrench, duration_ns: Option<i64>) -> Result<()> {
        check_wrench(&wrench)?;
        let window = i64::from(self.config.window_steps);
        let windows = (self.state.steps + window - 1).div_euclid(window);
        let from_ns = windows * window * self.config.step_ns;
        let most_ns = MAX_TIME_NS - from_ns;
        let duration_ns = duration_ns.unwrap_or(most_ns);
        within("duration_ns", duration_ns, most_ns, "leave it out for no end")?;
        self.state.command = Some(Command { wrench, until_ns: from_ns + duration_ns });
        Ok(())
    }

    /// What the thrusters would do for a force and torque.
    ///
    /// # Errors
    /// [`Error::Setting`] for a wrench beyond [`MAX_WRENCH`].
    pub fn allocate(&self, wrench: Wrench) -> Result<Allocation> {
        check_wrench(&wrench)?;
        Ok(self.allocator.allocate(&wrench, &self.state.conditions))
    }

    /// End what the thrusters are told at once; those that are stuck open fire on.
    pub fn stop(&mut self) {
        self.state.command = None;
        self.state.pulses.stop();
    }

    /// Let a thruster fail, or repair it.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that no thruster has.
    pub fn set_condition(&mut self, thruster: usize, condition: ThrusterCondition) -> Result<()> {
        let last = self.config.thrusters.len() - 1;
        within("thruster", thruster as i64, last as i64, "give the number of a thruster")?;
        self.state.conditions[thruster] = condition;
        Ok(())
    }

    fn step(&mut self) {
        let before = Levels::of(&self.state);
        if self.state.steps % i64::from(self.config.window_steps) == 0 {
            self.begin_window();
            self.ask_power_for_window();
        }
        self.step_power();
        self.step_body();
        self.state.steps += 1;
        self.step_docking();
        let (time_ns, after) = (self.time_ns(), Levels::of(&self.state));
        let above_k = self.state.thermal.as_ref().map(|nodes| &nodes.above_k[..]);
        self.state.events.note(time_ns, [&before, &after], above_k);
    }

    fn step_body(&mut self) {
        let step_s = self.config.step_ns as f64 * 1e-9;
        let load = self.load();
        let body = self.state.body;
        let burnt_kg = load.mass_flow_kg_s * step_s;
        let is_last = burnt_kg > 0.0 && burnt_kg >= body.propellant_kg;
        let burn_s = if is_last { body.propellant_kg / load.mass_flow_kg_s } else { step_s };
        let mut next = self.moved(&body, &load, 0.0, burn_s);
        if is_last {
            // The thrust ends where the propellant does, inside the step.
            next.propellant_kg = 0.0;
            next = self.moved(&next, &Load::default(), burn_s, step_s - burn_s);
        }
        next.propellant_kg = next.propellant_kg.max(0.0);
        if load.mass_flow_kg_s > 0.0 {
            for thruster in 0..self.config.thrusters.len() {
                let is_on = self.is_on(thruster, self.state.steps);
                self.state.on_time_s[thruster] += if is_on { burn_s } else { 0.0 };
            }
        }
        self.state.body = next;
    }

    /// Turn what is told into this window's pulses.
    fn begin_window(&mut self) {
        let window_ns = i64::from(self.config.window_steps) * self.config.step_ns;
        let left_ns = self.state.command.map_or(0, |command| command.until_ns - self.time_ns());
        let Some(command) = self.state.command.filter(|_| left_ns > 0) else {
            // What is carried to the next window belongs to a command.
            return self.stop();
        };
        if self.state.body.propellant_kg <= 0.0 {
            return self.state.pulses.stop();
        }
        let allocation = self.allocator.allocate(&command.wrench, &self.state.conditions);
        let part = left_ns.min(window_ns) as f64 / window_ns as f64;
        let fractions = allocation.fractions.map(|fraction| fraction * part);
        self.state.pulses.begin_window(&fractions[..self.config.thrusters.len()]);
    }

    /// Whether a thruster's valve is open in a step.
    #[inline(always)]
    fn is_on(&self, thruster: usize, step: i64) -> bool {
        match self.state.conditions[thruster] {
            ThrusterCondition::Working => self.is_told(thruster, step) && !self.are_valves_shut(),
            ThrusterCondition::StuckClosed => false,
            ThrusterCondition::StuckOpen => true,
        }
    }

    /// Whether a thruster is told to fire in a step.
    #[inline(always)]
    pub(super) fn is_told(&self, thruster: usize, step: i64) -> bool {
        let window = i64::from(self.config.window_steps);
        self.state.pulses.is_on(thruster, (step % window) as u32)
    }

    /// What the thrusters do in this step.
    fn load(&self) -> Load {
        let mut load = Load::default();
        if self.state.body.propellant_kg <= 0.0 {
            return load;
        }
        let exhaust_m_s = self.config.specific_impulse_s * STANDARD_GRAVITY_M_S2;
        let all = self.config.thrusters.iter().zip(self.wrenches()).enumerate();
        for (index, (thruster, wrench)) in all {
            if self.is_on(index, self.state.steps) {
                for axis in 0..3 {
                    load.force_n[axis] += wrench[axis];
                    load.torque_n_m[axis] += wrench[axis + 3];
                }
                load.mass_flow_kg_s += thruster.thrust_n / exhaust_m_s;
            }
        }
        load
    }
}

/// Refuse a wrench that is not finite or beyond [`MAX_WRENCH`].
///
/// # Errors
/// [`Error::Setting`].
pub fn check_wrench(wrench: &Wrench) -> Result<()> {
    for (axis, value) in wrench.iter().enumerate() {
        let setting = if axis < 3 { "force_n" } else { "torque_n_m" };
        if !(-MAX_WRENCH..=MAX_WRENCH).contains(value) {
            return Err(Error::Setting {
                setting: format!("{setting}[{}]", axis % 3),
                value: value.to_string(),
                limit: format!("-{MAX_WRENCH:e} to {MAX_WRENCH:e}"),
                remedy: "give a finite one in newtons or newton metres".into(),
            });
        }
    }
    Ok(())
}

pub(super) fn within(setting: &str, value: i64, most: i64, remedy: &str) -> Result<()> {
    if (0..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::Setting {
        setting: setting.into(),
        value: value.to_string(),
        limit: format!("0 to {most}"),
        remedy: remedy.into(),
    })
}
