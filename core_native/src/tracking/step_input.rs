//! What a step accepts, checked before anything is touched.

use crate::detection::{Detection, present, range_band};
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::frame_limits::{MAX_DETECTION_AGE_NS, check_header};
use crate::tracking::triangular_factors::TriangularFactors;

/// Refuse a part of a frame, a detection without range or bearing, and one that is later than its
/// frame or an hour older.
///
/// # Errors
/// [`Error::Frame`], which names the detection and the field.
pub fn check_frame_for_step(header: &FrameHeader, detections: &[Detection]) -> Result<()> {
    check_header(header)?;
    if header.range_band != range_band::UNSPECIFIED {
        return Err(Error::Frame {
            field: "range_band".into(),
            value: header.range_band.to_string(),
            limit: "0, the frame of all bands as on qiki.radar.v1.frames".into(),
        });
    }
    for (index, detection) in detections.iter().enumerate() {
        let refuse = |field: &str, value: String, limit: &str| Error::Frame {
            field: format!("detections[{index}].{field}"),
            value,
            limit: limit.into(),
        };
        if !detection.has(present::RANGE | present::BEARING) {
            let value = format!("{:#x}", detection.present);
            return Err(refuse("present", value, "range and bearing at least"));
        }
        let oldest_ns = header.time_ns - MAX_DETECTION_AGE_NS;
        if !(oldest_ns..=header.time_ns).contains(&detection.time_ns) {
            let limit = format!("at most the frame's time {} and 1 h before", header.time_ns);
            return Err(refuse("time_ns", detection.time_ns.to_string(), &limit));
        }
    }
    Ok(())
}

/// Refuse positions that are not finite, matrices that do not fit them or are no covariances, and an
/// empty volume.
///
/// # Errors
/// [`Error::Frame`], which names the field.
pub fn check_positions(
    positions_m: &[[f64; 3]],
    covariances_m2: &[[[f64; 3]; 3]],
    volume_m3: f64,
) -> Result<()> {
    let refuse = |field: String, value: String, limit: &str| {
        Err(Error::Frame { field, value, limit: limit.into() })
    };
    let outside = |position: &[f64; 3]| !is_inside(position);
    // Counted without a way out first: the usual answer is none, and is found in vectors.
    let coordinates = positions_m.as_flattened();
    let all_inside = coordinates.iter().fold(true, |inside, x| inside & (x.abs() < FARTHEST_M));
    if !all_inside && let Some(index) = positions_m.iter().position(outside) {
        let value = format!("{:?}", positions_m[index]);
        return refuse(format!("positions_m[{index}]"), value, INSIDE);
    }
    if covariances_m2.len() != 1 && covariances_m2.len() != positions_m.len() {
        let value = format!("{} matrices", covariances_m2.len());
        return refuse("covariance_m2".into(), value, "one for all positions or one each");
    }
    let unusable = |matrix: &[[f64; 3]; 3]| !is_covariance(matrix);
    if let Some(index) = covariances_m2.iter().position(unusable) {
        let value = format!("{:?}", covariances_m2[index]);
        let limit = "a symmetric positive definite 3 x 3 matrix, variances 1e-12 to 1e24 m²";
        return refuse(format!("covariance_m2[{index}]"), value, limit);
    }
    if !(volume_m3 > 0.0 && volume_m3 < f64::INFINITY) {
        return refuse("volume_m3".into(), volume_m3.to_string(), "above 0 and finite");
    }
    Ok(())
}

