//! Where a track comes closest to own ship, had neither any acceleration, and how sure that is.
//!
//! Both move on straight lines, so the relative position is shortest where it stands across the relative
//! velocity. What decides by how much they miss is the position's covariance at that time, seen along
//! the relative velocity: a Gaussian in the plane across it (Foster and Estes 1992, "A parametric
//! analysis of orbital debris collision probability", section 2).

use crate::error::{Error, Result};
use crate::geometry::{cross, dot};
use crate::guard::disc_probability::disc_probability;
use crate::guard::document::{MAX_RANGE_M, MIN_DISTANCE_M};
use crate::tracking::gaussian::{Gaussian, at};
use crate::tracking::state_check::check_states;

/// The closest approach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosestApproach {
    /// When, from now \[s\]; negative when it has passed.
    pub time_s: f64,
    /// How far they are apart then \[m\].
    pub distance_m: f64,
    /// What they are apart in the plane across the relative velocity \[m\].
    miss_m: [f64; 2],
    /// Covariance of it: xx, xy, yy \[m²\].
    covariance_m2: [f64; 3],
}

impl ClosestApproach {
    /// That of a state relative to own ship; none where the relative velocity is zero, which has none.
    ///
    /// The covariance moves with the state, without process noise: the straight line is the premise.
    pub fn of(relative: &Gaussian) -> Option<Self> {
        let [x, y, z, vx, vy, vz] = relative.mean;
        let (position_m, velocity_m_s) = ([x, y, z], [vx, vy, vz]);
        let speed2 = dot(velocity_m_s, velocity_m_s);
        let time_s = -dot(position_m, velocity_m_s) / speed2;
        if !time_s.is_finite() {
            return None;
        }
        let [across, up] = plane(velocity_m_s, speed2.sqrt());
        let miss_m = [dot(position_m, across), dot(position_m, up)];
        let covariance_m2 = [(across, across), (across, up), (up, up)]
            .map(|(one, other)| projected(relative, time_s, one, other));
        let distance_m = dot([miss_m[0], miss_m[1], 0.0], [miss_m[0], miss_m[1], 0.0]).sqrt();
        Some(Self { time_s, distance_m, miss_m, covariance_m2 })
    }

    /// Probability that they come within `distance_m` of each other \[m\], which is over 0.
    pub fn probability(&self, distance_m: f64) -> f64 {
        let (mean_m, std_m) = self.along_principal_axes();
        disc_probability(mean_m, std_m, distance_m)
    }

    /// A bound that the probability does not exceed, of a fraction of the work: that of the half plane
    /// which holds the whole disc.
    pub fn most_probability(&self, distance_m: f64) -> f64 {
        let beyond_m = self.distance_m - distance_m;
        if beyond_m <= 0.0 {
            return 1.0;
        }
        let [x, y] = self.miss_m.map(|part_m| part_m / self.distance_m);
        let [xx, xy, yy] = self.covariance_m2;
        let variance_m2 = xx * x * x + 2.0 * xy * x * y + yy * y * y;
        if variance_m2 <= 0.0 {
            return 0.0;
        }
        0.5 * libm::erfc(beyond_m / (2.0 * variance_m2).sqrt())
    }

    /// The miss along the principal axes of its covariance, and the standard deviations along them.
    fn along_principal_axes(&self) -> ([f64; 2], [f64; 2]) {
        let [xx, xy, yy] = self.covariance_m2;
        let angle = 0.5 * libm::atan2(2.0 * xy, xx - yy);
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        let [x, y] = self.miss_m;
        let middle = 0.5 * (xx + yy);
        let half = libm::hypot(0.5 * (xx - yy), xy);
        // A covariance that is off by rounding may have an axis just below zero.
        let std_m = [middle + half, middle - half].map(|variance| variance.max(0.0).sqrt());
        ([cos * x + sin * y, cos * y - sin * x], std_m)
    }
}

