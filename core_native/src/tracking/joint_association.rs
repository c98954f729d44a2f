//! The probability that each track took each measurement, over all joint events (JPDA: Fortmann,
//! Bar-Shalom and Scheffe 1983, "Sonar tracking of multiple targets using joint probabilistic data
//! association"; JIPDA: Musicki and Evans 2004, "Joint integrated probabilistic data association").
//!
//! A joint event lets each row take at most one of its columns and each column be taken at most once;
//! its weight is the product of those of its edges and misses. Exact for each cluster that is narrow
//! enough; a wider one is first taken apart at edges that are all but impossible ([`EdgeBounds`]),
//! and what stays too wide is approximated ([`Belief`]).

use std::ops::Range;

use crate::error::{Error, Result};
use crate::simd::{SimdLevel, dispatch};
use crate::tracking::joint_belief::Belief;
use crate::tracking::joint_bound::EdgeBounds;
use crate::tracking::joint_cluster_sums::{ClusterSums, LnRatios};
use crate::tracking::joint_graph::{Cluster, Clusters};
use crate::tracking::joint_problem::JointProblem;
use crate::tracking::joint_weight::Exponentials;

/// Steps that the exact sum over one cluster may take unless told otherwise: 5 to 10 ns each, so that
/// no cluster takes much longer than a millisecond. Ten tracks that may all take the same ten
/// measurements need 110 000.
pub const MAX_WORK: usize = 1 << 17;
/// Most that may be asked for: the sums then take a gigabyte.
pub const LARGEST_MAX_WORK: usize = 1 << 26;

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
    /// Probability that each row of the cluster takes none of its columns.
    idle: Vec<f64>,
}

impl Default for JointAssociation {
    fn default() -> Self {
        Self {
            max_work: MAX_WORK,
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
            idle: Vec::new(),
        }
    }
}

