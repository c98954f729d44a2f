//! Where polar detections lie and how far their gates reach around them, eight at a time.

use crate::detection::Detection;
use crate::numeric::{DEG_PER_RAD, RAD_PER_DEG, max, sin_cos_deg};
use crate::simd::LANES;
use crate::tracking::config::TrackerConfig;
use crate::tracking::vertical::Vertical;

/// A detection on its way to a point.
pub struct PolarPlace<'a> {
    /// What was measured.
    pub detection: &'a Detection,
    /// What it says of the vertical.
    pub vertical: Vertical,
    /// Where the sensor stood \[m\].
    pub sensor_m: [f64; 3],
    /// The largest squared distance that the gate lets in.
    pub gate: f64,
}

/// Eight detections on their way to points, field by field.
#[derive(Debug)]
pub struct EightPlaces {
    range_m: [f64; LANES],
    range_std_m: [f64; LANES],
    bearing_deg: [f64; LANES],
    bearing_std_deg: [f64; LANES],
    /// Where an elevation is measured.
    by_elevation: [bool; LANES],
    elevation_deg: [f64; LANES],
    elevation_std_rad: [f64; LANES],
    /// Elsewhere: height over the sensor's plane.
    height_m: [f64; LANES],
    height_std_m: [f64; LANES],
    /// How far along the arc of its range a target may be of which no vertical is measured.
    along_arc_m: [f64; LANES],
    sensor_m: [[f64; LANES]; 3],
    gate: [f64; LANES],
}

impl EightPlaces {
    /// Eight of which none is set.
    pub const EMPTY: Self = Self {
        range_m: [0.0; LANES],
        range_std_m: [0.0; LANES],
        bearing_deg: [0.0; LANES],
        bearing_std_deg: [0.0; LANES],
        by_elevation: [false; LANES],
        elevation_deg: [0.0; LANES],
        elevation_std_rad: [0.0; LANES],
        height_m: [0.0; LANES],
        height_std_m: [0.0; LANES],
        along_arc_m: [0.0; LANES],
        sensor_m: [[0.0; LANES]; 3],
        gate: [0.0; LANES],
    };

    /// Set one.
    #[inline(always)]
    pub fn set(&mut self, lane: usize, place: &PolarPlace<'_>, config: &TrackerConfig) {
        let &PolarPlace { detection, vertical, sensor_m, gate } = place;
        self.range_m[lane] = detection.range_m;
        self.range_std_m[lane] = f64::from(detection.range_std_m);
        self.bearing_deg[lane] = detection.bearing_deg;
        self.bearing_std_deg[lane] = f64::from(detection.bearing_std_deg);
        if let Vertical::Elevation { angle_rad, std_rad } = vertical {
            self.by_elevation[lane] = true;
            self.elevation_deg[lane] = angle_rad * DEG_PER_RAD;
            self.elevation_std_rad[lane] = std_rad;
        } else {
            self.by_elevation[lane] = false;
            (self.height_m[lane], self.height_std_m[lane]) =
                vertical.height_over_plane(detection.range_m, config);
        }
        // Without a vertical channel the gate lets the target be anywhere along the arc of its range;
        // below 45 degrees of elevation that moves it by at most 0.3 of it.
        let is_absent = matches!(vertical, Vertical::Absent);
        self.along_arc_m[lane] = if is_absent { 0.3 * detection.range_m } else { 0.0 };
        for axis in 0..3 {
            self.sensor_m[axis][lane] = sensor_m[axis];
        }
        self.gate[lane] = gate;
    }

