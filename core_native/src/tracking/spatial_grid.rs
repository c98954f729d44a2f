//! An index over the positions of one frame's detections.
//!
//! A grid of cells over the horizontal plane, filled by a counting sort. The cells of one
//! row stand side by side in memory, so a search box is a few contiguous runs. The number of cells
//! is bounded by the number of points, however far apart they lie. What is found is a superset of
//! what meets the box: single precision decides, with a margin above its rounding.

use crate::simd::{LANES, each_number};
use crate::tracking::grid_cells::{CellAxis, lay_out};
use crate::tracking::points::{GridPoints, MARGIN, Points, range_of, widened};

/// Where the points of eight searches may lie, field by field. Independent uncertainties add as
/// squares, so a point meets the box when on each axis (|distance| - drift)² ≤ spread² + reach².
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchBoxes {
    /// Middle \[m\].
    pub center_m: [[f64; LANES]; 3],
    /// How far the gate reaches on each axis, squared \[m²\].
    pub spread2_m2: [[f64; LANES]; 3],
    /// How far the middle itself may move either way \[m\].
    pub drift_m: [[f64; LANES]; 3],
}

/// Eight search boxes as the grid sees them: in single precision from its own origin, a margin
/// wider than any rounding, with the cells that each meets.
pub struct GridBoxes {
    center_m: [[f32; LANES]; 3],
    spread2_m2: [[f32; LANES]; 3],
    drift_m: [[f32; LANES]; 3],
    /// How far from the middle the place of the point with the largest reach may be.
    half_m: [[f32; LANES]; 3],
    first: [[u32; LANES]; 2],
    last: [[u32; LANES]; 2],
}

/// Grid over the points of one frame; its memory is kept from frame to frame.
#[derive(Debug, Default)]
pub struct SpatialGrid {
    axes: [CellAxis; 3],
    /// Largest reach of any point along each axis, squared \[m²\].
    reach2_m2: [f32; 3],
    /// Whether every point has that reach.
    one_reach: bool,
    /// Where each cell begins among the sorted points; two more entries than cells.
    start: Vec<u32>,
    cell_of_point: Vec<u32>,
    /// The points as given, and by cell with as many behind them as one search may read beyond.
    given: GridPoints,
    sorted: GridPoints,
    /// The number of each sorted point.
    index: Vec<u32>,
}

/// The margin as a factor for what is single already.
const WIDER: f32 = (1.0 + MARGIN) as f32;

impl SpatialGrid {
    /// Index `points` in place of the former ones.
    #[inline(always)]
    pub fn build(&mut self, points: &Points) {
        self.axes = lay_out(points);
        let reach2_m2 = [0, 1, 2].map(|axis| range_of(&points.reach2_m2[axis]));
        self.reach2_m2 = reach2_m2.map(|[_, largest]| widened(largest));
        self.one_reach = reach2_m2.iter().all(|[least, largest]| least == largest);
        self.convert(points);
        self.count_cells();
        self.index.resize(points.len() + LANES, 0);
        self.sorted.resize(points.len() + LANES);
        let (given, sorted) = (&self.given, &mut self.sorted);
        for (at, &cell) in self.cell_of_point.iter().enumerate() {
            // The entry behind the cell's own counts up to the next cell's beginning.
            let place = &mut self.start[cell as usize + 1];
            let to = *place as usize;
            *place += 1;
            self.index[to] = at as u32;
            for axis in 0..3 {
                sorted.position_m[axis][to] = given.position_m[axis][at];
            }
            if !self.one_reach {
                for axis in 0..3 {
                    sorted.reach2_m2[axis][to] = given.reach2_m2[axis][at];
                }
            }
        }
    }

    /// Take over the points in single precision, with the cell of each.
    #[inline(always)]
    fn convert(&mut self, points: &Points) {
        self.given.resize(points.len());
        for axis in 0..3 {
            let origin_m = self.axes[axis].origin_m;
            let given = self.given.position_m[axis].iter_mut();
            for (given, &along_m) in given.zip(&points.position_m[axis]) {
                *given = (along_m - origin_m) as f32;
            }
        }
        for axis in 0..if self.one_reach { 0 } else { 3 } {
            let given = self.given.reach2_m2[axis].iter_mut();
            for (given, &reach2_m2) in given.zip(&points.reach2_m2[axis]) {
                *given = widened(reach2_m2);
            }
        }
        let [along_x, along_y, _] = self.axes;
        let columns = along_x.count() as u32;
        self.cell_of_point.resize(points.len(), 0);
        let [x, y, _] = &self.given.position_m;
        for ((cell, &x), &y) in self.cell_of_point.iter_mut().zip(x).zip(y) {
            *cell = along_y.cell(y) * columns + along_x.cell(x);
        }
    }

