//! Birth, confirmation, coasting and end: by the probability of existence, or by the M-of-N rule
//! (Blackman and Popoli 1999, sec. 6.3).

use crate::tracking::config::{ConfirmBy, TrackerConfig};
use crate::tracking::record::{NO_DETECTION, event, status};

/// Where a track stands in its life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// Probability that the track follows a target; see [`crate::tracking::existence`].
    pub existence: f64,
    /// Time of the last detection used \[ns\].
    pub detected_ns: i64,
    /// The last chances of detection, newest in the lowest bit; 1 is a hit.
    pub history: u32,
    /// Chances so far.
    pub chances: u32,
    /// Detections used.
    pub hit_count: u32,
    /// Misses since the last detection.
    pub miss_count: u32,
    /// Detection used by the last frame, or [`NO_DETECTION`].
    pub detection_index: u32,
    /// One of [`status`].
    pub status: u8,
    /// One of [`event`]: what the last frame did.
    pub event: u8,
}

impl Life {
    /// That of a slot without a track.
    pub const ENDED: Self = Self {
        existence: 0.0,
        detected_ns: 0,
        history: 0,
        chances: 0,
        hit_count: 0,
        miss_count: 0,
        detection_index: NO_DETECTION,
        status: status::LOST,
        event: event::ENDED,
    };

    /// That of a track born by measurement `index` at `time_ns`.
    pub fn born(index: u32, time_ns: i64, existence: f64, config: &TrackerConfig) -> Self {
        let mut life = Self {
            existence,
            detected_ns: time_ns,
            history: 1,
            chances: 1,
            hit_count: 1,
            miss_count: 0,
            detection_index: index,
            status: status::NEW,
            event: event::BORN,
        };
        if life.confirms(config) {
            life.status = status::TRACKED;
        }
        life
    }

    /// Not ended by the last frame or before.
    pub const fn goes_on(&self) -> bool {
        self.event != event::ENDED
    }

    /// Confirmed at some time and not ended.
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.status, status::TRACKED | status::COASTING)
    }

    /// Quality of the track: the probability that it follows a target, 0 once it has ended.
    pub const fn quality(&self) -> f64 {
        if self.status == status::LOST { 0.0 } else { self.existence }
    }

    /// Set what the next frame has not done yet, and the probability that it leaves.
    pub const fn begin_frame(&mut self, existence: f64) {
        self.existence = existence;
        self.event = event::NONE;
        self.detection_index = NO_DETECTION;
    }

    /// The track took detection `index`, or several of which none is surely its own, at `time_ns`.
    pub fn hit(&mut self, index: u32, time_ns: i64, config: &TrackerConfig) {
        self.detected_ns = time_ns;
        self.history = self.history << 1 | 1;
        self.chances = self.chances.saturating_add(1);
        self.hit_count = self.hit_count.saturating_add(1);
        self.miss_count = 0;
        self.detection_index = index;
        self.event = event::UPDATED;
        if self.is_confirmed() || self.confirms(config) {
            self.status = status::TRACKED;
        }
    }

    /// The frame looked where the track is and did not see it.
    pub fn miss(&mut self, config: &TrackerConfig) {
        self.history <<= 1;
        self.chances = self.chances.saturating_add(1);
        self.miss_count = self.miss_count.saturating_add(1);
        self.event = event::MISSED;
        if self.is_confirmed() {
            self.status = status::COASTING;
        }
        if self.is_refuted(config) {
            self.end();
        }
    }

    /// End a track that was not detected for longer than the settings allow, seen or not.
    pub fn expire(&mut self, now_ns: i64, config: &TrackerConfig) {
        if (now_ns - self.detected_ns) as f64 * 1e-9 > config.max_coast_s {
            self.end();
        }
    }

    fn end(&mut self) {
        self.status = status::LOST;
        self.event = event::ENDED;
    }

    /// Whether enough speaks for a target.
    fn confirms(&self, config: &TrackerConfig) -> bool {
        match config.confirm_by {
            ConfirmBy::Existence => self.existence >= config.confirm_existence,
            ConfirmBy::Hits => (self.history & window(config)).count_ones() >= config.confirm_hits,
        }
    }

    /// Whether a miss leaves too little that speaks for a target.
    fn is_refuted(&self, config: &TrackerConfig) -> bool {
        match config.confirm_by {
            ConfirmBy::Existence => self.existence < config.delete_existence,
            ConfirmBy::Hits if self.is_confirmed() => self.miss_count >= config.delete_misses,
            ConfirmBy::Hits => !self.can_confirm(config),
        }
    }

    /// Whether hits at all the chances left in the window of the birth could still confirm.
    fn can_confirm(&self, config: &TrackerConfig) -> bool {
        let chances = self.chances.min(config.confirm_window);
        let hits = (self.history & window(config)).count_ones();
        let misses = chances - hits.min(chances);
        misses <= config.confirm_window - config.confirm_hits
    }
}

