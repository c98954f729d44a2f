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
