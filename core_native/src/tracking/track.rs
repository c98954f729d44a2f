//! What a track knows of its target besides its state: its name, and above all the identity.

use crate::detection::{Detection, present, range_band};
use crate::tracking::identity_belief::IdentityBelief;
use crate::tracking::object_type_evidence::ObjectTypeEvidence;
use crate::tracking::record::{friend_foe, present as track_present};

/// Who the target says it is. In the order given: see [`Description`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Identity {
    /// Identity bits of [`track_present`].
    pub present: u32,
    /// Transponder mode.
    pub transponder_mode: u8,
    /// Friend or foe.
    pub friend_foe: u8,
    /// Bits of [`crate::tracking::record::alarm`].
    pub alarms: u8,
    /// Everything that was claimed; the values below are what leads of it.
    pub belief: IdentityBelief,
    /// 24-bit address.
    pub address: u32,
    /// Mode 3/A code.
    pub mode_3a: u16,
    /// Probability of `friend_foe`; 0 where neither is known.
    pub friend_foe_probability: f32,
    /// Probability that what it claims is forged.
    pub refuted_probability: f32,
    /// Identity in clear text.
    pub transponder_id: [u8; 32],
}

impl Identity {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        present: 0,
        address: 0,
        mode_3a: 0,
        transponder_mode: 0,
        friend_foe: friend_foe::UNKNOWN,
        friend_foe_probability: 0.0,
        refuted_probability: 0.0,
        alarms: 0,
        transponder_id: [0; 32],
        belief: IdentityBelief::UNHEARD,
    };

    /// Whether anything was ever replied.
    pub fn has_replied(&self) -> bool {
        self.belief.has_claims() || self.present & track_present::TRANSPONDER_REPLY != 0
    }

    /// Take over what a detection tells; what it does not tell stays. [`Rules::settle`] then says who
    /// it is.
    ///
    /// [`Rules::settle`]: crate::tracking::rules::Rules::settle
    pub fn learn(&mut self, detection: &Detection) {
        self.belief.hear(detection);
        // Outside the short range a reply cannot be heard, so silence there says nothing.
        if detection.range_band != range_band::LONG {
            self.transponder_mode = detection.transponder_mode;
            self.present &= !track_present::TRANSPONDER_REPLY;
            if detection.present & present::IDENTITY != 0 {
                self.present |= track_present::TRANSPONDER_REPLY;
            }
        }
    }
}

/// What detections told of one track besides its place.
///
/// In the order given: what every detection changes, and whether anything was ever claimed, stand in
/// the first 64 bytes, which are all that a frame without replies reads and writes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Description {
    /// SNR of the last detection \[dB\], NaN if absent.
    pub snr_db: f32,
    /// RCS of the last detection \[dBsm\], NaN if absent.
    pub rcs_dbsm: f32,
    /// Band of the last detection.
    pub range_band: u8,
    /// Who it is.
    pub identity: Identity,
    /// What was told of the kind of body; nothing where the settings have no types.
    pub type_evidence: ObjectTypeEvidence,
}

impl Description {
    /// Nothing was told.
    pub const UNKNOWN: Self = Self {
        snr_db: f32::NAN,
        rcs_dbsm: f32::NAN,
        range_band: range_band::UNSPECIFIED,
        identity: Identity::UNKNOWN,
        type_evidence: ObjectTypeEvidence::NONE,
    };

    /// Take over what a detection tells besides its position.
    pub fn learn(&mut self, detection: &Detection) {
        self.snr_db = detection.snr_db;
        self.rcs_dbsm = detection.rcs_dbsm;
        self.range_band = detection.range_band;
        self.identity.learn(detection);
    }

    /// Whether it is [`Description::UNKNOWN`], bit for bit.
    pub fn is_unknown(&self) -> bool {
        let absent = |number: f32| number.to_bits() == f32::NAN.to_bits();
        absent(self.snr_db)
            && absent(self.rcs_dbsm)
            && self.range_band == range_band::UNSPECIFIED
            && self.identity == Identity::UNKNOWN
            && self.type_evidence == ObjectTypeEvidence::NONE
    }
}

/// Which track it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// Running number, from 1.
    pub number: u64,
    /// UUID of (tracker, tracker epoch, number).
    pub track_id: [u8; 16],
    /// Time of the first detection \[ns\].
    pub birth_ns: i64,
}

impl Track {
    /// None: that of a slot which was never in use.
    pub const NONE: Self = Self { number: 0, track_id: [0; 16], birth_ns: 0 };
}
