//! What a guard tells of a frame.

/// What became of a rule and a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AlertKind {
    /// The track meets the rule: the alert stands from now on.
    Raised = 1,
    /// It does not meet it any more.
    Cleared = 2,
    /// It has ended, and the alert with it.
    Lost = 3,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Raised, Self::Cleared, Self::Lost];

    /// The kind in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Cleared => "cleared",
            Self::Lost => "lost",
        }
    }
}

/// An alert or its end, and the track as the frame told of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardAlert {
    /// Which rule, by its place in [`GuardReport::rules`].
    pub rule: u32,
    /// What became of it.
    pub kind: AlertKind,
    /// UUID of the track.
    pub track_id: [u8; 16],
    /// Number of the track.
    pub track_number: u64,
    /// Time that the track was told for \[ns\].
    pub time_ns: i64,
    /// Since when the track has met the rule; of one that does so no more, when the alert was raised
    /// \[ns\].
    pub since_ns: i64,
    /// Slant range \[m\].
    pub range_m: f64,
    /// Bearing \[deg\].
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    pub elevation_deg: f64,
    /// Range rate \[m/s\].
    pub range_rate_m_s: f64,
    /// Quality of the track, 0 to 1.
    pub quality: f64,
    /// One of [`crate::tracking::record::friend_foe`].
    pub friend_foe: u8,
    /// Whether a transponder replied at the last short-range detection.
    pub transponder_on: bool,
    /// One of [`crate::detection::transponder_mode`].
    pub transponder_mode: u8,
    /// Its closest approach, where the rule asks for it and there is one.
    pub approach: Option<AlertApproach>,
}

/// The closest approach that an alert tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlertApproach {
    /// From the alert's time to the approach \[s\]; negative when it has passed.
    pub time_s: f64,
    /// Distance then \[m\].
    pub distance_m: f64,
    /// Probability that it is at most the rule's.
    pub probability: f64,
}

/// What a rule says in the alerts by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRule {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// The message.
    pub description: String,
    /// What is to be done; empty where the rule does not say.
    pub action_required: String,
    /// 1 info, 2 warning, 3 critical.
    pub severity: u8,
    /// Event that the agent's state machine gets; empty where there is none.
    pub fsm_event: String,
}

/// The alerts of a frame with the rules that they are by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardReport {
    /// Rules that have an alert here.
    pub rules: Vec<AlertRule>,
    /// The alerts, in the order of the tracks, then of the rules.
    pub alerts: Vec<GuardAlert>,
    /// Pairs of a track and a rule that it met for which there was no room.
    pub unwatched_count: u64,
}
