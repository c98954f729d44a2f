//! Sparse optimal assignment.

use numpy::ndarray::Ix1;
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qiki_core::tracking::assignment::{Solver, UNASSIGNED};
use qiki_core::tracking::assignment_problem::{Problem, check_size};

use crate::arrays::{NumbersOf, in_order, indices};
use crate::errors::CoreError;
use crate::whole_number;

/// Optimal assignment of rows to columns over a sparse graph.
///
/// Each row takes one of its columns or its own miss column, each column at most one row, at least
/// total cost. Shortest augmenting paths (Jonker and Volgenant 1987). Ties are broken by order, so
/// the same input gives the same answer.
///
/// Parameters
/// ----------
/// rows, columns : (k,) integers
///     The edges, in any order; uint32 is the quickest.
/// costs : (k,) float64
///     Cost of each edge; finite.
/// row_count, column_count : int
///     Size of the problem.
/// miss_cost : float or (row_count,) float64
///     Cost of leaving a row without a column; ``inf`` where the row must have one.
///
/// Returns
/// -------
/// (row_count,) int64
///     Column of each row, -1 for the miss column.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     A row whose miss cost is infinite cannot get a column; more than 1e8 rows or columns.
/// ValueError
///     Arrays of different length, an index out of range, a cost that is not finite, a miss cost
///     that is NaN or minus infinity.
#[pyfunction]
#[pyo3(signature = (rows, columns, costs, *, row_count, column_count, miss_cost))]
pub fn assign<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyAny>,
    columns: &Bound<'py, PyAny>,
    costs: NumbersOf<'py, Ix1>,
    #[pyo3(from_py_with = whole_number::row_count)] row_count: usize,
    #[pyo3(from_py_with = whole_number::column_count)] column_count: usize,
    miss_cost: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    check_size(row_count, column_count).map_err(CoreError::from)?;
    let misses = miss_costs(miss_cost, row_count)?;
    let (rows, columns) = (indices("rows", rows)?, indices("columns", columns)?);
    let costs = in_order(&costs)?;
    let costs = costs.as_slice()?;
    if rows.len() != columns.len() || rows.len() != costs.len() {
        let lengths = format!("{}, {} and {}", rows.len(), columns.len(), costs.len());
        let message = format!("rows, columns and costs have lengths {lengths}, must be equal");
        return Err(PyValueError::new_err(message));
    }
    let edges: Vec<_> =
        rows.into_iter().zip(columns).zip(costs).map(|((r, c), &w)| (r, c, w)).collect();
    let answer = py.detach(|| {
        let problem = Problem::from_edges(&edges, row_count, column_count, misses)?;
        let mut solver = Solver::default();
        let answer = solver.solve(&problem)?.iter();
        Ok(answer
            .map(|&column| if column == UNASSIGNED { -1 } else { i64::from(column) })
            .collect())
    });
    let answer: Vec<i64> =
        answer.map_err(|error: qiki_core::error::Error| CoreError::from(error))?;
    Ok(answer.into_pyarray(py))
}

/// One miss cost for each row.
pub fn miss_costs(miss_cost: &Bound<'_, PyAny>, row_count: usize) -> PyResult<Vec<f64>> {
    if let Ok(cost) = miss_cost.extract::<f64>() {
        return Ok(vec![cost; row_count]);
    }
    let costs = in_order(&*miss_cost.extract::<NumbersOf<'_, Ix1>>()?)?;
    let costs = costs.as_slice()?;
    if costs.len() == row_count {
        return Ok(costs.to_vec());
    }
    let message = format!("miss_cost has length {}, must be {row_count}", costs.len());
    Err(PyValueError::new_err(message))
}
