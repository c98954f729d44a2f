//! Where the window ends, and that a late frame at its end changes no number.

use std::collections::BTreeSet;

use qiki_core::detection::Detection;
use qiki_core::frame::{Coverage, Frame};
use qiki_core::late_frames::window::{MAX_BYTES, MAX_FRAMES};
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::wire::tracks_message::Verdict;

use crate::frames::{PERIOD_NS, answer, config, frame, frame_tracker, plot, snapshot};

#[test]
fn the_window_has_limits() {
    let config = TrackerConfig { late_window_s: 60.0, ..config() };
    let mut tracker = frame_tracker(&config);
    let at = |number: u64, count: usize| {
        let time_ns = number as i64 * 1_000_000;
        let plots = (0..count).map(|index| plot(time_ns, 5000.0, index as f64 * 1e-3));
        frame(1, number, time_ns, plots.collect())
    };
    for number in 0..3 * MAX_FRAMES as u64 {
        assert_eq!(answer(&mut tracker, &at(2 * number, 1)).0, Verdict::Accepted);
    }
    let newest = 6 * MAX_FRAMES as u64 - 2;
    // Parts leave as a whole: at least seven eighths of the frames stay.
    let stay = 2 * (MAX_FRAMES as u64 * 7 / 8 - 1);
    assert_eq!(answer(&mut tracker, &at(newest - stay + 1, 0)).0, Verdict::Accepted);
    assert_eq!(answer(&mut tracker, &at(newest - 2 * MAX_FRAMES as u64 - 1, 0)).0, Verdict::Late);
    // Detections fill it too.
    let large = 10_000;
    let frames = (MAX_BYTES / size_of::<Detection>() / large) as u64;
    for number in 0..2 * frames {
        let mut frame = at(newest + 2 * number + 2, large);
        frame.header.coverage = Coverage::sphere(10.0);
        for (index, plot) in frame.detections.iter_mut().enumerate() {
            plot.bearing_deg = index as f64 * 0.036;
            plot.range_m = 50_000.0;
        }
        answer(&mut tracker, &frame);
    }
    let bytes = snapshot(&tracker).len();
    assert!(bytes < 2 * MAX_BYTES, "{bytes}");
    let newest = newest + 4 * frames;
    assert_eq!(answer(&mut tracker, &at(newest - 2 * frames - 3, 0)).0, Verdict::Late);
    let late = empty_frame(0, (newest - 1) as i64 * 1_000_000);
    let (verdict, reason, records) = answer(&mut tracker, &late);
    assert_eq!((verdict, records.len()), (Verdict::Accepted, 0), "{reason}");
}

/// A late frame that searched nothing: it can change no track.
fn empty_frame(number: u64, time_ns: i64) -> Frame {
    let mut late = frame(2, number, time_ns, Vec::new());
    late.header.coverage = Coverage::EMPTY;
    late
}

#[test]
fn a_late_frame_at_the_edge_of_the_window_changes_no_number() {
    let config = TrackerConfig { late_window_s: 1.0, ..config() };
    let mut tracker = frame_tracker(&config);
    let mut seen = BTreeSet::new();
    for number in 0..60 {
        let time_ns = number * PERIOD_NS;
        let mut plots = vec![plot(time_ns, 5000.0, 10.0)];
        if number >= 20 {
            plots.push(plot(time_ns, 9000.0, 100.0));
        }
        let (_, _, records) = answer(&mut tracker, &frame(1, number as u64, time_ns, plots));
        seen.extend(records.iter().map(|record| record.number));
        if number >= 10 {
            let late = empty_frame(number as u64, time_ns - 10 * PERIOD_NS);
            let (verdict, reason, records) = answer(&mut tracker, &late);
            assert_eq!((verdict, records.len()), (Verdict::Accepted, 0), "{number}: {reason}");
        }
    }
    assert!(seen.into_iter().eq([1, 2]));
}

#[test]
fn a_late_frame_that_fills_the_window_changes_no_number() {
    let config = TrackerConfig { late_window_s: 60.0, ..config() };
    let mut tracker = frame_tracker(&config);
    let period_ns = 2_000_000;
    for number in 0..MAX_FRAMES as i64 {
        let time_ns = number * period_ns;
        let plots = if number < 500 { vec![] } else { vec![plot(time_ns, 5000.0, 10.0)] };
        answer(&mut tracker, &frame(1, number as u64, time_ns, plots));
    }
    let late = empty_frame(0, (MAX_FRAMES as i64 - 24) * period_ns + 1);
    let (verdict, reason, records) = answer(&mut tracker, &late);
    assert_eq!((verdict, records.len()), (Verdict::Accepted, 0), "{reason}");
}
