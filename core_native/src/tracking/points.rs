//! The positions of one frame's detections, coordinate by coordinate, as given and as the spatial
//! grid holds them.

use crate::numeric::{max, min};
use crate::simd::LANES;

/// Four units in the last place of single precision: above the sum of all roundings of a test.
pub const MARGIN: f64 = 4.8e-7;

/// Points whose true places are uncertain, coordinate by coordinate.
#[derive(Debug, Default)]
pub struct Points {
    /// Positions \[m\].
    pub position_m: [Vec<f64>; 3],
    /// How far the gate of each reaches along each axis, squared \[m²\].
    pub reach2_m2: [Vec<f64>; 3],
}

impl Points {
    /// Forget all, keeping the memory.
    pub fn clear(&mut self) {
        self.position_m.iter_mut().for_each(Vec::clear);
        self.reach2_m2.iter_mut().for_each(Vec::clear);
    }

    /// Add a point whose gate reaches `reach_m` along the axes.
    #[inline(always)]
    pub fn push(&mut self, position_m: [f64; 3], reach_m: [f64; 3]) {
        for axis in 0..3 {
            self.position_m[axis].push(position_m[axis]);
            self.reach2_m2[axis].push(reach_m[axis] * reach_m[axis]);
        }
    }

    /// Add the first `count` of eight points that lie side by side.
    #[inline(always)]
    pub fn extend_lanes(
        &mut self,
        position_m: &[[f64; LANES]; 3],
        reach_m: &[[f64; LANES]; 3],
        count: usize,
    ) {
        for axis in 0..3 {
            self.position_m[axis].extend_from_slice(&position_m[axis][..count]);
            let reach2_m2 = reach_m[axis].map(|reach_m| reach_m * reach_m);
            self.reach2_m2[axis].extend_from_slice(&reach2_m2[..count]);
        }
    }

    /// Add points with a reach each, or one reach for all.
    pub fn extend(
        &mut self,
        positions_m: &[[f64; 3]],
        reaches_m: impl ExactSizeIterator<Item = [f64; 3]>,
    ) {
        for axis in 0..3 {
            self.position_m[axis].extend(positions_m.iter().map(|position_m| position_m[axis]));
        }
        let shared = reaches_m.len() == 1;
        for reach_m in reaches_m {
            let count = if shared { self.position_m[0].len() } else { self.reach2_m2[0].len() + 1 };
            for axis in 0..3 {
                self.reach2_m2[axis].resize(count, reach_m[axis] * reach_m[axis]);
            }
        }
    }

    /// How many.
    pub const fn len(&self) -> usize {
        self.position_m[0].len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The points of a grid in single precision.
#[derive(Debug, Default)]
pub struct GridPoints {
    /// Positions from the grid's origin \[m\].
    pub position_m: [Vec<f32>; 3],
    /// Squared reaches along each axis \[m²\].
    pub reach2_m2: [Vec<f32>; 3],
}

impl GridPoints {
    /// Have as many points, new ones in the origin.
    pub fn resize(&mut self, count: usize) {
        self.position_m.iter_mut().for_each(|along| along.resize(count, 0.0));
        self.reach2_m2.iter_mut().for_each(|reach2| reach2.resize(count, 0.0));
    }
}

/// A length or its square in single precision, above its own rounding. Never below the smallest
/// normal number: what is smaller loses digits, or becomes zero where a library of the process has
/// switched such numbers off.
#[inline(always)]
pub fn widened(value: f64) -> f32 {
    (value * (1.0 + MARGIN) + SMALLEST) as f32
}

const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// Least and largest of the values, zeros where there are none.
#[inline(always)]
pub fn range_of(values: &[f64]) -> [f64; 2] {
    let Some(&first) = values.first() else { return [0.0; 2] };
    let (mut low, mut high) = ([first; LANES], [first; LANES]);
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for lane in 0..LANES {
            low[lane] = min(low[lane], eight[lane]);
            high[lane] = max(high[lane], eight[lane]);
        }
    }
    let low = low.iter().chain(rest).copied().fold(first, min);
    let high = high.iter().chain(rest).copied().fold(first, max);
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widened_number_is_above_and_hardly_more() {
        for power in -300..=37 {
            for digits in [1.0, 1.000_000_06, 1.234_567_89, 9.999_999_9] {
                let value = digits * libm::pow(10.0, f64::from(power));
                let wide = widened(value);
                assert!(f64::from(wide) > value && wide.is_normal(), "{value} {wide}");
                assert!(f64::from(wide) <= value * (1.0 + 2.0 * MARGIN) + SMALLEST * 1.01);
            }
        }
        assert_eq!(widened(1e300), f32::INFINITY);
        assert_eq!(widened(f64::INFINITY), f32::INFINITY);
    }

    #[test]
    fn the_range_is_that_of_all_values() {
        assert_eq!(range_of(&[]), [0.0, 0.0]);
        let mut values = Vec::new();
        for count in 1..=20 {
            values.push(f64::from(count));
            // The least and the largest at every place, in the eights and in the rest.
            for place in 0..values.len() {
                let mut marked = values.clone();
                marked[place] = -3.0;
                assert_eq!(range_of(&marked)[0], -3.0);
                marked[place] = 30.0;
                assert_eq!(range_of(&marked)[1], 30.0);
            }
        }
    }

    #[test]
    fn a_shared_reach_is_that_of_every_point() {
        let positions_m = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
        let (mut shared, mut each, mut one_by_one) =
            (Points::default(), Points::default(), Points::default());
        shared.extend(&positions_m, [[2.0, 1.0, 3.0]].into_iter());
        each.extend(&positions_m, [[2.0, 1.0, 3.0]; 3].into_iter());
        positions_m.iter().for_each(|&position_m| one_by_one.push(position_m, [2.0, 1.0, 3.0]));
        for points in [&shared, &each] {
            assert_eq!(points.position_m, one_by_one.position_m);
            assert_eq!(points.reach2_m2, one_by_one.reach2_m2);
            assert!(points.len() == 3 && !points.is_empty());
        }
        let mut none = Points::default();
        none.extend(&[], [[2.0, 1.0, 3.0]].into_iter());
        assert!(none.is_empty() && none.reach2_m2.iter().all(Vec::is_empty));
    }
}
