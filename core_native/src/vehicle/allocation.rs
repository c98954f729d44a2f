//! Which thrusters fire how much, so that together they give a wanted force and torque.
//!
//! The fractions x of full thrust minimise |W (B x - w)|² + ρ (Σ f)² + ρ δ Σ f² with f the thrusts and
//! 0 ≤ x ≤ 1: the bounded least-squares form of control allocation (M. Bodson, "Evaluation of
//! Optimization Methods for Control Allocation", J. Guidance Control Dynamics 25 (2002), 703). All
//! thrusters have one specific impulse, so the second term is that of the propellant; the third makes
//! the answer unique among those that need as much. No axis is a special case, and a thruster that has
//! failed is one with other bounds.

use crate::vehicle::bounded_least_squares::{Matrix, minimise};
use crate::vehicle::thruster::{MAX_THRUSTERS, Thruster, ThrusterCondition, Wrench, sum};

/// Weight δ of an even share beside the least propellant.
const EVEN_SHARE: f64 = 0.01;
/// What is added to each diagonal entry, relative to it: enough for Cholesky's method whatever the
/// levers and weights, too little to be seen.
const ROUNDING_SHARE: f64 = 1e-12;

/// What an allocation trades against what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AllocationWeights {
    /// How much an error of the torque counts beside one of the force \[1/m\]: that many newtons for
    /// one newton metre.
    pub torque_weight_per_m: f64,
    /// Weight ρ of the thrust that is spent. A force falls short by 2 ρ of itself, a torque by ρ over the
    /// square of its lever arm in metres.
    pub propellant_weight: f64,
}

/// The thrusters as the allocation sees them.
#[derive(Clone, Debug)]
pub struct Allocator {
    wrenches: Vec<Wrench>,
    /// Weights of the wrench, squared.
    weights: [f64; 6],
    hessian: Box<Matrix>,
}

/// What the thrusters are to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allocation {
    /// Part of the full thrust that each is told, 0 to 1; 0 for one that is stuck.
    pub fractions: [f64; MAX_THRUSTERS],
    /// The wrench of all, those that are stuck open included.
    pub wrench: Wrench,
    /// How far it is from the optimum, relative to the largest thrust squared: 0 but for rounding.
    pub kkt_violation: f64,
    /// Rounds of the search.
    pub rounds: usize,
}

impl Allocator {
    /// An allocator for at most [`MAX_THRUSTERS`] thrusters, of which one has thrust.
    pub fn new(thrusters: &[Thruster], allocation: AllocationWeights) -> Self {
        let thrusters = &thrusters[..thrusters.len().min(MAX_THRUSTERS)];
        let wrenches: Vec<Wrench> = thrusters.iter().map(Thruster::wrench).collect();
        // Everything is relative to the largest thrust, so that the regularisation has no unit.
        let unit_n = thrusters.iter().fold(0.0, |most: f64, one| most.max(one.thrust_n));
        let lever = allocation.torque_weight_per_m;
        let force_weight = 1.0 / (unit_n * unit_n);
        let torque_weight = force_weight * lever * lever;
        let weights =
            [force_weight, force_weight, force_weight, torque_weight, torque_weight, torque_weight];
        let mut hessian = Box::new([[0.0; MAX_THRUSTERS]; MAX_THRUSTERS]);
        for (row, wrench) in wrenches.iter().enumerate() {
            for (column, other) in wrenches.iter().enumerate() {
                let share = if row == column { 1.0 + EVEN_SHARE } else { 1.0 };
                let thrusts = thrusters[row].thrust_n * thrusters[column].thrust_n * force_weight;
                hessian[row][column] = weighted(&weights, wrench, other)
                    + allocation.propellant_weight * share * thrusts;
            }
            hessian[row][row] *= 1.0 + ROUNDING_SHARE;
        }
        Self { wrenches, weights, hessian }
    }

    /// What each thruster does to the body while it fires.
    pub fn wrenches(&self) -> &[Wrench] {
        &self.wrenches
    }

    /// The best that thrusters in these conditions can do for a wrench.
    pub fn allocate(&self, wanted: &Wrench, conditions: &[ThrusterCondition]) -> Allocation {
        let count = self.wrenches.len();
        let mut stuck_open = [0.0; MAX_THRUSTERS];
        let mut upper = [0.0; MAX_THRUSTERS];
        for (index, condition) in conditions.iter().enumerate().take(count) {
            stuck_open[index] = f64::from(u8::from(*condition == ThrusterCondition::StuckOpen));
            upper[index] = f64::from(u8::from(*condition == ThrusterCondition::Working));
        }
        let unasked = sum(&self.wrenches, &stuck_open);
        let rest: Wrench = std::array::from_fn(|axis| wanted[axis] - unasked[axis]);
        let mut gradient = [0.0; MAX_THRUSTERS];
        for (entry, wrench) in gradient.iter_mut().zip(&self.wrenches) {
            *entry = weighted(&self.weights, wrench, &rest);
        }
        let solution = minimise(&self.hessian, &gradient[..count], &upper[..count]);
        let told = sum(&self.wrenches, &solution.x);
        Allocation {
            fractions: solution.x,
            wrench: std::array::from_fn(|axis| told[axis] + unasked[axis]),
            kkt_violation: solution.kkt_violation,
            rounds: solution.rounds,
        }
    }
}

fn weighted(weights: &[f64; 6], a: &Wrench, b: &Wrench) -> f64 {
    (0..6).map(|axis| weights[axis] * a[axis] * b[axis]).sum()
}