    /// Cartesian position of each and how far its gate of n standard deviations reaches \[m\].
    ///
    /// With b and b + db the sine moves by at most |db| (|cos b| + |db| / 2), and each such product of
    /// a length and an angle is at most n times the standard deviation that it has at the largest
    /// length in the gate.
    #[inline(always)]
    pub fn points(&self) -> ([[f64; LANES]; 3], [[f64; LANES]; 3]) {
        let (mut position_m, mut reach_m) = ([[0.0; LANES]; 3], [[0.0; LANES]; 3]);
        for lane in 0..LANES {
            let (range_m, range_std_m) = (self.range_m[lane], self.range_std_m[lane]);
            let (sigmas, arc_m) = (self.gate[lane].sqrt(), self.along_arc_m[lane]);
            let farthest_m = range_m + sigmas * range_std_m;
            let by_elevation = self.by_elevation[lane];
            let (sine, cosine) = sin_cos_deg(self.elevation_deg[lane]);
            let z_m = if by_elevation { range_m * sine } else { self.height_m[lane] };
            let bend = 0.5 * sigmas * self.elevation_std_rad[lane];
            let raised_m = farthest_m * self.elevation_std_rad[lane];
            let by_angle_m = hypotenuse(raised_m * (cosine.abs() + bend), range_std_m * sine.abs());
            let vertical_std_m = if by_elevation { by_angle_m } else { self.height_std_m[lane] };
            let ground2_m2 = max(range_m * range_m - z_m * z_m, 0.0);
            let ground_m = ground2_m2.sqrt();
            let along_by_angle_m = hypotenuse(raised_m * (sine.abs() + bend), range_std_m);
            // Near the zenith the ground range moves by up to the square root of what moves its square.
            let most_m = [sigmas * range_std_m, sigmas * self.height_std_m[lane]];
            let twice_m2 = 2.0 * (range_m * most_m[0] + z_m.abs() * most_m[1]);
            let outward_m = (ground2_m2 + twice_m2 + most_m[0] * most_m[0]).sqrt() - ground_m;
            let least2_m2 = max(ground2_m2 - twice_m2 - most_m[1] * most_m[1], 0.0);
            let along_by_height_m = max(outward_m, ground_m - least2_m2.sqrt()) / sigmas;
            let along_m = if by_elevation { along_by_angle_m } else { along_by_height_m };
            let bearing_std_rad = self.bearing_std_deg[lane] * RAD_PER_DEG;
            let (across_m, bend) = (farthest_m * bearing_std_rad, 0.5 * sigmas * bearing_std_rad);
            let (sine, cosine) = sin_cos_deg(self.bearing_deg[lane]);
            let std_m = [
                hypotenuse(along_m * sine.abs(), across_m * (cosine.abs() + bend)),
                hypotenuse(along_m * cosine.abs(), across_m * (sine.abs() + bend)),
            ];
            reach_m[0][lane] = sigmas * std_m[0] + arc_m;
            reach_m[1][lane] = sigmas * std_m[1] + arc_m;
            reach_m[2][lane] = sigmas * vertical_std_m + 3.0 * arc_m;
            position_m[0][lane] = self.sensor_m[0][lane] + ground_m * sine;
            position_m[1][lane] = self.sensor_m[1][lane] + ground_m * cosine;
            position_m[2][lane] = self.sensor_m[2][lane] + z_m;
        }
        (position_m, reach_m)
    }
}

