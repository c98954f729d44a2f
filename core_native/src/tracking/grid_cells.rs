//! How the cells of the spatial grid lie over the points of one frame.

use crate::numeric::min;
use crate::tracking::points::{Points, range_of};

/// How one axis is cut into cells, counted from the grid's origin.
#[derive(Clone, Copy, Debug, Default)]
pub struct CellAxis {
    /// Where the grid begins \[m\].
    pub origin_m: f64,
    /// From there to the farthest point \[m\].
    pub extent_m: f64,
    cells_per_m: f32,
    /// Number of the last cell.
    last: f32,
}

impl CellAxis {
    /// The cell of a distance from the origin; that at the end of the grid for one outside.
    #[inline(always)]
    pub fn cell(&self, from_origin_m: f32) -> u32 {
        let cell = from_origin_m * self.cells_per_m;
        let inside = if cell > 0.0 { cell } else { 0.0 };
        let inside = if inside < self.last { inside } else { self.last };
        // Rounds to the nearest, which is monotonic as rounding down is, and becomes vectors.
        (inside + ROUND_SINGLE).to_bits() - ROUND_SINGLE.to_bits()
    }

    /// How many cells there are.
    pub fn count(&self) -> usize {
        self.last as usize + 1
    }
}

/// Cells per point: about half of the cells then hold none.
const CELLS_PER_POINT: usize = 2;
/// Height of a cell, from row to row, in units of its width. A search reads every cell of a row at
/// once but each row by itself, so cells are high and narrow.
const CELL_HEIGHT: f64 = 8.0;
/// Cells at most, which single precision counts one by one.
const MAX_CELLS: usize = 1 << 20;
/// Points farther apart are all found by every search. Above the distance of any that were checked,
/// and small enough for numbers of cells to be numbers.
const WIDEST_M: f64 = 1e30;
/// Adding it rounds to the nearest integer below 2^22 and leaves that in the low bits.
const ROUND_SINGLE: f32 = 12_582_912.0; // 1.5 * 2^23

/// Cut the axes for `points`; the third is one cell high.
#[inline(always)]
pub fn lay_out(points: &Points) -> [CellAxis; 3] {
    let range_m = [0, 1, 2].map(|axis| range_of(&points.position_m[axis]));
    let size = range_m.map(|[low, high]| min((high - low).max(1.0), WIDEST_M));
    let cells = (CELLS_PER_POINT * points.len()).clamp(1, MAX_CELLS) as f64;
    let width_m = (size[0] * size[1] / (cells * CELL_HEIGHT)).sqrt();
    let cell_m =
        [width_m.max(size[0] / cells), (width_m * CELL_HEIGHT).max(size[1] / cells), size[2]];
    [0, 1, 2].map(|axis| {
        let [low, high] = range_m[axis];
        CellAxis {
            origin_m: low,
            extent_m: high - low,
            cells_per_m: (1.0 / cell_m[axis]) as f32,
            last: (size[axis] / cell_m[axis]).floor() as f32 + 1.0,
        }
    })
}