/// The same of positions in the plane, so that an error names what was given.
///
/// # Errors
/// As [`check_positions`].
pub fn check_plane_positions(
    positions_m: &[[f64; 2]],
    covariances_m2: &[[[f64; 2]; 2]],
    area_m2: Option<f64>,
) -> Result<()> {
    let refuse = |field: String, value: String, limit: &str| {
        Err(Error::Frame { field, value, limit: limit.into() })
    };
    let outside = |&[x, y]: &[f64; 2]| !is_inside(&[x, y, 0.0]);
    if let Some(index) = positions_m.iter().position(outside) {
        return refuse(
            format!("positions_m[{index}]"),
            format!("{:?}", positions_m[index]),
            INSIDE,
        );
    }
    let unusable = |&[[xx, xy], [yx, yy]]: &[[f64; 2]; 2]| {
        !is_covariance(&[[xx, xy, 0.0], [yx, yy, 0.0], [0.0, 0.0, 1.0]])
    };
    if let Some(index) = covariances_m2.iter().position(unusable) {
        let value = format!("{:?}", covariances_m2[index]);
        let limit = "a symmetric positive definite 2 x 2 matrix, variances 1e-12 to 1e24 m²";
        return refuse(format!("covariance_m2[{index}]"), value, limit);
    }
    let Some(area_m2) = area_m2.filter(|area_m2| !(*area_m2 > 0.0 && *area_m2 < LARGEST_AREA_M2))
    else {
        return Ok(());
    };
    refuse("area_m2".into(), area_m2.to_string(), "above 0 and below 1e100 m²")
}

/// An area beyond \[m²\] would leave no room for numbers.
const LARGEST_AREA_M2: f64 = 1e100;

/// No coordinate of a position is as far from the origin \[m\].
const FARTHEST_M: f64 = 1e12;
/// The same in words.
pub const INSIDE: &str = "within 1e12 m of the origin";

/// Whether a position is finite and not too far out.
pub fn is_inside(position_m: &[f64; 3]) -> bool {
    position_m.iter().all(|along_m| along_m.abs() < FARTHEST_M)
}

/// A variance beyond \[m²\] would take the determinant of an innovation out of the range of numbers.
const VARIANCES_M2: std::ops::RangeInclusive<f64> = 1e-12..=1e24;

/// Whether a matrix is symmetric, of usable size, and positive definite.
pub(super) fn is_covariance(r: &[[f64; 3]; 3]) -> bool {
    let usable = (0..3).all(|axis| VARIANCES_M2.contains(&r[axis][axis]));
    let symmetric = r[0][1] == r[1][0] && r[0][2] == r[2][0] && r[1][2] == r[2][1];
    let factors = TriangularFactors::<3>::of(3, |i, j| r[i][j], |_, pivot| pivot > 0.0);
    usable && symmetric && factors.is_ok()
}

/// Gates that one false alarm has to itself when the volume is not known.
const GATES_PER_FALSE_ALARM: f64 = 1e4;

/// The volume in which `false_alarms` are spread when the caller does not say: the box around the
/// positions, three standard deviations wider on each side. A scan with no more positions than
/// false alarms are expected says nothing of where they fall (the box around a lone target is no
/// larger than its gate); each then has room of its own.
pub fn assumed_volume_m3(
    positions_m: &[[f64; 3]],
    covariances_m2: &[[[f64; 3]; 3]],
    false_alarms: f64,
    gate: f64,
) -> f64 {
    let (mut volume, mut gate_volume) = (1.0, 4.0 / 3.0 * std::f64::consts::PI);
    for axis in 0..3 {
        let along = positions_m.iter().map(|position| position[axis]);
        let (low, high) = along.fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x), h.max(x)));
        let variance = covariances_m2.iter().map(|matrix| matrix[axis][axis]).fold(0.0, f64::max);
        volume *= (high - low).max(0.0) + 6.0 * variance.sqrt();
        gate_volume *= (gate * variance).sqrt();
    }
    let spread = GATES_PER_FALSE_ALARM * false_alarms * gate_volume;
    let tells = positions_m.len() as f64 > false_alarms;
    let assumed = if tells { volume } else { volume.max(spread) };
    // Matrices that are not positive definite are refused later, by name.
    if assumed > 0.0 { assumed } else { 1.0 }
}
