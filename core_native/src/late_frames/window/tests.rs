//! What must hold of the window after every frame, late ones included.

use super::*;
use crate::detection::present;
use crate::error::Error;
use crate::frame::Coverage;
use crate::late_frames::ordered_tracker::OrderedTracker;
use crate::simd::SimdLevel;
use crate::tracking::config::TrackerConfig;
use crate::tracking::tracker::TrackerName;

const SPAN_NS: i64 = 1_000_000_000;

fn tracker() -> OrderedTracker {
    tracker_of(TrackerConfig::default())
}

fn tracker_of(config: TrackerConfig) -> OrderedTracker {
    let config = TrackerConfig { late_window_s: 1.0, ..config };
    let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
    let tracker = Tracker::new(config, name, SimdLevel::Baseline);
    OrderedTracker::new(tracker.expect("valid settings"))
}

/// Use a frame that searched no place where a track is.
fn give(
    tracker: &mut OrderedTracker,
    number: u64,
    time_ns: i64,
    mut plots: Vec<Detection>,
) -> Result<()> {
    let header = FrameHeader {
        sensor_id: [1; 16],
        epoch: 1,
        number,
        time_ns,
        range_band: 0,
        coverage: Coverage::sphere(10.0),
        sensor_position_m: [0.0; 3],
        sensor_velocity_m_s: [0.0; 3],
    };
    tracker.use_frame(&header, None, &mut plots, &mut Vec::new())
}

/// Use a frame and require what must hold after each.
fn use_frame(tracker: &mut OrderedTracker, number: u64, time_ns: i64, plots: Vec<Detection>) {
    give(tracker, number, time_ns, plots).expect("a frame");
    check(&tracker.window, tracker.tracker.newest_ns().expect("a frame was used"));
}

/// As many plots all around, far from each other, at the same places each time.
fn plots(count: usize, time_ns: i64) -> Vec<Detection> {
    let mut plot = Detection::absent(time_ns);
    (plot.range_std_m, plot.bearing_std_deg) = (10.0, 0.1);
    plot.present = present::RANGE | present::BEARING;
    let at = |index: usize| {
        let bearing_deg = 360.0 * index as f64 / count as f64;
        Detection { bearing_deg, range_m: 5000.0 + 300.0 * (index % 40) as f64, ..plot }
    };
    (0..count).map(at).collect()
}

/// Whether a part that begins at a state of a time is full with these frames.
fn is_full(known_ns: Option<i64>, frames: &[&UsedFrame]) -> bool {
    let bytes: usize = frames.iter().map(|used| used.detections.len() * 128).sum();
    let Some(last) = frames.last() else { return false };
    let is_long = known_ns.is_none_or(|known_ns| last.header.time_ns - known_ns >= SPAN_NS / 8);
    frames.len() >= 128 || bytes >= 12 * 1024 * 1024 / 8 || (is_long && frames.len() >= 4)
}

fn check(window: &LateWindow, newest_ns: i64) {
    let LateWindow { frames, marks, renewed, spare_frames, byte_count, room, .. } = window;
    let frames: Vec<&UsedFrame> = frames.iter().collect();
    assert!(frames.is_sorted_by_key(|used| used.header.time_ns) && renewed.is_empty());
    let bytes: usize = frames.iter().map(|used| used.detections.len() * 128).sum();
    assert_eq!((*byte_count, frames.iter().map(|used| used.byte_count()).sum()), (bytes, bytes));
    let rooms = |used: &UsedFrame| used.detections.capacity() * 128;
    let spare: usize = spare_frames.iter().map(rooms).sum();
    assert_eq!(*room, frames.iter().map(|used| rooms(used)).sum::<usize>() + spare);
    assert!(spare <= 2 * MAX_BYTES, "{spare}");
    assert!(frames.len() <= MAX_FRAMES && bytes <= MAX_BYTES);
    assert_eq!(marks[0].frame_count, 0);
    for at in 0..marks.len() {
        let (begin, end) = (marks[at].frame_count, marks.get(at + 1).map(|mark| mark.frame_count));
        let part = &frames[begin..end.unwrap_or(frames.len())];
        let known_ns = marks[at].state.newest_ns();
        let before = begin.checked_sub(1).map(|last| frames[last].header.time_ns);
        assert!(before.is_none() || before == known_ns, "mark {at}");
        // It ends with the first frame that fills it; the last one is not full yet.
        let full: Vec<_> = (0..=part.len()).filter(|&n| is_full(known_ns, &part[..n])).collect();
        assert_eq!(full.first().copied(), end.map(|_| part.len()), "mark {at}");
    }
    // The first part is still needed, and nothing before it was.
    let second_ns = marks.get(1).and_then(|mark| mark.state.newest_ns());
    assert!(second_ns.is_none_or(|known_ns| known_ns > newest_ns - SPAN_NS));
    let is_on = |frames: usize, bytes: usize| frames > MAX_FRAMES * 7 / 8 || bytes > MAX_BYTES / 2;
    let first_ns = marks[0].state.newest_ns();
    let whole = first_ns.is_none_or(|known_ns| known_ns <= newest_ns - SPAN_NS);
    assert!(whole || is_on(frames.len(), bytes), "{first_ns:?} {newest_ns}");
}

#[test]
fn parts_are_as_long_as_they_must_be_and_leave_when_they_are_too_old() {
    for period_ns in [3_000_000, 20_000_000, 31_250_000, 40_000_000, 125_000_000, 700_000_000] {
        let mut tracker = tracker();
        for number in 0..400 {
            let time_ns = number * period_ns;
            let count = usize::from(number % 3 == 0);
            use_frame(&mut tracker, number as u64, time_ns, plots(count, time_ns));
        }
    }
}

