//! Birth, confirmation, coasting and end: the M-of-N rule (Blackman and Popoli 1999, sec. 6.3).

use crate::simd::LANES;
use crate::tracking::config::TrackerConfig;
use crate::tracking::record::{NO_DETECTION, event, status};

/// Where a track stands in its life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
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
        history: 0,
        chances: 0,
        hit_count: 0,
        miss_count: 0,
        detection_index: NO_DETECTION,
        status: status::LOST,
        event: event::ENDED,
    };

    /// That of a track born by measurement `index`.
    pub const fn born(index: u32, config: &TrackerConfig) -> Self {
        Self {
            history: 1,
            chances: 1,
            hit_count: 1,
            miss_count: 0,
            detection_index: index,
            status: if config.confirm_hits == 1 { status::TRACKED } else { status::NEW },
            event: event::BORN,
        }
    }

    /// Not ended by the last frame or before.
    pub const fn goes_on(&self) -> bool {
        self.event != event::ENDED
    }

    /// Confirmed at some time and not ended.
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.status, status::TRACKED | status::COASTING)
    }

    /// Set what the next frame has not done yet.
    pub const fn begin_frame(&mut self) {
        self.event = event::NONE;
        self.detection_index = NO_DETECTION;
    }

    /// The track took detection `index`.
    pub fn hit(&mut self, index: u32, config: &TrackerConfig) {
        self.history = self.history << 1 | 1;
        self.chances = self.chances.saturating_add(1);
        self.hit_count = self.hit_count.saturating_add(1);
        self.miss_count = 0;
        self.detection_index = index;
        self.event = event::UPDATED;
        let recent = self.history & window(config);
        if self.is_confirmed() || recent.count_ones() >= config.confirm_hits {
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
            if self.miss_count >= config.delete_misses {
                self.end();
            }
        } else if !self.can_confirm(config) {
            self.end();
        }
    }

    /// End a track that was not detected for longer than the settings allow, seen or not.
    pub fn expire(&mut self, silent_ns: i64, config: &TrackerConfig) {
        if silent_ns as f64 * 1e-9 > config.max_coast_s {
            self.end();
        }
    }

    fn end(&mut self) {
        self.status = status::LOST;
        self.event = event::ENDED;
    }

    /// Whether hits at all the chances left in the window of the birth could still confirm.
    fn can_confirm(&self, config: &TrackerConfig) -> bool {
        let chances = self.chances.min(config.confirm_window);
        let hits = (self.history & window(config)).count_ones();
        let misses = chances - hits.min(chances);
        misses <= config.confirm_window - config.confirm_hits
    }
}

/// Quality of eight tracks: share of the chances in the window that were hits, 0 to 1; 0 for a track
/// that ended.
#[inline(always)]
pub fn qualities(lives: [Life; LANES], config: &TrackerConfig) -> [f64; LANES] {
    let (mut hits, mut chances) = ([0; LANES], [0; LANES]);
    for lane in 0..LANES {
        let lives_on = u32::from(lives[lane].status != status::LOST);
        hits[lane] = (lives[lane].history & window(config)).count_ones() * lives_on;
        chances[lane] = lives[lane].chances.clamp(1, config.confirm_window);
    }
    let mut qualities = [0.0; LANES];
    for lane in 0..LANES {
        qualities[lane] = f64::from(hits[lane]) / f64::from(chances[lane]);
    }
    qualities
}

const fn window(config: &TrackerConfig) -> u32 {
    if config.confirm_window >= 32 { u32::MAX } else { (1 << config.confirm_window) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(pattern: &str) -> Life {
        let config = TrackerConfig {
            confirm_hits: 3,
            confirm_window: 4,
            delete_misses: 2,
            ..TrackerConfig::default()
        };
        let mut life = Life::born(0, &config);
        for chance in pattern.chars() {
            if chance == '1' { life.hit(0, &config) } else { life.miss(&config) }
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
    fn quality_is_the_share_of_hits_in_the_window() {
        let config = TrackerConfig {
            confirm_hits: 3,
            confirm_window: 4,
            delete_misses: 2,
            ..TrackerConfig::default()
        };
        let lives = ["", "0", "1", "10", "101", "1101", "1100", "00"].map(live);
        let expected = [1.0, 0.5, 1.0, 2.0 / 3.0, 0.75, 0.75, 0.0, 0.0];
        assert_eq!(qualities(lives, &config), expected);
        assert_eq!(qualities([Life::ENDED; LANES], &config), [0.0; LANES]);
    }
}
