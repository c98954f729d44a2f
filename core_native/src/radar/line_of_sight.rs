//! Which targets are hidden: behind the horizon, or behind a body of the scene.
//!
//! Both are spheres. The tangents from a point to a sphere have the length √p, with p = d² - R² the
//! power of the point (d its distance from the centre). The segment between two points outside
//! passes through the sphere exactly when it is longer than a tangent of each together,
//! |ab| > √p(a) + √p(b). For the ground it is the distance of the radar horizon, with p = h (2R + h)
//! of a height h: √(2 R h₁) + √(2 R h₂) for heights that are small against R (M. I. Skolnik,
//! "Introduction to Radar Systems", 3rd ed. (2001), chapter 8).

use crate::scene::horizon_document::{
    EFFECTIVE_RADIUS_LIMITS_M, HorizonDocument, MAX_OCCLUDING_BODIES,
};
use crate::scene::motion_lanes::PathLanes;
use crate::scene::place::Place;
use crate::scene::scenario::Target;
use crate::simd::LANES;

/// Positions of eight bodies \[m\], by axis.
pub type PositionLanes = [[f64; LANES]; 3];

/// Everything that hides targets from one radar.
#[derive(Clone, Debug)]
pub struct LineOfSight {
    horizon_radius_m: Option<f64>,
    bodies: Vec<OccludingBody>,
}

/// A body with a sphere around it.
#[derive(Clone, Debug)]
struct OccludingBody {
    /// Index in the scenario.
    index: i32,
    radius_m: f64,
    /// Where it is, the same in every lane.
    path: PathLanes,
    present_from_s: f64,
    present_until_s: f64,
}

/// Eight targets and the radar that looks at them, each pair at a time of its own.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// Where the radar is.
    pub own_m: &'a PositionLanes,
    /// Where the targets are.
    pub target_m: &'a PositionLanes,
    /// Their indices in the scenario.
    pub index: &'a [i32; LANES],
    /// When, in the scenario \[s\].
    pub time_s: &'a [f64; LANES],
}

/// Radius of the ground of a document, checked.
pub fn horizon_radius_m(place: &Place<'_>, document: &HorizonDocument) -> f64 {
    let [least, most] = EFFECTIVE_RADIUS_LIMITS_M;
    place.key("effective_radius_m").number(document.effective_radius_m, least, most);
    document.effective_radius_m
}

/// Refuse more bodies that hide others than a frame can afford to look at for each target.
pub fn check_count(place: &Place<'_>, targets: &[Target]) {
    let count = targets.iter().filter(|target| target.occluding_radius_m.is_some()).count();
    if count > MAX_OCCLUDING_BODIES {
        place.problem(format!(
            "makes {count} bodies with an occluding_radius_m, must be at most \
             {MAX_OCCLUDING_BODIES}: leave it out where it hides little"
        ));
    }
}

impl LineOfSight {
    /// What hides `targets` from a radar on the vehicle that is the target of index `own`.
    pub fn new(horizon_radius_m: Option<f64>, targets: &[Target], own: Option<usize>) -> Self {
        let others = targets.iter().enumerate().filter(|(index, _)| Some(*index) != own);
        let body = |(index, target): (usize, &Target)| {
            Some(OccludingBody {
                index: index as i32,
                radius_m: target.occluding_radius_m?,
                path: PathLanes::new([&target.path; LANES]),
                present_from_s: target.present_from_s,
                present_until_s: target.present_until_s,
            })
        };
        Self { horizon_radius_m, bodies: others.filter_map(body).collect() }
    }

    /// Whether nothing can be hidden.
    pub const fn is_free(&self) -> bool {
        self.horizon_radius_m.is_none() && self.bodies.is_empty()
    }

    /// Whether each target is hidden. A sphere does not hide the body in its middle.
    #[inline(always)]
    pub fn is_hidden(&self, sight: &Sight<'_>) -> [bool; LANES] {
        let mut is_hidden = match self.horizon_radius_m {
            Some(radius_m) => behind_ground(sight, radius_m),
            None => [false; LANES],
        };
        for body in &self.bodies {
            body.hide(sight, &mut is_hidden);
        }
        is_hidden
    }
}

impl OccludingBody {
    #[inline(always)]
    fn hide(&self, sight: &Sight<'_>, is_hidden: &mut [bool; LANES]) {
        let centre_m = self.path.states_at_each(sight.time_s).position_m;
        for lane in 0..LANES {
            let power_m2 = |point_m: &PositionLanes| {
                let [x, y, z] = difference(point_m, &centre_m, lane);
                x * x + y * y + z * z - self.radius_m * self.radius_m
            };
            let time_s = sight.time_s[lane];
            let present = (self.present_from_s <= time_s) & (time_s < self.present_until_s);
            let is_behind = is_cut(sight, lane, power_m2(sight.own_m), power_m2(sight.target_m));
            is_hidden[lane] |= is_behind & present & (sight.index[lane] != self.index);
        }
    }
}

