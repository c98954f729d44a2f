//! The scenario's station: where the vehicle may dock, and who hears it.

use crate::error::{Error, Result};
use crate::object_type::ObjectType;
use crate::radar::FaultyRadar;
use crate::scene::motion::State;
use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;
use crate::vehicle::docking::relative::PortPose;
use crate::vehicle::quaternion::{EulerAngles, Quaternion};
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::start::checked_attitude;

/// Tells a vehicle where the station is, and how it moves, as the scenario has it.
///
/// A target of a scenario is a point without an attitude, so the station's port is there and points
/// where it is said to.
#[derive(Clone, Debug)]
pub struct DockingStation {
    /// Number of the station among the targets.
    pub target: usize,
    radar: FaultyRadar,
    path: PathLanes,
    attitude: Quaternion,
    /// Users' models are asked of each target, and may refuse.
    has_models: bool,
}

impl DockingStation {
    /// The first target that is a station, none where none is; its port points out of it to
    /// `heading_deg`, clockwise from north. `radar` knows the targets.
    ///
    /// # Errors
    /// [`Error::Setting`] for a heading beyond a turn.
    pub fn of(radar: &FaultyRadar, heading_deg: f64, has_models: bool) -> Result<Option<Self>> {
        let attitude = attitude_of(heading_deg)?;
        let targets = radar.radar().targets();
        let is_station = |target: &Target| target.object_type == ObjectType::Station as u8;
        let Some(target) = targets.iter().position(is_station) else { return Ok(None) };
        Ok(Some(Self {
            target,
            path: PathLanes::new([&targets[target].path]),
            radar: radar.clone(),
            attitude,
            has_models,
        }))
    }

    /// From the port's frame, Y outwards and Z up, to the world frame.
    pub const fn attitude(&self) -> Quaternion {
        self.attitude
    }

    /// Place and motion of the station at `time_s` of the scenario; none while it is not there.
    pub fn state_at(&self, time_s: f64) -> Option<State> {
        let target = &self.radar.radar().targets()[self.target];
        let is_present = target.present_from_s <= time_s && time_s < target.present_until_s;
        is_present.then(|| self.path.states_at(time_s).state(0))
    }

    /// Tell the vehicle of the station at the vehicle's time, in a world that began at
    /// `start_time_ns`.
    ///
    /// It goes on with its velocity until it is told anew. One that ends while it holds the vehicle
    /// holds it still, and so does one that leaves the space in which the core keeps places.
    ///
    /// # Errors
    /// None: a vehicle is told of no part that it lacks.
    pub fn tell(&self, vehicle: &mut Vehicle, start_time_ns: i64) -> Result<()> {
        let time_ns = vehicle.time_ns();
        // Frames that a model spoils are told of; the station goes on.
        if self.has_models && self.radar.radar().truth(start_time_ns + time_ns).is_err() {
            return Ok(());
        }
        let state = self.state_at(time_ns as f64 * 1e-9);
        let is_told = state.is_some_and(|state| self.tell_place(vehicle, &state).is_ok());
        if is_told { Ok(()) } else { forget(vehicle) }
    }

    fn tell_place(&self, vehicle: &mut Vehicle, state: &State) -> Result<()> {
        let State { position_m, velocity_m_s, .. } = *state;
        if vehicle.docking().is_some() {
            let pose = PortPose { position_m, velocity_m_s, attitude: self.attitude };
            vehicle.set_station_port(Some(pose))?;
        }
        if vehicle.comms().is_some() {
            vehicle.set_comms_station(Some([position_m, velocity_m_s]))?;
        }
        Ok(())
    }
}

/// The attitude of a port that points to `heading_deg`.
fn attitude_of(heading_deg: f64) -> Result<Quaternion> {
    if !(-360.0..=360.0).contains(&heading_deg) {
        return Err(Error::Setting {
            setting: "station_heading_deg".into(),
            value: heading_deg.to_string(),
            limit: "-360 to 360".into(),
            remedy: "say where the station's port points, clockwise from north".into(),
        });
    }
    checked_attitude(EulerAngles { heading_deg, pitch_deg: 0.0, roll_deg: 0.0 })
}

/// Let the vehicle know of no station, unless that holds it.
fn forget(vehicle: &mut Vehicle) -> Result<()> {
    if vehicle.docking().is_some_and(|(_, docking)| !docking.phase.is_held()) {
        vehicle.set_station_port(None)?;
    }
    if vehicle.comms().is_some() {
        vehicle.set_comms_station(None)?;
    }
    Ok(())
}
