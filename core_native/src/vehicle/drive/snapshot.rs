//! The drive of a vehicle as bytes and back.

use super::config::DriveConfig;
use super::task::{CONDITIONS, Drive, DriveEnd, DriveTask, ENDS, MotorCondition};
use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse, truth};
use crate::vehicle::drive_control::MAX_TURN_DEG;
use crate::vehicle::simulation::MAX_TIME_NS;
use crate::vehicle::snapshot::{numbers, time};

impl Drive {
    /// Append all that changes.
    pub fn put(&self, out: &mut Writer) {
        let (kind, values, until_ns) = match self.task {
            DriveTask::Idle => (0, [0.0; 3], 0),
            DriveTask::Speeds { speeds_m_s: [left, right], until_ns } => {
                (1, [left, right, 0.0], until_ns)
            }
            DriveTask::Turn { from_deg, angle_deg, turned_deg, until_ns } => {
                (2, [from_deg, angle_deg, turned_deg], until_ns)
            }
            DriveTask::Brake => (3, [0.0; 3], 0),
        };
        out.put([kind]);
        values.iter().for_each(|number| out.put(number.to_le_bytes()));
        out.put(until_ns.to_le_bytes());
        out.put([u8::from(self.ended.is_some()), self.ended.map_or(0, |end| end as u8)]);
        let numbers = [self.speeds_m_s[0], self.speeds_m_s[1], self.power_part];
        numbers.iter().for_each(|number| out.put(number.to_le_bytes()));
        out.put(self.conditions.map(|condition| condition as u8));
    }

    /// Read what [`Drive::put`] wrote.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a state that cannot be.
    pub fn read(input: &mut Reader<'_>, config: &DriveConfig) -> Result<Self> {
        let task = task(input, config)?;
        let [has_ended, end] = input.array()?;
        let [left, right, power_part] = numbers(input)?;
        let conditions = input.array::<2>()?;
        check_speeds(&[left, right], config)?;
        if !(0.0..=1.0).contains(&power_part) {
            return Err(refuse(format!("a drive got {power_part} of its power, must be 0 to 1")));
        }
        let ended = truth(has_ended)?.then_some(end_of(end)?);
        let conditions = [condition_of(conditions[0])?, condition_of(conditions[1])?];
        Ok(Self { task, ended, speeds_m_s: [left, right], power_part, conditions })
    }
}

fn task(input: &mut Reader<'_>, config: &DriveConfig) -> Result<DriveTask> {
    let [kind] = input.array()?;
    let [first, second, third] = numbers(input)?;
    let until_ns = time(input, "end of the drive's task", MAX_TIME_NS)?;
    match kind {
        0 => Ok(DriveTask::Idle),
        1 => {
            check_speeds(&[first, second], config)?;
            Ok(DriveTask::Speeds { speeds_m_s: [first, second], until_ns })
        }
        2 => {
            let [from_deg, angle_deg, turned_deg] = [first, second, third];
            if !(0.0..360.0).contains(&from_deg) || angle_deg.abs() > MAX_TURN_DEG {
                return Err(refuse(format!("a turn from {from_deg} by {angle_deg} deg cannot be")));
            }
            // Beyond it the angle of `wrap_180` is of no use.
            if turned_deg.abs() > 1e8 {
                return Err(refuse(format!("a turn has come to {turned_deg} deg, must be 1e8")));
            }
            Ok(DriveTask::Turn { from_deg, angle_deg, turned_deg, until_ns })
        }
        3 => Ok(DriveTask::Brake),
        _ => Err(refuse(format!("a drive has the unknown task {kind}"))),
    }
}

fn check_speeds(speeds_m_s: &[f64; 2], config: &DriveConfig) -> Result<()> {
    let most_m_s = config.maximum_m_s;
    match speeds_m_s.iter().find(|speed_m_s| speed_m_s.abs() > most_m_s) {
        Some(speed) => Err(refuse(format!("a wheel is told {speed} m/s, at most {most_m_s} can"))),
        None => Ok(()),
    }
}

fn end_of(number: u8) -> Result<DriveEnd> {
    let end = ENDS.get(usize::from(number)).map(|(end, _)| *end);
    end.ok_or_else(|| refuse(format!("a drive has the unknown end {number}")))
}

fn condition_of(number: u8) -> Result<MotorCondition> {
    let condition = CONDITIONS.get(usize::from(number)).map(|(condition, _)| *condition);
    condition.ok_or_else(|| refuse(format!("a motor has the unknown condition {number}")))
}
