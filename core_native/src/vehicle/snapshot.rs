//! A vehicle as bytes and back: a restored vehicle goes on as if it had never stopped.
//!
//! Layout, little-endian: magic, version, fingerprint of the configuration, the fields of the state in
//! their order, the thrusters' by number, those of the power, of the heat, of
//! docking, of communications and of the drive if there are, the events that wait, CRC-32C of all before.

use std::sync::Arc;

use crate::error::Result;
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse, truth};
use crate::vehicle::comms::state::Comms;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::docking::mechanism::Docking;
use crate::vehicle::drive::task::Drive;
use crate::vehicle::event_snapshot::check_levels;
use crate::vehicle::events::EventQueue;
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::pulse::Pulse;
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::rigid_body::BodyState;
use crate::vehicle::simulation::{Command, MAX_TIME_NS, Vehicle};
use crate::vehicle::thermal::nodes::ThermalNodes;
use crate::vehicle::thruster::ThrusterCondition;

const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKIVEH\0", version: 7 };
const CONDITIONS: [ThrusterCondition; 3] =
    [ThrusterCondition::Working, ThrusterCondition::StuckClosed, ThrusterCondition::StuckOpen];

impl Vehicle {
    /// The whole state as bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        let state = self.state();
        let mut out = Writer::new(&KIND, 1024);
        out.put(self.config().fingerprint);
        let BodyState { position_m, velocity_m_s, attitude, angular_momentum_n_m_s, propellant_kg } =
            state.body;
        let parts = [
            &position_m[..],
            &velocity_m_s,
            &attitude.0,
            &angular_momentum_n_m_s,
            &[propellant_kg],
        ];
        parts.concat().iter().for_each(|number| out.put(number.to_le_bytes()));
        out.put(state.steps.to_le_bytes());
        out.put(state.waiting_ns.to_le_bytes());
        out.put([u8::from(state.command.is_some())]);
        let command = state.command.unwrap_or(Command { wrench: [0.0; 6], until_ns: 0 });
        command.wrench.iter().for_each(|number| out.put(number.to_le_bytes()));
        out.put(command.until_ns.to_le_bytes());
        for index in 0..self.config().thrusters.len() {
            let pulse = state.pulses.pulses()[index];
            out.put(pulse.on_steps.to_le_bytes());
            out.put(pulse.carried_steps.to_le_bytes());
            out.put([state.conditions[index] as u8]);
            out.put(state.on_time_s[index].to_le_bytes());
        }
        if let Some((config, plane)) = self.power() {
            plane.put(config, &mut out);
        }
        if let Some((config, nodes)) = self.thermal() {
            nodes.put(config, &mut out);
        }
        if let Some(docking) = &state.docking {
            docking.put(&mut out);
        }
        if let Some(comms) = &state.comms {
            comms.put(&mut out);
        }
        if let Some(drive) = &state.drive {
            drive.put(&mut out);
        }
        state.events.put(&mut out);
        out.finish()
    }

    /// A vehicle of this configuration from the bytes of [`Vehicle::snapshot`].
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for bytes that are damaged, of another version, or of a vehicle
    /// of another configuration.
    pub fn restore(config: Arc<VehicleConfig>, bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(&KIND, bytes)?;
        if input.take(32)? != config.fingerprint {
            return Err(refuse("it is of a vehicle of another configuration".into()));
        }
        let mut state = Self::new(Arc::clone(&config), BodyState::at_rest(0.0)).state().clone();
        state.body = body(&mut input, &config)?;
        state.steps = time(&mut input, "steps", MAX_TIME_NS / config.step_ns)?;
        state.waiting_ns = time(&mut input, "waiting time", config.step_ns - 1)?;
        let [has_command] = input.array()?;
        let wrench = numbers(&mut input)?;
        let until_ns = time(&mut input, "end of the command", MAX_TIME_NS)?;
        state.command = truth(has_command)?.then_some(Command { wrench, until_ns });
        let mut pulses = *state.pulses.pulses();
        for index in 0..config.thrusters.len() {
            pulses[index] = pulse(&mut input, &config)?;
            let [condition] = input.array()?;
            let condition = CONDITIONS.get(usize::from(condition));
            state.conditions[index] =
                *condition.ok_or_else(|| refuse("a thruster has an unknown condition".into()))?;
            let [on_time_s] = numbers(&mut input)?;
            state.on_time_s[index] = on_time_s;
        }
        state.pulses.set_pulses(pulses);
        if let Some(power) = &config.power {
            state.power = Some(PowerPlane::read(power, &mut input, state.steps)?);
        }
        if let Some(thermal) = &config.thermal {
            state.thermal = Some(ThermalNodes::read(thermal, &mut input)?);
        }
        if let Some(docking) = &config.docking {
            let ports = docking.ports.len();
            state.docking = Some(Docking::read(&mut input, ports, state.steps)?);
        }
        if config.comms.is_some() {
            state.comms = Some(Comms::read(&mut input, state.steps)?);
        }
        if let Some(drive) = &config.drive {
            state.drive = Some(Drive::read(&mut input, drive)?);
        }
        check_levels(&state, &config)?;
        state.events = EventQueue::read(&mut input, &config, state.steps * config.step_ns)?;
        input.finish()?;
        Ok(Self::in_state(config, state))
    }
}

fn body(input: &mut Reader<'_>, config: &VehicleConfig) -> Result<BodyState> {
    let (position_m, velocity_m_s) = (numbers(input)?, numbers(input)?);
    let attitude = attitude(input)?;
    let (angular_momentum_n_m_s, [propellant_kg]) = (numbers(input)?, numbers(input)?);
    if !(0.0..=config.propellant_kg).contains(&propellant_kg) {
        let most = config.propellant_kg;
        return Err(refuse(format!("propellant is {propellant_kg}, must be 0 to {most}")));
    }
    Ok(BodyState { position_m, velocity_m_s, attitude, angular_momentum_n_m_s, propellant_kg })
}

/// The next attitude, of length 1.
pub(super) fn attitude(input: &mut Reader<'_>) -> Result<Quaternion> {
    let attitude = Quaternion(numbers(input)?);
    let length: f64 = attitude.0.iter().map(|part| part * part).sum();
    if (length - 1.0).abs() > 1e-12 {
        return Err(refuse(format!("an attitude has the squared length {length}, must have 1")));
    }
    Ok(attitude)
}

fn pulse(input: &mut Reader<'_>, config: &VehicleConfig) -> Result<Pulse> {
    let on_steps = input.u32()?;
    let [carried_steps] = numbers(input)?;
    let window = config.window_steps;
    if on_steps > window || carried_steps.abs() > f64::from(window) {
        return Err(refuse(format!("a pulse of {on_steps} steps does not fit in {window}")));
    }
    Ok(Pulse { on_steps, carried_steps })
}

/// The next numbers, all finite.
pub(super) fn numbers<const N: usize>(input: &mut Reader<'_>) -> Result<[f64; N]> {
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = input.f64()?;
        if !number.is_finite() {
            return Err(refuse(format!("a number is {number}, must be finite")));
        }
    }
    Ok(numbers)
}

/// The next time or count, at most `most`.
pub(super) fn time(input: &mut Reader<'_>, field: &str, most: i64) -> Result<i64> {
    let time = i64::from_le_bytes(input.array()?);
    if (0..=most).contains(&time) {
        return Ok(time);
    }
    Err(refuse(format!("{field} is {time}, must be 0 to {most}")))
}
