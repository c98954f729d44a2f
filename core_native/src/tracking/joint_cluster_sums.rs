//! The exact sum over one cluster: who chooses, in which order, and in which numbers.

use crate::tracking::joint_exact::ExactSums;
use crate::tracking::joint_graph::{Cluster, Clusters};
use crate::tracking::joint_order::Sweep;
use crate::tracking::joint_plan::Plan;
use crate::tracking::joint_problem::JointProblem;
use crate::tracking::joint_weight::{Extended, Weight};

/// Logarithm up to which sums over joint events stay well inside the range of doubles.
const LN_LARGEST_SUM: f64 = 600.0;
/// Steps for each edge up to which rows choose without a look at what columns would take.
const CHEAP: usize = 32;

/// Sums over a cluster; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct ClusterSums {
    /// Probability of each edge of the cluster.
    pub probability: Vec<f64>,
    by_rows: Sweep,
    by_columns: Sweep,
    plan: Plan,
    rows_choose: bool,
    ln_ratio: Vec<f64>,
    doubles: ExactSums<f64>,
    extended: ExactSums<Extended>,
}

impl ClusterSums {
    /// Plan the sum in the cheaper of the two ways. The steps that it takes, nothing above `max_work`.
    pub fn plan(&mut self, cluster: &Cluster, max_work: usize) -> Option<usize> {
        let Cluster { rows, columns, edge, .. } = cluster;
        self.by_rows.run(rows, columns);
        let by_rows = self.plan.measure(rows, columns.len(), &self.by_rows.order, max_work);
        if by_rows.is_some_and(|work| work <= CHEAP * edge.len()) {
            return self.choose(cluster, true, by_rows);
        }
        self.by_columns.run(columns, rows);
        let limit = by_rows.unwrap_or(max_work);
        let by_columns = self.plan.measure(columns, rows.len(), &self.by_columns.order, limit);
        if by_columns.is_some() {
            return self.choose(cluster, false, by_columns);
        }
        // The plan holds the columns' tree now.
        let by_rows = by_rows?;
        let work = self.plan.measure(rows, columns.len(), &self.by_rows.order, by_rows);
        self.choose(cluster, true, work)
    }

    /// Write down the order measured last.
    fn choose(&mut self, cluster: &Cluster, rows: bool, work: Option<usize>) -> Option<usize> {
        self.rows_choose = rows;
        if rows {
            self.plan.write(&cluster.rows, cluster.columns.len(), &self.by_rows.order);
        } else {
            self.plan.write(&cluster.columns, cluster.rows.len(), &self.by_columns.order);
        }
        work
    }

    /// Sum as planned: the probability of each edge of the cluster, and in `idle` that each of its
    /// rows takes none of its columns.
    pub fn run(&mut self, cluster: &Cluster, ln_ratios: &LnRatios<'_>, idle: &mut Vec<f64>) {
        let Self { plan, doubles, extended, .. } = self;
        let probability = &mut self.probability;
        probability.resize(cluster.edge.len(), 0.0);
        idle.clear();
        if ln_largest_sum(cluster, ln_ratios) <= LN_LARGEST_SUM {
            doubles.run(plan, |edge| cluster.ratio[edge]);
            doubles.write_probabilities(plan, probability);
            write_idle(cluster, self.rows_choose, doubles, probability, idle);
        } else {
            self.ln_ratio.clear();
            ln_ratios.write(cluster, &mut self.ln_ratio);
            extended.run(plan, |edge| Extended::exp(self.ln_ratio[edge]));
            extended.write_probabilities(plan, probability);
            write_idle(cluster, self.rows_choose, extended, probability, idle);
        }
    }
}

/// Logarithms of a cluster's ratios, for those beyond the range of doubles.
pub struct LnRatios<'a> {
    /// The problem.
    pub problem: &'a JointProblem,
    /// Its ratios, 0 for edges that do not count.
    pub ratios: &'a [f64],
    /// Which columns are shared.
    pub clusters: &'a Clusters,
    /// Rows of the cluster in the problem.
    pub rows: &'a [u32],
}

impl LnRatios<'_> {
    fn write(&self, cluster: &Cluster, ln_ratio: &mut Vec<f64>) {
        let of_problem = self.problem.ln_ratios();
        for (number, &row) in self.rows.iter().enumerate() {
            let edges = self.problem.edges_of(row as usize);
            let is_own = |&edge: &usize| {
                let column = self.problem.columns()[edge];
                self.ratios[edge] > 0.0 && !self.clusters.is_shared(column)
            };
            let own = edges.filter(is_own).map(|edge| of_problem[edge]);
            let largest = own.clone().fold(0.0, f64::max);
            let sum: f64 = own.map(|ln_ratio| libm::exp(ln_ratio - largest)).sum();
            let ln_idle = largest + libm::log(libm::exp(-largest) + sum);
            let edges = cluster.rows.edges(number).iter();
            ln_ratio.extend(
                edges.map(|&edge| of_problem[cluster.edge[edge as usize] as usize] - ln_idle),
            );
        }
    }
}

/// Logarithm of a number that no sum over joint events exceeds: each row has at most as many choices
/// as edges and its miss, of at most the weight of its best.
fn ln_largest_sum(cluster: &Cluster, ln_ratios: &LnRatios<'_>) -> f64 {
    let of_problem = ln_ratios.problem.ln_ratios();
    let mut sum = 0.0;
    for row in 0..cluster.rows.len() {
        let edges = cluster.rows.edges(row);
        let ln_ratio = |&edge: &u32| of_problem[cluster.edge[edge as usize] as usize];
        let choices = edges.len() + 1;
        let ln_choices = f64::from(choices.ilog2() + 1) * std::f64::consts::LN_2;
        sum += edges.iter().map(ln_ratio).fold(0.0, f64::max) + ln_choices;
    }
    sum
}

fn write_idle<N: Weight>(
    cluster: &Cluster,
    rows_choose: bool,
    sums: &ExactSums<N>,
    probability: &[f64],
    idle: &mut Vec<f64>,
) {
    for row in 0..cluster.rows.len() {
        if rows_choose {
            idle.push(sums.idle_probability(row));
            continue;
        }
        let taken = cluster.rows.edges(row).iter().map(|&edge| probability[edge as usize]);
        idle.push((1.0 - taken.sum::<f64>()).max(0.0));
    }
}
