//! Turns of a made antenna: where they are cut, and what a frame holds.

use super::sample::{SamplePlot, block, blocks, north_record, turning};
use super::scans::{Identity, ScanOptions, Scans, cut};
use super::source::Source;
use super::{ReadOptions, read, replay_epoch};
use crate::detection::{Detection, present};
use crate::error::Result;
use crate::frame_limits::check_frame;

fn scans(bytes: &[u8], options: ScanOptions) -> Result<Scans> {
    cut(&read(bytes, ReadOptions::default())?, options)
}

fn counts(scans: &Scans) -> Vec<usize> {
    scans.starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_turn_begins_at_north() {
    let scans = scans(&blocks(&turning(4.0, 40, 5)), ScanOptions::default()).unwrap();
    assert_eq!(counts(&scans), [40; 5]);
    assert!((scans.rotation_period_s - 4.0).abs() < 0.01, "{}", scans.rotation_period_s);
    for (turn, end_ns) in scans.end_times_ns.iter().enumerate() {
        assert!((*end_ns - 4_000_000_000 * (turn as i64 + 1)).abs() < 20_000_000);
    }
}

#[test]
fn plots_out_of_order_fall_into_their_own_turn() {
    let mut plots = turning(4.0, 40, 5);
    // A radar sends what it saw up to half a second ago, also across north and midnight.
    plots.iter_mut().for_each(|plot| plot.time_s += 86_392.0);
    for piece in plots.chunks_mut(5) {
        piece.reverse();
    }
    let scans = scans(&blocks(&plots), ScanOptions::default()).unwrap();
    assert_eq!(counts(&scans), [40; 5]);
    assert!(scans.plots.is_sorted_by_key(|plot| plot.time_ns));
    assert!(scans.plots[199].time_ns > 86_400_000_000_000);
}

#[test]
fn one_aircraft_and_a_given_period_are_enough() {
    let plots: Vec<SamplePlot> = (0..50)
        .filter(|turn| !matches!(turn, 10..=12))
        .map(|turn| SamplePlot {
            time_s: 4.0 * f64::from(turn),
            bearing_deg: (358.0 + 0.1 * f64::from(turn)) % 360.0,
            sic: 129,
        })
        .collect();
    let options = ScanOptions { rotation_period_s: Some(4.05), ..ScanOptions::default() };
    let scans = scans(&blocks(&plots), options).unwrap();
    // Past north from turn 20 on: that turn sees it twice, 0.1 deg before and at north.
    let counts = counts(&scans);
    assert_eq!(counts.iter().sum::<usize>(), 47);
    assert_eq!(counts[10..13], [0, 0, 0]);
    assert!(scans.end_times_ns.is_sorted());
    assert!(counts.iter().enumerate().all(|(k, &n)| n == 1 || k >= 10), "{counts:?}");
}

#[test]
fn a_period_that_is_not_known_is_asked_for() {
    let error = scans(&blocks(&turning(4.0, 1, 3)), ScanOptions::default()).unwrap_err();
    assert!(error.to_string().contains("give rotation_period_s"), "{error}");
}

#[test]
fn north_markers_tell_the_period_and_wrong_ones_are_left_out() {
    let mut bytes = block(34, &north_record(0.0, 129));
    bytes.extend(blocks(&turning(4.0, 3, 5)));
    for time_s in [4.0, 6.0, 8.0, 12.0, 16.0] {
        bytes.extend(block(34, &north_record(time_s, 129)));
    }
    // Of another radar: no word on this one.
    bytes.extend(block(34, &north_record(9.0, 130)));
    let scans = scans(&bytes, ScanOptions::default()).unwrap();
    assert_eq!(scans.rotation_period_s, 4.0);
    assert_eq!(counts(&scans), [3; 5]);
    assert_eq!(scans.refused_markers, 1);
}

#[test]
fn a_radar_that_was_off_leaves_no_flood_of_empty_turns() {
    let mut plots = turning(4.0, 40, 2);
    for hours in [1.0, 5.0] {
        let later = turning(4.0, 40, 2).into_iter();
        plots.extend(later.map(|plot| SamplePlot { time_s: plot.time_s + hours * 3600.0, ..plot }));
    }
    let scans = scans(&blocks(&plots), ScanOptions::default()).unwrap();
    assert_eq!(counts(&scans), [40; 6]);
}

#[test]
fn several_radars_need_a_choice() {
    let mut plots = turning(4.0, 40, 2);
    let other = turning(6.0, 60, 1).into_iter();
    plots.extend(other.map(|plot| SamplePlot { sic: 7, ..plot }));
    let bytes = blocks(&plots);
    let error = scans(&bytes, ScanOptions::default()).unwrap_err().to_string();
    assert!(error.contains("20/7 (60 plots), 20/129 (80 plots)"), "{error}");
    let source = Source { sac: 20, sic: 7 };
    let chosen = ScanOptions { source: Some(source), ..ScanOptions::default() };
    let scans = scans(&bytes, chosen).unwrap();
    assert_eq!((scans.plots.len(), scans.other_plots), (60, 80));
    assert_ne!(source.sensor_id(), Source { sac: 20, sic: 129 }.sensor_id());
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let bytes = blocks(&turning(4.0, 40, 2));
    for (options, name) in [
        (ScanOptions { rotation_period_s: Some(0.0), ..Default::default() }, "rotation_period_s"),
        (ScanOptions { max_range_m: Some(f64::NAN), ..Default::default() }, "max_range_m"),
        (ScanOptions { max_elevation_deg: Some(91.0), ..Default::default() }, "max_elevation_deg"),
        (ScanOptions { source: Some(Source { sac: 1, sic: 1 }), ..Default::default() }, "source"),
    ] {
        let error = scans(&bytes, options).unwrap_err().to_string();
        assert!(error.starts_with(name), "{error}");
    }
}

#[test]
fn frames_carry_identity_only_when_asked() {
    let scans = scans(&blocks(&turning(4.0, 40, 3)), ScanOptions::default()).unwrap();
    let used = scans.frame(1, Identity::Used, 5).unwrap();
    let withheld = scans.frame(1, Identity::Withheld, 5).unwrap();
    check_frame(&used).unwrap();
    check_frame(&withheld).unwrap();
    assert!(used.detections.iter().all(|plot| plot.address == 0x4C_A73D));
    let anonymous = |plot: &Detection| {
        plot.present == present::RANGE | present::BEARING | present::HEIGHT && plot.address == 0
    };
    assert!(withheld.detections.iter().all(anonymous));
    assert_eq!((withheld.header.epoch, withheld.header.number), (5, 1));
    assert_eq!(withheld.header.coverage.bearing_extent_deg, 360.0);
    assert!(scans.frame(0, Identity::Used, 5).unwrap().header.coverage.bearing_extent_deg < 360.0);
    assert!(scans.frame(3, Identity::Used, 5).is_none());
}

#[test]
fn an_epoch_names_bytes_and_variant() {
    let epochs = [(b"a", "withheld"), (b"a", "used"), (b"b", "withheld")];
    let [one, two, three] = epochs.map(|(bytes, variant)| replay_epoch(bytes, variant));
    assert!(one != two && one != three && two != three);
    assert_eq!(one, replay_epoch(b"a", "withheld"));
    assert!([one, two, three].iter().all(|epoch| *epoch < 1 << 53));
}
