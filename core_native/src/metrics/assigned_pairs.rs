//! The pairs of target and estimate that a distance between two sets is made of.
//!
//! All of the distances here pay the power of the cutoff for a pair that is farther apart, so they
//! share one optimal assignment over the pairs that are nearer: a sparse problem, whose pairs a
//! grid over the first three coordinates finds. Powers are over that of the cutoff, so that
//! no order overflows.

use crate::error::{Error, Result};
use crate::metrics::cutoff::Cutoff;
use crate::metrics::point_set::PointSet;
use crate::simd::LANES;
use crate::tracking::assignment::{Solver, UNASSIGNED};
use crate::tracking::assignment_problem::{Edge, Problem};
use crate::tracking::points::Points;
use crate::tracking::spatial_grid::{GridBoxes, SearchBoxes, SpatialGrid};

/// Pairs nearer than the cutoff that one comparison may have: 160 MB.
pub const MAX_NEAR_PAIRS: usize = 10_000_000;

/// A target and the estimate that is taken for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssignedPair {
    /// Index of the target.
    pub target: u32,
    /// Index of the estimate.
    pub estimate: u32,
    /// (distance / cutoff)ᵖ, below 1.
    pub power: f64,
}

/// The pairs nearer than the cutoff: targets as rows, estimates as columns, cost (d / c)ᵖ, and 1
/// for a target that is left out.
///
/// # Errors
/// [`Error::Setting`] for points of different dimensions, [`Error::Capacity`] for more than
/// [`MAX_NEAR_PAIRS`].
pub fn near_pairs(targets: &PointSet, estimates: &PointSet, cutoff: &Cutoff) -> Result<Problem> {
    targets.require_same_dimensions(estimates)?;
    let mut problem = Problem::default();
    problem.clear(estimates.len());
    let search = Search::new(estimates, cutoff);
    let mut found = vec![0; estimates.len() + 1];
    for first in (0..targets.len()).step_by(LANES) {
        let lanes = LANES.min(targets.len() - first);
        let boxes = search.boxes(targets, first, lanes);
        for lane in 0..lanes {
            let count = search.grid.find_near(&boxes, lane, &mut found, 0);
            found[..count].sort_unstable();
            let target = targets.point(first + lane);
            for &column in &found[..count] {
                let ratio2 = squared_ratio(target, estimates.point(column as usize), cutoff);
                if ratio2 < 1.0 {
                    problem.edges.push(Edge { column, cost: cutoff.power(ratio2) });
                }
            }
            if problem.edges.len() > MAX_NEAR_PAIRS {
                return Err(too_many(problem.edges.len()));
            }
            problem.end_row(1.0);
        }
    }
    Ok(problem)
}

/// The pairs of the best assignment, by target: they make the sum of (d / c)ᵖ and of 1 for each
/// target and each estimate left out as small as it can be.
///
/// # Errors
/// None of its own; the solver's.
pub fn best_pairs(problem: &Problem) -> Result<Vec<AssignedPair>> {
    let mut solver = Solver::default();
    let column_of_row = solver.solve(problem)?;
    let mut pairs = Vec::new();
    for (row, &column) in column_of_row.iter().enumerate() {
        if column == UNASSIGNED {
            continue;
        }
        let held = problem.row(row).iter().find(|edge| edge.column == column);
        let power = held.map_or(1.0, |edge| edge.cost);
        pairs.push(AssignedPair { target: row as u32, estimate: column, power });
    }
    Ok(pairs)
}

/// Both in one.
///
/// # Errors
/// As [`near_pairs`].
pub fn assigned_pairs(
    targets: &PointSet,
    estimates: &PointSet,
    cutoff: &Cutoff,
) -> Result<Vec<AssignedPair>> {
    best_pairs(&near_pairs(targets, estimates, cutoff)?)
}

/// The squared distance of two points over that of the cutoff.
fn squared_ratio(a: &[f64], b: &[f64], cutoff: &Cutoff) -> f64 {
    let squared = |(a, b): (&f64, &f64)| {
        let ratio = (a - b) / cutoff.distance;
        ratio * ratio
    };
    a.iter().zip(b).map(squared).sum()
}

