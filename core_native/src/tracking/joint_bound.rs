//! Bounds on the probability of an edge, by which giant clusters are taken apart.
//!
//! For nodes i and j of a graph G the sum over joint events obeys Z(G) = Z(G-i) + Σ w(i,u) Z(G-i-u)
//! over the neighbours u of i (Heilmann and Lieb 1972, "Theory of monomer-dimer systems"). So the
//! probability of an edge is w(i,j) times the probabilities that i is free in G and j in G-i, where
//! free is 1 / (1 + Σ w(i,u) P(u is free in G-i)). Two steps down this recursion every probability
//! is taken as 1, which makes the first step too small and the result too large: a bound.
//!
//! Events that hold a dropped edge have together at most the sum of the bounds as probability, and
//! without them the others keep their proportions. So no marginal changes by more than that sum.

use crate::tracking::joint_graph::{Cluster, Side};

/// Works out bounds; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct EdgeBounds {
    /// Upper bound on the probability of each edge of the cluster.
    pub bound: Vec<f64>,
    least_free: Vec<f64>,
    others: Vec<f64>,
}

impl EdgeBounds {
    /// Bound the probabilities of all edges.
    pub fn run(&mut self, cluster: &Cluster) {
        let ratio = &cluster.ratio[..];
        self.bound.clear();
        self.bound.resize(ratio.len(), 1.0);
        self.least_free.resize(ratio.len(), 0.0);
        self.others.resize(ratio.len(), 0.0);
        self.bound_from(&cluster.rows, &cluster.columns, ratio);
        self.bound_from(&cluster.columns, &cluster.rows, ratio);
    }

    /// With i on one side and j on the other.
    fn bound_from(&mut self, one: &Side, other: &Side, ratio: &[f64]) {
        let Self { bound, least_free, others } = self;
        // w(x,j) times the least that x can be free without j.
        sums_of_others(one, ratio, others);
        for edge in 0..ratio.len() {
            least_free[edge] = ratio[edge] / (1.0 + others[edge]);
        }
        sums_of_others(other, least_free, others);
        let mut most = std::mem::take(others);
        // w(i,u) times the least that u can be free without i.
        sums_of_others(other, ratio, least_free);
        for edge in 0..ratio.len() {
            least_free[edge] = ratio[edge] / (1.0 + least_free[edge]);
            most[edge] = ratio[edge] / (1.0 + most[edge]);
        }
        for node in 0..one.len() {
            let edges = one.edges(node);
            let least: f64 = edges.iter().map(|&edge| least_free[edge as usize]).sum();
            for &edge in edges {
                let found = most[edge as usize] / (1.0 + least);
                bound[edge as usize] = bound[edge as usize].min(found);
            }
        }
        self.others = most;
    }
}

/// For each edge the sum of the values of the node's other edges. Adds only: a difference from the
/// whole sum would lose what a dominant edge outweighs.
pub fn sums_of_others(side: &Side, value: &[f64], sum: &mut [f64]) {
    for node in 0..side.len() {
        let edges = side.edges(node);
        let mut before = 0.0;
        for &edge in edges {
            sum[edge as usize] = before;
            before += value[edge as usize];
        }
        let mut behind = 0.0;
        for &edge in edges.iter().rev() {
            sum[edge as usize] += behind;
            behind += value[edge as usize];
        }
    }
}
