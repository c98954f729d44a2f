//! Which detection each track takes: global nearest neighbour, confirmed tracks first.

use crate::error::Result;
use crate::tracking::assignment::{Solver, UNASSIGNED};
use crate::tracking::assignment_problem::{Edge, Problem};
use crate::tracking::gating::{Pair, Score};
use crate::tracking::record::NO_DETECTION;

/// Assigns measurements to tracks; its memory is kept from frame to frame.
#[derive(Default)]
pub struct Association {
    problem: Problem,
    solver: Solver,
    row_slots: Vec<u32>,
    taken: Vec<bool>,
    /// The pairs chosen.
    pub chosen: Vec<Pair>,
}

impl Association {
    /// Forget the last frame.
    pub fn begin(&mut self, measurement_count: usize) {
        self.chosen.clear();
        self.taken.clear();
        self.taken.resize(measurement_count, false);
    }

    /// True when a track has taken the measurement.
    pub fn is_taken(&self, measurement: usize) -> bool {
        self.taken[measurement]
    }

    /// Assign the measurements that are still free to the tracks that `joins` lets in, at least
    /// total cost. `miss_bonus` is the cost at which a track rather goes without, ln(Pd / (1-Pd)).
    ///
    /// # Errors
    /// None for finite scores.
    pub fn assign(
        &mut self,
        pairs: &[Pair],
        scores: &[Score],
        miss_bonus: f64,
        joins: impl Fn(u32) -> bool,
    ) -> Result<()> {
        self.problem.clear(self.taken.len());
        self.row_slots.clear();
        let mut begin = 0;
        while begin < pairs.len() {
            let slot = pairs[begin].slot;
            let count = pairs[begin..].iter().take_while(|pair| pair.slot == slot).count();
            if joins(slot) {
                self.add_row(&pairs[begin..begin + count], &scores[begin..], miss_bonus);
            }
            begin += count;
        }
        let answer = self.solver.solve(&self.problem)?;
        for (&slot, &column) in self.row_slots.iter().zip(answer) {
            if column != UNASSIGNED {
                self.chosen.push(Pair { slot, measurement: column });
                self.taken[column as usize] = true;
            }
        }
        Ok(())
    }

    /// One track's row. An edge that costs no less than going without is never part of a better
    /// answer, so it is left out.
    fn add_row(&mut self, pairs: &[Pair], scores: &[Score], miss_bonus: f64) {
        let first_edge = self.problem.edges.len();
        for (pair, score) in pairs.iter().zip(scores) {
            if score.cost < miss_bonus && !self.taken[pair.measurement as usize] {
                self.problem.edges.push(Edge { column: pair.measurement, cost: score.cost });
            }
        }
        if self.problem.edges.len() > first_edge {
            self.problem.end_row(miss_bonus);
            self.row_slots.push(pairs.first().map_or(NO_DETECTION, |pair| pair.slot));
        }
    }
}
