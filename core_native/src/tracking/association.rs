//! Which detection each track takes: global nearest neighbour, confirmed tracks first.

use crate::error::Result;
use crate::tracking::assignment::{Solver, UNASSIGNED};
use crate::tracking::assignment_problem::{Edge, Problem};
use crate::tracking::gating::Candidates;
use crate::tracking::lifecycle::Life;

/// A slot without a measurement, or a measurement without a slot.
pub const FREE: u32 = u32::MAX;

/// Assigns measurements to tracks; its memory is kept from frame to frame.
#[derive(Default)]
pub struct Association {
    problem: Problem,
    solver: Solver,
    row_slots: Vec<u32>,
    /// Slots that choose when the confirmed ones have chosen.
    waiting: Vec<u32>,
    /// The measurement that each slot takes, or [`FREE`].
    pub taken_by: Vec<u32>,
    /// Cost of the pair that each slot is part of, without the detection probability; infinite for
    /// a slot that takes none.
    pub cost_of: Vec<f64>,
    /// The slot that takes each measurement, or [`FREE`].
    pub taker: Vec<u32>,
    /// Measurements taken.
    pub taken_count: usize,
}

impl Association {
    /// Assign the measurements to the tracks at least total cost: first to the confirmed ones, what
    /// is left to the others. `miss_bonus` is the cost at which a track rather goes without,
    /// ln(Pd / (1-Pd)).
    ///
    /// # Errors
    /// None for finite scores.
    pub fn assign(
        &mut self,
        candidates: &Candidates,
        lives: &[Life],
        measurement_count: usize,
        miss_bonus: f64,
    ) -> Result<()> {
        self.taken_by.clear();
        self.taken_by.resize(lives.len(), FREE);
        self.cost_of.clear();
        self.cost_of.resize(lives.len(), f64::INFINITY);
        self.taker.clear();
        self.taker.resize(measurement_count, FREE);
        self.taken_count = 0;
        self.waiting.clear();
        self.problem.clear(measurement_count);
        self.row_slots.clear();
        for (slot, life) in lives.iter().enumerate() {
            if life.is_confirmed() {
                self.add_row(slot, candidates, miss_bonus);
            } else if candidates.has_any(slot) {
                self.waiting.push(slot as u32);
            }
        }
        self.solve()?;
        self.problem.clear(measurement_count);
        self.row_slots.clear();
        for at in 0..self.waiting.len() {
            self.add_row(self.waiting[at] as usize, candidates, miss_bonus);
        }
        self.solve()
    }

    /// One track's row. An edge that costs no less than going without is never part of a better
    /// answer, so it is left out.
    fn add_row(&mut self, slot: usize, candidates: &Candidates, miss_bonus: f64) {
        let first_edge = self.problem.edges.len();
        for (column, cost) in candidates.of(slot) {
            if cost < miss_bonus && self.taker[column as usize] == FREE {
                self.problem.edges.push(Edge { column, cost });
            }
        }
        if self.problem.edges.len() > first_edge {
            self.problem.end_row(miss_bonus);
            self.row_slots.push(slot as u32);
        }
    }

    fn solve(&mut self) -> Result<()> {
        let answer = self.solver.solve(&self.problem)?;
        for (row, (&slot, &column)) in self.row_slots.iter().zip(answer).enumerate() {
            if column != UNASSIGNED {
                let pair = self.problem.row(row).iter().find(|edge| edge.column == column);
                self.cost_of[slot as usize] = pair.map_or(f64::INFINITY, |edge| edge.cost);
                self.taken_by[slot as usize] = column;
                self.taker[column as usize] = slot;
                self.taken_count += 1;
            }
        }
        Ok(())
    }
}
