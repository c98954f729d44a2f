//! Replies to the interrogations of others (FRUIT: false replies unsynchronised in time).
//!
//! M. C. Stevens, "Secondary Surveillance Radar" (1988): such a reply comes from whatever transponder
//! another radar asks, at a time that has nothing to do with this one's interrogations, so that it
//! seems to come from any range. Their number is Poisson; bearing and range are even over the
//! interrogated volume; each is a reply in Mode A with any of the 4096 codes.

use crate::frame::Coverage;
use crate::numeric::{min, wrap_360};
use crate::radar::plot_record::Source;
use crate::radar::transponder::heard::{Answer, Heard, OpenReplies};
use crate::radar::transponder::reply_train::ReplyTrain;
use crate::random::poisson::poisson;
use crate::random::{Stream, uniform};

/// Draws of one radar.
#[derive(Clone, Debug)]
pub struct FruitDraws {
    /// How many a frame has.
    pub count: Stream,
    /// Where each comes from, its code, and in which of a frame's looks.
    pub each: Stream,
}

/// Least and largest range that FRUIT seems to come from \[m\]; none where nobody is asked.
pub fn ranges_m(coverage: &Coverage, reach_m: f64) -> Option<[f64; 2]> {
    let [near_m, far_m] = [coverage.min_range_m, min(coverage.max_range_m, reach_m)];
    (near_m < far_m).then_some([near_m, far_m])
}

/// Which share of a frame's looks lies before the one that the reply of this key belongs to.
pub fn look_share(draws: &FruitDraws, [number, frame]: [u64; 2]) -> f64 {
    uniform(u64::from(draws.each.words(number, frame)[3]))
}

/// Hear the FRUIT of a frame: `mean` replies up to `reach_m` in what the frame looks at.
pub fn hear(
    draws: &FruitDraws,
    frame: u64,
    mean: f64,
    (coverage, reach_m): (&Coverage, f64),
    heard: &mut Vec<Heard>,
) {
    let Some([near_m, far_m]) = ranges_m(coverage, reach_m) else {
        return;
    };
    heard.extend((0..poisson(&draws.count, frame, mean)).map(|number| {
        let words = draws.each.words(number, frame).map(u64::from);
        let range_m = near_m + (far_m - near_m) * uniform(words[0]);
        let into_deg = coverage.bearing_extent_deg * uniform(words[1]);
        let bearing_deg = wrap_360(coverage.bearing_start_deg + into_deg);
        let mode_a = Some(ReplyTrain::of_code((words[2] & 0o7777) as u16));
        Heard {
            source: Source::NOBODY,
            range_m,
            bearing_deg,
            measured: [range_m, bearing_deg],
            own_height_m: 0.0,
            time_ns: None,
            answer: Answer::Open(OpenReplies { mode_a, mode_c: None }),
            key: [number, frame],
        }
    }));
}
