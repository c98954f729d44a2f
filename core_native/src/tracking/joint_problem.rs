//! Which measurements each track may take, and how much more likely each is than none.

use crate::error::{Error, Result};

/// Largest size of a cost: beyond, neighbouring doubles are farther apart than probabilities care.
pub const MAX_COST: f64 = 1e9;

/// Tracks (rows) with the measurements (columns) that each may take.
#[derive(Clone, Debug, Default)]
pub struct JointProblem {
    row_start: Vec<u32>,
    column: Vec<u32>,
    ln_ratio: Vec<f64>,
    column_count: usize,
}

impl JointProblem {
    /// Empty the problem, keeping its memory.
    pub fn clear(&mut self, column_count: usize) {
        self.row_start.clear();
        self.row_start.push(0);
        self.column.clear();
        self.ln_ratio.clear();
        self.column_count = column_count;
    }

    /// Let the row that is being made take `column`, which it must not have yet, below the count of
    /// columns. `ln_ratio` is the logarithm of the edge's weight over the weight of the row's miss:
    /// at most 2e9 in size, or minus infinity where the row cannot take the column after all.
    pub fn push(&mut self, column: u32, ln_ratio: f64) {
        self.column.push(column);
        self.ln_ratio.push(ln_ratio);
    }

    /// Close the row whose edges were pushed since the last call.
    pub fn end_row(&mut self) {
        self.row_start.push(self.column.len() as u32);
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.row_start.len().saturating_sub(1)
    }

    /// Number of columns.
    pub const fn column_count(&self) -> usize {
        self.column_count
    }

    /// Places of a row's edges.
    pub fn edges_of(&self, row: usize) -> std::ops::Range<usize> {
        self.row_start[row] as usize..self.row_start[row + 1] as usize
    }

    /// Column of each edge, row by row.
    pub fn columns(&self) -> &[u32] {
        &self.column
    }

    /// Logarithm of each edge's weight over the weight of its row's miss.
    pub fn ln_ratios(&self) -> &[f64] {
        &self.ln_ratio
    }

    /// A problem from edges in any order, and the place in it of each. Costs are negative logarithms
    /// of weights; that of an edge may be infinite.
    ///
    /// # Errors
    /// [`Error::Setting`] for an index out of range, an edge that is given twice, or a cost that is
    /// not a number within [`MAX_COST`].
    pub fn from_edges(
        [rows, columns]: [&[u32]; 2],
        costs: &[f64],
        miss_costs: &[f64],
        column_count: usize,
    ) -> Result<(Self, Vec<u32>)> {
        check_miss_costs(miss_costs)?;
        let row_count = miss_costs.len();
        let mut row_start = vec![0_u32; row_count + 1];
        for (edge, ((&row, &column), &cost)) in rows.iter().zip(columns).zip(costs).enumerate() {
            check_index("rows", edge, row, row_count)?;
            check_index("columns", edge, column, column_count)?;
            let fits = cost.abs() <= MAX_COST || cost == f64::INFINITY;
            require(fits, || format!("costs[{edge}]"), cost, "at most 1e9 in size, or inf")?;
            row_start[row as usize + 1] += 1;
        }
        for row in 0..row_count {
            row_start[row + 1] += row_start[row];
        }
        let mut next = row_start.clone();
        let mut column = vec![0; rows.len()];
        let mut ln_ratio = vec![0.0; rows.len()];
        let mut places = Vec::with_capacity(rows.len());
        for ((&row, &given), &cost) in rows.iter().zip(columns).zip(costs) {
            let place = &mut next[row as usize];
            column[*place as usize] = given;
            ln_ratio[*place as usize] = miss_costs[row as usize] - cost;
            places.push(*place);
            *place += 1;
        }
        let problem = Self { row_start, column, ln_ratio, column_count };
        problem.check_distinct()?;
        Ok((problem, places))
    }

    fn check_distinct(&self) -> Result<()> {
        let mut last_row = vec![usize::MAX; self.column_count];
        for row in 0..self.row_count() {
            for edge in self.edges_of(row) {
                let column = self.column[edge] as usize;
                let before = std::mem::replace(&mut last_row[column], row);
                let named = || "edge (row, column)".to_owned();
                require(before != row, named, format!("({row}, {column}) twice"), "given once")?;
            }
        }
        Ok(())
    }
}

fn check_miss_costs(miss_costs: &[f64]) -> Result<()> {
    for (row, &cost) in miss_costs.iter().enumerate() {
        let named = || format!("miss_cost[{row}]");
        require(cost.abs() <= MAX_COST, named, cost, "at most 1e9 in size")?;
    }
    Ok(())
}

fn check_index(name: &str, edge: usize, index: u32, count: usize) -> Result<()> {
    let named = || format!("{name}[{edge}]");
    require((index as usize) < count, named, index, &format!("below {count}"))
}

fn require(
    holds: bool,
    setting: impl Fn() -> String,
    value: impl ToString,
    limit: &str,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Setting {
        setting: setting(),
        value: value.to_string(),
        limit: limit.into(),
        remedy: "correct the edges or costs".into(),
    })
}
