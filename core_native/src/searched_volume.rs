//! Whether a frame looked at a place: its coverage, with the angles worked out once.

use crate::frame::Coverage;
use crate::numeric::sin_cos_deg;

/// Above the roundings of a scalar product of two unit vectors.
const ROUNDING: f64 = 1e-15;

/// The volume of a [`Coverage`], bounds included, for places relative to the sensor.
#[derive(Clone, Copy, Debug)]
pub struct SearchedVolume {
    /// Squares of the least and the largest range \[m²\].
    range2_m2: [f64; 2],
    /// Sine and cosine of the lowest and of the highest elevation.
    elevation: [(f64, f64); 2],
    /// Unit vector to the sector's middle, east and north.
    middle: [f64; 2],
    /// Cosine of half the sector's width, -2 for the whole turn; a rounding less, so that what lies on
    /// the edge is inside.
    half_width_cosine: f64,
}

impl SearchedVolume {
    /// That of a coverage; nothing is inside an empty one.
    pub fn new(coverage: &Coverage) -> Self {
        let square = |x: f64| x * x;
        let largest2_m2 = square(coverage.max_range_m);
        let half_deg = 0.5 * coverage.bearing_extent_deg;
        let (east, north) = sin_cos_deg(coverage.bearing_start_deg + half_deg);
        Self {
            range2_m2: [
                square(coverage.min_range_m),
                if coverage.is_empty() { f64::NEG_INFINITY } else { largest2_m2 },
            ],
            elevation: [coverage.min_elevation_deg, coverage.max_elevation_deg].map(sin_cos_deg),
            middle: [east, north],
            half_width_cosine: if half_deg < 180.0 {
                sin_cos_deg(half_deg).1 - ROUNDING
            } else {
                -2.0
            },
        }
    }

    /// True when a point at `relative_m` from the sensor was searched.
    pub fn contains(&self, relative_m: [f64; 3]) -> bool {
        let [x, y, z] = relative_m;
        let ground2_m2 = x * x + y * y;
        let [nearest2_m2, farthest2_m2] = self.range2_m2;
        if !(nearest2_m2..=farthest2_m2).contains(&(ground2_m2 + z * z)) {
            return false;
        }
        let ground_m = ground2_m2.sqrt();
        let [(lowest_sine, lowest_cosine), (highest_sine, highest_cosine)] = self.elevation;
        let [east, north] = self.middle;
        (z * lowest_cosine >= ground_m * lowest_sine)
            & (z * highest_cosine <= ground_m * highest_sine)
            & (x * east + y * north >= ground_m * self.half_width_cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{bearing_deg, elevation_deg};

    /// Coverages of every kind: a sphere, narrow and wide sectors, some through north, thin layers.
    fn coverages() -> Vec<Coverage> {
        let mut all = vec![Coverage::sphere(900.0)];
        for (start_deg, extent_deg) in [
            (0.0, 360.0),
            (350.0, 20.0),
            (359.9, 0.2),
            (10.0, 180.0),
            (200.0, 300.0),
            (90.0, 359.0),
        ] {
            for (low_deg, high_deg) in [(-90.0, 90.0), (-5.0, 30.0), (0.0, 90.0), (40.0, 41.0)] {
                all.push(Coverage {
                    min_range_m: 100.0,
                    max_range_m: 900.0,
                    bearing_start_deg: start_deg,
                    bearing_extent_deg: extent_deg,
                    min_elevation_deg: low_deg,
                    max_elevation_deg: high_deg,
                });
            }
        }
        all
    }

    #[test]
    fn a_place_is_inside_when_its_range_and_angles_are() {
        let (mut inside, mut outside) = (0, 0);
        for coverage in coverages() {
            let volume = SearchedVolume::new(&coverage);
            for number in 0..4000 {
                let along = |step: f64| (f64::from(number) * step).rem_euclid(2.0) - 1.0;
                let relative_m = [0.618_034, 0.414_214, 0.732_051].map(|step| 1000.0 * along(step));
                let [x, y, z] = relative_m;
                let range_m = (x * x + y * y + z * z).sqrt();
                let expected = (coverage.min_range_m..=coverage.max_range_m).contains(&range_m)
                    && coverage.spans(bearing_deg(relative_m), elevation_deg(relative_m));
                assert_eq!(volume.contains(relative_m), expected, "{coverage:?} {relative_m:?}");
                *if expected { &mut inside } else { &mut outside } += 1;
            }
        }
        assert!(inside > 1000 && outside > 1000, "{inside} {outside}");
    }

    #[test]
    fn bounds_are_inside() {
        let quarter =
            Coverage { min_range_m: 3.0, bearing_extent_deg: 90.0, ..Coverage::sphere(5.0) };
        let quarter = SearchedVolume::new(&quarter);
        for relative_m in [[3.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, -4.0]] {
            assert!(quarter.contains(relative_m), "{relative_m:?}");
        }
        assert!(SearchedVolume::new(&Coverage::sphere(f64::MIN_POSITIVE)).contains([0.0; 3]));
    }

    #[test]
    fn an_empty_coverage_contains_nothing() {
        let none = SearchedVolume::new(&Coverage::EMPTY);
        for relative_m in [[0.0; 3], [0.0, -0.0, 0.0], [1e-300, 0.0, 0.0], [0.0, 1e3, 50.0]] {
            assert!(!none.contains(relative_m), "{relative_m:?}");
        }
    }
}