    /// Where each cell begins, one entry too far right.
    #[inline(always)]
    fn count_cells(&mut self) {
        self.start.clear();
        self.start.resize(self.axes[0].count() * self.axes[1].count() + 2, 0);
        for &cell in &self.cell_of_point {
            self.start[cell as usize + 2] += 1;
        }
        let mut before = 0;
        for start in &mut self.start {
            before += *start;
            *start = before;
        }
    }

    /// Eight boxes in the grid's own terms.
    #[inline(always)]
    pub fn boxes(&self, boxes: &SearchBoxes) -> GridBoxes {
        let mut found = GridBoxes {
            center_m: [[0.0; LANES]; 3],
            spread2_m2: [[0.0; LANES]; 3],
            drift_m: [[0.0; LANES]; 3],
            half_m: [[0.0; LANES]; 3],
            first: [[0; LANES]; 2],
            last: [[0; LANES]; 2],
        };
        each_number!(axis below 3 => {
            let cells = self.axes[axis];
            for lane in 0..LANES {
                let from_origin_m = boxes.center_m[axis][lane] - cells.origin_m;
                let rounding_m = MARGIN * (cells.extent_m + from_origin_m.abs());
                found.center_m[axis][lane] = from_origin_m as f32;
                found.spread2_m2[axis][lane] = widened(boxes.spread2_m2[axis][lane]);
                found.drift_m[axis][lane] = widened(boxes.drift_m[axis][lane] + rounding_m);
                let spread2_m2 = found.spread2_m2[axis][lane] + self.reach2_m2[axis];
                found.half_m[axis][lane] = (spread2_m2.sqrt() + found.drift_m[axis][lane]) * WIDER;
            }
        });
        each_number!(axis below 2 => {
            let cells = self.axes[axis];
            for lane in 0..LANES {
                let half_m = found.half_m[axis][lane];
                found.first[axis][lane] = cells.cell(found.center_m[axis][lane] - half_m);
                found.last[axis][lane] = cells.cell(found.center_m[axis][lane] + half_m);
            }
        });
        found
    }

    /// Write the numbers of the points that meet the box of one lane behind the first `count` of
    /// `found`, which has room for one more than all points, and return the new count.
    #[inline(always)]
    pub fn find_near(
        &self,
        boxes: &GridBoxes,
        lane: usize,
        found: &mut [u32],
        mut count: usize,
    ) -> usize {
        let width = self.axes[0].count();
        let [columns, rows] = [0, 1].map(|axis| [boxes.first[axis][lane], boxes.last[axis][lane]]);
        let of_lane = |field: &[[f32; LANES]; 3]| [field[0][lane], field[1][lane], field[2][lane]];
        let center_m = of_lane(&boxes.center_m);
        let spread2_m2 = of_lane(&boxes.spread2_m2);
        let drift_m = of_lane(&boxes.drift_m);
        let half_m = of_lane(&boxes.half_m);
        let mut row = rows[0] as usize;
        while row <= rows[1] as usize {
            let mut at = self.start[row * width + columns[0] as usize] as usize;
            let end = self.start[row * width + columns[1] as usize + 1] as usize;
            // Most runs hold few points, often none: one look at eight is cheaper than a branch
            // that cannot be foreseen, and so is the first hit that may be none.
            loop {
                let mut hits = if self.one_reach {
                    self.lie_within(at, center_m, half_m)
                } else {
                    self.meets(at, center_m, spread2_m2, drift_m)
                };
                if end - at < LANES {
                    hits &= (1 << (8 * (end - at))) - 1;
                }
                found[count] = self.index[at + hits.trailing_zeros() as usize / 8 % LANES];
                count += usize::from(hits != 0);
                hits = without_first(hits);
                while hits != 0 {
                    found[count] = self.index[at + hits.trailing_zeros() as usize / 8];
                    count += 1;
                    hits = without_first(hits);
                }
                at += LANES;
                if at >= end {
                    break;
                }
            }
            row += 1;
        }
        count
    }

    /// Which of the eight points from `at` on lie within a box: one byte each, all ones or zero,
    /// which is what vectors compare to.
    #[inline(always)]
    fn lie_within(&self, at: usize, center_m: [f32; 3], half_m: [f32; 3]) -> u64 {
        let [x_m, y_m, z_m] = &self.sorted.position_m;
        let eight = [&x_m[at..at + LANES], &y_m[at..at + LANES], &z_m[at..at + LANES]];
        let mut within = [0_u8; LANES];
        for point in 0..LANES {
            let away = |axis: usize| (eight[axis][point] - center_m[axis]).abs();
            let inside = (away(0) <= half_m[0]) & (away(1) <= half_m[1]) & (away(2) <= half_m[2]);
            within[point] = if inside { u8::MAX } else { 0 };
        }
        u64::from_le_bytes(within)
    }

