//! Which detection each track takes and which begin tracks: global nearest neighbour, confirmed tracks
//! first, or what joint association finds more probable than not.

use crate::error::Result;
use crate::tracking::assignment::{Solver, UNASSIGNED};
use crate::tracking::assignment_problem::{Edge, Problem};
use crate::tracking::gating::Candidates;
use crate::tracking::lifecycle::Life;
use crate::tracking::soft_association::{Outcome, SoftAssociation};

/// A slot without a measurement, or a measurement without a slot.
pub const FREE: u32 = u32::MAX;

/// Of joint probabilities: a measurement that is of no track with more than this begins one. Were one
/// that a track may well have made to begin another, a target would be told of twice.
const SURELY_UNCLAIMED: f64 = 0.9;

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
    /// Measurements that begin tracks.
    pub births: Vec<u32>,
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
        self.clear(lives.len(), measurement_count);
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
        self.solve()?;
        let free = |&measurement: &u32| self.taker[measurement as usize] == FREE;
        self.births.extend((0..measurement_count as u32).filter(free));
        Ok(())
    }

    /// Take over which measurement is more probably a track's than not, and let those begin tracks
    /// that are almost surely of none.
    pub fn take_over(&mut self, soft: &SoftAssociation) {
        self.clear(soft.outcomes.len(), soft.unclaimed.len());
        for (slot, outcome) in soft.outcomes.iter().enumerate() {
            if let Some(Outcome { measurement, .. }) = *outcome
                && measurement != FREE
            {
                self.take(slot as u32, measurement);
            }
        }
        for (measurement, &unclaimed) in soft.unclaimed.iter().enumerate() {
            if unclaimed > SURELY_UNCLAIMED {
                self.births.push(measurement as u32);
            }
        }
    }

    fn clear(&mut self, slots: usize, measurements: usize) {
        self.taken_by.clear();
        self.taken_by.resize(slots, FREE);
        self.cost_of.clear();
        self.cost_of.resize(slots, f64::INFINITY);
        self.taker.clear();
        self.taker.resize(measurements, FREE);
        self.births.clear();
    }

    fn take(&mut self, slot: u32, measurement: u32) {
        self.taken_by[slot as usize] = measurement;
        self.taker[measurement as usize] = slot;
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
            }
        }
        Ok(())
    }
}
