//! What a detection says of the vertical: an elevation, a height over the surface, or nothing.

use crate::detection::{Detection, present};
use crate::numeric::RAD_PER_DEG;
use crate::tracking::config::TrackerConfig;

/// Sine of the highest elevation assumed for a target whose height is not measured.
const ASSUMED_SINE: f64 = 0.25;

/// What the detection says of the vertical.
#[derive(Clone, Copy)]
pub enum Vertical {
    /// An angle up from the sensor's horizontal plane.
    Elevation {
        /// Elevation \[rad\].
        angle_rad: f64,
        /// Its standard deviation \[rad\].
        std_rad: f64,
    },
    /// A height over the surface.
    Height {
        /// Height \[m\].
        height_m: f64,
        /// Its standard deviation \[m\].
        std_m: f64,
    },
    /// Nothing.
    Absent,
}

impl Vertical {
    /// Height over the sensor's plane at slant range `range_m`, and its standard deviation \[m\],
    /// where no elevation is measured: of the measured height, or of the assumed one.
    pub fn height_over_plane(self, range_m: f64, config: &TrackerConfig) -> (f64, f64) {
        if let Self::Height { height_m, std_m } = self {
            return (height_above_plane(height_m, range_m, config), std_m);
        }
        // A target above most of its own slant range would stand near the zenith.
        let limit_m = ASSUMED_SINE * range_m;
        let height_m = config.assumed_height_m.clamp(-limit_m, limit_m);
        let std_m = config.assumed_height_std_m.min(limit_m);
        (height_above_plane(height_m, range_m, config), std_m)
    }

    /// Elevation, or height where there is none; both are fused into an elevation.
    pub fn of(detection: &Detection, config: &TrackerConfig) -> Self {
        let height = detection.has(present::HEIGHT);
        if !detection.has(present::ELEVATION) {
            let (height_m, std_m) = (detection.height_m, f64::from(detection.height_std_m));
            return if height { Self::Height { height_m, std_m } } else { Self::Absent };
        }
        let angle_rad = detection.elevation_deg * RAD_PER_DEG;
        let std_rad = f64::from(detection.elevation_std_deg) * RAD_PER_DEG;
        if !height {
            return Self::Elevation { angle_rad, std_rad };
        }
        // At the measured range a height is an elevation of its own; two independent
        // measurements of one quantity are weighted by their inverse variances.
        let range_m = detection.range_m.max(1.0);
        let z_m = height_above_plane(detection.height_m, range_m, config);
        let sine = (z_m / range_m).clamp(-1.0, 1.0);
        let cosine = (1.0 - sine * sine).sqrt().max(1e-3);
        let by_height = range_m * cosine / f64::from(detection.height_std_m);
        let (w_angle, w_height) = (1.0 / (std_rad * std_rad), by_height * by_height);
        let total = w_angle + w_height;
        Self::Elevation {
            angle_rad: (w_angle * angle_rad + w_height * libm::asin(sine)) / total,
            std_rad: 1.0 / total.sqrt(),
        }
    }
}

/// 1 / earth radius, or zero for a plane.
pub fn curvature_per_m(config: &TrackerConfig) -> f64 {
    if config.earth_radius_m > 0.0 { 1.0 / config.earth_radius_m } else { 0.0 }
}

/// Height over the sensor's tangent plane of a point at slant range `range_m` whose height over
/// the curved surface is `height_m`: z = h - ρ²/2R, with ρ² = r² - z², in two rounds.
fn height_above_plane(height_m: f64, range_m: f64, config: &TrackerConfig) -> f64 {
    let half_curvature = 0.5 * curvature_per_m(config);
    let first = height_m - half_curvature * range_m * range_m;
    let second = height_m - half_curvature * (range_m * range_m - first * first).max(0.0);
    second.clamp(-range_m, range_m)
}