impl JointAssociation {
    /// With a limit of steps for the exact sum over one cluster; 0 approximates all of them.
    ///
    /// # Errors
    /// [`Error::Setting`] above [`LARGEST_MAX_WORK`].
    pub fn with_limit(max_work: usize) -> Result<Self> {
        if max_work <= LARGEST_MAX_WORK {
            return Ok(Self { max_work, ..Self::default() });
        }
        Err(Error::Setting {
            setting: "max_work".into(),
            value: max_work.to_string(),
            limit: format!("at most {LARGEST_MAX_WORK}"),
            remedy: "leave it out; wider clusters are then approximated".into(),
        })
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
            let first = self.rows.len();
            self.clusters.find(row as u32, problem, &self.ratio, &mut self.rows);
            let rows = first..self.rows.len();
            if rows.len() == 1 {
                self.share_idle(problem, row, 1.0);
            } else if !rows.is_empty() {
                self.counts.clusters += 1;
                self.counts.largest_rows = self.counts.largest_rows.max(rows.len());
                self.parts.push(Part { rows, level: 0, dropped_probability: 0.0 });
            }
        }
    }

    /// Share the probability that a row takes no column of its cluster among its miss and the columns
    /// that it alone may take.
    fn share_idle(&mut self, problem: &JointProblem, row: usize, idle: f64) {
        let edges = problem.edges_of(row);
        let (ratio, clusters) = (&self.ratio, &self.clusters);
        let is_own =
            |&edge: &usize| ratio[edge] > 0.0 && !clusters.is_shared(problem.columns()[edge]);
        let sum: f64 = edges.clone().filter(is_own).map(|edge| ratio[edge]).sum();
        if sum <= LARGEST_RATIO {
            let share = idle / (1.0 + sum);
            self.miss[row] = share;
            edges.filter(is_own).for_each(|edge| self.edge[edge] = share * ratio[edge]);
            return;
        }
        // Relative to the largest, which is beyond the range of doubles.
        let ln_ratios = problem.ln_ratios();
        let largest = edges.clone().filter(is_own).map(|edge| ln_ratios[edge]).fold(0.0, f64::max);
        let part = |edge: usize| libm::exp(ln_ratios[edge] - largest);
        let sum: f64 = edges.clone().filter(is_own).map(part).sum();
        let share = idle / (libm::exp(-largest) + sum);
        self.miss[row] = share * libm::exp(-largest);
        edges.filter(is_own).for_each(|edge| self.edge[edge] = share * part(edge));
    }

    fn solve_part(&mut self, problem: &JointProblem, part: &Part) {
        let rows = &self.rows[part.rows.clone()];
        self.clusters.write(rows, problem, &self.ratio, &mut self.cluster);
        let dropped = &mut self.counts.dropped_probability;
        *dropped = dropped.max(part.dropped_probability);
        if let Some(work) = self.sums.plan(&self.cluster, self.max_work) {
            self.counts.work += work;
            let ln_ratios =
                LnRatios { problem, ratios: &self.ratio, clusters: &self.clusters, rows };
            self.sums.run(&self.cluster, &ln_ratios, &mut self.idle);
            self.write_results(problem, part, |joint| &joint.sums.probability);
            return;
        }
        self.counts.wide_clusters += usize::from(part.level == 0);
        self.cluster.ratio.iter_mut().for_each(|ratio| *ratio = ratio.min(LARGEST_RATIO));
        if part.level < DROP_UP_TO.len() {
            self.take_apart(problem, part);
            return;
        }
        self.counts.approximated += 1;
        self.belief.run(&self.cluster, &mut self.idle);
        self.write_results(problem, part, |joint| &joint.belief.probability);
    }

    fn write_results(
        &mut self,
        problem: &JointProblem,
        part: &Part,
        probability: impl Fn(&Self) -> &[f64],
    ) {
        for at in 0..self.cluster.edge.len() {
            self.edge[self.cluster.edge[at] as usize] = probability(self)[at];
        }
        for (number, at) in part.rows.clone().enumerate() {
            self.share_idle(problem, self.rows[at] as usize, self.idle[number]);
        }
    }

    /// Drop the least probable edges of the cluster and list the clusters that this leaves.
    fn take_apart(&mut self, problem: &JointProblem, part: &Part) {
        self.bounds.run(&self.cluster);
        let mut dropped_probability = part.dropped_probability;
        for (&edge, &bound) in self.cluster.edge.iter().zip(&self.bounds.bound) {
            if bound <= DROP_UP_TO[part.level] {
                self.ratio[edge as usize] = 0.0;
                self.clusters.drop_edge(problem.columns()[edge as usize]);
                dropped_probability += bound;
            }
        }
        self.clusters.search_again();
        for at in part.rows.clone() {
            let first = self.rows.len();
            self.clusters.find(self.rows[at], problem, &self.ratio, &mut self.rows);
            let rows = first..self.rows.len();
            if !rows.is_empty() {
                self.parts.push(Part { rows, level: part.level + 1, dropped_probability });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers by a linear congruence.
    struct Draws(u64);

    impl Draws {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
            (self.0 >> 33) % limit
        }

        /// A problem in which each pair is an edge in two cases of three.
        fn problem(&mut self, rows: u64, columns: u64, spread: f64) -> JointProblem {
            let mut problem = JointProblem::default();
            problem.clear(columns as usize);
            for _ in 0..rows {
                for column in 0..columns as u32 {
                    if self.below(3) > 0 {
                        problem.push(column, (self.below(2001) as f64 - 1000.0) * 1e-3 * spread);
                    }
                }
                problem.end_row();
            }
            problem
        }
    }

    /// Sums over every joint event: the whole, each edge's and each row's without a column.
    struct Enumerated<'a> {
        problem: &'a JointProblem,
        chosen: Vec<Option<usize>>,
        whole: f64,
        edge: Vec<f64>,
        miss: Vec<f64>,
    }

    impl<'a> Enumerated<'a> {
        fn of(problem: &'a JointProblem) -> Self {
            let (edges, rows) = (problem.columns().len(), problem.row_count());
            let (edge, miss) = (vec![0.0; edges], vec![0.0; rows]);
            let mut sums = Self { problem, chosen: Vec::new(), whole: 0.0, edge, miss };
            sums.extend(1.0);
            sums
        }

        fn extend(&mut self, weight: f64) {
            let row = self.chosen.len();
            if row == self.problem.row_count() {
                self.whole += weight;
                for (row, chosen) in self.chosen.iter().enumerate() {
                    *chosen.map_or(&mut self.miss[row], |edge| &mut self.edge[edge]) += weight;
                }
                return;
            }
            let columns = self.problem.columns();
            for chosen in std::iter::once(None).chain(self.problem.edges_of(row).map(Some)) {
                let taken = |edge: usize| {
                    self.chosen.iter().flatten().any(|&other| columns[other] == columns[edge])
                };
                if chosen.is_some_and(taken) {
                    continue;
                }
                let factor = chosen.map_or(1.0, |edge| libm::exp(self.problem.ln_ratios()[edge]));
                self.chosen.push(chosen);
                self.extend(weight * factor);
                self.chosen.pop();
            }
        }
    }

    fn assert_close(joint: &JointAssociation, problem: &JointProblem, limit: f64) {
        let expected = Enumerated::of(problem);
        for (found, sum) in joint.edge.iter().zip(&expected.edge) {
            assert!((found - sum / expected.whole).abs() <= limit, "{problem:?}");
        }
        for (found, sum) in joint.miss.iter().zip(&expected.miss) {
            assert!((found - sum / expected.whole).abs() <= limit, "{problem:?}");
        }
    }

    #[test]
    fn marginals_are_those_of_every_joint_event() {
        let (mut draws, mut joint) = (Draws(1), JointAssociation::default());
        for _ in 0..400 {
            let (rows, columns) = (draws.below(6), draws.below(6));
            let problem = draws.problem(rows, columns, 8.0);
            joint.run(SimdLevel::detect(), &problem);
            assert_close(&joint, &problem, 1e-12);
            assert_eq!((joint.counts.wide_clusters, joint.counts.dropped_probability), (0, 0.0));
        }
    }

    #[test]
    fn dropped_edges_change_no_more_than_is_told() {
        let mut draws = Draws(2);
        let mut dropped = 0;
        for _ in 0..400 {
            let problem = draws.problem(5, 5, 14.0);
            let mut joint = JointAssociation::with_limit(200).expect("small");
            joint.run(SimdLevel::detect(), &problem);
            if joint.counts.approximated == 0 {
                assert_close(&joint, &problem, joint.counts.dropped_probability + 1e-12);
                dropped += usize::from(joint.counts.dropped_probability > 0.0);
            }
        }
        assert!(dropped > 20, "{dropped}");
    }

    #[test]
    fn the_memory_of_a_larger_problem_changes_nothing() {
        let mut draws = Draws(3);
        let (large, small) = (draws.problem(12, 9, 5.0), draws.problem(4, 6, 5.0));
        for max_work in [MAX_WORK, 0] {
            let mut fresh = JointAssociation::with_limit(max_work).expect("in range");
            fresh.run(SimdLevel::Baseline, &small);
            let mut used = JointAssociation::with_limit(max_work).expect("in range");
            used.run(SimdLevel::detect(), &large);
            used.run(SimdLevel::detect(), &small);
            assert_eq!((&used.edge, &used.miss), (&fresh.edge, &fresh.miss));
            assert_eq!(used.counts, fresh.counts);
        }
    }

    #[test]
    fn belief_is_exact_without_loops() {
        // A chain: row i may take the columns i and i + 1.
        let mut problem = JointProblem::default();
        problem.clear(8);
        for row in 0..7_u32 {
            problem.push(row, f64::from(row) - 3.0);
            problem.push(row + 1, 2.0 - 0.5 * f64::from(row));
            problem.end_row();
        }
        let mut joint = JointAssociation::with_limit(0).expect("in range");
        joint.run(SimdLevel::detect(), &problem);
        assert_eq!(joint.counts.approximated, 1);
        assert_close(&joint, &problem, 1e-5);
    }

    #[test]
    fn a_limit_that_memory_would_not_hold_is_refused() {
        let error = JointAssociation::with_limit(LARGEST_MAX_WORK + 1).err();
        let message = error.expect("too large").to_string();
        assert!(message.contains("67108865") && message.contains("67108864"), "{message}");
    }
}
