//! `qiki.tracking.GuardAlert`: an alert of a tracks message.

use pyo3::prelude::*;
use qiki_core::frame::format_uuid;
use qiki_core::guard::alert::{AlertRule, GuardAlert as CoreAlert, GuardReport};

/// An alert of a guard rule or its end, and the track as the frame told of it.
#[pyclass(frozen, get_all, module = "qiki.tracking")]
pub struct GuardAlert {
    /// ``"raised"``: the track meets the rule, the alert stands from now on; ``"cleared"``: it does not meet
    /// it any more; ``"lost"``: the track has ended.
    kind: &'static str,
    /// Name of the rule.
    rule_id: String,
    /// What the rule is about.
    title: String,
    /// The rule's message.
    description: String,
    /// What is to be done; empty where the rule does not say.
    action_required: String,
    /// ``"info"``, ``"warning"`` or ``"critical"``.
    severity: &'static str,
    /// Event that the agent's state machine gets; empty where there is none.
    fsm_event: String,
    /// UUID of the track.
    track_id: String,
    /// Number of the track.
    track_number: u64,
    /// Time that the track was told for [ns].
    time_ns: i64,
    /// Since when the track has met the rule; of one cleared, when its alert was raised [ns].
    since_ns: i64,
    /// Slant range [m].
    range_m: f64,
    /// Bearing [deg].
    bearing_deg: f64,
    /// Elevation [deg].
    elevation_deg: f64,
    /// Range rate [m/s], negative when approaching.
    range_rate_m_s: f64,
    /// Quality of the track, 0 to 1.
    quality: f64,
    /// Number of `FriendFoe`.
    friend_foe: u8,
    /// Whether a transponder replied at the last short-range detection.
    transponder_on: bool,
    /// Number of `qiki.radar.TransponderMode`.
    transponder_mode: u8,
    /// From `time_ns` to the closest approach, negative when it has passed [s]; None where the rule does
    /// not ask for it, or there is none.
    approach_time_s: Option<f64>,
    /// Distance then [m].
    approach_distance_m: Option<f64>,
    /// Probability that it is at most the rule's.
    approach_probability: Option<f64>,
}

impl GuardAlert {
    /// The alerts of a message.
    pub fn of_report(report: &GuardReport) -> impl Iterator<Item = Self> + '_ {
        let rule_of = |alert: &CoreAlert| &report.rules[alert.rule as usize];
        report.alerts.iter().map(move |alert| Self::new(alert, rule_of(alert)))
    }

    fn new(alert: &CoreAlert, rule: &AlertRule) -> Self {
        Self {
            kind: alert.kind.as_str(),
            rule_id: rule.id.clone(),
            title: rule.title.clone(),
            description: rule.description.clone(),
            action_required: rule.action_required.clone(),
            severity: severity_of(rule.severity),
            fsm_event: rule.fsm_event.clone(),
            track_id: format_uuid(&alert.track_id),
            track_number: alert.track_number,
            time_ns: alert.time_ns,
            since_ns: alert.since_ns,
            range_m: alert.range_m,
            bearing_deg: alert.bearing_deg,
            elevation_deg: alert.elevation_deg,
            range_rate_m_s: alert.range_rate_m_s,
            quality: alert.quality,
            friend_foe: alert.friend_foe,
            transponder_on: alert.transponder_on,
            transponder_mode: alert.transponder_mode,
            approach_time_s: alert.approach.map(|it| it.time_s),
            approach_distance_m: alert.approach.map(|it| it.distance_m),
            approach_probability: alert.approach.map(|it| it.probability),
        }
    }
}

#[pymethods]
impl GuardAlert {
    fn __repr__(&self) -> String {
        let Self { kind, rule_id, track_number, time_ns, range_m, .. } = self;
        format!(
            "GuardAlert({rule_id} {kind}, track_number={track_number}, time_ns={time_ns}, \
             range_m={range_m})"
        )
    }
}

/// The word of a severity that the decoder has checked.
const fn severity_of(number: u8) -> &'static str {
    match number {
        1 => "info",
        2 => "warning",
        _ => "critical",
    }
}
