//! Birth, confirmation, coasting and end: the M-of-N rule (Blackman and Popoli 1999, sec. 6.3).

use crate::tracking::config::TrackerConfig;
use crate::tracking::record::{event, status};
use crate::tracking::track::Track;

/// The track took a detection.
pub fn hit(track: &mut Track, config: &TrackerConfig) {
    track.history = track.history << 1 | 1;
    track.chances = track.chances.saturating_add(1);
    track.hit_count = track.hit_count.saturating_add(1);
    track.miss_count = 0;
    track.event = event::UPDATED;
    let recent = track.history & window(config);
    if track.is_confirmed() || recent.count_ones() >= config.confirm_hits {
        track.status = status::TRACKED;
    }
}

/// The frame looked where the track is and did not see it.
pub fn miss(track: &mut Track, config: &TrackerConfig) {
    track.history <<= 1;
    track.chances = track.chances.saturating_add(1);
    track.miss_count = track.miss_count.saturating_add(1);
    track.event = event::MISSED;
    if track.is_confirmed() {
        track.status = status::COASTING;
        if track.miss_count >= config.delete_misses {
            end(track);
        }
    } else if !can_confirm(track, config) {
        end(track);
    }
}

/// End a track that was not detected for longer than the settings allow, seen or not.
pub fn expire(track: &mut Track, frame_time_ns: i64, config: &TrackerConfig) {
    let silent_s = (frame_time_ns - track.time_ns) as f64 * 1e-9;
    if silent_s > config.max_coast_s {
        end(track);
    }
}

/// Share of the chances in the window that were hits, 0 to 1.
pub fn quality(track: &Track, config: &TrackerConfig) -> f64 {
    let chances = track.chances.min(config.confirm_window);
    let hits = (track.history & window(config)).count_ones();
    f64::from(hits) / f64::from(chances.max(1))
}

fn end(track: &mut Track) {
    track.status = status::LOST;
    track.event = event::ENDED;
}

const fn window(config: &TrackerConfig) -> u32 {
    if config.confirm_window >= 32 { u32::MAX } else { (1 << config.confirm_window) - 1 }
}

/// Whether hits at all the chances left in the window of the birth could still confirm.
fn can_confirm(track: &Track, config: &TrackerConfig) -> bool {
    let chances = track.chances.min(config.confirm_window);
    let hits = (track.history & window(config)).count_ones();
    let misses = chances - hits.min(chances);
    misses <= config.confirm_window - config.confirm_hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::gaussian::Gaussian;

    fn live(pattern: &str) -> Track {
        let config = TrackerConfig {
            confirm_hits: 3,
            confirm_window: 4,
            delete_misses: 2,
            ..TrackerConfig::default()
        };
        let mut track = Track::new(1, [0; 16], Gaussian::ZERO, 0, 0);
        for chance in pattern.chars() {
            if chance == '1' { hit(&mut track, &config) } else { miss(&mut track, &config) }
        }
        track
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
}