    /// Which of the eight points from `at` on meet a box: one byte each, all ones or zero.
    #[inline(always)]
    fn meets(&self, at: usize, center_m: [f32; 3], spread2_m2: [f32; 3], drift_m: [f32; 3]) -> u64 {
        let [x_m, y_m, z_m] = &self.sorted.position_m;
        let eight = [&x_m[at..at + LANES], &y_m[at..at + LANES], &z_m[at..at + LANES]];
        let reach2_m2 =
            self.sorted.reach2_m2.each_ref().map(|reach2_m2| &reach2_m2[at..at + LANES]);
        let mut meets = [0_u8; LANES];
        for point in 0..LANES {
            let meets_along = |axis: usize| {
                let away = (eight[axis][point] - center_m[axis]).abs() - drift_m[axis];
                let beyond = if away > 0.0 { away } else { 0.0 };
                beyond * beyond <= spread2_m2[axis] + reach2_m2[axis][point]
            };
            let all = meets_along(0) & meets_along(1) & meets_along(2);
            meets[point] = if all { u8::MAX } else { 0 };
        }
        u64::from_le_bytes(meets)
    }
}

/// The bytes of `hits` but the first that is not zero.
#[inline(always)]
const fn without_first(hits: u64) -> u64 {
    hits & (!0xFF_u64).wrapping_shl(hits.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, the same in every run.
    fn scatter(count: usize, size_m: f64) -> Vec<([f64; 3], [f64; 3])> {
        let mut bits = 1_u64;
        let mut next = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((bits >> 33) as f64 / f64::from(u32::MAX >> 1) - 0.5) * size_m
        };
        (0..count)
            .map(|_| {
                let position_m = [next(), next(), next() * 0.1];
                (position_m, [0; 3].map(|_| (next().abs() * size_m * 1e-3).sqrt()))
            })
            .collect()
    }

    #[test]
    fn every_point_in_the_box_is_found_once_and_none_far_outside() {
        let mut grid = SpatialGrid::default();
        let sizes = [(0, 1.0), (1, 1.0), (500, 1e4), (700, 1e-3), (300, 1e7), (90, 1e11)];
        for ((count, size_m), one_reach) in
            sizes.into_iter().flat_map(|size| [(size, false), (size, true)])
        {
            let mut scattered = scatter(count, size_m);
            if one_reach {
                let reach_m = [0.02, 0.01, 0.003].map(|share: f64| share * size_m);
                scattered.iter_mut().for_each(|point| point.1 = reach_m);
            }
            let mut points = Points::default();
            scattered.iter().for_each(|&(position_m, reach_m)| points.push(position_m, reach_m));
            grid.build(&points);
            assert_eq!(grid.one_reach, one_reach || count < 2);
            for (center_m, _) in scatter(60, size_m * 1.3) {
                let spread_m = [0.03, 0.07, 0.02].map(|share: f64| share * size_m);
                let drift_m = [0.01 * size_m, 0.0, 0.02 * size_m];
                let search = SearchBoxes {
                    center_m: center_m.map(|along| [along; LANES]),
                    spread2_m2: spread_m.map(|spread| [spread * spread; LANES]),
                    drift_m: drift_m.map(|drift| [drift; LANES]),
                };
                let mut found = vec![0; count + 1];
                let near = grid.find_near(&grid.boxes(&search), 5, &mut found, 0);
                found.truncate(near);
                found.sort_unstable();
                let meets = |index: usize, slack: f64| {
                    let (position_m, reach_m) = scattered[index];
                    (0..3).all(|axis| {
                        let away = (position_m[axis] - center_m[axis]).abs();
                        let limit = libm::hypot(spread_m[axis], reach_m[axis]);
                        away <= limit + drift_m[axis] + slack
                    })
                };
                let inside: Vec<u32> =
                    (0..count as u32).filter(|&i| meets(i as usize, 0.0)).collect();
                assert!(inside.iter().all(|index| found.contains(index)), "{found:?} {inside:?}");
                assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
                let rounding_m = 4.0 * MARGIN * size_m;
                assert!(found.iter().all(|&index| meets(index as usize, rounding_m)));
            }
        }
    }

    #[test]
    fn points_and_boxes_that_are_not_finite_end_no_search() {
        let mut grid = SpatialGrid::default();
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            for axis in 0..3 {
                let mut position_m = [3.0, 4.0, 5.0];
                position_m[axis] = odd;
                let mut points = Points::default();
                points.push([1.0, 2.0, 3.0], [1.0; 3]);
                points.push(position_m, [1.0; 3]);
                points.push([7.0, 8.0, 9.0], [odd, 1.0, 1.0]);
                grid.build(&points);
                for center in [1.0, odd] {
                    let mut search = SearchBoxes::default();
                    search.center_m[axis] = [center; LANES];
                    let mut found = [0; 4];
                    assert!(grid.find_near(&grid.boxes(&search), 0, &mut found, 0) <= 3);
                }
            }
        }
    }
}
