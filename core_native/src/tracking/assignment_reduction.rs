//! What settles most rows of an assignment before any path is searched: the reductions of Jonker and
//! Volgenant (1987), "Initialization".

use crate::tracking::assignment::{Solver, UNASSIGNED, Way};
use crate::tracking::assignment_problem::Problem;

/// A row's edge of the least reduced cost.
struct Best {
    /// The edge, or [`UNASSIGNED`] for the miss column.
    edge: u32,
    /// Its reduced cost.
    cost: f64,
    /// The next one after it.
    second: f64,
}

impl Solver {
    /// Column reduction and reduction transfer, for problems that take every column: only there may
    /// the potential of a free column be other than zero. Each column's potential is its least cost,
    /// its row that of this cost if it has no column yet; then it is lowered until the row's second
    /// choice is as good.
    pub(super) fn reduce_columns(&mut self, problem: &Problem) {
        for row in 0..problem.row_count() {
            for (number, edge) in problem.numbered_row(row) {
                let way = &mut self.ways[edge.column as usize];
                if edge.cost < way.distance {
                    *way = Way { distance: edge.cost, row: row as u32, edge: number };
                }
            }
        }
        // Backwards, so that of a row's columns the highest is left to it, as in the paper.
        for column in (0..problem.column_count).rev() {
            let way = std::mem::replace(&mut self.ways[column], Way::NONE);
            if way.row == UNASSIGNED {
                continue;
            }
            self.potential[column] = way.distance;
            if self.column_of_row[way.row as usize] == UNASSIGNED {
                self.take(way.row, way.edge, column as u32);
            }
        }
        for row in 0..problem.row_count() {
            match self.column_of_row[row] {
                UNASSIGNED => self.free_rows.push(row as u32),
                column => self.transfer_reduction(problem, row, column),
            }
        }
    }

    /// Lower the potential of a row's column until its second choice is as good.
    fn transfer_reduction(&mut self, problem: &Problem, row: usize, column: u32) {
        let others = problem.row(row).iter().filter(|edge| edge.column != column);
        let costs = others.map(|edge| edge.cost - self.potential[edge.column as usize]);
        let second = costs.fold(f64::INFINITY, f64::min);
        let gain = second - self.held_cost(problem, row as u32);
        // A row without another choice would lower it without end.
        if gain > 0.0 && gain < f64::INFINITY {
            self.potential[column as usize] -= gain;
        }
    }

    /// Give each row its cheapest choice while that is still free.
    pub(super) fn reduce_rows(&mut self, problem: &Problem) {
        for row in 0..problem.row_count() {
            let (mut best, mut least) = (UNASSIGNED, problem.miss_cost[row]);
            for (number, edge) in problem.numbered_row(row) {
                if edge.cost < least {
                    (best, least) = (number, edge.cost);
                }
            }
            if best == UNASSIGNED {
                // The miss column is private: nobody can take it away, so a finite one is final.
                if least == f64::INFINITY {
                    self.free_rows.push(row as u32);
                }
                continue;
            }
            let column = problem.edges[best as usize].column;
            if self.row_of_column[column as usize] == UNASSIGNED {
                self.take(row as u32, best, column);
            } else {
                self.free_rows.push(row as u32);
            }
        }
    }

    /// One pass of augmenting row reduction: a free row takes its cheapest column and lowers the
    /// column's potential until its second choice is as good; the row displaced goes on.
    pub(super) fn augment_by_reduction(&mut self, problem: &Problem) {
        std::mem::swap(&mut self.waiting, &mut self.free_rows);
        self.waiting.reverse();
        // Chains of equal costs could displace each other for ever.
        let mut budget = 4 * self.waiting.len() + 16;
        while let Some(row) = self.waiting.pop() {
            let best = self.best(problem, row as usize);
            if best.edge == UNASSIGNED {
                if best.cost == f64::INFINITY {
                    self.free_rows.push(row);
                }
                continue;
            }
            let column = problem.edges[best.edge as usize].column;
            let owner = self.row_of_column[column as usize];
            let gain = best.second - best.cost;
            let displaces = owner != UNASSIGNED;
            if (displaces && !(gain > 0.0 && gain < f64::INFINITY)) || budget == 0 {
                self.free_rows.push(row);
                continue;
            }
            budget -= 1;
            if displaces {
                self.potential[column as usize] -= gain;
                self.column_of_row[owner as usize] = UNASSIGNED;
                self.waiting.push(owner);
            }
            self.take(row, best.edge, column);
        }
    }

    /// The least reduced cost of a row and the next one after it; the miss column counts.
    fn best(&self, problem: &Problem, row: usize) -> Best {
        let cost = problem.miss_cost[row];
        let mut best = Best { edge: UNASSIGNED, cost, second: f64::INFINITY };
        for (number, edge) in problem.numbered_row(row) {
            let cost = edge.cost - self.potential[edge.column as usize];
            if cost < best.cost {
                best = Best { edge: number, cost, second: best.cost };
            } else if cost < best.second {
                best.second = cost;
            }
        }
        best
    }
}
