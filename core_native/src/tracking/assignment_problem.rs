//! The assignment problem: rows with their possible columns and the cost of leaving them out.

use crate::error::{Error, Result};

/// One possible assignment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Column.
    pub column: u32,
    /// Cost, finite.
    pub cost: f64,
}

/// The problem: rows with their edges and the cost of leaving them out.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// Where each row's edges begin in `edges`; one more entry than rows.
    pub row_start: Vec<u32>,
    /// Edges, row by row.
    pub edges: Vec<Edge>,
    /// Cost of each row's private miss column; infinite where the row must be assigned.
    pub miss_cost: Vec<f64>,
    /// Number of columns.
    pub column_count: usize,
}

impl Problem {
    /// Empty the problem, keeping its memory.
    pub fn clear(&mut self, column_count: usize) {
        self.row_start.clear();
        self.row_start.push(0);
        self.edges.clear();
        self.miss_cost.clear();
        self.column_count = column_count;
    }

    /// Close the row whose edges were pushed since the last call.
    pub fn end_row(&mut self, miss_cost: f64) {
        self.row_start.push(self.edges.len() as u32);
        self.miss_cost.push(miss_cost);
    }

    /// A problem from edges (row, column, cost) in any order.
    ///
    /// # Errors
    /// [`Error::Setting`] for an index out of range or a cost that is not a number.
    pub fn from_edges(
        edges: &[(u32, u32, f64)],
        row_count: usize,
        column_count: usize,
        miss_cost: Vec<f64>,
    ) -> Result<Self> {
        let mut row_start = vec![0_u32; row_count + 1];
        for (at, &(row, column, cost)) in edges.iter().enumerate() {
            let inside = (row as usize) < row_count && (column as usize) < column_count;
            if !inside || !cost.is_finite() {
                return Err(bad_edge(at, row, column, cost, row_count, column_count));
            }
            row_start[row as usize + 1] += 1;
        }
        if let Some(row) = miss_cost.iter().position(|c| c.is_nan() || *c == f64::NEG_INFINITY) {
            return Err(setting(
                format!("miss_cost[{row}]"),
                miss_cost[row].to_string(),
                "a number above -inf; inf where the row must be assigned",
            ));
        }
        for row in 0..row_count {
            row_start[row + 1] += row_start[row];
        }
        let mut next = row_start.clone();
        let mut placed = vec![Edge { column: 0, cost: 0.0 }; edges.len()];
        for &(row, column, cost) in edges {
            let at = &mut next[row as usize];
            placed[*at as usize] = Edge { column, cost };
            *at += 1;
        }
        Ok(Self { row_start, edges: placed, miss_cost, column_count })
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.miss_cost.len()
    }

    /// Whether each row must take a column and so each column is taken: as many rows as columns, and
    /// no row may miss.
    pub fn is_perfect(&self) -> bool {
        self.row_count() == self.column_count
            && self.miss_cost.iter().all(|&cost| cost == f64::INFINITY)
    }

    /// Edges of one row with their numbers.
    pub fn numbered_row(&self, row: usize) -> impl Iterator<Item = (u32, &Edge)> {
        (self.row_start[row]..).zip(self.row(row))
    }

    /// Edges of one row.
    pub fn row(&self, row: usize) -> &[Edge] {
        &self.edges[self.row_start[row] as usize..self.row_start[row + 1] as usize]
    }
}

/// Rows or columns that a problem may have; both fit a `u32`.
const MAX_SIZE: usize = 100_000_000;

/// Refuse a problem that memory would not hold.
///
/// # Errors
/// [`Error::Setting`].
pub fn check_size(row_count: usize, column_count: usize) -> Result<()> {
    for (name, count) in [("row_count", row_count), ("column_count", column_count)] {
        if count > MAX_SIZE {
            return Err(setting(name.into(), count.to_string(), "at most 100000000"));
        }
    }
    Ok(())
}

/// Name what is wrong with an assignment problem.
pub fn setting(setting: String, value: String, limit: &str) -> Error {
    let remedy = "correct the edges or costs".into();
    Error::Setting { setting, value, limit: limit.into(), remedy }
}

fn bad_edge(
    at: usize,
    row: u32,
    column: u32,
    cost: f64,
    row_count: usize,
    column_count: usize,
) -> Error {
    let limit = format!("row below {row_count}, column below {column_count}, finite cost");
    setting(format!("edge {at}"), format!("({row}, {column}, {cost})"), &limit)
}
