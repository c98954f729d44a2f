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
        self.clear();
        self.start.resize(count + 1, 0);
        for &node in &other.neighbour {
            self.start[node as usize + 1] += 1;
        }
        for node in 0..count {
            self.start[node + 1] += self.start[node];
        }
        self.neighbour.resize(other.neighbour.len(), 0);
        self.edge.resize(other.neighbour.len(), 0);
        // Each start serves as the place of its next entry and is then the next node's start.
        for node in 0..other.len() {
            for at in other.range(node) {
                let place = &mut self.start[other.neighbour[at] as usize];
                self.neighbour[*place as usize] = node as u32;
                self.edge[*place as usize] = other.edge[at];
                *place += 1;
            }
        }
        for node in (1..=count).rev() {
            self.start[node] = self.start[node - 1];
        }
        self.start[0] = 0;
    }
}

/// One cluster: rows, columns and edges numbered from 0 within it.
#[derive(Default)]
pub struct Cluster {
    /// Rows with their columns; the edges are in order.
    pub rows: Side,
    /// Columns with their rows.
    pub columns: Side,
    /// Place of each edge in the problem.
    pub edge: Vec<u32>,
    /// Weight of each edge over that of its row's miss; infinite beyond the range of doubles.
    pub ratio: Vec<f64>,
}

/// Finds clusters; its memory is kept from problem to problem.
#[derive(Default)]
pub struct Clusters {
    /// All edges with a weight, from the columns' side.
    columns: Side,
    all_rows: Side,
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
        self.all_rows.clear();
        for row in 0..problem.row_count() {
            for edge in problem.edges_of(row).filter(|&edge| ratios[edge] > 0.0) {
                self.all_rows.neighbour.push(problem.columns()[edge]);
                self.all_rows.edge.push(edge as u32);
            }
            self.all_rows.start.push(self.all_rows.edge.len() as u32);
        }
        self.columns.transpose(&self.all_rows, problem.column_count());
        self.search = 0;
        refill(&mut self.met_row, problem.row_count());
        refill(&mut self.met_column, problem.column_count());
        refill(&mut self.number, problem.column_count());
    }

    /// Begin another search, for which no row is met yet.
    pub const fn search_again(&mut self) {
        self.search += 1;
    }

    /// Whether the row takes columns that no other row may take. Of the whole problem: edges that
    /// were dropped since count.
    pub fn is_alone(&self, row: usize) -> bool {
        let shared = |&column: &u32| self.columns.range(column as usize).len() > 1;
        !self.all_rows.neighbours(row).iter().any(shared)
    }

    /// Append the rows of the cluster of `row`, over edges whose ratio is not 0; nothing for a row
    /// that this search has met.
    pub fn find(&mut self, row: u32, ratios: &[f64], found: &mut Vec<u32>) {
        if std::mem::replace(&mut self.met_row[row as usize], self.search) == self.search {
            return;
        }
        let mut next = found.len();
        found.push(row);
        while next < found.len() {
            let row = found[next] as usize;
            next += 1;
            for at in self.all_rows.range(row) {
                let column = self.all_rows.neighbour[at] as usize;
                if ratios[self.all_rows.edge[at] as usize] == 0.0
                    || std::mem::replace(&mut self.met_column[column], self.search) == self.search
                {
                    continue;
                }
                for (&row, &edge) in
                    self.columns.neighbours(column).iter().zip(self.columns.edges(column))
                {
                    let met = &mut self.met_row[row as usize];
                    if ratios[edge as usize] > 0.0 && *met != self.search {
                        *met = self.search;
                        found.push(row);
                    }
                }
            }
        }
    }

    /// Write down the graph of a cluster that [`Clusters::find`] found.
    pub fn write(&mut self, rows: &[u32], ratios: &[f64], cluster: &mut Cluster) {
        let Cluster { rows: side, columns, edge: edges, ratio } = cluster;
        self.search += 1;
        side.clear();
        edges.clear();
        ratio.clear();
        let mut column_count = 0;
        for &row in rows {
            for at in self.all_rows.range(row as usize) {
                let edge = self.all_rows.edge[at];
                if ratios[edge as usize] == 0.0 {
                    continue;
                }
                let column = self.all_rows.neighbour[at] as usize;
                let met = std::mem::replace(&mut self.met_column[column], self.search);
                if met != self.search {
                    self.number[column] = column_count;
                    column_count += 1;
                }
                side.neighbour.push(self.number[column]);
                side.edge.push(edges.len() as u32);
                edges.push(edge);
                ratio.push(ratios[edge as usize]);
            }
            side.start.push(edges.len() as u32);
        }
        columns.transpose(side, column_count as usize);
    }
}

fn refill(list: &mut Vec<u32>, count: usize) {
    list.clear();
    list.resize(count, 0);
}
