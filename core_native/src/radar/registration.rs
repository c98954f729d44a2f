//! Registration bias: what a radar reports is shifted against what it measures, and its clock is
//! off. The truth is not.
//!
//! A radar knows nothing of its bias, so all that it reports is shifted alike: detections, its own
//! position, and where it says that it has looked.

use crate::frame::{Coverage, FrameHeader};
use crate::frame_limits::MAX_DISTANCE_M;
use crate::geometry::direction;
use crate::numeric::wrap_360;
use crate::scene::place::Place;
use crate::scene::registration_document::RegistrationBiasDocument;

/// Largest bias of a range, and of each coordinate of a position \[m\].
pub const MAX_BIAS_M: f64 = 1e5;
/// Largest bias of a bearing \[deg\].
pub const MAX_BEARING_BIAS_DEG: f64 = 180.0;
/// Largest bias of an elevation \[deg\].
pub const MAX_ELEVATION_BIAS_DEG: f64 = 45.0;
/// Largest offset of a clock \[ns\], one hour.
pub const MAX_CLOCK_OFFSET_NS: i64 = 3_600_000_000_000;
/// Largest drift of a clock \[ppm\].
pub const MAX_CLOCK_DRIFT_PPM: f64 = 1000.0;

/// What is added to each quantity that a radar reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegistrationBias {
    /// Added to each range \[m\].
    pub range_m: f64,
    /// Added to each bearing \[deg\].
    pub bearing_deg: f64,
    /// Added to each elevation \[deg\].
    pub elevation_deg: f64,
    /// Added to the radar's position \[m\].
    pub position_m: [f64; 3],
    /// What the clock shows too much at the start of the run \[ns\].
    pub clock_offset_ns: i64,
    /// How much too fast it goes \[ppm\].
    pub clock_drift_ppm: f64,
}

impl RegistrationBias {
    /// Check the document of a bias; none where it is switched off.
    pub fn from_document(place: &Place<'_>, document: &RegistrationBiasDocument) -> Option<Self> {
        let RegistrationBiasDocument { range_m, bearing_deg, elevation_deg, position_m, .. } =
            *document;
        let RegistrationBiasDocument { clock_offset_ns, clock_drift_ppm, .. } = *document;
        let (bearing_limit, elevation_limit) = (MAX_BEARING_BIAS_DEG, MAX_ELEVATION_BIAS_DEG);
        let (offset_limit_ns, drift_limit) = (MAX_CLOCK_OFFSET_NS as f64, MAX_CLOCK_DRIFT_PPM);
        place.key("range_m").number(range_m, -MAX_BIAS_M, MAX_BIAS_M);
        place.key("bearing_deg").number(bearing_deg, -bearing_limit, bearing_limit);
        place.key("elevation_deg").number(elevation_deg, -elevation_limit, elevation_limit);
        place.key("position_m").vector(position_m, MAX_BIAS_M);
        let offset_ns = clock_offset_ns as f64;
        place.key("clock_offset_ns").number(offset_ns, -offset_limit_ns, offset_limit_ns);
        place.key("clock_drift_ppm").number(clock_drift_ppm, -drift_limit, drift_limit);
        let bias = Self {
            range_m,
            bearing_deg,
            elevation_deg,
            position_m,
            clock_offset_ns,
            clock_drift_ppm,
        };
        document.enabled.then_some(bias)
    }

    /// What the radar's clock shows at `time_ns`, which is `elapsed_ns` after the run's start:
    /// t + offset + drift (t - t0), rounded to nanoseconds. It never goes back.
    pub fn clock_ns(&self, time_ns: i64, elapsed_ns: i64) -> i64 {
        let drifted_ns = libm::round(elapsed_ns as f64 * (self.clock_drift_ppm * 1e-6)) as i64;
        time_ns.saturating_add(self.clock_offset_ns).saturating_add(drifted_ns)
    }

    /// Range, bearing and elevation as reported. An elevation past the zenith or nadir comes down
    /// on the other side, and no range is below zero.
    pub fn place(&self, [range_m, bearing_deg, elevation_deg]: [f64; 3]) -> [f64; 3] {
        let range_m = (range_m + self.range_m).max(0.0);
        let [bearing_deg, elevation_deg] =
            direction(bearing_deg + self.bearing_deg, elevation_deg + self.elevation_deg);
        [range_m, bearing_deg, elevation_deg]
    }

    /// A header as reported; its time is `time_ns` of the radar's clock.
    pub fn header(&self, header: &FrameHeader, time_ns: i64) -> FrameHeader {
        let p = header.sensor_position_m;
        let coverage = if header.coverage.is_empty() {
            header.coverage
        } else {
            self.coverage(&header.coverage)
        };
        FrameHeader {
            time_ns,
            coverage,
            sensor_position_m: std::array::from_fn(|axis| p[axis] + self.position_m[axis]),
            ..*header
        }
    }

    fn coverage(&self, coverage: &Coverage) -> Coverage {
        let range_m = |edge_m: f64| (edge_m + self.range_m).clamp(0.0, MAX_DISTANCE_M);
        let elevation_deg = |edge_deg: f64| (edge_deg + self.elevation_deg).clamp(-90.0, 90.0);
        Coverage {
            min_range_m: range_m(coverage.min_range_m),
            // Above zero, which would say that the frame looked nowhere.
            max_range_m: range_m(coverage.max_range_m).max(f64::MIN_POSITIVE),
            bearing_start_deg: wrap_360(coverage.bearing_start_deg + self.bearing_deg),
            bearing_extent_deg: coverage.bearing_extent_deg,
            min_elevation_deg: elevation_deg(coverage.min_elevation_deg),
            max_elevation_deg: elevation_deg(coverage.max_elevation_deg),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIAS: RegistrationBias = RegistrationBias {
        range_m: -30.0,
        bearing_deg: -1.5,
        elevation_deg: 3.0,
        position_m: [10.0, -20.0, 5.0],
        clock_offset_ns: -250,
        clock_drift_ppm: -20.0,
    };

    #[test]
    fn a_place_is_shifted_and_stays_a_place() {
        assert_eq!(BIAS.place([1000.0, 1.0, 4.0]), [970.0, 359.5, 7.0]);
        assert_eq!(BIAS.place([10.0, 100.0, 88.0]), [0.0, 278.5, 89.0]);
    }

    #[test]
    fn a_clock_drifts_but_never_goes_back() {
        assert_eq!(BIAS.clock_ns(5_000, 0), 4_750);
        assert_eq!(BIAS.clock_ns(1_000_000_000, 1_000_000_000), 999_979_750);
        let shown: Vec<i64> = (0..200_000).map(|ns| BIAS.clock_ns(ns, ns)).collect();
        assert!(shown.is_sorted());
    }
}
