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
    /// Slots with candidates: those of confirmed tracks, and those that choose after them.
    slots: [Vec<u32>; 2],
    /// How many of the slots that choose would take each measurement.
    wanted: Vec<u32>,
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
        self.list_slots(candidates, lives);
        for group in 0..self.slots.len() {
            let slots = std::mem::take(&mut self.slots[group]);
            let chosen = self.choose(&slots, candidates, miss_bonus);
            self.slots[group] = slots;
            chosen?;
        }
        self.list_births(|taker, at| taker[at] == FREE);
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
                self.take(slot as u32, measurement, f64::INFINITY);
            }
        }
        self.list_births(|_, at| soft.unclaimed[at] > SURELY_UNCLAIMED);
    }

    /// List the measurements that begin tracks.
    fn list_births(&mut self, begins: impl Fn(&[u32], usize) -> bool) {
        self.births.resize(self.taker.len(), FREE);
        let mut count = 0;
        for at in 0..self.taker.len() {
            // Written first and counted then: which it is cannot be foreseen by a branch.
            self.births[count] = at as u32;
            count += usize::from(begins(&self.taker, at));
        }
        self.births.truncate(count);
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

    fn take(&mut self, slot: u32, measurement: u32, cost: f64) {
        self.cost_of[slot as usize] = cost;
        self.taken_by[slot as usize] = measurement;
        self.taker[measurement as usize] = slot;
    }

    /// List the slots with candidates, by whether their tracks are confirmed.
    fn list_slots(&mut self, candidates: &Candidates, lives: &[Life]) {
        let mut counts = [0; 2];
        self.slots.iter_mut().for_each(|slots| slots.resize(lives.len(), FREE));
        for (slot, life) in lives.iter().enumerate() {
            // Written first and counted then: which it is cannot be foreseen by a branch.
            let (any, sure) = (candidates.has_any(slot), life.is_confirmed());
            for (group, belongs) in [any & sure, any & !sure].into_iter().enumerate() {
                self.slots[group][counts[group]] = slot as u32;
                counts[group] += usize::from(belongs);
            }
        }
        for (slots, count) in self.slots.iter_mut().zip(counts) {
            slots.truncate(count);
        }
    }

    /// Assign measurements that nobody has taken to slots. Where a slot would take only one that no
    /// other slot wants, there is nothing to solve.
    fn choose(&mut self, slots: &[u32], candidates: &Candidates, miss_bonus: f64) -> Result<()> {
        let Self { wanted, taker, .. } = self;
        wanted.clear();
        wanted.resize(taker.len(), 0);
        for &slot in slots {
            for (measurement, cost) in candidates.of(slot as usize) {
                let at = measurement as usize;
                wanted[at] += u32::from((cost < miss_bonus) & (taker[at] == FREE));
            }
        }
        self.problem.clear(self.taker.len());
        self.row_slots.clear();
        for &slot in slots {
            let taker = &self.taker;
            // What costs no less than going without is never part of a better answer.
            let useful = |&(measurement, cost): &(u32, f64)| {
                (cost < miss_bonus) & (taker[measurement as usize] == FREE)
            };
            let mut edges = candidates.of(slot as usize).filter(useful);
            match (edges.next(), edges.next()) {
                (None, _) => {}
                (Some((measurement, cost)), None) if self.wanted[measurement as usize] == 1 => {
                    self.take(slot, measurement, cost);
                }
                (first, second) => {
                    let edges = first.into_iter().chain(second).chain(edges);
                    self.problem.edges.extend(edges.map(|(column, cost)| Edge { column, cost }));
                    self.problem.end_row(miss_bonus);
                    self.row_slots.push(slot);
                }
            }
        }
        self.solve()
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
