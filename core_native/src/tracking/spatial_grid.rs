//! An index over the positions of one frame's detections.
//!
//! A grid of square cells over the horizontal plane, filled by a counting sort. The cells of one
//! row stand side by side in memory, so a search box is a few contiguous runs. The number of cells
//! is bounded by the number of points, however far apart they lie.

use crate::numeric::{max, min};

/// Grid over the points of one frame; its memory is kept from frame to frame.
#[derive(Debug, Default)]
pub struct SpatialGrid {
    axes: [CellAxis; 2],
    /// Where each cell begins in `points`; one more entry than cells.
    start: Vec<u32>,
    cell_of_point: Vec<u32>,
    points: Vec<Point>,
}

/// A point whose true place is uncertain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Point {
    /// Position \[m\].
    pub position_m: [f64; 3],
    /// How far its gate reaches, horizontal and vertical, squared \[m²\].
    pub reach2_m2: [f64; 2],
    /// The caller's number of the point.
    pub index: u32,
}

/// Where the point of a search may lie. Independent uncertainties add as squares, so a point meets
/// the box when on each axis (|distance| - drift)² ≤ spread² + reach².
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchBox {
    /// Middle \[m\].
    pub center_m: [f64; 3],
    /// How far the gate reaches on each axis, squared \[m²\].
    pub spread2_m2: [f64; 3],
    /// How far the middle itself may move either way \[m\].
    pub drift_m: [f64; 3],
    /// First and last column of cells to search, from [`CellAxis::range`].
    pub columns: [u32; 2],
    /// First and last row.
    pub rows: [u32; 2],
}

/// How one horizontal axis is cut into cells.
#[derive(Clone, Copy, Debug, Default)]
pub struct CellAxis {
    origin_m: f64,
    cells_per_m: f64,
    last: f64,
}

impl CellAxis {
    /// First and last cell that a box of half width `half_m` around `center_m` meets, at the ends
    /// of the grid where it lies outside.
    #[inline(always)]
    pub fn range(&self, center_m: f64, half_m: f64) -> [u32; 2] {
        [self.cell(center_m - half_m), self.cell(center_m + half_m)]
    }

    #[inline(always)]
    fn cell(&self, along_m: f64) -> u32 {
        let cell = (along_m - self.origin_m) * self.cells_per_m;
        min(max(cell, 0.0), self.last) as u32
    }

    fn count(&self) -> usize {
        self.last as usize + 1
    }
}

/// Cells per point: about half of the cells then hold none.
const CELLS_PER_POINT: usize = 2;

impl SpatialGrid {
    /// Index `points` in place of the former ones.
    pub fn build(&mut self, points: &[Point]) {
        self.lay_out(points);
        let columns = self.axes[0].count();
        let cells = columns * self.axes[1].count();
        self.start.clear();
        self.start.resize(cells + 1, 0);
        self.cell_of_point.clear();
        for point in points {
            let cell_along = |axis: usize| self.axes[axis].cell(point.position_m[axis]) as usize;
            let cell = cell_along(1) * columns + cell_along(0);
            self.cell_of_point.push(cell as u32);
            self.start[cell + 1] += 1;
        }
        for cell in 0..cells {
            self.start[cell + 1] += self.start[cell];
        }
        self.points.clear();
        self.points.resize(points.len(), Point::default());
        // Backwards, so that `start` ends as the beginnings and points keep their order in a cell.
        for (point, &cell) in points.iter().zip(&self.cell_of_point).rev() {
            let end = &mut self.start[cell as usize + 1];
            *end -= 1;
            self.points[*end as usize] = *point;
        }
        // Each entry now stands one cell too far right.
        self.start.remove(0);
        self.start.push(points.len() as u32);
    }

