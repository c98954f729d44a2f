//! Optimal assignment of rows to columns over a sparse graph.
//!
//! Each row takes one of its columns or its own private miss column, each column at most one row,
//! at least total cost. Shortest augmenting paths over column potentials (Jonker and Volgenant 1987,
//! "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing
//! 38): most rows are settled by reductions ([`crate::tracking::assignment_reduction`]), and a path
//! only visits the cluster it starts in.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::tracking::assignment_problem::{Problem, setting};

/// A row without a column.
pub const UNASSIGNED: u32 = u32::MAX;

/// Passes of augmenting row reduction. Two in the paper; further ones are cheap beside the paths that
/// they save.
const ROW_REDUCTIONS: usize = 8;

/// A column waiting in the queue of the shortest path search, or done with.
#[derive(Clone, Copy, PartialEq)]
struct Reached {
    distance: f64,
    column: u32,
}

impl Eq for Reached {}

impl Ord for Reached {
    /// Reversed, so that the heap gives the nearest first; ties go to the lower column.
    fn cmp(&self, other: &Self) -> Ordering {
        other.distance.total_cmp(&self.distance).then(other.column.cmp(&self.column))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The shortest way to a column so far.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// Its length; infinite for a column that was not reached, minus infinity for one that was
    /// scanned, to which no way is shorter.
    pub distance: f64,
    /// The row that it comes from.
    pub row: u32,
    /// The edge that it comes by.
    pub edge: u32,
}

impl Way {
    /// No way at all.
    pub const NONE: Self = Self { distance: f64::INFINITY, row: UNASSIGNED, edge: UNASSIGNED };
}

/// Where a shortest path ends.
#[derive(Clone, Copy)]
enum Sink {
    Column(u32),
    MissOf(u32),
}

/// A solver that keeps its memory from problem to problem.
#[derive(Default)]
pub struct Solver {
    /// Column of each row, or [`UNASSIGNED`].
    pub(super) column_of_row: Vec<u32>,
    /// The edge by which each row has its column; means nothing for a row without.
    pub(super) edge_of_row: Vec<u32>,
    pub(super) row_of_column: Vec<u32>,
    /// Dual of each column; zero while the column is free, if columns may stay free.
    pub(super) potential: Vec<f64>,
    pub(super) free_rows: Vec<u32>,
    /// Free rows while others are set aside.
    pub(super) waiting: Vec<u32>,
    /// [`Way::NONE`] to each column except within a search or a reduction.
    pub(super) ways: Vec<Way>,
    /// Columns that the search has reached.
    touched: Vec<u32>,
    /// Those of them whose rows it has looked at, with their distances.
    scanned: Vec<Reached>,
    queue: BinaryHeap<Reached>,
    /// Columns no farther than the one at hand: former paths leave many behind, and they need no order.
    at_once: Vec<Reached>,
}

impl Solver {
    /// Solve; the answer is the column of each row, or [`UNASSIGNED`] for its miss column.
    ///
    /// # Errors
    /// [`Error::Setting`] when a row with infinite miss cost cannot get a column.
    pub fn solve(&mut self, problem: &Problem) -> Result<&[u32]> {
        self.reset(problem);
        if problem.is_perfect() {
            self.reduce_columns(problem);
        } else {
            self.reduce_rows(problem);
        }
        for _ in 0..ROW_REDUCTIONS {
            self.augment_by_reduction(problem);
        }
        for at in 0..self.free_rows.len() {
            self.augment_by_shortest_path(problem, self.free_rows[at])?;
        }
        Ok(&self.column_of_row)
    }

    fn reset(&mut self, problem: &Problem) {
        fn fill<T: Clone>(list: &mut Vec<T>, count: usize, value: T) {
            list.clear();
            list.resize(count, value);
        }
        let (rows, columns) = (problem.row_count(), problem.column_count);
        fill(&mut self.column_of_row, rows, UNASSIGNED);
        fill(&mut self.row_of_column, columns, UNASSIGNED);
        fill(&mut self.potential, columns, 0.0);
        self.edge_of_row.resize(rows, UNASSIGNED);
        self.ways.resize(columns, Way::NONE);
        self.free_rows.clear();
    }

    pub(super) fn take(&mut self, row: u32, edge: u32, column: u32) {
        self.column_of_row[row as usize] = column;
        self.edge_of_row[row as usize] = edge;
        self.row_of_column[column as usize] = row;
    }

    /// Dijkstra over reduced costs from a free row to the nearest free or miss column.
    fn augment_by_shortest_path(&mut self, problem: &Problem, free_row: u32) -> Result<()> {
        let (mut row, mut reduced_by, mut here) = (free_row, 0.0, f64::NEG_INFINITY);
        // The nearest end so far; what is no nearer need not be looked at.
        let (mut length, mut sink) = (f64::INFINITY, None);
        loop {
            let miss = problem.miss_cost[row as usize] - reduced_by;
            if miss < length {
                (length, sink) = (miss, Some(Sink::MissOf(row)));
            }
            for (number, edge) in problem.numbered_row(row as usize) {
                let column = edge.column as usize;
                let distance = edge.cost - self.potential[column] - reduced_by;
                if distance >= length.min(self.ways[column].distance) {
                    continue;
                }
                if self.ways[column].distance == f64::INFINITY {
                    self.touched.push(edge.column);
                }
                self.ways[column] = Way { distance, row, edge: number };
                if self.row_of_column[column] == UNASSIGNED {
                    (length, sink) = (distance, Some(Sink::Column(edge.column)));
                } else if distance <= here {
                    self.at_once.push(Reached { distance, column: edge.column });
                } else {
                    self.queue.push(Reached { distance, column: edge.column });
                }
            }
            let Some(nearest) = self.nearest_below(length) else { break };
            self.scanned.push(nearest);
            here = nearest.distance;
            let column = nearest.column as usize;
            self.ways[column].distance = f64::NEG_INFINITY;
            row = self.row_of_column[column];
            reduced_by = self.held_cost(problem, row) - here;
        }
        if let Some(sink) = sink {
            self.lower_potentials(length);
            self.flip_path(sink, free_row);
        }
        self.forget_search();
        if sink.is_some() { Ok(()) } else { Err(infeasible(free_row)) }
    }