#[test]
fn late_frames_leave_the_window_as_it_must_be() {
    for (period_ns, behind) in [(20_000_000, 49), (31_250_000, 17), (125_000_000, 7)] {
        let mut tracker = tracker();
        for number in 0..300 {
            let time_ns = number * period_ns;
            use_frame(&mut tracker, number as u64, time_ns, plots(1, time_ns));
            // Late by one period up to nearly the whole window.
            let late_ns = time_ns - (number % behind) * period_ns - period_ns / 2;
            if late_ns > 0 {
                use_frame(&mut tracker, 1000 + number as u64, late_ns, plots(2, late_ns));
            }
        }
    }
}

#[test]
fn memory_of_large_frames_is_not_kept_for_ever() {
    let mut tracker = tracker();
    // 4 MB each, of which a frame uses nothing.
    for number in 0..200 {
        let time_ns = number * 50_000_000;
        use_frame(&mut tracker, number as u64, time_ns, Vec::with_capacity(1 << 15));
    }
    let spare = &tracker.window.spare_frames;
    assert!(spare.iter().all(|used| used.room() == 0), "the frames themselves take the limit up");
    // Small ones come back to use.
    let (mut small, mut kept) = (self::tracker(), 0);
    for number in 0..200 {
        use_frame(&mut small, number as u64, number * 50_000_000, Vec::with_capacity(100));
        kept += small.window.spare_frames.iter().filter(|used| used.room() > 0).count();
        assert!(small.window.spare_frames.iter().all(|used| used.room() > 0));
    }
    assert!(kept > 0);
}

#[test]
fn a_late_frame_that_is_refused_leaves_the_window_as_it_was() {
    let mut tracker = tracker_of(TrackerConfig { max_tracks: 50, ..TrackerConfig::default() });
    for number in 0..60 {
        let time_ns = number * 20_000_000;
        use_frame(&mut tracker, number as u64, time_ns, plots(1, time_ns));
    }
    let counts = |tracker: &OrderedTracker| {
        let LateWindow { frames, marks, byte_count, .. } = &tracker.window;
        let ends: Vec<_> = marks.iter().map(|mark| mark.frame_count).collect();
        let names: Vec<_> = frames.iter().map(|used| used.header.number).collect();
        (ends, names, *byte_count)
    };
    let before = counts(&tracker);
    let mut header = tracker.window.frames[20].header;
    (header.number, header.time_ns) = (777, header.time_ns + 1);
    // More tracks than there is room for are found when it is stepped through.
    let mut seen = plots(60, header.time_ns);
    header.coverage = Coverage::sphere(60_000.0);
    let refused = tracker.use_frame(&header, None, &mut seen, &mut Vec::new());
    assert!(refused.is_err() && seen.len() == 60, "its detections come back");
    assert_eq!(counts(&tracker), before);
    check(&tracker.window, tracker.tracker.newest_ns().expect("frames"));
    // It goes on as if nothing had been.
    for number in 60..120 {
        let time_ns = number * 20_000_000;
        use_frame(&mut tracker, number as u64, time_ns, plots(1, time_ns));
    }
}

#[test]
fn a_frame_may_be_as_old_as_the_window_is_long_and_no_older_than_where_it_began() {
    let mut tracker = tracker();
    assert_eq!(tracker.window.oldest_ns(5 * SPAN_NS), 4 * SPAN_NS);
    let begin_ns = 10 * SPAN_NS;
    use_frame(&mut tracker, 0, begin_ns, Vec::new());
    assert_eq!(tracker.window.oldest_ns(begin_ns), 9 * SPAN_NS);
    // One that goes on from a state knows nothing before it.
    let mut next = OrderedTracker::new(tracker.tracker);
    assert_eq!(next.window.oldest_ns(begin_ns), begin_ns);
    assert_eq!(next.window.oldest_ns(begin_ns + SPAN_NS + 5), begin_ns + 5);
    give(&mut next, 1, begin_ns + 300, Vec::new()).expect("the newest");
    give(&mut next, 2, begin_ns, Vec::new()).expect("as late as may be");
    let refused = give(&mut next, 3, begin_ns - 1, Vec::new());
    let Err(Error::Late { number, time_ns, newest_ns, oldest_ns }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((number, time_ns), (3, begin_ns - 1));
    assert_eq!((newest_ns, oldest_ns), (begin_ns + 300, begin_ns));
}

#[test]
fn a_window_of_no_time_keeps_nothing_and_leaves_order_to_the_tracker() {
    let config = TrackerConfig { late_window_s: 0.0, ..TrackerConfig::default() };
    let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
    let tracker = Tracker::new(config, name, SimdLevel::Baseline).expect("valid settings");
    let mut tracker = OrderedTracker::new(tracker);
    for number in 0..9 {
        let time_ns = number as i64 * SPAN_NS / 10;
        give(&mut tracker, number, time_ns, plots(20, time_ns)).expect("a frame");
    }
    let LateWindow { frames, marks, byte_count, room, .. } = &tracker.window;
    assert_eq!((frames.len(), marks.len(), *byte_count, *room), (0, 0, 0, 0));
    assert!(!tracker.window.is_on() && tracker.window.first_state().is_none());
    // Each frame must be as new as the newest.
    let refused = give(&mut tracker, 9, SPAN_NS / 2, Vec::new()).expect_err("a frame too late");
    let Error::Late { newest_ns, oldest_ns, .. } = refused else { panic!("{refused}") };
    assert_eq!((newest_ns, oldest_ns), (SPAN_NS / 10 * 8, SPAN_NS / 10 * 8));
}
