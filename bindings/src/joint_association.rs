//! Association probabilities over all joint events.

use numpy::PyArray1;
use numpy::ndarray::Ix1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use qiki_core::simd::SimdLevel;
use qiki_core::tracking::assignment_problem::check_size;
use qiki_core::tracking::joint_association::{JointAssociation, JointCounts, MAX_WORK};
use qiki_core::tracking::joint_problem::JointProblem;

use crate::arrays::part_of;
use crate::arrays::{NumbersOf, in_order, indices};
use crate::assignment::miss_costs;
use crate::errors::CoreError;
use crate::whole_number;

/// Association probabilities, and what it took to work them out; made by ``joint_association``.
#[pyclass(frozen, name = "JointProbabilities", module = "qiki.tracking")]
pub struct JointProbabilities {
    edge: Vec<f64>,
    miss: Vec<f64>,
    counts: JointCounts,
}

#[pymethods]
impl JointProbabilities {
    /// Probability of each edge, in the order given: (k,) float64, read-only.
    #[getter]
    fn edge<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        part_of(this.clone(), |this| &this.edge)
    }

    /// Probability that each row takes no column: (row_count,) float64, read-only.
    #[getter]
    fn miss<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        part_of(this.clone(), |this| &this.miss)
    }

    /// Clusters of two or more rows that compete for columns.
    #[getter]
    fn clusters(&self) -> usize {
        self.counts.clusters
    }

    /// Rows of the largest cluster; 0 where there is none.
    #[getter]
    fn largest_rows(&self) -> usize {
        self.counts.largest_rows
    }

    /// Steps that the exact sums took.
    #[getter]
    fn work(&self) -> usize {
        self.counts.work
    }

    /// Clusters that were too wide for the exact sum and lost their least probable edges.
    #[getter]
    fn wide_clusters(&self) -> usize {
        self.counts.wide_clusters
    }

    /// Parts of those that were approximated by belief propagation.
    #[getter]
    fn approximated(&self) -> usize {
        self.counts.approximated
    }

    /// What the lost edges change in any probability, at most; 0 where no cluster was too wide.
    #[getter]
    fn dropped_probability(&self) -> f64 {
        self.counts.dropped_probability
    }

    fn __repr__(&self) -> String {
        let Self { edge, miss, counts } = self;
        let JointCounts { clusters, approximated, .. } = counts;
        let (edges, rows) = (edge.len(), miss.len());
        format!(
            "<JointProbabilities of {edges} edges and {rows} rows: {clusters} clusters, \
             {approximated} approximated>"
        )
    }
}

/// Probability that each row (track) takes each of its columns (measurements), over all joint events.
///
/// In a joint event each row takes at most one of its columns and each column is taken at most once;
/// its weight is the product of ``exp(-cost)`` over the edges that it holds and ``exp(-miss_cost)``
/// over the rows that it leaves without. With detection probability Pd, existence probability r,
/// likelihood g and clutter density λ, the costs ``-ln(Pd r g / λ)`` and ``-ln(1 - Pd r)`` give the
/// probabilities of JIPDA, and of JPDA with ``r = 1``.
///
/// Exact, to rounding, for each cluster of competing rows whose sum takes at most ``max_work`` steps:
/// about ``2**w`` for each row, where ``w`` is the number of columns shared across a cut of the
/// cluster. A wider cluster first loses edges whose probability is at most 1e-8, then 1e-6, 1e-5 and
/// 1e-4, by a bound that holds, until it falls into parts that are narrow enough;
/// ``dropped_probability`` bounds what that changes. A part that is too wide to the end is
/// approximated by loopy belief propagation; there, weights beyond 1e130 times that of the row's miss
/// count as that. Its error beside the exact sum, in random clusters of 8 rows and 8 columns, each
/// pair an edge with the probability ``density``, costs normal with deviation 2 around a miss cost of
/// 0 (``tests/tracking/oracles/test_joint_belief.py``):
///
/// =======  ==========  ===============  =============
/// density  mean error  99 % are within  largest error
/// =======  ==========  ===============  =============
/// 0.2      0.0006      0.012            0.124
/// 0.4      0.0022      0.024            0.157
/// 0.7      0.0035      0.026            0.105
/// 1.0      0.0039      0.027            0.093
/// =======  ==========  ===============  =============
///
/// Parameters
/// ----------
/// rows, columns : (k,) integers
///     The edges, in any order, none twice; uint32 is the quickest.
/// costs : (k,) float64
///     Cost of each edge, at most 1e9 in size; ``inf`` for one that cannot be.
/// row_count, column_count : int
///     Size of the problem.
/// miss_cost : float or (row_count,) float64
///     Cost of leaving a row without a column, at most 1e9 in size.
/// max_work : int, optional
///     Steps that the exact sum over one cluster may take, 131072 by default, at most 67108864; 5 to
///     10 ns each. 0 approximates all clusters.
///
/// Returns
/// -------
/// JointProbabilities
///     ``edge`` and ``miss``; over each row they sum to 1.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An index out of range, an edge given twice, a cost that is NaN or too large; more than 1e8 rows
///     or columns; ``max_work`` out of range.
/// ValueError
///     Arrays of different length.
///
/// References
/// ----------
/// T. E. Fortmann, Y. Bar-Shalom, M. Scheffe, "Sonar tracking of multiple targets using joint
/// probabilistic data association" (1983). D. Musicki, R. Evans, "Joint integrated probabilistic data
/// association: JIPDA" (2004). P. Horridge, S. Maskell, "Real-time tracking of hundreds of targets
/// with efficient exact JPDAF implementation" (2006). O. J. Heilmann, E. H. Lieb, "Theory of
/// monomer-dimer systems" (1972): the bound. J. L. Williams, R. A. Lau, "Approximate evaluation of
/// marginal association probabilities with belief propagation" (2014).
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keywords of the Python function")]
#[pyo3(signature = (rows, columns, costs, *, row_count, column_count, miss_cost, max_work=MAX_WORK))]
pub fn joint_association(
    py: Python<'_>,
    rows: &Bound<'_, PyAny>,
    columns: &Bound<'_, PyAny>,
    costs: NumbersOf<'_, Ix1>,
    #[pyo3(from_py_with = whole_number::row_count)] row_count: usize,
    #[pyo3(from_py_with = whole_number::column_count)] column_count: usize,
    miss_cost: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = whole_number::max_work)] max_work: usize,
) -> PyResult<JointProbabilities> {
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
    let answer = py.detach(|| {
        let mut joint = JointAssociation::with_limit(max_work)?;
        let (problem, places) =
            JointProblem::from_edges([&rows, &columns], costs, &misses, column_count)?;
        joint.run(SimdLevel::detect(), &problem);
        let edge = places.iter().map(|&place| joint.edge[place as usize]).collect();
        Ok(JointProbabilities { edge, miss: joint.miss, counts: joint.counts })
    });
    answer.map_err(|error: qiki_core::error::Error| CoreError::from(error).into())
}
