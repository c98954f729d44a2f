//! The probability that each track took each measurement, over all joint events (JPDA: Fortmann,
//! Bar-Shalom and Scheffe 1983, "Sonar tracking of multiple targets using joint probabilistic data
//! association"; JIPDA: Musicki and Evans 2004, "Joint integrated probabilistic data association").
//!
//! A joint event lets each row take at most one of its columns and each column be taken at most once;
//! its weight is the product of those of its edges and misses. Exact for each cluster that is narrow
//! enough; a wider one is first taken apart at edges that are all but impossible ([`EdgeBounds`]),
//! and what stays too wide is approximated ([`Belief`]).

use std::ops::Range;

use crate::numeric::exp;
use crate::simd::{Kernel, LANES, SimdLevel, dispatch};
use crate::tracking::joint_belief::Belief;
use crate::tracking::joint_bound::EdgeBounds;
use crate::tracking::joint_cluster_sums::ClusterSums;
use crate::tracking::joint_graph::{Cluster, Clusters};
use crate::tracking::joint_problem::JointProblem;

/// Steps that the exact sum over one cluster may take; they take about 5 ns each.
pub const MAX_WORK: usize = 1 << 16;

/// Bounds on the probability of an edge up to which it is dropped, one after the other, until the
/// parts of its cluster are narrow enough.
const DROP_UP_TO: [f64; 4] = [1e-8, 1e-6, 1e-5, 1e-4];

/// Ratios in bounds and in messages are cut off here, so that their products stay doubles.
const LARGEST_RATIO: f64 = 1e130;

/// What the last problem took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JointCounts {
    /// Clusters of two or more rows.
    pub clusters: usize,
    /// Rows of the largest.
    pub largest_rows: usize,
    /// Steps of the exact sums.
    pub work: usize,
    /// Clusters that were too wide for the exact sum.
    pub wide_clusters: usize,
    /// Parts of those that were approximated.
    pub approximated: usize,
    /// What dropped edges change in any probability, at most.
    pub dropped_probability: f64,
}

/// Some rows that may be a cluster of their own.
struct Part {
    rows: Range<usize>,
    /// How often its cluster was taken apart already, and what that changed at most.
    level: usize,
    dropped_probability: f64,
}

/// Works out association probabilities; its memory is kept from problem to problem.
pub struct JointAssociation {
    max_work: usize,
    /// Probability of each edge of the problem.
    pub edge: Vec<f64>,
    /// Probability that each row takes no column.
    pub miss: Vec<f64>,
    /// What it took.
    pub counts: JointCounts,
    ratio: Vec<f64>,
    clusters: Clusters,
    rows: Vec<u32>,
    parts: Vec<Part>,
    cluster: Cluster,
    sums: ClusterSums,
    bounds: EdgeBounds,
    belief: Belief,
    row_miss: Vec<f64>,
}

impl Default for JointAssociation {
    fn default() -> Self {
        Self::with_limit(MAX_WORK)
    }
}

impl JointAssociation {
    /// With a limit of steps for the exact sum over one cluster.
    pub fn with_limit(max_work: usize) -> Self {
        Self {
            max_work,
            edge: Vec::new(),
            miss: Vec::new(),
            counts: JointCounts::default(),
            ratio: Vec::new(),
            clusters: Clusters::default(),
            rows: Vec::new(),
            parts: Vec::new(),
            cluster: Cluster::default(),
            sums: ClusterSums::default(),
            bounds: EdgeBounds::default(),
            belief: Belief::default(),
            row_miss: Vec::new(),
        }
    }

    /// Work out `edge`, `miss` and `counts` of a problem.
    pub fn run(&mut self, level: SimdLevel, problem: &JointProblem) {
        self.counts = JointCounts::default();
        self.edge.clear();
        self.edge.resize(problem.ln_ratios().len(), 0.0);
        self.miss.clear();
        self.miss.resize(problem.row_count(), 1.0);
        dispatch(level, Exponentials { of: problem.ln_ratios(), into: &mut self.ratio });
        self.clusters.begin(problem, &self.ratio);
        self.find_clusters(problem);
        while let Some(part) = self.parts.pop() {
            self.solve_part(problem, &part);
        }
    }

