//! A registration allocates nothing once it has seen as much as it sees.

use qiki_core::bridge::FrameTracker;
use qiki_core::detection::{Detection, present};
use qiki_core::frame::{Coverage, FrameHeader};
use qiki_core::online_registration::settings::OnlineSettings;
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::record::{TrackRecord, event, status};
use qiki_core::tracking::registration::estimator::Registration;
use qiki_core::tracking::registration::settings::RegistrationSettings;
use qiki_core::tracking::tracker::{Tracker, TrackerName};
use qiki_core::wire::frame_columns;

use crate::counter::allocations;

const TARGETS: u64 = 40;
const SENSOR: &str = "00000000-0000-0000-0000-00000000000b";

fn header(sensor: u8, number: u64, time_ns: i64) -> FrameHeader {
    let mut sensor_id = [0; 16];
    sensor_id[15] = sensor;
    FrameHeader {
        sensor_id,
        epoch: 0,
        number,
        time_ns,
        range_band: 0,
        coverage: Coverage::sphere(1e6),
        sensor_position_m: [0.0; 3],
        sensor_velocity_m_s: [0.0; 3],
    }
}

/// Where targets on spokes, each faster than the last, are seen from the origin.
fn detections(time_ns: i64, further_m: f64) -> Vec<Detection> {
    let at = |target: u64| {
        let mut detection = Detection::absent(time_ns);
        detection.present = present::RANGE | present::BEARING | present::ELEVATION;
        let (k, time_s) = (target as f64, time_ns as f64 * 1e-9);
        let wobble_m = ((target * 7919 + number_of(time_ns)) % 13) as f64 - 6.0;
        detection.range_m =
            20_000.0 + 731.0 * k + (100.0 + 3.0 * k) * time_s + further_m + wobble_m;
        (detection.range_std_m, detection.bearing_std_deg) = (10.0, 0.02);
        detection.bearing_deg = k * 360.0 / TARGETS as f64;
        (detection.elevation_deg, detection.elevation_std_deg) = (2.0, 0.02);
        detection
    };
    (0..TARGETS).map(at).collect()
}

const fn number_of(time_ns: i64) -> u64 {
    (time_ns / 500_000_000).unsigned_abs()
}

fn tracks(time_ns: i64) -> Vec<TrackRecord> {
    let (status, event) = (status::TRACKED, event::UPDATED);
    let of = |target: u64| TrackRecord {
        number: target + 1,
        time_ns,
        detection_index: target as u32,
        status,
        event,
        ..TrackRecord::EMPTY
    };
    (0..TARGETS).map(of).collect()
}

fn registration(search_m: f64) -> Registration {
    let settings = RegistrationSettings {
        sensor_id: SENSOR.into(),
        position_std_m: 100.0,
        range_std_m: 500.0,
        bearing_std_deg: 0.1,
        time_std_s: 0.1,
        search_m,
        tracker: TrackerConfig::default(),
    };
    Registration::new(settings).expect("valid settings")
}

/// Allocations of each scan.
fn allocations_by_scan(found: &mut Registration, scans: u64) -> Vec<u64> {
    let mut counts = Vec::with_capacity(scans as usize);
    for number in 0..scans {
        let time_ns = number as i64 * 1_000_000_000;
        let (seen, known) = (detections(time_ns, 0.0), tracks(time_ns));
        let own = detections(time_ns + 500_000_000, 400.0);
        let before = allocations();
        found.add_reference(&header(10, number, time_ns), &seen, &known).expect("a frame");
        found.add(&header(11, number, time_ns + 500_000_000), &own).expect("a frame");
        counts.push(allocations() - before);
    }
    counts
}

#[test]
fn paired_frames_allocate_nothing_after_the_first() {
    let mut found = registration(0.0);
    let counts = allocations_by_scan(&mut found, 30);
    assert!(counts[0] > 0);
    assert!(counts[2..].iter().all(|&count| count == 0), "{counts:?}");
    assert!(found.pair_count() > 20 * TARGETS, "{}", found.pair_count());
    assert!((found.bias().range_m - 400.0).abs() < 20.0, "{:?}", found.bias());
}

#[test]
fn seeking_an_offset_allocates_nothing_either() {
    // Spokes outwards: a range bias is an offset of its own in each direction, on which no votes agree.
    let mut found = registration(100.0);
    let counts = allocations_by_scan(&mut found, 30);
    assert!(!found.is_aligned());
    assert!(counts[2..].iter().all(|&count| count == 0), "{counts:?}");
}

/// The messages of one scan: the reference sensor's and, half a second later, that of the other.
fn messages(number: u64) -> [Vec<u8>; 2] {
    let time_ns = number as i64 * 1_000_000_000;
    [(10, 0, 0.0), (11, 500_000_000, 400.0)].map(|(sensor, later_ns, further_m)| {
        let (at_ns, mut payload) = (time_ns + later_ns, Vec::new());
        let seen = detections(at_ns, further_m);
        frame_columns::encode(&header(sensor, number, at_ns), &seen, &mut payload)
            .expect("a good frame");
        payload
    })
}

#[test]
fn a_running_registration_allocates_nothing_after_warm_up() {
    let settings = format!(
        r#"{{"reference_ids": ["00000000-0000-0000-0000-00000000000a"], "apply": true, "sensors": [
            {{"sensor_id": "{SENSOR}", "position_std_m": 0, "range_std_m": 500, "search_m": 0}}]}}"#
    );
    let settings = OnlineSettings::from_json(&settings).expect("valid settings");
    let (name, level) = (TrackerName { tracker_id: [7; 16], epoch: 3 }, SimdLevel::detect());
    let tracker = Tracker::new(TrackerConfig::default(), name, level).expect("valid settings");
    let mut bridge =
        FrameTracker::with_registration(tracker, settings, level).expect("valid settings");
    let scans: Vec<_> = (0..90).map(messages).collect();
    let mut found = None;
    for (number, scan) in scans.iter().enumerate() {
        for payload in scan {
            let before = allocations();
            let answer = bridge.answer(payload, None).expect("an answer");
            let count = allocations() - before;
            assert!(number < 60 || count == 0, "{count} allocations in scan {number}");
            found = answer.header.registration.or(found);
        }
    }
    let found = found.expect("a sensor that is aligned");
    assert!(found.is_applied && found.pair_count > 20 * TARGETS, "{found:?}");
    assert!((found.bias.range_m - 400.0).abs() < 20.0, "{found:?}");
}
