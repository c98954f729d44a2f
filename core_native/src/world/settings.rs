//! What a world is made of, whatever its seed.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::guard::rules::GuardRules;
use crate::scene::scenario::Scenario;
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::user_model::UserModel;
use crate::vehicle::config::VehicleConfig;

/// Most steps of the vehicle in a second of world time.
pub const MAX_RATE_HZ: u32 = 1000;

/// What a world is made of.
#[derive(Clone)]
pub struct WorldSettings {
    /// What is in the scene, and its radars.
    pub scenario: Arc<Scenario>,
    /// Those that the scenario names.
    pub models: Vec<UserModel>,
    /// The own ship.
    pub vehicle: Arc<VehicleConfig>,
    /// The tracker's parameters.
    pub tracker: TrackerConfig,
    /// UUID of the tracker.
    pub tracker_id: [u8; 16],
    /// Of which tracks there are alerts; none for of none.
    pub guard_rules: Option<GuardRules>,
    /// World time at which it begins \[ns\].
    pub start_time_ns: i64,
    /// Steps of the vehicle in a second of world time, 1 to [`MAX_RATE_HZ`].
    pub rate_hz: u32,
    /// Where the port of the scenario's station points, out of it, clockwise from north \[deg\].
    pub station_heading_deg: f64,
    /// Range up to which transponders are asked \[m\]; the scenario's where none is given.
    pub sr_threshold_m: Option<f64>,
    /// Least quality of the tracks that are observed, 0 to 1.
    pub min_quality: f64,
    /// Whether the messages of each step are kept ([`super::simulation::World::messages`]).
    pub keeps_messages: bool,
    /// Instruction set of the kernels; what happens does not depend on it.
    pub level: SimdLevel,
}

impl WorldSettings {
    /// The settings, if their numbers are within limits that nothing else checks.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn checked(self) -> Result<Self> {
        let refused = |setting: &str, value: String, limit: String, remedy: &str| {
            let (setting, remedy) = (setting.into(), remedy.into());
            Err(Error::Setting { setting, value, limit, remedy })
        };
        if !(1..=MAX_RATE_HZ).contains(&self.rate_hz) {
            let limit = format!("1 to {MAX_RATE_HZ}");
            let remedy = "say how often the vehicle steps in a second";
            return refused("rate_hz", self.rate_hz.to_string(), limit, remedy);
        }
        if !(0.0..=1.0).contains(&self.min_quality) {
            let remedy = "say how likely a track must be to be observed";
            return refused("min_quality", self.min_quality.to_string(), "0 to 1".into(), remedy);
        }
        Ok(self)
    }
}
