//! What follows from a tracker's settings alone, worked out once.

use crate::error::Result;
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::identity_evidence::IdentityRules;
use crate::tracking::record::{friend_foe, present};
use crate::tracking::sensor_config::Sensors;
use crate::tracking::track::Identity;

/// What follows from the settings alone.
pub struct Rules {
    /// Gates by number of channels.
    pub gates: GateTable,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
    /// What replies tell of whose they are.
    pub identity: IdentityRules,
    /// What is known of the sensors.
    pub sensors: Sensors,
    friendly: Vec<[u8; 32]>,
    hostile: Vec<[u8; 32]>,
}

impl Rules {
    /// The rules of `config`.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for a sensor that is named twice.
    pub fn new(config: &TrackerConfig) -> Result<Self> {
        let (flat, up) = (config.process_noise_m2_s3, config.vertical_process_noise_m2_s3);
        Ok(Self {
            gates: GateTable::new(config.gate_probability),
            noise_m2_s3: [flat, flat, up],
            identity: IdentityRules::new(config),
            sensors: Sensors::new(config)?,
            friendly: config.friendly_ids.iter().map(|id| padded(id)).collect(),
            hostile: config.hostile_ids.iter().map(|id| padded(id)).collect(),
        })
    }

    /// Friend or foe by the identity that a track holds.
    pub fn friend_foe(&self, identity: &Identity) -> u8 {
        if identity.present & present::TRANSPONDER_ID == 0 {
            friend_foe::UNKNOWN
        } else if self.hostile.contains(&identity.transponder_id) {
            friend_foe::FOE
        } else if self.friendly.contains(&identity.transponder_id) {
            friend_foe::FRIEND
        } else {
            friend_foe::UNKNOWN
        }
    }
}

fn padded(id: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(id.bytes()) {
        *to = from;
    }
    bytes
}
