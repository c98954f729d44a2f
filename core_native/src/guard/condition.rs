//! Whether a track meets a rule.

use crate::guard::closest_approach::ClosestApproach;
use crate::guard::document::CpaDocument;
use crate::guard::rules::GuardRule;
use crate::tracking::record::{TrackRecord, present, status};

impl GuardRule {
    /// Whether a track meets all but what the rule says of its closest approach. `widened` is for a
    /// track whose alert stands.
    pub fn is_met_by(&self, track: &TrackRecord, widened: bool) -> bool {
        let slack_m = if widened { self.hysteresis_m } else { 0.0 };
        let [low_m, high_m] = self.range_m;
        let has_replied = track.present & present::TRANSPONDER_REPLY != 0;
        matches!(track.status, status::TRACKED | status::COASTING)
            && has_bit(self.friend_foes, track.friend_foe)
            && has_bit(self.transponder_modes, track.transponder_mode)
            && self.transponder_on.is_none_or(|wanted| wanted == has_replied)
            && (low_m - slack_m..=high_m + slack_m).contains(&track.range_m)
            && track.quality >= self.min_quality
            && track.range_rate_m_s.abs() <= self.max_range_rate_m_s
    }

    /// Whether an approach is as near as the rule says; always where it says nothing of it.
    pub fn is_met_by_approach(&self, approach: Option<&ClosestApproach>, widened: bool) -> bool {
        let Some(CpaDocument { within_s, distance_m, probability }) = self.cpa else { return true };
        let Some(approach) = approach else { return false };
        if !(0.0..=within_s).contains(&approach.time_s) {
            return false;
        }
        let distance_m = distance_m + if widened { self.hysteresis_m } else { 0.0 };
        match probability {
            None => approach.distance_m <= distance_m,
            Some(least) => {
                approach.most_probability(distance_m) >= least
                    && approach.probability(distance_m) >= least
            }
        }
    }
}

/// Whether the bit of a number is set; that of a number beyond the last is not.
fn has_bit(bits: u8, number: u8) -> bool {
    bits.checked_shr(u32::from(number)).is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::transponder_mode;
    use crate::guard::rules::rule_of as rule;
    use crate::tracking::gaussian::Gaussian;
    use crate::tracking::record::friend_foe;

    const TRACK: TrackRecord = TrackRecord {
        status: status::TRACKED,
        friend_foe: friend_foe::UNKNOWN,
        range_m: 70.0,
        quality: 0.5,
        range_rate_m_s: -10.0,
        ..TrackRecord::EMPTY
    };

    #[test]
    fn limits_are_met_and_widen_while_the_alert_stands() {
        let near = rule(r#""min_range_m": 20, "max_range_m": 70, "hysteresis_m": 5"#);
        let at = |range_m| TrackRecord { range_m, ..TRACK };
        for (range_m, plain, widened) in [
            (70.0, true, true),
            (20.0, true, true),
            (75.0, false, true),
            (15.0, false, true),
            (75.1, false, false),
            (14.9, false, false),
            (f64::NAN, false, false),
        ] {
            let found = [false, true].map(|widened| near.is_met_by(&at(range_m), widened));
            assert_eq!(found, [plain, widened], "{range_m}");
        }
    }

    #[test]
    fn each_field_decides() {
        let any = |change: TrackRecord, entries: &str| rule(entries).is_met_by(&change, false);
        assert!(any(TRACK, r#""iff": "unknown""#));
        assert!(!any(TRACK, r#""iff": "foe""#));
        assert!(any(TRACK, r#""min_quality": 0.5"#));
        assert!(!any(TRACK, r#""min_quality": 0.51"#));
        assert!(any(TRACK, r#""max_radial_velocity_mps": 10"#));
        assert!(!any(TRACK, r#""max_radial_velocity_mps": 9.9"#));
        assert!(any(TRACK, r#""require_transponder_on": false"#));
        assert!(!any(TRACK, r#""require_transponder_on": true"#));
        let replied = TrackRecord { present: present::TRANSPONDER_REPLY, ..TRACK };
        assert!(any(replied, r#""require_transponder_on": true"#));
        let spoof = TrackRecord { transponder_mode: transponder_mode::SPOOF, ..TRACK };
        assert!(any(spoof, r#""allowed_transponder_modes": ["spoof"]"#));
        assert!(!any(TRACK, r#""allowed_transponder_modes": ["spoof"]"#));
        for (number, is_met) in [
            (status::NEW, false),
            (status::TRACKED, true),
            (status::LOST, false),
            (status::COASTING, true),
        ] {
            let track = TrackRecord { status: number, ..TRACK };
            assert_eq!(any(track, r#""min_range_m": 0"#), is_met, "{number}");
        }
    }

    #[test]
    fn an_approach_counts_ahead_within_its_time() {
        let at = |x_m: f64, y_m: f64| {
            let mean = [x_m, y_m, 0.0, 10.0, 0.0, 0.0];
            ClosestApproach::of(&Gaussian { mean, ..Gaussian::ZERO })
        };
        let near = rule(r#""hysteresis_m": 5, "cpa": {"within_s": 20, "distance_m": 50}"#);
        let met = |x_m, y_m, widened| near.is_met_by_approach(at(x_m, y_m).as_ref(), widened);
        assert!(met(-200.0, 50.0, false));
        assert!(!met(-200.0, 55.0, false) && met(-200.0, 55.0, true));
        assert!(!met(-201.0, 0.0, true), "too far ahead in time");
        assert!(met(0.0, 0.0, false) && !met(1.0, 0.0, true), "it has passed");
        assert!(!near.is_met_by_approach(None, true), "no approach at all");
        let sure = rule(r#""cpa": {"within_s": 20, "distance_m": 50, "probability": 0.5}"#);
        assert!(sure.is_met_by_approach(at(-200.0, 49.0).as_ref(), false));
        assert!(!sure.is_met_by_approach(at(-200.0, 51.0).as_ref(), false));
    }
}
