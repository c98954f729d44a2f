//! A vehicle's drive: what it is told, what power it asks for, and what it does to the body.

use crate::error::{Error, Result};
use crate::vehicle::docking::mechanism::Docking;
use crate::vehicle::drive::config::DriveConfig;
use crate::vehicle::drive::task::{Drive, DriveEnd, DriveTask, DriveView, MotorCondition};
use crate::vehicle::drive::wheels::{Wheels, wheel_speeds_m_s};
use crate::vehicle::power::loads::LoadState;
use crate::vehicle::power_supply::without;
use crate::vehicle::simulation::{MAX_TIME_NS, Vehicle, within};

/// Largest turn \[deg\].
pub const MAX_TURN_DEG: f64 = 360.0;
/// Names of the motors, by number.
pub const MOTORS: [&str; 2] = ["left", "right"];

impl Vehicle {
    /// Its drive with its configuration, if it has one.
    pub fn drive(&self) -> Option<(&DriveConfig, &Drive)> {
        self.config().drive.as_ref().zip(self.state().drive.as_ref())
    }

    /// Speed of the left and the right wheel's place across the bow, to starboard, and along it \[m/s\].
    pub fn wheel_speeds_m_s(&self) -> Option<[[f64; 2]; 2]> {
        let config = self.config.drive.as_ref()?;
        Some(wheel_speeds_m_s(config, self.body(), &self.config.mass))
    }

    /// Tell the left and the right wheel to hold a speed, each as a part of the highest, from the next
    /// internal step on, for `duration_ns` or until told otherwise; then it brakes.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without a drive, a part beyond -1 to 1, a duration beyond the limits,
    /// while a port is held, or where the drive has no power; nothing changes then.
    pub fn set_drive(&mut self, parts: [f64; 2], duration_ns: Option<i64>) -> Result<()> {
        let config = self.config.drive.as_ref().ok_or_else(|| without("drive"))?;
        for (motor, part) in MOTORS.iter().zip(parts) {
            check(motor, part, 1.0, "give a part of the highest speed")?;
        }
        let from_ns = self.time_ns();
        let most_ns = MAX_TIME_NS - from_ns;
        let duration_ns = duration_ns.unwrap_or(most_ns);
        within("duration_ns", duration_ns, most_ns, "leave it out for no end")?;
        let speeds_m_s = parts.map(|part| part * config.maximum_m_s);
        self.begin_drive(DriveTask::Speeds { speeds_m_s, until_ns: from_ns + duration_ns })
    }

    /// Turn by an angle, clockwise, with opposite speeds of the wheels from the next internal step on; then
    /// it brakes.
    ///
    /// # Errors
    /// [`Error::Setting`] as [`Vehicle::set_drive`], for an angle beyond ±[`MAX_TURN_DEG`].
    pub fn turn_drive(&mut self, angle_deg: f64) -> Result<()> {
        let config = self.config.drive.as_ref().ok_or_else(|| without("drive"))?;
        check("angle_deg", angle_deg, MAX_TURN_DEG, "turn by less at once")?;
        let until_ns = MAX_TIME_NS.min(self.time_ns() + config.turn.limit_ns);
        let from_deg = self.body().attitude.euler().heading_deg;
        self.begin_drive(DriveTask::Turn { from_deg, angle_deg, turned_deg: 0.0, until_ns })
    }

    /// End what the drive is told, and brake; once its wheels rest, or where this is told anew, it lets
    /// go. An idle one stays so.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without a drive.
    pub fn stop_drive(&mut self) -> Result<()> {
        self.state.drive.as_mut().ok_or_else(|| without("drive"))?.brake(DriveEnd::Told);
        Ok(())
    }

    /// Let a motor fail, or repair it.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle without a drive, or a number that no motor has.
    pub fn set_motor_condition(&mut self, motor: usize, condition: MotorCondition) -> Result<()> {
        let drive = self.state.drive.as_mut().ok_or_else(|| without("drive"))?;
        within("motor", motor as i64, 1, "give 0 for the left motor or 1 for the right one")?;
        drive.conditions[motor] = condition;
        Ok(())
    }

