//! Optimal assignment of rows to columns over a sparse graph.
//!
//! Each row takes one of its columns or its own private miss column, each column at most one row,
//! at least total cost. Shortest augmenting paths over column potentials with the initialisation
//! of Jonker and Volgenant (1987, "A shortest augmenting path algorithm for dense and sparse
//! linear assignment problems", Computing 38): most rows are settled by it, and a path only visits
//! the cluster it starts in.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::tracking::assignment_problem::{Edge, Problem, setting};

/// A row without a column.
pub const UNASSIGNED: u32 = u32::MAX;

/// A column waiting in the queue of the shortest path search.
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

/// Where a shortest path ends.
enum Sink {
    Column(u32),
    MissOf(u32),
}

/// A solver that keeps its memory from problem to problem.
#[derive(Default)]
pub struct Solver {
    /// Column of each row, or [`UNASSIGNED`].
    column_of_row: Vec<u32>,
    row_of_column: Vec<u32>,
    /// Dual of each column; zero while the column is free.
    potential: Vec<f64>,
    free_rows: Vec<u32>,
    /// Free rows while others are set aside.
    waiting: Vec<u32>,
    distance: Vec<f64>,
    reached_from: Vec<u32>,
    scanned: Vec<bool>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reached>,
}

impl Solver {
    /// Solve; the answer is the column of each row, or [`UNASSIGNED`] for its miss column.
    ///
    /// # Errors
    /// [`Error::Setting`] when a row with infinite miss cost cannot get a column.
    pub fn solve(&mut self, problem: &Problem) -> Result<&[u32]> {
        self.reset(problem);
        self.reduce_rows(problem);
        for _ in 0..2 {
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
        fill(&mut self.distance, columns, f64::INFINITY);
        fill(&mut self.reached_from, columns, UNASSIGNED);
        fill(&mut self.scanned, columns, false);
        self.free_rows.clear();
    }

    fn take(&mut self, row: u32, column: u32) {
        self.column_of_row[row as usize] = column;
        self.row_of_column[column as usize] = row;
    }

    /// Give each row its cheapest choice while that is still free.
    fn reduce_rows(&mut self, problem: &Problem) {
        for row in 0..problem.row_count() {
            let mut best = Edge { column: UNASSIGNED, cost: problem.miss_cost[row] };
            for edge in problem.row(row) {
                if edge.cost < best.cost {
                    best = *edge;
                }
            }
            if best.column == UNASSIGNED {
                // The miss column is private: nobody can take it away, so a finite one is final.
                if best.cost == f64::INFINITY {
                    self.free_rows.push(row as u32);
                }
            } else if self.row_of_column[best.column as usize] == UNASSIGNED {
                self.take(row as u32, best.column);
            } else {
                self.free_rows.push(row as u32);
            }
        }
    }

    /// One pass of augmenting row reduction: a free row takes its cheapest column and lowers the
    /// column's potential until its second choice is as good; the row displaced goes on.
    fn augment_by_reduction(&mut self, problem: &Problem) {
        std::mem::swap(&mut self.waiting, &mut self.free_rows);
        self.waiting.reverse();
        // Chains of equal costs could displace each other for ever.
        let mut budget = 4 * self.waiting.len() + 16;
        while let Some(row) = self.waiting.pop() {
            let (best, second) = self.two_best(problem, row as usize);
            if best.column == UNASSIGNED {
                if best.cost == f64::INFINITY {
                    self.free_rows.push(row);
                }
                continue;
            }
            let owner = self.row_of_column[best.column as usize];
            let gain = second - best.cost;
            let displaces = owner != UNASSIGNED;
            if (displaces && !(gain > 0.0 && gain < f64::INFINITY)) || budget == 0 {
                self.free_rows.push(row);
                continue;
            }
            budget -= 1;
            if displaces {
                self.potential[best.column as usize] -= gain;
                self.column_of_row[owner as usize] = UNASSIGNED;
                self.waiting.push(owner);
            }
            self.take(row, best.column);
        }
    }

    /// The least reduced cost of a row and the next one after it; the miss column counts.
    fn two_best(&self, problem: &Problem, row: usize) -> (Edge, f64) {
        let mut best = Edge { column: UNASSIGNED, cost: problem.miss_cost[row] };
        let mut second = f64::INFINITY;
        for edge in problem.row(row) {
            let cost = edge.cost - self.potential[edge.column as usize];
            if cost < best.cost {
                second = best.cost;
                best = Edge { column: edge.column, cost };
            } else if cost < second {
                second = cost;
            }
        }
        (best, second)
    }

    /// Dijkstra over reduced costs from a free row to the nearest free or miss column.
    fn augment_by_shortest_path(&mut self, problem: &Problem, free_row: u32) -> Result<()> {
        let (mut row, mut reduced_by) = (free_row, 0.0);
        let mut best_miss = (f64::INFINITY, UNASSIGNED);
        let (length, sink) = loop {
            let miss = problem.miss_cost[row as usize] - reduced_by;
            if miss < best_miss.0 {
                best_miss = (miss, row);
            }
            for edge in problem.row(row as usize) {
                let column = edge.column as usize;
                let length = edge.cost - self.potential[column] - reduced_by;
                if !self.scanned[column] && length < self.distance[column] {
                    if self.distance[column] == f64::INFINITY {
                        self.touched.push(edge.column);
                    }
                    self.distance[column] = length;
                    self.reached_from[column] = row;
                    self.queue.push(Reached { distance: length, column: edge.column });
                }
            }
            let nearest = self.nearest();
            let length = nearest.map_or(f64::INFINITY, |reached| reached.distance);
            if best_miss.0 <= length {
                break (best_miss.0, Sink::MissOf(best_miss.1));
            }
            let Some(Reached { distance, column }) = nearest else {
                break (f64::INFINITY, Sink::MissOf(UNASSIGNED));
            };
            let owner = self.row_of_column[column as usize];
            if owner == UNASSIGNED {
                break (distance, Sink::Column(column));
            }
            self.scanned[column as usize] = true;
            row = owner;
            reduced_by = self.row_cost(problem, owner) - distance;
        };
        let feasible = length < f64::INFINITY;
        if feasible {
            self.lower_potentials(length);
            self.flip_path(sink, free_row);
        }
        self.forget_search();
        if feasible { Ok(()) } else { Err(infeasible(free_row)) }
    }

    /// Next column of the queue that was not scanned over a shorter way.
    fn nearest(&mut self) -> Option<Reached> {
        while let Some(reached) = self.queue.pop() {
            let column = reached.column as usize;
            if !self.scanned[column] && reached.distance == self.distance[column] {
                return Some(reached);
            }
        }
        None
    }

    /// Reduced cost at which an assigned row holds its column.
    fn row_cost(&self, problem: &Problem, row: u32) -> f64 {
        let column = self.column_of_row[row as usize];
        let held = problem.row(row as usize).iter().filter(|edge| edge.column == column);
        let cost = held.map(|edge| edge.cost).fold(f64::INFINITY, f64::min);
        cost - self.potential[column as usize]
    }

    fn lower_potentials(&mut self, length: f64) {
        for &column in &self.touched {
            if self.scanned[column as usize] {
                self.potential[column as usize] += self.distance[column as usize] - length;
            }
        }
    }

    /// Give each column on the path to the row it was reached from.
    fn flip_path(&mut self, sink: Sink, free_row: u32) {
        let mut column = match sink {
            Sink::Column(column) => column,
            Sink::MissOf(row) => {
                let given_up = self.column_of_row[row as usize];
                self.column_of_row[row as usize] = UNASSIGNED;
                given_up
            }
        };
        while column != UNASSIGNED {
            let row = self.reached_from[column as usize];
            let given_up = self.column_of_row[row as usize];
            self.take(row, column);
            column = if row == free_row { UNASSIGNED } else { given_up };
        }
    }

    fn forget_search(&mut self) {
        for &column in &self.touched {
            self.distance[column as usize] = f64::INFINITY;
            self.scanned[column as usize] = false;
        }
        self.touched.clear();
        self.queue.clear();
    }
}

fn infeasible(row: u32) -> Error {
    let limit = "a column for each row whose miss cost is infinite";
    setting("assignment".into(), format!("row {row} without a column"), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for _ in 0..3000 {
            let (rows, columns) = (next(6) + 1, next(6) + 1);
            let mut problem = Problem::default();
            problem.clear(columns as usize);
            for _ in 0..rows {
                for column in 0..columns {
                    if next(3) > 0 {
                        let cost = next(12) as f64 - 6.0;
                        problem.edges.push(Edge { column: column as u32, cost });
                    }
                }
                problem.end_row(next(8) as f64 - 2.0);
            }
            let least = brute_force(&problem, 0, &mut vec![false; columns as usize]);
            let answer = solver.solve(&problem).expect("every row may miss").to_vec();
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
