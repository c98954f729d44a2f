//! The bodies of a scene as they truly are, for rewards.

use crate::geometry::dot;
use crate::scene::motion_lanes::PathLanes;
use crate::scene::platform::OWN_SHIP_INDEX;
use crate::scene::scenario::Scenario;
use crate::simd::LANES;

/// All targets but the own ship.
#[derive(Clone, Debug)]
pub struct Bodies {
    paths: Vec<PathLanes>,
    /// When each is there \[s\]; the own ship never is.
    present_s: Vec<[f64; 2]>,
}

/// Where the bodies are, seen from the own ship in the world frame \[m\]; none for one that is not there.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Option<[f64; 3]>>);

impl Bodies {
    /// The bodies of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let targets = &scenario.targets;
        let paths = targets.chunks(LANES);
        let paths = paths.map(|chunk| PathLanes::new(chunk.iter().map(|target| &target.path)));
        let own = scenario.platforms[OWN_SHIP_INDEX].target;
        let present = targets.iter().enumerate().map(|(index, target)| {
            let is_own = own == Some(index);
            let never = [f64::INFINITY, f64::NEG_INFINITY];
            if is_own { never } else { [target.present_from_s, target.present_until_s] }
        });
        Self { paths: paths.collect(), present_s: present.collect() }
    }

    /// Write where they are at `time_s` of the scenario, seen from `own_m`.
    pub fn places(&self, time_s: f64, own_m: [f64; 3], places: &mut Places) {
        places.0.clear();
        for (paths, present_s) in self.paths.iter().zip(self.present_s.chunks(LANES)) {
            let states = paths.states_at(time_s);
            places.0.extend(present_s.iter().enumerate().map(|(lane, &[from_s, until_s])| {
                let is_present = from_s <= time_s && time_s < until_s;
                let place_m = [0, 1, 2].map(|axis| states.position_m[axis][lane] - own_m[axis]);
                is_present.then_some(place_m)
            }));
        }
    }
}

impl Places {
    /// The place of a body.
    pub fn get(&self, index: usize) -> Option<[f64; 3]> {
        self.0.get(index).copied().flatten()
    }

    /// Distance of the nearest body \[m\]; infinite where there is none.
    pub fn nearest_m(&self) -> f64 {
        let squares = self.0.iter().flatten().map(|place_m| dot(*place_m, *place_m));
        squares.fold(f64::INFINITY, f64::min).sqrt()
    }

    /// Whether a body came nearer than `distance_m` since the places `before`, on a straight way, that
    /// of the index `spared` apart.
    pub fn has_met(&self, before: &Self, distance_m: f64, spared: Option<usize>) -> bool {
        self.0.iter().enumerate().any(|(index, now)| {
            let Some(now_m) = now.filter(|_| spared != Some(index)) else { return false };
            least_m2(before.get(index).unwrap_or(now_m), now_m) < distance_m * distance_m
        })
    }
}

/// Square of the least distance from the origin on the way between two places \[m²\].
fn least_m2(from_m: [f64; 3], to_m: [f64; 3]) -> f64 {
    let way_m = [0, 1, 2].map(|axis| to_m[axis] - from_m[axis]);
    let length_m2 = dot(way_m, way_m);
    let part =
        if length_m2 > 0.0 { (-dot(from_m, way_m) / length_m2).clamp(0.0, 1.0) } else { 0.0 };
    let least_m = [0, 1, 2].map(|axis| from_m[axis] + part * way_m[axis]);
    dot(least_m, least_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_met_between_two_frames() {
        let places = |x_m: f64| Places(vec![None, Some([x_m, 3.0, 0.0])]);
        let (before, after) = (places(-40.0), places(60.0));
        assert!(after.has_met(&before, 3.1, None) && !after.has_met(&before, 2.9, None));
        assert!(!after.has_met(&before, 3.1, Some(1)));
        assert!(!after.has_met(&after, 60.0, None), "it has passed");
        assert!((after.nearest_m() - 3609.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Places::default().nearest_m(), f64::INFINITY);
    }

    #[test]
    fn one_that_appears_counts_from_where_it_is() {
        let now = Places(vec![Some([4.0, 0.0, 0.0])]);
        assert!(now.has_met(&Places(vec![None]), 5.0, None));
        assert!(!now.has_met(&Places(vec![None]), 4.0, None));
    }
}
