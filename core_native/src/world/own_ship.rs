//! The simulated vehicle in the running world: which step it takes next, and when.

use std::sync::Arc;

use crate::error::Result;
use crate::scene::platform::{OWN_SHIP_INDEX, Platform};
use crate::scene::scenario::Scenario;
use crate::vehicle::config::VehicleConfig;
use crate::vehicle::quaternion::EulerAngles;
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::start::Start;

/// The load that all radars of the world take their power from.
pub const RADAR_LOAD: &str = "radar";
const NS_PER_S: i64 = 1_000_000_000;

/// A vehicle that goes on step by step with the world's clock.
///
/// The steps only say how often it is looked at: the vehicle counts its own from time 0, so that its way
/// is the same at any rate.
#[derive(Clone, Debug)]
pub struct OwnShip {
    /// As it is after the newest step.
    pub vehicle: Vehicle,
    rate_hz: i64,
    steps: i64,
    radar_load: Option<usize>,
}

impl OwnShip {
    /// A vehicle where the scenario's own ship begins.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for a start beyond the limits of a vehicle's.
    pub fn new(config: &Arc<VehicleConfig>, rate_hz: u32, scenario: &Scenario) -> Result<Self> {
        let body = start_of(&scenario.platforms[OWN_SHIP_INDEX]).body(config)?;
        let loads = config.power.iter().flat_map(|power| &power.loads);
        Ok(Self {
            radar_load: loads.into_iter().position(|load| load.name == RADAR_LOAD),
            vehicle: Vehicle::new(Arc::clone(config), body),
            rate_hz: i64::from(rate_hz),
            steps: 0,
        })
    }

    /// When [`OwnShip::step`] is due next, counted from the start of the world \[ns\].
    pub fn due_ns(&self) -> i64 {
        self.time_of(self.steps)
    }

    /// Go on to the time that is due, and forget what happened on the way.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] past the last time of a vehicle.
    pub fn step(&mut self) -> Result<()> {
        // The vehicle keeps what is left of its own step, so its time is not what was told it.
        self.vehicle.advance(self.due_ns() - self.time_of((self.steps - 1).max(0)))?;
        self.steps += 1;
        self.vehicle.take_events().for_each(drop);
        Ok(())
    }

    /// Whether radars have power; where the vehicle has no load of that name they need none.
    pub fn powers_radar(&self) -> bool {
        let plane = self.vehicle.state().power.as_ref();
        let Some((plane, load)) = plane.zip(self.radar_load) else { return true };
        let load = &plane.loads.0[load];
        // Before its first step nothing has got power yet.
        load.is_powered() || (self.vehicle.time_ns() == 0 && load.is_on)
    }

    fn time_of(&self, step: i64) -> i64 {
        let (seconds, rest) = (step / self.rate_hz, step % self.rate_hz);
        seconds * NS_PER_S + rest * NS_PER_S / self.rate_hz
    }
}

fn start_of(platform: &Platform) -> Start {
    let state = platform.path.state_at(0.0);
    let attitude =
        EulerAngles { heading_deg: platform.heading_at(0.0)[0], pitch_deg: 0.0, roll_deg: 0.0 };
    Start {
        position_m: state.position_m,
        velocity_m_s: state.velocity_m_s,
        attitude,
        ..Start::default()
    }
}
