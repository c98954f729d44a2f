//! A guard: its rules and what it knows, frame by frame.

use crate::frame::FrameHeader;
use crate::geometry::{Polar, to_cartesian};
use crate::guard::alert::{AlertApproach, AlertKind, AlertRule, GuardAlert, GuardReport};
use crate::guard::closest_approach::ClosestApproach;
use crate::guard::document::GuardRuleDocument;
use crate::guard::rules::{GuardRule, GuardRules};
use crate::guard::watch_table::{Watch, WatchTable};
use crate::tracking::gaussian::Gaussian;
use crate::tracking::record::{TrackRecord, present, status};

/// Judges what is told of tracks.
pub struct Guards {
    pub(super) rules: GuardRules,
    pub(super) watches: WatchTable,
    /// The alerts of the last frame, their rules by place in the file.
    alerts: Vec<GuardAlert>,
    unwatched_count: u64,
}

/// What a frame told of a track, and the closest approach, which is worked out where a rule asks.
struct Judged<'a, S> {
    track: &'a TrackRecord,
    sensor_velocity_m_s: [f64; 3],
    state_of: &'a S,
    approach: Option<Option<ClosestApproach>>,
}

impl Guards {
    /// A guard that knows of no track.
    pub fn new(rules: GuardRules) -> Self {
        Self { rules, watches: WatchTable::new(), alerts: Vec::new(), unwatched_count: 0 }
    }

    /// The rules.
    pub const fn rules(&self) -> &GuardRules {
        &self.rules
    }

    /// Forget every track.
    pub fn forget(&mut self) {
        self.watches = WatchTable::new();
        self.begin();
    }

    /// Begin a frame: it has no alerts yet.
    pub fn begin(&mut self) {
        self.alerts.clear();
        self.unwatched_count = 0;
    }

    /// Judge what a frame of a sensor told of the tracks. `state_of` gives the state of a living track at
    /// the record's time.
    pub fn judge<S>(&mut self, header: &FrameHeader, tracks: &[TrackRecord], state_of: S)
    where
        S: Fn(&TrackRecord) -> Option<Gaussian>,
    {
        let is_judged = self.rules.judges(&header.sensor_id);
        for track in tracks {
            if track.status == status::LOST {
                self.end(track);
            } else if is_judged {
                self.judge_track(Judged {
                    track,
                    sensor_velocity_m_s: header.sensor_velocity_m_s,
                    state_of: &state_of,
                    approach: None,
                });
            }
        }
    }

    /// The alerts of the last frame; none where there is nothing to tell.
    pub fn report(&self) -> Option<GuardReport> {
        if self.alerts.is_empty() && self.unwatched_count == 0 {
            return None;
        }
        let mut report =
            GuardReport { unwatched_count: self.unwatched_count, ..GuardReport::default() };
        let texts = self.rules.texts();
        let mut places: Vec<u32> = self.alerts.iter().map(|alert| alert.rule).collect();
        places.sort_unstable();
        places.dedup();
        report.rules = places.iter().map(|&place| told_of(&texts[place as usize])).collect();
        report.alerts.extend(self.alerts.iter().map(|alert| {
            let rule = places.partition_point(|&place| place < alert.rule) as u32;
            GuardAlert { rule, ..*alert }
        }));
        Some(report)
    }

    /// Let the alerts of a track end with it.
    fn end(&mut self, track: &TrackRecord) {
        while let Some(&watch) = self.watches.of_track(track.number).first() {
            self.watches.remove(watch.track_number, watch.rule);
            if watch.is_standing {
                self.alerts.push(alert(track, &watch, AlertKind::Lost, None));
            }
        }
    }

    fn judge_track<S>(&mut self, mut judged: Judged<'_, S>)
    where
        S: Fn(&TrackRecord) -> Option<Gaussian>,
    {
        let (track, now_ns) = (judged.track, judged.track.time_ns);
        for (place, rule) in (0..).zip(self.rules.rules()) {
            let watches = self.watches.of_track(track.number);
            let known = watches.iter().find(|watch| watch.rule == place).copied();
            let is_met = judged.meets(rule, known.is_some_and(|watch| watch.is_standing));
            if !is_met && known.is_none() {
                continue;
            }
            let mut watch = known.unwrap_or(Watch::new(track.number, place));
            let told = watch.note(is_met, rule, now_ns);
            if watch.is_idle(rule, now_ns) {
                self.watches.remove(track.number, place);
            } else if !self.watches.put(watch) {
                self.unwatched_count += 1;
                continue;
            }
            if let Some(kind) = told {
                self.alerts.push(alert(track, &watch, kind, judged.told_approach(rule)));
            }
        }
    }
}

impl<S: Fn(&TrackRecord) -> Option<Gaussian>> Judged<'_, S> {
    fn meets(&mut self, rule: &GuardRule, widened: bool) -> bool {
        if !rule.is_met_by(self.track, widened) {
            return false;
        }
        let approach = if rule.cpa.is_some() { self.approach() } else { None };
        rule.is_met_by_approach(approach.as_ref(), widened)
    }

