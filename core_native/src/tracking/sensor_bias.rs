//! Registration bias of one sensor as a tracker takes it out: what its frames say too much.

use crate::detection::Detection;
use crate::frame::{Coverage, FrameHeader};
use crate::numeric::wrap_360;

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

    /// The header without the bias. Its time stays, as the order of frames is that of their reported
    /// times; the place is that of the sensor when the true time was that of the header.
    pub fn correct_header(&self, header: &FrameHeader) -> FrameHeader {
        let (mut p, v) = (header.sensor_position_m, header.sensor_velocity_m_s);
        for axis in 0..3 {
            p[axis] += v[axis] * self.time_s;
        }
        p[0] -= self.east_m;
        p[1] -= self.north_m;
        FrameHeader {
            sensor_position_m: p,
            coverage: self.correct_coverage(&header.coverage),
            ..*header
        }
    }

    /// What was searched in truth; nothing stays nothing.
    fn correct_coverage(&self, reported: &Coverage) -> Coverage {
        if reported.is_empty() {
            return *reported;
        }
        let turned_deg = wrap_360(reported.bearing_start_deg - self.bearing_deg);
        let whole_turn = reported.bearing_extent_deg >= 360.0;
        Coverage {
            min_range_m: (reported.min_range_m - self.range_m).max(0.0),
            max_range_m: (reported.max_range_m - self.range_m).max(0.0),
            bearing_start_deg: if whole_turn { reported.bearing_start_deg } else { turned_deg },
            ..*reported
        }
    }

    /// A detection without the bias. Its time may then be after that of its frame.
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
    fn a_moving_sensor_is_where_it_truly_was() {
        // The reported time 10 s was 9.75 s in truth: at 10 s it had gone on by a quarter of a second.
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
        assert_eq!(corrected.sensor_position_m, [910.0, 2020.0, 6.0]);
        assert_eq!(corrected.time_ns, header.time_ns);
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
    }

    #[test]
    fn biases_add_up() {
        assert_eq!(BIAS.plus(&SensorBias::ZERO), BIAS);
        assert_eq!(BIAS.plus(&BIAS).time_ns(), 500_000_000);
    }
}
