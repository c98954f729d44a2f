//! What follows from a tracker's settings alone, worked out once.

use crate::detection::transponder_mode;
use crate::error::Result;
use crate::numeric::max;
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::identity_evidence::{IdentityRules, REFUTED};
use crate::tracking::identity_lists::IdentityLists;
use crate::tracking::object_type_rules::ObjectTypeRules;
use crate::tracking::record::{alarm, friend_foe, present};
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
    /// What tells the types of bodies apart; none without a table.
    pub object_types: Option<ObjectTypeRules>,
    /// How long a track may go on without a detection \[ns\].
    pub max_coast_ns: i64,
    /// What is known of the sensors.
    pub sensors: Sensors,
    ids: IdentityLists,
}

impl Rules {
    /// The rules of `config`.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for a sensor that is named twice.
    pub fn new(config: &TrackerConfig) -> Result<Self> {
        let (flat, up) = (config.process_noise_m2_s3, config.vertical_process_noise_m2_s3);
        let identity = IdentityRules::new(config);
        Ok(Self {
            gates: GateTable::new(config.gate_probability),
            noise_m2_s3: [flat, flat, up],
            object_types: ObjectTypeRules::new(config, identity.weights),
            identity,
            max_coast_ns: (config.max_coast_s * 1e9) as i64,
            sensors: Sensors::new(config)?,
            ids: IdentityLists::new(config),
        })
    }

    /// Say who an identity is by all that was claimed: what leads, unless the motion refutes it or
    /// another claims it as rightly.
    pub fn settle(&self, identity: &mut Identity) {
        if !identity.belief.has_claims() {
            return; // nothing was ever told
        }
        let belief = &identity.belief;
        let standings = [&belief.address_standing, &belief.transponder_id_standing];
        let [one, other] = standings.map(|standing| self.identity.refuted_probability(standing));
        let refuted = max(one, other);
        let is_refuted = refuted >= REFUTED;
        let is_contested = standings.iter().any(|standing| self.identity.is_contested(standing));
        let is_told = !is_refuted && !is_contested;
        let [address, code, text] = [
            (present::ADDRESS, belief.address.leads),
            (present::MODE_3A, belief.mode_3a.leads),
            (present::TRANSPONDER_ID, belief.transponder_id.leads),
        ]
        .map(|(bit, leads)| if is_told && leads[0] > 0 { bit } else { 0 });
        let reply = identity.present & present::TRANSPONDER_REPLY;
        identity.present = reply | address | code | text;
        identity.address = if address == 0 { 0 } else { belief.address.values[0] };
        identity.mode_3a = if code == 0 { 0 } else { belief.mode_3a.values[0] };
        identity.transponder_id = if text == 0 { [0; 32] } else { belief.transponder_id.values[0] };
        identity.refuted_probability = refuted as f32;
        identity.alarms = if is_refuted { alarm::IDENTITY_REFUTED } else { 0 };
        identity.alarms |= if is_contested { alarm::IDENTITY_CONTESTED } else { 0 };
        let (who, probability) = self.friend_foe(identity, refuted);
        (identity.friend_foe, identity.friend_foe_probability) = (who, probability as f32);
    }

    /// Friend or foe, and how probably.
    fn friend_foe(&self, identity: &Identity, refuted: f64) -> (u8, f64) {
        if refuted >= REFUTED {
            return (friend_foe::FOE, refuted);
        }
        let texts = &identity.belief.transponder_id;
        let Some(text) = texts.best() else { return (friend_foe::UNKNOWN, 0.0) };
        let [claimed, _] = texts.probabilities(text, &self.identity.weights);
        let is_doubtful =
            identity.alarms != 0 || identity.transponder_mode == transponder_mode::SPOOF;
        let friend = claimed * (1.0 - refuted);
        // Of a contested claim, too: the one that forged it is a foe as well.
        if self.ids.is_hostile(&text) {
            (friend_foe::FOE, claimed)
        } else if friend > 0.5 && !is_doubtful && self.ids.is_friendly(&text) {
            (friend_foe::FRIEND, friend)
        } else {
            (friend_foe::UNKNOWN, 0.0)
        }
    }
}
