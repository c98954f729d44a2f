//! Targets that come, cross in pairs and go, among clutter. After [`ROUND`] frames it all comes
//! again, at a later time, when no track is left from the round before.

use qiki_core::detection::{Detection, present, range_band, transponder_mode};
use qiki_core::frame::{Coverage, FrameHeader};

use crate::draws::Draw;

pub const SENSOR: [u8; 16] = [1; 16];
/// Frames after which the scene comes again.
pub const ROUND: u64 = 2 * CYCLE;
const PERIOD_NS: i64 = 100_000_000;
const TARGETS: u64 = 60;
/// Frames from one appearance of a target to the next, and how many of them it stays.
const CYCLE: u64 = 90;
const STAY: u64 = 60;
/// How many frames ago an older detection was made.
const OLDER_BY: u64 = 3;
const AREA_M: f64 = 12_000.0;
const NOISE_STD_M: f64 = 10.0;

pub fn time_ns(number: u64) -> i64 {
    number as i64 * PERIOD_NS
}

pub fn header(number: u64) -> FrameHeader {
    FrameHeader {
        sensor_id: SENSOR,
        epoch: 1,
        number,
        time_ns: time_ns(number),
        range_band: range_band::UNSPECIFIED,
        coverage: Coverage::sphere(60_000.0),
        sensor_position_m: [-500.0, -700.0, 10.0],
        sensor_velocity_m_s: [0.0; 3],
    }
}

/// East, north and up of what one frame detects \[m\].
pub fn positions_m(number: u64) -> Vec<[f64; 3]> {
    seen(number).into_iter().map(|(_, at_m)| at_m).collect()
}

/// The same with the target that it is of, if any.
fn seen(number: u64) -> Vec<(Option<u64>, [f64; 3])> {
    let mut draw = Draw(number % ROUND * 977 + 1);
    let mut found = Vec::new();
    for target in 0..TARGETS {
        let phase = (number + 13 * target) % CYCLE;
        if phase >= STAY || draw.uniform() > 0.9 {
            continue;
        }
        // Two share a row and meet in its middle.
        let side = if target.is_multiple_of(2) { 1.0 } else { -1.0 };
        let along_m = side * (phase as f64 - 0.5 * STAY as f64) * 15.0;
        let row = (target / 2) as f64;
        let at_m = [1000.0 + along_m + 100.0 * (row % 3.0), 300.0 + 350.0 * row, 500.0];
        found.push((Some(target), at_m.map(|axis_m| axis_m + NOISE_STD_M * draw.normal())));
    }
    for _ in 0..10 + (20.0 * draw.uniform()) as usize {
        let at_m = [AREA_M * draw.uniform(), AREA_M * draw.uniform(), 1000.0 * draw.uniform()];
        found.push((None, at_m));
    }
    found
}

/// The same as a radar at the header's place measures it.
pub fn detections(number: u64) -> Vec<Detection> {
    let header = header(number);
    let detection = |at_m: [f64; 3]| {
        let [east, north, up] = [0, 1, 2].map(|axis| at_m[axis] - header.sensor_position_m[axis]);
        let ground_m = libm::hypot(east, north);
        let mut detection = Detection::absent(header.time_ns);
        detection.range_m = libm::hypot(ground_m, up);
        detection.range_std_m = NOISE_STD_M as f32;
        detection.bearing_deg = libm::atan2(east, north).to_degrees().rem_euclid(360.0);
        detection.bearing_std_deg = 0.1;
        detection.elevation_deg = libm::atan2(up, ground_m).to_degrees();
        detection.elevation_std_deg = 0.1;
        detection.rcs_dbsm = up as f32 * 0.01;
        let place = present::RANGE | present::BEARING | present::ELEVATION;
        detection.present = place | present::RCS;
        detection
    };
    positions_m(number).into_iter().map(detection).collect()
}

/// The same with the replies of targets' transponders; each third target claims the address of the one
/// before it.
pub fn replies(number: u64) -> Vec<Detection> {
    let mut found = detections(number);
    for (detection, (target, _)) in found.iter_mut().zip(seen(number)) {
        let Some(target) = target else { continue };
        detection.address = 0x1000 + (target - u64::from(target % 3 == 2)) as u32;
        detection.transponder_mode = transponder_mode::ON;
        detection.present |= present::ADDRESS | present::TRANSPONDER_REPLY;
    }
    found
}

/// A frame of replies in which a fourth of the targets, each frame others, was seen [`OLDER_BY`] frames
/// ago: before what the tracks have been told of since.
pub fn partly_older_replies(number: u64) -> Vec<Detection> {
    let of_targets = |frame: u64, is_older: bool| {
        let is_chosen = move |target: &Option<u64>| {
            target.map_or(!is_older, |target| (target + number).is_multiple_of(4) == is_older)
        };
        let targets = seen(frame).into_iter().map(|(target, _)| target);
        let with_targets = targets.zip(replies(frame));
        with_targets.filter(move |(target, _)| is_chosen(target)).map(|(_, detection)| detection)
    };
    let older = number.checked_sub(OLDER_BY).map(|frame| of_targets(frame, true));
    of_targets(number, false).chain(older.into_iter().flatten()).collect()
}

/// Covariance of each position \[m²\].
pub fn covariance_m2<const N: usize>() -> [[f64; N]; N] {
    let mut matrix = [[0.0; N]; N];
    for axis in 0..N {
        matrix[axis][axis] = NOISE_STD_M * NOISE_STD_M;
    }
    matrix
}
