//! Registration bias of one sensor as a tracker takes it out: what its frames say too much.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::{Coverage, FrameHeader};
use crate::frame_limits::{MAX_DISTANCE_M, check_header};
use crate::numeric::wrap_360;

/// Standard deviations by which noise may take a range below its bias.
const NOISE_STDS: f64 = 5.0;

/// What a sensor reports too much: reported minus true.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SensorBias {
    /// Of its own place, east \[m\].
    pub east_m: f64,
    /// Of its own place, north \[m\].
    pub north_m: f64,
    /// Of each range \[m\].
    pub range_m: f64,
    /// Of each bearing \[deg\].
    pub bearing_deg: f64,
    /// Of each time \[s\]: what its clock shows too much.
    pub time_s: f64,
}

impl SensorBias {
    /// None.
    pub const ZERO: Self =
        Self { east_m: 0.0, north_m: 0.0, range_m: 0.0, bearing_deg: 0.0, time_s: 0.0 };

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            east_m: self.east_m + other.east_m,
            north_m: self.north_m + other.north_m,
            range_m: self.range_m + other.range_m,
            bearing_deg: self.bearing_deg + other.bearing_deg,
            time_s: self.time_s + other.time_s,
        }
    }

    /// What the clock shows too much \[ns\].
    pub fn time_ns(&self) -> i64 {
        libm::round(self.time_s * 1e9) as i64
    }

    /// The header without the bias: its time and place are the true ones.
    pub fn correct_header(&self, header: &FrameHeader) -> FrameHeader {
        let [east_m, north_m, up_m] = header.sensor_position_m;
        FrameHeader {
            time_ns: header.time_ns - self.time_ns(),
            sensor_position_m: [east_m - self.east_m, north_m - self.north_m, up_m],
            coverage: self.correct_coverage(&header.coverage),
            ..*header
        }
    }

    /// The same, where it is inside the limits of a header in truth, too.
    ///
    /// # Errors
    /// [`Error::Frame`].
    pub fn checked_header(&self, header: &FrameHeader) -> Result<FrameHeader> {
        let corrected = self.correct_header(header);
        match check_header(&corrected) {
            Err(Error::Frame { field, value, limit }) => {
                Err(Error::Frame { field: format!("{field} without its bias"), value, limit })
            }
            checked => checked.map(|()| corrected),
        }
    }

    /// Refuse ranges that no target can have given: below the bias by more than their noise, or past
    /// all distances.
    ///
    /// # Errors
    /// [`Error::Frame`].
    pub fn check_ranges(&self, detections: &[Detection]) -> Result<()> {
        if self.range_m == 0.0 {
            return Ok(());
        }
        let farthest_m = MAX_DISTANCE_M + self.range_m.min(0.0);
        for (index, detection) in detections.iter().enumerate() {
            let nearest_m = self.range_m - NOISE_STDS * f64::from(detection.range_std_m);
            if !(nearest_m..=farthest_m).contains(&detection.range_m) {
                return Err(Error::Frame {
                    field: format!("detections[{index}].range_m"),
                    value: detection.range_m.to_string(),
                    limit: format!(
                        "{nearest_m} to {farthest_m}, as the range_bias_m of its sensor is {}: \
                         correct that",
                        self.range_m
                    ),
                });
            }
        }
        Ok(())
    }

    /// What was searched in truth; nothing stays nothing.
    fn correct_coverage(&self, reported: &Coverage) -> Coverage {
        if reported.is_empty() {
            return *reported;
        }
        let turned_deg = wrap_360(reported.bearing_start_deg - self.bearing_deg);
        let whole_turn = reported.bearing_extent_deg >= 360.0;
        Coverage {
            min_range_m: (reported.min_range_m - self.range_m).clamp(0.0, MAX_DISTANCE_M),
            max_range_m: (reported.max_range_m - self.range_m).clamp(0.0, MAX_DISTANCE_M),
            bearing_start_deg: if whole_turn { reported.bearing_start_deg } else { turned_deg },
            ..*reported
        }
    }

    /// A detection without the bias. A range that noise took below it is 0.
    pub fn correct(&self, detection: &Detection) -> Detection {
        Detection {
            time_ns: detection.time_ns - self.time_ns(),
            range_m: (detection.range_m - self.range_m).max(0.0),
            bearing_deg: wrap_360(detection.bearing_deg - self.bearing_deg),
            ..*detection
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::range_band;
    use crate::frame_limits::MAX_TIME_NS;

    const BIAS: SensorBias =
        SensorBias { east_m: 100.0, north_m: -20.0, range_m: 30.0, bearing_deg: 2.0, time_s: 0.25 };

    #[test]
    fn a_corrected_detection_is_what_was_there() {
        let reported = Detection { range_m: 1030.0, bearing_deg: 1.0, ..Detection::absent(0) };
        let corrected = BIAS.correct(&reported);
        assert_eq!((corrected.range_m, corrected.bearing_deg), (1000.0, 359.0));
        assert_eq!(corrected.time_ns, -250_000_000);
        let near = Detection { range_m: 10.0, bearing_deg: 5.0, ..Detection::absent(0) };
        assert_eq!(BIAS.correct(&near).range_m, 0.0);
    }

    #[test]
    fn a_header_tells_the_true_time_and_place() {
        let header = FrameHeader {
            sensor_id: [0; 16],
            epoch: 0,
            number: 0,
            time_ns: 10_000_000_000,
            range_band: range_band::UNSPECIFIED,
            coverage: Coverage::sphere(1e5),
            sensor_position_m: [1000.0, 2000.0, 5.0],
            sensor_velocity_m_s: [40.0, 0.0, 4.0],
        };
        let corrected = BIAS.correct_header(&header);
        assert_eq!(corrected.sensor_position_m, [900.0, 2020.0, 5.0]);
        assert_eq!(corrected.time_ns, 9_750_000_000);
        assert_eq!(BIAS.checked_header(&header), Ok(corrected));
        let early = FrameHeader { time_ns: -MAX_TIME_NS, ..header };
        let error = BIAS.checked_header(&early).expect_err("too early").to_string();
        assert!(error.contains("time_ns without its bias is -2305843009463693952"), "{error}");
    }

    #[test]
    fn a_range_is_below_its_bias_by_noise_alone() {
        let at =
            |range_m, range_std_m| [Detection { range_m, range_std_m, ..Detection::absent(0) }; 1];
        assert_eq!(BIAS.check_ranges(&at(5.0, 5.0)), Ok(()));
        assert_eq!(BIAS.correct(&at(5.0, 5.0)[0]).range_m, 0.0);
        let error = BIAS.check_ranges(&at(4.9, 5.0)).expect_err("below").to_string();
        assert!(error.contains("detections[0].range_m is 4.9, must be 5 to 1000000000"), "{error}");
        let less = SensorBias { range_m: -30.0, ..SensorBias::ZERO };
        assert_eq!(less.check_ranges(&at(MAX_DISTANCE_M - 30.0, 5.0)), Ok(()));
        assert!(less.check_ranges(&at(MAX_DISTANCE_M - 29.0, 5.0)).is_err());
        assert_eq!(SensorBias::ZERO.check_ranges(&at(0.0, 5.0)), Ok(()));
    }

    #[test]
    fn what_was_searched_turns_with_the_bearings() {
        let sector = Coverage {
            min_range_m: 10.0,
            bearing_start_deg: 1.0,
            bearing_extent_deg: 30.0,
            ..Coverage::sphere(5e4)
        };
        let found = BIAS.correct_coverage(&sector);
        assert_eq!((found.min_range_m, found.max_range_m), (0.0, 5e4 - 30.0));
        assert_eq!((found.bearing_start_deg, found.bearing_extent_deg), (359.0, 30.0));
        assert_eq!(BIAS.correct_coverage(&Coverage::EMPTY), Coverage::EMPTY);
        assert_eq!(BIAS.correct_coverage(&Coverage::sphere(5e4)).bearing_start_deg, 0.0);
        let less = SensorBias { range_m: -30.0, ..SensorBias::ZERO };
        let all = Coverage::sphere(MAX_DISTANCE_M);
        assert_eq!(less.correct_coverage(&all).max_range_m, MAX_DISTANCE_M);
    }

    #[test]
    fn biases_add_up() {
        assert_eq!(BIAS.plus(&SensorBias::ZERO), BIAS);
        assert_eq!(BIAS.plus(&BIAS).time_ns(), 500_000_000);
    }
}
