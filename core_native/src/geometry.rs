//! Polar and Cartesian coordinates: +X east, +Y north, +Z up; bearing clockwise from +Y,
//! elevation up from the XY plane.

use crate::numeric::{DEG_PER_RAD, atan2, sin_cos_deg, wrap_180, wrap_360};

/// Range \[m\], bearing \[deg\], elevation \[deg\].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polar {
    /// Slant range \[m\].
    pub range_m: f64,
    /// Bearing \[deg\], 0 ≤ bearing < 360.
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    pub elevation_deg: f64,
}

/// Cartesian position of a polar one \[m\].
#[inline(always)]
pub fn to_cartesian(polar: Polar) -> [f64; 3] {
    let (sin_bearing, cos_bearing) = sin_cos_deg(polar.bearing_deg);
    let (sin_elevation, cos_elevation) = sin_cos_deg(polar.elevation_deg);
    let ground_m = polar.range_m * cos_elevation;
    [ground_m * sin_bearing, ground_m * cos_bearing, polar.range_m * sin_elevation]
}

/// Polar position of a Cartesian one \[m\]; the origin gives zeros.
#[inline(always)]
pub fn to_polar(position_m: [f64; 3]) -> Polar {
    let [x, y, z] = position_m;
    Polar {
        range_m: (x * x + y * y + z * z).sqrt(),
        bearing_deg: bearing_deg(position_m),
        elevation_deg: elevation_deg(position_m),
    }
}

/// Bearing of a Cartesian position \[deg\], clockwise from Y.
#[inline(always)]
pub fn bearing_deg([x, y, _]: [f64; 3]) -> f64 {
    wrap_360(atan2(x, y) * DEG_PER_RAD)
}

/// Elevation of a Cartesian position \[deg\].
#[inline(always)]
pub fn elevation_deg([x, y, z]: [f64; 3]) -> f64 {
    atan2(z, (x * x + y * y).sqrt()) * DEG_PER_RAD
}

/// A direction whose elevation may have gone past the zenith or nadir, as a bearing in [0, 360) and
/// an elevation from -90 to 90 \[deg\]: it comes down on the other side.
pub fn direction(bearing_deg: f64, elevation_deg: f64) -> [f64; 2] {
    let raised_deg =
        if elevation_deg.abs() > 180.0 { wrap_180(elevation_deg) } else { elevation_deg };
    if raised_deg.abs() <= 90.0 {
        return [wrap_360(bearing_deg), raised_deg];
    }
    [wrap_360(bearing_deg + 180.0), 180.0_f64.copysign(raised_deg) - raised_deg]
}

/// Scalar product of two vectors.
#[inline(always)]
pub fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Vector product of two vectors.
#[inline(always)]
pub fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Rate of change of the range of a point at `position_m` moving with `velocity_m_s`, both
/// relative to the sensor \[m/s\]; zero at the sensor itself.
#[inline(always)]
pub fn range_rate(position_m: [f64; 3], velocity_m_s: [f64; 3]) -> f64 {
    let range_m = dot(position_m, position_m).sqrt();
    if range_m > 0.0 { dot(position_m, velocity_m_s) / range_m } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_follow_the_convention() {
        let east = to_polar([5.0, 0.0, 0.0]);
        assert_eq!((east.range_m, east.bearing_deg, east.elevation_deg), (5.0, 90.0, 0.0));
        let up = to_polar([0.0, 0.0, 2.0]);
        assert_eq!((up.range_m, up.elevation_deg), (2.0, 90.0));
        assert_eq!(range_rate([0.0, 100.0, 0.0], [3.0, -7.0, 1.0]), -7.0);
    }

    #[test]
    fn a_direction_past_the_zenith_is_one_on_the_other_side() {
        assert_eq!(direction(-10.0, 89.0), [350.0, 89.0]);
        assert_eq!(direction(300.0, 92.0), [120.0, 88.0]);
        assert_eq!(direction(20.0, -260.0), [200.0, 80.0]);
        let at = |[bearing_deg, elevation_deg]: [f64; 2]| {
            to_cartesian(Polar { range_m: 1.0, bearing_deg, elevation_deg })
        };
        for elevation_deg in (-36..=36).map(|k| 10.0 * f64::from(k)) {
            let (turned, raw) = (direction(40.0, elevation_deg), [40.0, elevation_deg]);
            for (a, b) in at(turned).iter().zip(at(raw)) {
                assert!((a - b).abs() < 1e-12, "{elevation_deg}");
            }
        }
    }

    #[test]
    fn there_and_back() {
        for k in 0..3600 {
            let polar = Polar {
                range_m: 10.0 + f64::from(k),
                bearing_deg: f64::from(k) * 0.1,
                elevation_deg: f64::from(k % 179) - 89.0,
            };
            let back = to_polar(to_cartesian(polar));
            assert!((back.range_m - polar.range_m).abs() < 1e-9);
            assert!((back.bearing_deg - polar.bearing_deg).abs() < 1e-9, "{polar:?} {back:?}");
            assert!((back.elevation_deg - polar.elevation_deg).abs() < 1e-9);
        }
    }
}
