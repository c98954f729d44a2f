//! Approximate marginal probabilities of a cluster that is too wide for the exact sum: loopy belief
//! propagation (Williams and Lau 2014, "Approximate evaluation of marginal association probabilities
//! with belief propagation", IEEE Trans. AES 50(4)), which converges from any start and is exact
//! where the cluster has no loops.

use crate::tracking::joint_bound::sums_of_others;
use crate::tracking::joint_graph::Cluster;

/// Largest relative change of a message in the last iteration.
const TOLERANCE: f64 = 1e-6;
/// Iterations at most.
const MAX_ITERATIONS: usize = 500;

/// Passes messages; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct Belief {
    /// Message from the row to the column of each edge, μ.
    to_column: Vec<f64>,
    /// Message from the column to the row of each edge, ν.
    to_row: Vec<f64>,
    offered: Vec<f64>,
    others: Vec<f64>,
    /// Probability of each edge of the cluster.
    pub probability: Vec<f64>,
}

impl Belief {
    /// Work out the probabilities of all edges and, of each row, that it takes none. Their sum over a
    /// row is 1.
    pub fn run(&mut self, cluster: &Cluster, miss: &mut Vec<f64>) {
        let ratio = &cluster.ratio[..];
        let count = ratio.len();
        for list in [&mut self.to_column, &mut self.offered, &mut self.others] {
            list.resize(count, 0.0);
        }
        self.to_row.clear();
        self.to_row.resize(count, 1.0);
        for _ in 0..MAX_ITERATIONS {
            if self.iterate(cluster, ratio) <= TOLERANCE {
                break;
            }
        }
        self.probability.resize(count, 0.0);
        miss.clear();
        for row in 0..cluster.rows.len() {
            let edges = cluster.rows.edges(row).iter().map(|&edge| edge as usize);
            let sum: f64 = edges.clone().map(|edge| ratio[edge] * self.to_row[edge]).sum();
            for edge in edges {
                self.probability[edge] = ratio[edge] * self.to_row[edge] / (1.0 + sum);
            }
            miss.push(1.0 / (1.0 + sum));
        }
    }

    /// Both kinds of message once; the largest relative change of a column's.
    fn iterate(&mut self, cluster: &Cluster, ratio: &[f64]) -> f64 {
        for edge in 0..ratio.len() {
            self.offered[edge] = ratio[edge] * self.to_row[edge];
        }
        sums_of_others(&cluster.rows, &self.offered, &mut self.others);
        for edge in 0..ratio.len() {
            self.to_column[edge] = ratio[edge] / (1.0 + self.others[edge]);
        }
        sums_of_others(&cluster.columns, &self.to_column, &mut self.others);
        let mut change = 0.0_f64;
        for edge in 0..ratio.len() {
            let message = 1.0 / (1.0 + self.others[edge]);
            change = change.max((message - self.to_row[edge]).abs() / message);
            self.to_row[edge] = message;
        }
        change
    }
}