#[inline(always)]
fn behind_ground(sight: &Sight<'_>, radius_m: f64) -> [bool; LANES] {
    // d² - R² around (0, 0, -R), without the squares of R, which would cost eight digits.
    let power_m2 = |point_m: &PositionLanes, lane: usize| {
        let [x, y, z] = [point_m[0][lane], point_m[1][lane], point_m[2][lane]];
        x * x + y * y + z * z + 2.0 * radius_m * z
    };
    let mut is_hidden = [false; LANES];
    for lane in 0..LANES {
        let (own_m2, target_m2) = (power_m2(sight.own_m, lane), power_m2(sight.target_m, lane));
        is_hidden[lane] = is_cut(sight, lane, own_m2, target_m2);
    }
    is_hidden
}

/// Whether a sphere in which the radar and the target have these powers cuts their connection, or
/// holds one of them.
#[inline(always)]
fn is_cut(sight: &Sight<'_>, lane: usize, own_m2: f64, target_m2: f64) -> bool {
    let [x, y, z] = difference(sight.target_m, sight.own_m, lane);
    let distance_m = (x * x + y * y + z * z).sqrt();
    // The root of a negative power is NaN, and the last comparison then false.
    (own_m2 < 0.0) | (target_m2 < 0.0) | (own_m2.sqrt() + target_m2.sqrt() < distance_m)
}

#[inline(always)]
fn difference(a: &PositionLanes, b: &PositionLanes, lane: usize) -> [f64; 3] {
    [a[0][lane] - b[0][lane], a[1][lane] - b[1][lane], a[2][lane] - b[2][lane]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RADIUS_M: f64 = 8_494_667.0;

    fn every_lane(point_m: [f64; 3]) -> PositionLanes {
        point_m.map(|coordinate| [coordinate; LANES])
    }

    fn is_behind_ground(own_m: [f64; 3], target_m: [f64; 3]) -> bool {
        let (own_m, target_m) = (every_lane(own_m), every_lane(target_m));
        let sight =
            Sight { own_m: &own_m, target_m: &target_m, index: &[0; LANES], time_s: &[0.0; LANES] };
        behind_ground(&sight, RADIUS_M)[0]
    }

    /// A point `height_m` above the sphere, an arc of `arc_m` from the origin to the north.
    fn above_ground(height_m: f64, arc_m: f64) -> [f64; 3] {
        let (angle, from_centre_m) = (arc_m / RADIUS_M, RADIUS_M + height_m);
        [0.0, from_centre_m * libm::sin(angle), from_centre_m * libm::cos(angle) - RADIUS_M]
    }

    /// The arc to the tangent point of a height h is R acos(R / (R + h)).
    #[test]
    fn the_horizon_lies_where_the_ray_touches_the_ground() {
        let arc_m = |height_m: f64| RADIUS_M * libm::acos(RADIUS_M / (RADIUS_M + height_m));
        for [radar_m, target_m] in [[20.0, 100.0], [5.0, 10_000.0], [9_000.0, 3.0], [3e5, 3e6]] {
            let horizon_m = arc_m(radar_m) + arc_m(target_m);
            let own_m = above_ground(radar_m, 0.0);
            // acos loses half of the digits near 1.
            let margin_m = 1e-7 * RADIUS_M / radar_m.min(target_m).min(1.0);
            assert!(!is_behind_ground(own_m, above_ground(target_m, horizon_m - margin_m)));
            assert!(is_behind_ground(own_m, above_ground(target_m, horizon_m + margin_m)));
        }
    }

    /// Skolnik's √(2 R h₁) + √(2 R h₂).
    #[test]
    fn low_heights_have_the_distance_of_the_books() {
        let horizon_m = (2.0 * RADIUS_M * 30.0).sqrt() + (2.0 * RADIUS_M * 200.0).sqrt();
        let own_m = above_ground(30.0, 0.0);
        assert!(!is_behind_ground(own_m, above_ground(200.0, 0.999 * horizon_m)));
        assert!(is_behind_ground(own_m, above_ground(200.0, 1.001 * horizon_m)));
    }

    #[test]
    fn what_lies_on_the_plane_is_not_below_the_ground() {
        assert!(!is_behind_ground([0.0; 3], [3000.0, -7000.0, 0.0]));
        assert!(is_behind_ground([0.0; 3], [3000.0, -7000.0, -1e-3]));
        assert!(is_behind_ground([0.0, 0.0, 10.0], [0.0, 0.0, -0.1]));
        assert!(is_behind_ground([0.0, 0.0, -0.1], [0.0, 0.0, 10.0]));
    }
}