const fn window(config: &TrackerConfig) -> u32 {
    if config.confirm_window >= 32 { u32::MAX } else { (1 << config.confirm_window) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_hits() -> TrackerConfig {
        TrackerConfig {
            confirm_by: ConfirmBy::Hits,
            confirm_hits: 3,
            confirm_window: 4,
            delete_misses: 2,
            ..TrackerConfig::default()
        }
    }

    fn live(pattern: &str) -> Life {
        let config = by_hits();
        let mut life = Life::born(0, 0, 0.1, &config);
        for chance in pattern.chars() {
            if chance == '1' { life.hit(0, 0, &config) } else { life.miss(&config) }
        }
        life
    }

    #[test]
    fn three_of_four_confirm() {
        assert_eq!(live("1").status, status::NEW);
        assert_eq!(live("11").status, status::TRACKED);
        assert_eq!(live("101").status, status::TRACKED);
        assert_eq!(live("011").status, status::TRACKED);
    }

    #[test]
    fn what_cannot_be_confirmed_ends() {
        assert_eq!(live("0").status, status::NEW);
        assert_eq!(live("00").status, status::LOST);
        assert_eq!(live("100").status, status::LOST);
    }

    #[test]
    fn a_confirmed_track_coasts_and_then_ends() {
        assert_eq!(live("110").status, status::COASTING);
        assert_eq!(live("1101").status, status::TRACKED);
        assert_eq!(live("1100").status, status::LOST);
    }

    #[test]
    fn one_detection_confirms_where_one_is_enough() {
        let config = TrackerConfig { confirm_hits: 1, confirm_window: 1, ..by_hits() };
        assert_eq!(Life::born(0, 0, 0.1, &config).status, status::TRACKED);
        let by_existence = TrackerConfig::default();
        assert_eq!(Life::born(0, 0, 0.96, &by_existence).status, status::TRACKED);
        assert_eq!(Life::born(0, 0, 0.94, &by_existence).status, status::NEW);
    }

    #[test]
    fn the_probability_of_existence_confirms_and_ends() {
        let config = TrackerConfig {
            confirm_existence: 0.9,
            delete_existence: 0.02,
            ..TrackerConfig::default()
        };
        let mut life = Life::born(0, 0, 0.1, &config);
        let mut frame = |existence: f64, hit: bool| {
            life.begin_frame(existence);
            if hit {
                life.hit(7, 0, &config)
            } else {
                life.miss(&config)
            }
            (life.status, life.quality())
        };
        assert_eq!(frame(0.89, true), (status::NEW, 0.89));
        assert_eq!(frame(0.9, true), (status::TRACKED, 0.9));
        assert_eq!(frame(0.3, false), (status::COASTING, 0.3));
        // A detection far out may leave less than what ends a track; only a miss ends it.
        assert_eq!(frame(0.01, true), (status::TRACKED, 0.01));
        assert_eq!(frame(0.02, false), (status::COASTING, 0.02));
        assert_eq!(frame(0.019, false), (status::LOST, 0.0));
    }
}
