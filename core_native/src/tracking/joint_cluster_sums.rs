//! The exact sum over one cluster: who chooses, in which order, and in which numbers.

use crate::tracking::joint_exact::ExactSums;
use crate::tracking::joint_graph::Cluster;
use crate::tracking::joint_order::Sweep;
use crate::tracking::joint_plan::Plan;
use crate::tracking::joint_weight::{Extended, Weight};

/// Logarithm up to which sums over joint events stay well inside the range of doubles.
const LN_LARGEST_SUM: f64 = 600.0;
/// Steps for each edge up to which rows choose without a look at what columns would take.
const CHEAP: usize = 16;

/// Sums over a cluster; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct ClusterSums {
    /// Probability of each edge of the cluster.
    pub probability: Vec<f64>,
    by_rows: Sweep,
    by_columns: Sweep,
    plan: Plan,
    rows_choose: bool,
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

    /// Sum as planned: the probability of each edge of the cluster, and in `miss` that each of its
    /// rows takes none.
    pub fn run(&mut self, cluster: &Cluster, ln_ratios: &[f64], miss: &mut Vec<f64>) {
        let ln_ratio = |&edge: &u32| ln_ratios[edge as usize];
        let Self { plan, doubles, extended, .. } = self;
        if ln_largest_sum(cluster, ln_ratios) <= LN_LARGEST_SUM {
            doubles.run(plan, cluster.ratio.iter().copied());
            self.probability.clear();
            self.probability.extend((0..cluster.edge.len()).map(|edge| doubles.probability(edge)));
            write_misses(cluster, self.rows_choose, doubles, &self.probability, miss);
        } else {
            extended.run(plan, cluster.edge.iter().map(|edge| Extended::exp(ln_ratio(edge))));
            self.probability.clear();
            self.probability.extend((0..cluster.edge.len()).map(|edge| extended.probability(edge)));
            write_misses(cluster, self.rows_choose, extended, &self.probability, miss);
        }
    }
}

/// Logarithm of a number that no sum over joint events exceeds: each row has at most as many choices
/// as edges and its miss, of at most the weight of its best.
fn ln_largest_sum(cluster: &Cluster, ln_ratios: &[f64]) -> f64 {
    let mut sum = 0.0;
    for row in 0..cluster.rows.len() {
        let edges = cluster.rows.edges(row);
        let ln_ratio = |&edge: &u32| ln_ratios[cluster.edge[edge as usize] as usize];
        let choices = edges.len() + 1;
        let ln_choices = f64::from(choices.ilog2() + 1) * std::f64::consts::LN_2;
        sum += edges.iter().map(ln_ratio).fold(0.0, f64::max) + ln_choices;
    }
    sum
}

fn write_misses<N: Weight>(
    cluster: &Cluster,
    rows_choose: bool,
    sums: &ExactSums<N>,
    probability: &[f64],
    miss: &mut Vec<f64>,
) {
    miss.clear();
    for row in 0..cluster.rows.len() {
        if rows_choose {
            miss.push(sums.idle_probability(row));
            continue;
        }
        let taken = cluster.rows.edges(row).iter().map(|&edge| probability[edge as usize]);
        miss.push((1.0 - taken.sum::<f64>()).max(0.0));
    }
}