/// The square root of the sum of both squares.
#[inline(always)]
fn hypotenuse(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::present;
    use crate::tracking::points::Points;

    const SENSOR_M: [f64; 3] = [500.0, -300.0, 20.0];
    const GATE: f64 = 20.0;

    /// Detections that measure the vertical as an elevation, as a height, or not at all.
    fn detections() -> Vec<Detection> {
        let low = (0..27_u32).map(|number| f64::from(number) * 100.0);
        // From 60 to 88 degrees over the sensor's plane.
        let steep = (0..15_u32).map(|number| {
            let range_m = 800.0 + 2_000.0 * f64::from(27 + number);
            range_m * libm::sin((60.0 + 2.0 * f64::from(number)).to_radians())
        });
        (0..42_u32)
            .zip(low.chain(steep))
            .map(|(number, height_m)| {
                let step = f64::from(number);
                let mut detection = Detection::absent(0);
                detection.range_m = 800.0 + 2_000.0 * step;
                detection.bearing_deg = 13.0 * step;
                detection.elevation_deg = (3.0 * step - 5.0).min(89.0);
                detection.height_m = height_m;
                (detection.range_std_m, detection.bearing_std_deg) = (15.0, 0.2);
                (detection.elevation_std_deg, detection.height_std_m) = (0.3, 40.0);
                let vertical = [present::ELEVATION, present::HEIGHT, 0][number as usize % 3];
                detection.present = present::RANGE | present::BEARING | vertical;
                detection
            })
            .collect()
    }

    /// Where a detection says that its target is.
    fn place_m(range_m: f64, bearing_rad: f64, vertical: Vertical) -> [f64; 3] {
        let z_m = match vertical {
            Vertical::Elevation { angle_rad, .. } => range_m * libm::sin(angle_rad),
            other => other.height_over_plane(range_m, &TrackerConfig::default()).0,
        };
        let ground_m = (range_m * range_m - z_m * z_m).sqrt();
        let flat_m = [ground_m * libm::sin(bearing_rad), ground_m * libm::cos(bearing_rad)];
        [SENSOR_M[0] + flat_m[0], SENSOR_M[1] + flat_m[1], SENSOR_M[2] + z_m]
    }

    fn points_of(all: &[Detection], gate: f64) -> Points {
        let (config, mut points) = (TrackerConfig::default(), Points::default());
        for chunk in all.chunks(LANES) {
            let mut eight = EightPlaces::EMPTY;
            for (lane, detection) in chunk.iter().enumerate() {
                let vertical = Vertical::of(detection, &config);
                let place = PolarPlace { detection, vertical, sensor_m: SENSOR_M, gate };
                eight.set(lane, &place, &config);
            }
            let (position_m, reach_m) = eight.points();
            points.extend_lanes(&position_m, &reach_m, chunk.len());
        }
        points
    }

    #[test]
    fn points_lie_where_the_angles_say() {
        let all = detections();
        let points = points_of(&all, GATE);
        assert_eq!(points.len(), all.len());
        for (index, detection) in all.iter().enumerate() {
            let vertical = Vertical::of(detection, &TrackerConfig::default());
            let bearing_rad = detection.bearing_deg.to_radians();
            let expected_m = place_m(detection.range_m, bearing_rad, vertical);
            for axis in 0..3 {
                let found_m = points.position_m[axis][index];
                assert!((found_m - expected_m[axis]).abs() < 1e-9, "{index} {axis}");
            }
        }
    }

    /// The place at a corner of what the gate lets in: `part` is a unit vector.
    fn place_in_gate(detection: &Detection, part: [f64; 3]) -> [f64; 3] {
        let part = part.map(|share| share * GATE.sqrt());
        let range_m = detection.range_m + part[0] * f64::from(detection.range_std_m);
        let bearing_deg = detection.bearing_deg + part[1] * f64::from(detection.bearing_std_deg);
        let vertical = match Vertical::of(detection, &TrackerConfig::default()) {
            Vertical::Elevation { angle_rad, std_rad } => {
                Vertical::Elevation { angle_rad: angle_rad + part[2] * std_rad, std_rad }
            }
            Vertical::Height { height_m, std_m } => {
                Vertical::Height { height_m: height_m + part[2] * std_m, std_m }
            }
            Vertical::Absent => Vertical::Absent,
        };
        place_m(range_m, bearing_deg.to_radians(), vertical)
    }

    #[test]
    fn points_reach_as_far_as_the_gate_and_hardly_farther() {
        let all = detections();
        let points = points_of(&all, GATE);
        for (index, detection) in all.iter().enumerate() {
            let is_absent = detection.present & (present::ELEVATION | present::HEIGHT) == 0;
            let mut farthest_m = [0.0_f64; 3];
            for step in 0..400 {
                let (tilt, turn) = (f64::from(step % 20) / 19.0 - 0.5, f64::from(step / 20) / 20.0);
                let [tilt, turn] = [tilt * std::f64::consts::PI, turn * std::f64::consts::TAU];
                let flat = libm::cos(tilt);
                let part = [flat * libm::cos(turn), flat * libm::sin(turn), libm::sin(tilt)];
                let place_m = place_in_gate(detection, part);
                for axis in 0..3 {
                    let away_m = (place_m[axis] - points.position_m[axis][index]).abs();
                    farthest_m[axis] = farthest_m[axis].max(away_m);
                }
            }
            for axis in 0..3 {
                let reach_m = points.reach2_m2[axis][index].sqrt();
                assert!(
                    reach_m + 1e-6 >= farthest_m[axis],
                    "{index} {axis}: {reach_m} {farthest_m:?}"
                );
                let loose = is_absent || detection.elevation_deg.abs() > 45.0;
                assert!(
                    loose || reach_m <= 1.5 * farthest_m[axis] + 40.0,
                    "{index} {axis}: {reach_m} {farthest_m:?}"
                );
            }
        }
    }
}