    /// The closest approach to the sensor.
    fn approach(&mut self) -> Option<ClosestApproach> {
        let Self { track, sensor_velocity_m_s, state_of, approach } = self;
        *approach.get_or_insert_with(|| {
            // As the sensor sees it, for which the record holds, whatever its place was taken to be.
            let mut relative = state_of(track)?;
            let [x, y, z] = to_cartesian(Polar {
                range_m: track.range_m,
                bearing_deg: track.bearing_deg,
                elevation_deg: track.elevation_deg,
            });
            let [vx, vy, vz] =
                [0, 1, 2].map(|axis| track.velocity_m_s[axis] - sensor_velocity_m_s[axis]);
            relative.mean = [x, y, z, vx, vy, vz];
            ClosestApproach::of(&relative)
        })
    }

    fn told_approach(&mut self, rule: &GuardRule) -> Option<AlertApproach> {
        let cpa = rule.cpa?;
        let approach = self.approach()?;
        Some(AlertApproach {
            time_s: approach.time_s,
            distance_m: approach.distance_m,
            probability: approach.probability(cpa.distance_m),
        })
    }
}

/// What is told of a watch.
fn alert(
    track: &TrackRecord,
    watch: &Watch,
    kind: AlertKind,
    approach: Option<AlertApproach>,
) -> GuardAlert {
    GuardAlert {
        rule: watch.rule,
        kind,
        track_id: track.track_id,
        track_number: track.number,
        time_ns: track.time_ns,
        since_ns: watch.met_since_ns.or(watch.raised_ns).unwrap_or(track.time_ns),
        range_m: track.range_m,
        bearing_deg: track.bearing_deg,
        elevation_deg: track.elevation_deg,
        range_rate_m_s: track.range_rate_m_s,
        quality: track.quality,
        friend_foe: track.friend_foe,
        transponder_on: track.present & present::TRANSPONDER_REPLY != 0,
        transponder_mode: track.transponder_mode,
        approach,
    }
}