    /// List the clusters of two or more rows; solve the others.
    fn find_clusters(&mut self, problem: &JointProblem) {
        self.rows.clear();
        self.clusters.search_again();
        for row in 0..problem.row_count() {
            if self.clusters.is_alone(row) {
                self.solve_row(problem, row);
                continue;
            }
            let first = self.rows.len();
            self.clusters.find(row as u32, &self.ratio, &mut self.rows);
            let count = self.rows.len() - first;
            if count > 0 {
                let rows = first..self.rows.len();
                self.parts.push(Part { rows, level: 0, dropped_probability: 0.0 });
                self.counts.clusters += 1;
                self.counts.largest_rows = self.counts.largest_rows.max(count);
            }
        }
    }

    /// A row that competes with none.
    fn solve_row(&mut self, problem: &JointProblem, row: usize) {
        let edges = problem.edges_of(row);
        let ln_ratios = &problem.ln_ratios()[edges.clone()];
        let largest = ln_ratios.iter().copied().fold(0.0, f64::max);
        let mut sum = libm::exp(-largest);
        for (found, ln_ratio) in self.edge[edges.clone()].iter_mut().zip(ln_ratios) {
            *found = exp(ln_ratio - largest);
            sum += *found;
        }
        self.miss[row] = libm::exp(-largest) / sum;
        self.edge[edges].iter_mut().for_each(|found| *found /= sum);
    }

    fn solve_part(&mut self, problem: &JointProblem, part: &Part) {
        let rows = part.rows.clone();
        self.clusters.write(&self.rows[rows.clone()], &self.ratio, &mut self.cluster);
        let dropped = &mut self.counts.dropped_probability;
        *dropped = dropped.max(part.dropped_probability);
        if let Some(work) = self.sums.plan(&self.cluster, self.max_work) {
            self.counts.work += work;
            self.sums.run(&self.cluster, problem.ln_ratios(), &mut self.row_miss);
            let sums = &self.sums;
            for (at, &edge) in self.cluster.edge.iter().enumerate() {
                self.edge[edge as usize] = sums.probability[at];
            }
            self.write_misses(rows);
            return;
        }
        self.counts.wide_clusters += usize::from(part.level == 0);
        let Cluster { ratio, .. } = &mut self.cluster;
        ratio.iter_mut().for_each(|ratio| *ratio = ratio.min(LARGEST_RATIO));
        if part.level < DROP_UP_TO.len() {
            self.take_apart(part);
            return;
        }
        self.counts.approximated += 1;
        self.belief.run(&self.cluster, &mut self.row_miss);
        for (at, &edge) in self.cluster.edge.iter().enumerate() {
            self.edge[edge as usize] = self.belief.probability[at];
        }
        self.write_misses(rows);
    }

    fn write_misses(&mut self, rows: Range<usize>) {
        for (&row, &miss) in self.rows[rows].iter().zip(&self.row_miss) {
            self.miss[row as usize] = miss;
        }
    }

    /// Drop the least probable edges of the cluster and list the clusters that this leaves.
    fn take_apart(&mut self, part: &Part) {
        self.bounds.run(&self.cluster);
        let mut dropped_probability = part.dropped_probability;
        for (&edge, &bound) in self.cluster.edge.iter().zip(&self.bounds.bound) {
            if bound <= DROP_UP_TO[part.level] {
                self.ratio[edge as usize] = 0.0;
                dropped_probability += bound;
            }
        }
        self.clusters.search_again();
        for at in part.rows.clone() {
            let first = self.rows.len();
            self.clusters.find(self.rows[at], &self.ratio, &mut self.rows);
            let rows = first..self.rows.len();
            if !rows.is_empty() {
                self.parts.push(Part { rows, level: part.level + 1, dropped_probability });
            }
        }
    }
}

/// Exponentials of a list.
struct Exponentials<'a> {
    of: &'a [f64],
    into: &'a mut Vec<f64>,
}

impl Kernel for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.into.clear();
        self.into.resize(self.of.len(), 0.0);
        let (of, rest) = self.of.as_chunks::<LANES>();
        let (into, last) = self.into.as_chunks_mut::<LANES>();
        for (of, into) in of.iter().zip(into) {
            for lane in 0..LANES {
                into[lane] = exp(of[lane]);
            }
        }
        for (of, into) in rest.iter().zip(last) {
            *into = exp(*of);
        }
    }
}
