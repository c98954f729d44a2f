//! Where polar detections lie and how far their gates reach around them, eight at a time.

use crate::detection::Detection;
use crate::numeric::{DEG_PER_RAD, RAD_PER_DEG, max, sin_cos_deg};
use crate::simd::{Kernel, LANES};
use crate::tracking::config::TrackerConfig;
use crate::tracking::points::Points;
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

/// Eight detections, field by field.
#[derive(Clone, Copy, Debug)]
struct EightPlaces {
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
    const EMPTY: Self = Self {
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

    /// Cartesian position of each and how far its gate reaches, horizontal and vertical \[m\].
    #[inline(always)]
    fn points(&self) -> ([[f64; LANES]; 3], [[f64; LANES]; 2]) {
        let (mut position_m, mut reach_m) = ([[0.0; LANES]; 3], [[0.0; LANES]; 2]);
        for lane in 0..LANES {
            let (range_m, range_std_m) = (self.range_m[lane], self.range_std_m[lane]);
            let by_elevation = self.by_elevation[lane];
            let (sine, _) = sin_cos_deg(self.elevation_deg[lane]);
            let z_m = if by_elevation { range_m * sine } else { self.height_m[lane] };
            let by_angle_m = range_m * self.elevation_std_rad[lane] + range_std_m;
            let vertical_std_m = if by_elevation { by_angle_m } else { self.height_std_m[lane] };
            let ground_m = max(range_m * range_m - z_m * z_m, 0.0).sqrt();
            // Near the zenith a vertical error moves the ground range by up to its own square root.
            let slope = vertical_std_m * z_m.abs() / max(max(ground_m, vertical_std_m), 1.0);
            let across_m = range_m * self.bearing_std_deg[lane] * RAD_PER_DEG;
            let (sigmas, arc_m) = (self.gate[lane].sqrt(), self.along_arc_m[lane]);
            reach_m[0][lane] = sigmas * (range_std_m + slope + across_m) + arc_m;
            reach_m[1][lane] = sigmas * vertical_std_m + 3.0 * arc_m;
            let (sine, cosine) = sin_cos_deg(self.bearing_deg[lane]);
            position_m[0][lane] = self.sensor_m[0][lane] + ground_m * sine;
            position_m[1][lane] = self.sensor_m[1][lane] + ground_m * cosine;
            position_m[2][lane] = self.sensor_m[2][lane] + z_m;
        }
        (position_m, reach_m)
    }
}

/// The detections of a frame; its memory is kept from frame to frame.
#[derive(Debug, Default)]
pub struct PolarPlaces {
    eights: Vec<EightPlaces>,
    count: usize,
}

impl PolarPlaces {
    /// Have room for `count` detections, all of which must then be set.
    pub fn begin(&mut self, count: usize) {
        self.eights.resize(count.div_ceil(LANES), EightPlaces::EMPTY);
        self.count = count;
    }

    /// Set one.
    #[inline]
    pub fn set(&mut self, index: usize, place: &PolarPlace<'_>, config: &TrackerConfig) {
        let &PolarPlace { detection, vertical, sensor_m, gate } = place;
        let (eight, lane) = (&mut self.eights[index / LANES], index % LANES);
        eight.range_m[lane] = detection.range_m;
        eight.range_std_m[lane] = f64::from(detection.range_std_m);
        eight.bearing_deg[lane] = detection.bearing_deg;
        eight.bearing_std_deg[lane] = f64::from(detection.bearing_std_deg);
        if let Vertical::Elevation { angle_rad, std_rad } = vertical {
            eight.by_elevation[lane] = true;
            eight.elevation_deg[lane] = angle_rad * DEG_PER_RAD;
            eight.elevation_std_rad[lane] = std_rad;
        } else {
            eight.by_elevation[lane] = false;
            (eight.height_m[lane], eight.height_std_m[lane]) =
                vertical.height_over_plane(detection.range_m, config);
        }
        // Without a vertical channel the gate lets the target be anywhere along the arc of its range;
        // below 45 degrees of elevation that moves it by at most 0.3 of it.
        let is_absent = matches!(vertical, Vertical::Absent);
        eight.along_arc_m[lane] = if is_absent { 0.3 * detection.range_m } else { 0.0 };
        for axis in 0..3 {
            eight.sensor_m[axis][lane] = sensor_m[axis];
        }
        eight.gate[lane] = gate;
    }
}

/// Add the points of polar detections.
pub struct PlacePoints<'a> {
    /// The detections.
    pub places: &'a PolarPlaces,
    /// What they are added to.
    pub points: &'a mut Points,
}