/// What a rule says in its alerts.
fn told_of(rule: &GuardRuleDocument) -> AlertRule {
    AlertRule {
        id: rule.id.clone(),
        title: rule.title.clone(),
        description: rule.description.as_ref().unwrap_or(&rule.title).clone(),
        action_required: rule.action_required.clone().unwrap_or_default(),
        severity: rule.severity as u8,
        fsm_event: rule.fsm_event.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Coverage;
    use crate::guard::watch_table::{MAX_ALERTS, MAX_WATCHES};

    const HEADER: FrameHeader = FrameHeader {
        sensor_id: [1; 16],
        epoch: 0,
        number: 0,
        time_ns: 0,
        range_band: 0,
        coverage: Coverage::sphere(1e6),
        sensor_position_m: [0.0; 3],
        sensor_velocity_m_s: [0.0; 3],
    };

    fn guards(sensor_ids: &str, rules: &str) -> Guards {
        let text =
            format!(r#"{{"schema_version": 1, "sensor_ids": [{sensor_ids}], "rules": [{rules}]}}"#);
        Guards::new(GuardRules::from_json(&text).expect("rules"))
    }

    fn track(number: u64, status: u8, range_m: f64) -> TrackRecord {
        TrackRecord { number, status, range_m, ..TrackRecord::EMPTY }
    }

    /// What a frame tells of tracks without a state.
    fn told(guards: &mut Guards, tracks: &[TrackRecord]) -> Option<GuardReport> {
        guards.begin();
        guards.judge(&HEADER, tracks, |_| None);
        guards.report()
    }

    fn kinds(report: Option<GuardReport>) -> Vec<(u64, AlertKind)> {
        let alerts = report.map_or_else(Vec::new, |report| report.alerts);
        alerts.iter().map(|alert| (alert.track_number, alert.kind)).collect()
    }

    const NEAR: &str = r#"{"id": "NEAR", "title": "Near", "severity": "info", "max_range_m": 70}"#;
    const FAR: &str = r#"{"id": "FAR", "title": "Far", "severity": "warning",
        "description": "Too far.", "min_range_m": 1000}"#;

    #[test]
    fn an_alert_ends_with_its_track() {
        let mut guards = guards("", NEAR);
        let alive = [track(4, status::TRACKED, 60.0), track(5, status::TRACKED, 90.0)];
        assert_eq!(kinds(told(&mut guards, &alive)), [(4, AlertKind::Raised)]);
        assert_eq!(told(&mut guards, &alive), None);
        let ended = [track(4, status::LOST, 60.0), track(5, status::LOST, 90.0)];
        assert_eq!(kinds(told(&mut guards, &ended)), [(4, AlertKind::Lost)]);
        assert!(guards.watches.all().is_empty());
    }

    #[test]
    fn a_report_has_the_rules_that_tell_something() {
        let mut guards = guards("", &format!("{NEAR}, {FAR}"));
        let report = told(&mut guards, &[track(4, status::COASTING, 2000.0)]).expect("an alert");
        assert_eq!((report.rules.len(), report.alerts[0].rule), (1, 0));
        let rule = &report.rules[0];
        assert_eq!((rule.id.as_str(), rule.description.as_str()), ("FAR", "Too far."));
        assert_eq!((rule.severity, rule.fsm_event.as_str()), (2, ""));
    }

    #[test]
    fn a_sensor_elsewhere_ends_alerts_and_raises_none() {
        let elsewhere = r#""00000000-0000-0000-0000-000000000007""#;
        let mut guards = guards(elsewhere, NEAR);
        assert_eq!(told(&mut guards, &[track(4, status::TRACKED, 60.0)]), None);
        guards.watches.put(Watch { is_standing: true, met_since_ns: Some(0), ..Watch::new(4, 0) });
        assert_eq!(told(&mut guards, &[track(4, status::TRACKED, 90.0)]), None);
        let ended = told(&mut guards, &[track(4, status::LOST, 90.0)]);
        assert_eq!(kinds(ended), [(4, AlertKind::Lost)]);
    }

    #[test]
    fn pairs_without_room_are_counted() {
        let mut guards = guards("", NEAR);
        let count = MAX_WATCHES as u64 + 10;
        let tracks: Vec<_> = (1..=count).map(|it| track(it, status::TRACKED, 60.0)).collect();
        let report = told(&mut guards, &tracks).expect("alerts");
        assert_eq!((report.alerts.len(), report.unwatched_count), (MAX_WATCHES, 10));
        // Once there is room they are told.
        let ended: Vec<_> = (1..=20).map(|it| track(it, status::LOST, 60.0)).collect();
        told(&mut guards, &ended);
        let report = told(&mut guards, &tracks[20..]).expect("alerts");
        assert_eq!((report.alerts.len(), report.unwatched_count), (10, 0));
    }

    #[test]
    fn a_frame_may_end_a_full_table_and_fill_it_again() {
        let mut guards = guards("", NEAR);
        let near = |numbers: std::ops::Range<u64>, status| {
            numbers.map(move |it| track(it, status, 60.0)).collect::<Vec<_>>()
        };
        let count = MAX_WATCHES as u64;
        told(&mut guards, &near(1..count + 1, status::TRACKED)).expect("alerts");
        let mut tracks = near(1..count + 1, status::LOST);
        tracks.extend(near(count + 1..2 * count + 1, status::TRACKED));
        let report = told(&mut guards, &tracks).expect("alerts");
        assert_eq!((report.alerts.len(), report.unwatched_count), (MAX_ALERTS, 0));
        crate::wire::guard_message::check(&report).expect("within the message's limits");
    }

    #[test]
    fn an_approach_is_that_to_the_moving_sensor() {
        let rule = r#"{"id": "CPA", "title": "c", "severity": "info",
            "cpa": {"within_s": 60, "distance_m": 50}}"#;
        let mut guards = guards("", rule);
        // 1000 m to the north and on the same course, 20 m/s slower.
        let ahead =
            TrackRecord { velocity_m_s: [5.0, 0.0, 0.0], ..track(4, status::TRACKED, 1000.0) };
        let header = FrameHeader { sensor_velocity_m_s: [5.0, 20.0, 0.0], ..HEADER };
        guards.judge(&header, &[ahead], |_| Some(Gaussian::ZERO));
        let approach = guards.report().expect("an alert").alerts[0].approach.expect("there is one");
        assert_eq!((approach.time_s, approach.distance_m), (50.0, 0.0));
        assert!((approach.probability - 1.0).abs() < 2e-6);
    }
}