/// Time \[s\], distance \[m\] and probability of a distance of at most `distance_m` of each state relative
/// to own ship; NaN where there is no approach.
///
/// # Errors
/// [`Error::Setting`] for a state that cannot be, or a distance outside its limits.
pub fn closest_approaches(relative: &[Gaussian], distance_m: f64) -> Result<[Vec<f64>; 3]> {
    check_states(relative, |state| state.flaw())?;
    if !(MIN_DISTANCE_M..=MAX_RANGE_M).contains(&distance_m) {
        return Err(Error::Setting {
            setting: "distance_m".into(),
            value: distance_m.to_string(),
            limit: format!("{MIN_DISTANCE_M} to {MAX_RANGE_M:e}"),
            remedy: "give how near counts, in metres".into(),
        });
    }
    let mut columns = [const { Vec::new() }; 3];
    for state in relative {
        let row = ClosestApproach::of(state).map_or([f64::NAN; 3], |found| {
            [found.time_s, found.distance_m, found.probability(distance_m)]
        });
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    Ok(columns)
}

/// Two unit vectors across a velocity and each other.
fn plane(velocity_m_s: [f64; 3], speed_m_s: f64) -> [[f64; 3]; 2] {
    let forward = velocity_m_s.map(|part| part / speed_m_s);
    // The axis most across the velocity, so that the product is never short.
    let sizes = forward.map(f64::abs);
    let axis = if sizes[0] <= sizes[1] && sizes[0] <= sizes[2] {
        [1.0, 0.0, 0.0]
    } else if sizes[1] <= sizes[2] {
        [0.0, 1.0, 0.0]
    } else {
        [0.0, 0.0, 1.0]
    };
    let across = cross(forward, axis);
    let length = dot(across, across).sqrt();
    let across = across.map(|part| part / length);
    [across, cross(forward, across)]
}

/// Covariance of two projections of the position `time_s` later:
/// aᵀ (Ppp + t (Ppv + Pvp) + t² Pvv) b.
fn projected(state: &Gaussian, time_s: f64, one: [f64; 3], other: [f64; 3]) -> f64 {
    let p = &state.covariance;
    let mut sum = 0.0;
    for (i, a) in one.into_iter().enumerate() {
        for (j, b) in other.into_iter().enumerate() {
            let mixed = p[at(i, j + 3)] + p[at(j, i + 3)];
            sum += a * b * (p[at(i, j)] + time_s * (mixed + time_s * p[at(i + 3, j + 3)]));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::gaussian::STATE;

    /// A state with covariance variance × unit.
    fn state(mean: [f64; STATE], variance: f64) -> Gaussian {
        let mut state = Gaussian { mean, ..Gaussian::ZERO };
        for i in 0..STATE {
            state.covariance[at(i, i)] = variance;
        }
        state
    }

    #[test]
    fn who_flies_past_is_nearest_abeam() {
        let found = ClosestApproach::of(&state([-300.0, 40.0, 30.0, 20.0, 0.0, 0.0], 0.0));
        let found = found.expect("it moves");
        assert_eq!((found.time_s, found.distance_m), (15.0, 50.0));
        assert!((found.probability(50.1) - 1.0).abs() < 2e-6);
        assert!(found.probability(49.9) < 2e-6);
        let passed = ClosestApproach::of(&state([300.0, 40.0, 0.0, 20.0, 0.0, 0.0], 0.0));
        assert_eq!(passed.expect("it moves").time_s, -15.0);
    }

    #[test]
    fn who_keeps_its_place_has_none() {
        assert_eq!(ClosestApproach::of(&state([5.0, 0.0, 0.0, 0.0, 0.0, 0.0], 1.0)), None);
    }

    #[test]
    fn a_round_covariance_grows_with_the_square_of_the_time() {
        let found = ClosestApproach::of(&state([-30.0, -30.0, 0.0, 10.0, 10.0, 0.0], 4.0));
        let found = found.expect("it moves");
        assert_eq!(found.time_s, 3.0);
        // 4 (1 + 3²) across the track in every direction: Rayleigh.
        let expected = -libm::expm1(-0.5 * 9.0 / 40.0);
        let probability = found.probability(3.0);
        assert!((probability - expected).abs() < 1e-9, "{probability} {expected}");
    }

    #[test]
    fn the_bound_holds_in_every_direction() {
        let mut relative = state([0.0; STATE], 1.0);
        for step in 0..64 {
            let angle = f64::from(step) * 0.1;
            let (sin, cos) = (libm::sin(angle), libm::cos(angle));
            relative.mean = [9.0 * cos, 7.0 * sin, 4.0, sin, -2.0 * cos, 0.3];
            relative.covariance[at(0, 1)] = 0.9 * sin;
            let found = ClosestApproach::of(&relative).expect("it moves");
            for distance_m in [0.5, 2.0, 8.0, 20.0] {
                let (most, is) =
                    (found.most_probability(distance_m), found.probability(distance_m));
                assert!(is <= most + 2e-6, "{step} {distance_m}: {is} {most}");
            }
        }
    }
}