    fn begin_drive(&mut self, task: DriveTask) -> Result<()> {
        if self.state.docking.as_ref().is_some_and(is_held) {
            return Err(refused("port", "held", "free", "release the port first"));
        }
        if let Some(reason) = self.drive_load().and_then(why_unpowered) {
            let remedy = "switch it on, or wait until it is restored";
            return Err(refused("the drive's load", reason, "on", remedy));
        }
        self.state.drive.as_mut().ok_or_else(|| without("drive"))?.begin(task);
        Ok(())
    }

    /// Let the drive go on to the step that begins, and ask for its power.
    pub(super) fn begin_drive_step(&mut self) {
        let Some((config, drive)) = self.drive().filter(|(_, drive)| !drive.is_idle()) else {
            return;
        };
        let mut next = *drive;
        if self.state.docking.as_ref().is_some_and(is_held) {
            next.let_go(Some(DriveEnd::Docked));
        } else {
            let view = DriveView {
                time_ns: self.time_ns(),
                heading_deg: self.body().attitude.euler().heading_deg,
                wheels_m_s: wheel_speeds_m_s(config, self.body(), &self.config.mass),
            };
            next.step(config, &view);
        }
        let wanted_w = next.wanted_w(config);
        let load = config.load;
        self.state.drive = Some(next);
        let power = self.config.power.as_ref().zip(self.state.power.as_mut());
        if let (Some(load), Some((config, plane))) = (load, power) {
            let start_w = config.loads[load].demand_w;
            let most_w = config.loads[load].power_w;
            let wanted_w = if next.is_idle() { start_w } else { wanted_w.min(most_w) };
            plane.loads.0[load].demand_w = wanted_w;
        }
    }

    /// Note what power the drive got in the step that begins.
    pub(super) fn power_drive(&mut self) {
        let load = self.drive_load().copied();
        let parts = self.config.drive.as_ref().zip(self.state.drive.as_mut());
        let Some((config, drive)) = parts.filter(|(_, drive)| !drive.is_idle()) else { return };
        let wanted_w = drive.wanted_w(config);
        drive.power_part = match load {
            Some(load) if wanted_w > 0.0 => (load.power_w / wanted_w).clamp(0.0, 1.0),
            _ => 1.0,
        };
    }

    /// The wheels in this step, if the drive is told something.
    #[inline(always)]
    pub(super) fn wheels(&self) -> Option<Wheels<'_>> {
        let (config, drive) = self.drive().filter(|(_, drive)| !drive.is_idle())?;
        Some(Wheels { config, orders: drive.orders() })
    }

    /// Number of the load that the drive is, while it is told something.
    pub(super) fn driving_load(&self) -> Option<usize> {
        self.drive().filter(|(_, drive)| !drive.is_idle())?.0.load
    }

    fn drive_load(&self) -> Option<&LoadState> {
        let number = self.config.drive.as_ref()?.load?;
        self.state.power.as_ref().map(|plane| &plane.loads.0[number])
    }
}

fn is_held(docking: &Docking) -> bool {
    docking.phase.is_held()
}

fn why_unpowered(load: &LoadState) -> Option<&'static str> {
    if !load.is_on { Some("off") } else { load.shed.word() }
}

/// Refuse a number beyond ±`most`.
fn check(setting: &str, value: f64, most: f64, remedy: &str) -> Result<()> {
    if value.abs() <= most {
        return Ok(());
    }
    Err(refused(setting, &value.to_string(), &format!("-{most} to {most}"), remedy))
}

fn refused(setting: &str, value: &str, limit: &str, remedy: &str) -> Error {
    Error::Setting {
        setting: setting.into(),
        value: value.into(),
        limit: limit.into(),
        remedy: remedy.into(),
    }
}
