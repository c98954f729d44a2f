//! The docking of a vehicle as bytes and back.

use super::mechanism::{Docking, DockingPhase, ToldPort};
use super::relative::PortPose;
use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse, truth};
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::snapshot::{attitude, numbers, time};
use crate::vehicle::start::check_motion;

const PHASES: [DockingPhase; 4] =
    [DockingPhase::Free, DockingPhase::Approach, DockingPhase::Captured, DockingPhase::Latched];
const NOWHERE: ToldPort = ToldPort {
    pose: PortPose { position_m: [0.0; 3], velocity_m_s: [0.0; 3], attitude: Quaternion::IDENTITY },
    step: 0,
};

impl Docking {
    /// Append all that changes.
    pub fn put(&self, out: &mut Writer) {
        out.put([self.phase as u8, u8::from(self.port.is_some())]);
        out.put([self.port.unwrap_or(0) as u8, u8::from(self.station.is_some())]);
        let ToldPort { pose, step } = self.station.unwrap_or(NOWHERE);
        let parts = [&pose.position_m[..], &pose.velocity_m_s, &pose.attitude.0];
        parts.concat().iter().for_each(|number| out.put(number.to_le_bytes()));
        out.put(step.to_le_bytes());
    }

    /// Read what [`Docking::put`] wrote, of a vehicle with so many ports at step number `steps`.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a state that cannot be.
    pub fn read(input: &mut Reader<'_>, ports: usize, steps: i64) -> Result<Self> {
        let [phase, has_port, port, has_station] = input.array()?;
        let phase = PHASES.get(usize::from(phase)).copied();
        let phase = phase.ok_or_else(|| refuse("docking has an unknown phase".into()))?;
        let port = truth(has_port)?.then_some(usize::from(port));
        if let Some(number) = port.filter(|&number| number >= ports) {
            return Err(refuse(format!("port {number} of {ports} is engaged")));
        }
        let pose = PortPose {
            position_m: numbers(input)?,
            velocity_m_s: numbers(input)?,
            attitude: attitude(input)?,
        };
        check_motion(pose.position_m, pose.velocity_m_s)
            .map_err(|error| refuse(error.to_string()))?;
        let step = time(input, "step in which a station's port was told", steps)?;
        let station = truth(has_station)?.then_some(ToldPort { pose, step });
        if phase != DockingPhase::Free && (port.is_none() || station.is_none()) {
            return Err(refuse("docking has begun without a port".into()));
        }
        Ok(Self { phase, port, station })
    }
}
