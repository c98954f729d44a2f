//! Tracks that compete for measurements: clusters, and the graph of one.
//!
//! Rows share a cluster where a chain of shared columns joins them; clusters are independent.

use std::ops::Range;

use crate::tracking::joint_problem::JointProblem;

/// One kind of node of a cluster with the neighbours of each, which are of the other kind.
#[derive(Default)]
pub struct Side {
    start: Vec<u32>,
    neighbour: Vec<u32>,
    edge: Vec<u32>,
}

impl Side {
    fn clear(&mut self) {
        self.start.clear();
        self.start.push(0);
        self.neighbour.clear();
        self.edge.clear();
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn range(&self, node: usize) -> Range<usize> {
        self.start[node] as usize..self.start[node + 1] as usize
    }

    /// Neighbours of a node.
    pub fn neighbours(&self, node: usize) -> &[u32] {
        &self.neighbour[self.range(node)]
    }

    /// Edges of a node, in the order of its neighbours.
    pub fn edges(&self, node: usize) -> &[u32] {
        &self.edge[self.range(node)]
    }

    /// The transpose of another side, whose neighbours number `count`.
    fn transpose(&mut self, other: &Self, count: usize) {
        let nodes = 0..other.len();
        let edges = nodes.flat_map(|node| other.range(node).map(move |at| (node, at)));
        self.group(count, edges.map(|(node, at)| (node, other.neighbour[at], other.edge[at])));
    }

    /// The columns of a problem, over edges whose ratio is not 0.
    fn transpose_problem(&mut self, problem: &JointProblem, ratios: &[f64]) {
        let rows = 0..problem.row_count();
        let edges = rows.flat_map(|row| problem.edges_of(row).map(move |edge| (row, edge)));
        let counts = edges.filter(|&(_, edge)| ratios[edge] > 0.0);
        let named = counts.map(|(row, edge)| (row, problem.columns()[edge], edge as u32));
        self.group(problem.column_count(), named);
    }

    /// Group edges (neighbour, node, edge) by their nodes, which number `count`.
    fn group(&mut self, count: usize, edges: impl Iterator<Item = (usize, u32, u32)> + Clone) {
        self.clear();
        self.start.resize(count + 1, 0);
        for (_, node, _) in edges.clone() {
            self.start[node as usize + 1] += 1;
        }
        for node in 0..count {
            self.start[node + 1] += self.start[node];
        }
        let total = self.start[count] as usize;
        self.neighbour.resize(total, 0);
        self.edge.resize(total, 0);
        // Each start serves as the place of its next entry and is then the next node's start.
        for (neighbour, node, edge) in edges {
            let place = &mut self.start[node as usize];
            self.neighbour[*place as usize] = neighbour as u32;
            self.edge[*place as usize] = edge;
            *place += 1;
        }
        for node in (1..=count).rev() {
            self.start[node] = self.start[node - 1];
        }
        self.start[0] = 0;
    }
}

/// One cluster: rows, columns and edges numbered from 0 within it. Columns that no other row of the
/// cluster may take are no part of it: taking one of them and missing are one choice, of weight 1.
#[derive(Default)]
pub struct Cluster {
    /// Rows with their columns; the edges are in order.
    pub rows: Side,
    /// Columns with their rows, of which each has at least two.
    pub columns: Side,
    /// Place of each edge in the problem.
    pub edge: Vec<u32>,
    /// Weight of each edge over that of its row's miss and own columns, from ratios that were cut off.
    pub ratio: Vec<f64>,
}

/// Finds clusters; its memory is kept from problem to problem.
#[derive(Default)]
pub struct Clusters {
    /// Edges of each column.
    columns: Side,
    /// Edges of each column that still count.
    degree: Vec<u32>,
    /// Search that met each row or column last.
    met_row: Vec<u32>,
    met_column: Vec<u32>,
    search: u32,
    /// Number of each column within its cluster, once met.
    number: Vec<u32>,
}

impl Clusters {
    /// Begin with a problem of which the edges of ratio 0 do not count.
    pub fn begin(&mut self, problem: &JointProblem, ratios: &[f64]) {
        let count = problem.column_count();
        self.columns.transpose_problem(problem, ratios);
        self.degree.clear();
        let degree = |column| self.columns.neighbours(column).len() as u32;
        self.degree.extend((0..count).map(degree));
        self.search = 0;
        refill(&mut self.met_row, problem.row_count());
        refill(&mut self.met_column, count);
        refill(&mut self.number, count);
    }

    /// Take an edge of a column away, whose ratio is 0 from now on.
    pub fn drop_edge(&mut self, column: u32) {
        self.degree[column as usize] -= 1;
    }

    /// Whether other rows may take the column, too.
    pub fn is_shared(&self, column: u32) -> bool {
        self.degree[column as usize] > 1
    }

    /// Begin another search, for which no row is met yet.
    pub const fn search_again(&mut self) {
        self.search += 1;
    }

    /// Append the rows of the cluster of `row`, over edges whose ratio is not 0; nothing for a row
    /// that this search has met.
    pub fn find(&mut self, row: u32, problem: &JointProblem, ratios: &[f64], found: &mut Vec<u32>) {
        if std::mem::replace(&mut self.met_row[row as usize], self.search) == self.search {
            return;
        }
        let mut next = found.len();
        found.push(row);
        while next < found.len() {
            for edge in problem.edges_of(found[next] as usize) {
                let column = problem.columns()[edge];
                if ratios[edge] > 0.0 && self.is_shared(column) {
                    self.meet_column(column as usize, ratios, found);
                }
            }
            next += 1;
        }
    }

    fn meet_column(&mut self, column: usize, ratios: &[f64], found: &mut Vec<u32>) {
        if std::mem::replace(&mut self.met_column[column], self.search) == self.search {
            return;
        }
        let rows = self.columns.neighbours(column).iter();
        for (&row, &edge) in rows.zip(self.columns.edges(column)) {
            let met = &mut self.met_row[row as usize];
            if ratios[edge as usize] > 0.0 && *met != self.search {
                *met = self.search;
                found.push(row);
            }
        }
    }

    /// Write down the graph of a cluster that [`Clusters::find`] found.
    pub fn write(
        &mut self,
        rows: &[u32],
        problem: &JointProblem,
        ratios: &[f64],
        cluster: &mut Cluster,
    ) {
        let Cluster { rows: side, columns, edge: edges, ratio } = cluster;
        self.search += 1;
        side.clear();
        edges.clear();
        ratio.clear();
        let mut column_count = 0;
        for &row in rows {
            let first = edges.len();
            let mut idle = 1.0;
            for edge in problem.edges_of(row as usize).filter(|&edge| ratios[edge] > 0.0) {
                let column = problem.columns()[edge] as usize;
                if self.degree[column] < 2 {
                    idle += ratios[edge];
                    continue;
                }
                let met = std::mem::replace(&mut self.met_column[column], self.search);
                if met != self.search {
                    self.number[column] = column_count;
                    column_count += 1;
                }
                side.neighbour.push(self.number[column]);
                side.edge.push(edges.len() as u32);
                edges.push(edge as u32);
            }
            side.start.push(edges.len() as u32);
            let per_idle = 1.0 / idle;
            ratio.extend(edges[first..].iter().map(|&edge| ratios[edge as usize] * per_idle));
        }
        columns.transpose(side, column_count as usize);
    }
}

fn refill(list: &mut Vec<u32>, count: usize) {
    list.clear();
    list.resize(count, 0);
}