impl Kernel for PlacePoints<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut left = self.places.count;
        for eight in &self.places.eights {
            let (position_m, reach_m) = eight.points();
            let count = left.min(LANES);
            self.points.extend_lanes(&position_m, &reach_m, count);
            left -= count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::present;

    const SENSOR_M: [f64; 3] = [500.0, -300.0, 20.0];

    /// Detections that measure the vertical as an elevation, as a height, or not at all.
    fn detections() -> Vec<Detection> {
        (0..27_u32)
            .map(|number| {
                let step = f64::from(number);
                let mut detection = Detection::absent(0);
                detection.range_m = 800.0 + 2_000.0 * step;
                detection.bearing_deg = 13.0 * step;
                detection.elevation_deg = 3.0 * step - 5.0;
                detection.height_m = 100.0 * step;
                (detection.range_std_m, detection.bearing_std_deg) = (15.0, 0.2);
                (detection.elevation_std_deg, detection.height_std_m) = (0.3, 40.0);
                let vertical = [present::ELEVATION, present::HEIGHT, 0][number as usize % 3];
                detection.present = present::RANGE | present::BEARING | vertical;
                detection
            })
            .collect()
    }

    #[test]
    fn points_lie_where_the_angles_say_and_reach_as_far_as_the_gate() {
        let (config, gate) = (TrackerConfig::default(), 20.0);
        let (all, mut places, mut points) =
            (detections(), PolarPlaces::default(), Points::default());
        places.begin(all.len());
        for (index, detection) in all.iter().enumerate() {
            let vertical = Vertical::of(detection, &config);
            let place = PolarPlace { detection, vertical, sensor_m: SENSOR_M, gate };
            places.set(index, &place, &config);
        }
        PlacePoints { places: &places, points: &mut points }.run();
        assert_eq!(points.len(), all.len());
        for (index, detection) in all.iter().enumerate() {
            let range_m = detection.range_m;
            let bearing_rad = detection.bearing_deg.to_radians();
            let vertical = Vertical::of(detection, &config);
            let (z_m, std_m) = match vertical {
                Vertical::Elevation { angle_rad, std_rad } => {
                    (range_m * libm::sin(angle_rad), range_m * std_rad + 15.0)
                }
                other => other.height_over_plane(range_m, &config),
            };
            let ground_m = (range_m * range_m - z_m * z_m).sqrt();
            let expected_m = [
                SENSOR_M[0] + ground_m * libm::sin(bearing_rad),
                SENSOR_M[1] + ground_m * libm::cos(bearing_rad),
                SENSOR_M[2] + z_m,
            ];
            for axis in 0..3 {
                let found_m = points.position_m[axis][index];
                assert!((found_m - expected_m[axis]).abs() < 1e-9, "{index} {axis}");
            }
            let arc_m = if matches!(vertical, Vertical::Absent) { 0.3 * range_m } else { 0.0 };
            let up_m = gate.sqrt() * std_m + 3.0 * arc_m;
            assert!((points.reach2_m2[1][index].sqrt() / up_m - 1.0).abs() < 1e-12, "{index}");
            // At least the gate along the range and across it.
            let across_m = range_m * f64::from(detection.bearing_std_deg).to_radians();
            let flat_m = gate.sqrt() * across_m.max(15.0) + arc_m;
            assert!(points.reach2_m2[0][index].sqrt() >= flat_m, "{index}");
        }
    }
}