    /// Next column nearer than `length` that was not scanned over a shorter way.
    fn nearest_below(&mut self, length: f64) -> Option<Reached> {
        while let Some(reached) = self.at_once.pop().or_else(|| self.queue.pop()) {
            if reached.distance >= length {
                return None;
            }
            if reached.distance == self.ways[reached.column as usize].distance {
                return Some(reached);
            }
        }
        None
    }

    /// Reduced cost at which an assigned row holds its column.
    pub(super) fn held_cost(&self, problem: &Problem, row: u32) -> f64 {
        let held = &problem.edges[self.edge_of_row[row as usize] as usize];
        held.cost - self.potential[held.column as usize]
    }

    fn lower_potentials(&mut self, length: f64) {
        for reached in &self.scanned {
            self.potential[reached.column as usize] += reached.distance - length;
        }
    }

    /// Give each column on the path to the row it was reached from.
    fn flip_path(&mut self, sink: Sink, free_row: u32) {
        let mut column = match sink {
            Sink::Column(column) => column,
            Sink::MissOf(row) => {
                std::mem::replace(&mut self.column_of_row[row as usize], UNASSIGNED)
            }
        };
        while column != UNASSIGNED {
            let Way { row, edge, .. } = self.ways[column as usize];
            let given_up = self.column_of_row[row as usize];
            self.take(row, edge, column);
            column = if row == free_row { UNASSIGNED } else { given_up };
        }
    }

    fn forget_search(&mut self) {
        for &column in &self.touched {
            self.ways[column as usize] = Way::NONE;
        }
        self.touched.clear();
        self.scanned.clear();
        self.queue.clear();
        self.at_once.clear();
    }
}

fn infeasible(row: u32) -> Error {
    let limit = "a column for each row whose miss cost is infinite";
    setting("assignment".into(), format!("row {row} without a column"), limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::assignment_problem::Edge;

    /// The least cost over every possible assignment.
    fn brute_force(problem: &Problem, row: usize, used: &mut Vec<bool>) -> f64 {
        if row == problem.row_count() {
            return 0.0;
        }
        let mut best = problem.miss_cost[row] + brute_force(problem, row + 1, used);
        for edge in problem.row(row) {
            if !used[edge.column as usize] {
                used[edge.column as usize] = true;
                best = best.min(edge.cost + brute_force(problem, row + 1, used));
                used[edge.column as usize] = false;
            }
        }
        best
    }

    fn cost_of(problem: &Problem, answer: &[u32]) -> f64 {
        let mut taken = vec![false; problem.column_count];
        let mut total = 0.0;
        for (row, &column) in answer.iter().enumerate() {
            if column == UNASSIGNED {
                total += problem.miss_cost[row];
                continue;
            }
            assert!(!std::mem::replace(&mut taken[column as usize], true), "column taken twice");
            let held = problem.row(row).iter().filter(|edge| edge.column == column);
            total += held.map(|edge| edge.cost).fold(f64::INFINITY, f64::min);
        }
        total
    }

    #[test]
    fn cost_is_least_on_small_graphs() {
        let mut bits = 7_u64;
        let mut next = |below: u64| {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (bits >> 33) % below
        };
        let mut solver = Solver::default();
        for number in 0..4000 {
            let (rows, mut columns) = (next(6) + 1, next(6) + 1);
            // Of some problems each row must take a column, and each column is taken.
            let perfect = number % 4 == 0;
            if perfect {
                columns = rows;
            }
            let mut problem = Problem::default();
            problem.clear(columns as usize);
            for row in 0..rows {
                for column in 0..columns {
                    if next(3) > 0 || (perfect && row == column) {
                        let cost = next(12) as f64 - 6.0;
                        problem.edges.push(Edge { column: column as u32, cost });
                    }
                }
                let miss_cost = next(8) as f64 - 2.0;
                problem.end_row(if perfect { f64::INFINITY } else { miss_cost });
            }
            assert_eq!(problem.is_perfect(), perfect);
            let least = brute_force(&problem, 0, &mut vec![false; columns as usize]);
            let answer = solver.solve(&problem).expect("every row finds a place").to_vec();
            assert_eq!(cost_of(&problem, &answer), least, "{problem:?}");
        }
    }

    #[test]
    fn a_row_that_must_be_assigned_and_cannot_is_named() {
        let mut problem = Problem::default();
        problem.clear(1);
        for _ in 0..2 {
            problem.edges.push(Edge { column: 0, cost: 1.0 });
            problem.end_row(f64::INFINITY);
        }
        let error = Solver::default().solve(&problem).expect_err("two rows, one column");
        assert!(error.to_string().contains("without a column"), "{error}");
    }
}
