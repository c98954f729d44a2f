//! Two plots that exchange what was replied, as when an extractor gives replies to wrong echoes.

use crate::detection::{Detection, present};
use crate::numeric::wrap_360;
use crate::radar::transponder::reply::swap_replies;
use crate::radar::transponder::reply_rows::ReplyRows;
use crate::radar::transponder::reply_train::REPLY_LENGTH_M;

/// Exchange the replies of the two nearest plots that have one. `detections` stand by bearing.
///
/// Nearest by (Δr / L)² + (Δβ / θ)² with L the length of a reply, 3.04 km, and θ the beamwidth, and
/// only where both terms are below 1: where replies can be mistaken. Of equals the first in the frame.
pub fn swap_nearest(detections: &mut [Detection], beamwidth_deg: f64) {
    let replied = || {
        let plots = detections.iter().enumerate();
        plots.filter(|(_, plot)| plot.has(present::TRANSPONDER_REPLY))
    };
    let rows =
        ReplyRows::new(replied().map(|(index, plot)| (plot.range_m, plot.bearing_deg, index)));
    let mut nearest: Option<(f64, [usize; 2])> = None;
    for (one, a) in replied() {
        for other in rows.clockwise_of(a.range_m, a.bearing_deg, beamwidth_deg) {
            let b = &detections[other];
            let across = wrap_360(b.bearing_deg - a.bearing_deg) / beamwidth_deg;
            let along = ((b.range_m - a.range_m) / REPLY_LENGTH_M).abs();
            let distance = along * along + across * across;
            let candidate = (distance, [one, other]);
            let is_nearer = nearest.is_none_or(|so_far| candidate < so_far);
            if other != one && along < 1.0 && is_nearer {
                nearest = Some(candidate);
            }
        }
    }
    let Some((_, pair)) = nearest else { return };
    if let Ok([one, other]) = detections.get_disjoint_mut(pair) {
        swap_replies(one, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radar::transponder::reply::set_codes;

    fn plots(places: &[(f64, f64)]) -> Vec<Detection> {
        let plot = |(code, &(range_m, bearing_deg)): (u16, &(f64, f64))| {
            let mut plot = Detection::absent(0);
            plot.present = present::TRANSPONDER_REPLY;
            (plot.range_m, plot.bearing_deg) = (range_m, bearing_deg);
            set_codes(&mut plot, Some(code), None);
            plot
        };
        (0..).zip(places).map(plot).collect()
    }

    fn codes(plots: &[Detection]) -> Vec<u16> {
        plots.iter().map(|plot| plot.mode_3a).collect()
    }

    #[test]
    fn the_nearest_pair_exchanges_all() {
        let mut near = plots(&[(4000.0, 10.0), (4200.0, 10.5), (4100.0, 10.6)]);
        swap_nearest(&mut near, 2.0);
        assert_eq!(codes(&near), [0, 2, 1]);
    }

    #[test]
    fn of_equally_near_pairs_the_first_in_the_frame_exchanges() {
        // 3260 m is where one row of ranges ends.
        for middle_m in [3200.0, 4200.0] {
            let places = [(middle_m, 10.0), (middle_m + 100.0, 10.0), (middle_m - 100.0, 10.0)];
            let mut near = plots(&places);
            swap_nearest(&mut near, 2.0);
            assert_eq!(codes(&near), [1, 0, 2]);
        }
    }

    #[test]
    fn neighbours_past_north_are_near() {
        let mut near = plots(&[(4000.0, 0.1), (4100.0, 180.0), (4000.0, 359.9)]);
        swap_nearest(&mut near, 2.0);
        assert_eq!(codes(&near), [2, 1, 0]);
    }

    #[test]
    fn plots_apart_or_without_reply_keep_theirs() {
        let mut far = plots(&[(1000.0, 10.0), (4500.0, 10.0), (4500.0, 12.0)]);
        swap_nearest(&mut far, 2.0);
        assert_eq!(codes(&far), [0, 1, 2]);
        let mut silent = plots(&[(4000.0, 10.0), (4010.0, 10.0)]);
        silent[1].present = 0;
        swap_nearest(&mut silent, 2.0);
        assert_eq!(codes(&silent), [0, 1]);
    }
}
