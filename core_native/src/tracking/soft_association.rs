//! How probable it is that each track made each of its candidates: joint integrated PDA (Musicki and
//! Evans 2004, "Joint integrated probabilistic data association: JIPDA", IEEE Trans. Aerospace and
//! Electronic Systems 40(3)).
//!
//! A joint event gives each track one of its candidates or none, each measurement to one track at
//! most. With the existence r, the detection probability Pd, the density g of a measurement and that
//! of false alarms λ, its probability is proportional to the product of Pd r g/λ over the tracks with
//! a measurement and of 1 - Pd r over those without.

use crate::numeric::{ln, max, min};
use crate::simd::SimdLevel;
use crate::tracking::association::FREE;
use crate::tracking::existence::{LEAST, MOST};
use crate::tracking::gating::Candidates;
use crate::tracking::joint_association::JointAssociation;
use crate::tracking::joint_problem::JointProblem;
use crate::tracking::lifecycle::Life;

/// What one track made of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Probability that one of its candidates is the track's.
    pub detected: f64,
    /// Probability of existence after the frame.
    pub existence: f64,
    /// Share of the missed detection in the state, given that the track exists.
    pub missed: f64,
    /// The measurement that is more probably the track's than not, or [`FREE`].
    pub measurement: u32,
}

/// Weighs the candidates of all tracks; its memory is kept from frame to frame.
#[derive(Default)]
pub struct SoftAssociation {
    problem: JointProblem,
    joint: JointAssociation,
    /// Slot of each row of the problem.
    row_slots: Vec<u32>,
    /// Place of each edge's pair among the candidates.
    pair_of_edge: Vec<u32>,
    /// Share of each pair in the state of its track, given that the track exists; 0 for a pair
    /// outside the gate. One more than there are pairs.
    pub shares: Vec<f64>,
    /// What each slot made of the frame; nothing where it has no candidate inside its gate.
    pub outcomes: Vec<Option<Outcome>>,
    /// Probability that each measurement is of no track.
    pub unclaimed: Vec<f64>,
}

/// What the candidates of a frame are weighed by.
#[derive(Clone, Copy)]
pub struct Weighing<'a> {
    /// The candidates.
    pub candidates: &'a Candidates,
    /// Life of each slot before the frame.
    pub lives: &'a [Life],
    /// Measurements of the frame.
    pub measurement_count: usize,
    /// Probability that a target has stayed since the frame before.
    pub survival: f64,
    /// Probability that the frame detects a target.
    pub detection_probability: f64,
}

impl Weighing<'_> {
    /// Existence of a track when the frame comes.
    fn known(&self, slot: usize) -> f64 {
        max(self.lives[slot].existence * self.survival, LEAST)
    }
}

impl SoftAssociation {
    /// Weigh the candidates.
    pub fn weigh(&mut self, by: &Weighing<'_>, level: SimdLevel) {
        self.pose(by);
        self.joint.run(level, &self.problem);
        self.shares.clear();
        self.shares.resize(by.candidates.count() + 1, 0.0);
        self.outcomes.clear();
        self.outcomes.resize(by.lives.len(), None);
        self.unclaimed.clear();
        self.unclaimed.resize(by.measurement_count, 1.0);
        for row in 0..self.problem.row_count() {
            let slot = self.row_slots[row] as usize;
            self.outcomes[slot] = Some(self.outcome(row, by.known(slot), by.detection_probability));
        }
    }

    /// One row for each track with a candidate inside its gate.
    fn pose(&mut self, by: &Weighing<'_>) {
        let candidates = by.candidates;
        self.problem.clear(by.measurement_count);
        self.row_slots.clear();
        self.pair_of_edge.clear();
        for slot in 0..by.lives.len() {
            let detected = by.detection_probability * by.known(slot);
            let ln_odds = ln(detected / (1.0 - detected));
            let before = self.pair_of_edge.len();
            for pair in candidates.pairs(slot) {
                let (column, cost) = candidates.pair(pair);
                if cost < f64::INFINITY {
                    self.problem.push(column, ln_odds - cost);
                    self.pair_of_edge.push(pair as u32);
                }
            }
            if self.pair_of_edge.len() > before {
                self.problem.end_row();
                self.row_slots.push(slot as u32);
            }
        }
    }

    /// What the track of a row made of the frame, `known` being its existence before.
    ///
    /// Of the probability that it was missed, the share r (1 - Pd) / (1 - Pd r) is that of a target
    /// which exists (Musicki and Evans 2004).
    fn outcome(&mut self, row: usize, known: f64, detection_probability: f64) -> Outcome {
        let pd = detection_probability;
        let edges = self.problem.edges_of(row);
        let probabilities = &self.joint.edge[edges.clone()];
        let detected: f64 = probabilities.iter().sum();
        let exists = known * (1.0 - pd) / (1.0 - pd * known);
        let missed = self.joint.miss[row] * exists;
        let existence = detected + missed;
        let mut measurement = FREE;
        for (edge, &probability) in edges.zip(probabilities) {
            let column = self.problem.columns()[edge];
            self.shares[self.pair_of_edge[edge] as usize] = probability / existence;
            self.unclaimed[column as usize] -= probability;
            // Only one track can have more than half of a measurement.
            if probability > 0.5 {
                measurement = column;
            }
        }
        let missed = missed / existence;
        Outcome { detected, existence: min(existence, MOST), missed, measurement }
    }
}
