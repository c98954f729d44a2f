//! A linear network of heat capacities and conductances, over a step of constant heat.
//!
//! With x the temperatures above the surroundings, C the capacities, G the conductances and Q the heat:
//! C x' = -G x + Q. Over a step in which Q stays the same the solution is exact,
//! x(h) = e^(Ah) x + ∫ e^(As) ds C⁻¹ Q with A = -C⁻¹ G, both parts by one exponential of the matrix
//! [[A, C⁻¹], [0, 0]] h: C. Van Loan, "Computing integrals involving the matrix exponential", IEEE
//! Transactions on Automatic Control 23 (1978), 395. So it is stable for any step and any stiffness.

use super::document::MAX_NODES;
use super::matrix_exponential::exponential_less_one;

/// What a step does to a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatNetwork {
    nodes: usize,
    /// For each node what each node's temperature and then each node's heat add to its own.
    change: Vec<f64>,
}

/// A conductance between two nodes \[W/K\].
pub type Coupling = ([usize; 2], f64);

impl HeatNetwork {
    /// A network of nodes with capacities \[J/K\] and conductances to the surroundings \[W/K\].
    pub fn new(
        capacities_j_per_k: &[f64],
        ambient_w_per_k: &[f64],
        couplings: &[Coupling],
        step_s: f64,
    ) -> Self {
        let nodes = capacities_j_per_k.len();
        let size = 2 * nodes;
        let mut matrix = vec![0.0; size * size];
        let mut add = |row: usize, column: usize, conductance: f64| {
            matrix[row * size + column] += conductance * step_s / capacities_j_per_k[row];
        };
        for node in 0..nodes {
            add(node, node, -ambient_w_per_k[node]);
            add(node, nodes + node, 1.0);
        }
        for &([one, other], conductance) in couplings {
            for (from, to) in [(one, other), (other, one)] {
                add(to, from, conductance);
                add(to, to, -conductance);
            }
        }
        let mut change = exponential_less_one(&matrix, size);
        change.truncate(nodes * size);
        Self { nodes, change }
    }

    /// Go on by a step: temperatures above the surroundings \[K\], heat \[W\].
    pub fn step(&self, above_k: &mut [f64; MAX_NODES], heat_w: &[f64; MAX_NODES]) {
        let before_k = *above_k;
        for (above_k, row) in above_k.iter_mut().zip(self.change.chunks_exact(2 * self.nodes)) {
            let (by_temperature, by_heat) = row.split_at(self.nodes);
            let mut change_k = 0.0;
            for node in 0..self.nodes {
                change_k += by_temperature[node] * before_k[node] + by_heat[node] * heat_w[node];
            }
            *above_k += change_k;
        }
    }
}