/// The estimates in a grid whose unit is the cutoff, counted from the first of them so that
/// rounding stays below the grid's own margin.
struct Search<'a> {
    grid: SpatialGrid,
    origin: &'a [f64],
    cutoff: f64,
}

impl<'a> Search<'a> {
    fn new(estimates: &PointSet<'a>, cutoff: &Cutoff) -> Self {
        let origin = if estimates.is_empty() { &[][..] } else { estimates.point(0) };
        let mut search = Self { grid: SpatialGrid::default(), origin, cutoff: cutoff.distance };
        let mut points = Points::default();
        for index in 0..estimates.len() {
            points.push(search.place(estimates.point(index)), [0.0; 3]);
        }
        search.grid.build(&points);
        search
    }

    /// The first three coordinates; how far two points are apart in them is at most how far they
    /// are apart in all.
    fn place(&self, point: &[f64]) -> [f64; 3] {
        let mut place = [0.0; 3];
        for (place, (along, origin)) in place.iter_mut().zip(point.iter().zip(self.origin)) {
            *place = (along - origin) / self.cutoff;
        }
        place
    }

    fn boxes(&self, targets: &PointSet, first: usize, lanes: usize) -> GridBoxes {
        let mut boxes = SearchBoxes { spread2_m2: [[1.0; LANES]; 3], ..Default::default() };
        for lane in 0..lanes {
            let place = self.place(targets.point(first + lane));
            for axis in 0..3 {
                boxes.center_m[axis][lane] = place[axis];
            }
        }
        self.grid.boxes(&boxes)
    }
}

fn too_many(wanted: usize) -> Error {
    Error::Capacity {
        table: "the list of pairs nearer than the cutoff",
        limit: MAX_NEAR_PAIRS,
        wanted,
        remedy: "choose a smaller cutoff, or compare fewer points",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, the same in every run.
    fn scatter(count: usize, from: f64, size: f64, seed: u64) -> Vec<f64> {
        let mut bits = seed;
        let mut next = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            from + (bits >> 33) as f64 / f64::from(u32::MAX >> 1) * size
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn every_pair_nearer_than_the_cutoff_is_there_and_no_other() {
        // From sets that lie in one cell to such whose places have hardly any digits left.
        let cases = [(0.0, 10.0, 3.0), (1e12, -30.0, 1.0), (-5.0, 1e-9, 2e-10), (0.0, 1e11, 3e10)];
        for (from, size, distance) in cases {
            for dimensions in 1..=5 {
                let cutoff = Cutoff::new(distance, 2.0).expect("within limits");
                let (a, b) = (
                    scatter(40 * dimensions, from, size, 3),
                    scatter(50 * dimensions, from, size, 4),
                );
                let targets = PointSet::new("a", &a, dimensions).expect("finite");
                let estimates = PointSet::new("b", &b, dimensions).expect("finite");
                let problem = near_pairs(&targets, &estimates, &cutoff).expect("few");
                let mut expected = Vec::new();
                for row in 0..targets.len() {
                    let ratio2 = |column: usize| {
                        squared_ratio(targets.point(row), estimates.point(column), &cutoff)
                    };
                    let near = (0..estimates.len()).filter(|&column| ratio2(column) < 1.0);
                    expected.push(near.map(|column| column as u32).collect::<Vec<_>>());
                }
                let found: Vec<Vec<u32>> = (0..problem.row_count())
                    .map(|row| problem.row(row).iter().map(|edge| edge.column).collect())
                    .collect();
                assert_eq!(found, expected, "{from} {size} {dimensions}");
                assert!(expected.iter().any(|row| !row.is_empty()) || dimensions > 3);
            }
        }
    }

    #[test]
    fn more_pairs_than_there_is_room_for_are_refused() {
        let same = vec![0.0; 3200];
        let points = PointSet::new("a", &same, 1).expect("finite");
        let cutoff = Cutoff::new(1.0, 1.0).expect("within limits");
        let error = near_pairs(&points, &points, &cutoff).expect_err("3200² pairs");
        assert!(error.to_string().contains("10000000 entries"), "{error}");
    }
}