    fn lay_out(&mut self, points: &[Point]) {
        let mut low = [f64::MAX; 2];
        let mut high = [f64::MIN; 2];
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point.position_m[axis]);
                high[axis] = high[axis].max(point.position_m[axis]);
            }
        }
        if points.is_empty() {
            (low, high) = ([0.0; 2], [0.0; 2]);
        }
        let size = [(high[0] - low[0]).max(1.0), (high[1] - low[1]).max(1.0)];
        let cells = (CELLS_PER_POINT * points.len().max(1)) as f64;
        let cell_m = (size[0] * size[1] / cells).sqrt().max(size[0].max(size[1]) / cells);
        for axis in 0..2 {
            let last = (size[axis] / cell_m).floor();
            self.axes[axis] = CellAxis { origin_m: low[axis], cells_per_m: 1.0 / cell_m, last };
        }
    }

    /// How the cells lie.
    pub const fn axes(&self) -> [CellAxis; 2] {
        self.axes
    }

    /// Write the index of every point that meets the box to the head of `found`, which has room
    /// for one more than all points, and return how many they are.
    #[inline]
    pub fn find_near(&self, search: &SearchBox, found: &mut [u32]) -> usize {
        let SearchBox { center_m, spread2_m2, drift_m, columns, rows } = search;
        let width = self.axes[0].count();
        let mut kept = 0;
        for row in rows[0]..=rows[1] {
            let first = row as usize * width;
            let begin = self.start[first + columns[0] as usize] as usize;
            let end = self.start[first + columns[1] as usize + 1] as usize;
            // Write every index and step on only past those that meet: whether a point does is a
            // coin toss, and a branch on it would cost more than all the arithmetic.
            for point in &self.points[begin..end] {
                let meets = |axis: usize| {
                    let distance = (point.position_m[axis] - center_m[axis]).abs();
                    let beyond = max(distance - drift_m[axis], 0.0);
                    beyond * beyond <= spread2_m2[axis] + point.reach2_m2[axis / 2]
                };
                found[kept] = point.index;
                kept += usize::from(meets(0) & meets(1) & meets(2));
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, the same in every run.
    fn scatter(count: usize, size_m: f64) -> Vec<Point> {
        let mut bits = 1_u64;
        let mut next = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((bits >> 33) as f64 / f64::from(u32::MAX >> 1) - 0.5) * size_m
        };
        (0..count)
            .map(|index| Point {
                position_m: [next(), next(), next() * 0.1],
                reach2_m2: [next().abs() * size_m * 1e-3, next().abs() * size_m * 1e-3],
                index: index as u32,
            })
            .collect()
    }

    #[test]
    fn every_near_point_is_found_once() {
        let mut grid = SpatialGrid::default();
        for (count, size_m) in [(0, 1.0), (1, 1.0), (500, 1e4), (700, 1e-3), (300, 1e7)] {
            let points = scatter(count, size_m);
            grid.build(&points);
            let reach2_m2 = points.iter().map(|p| p.reach2_m2[0]).fold(0.0, f64::max);
            for query in scatter(60, size_m * 1.3) {
                let spread2_m2 =
                    [0.03, 0.07, 0.02].map(|share: f64| share * share * size_m * size_m);
                let drift_m = [0.01 * size_m, 0.0, 0.02 * size_m];
                let half_m =
                    [0, 1].map(|axis| (spread2_m2[axis] + reach2_m2).sqrt() + drift_m[axis]);
                let center_m = query.position_m;
                let [columns, rows] =
                    [0, 1].map(|axis| grid.axes()[axis].range(center_m[axis], half_m[axis]));
                let search = SearchBox { center_m, spread2_m2, drift_m, columns, rows };
                let mut found = vec![0; count + 1];
                let near = grid.find_near(&search, &mut found);
                found.truncate(near);
                found.sort_unstable();
                let meets = |p: &&Point| {
                    (0..3).all(|axis| {
                        let away = (p.position_m[axis] - query.position_m[axis]).abs();
                        let limit = (spread2_m2[axis] + p.reach2_m2[axis / 2]).sqrt();
                        away <= limit + drift_m[axis]
                    })
                };
                let expected: Vec<u32> = points.iter().filter(meets).map(|p| p.index).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
