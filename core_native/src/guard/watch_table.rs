//! What the guard knows of tracks and rules: since when a track has met a rule, and its alert.

use crate::guard::alert::AlertKind;
use crate::guard::rules::GuardRule;

/// Most pairs of a track and a rule that are watched at a time.
pub const MAX_WATCHES: usize = 4096;

/// Alerts of one frame at most: a full table ends, and fills again in the room that this made.
pub const MAX_ALERTS: usize = 2 * MAX_WATCHES;

/// One track and one rule that it meets, or met when its last alert was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Number of the track.
    pub track_number: u64,
    /// Place of the rule in its file.
    pub rule: u32,
    /// Whether its alert stands.
    pub is_standing: bool,
    /// Since when the track has met the rule \[ns\].
    pub met_since_ns: Option<i64>,
    /// When its last alert was raised \[ns\].
    pub raised_ns: Option<i64>,
}

impl Watch {
    /// Of a track that has not met the rule yet.
    pub const fn new(track_number: u64, rule: u32) -> Self {
        Self { track_number, rule, is_standing: false, met_since_ns: None, raised_ns: None }
    }

    /// Take note of whether the track meets the rule now, and tell what that changes.
    pub fn note(&mut self, is_met: bool, rule: &GuardRule, now_ns: i64) -> Option<AlertKind> {
        if !is_met {
            self.met_since_ns = None;
            return std::mem::take(&mut self.is_standing).then_some(AlertKind::Cleared);
        }
        let since_ns = *self.met_since_ns.get_or_insert(now_ns);
        let has_lasted = now_ns - since_ns >= rule.min_duration_ns;
        if self.is_standing || !has_lasted || self.is_cooling(rule, now_ns) {
            return None;
        }
        self.is_standing = true;
        self.raised_ns = Some(now_ns);
        Some(AlertKind::Raised)
    }

    /// Whether there is nothing to remember.
    pub fn is_idle(&self, rule: &GuardRule, now_ns: i64) -> bool {
        self.met_since_ns.is_none() && !self.is_cooling(rule, now_ns)
    }

    fn is_cooling(&self, rule: &GuardRule, now_ns: i64) -> bool {
        self.raised_ns.is_some_and(|raised_ns| now_ns - raised_ns < rule.cooldown_ns)
    }

    const fn key(&self) -> (u64, u32) {
        (self.track_number, self.rule)
    }
}

/// The watches, by track and rule; their memory is taken once.
#[derive(Clone, Debug)]
pub struct WatchTable(Vec<Watch>);

impl WatchTable {
    /// No watch, room for all.
    pub fn new() -> Self {
        Self(Vec::with_capacity(MAX_WATCHES))
    }

    /// Those of a track, by rule.
    pub fn of_track(&self, number: u64) -> &[Watch] {
        let first = self.0.partition_point(|watch| watch.track_number < number);
        let count = self.0[first..].iter().take_while(|watch| watch.track_number == number).count();
        &self.0[first..first + count]
    }

    /// Keep a watch in the place of the one of its track and rule; false where there is no room.
    pub fn put(&mut self, watch: Watch) -> bool {
        match self.0.binary_search_by_key(&watch.key(), Watch::key) {
            Ok(at) => self.0[at] = watch,
            Err(_) if self.0.len() >= MAX_WATCHES => return false,
            Err(at) => self.0.insert(at, watch),
        }
        true
    }

    /// Forget the one of a track and a rule.
    pub fn remove(&mut self, track_number: u64, rule: u32) {
        if let Ok(at) = self.0.binary_search_by_key(&(track_number, rule), Watch::key) {
            self.0.remove(at);
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Watch] {
        &self.0
    }
}

impl Default for WatchTable {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::rules::rule_of;
    use AlertKind::{Cleared, Raised};

    /// What is told of a track that meets the rule where the word has a `+`, second by second.
    fn told(entries: &str, word: &str) -> Vec<Option<AlertKind>> {
        let (rule, mut watch) = (rule_of(entries), Watch::new(1, 0));
        let seconds = word.chars().zip(0..);
        let note =
            |(mark, second): (char, i64)| watch.note(mark == '+', &rule, second * 1_000_000_000);
        seconds.map(note).collect()
    }

    #[test]
    fn an_alert_is_told_once_while_it_stands() {
        let none = r#""min_range_m": 0"#;
        assert_eq!(told(none, "-++-+"), [None, Some(Raised), None, Some(Cleared), Some(Raised)]);
    }

    #[test]
    fn the_duration_must_hold_without_a_break() {
        let expected = [None, None, None, None, None, Some(Raised), None, Some(Cleared)];
        assert_eq!(told(r#""min_duration_s": 2"#, "++-++++-"), expected);
    }

    #[test]
    fn an_alert_waits_until_the_last_one_has_cooled_down() {
        let expected = [Some(Raised), Some(Cleared), None, None, None, Some(Raised)];
        assert_eq!(told(r#""cooldown_s": 5"#, "+-++++"), expected);
        // One that went on meanwhile is not told again.
        let expected = [Some(Raised), None, None, None, None, None, None, Some(Cleared)];
        assert_eq!(told(r#""cooldown_s": 5"#, "+++++++-"), expected);
    }

    #[test]
    fn a_watch_is_idle_once_nothing_of_it_matters() {
        let (rule, mut watch) = (rule_of(r#""cooldown_s": 5"#), Watch::new(1, 0));
        assert!(watch.is_idle(&rule, 0));
        watch.note(true, &rule, 0);
        assert!(!watch.is_idle(&rule, i64::from(u32::MAX) * 10));
        watch.note(false, &rule, 1_000_000_000);
        assert!(!watch.is_idle(&rule, 4_999_999_999) && watch.is_idle(&rule, 5_000_000_000));
    }

    #[test]
    fn the_table_keeps_order_and_refuses_what_has_no_room() {
        let mut table = WatchTable::new();
        for (number, rule) in [(7, 1), (3, 0), (7, 0), (5, 2)] {
            assert!(table.put(Watch::new(number, rule)));
        }
        assert!(table.all().is_sorted_by_key(Watch::key));
        assert!(table.of_track(7).iter().map(|watch| watch.rule).eq([0, 1]));
        assert!(table.of_track(4).is_empty());
        table.remove(7, 0);
        table.remove(7, 9);
        assert_eq!(table.of_track(7).len(), 1);
        for number in 100..100 + MAX_WATCHES as u64 {
            table.put(Watch::new(number, 0));
        }
        assert_eq!(table.all().len(), MAX_WATCHES);
        assert!(!table.put(Watch::new(1, 0)));
        assert!(table.put(Watch { is_standing: true, ..Watch::new(5, 2) }), "it is in there");
    }
}
