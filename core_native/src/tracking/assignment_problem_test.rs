//! Problems from edges in any order, and what cannot be one.

use crate::tracking::assignment::{Solver, UNASSIGNED};
use crate::tracking::assignment_problem::{Edge, Problem, check_size};
use crate::tracking::dense_kalman::Draw;

const EDGES: [(u32, u32, f64); 6] =
    [(2, 1, 5.0), (0, 3, -1.0), (2, 0, 4.0), (0, 0, 2.5), (2, 3, 0.0), (3, 2, 1.0)];

fn problem() -> Problem {
    Problem::from_edges(&EDGES, 4, 4, vec![1.0, 2.0, f64::INFINITY, 3.0]).expect("edges")
}

/// What is said of edges and miss costs of three rows and two columns.
fn refusal(edges: &[(u32, u32, f64)], miss_cost: [f64; 3]) -> String {
    let made = Problem::from_edges(edges, 3, 2, miss_cost.to_vec());
    made.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn edges_stand_by_row_in_the_order_in_which_they_came() {
    let problem = problem();
    assert_eq!((problem.row_count(), problem.column_count), (4, 4));
    for row in 0..4 {
        let own = EDGES.iter().filter(|edge| edge.0 as usize == row);
        let expected: Vec<_> = own.map(|&(_, column, cost)| Edge { column, cost }).collect();
        assert_eq!(problem.row(row), expected);
        for (number, edge) in problem.numbered_row(row) {
            assert_eq!(problem.edges[number as usize], *edge);
        }
        assert_eq!(problem.numbered_row(row).count(), expected.len());
    }
}

#[test]
fn edges_and_costs_that_cannot_be_are_refused() {
    assert_eq!(refusal(&[(2, 1, -3.0), (0, 0, 1e300)], [f64::INFINITY, 0.0, -5.0]), "");
    for (index, wrong) in
        [(3, 0, 1.0), (0, 2, 1.0), (0, 0, f64::NAN), (1, 1, f64::INFINITY)].into_iter().enumerate()
    {
        let mut edges = vec![(0, 0, 1.0); index];
        edges.push(wrong);
        let (row, column, cost) = wrong;
        let said =
            format!("edge {index} is ({row}, {column}, {cost}), must be row below 3, column");
        assert!(refusal(&edges, [0.0; 3]).starts_with(&said), "{}", refusal(&edges, [0.0; 3]));
    }
    for wrong in [f64::NAN, f64::NEG_INFINITY] {
        let said = format!("miss_cost[1] is {wrong}, must be a number above -inf");
        assert!(refusal(&[], [0.0, wrong, 0.0]).starts_with(&said));
    }
}

#[test]
fn sizes_that_memory_does_not_hold_are_refused() {
    let most = 100_000_000;
    assert!(check_size(most, most).is_ok());
    let said = |rows, columns| check_size(rows, columns).expect_err("too large").to_string();
    assert!(said(most + 1, 0).starts_with("row_count is 100000001, must be at most 100000000"));
    assert!(said(0, most + 1).starts_with("column_count is 100000001, must be at most"));
}

#[test]
fn a_problem_is_perfect_where_every_row_and_column_is_taken() {
    let of = |columns, miss_cost: &[f64]| {
        let made = Problem::from_edges(&[], miss_cost.len(), columns, miss_cost.to_vec());
        made.expect("no edges").is_perfect()
    };
    assert!(of(2, &[f64::INFINITY; 2]) && of(0, &[]));
    assert!(!of(3, &[f64::INFINITY; 2]) && !of(1, &[f64::INFINITY; 2]));
    assert!(!of(2, &[f64::INFINITY, 1e9]) && !of(1, &[0.0]));
}

/// The least cost over all orders of the columns.
fn least(costs: &[Vec<f64>], row: usize, free: &mut Vec<usize>) -> f64 {
    if row == costs.len() {
        return 0.0;
    }
    let mut best = f64::INFINITY;
    for at in 0..free.len() {
        let column = free.remove(at);
        best = best.min(costs[row][column] + least(costs, row + 1, free));
        free.insert(at, column);
    }
    best
}

/// Whole costs of few values, so that rows compete, in problems of which each row must have a column,
/// some with more columns than rows.
#[test]
fn rows_that_must_have_a_column_get_the_cheapest_ones_together() {
    let (mut draw, mut solver) = (Draw::new(5), Solver::default());
    for number in 0..700_usize {
        let rows = 1 + number % 7;
        let columns = if number % 3 == 0 { rows.max(6) } else { rows };
        let wide = [3.0, 40.0][number % 2];
        let mut costs: Vec<Vec<f64>> = Vec::new();
        for _ in 0..rows {
            costs.push((0..columns).map(|_| (wide * draw.next()).round()).collect());
        }
        let edges: Vec<_> = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (row, column)))
            .map(|(row, column)| (row as u32, column as u32, costs[row][column]))
            .collect();
        let must = vec![f64::INFINITY; rows];
        let problem = Problem::from_edges(&edges, rows, columns, must).expect("edges");
        let answer = solver.solve(&problem).expect("columns enough").to_vec();
        let mut taken = vec![false; columns];
        let mut total = 0.0;
        for (row, &column) in answer.iter().enumerate() {
            assert_ne!(column, UNASSIGNED);
            assert!(!std::mem::replace(&mut taken[column as usize], true), "taken twice");
            total += costs[row][column as usize];
        }
        let expected = least(&costs, 0, &mut (0..columns).collect());
        assert_eq!(total, expected, "{costs:?}");
    }
}

/// The least cost of a problem of few columns: row by row, the cheapest way to take each set of them.
fn least_by_sets(problem: &Problem) -> f64 {
    let mut reached = vec![f64::INFINITY; 1 << problem.column_count];
    reached[0] = 0.0;
    for row in 0..problem.row_count() {
        let mut next: Vec<_> = reached.iter().map(|cost| cost + problem.miss_cost[row]).collect();
        for (set, cost) in reached.iter().enumerate() {
            for edge in problem.row(row).iter().filter(|edge| set & (1 << edge.column) == 0) {
                let with = &mut next[set | (1 << edge.column)];
                *with = with.min(cost + edge.cost);
            }
        }
        reached = next;
    }
    reached.into_iter().fold(f64::INFINITY, f64::min)
}

/// Rows that want the same columns in the same order, as in the costs i j of Machol and Wien (1976): the
/// reductions settle little, and most rows come to their columns over the paths of others.
#[test]
fn where_all_rows_want_the_same_columns_the_sum_is_still_the_least() {
    let (mut draw, mut solver) = (Draw::new(9), Solver::default());
    for number in 0..400_usize {
        let columns = 4 + number % 6;
        let must_take = number % 2 == 0;
        let rows = if must_take { columns } else { columns + number % 5 };
        let (noise, mut edges) = ([4.0, 30.0, 100.0][number % 3], Vec::new());
        for row in 0..rows {
            for column in 0..columns {
                let cost = ((row + 1) * (column + 1)) as f64 + (noise * draw.next()).round();
                if must_take || draw.next() < 0.6 {
                    edges.push((row as u32, column as u32, cost));
                }
            }
        }
        let miss = |row: usize| if must_take { f64::INFINITY } else { (4 * row + 20) as f64 };
        let problem = Problem::from_edges(&edges, rows, columns, (0..rows).map(miss).collect());
        let problem = problem.expect("edges");
        let answer = solver.solve(&problem).expect("columns enough");
        let mut taken = vec![false; columns];
        let costs = answer.iter().enumerate().map(|(row, &column)| {
            if column == UNASSIGNED {
                return problem.miss_cost[row];
            }
            assert!(!std::mem::replace(&mut taken[column as usize], true), "taken twice");
            problem.row(row).iter().find(|edge| edge.column == column).map_or(f64::NAN, |e| e.cost)
        });
        assert_eq!(costs.sum::<f64>(), least_by_sets(&problem), "{problem:?}");
    }
}

/// Ties among few small costs, where a potential moved the wrong way makes another row's column look
/// cheaper than its own.
#[test]
fn the_second_choice_of_a_row_does_not_make_its_column_dearer_to_others() {
    let cases: [([[u8; 4]; 4], f64); 3] = [
        ([[2, 1, 2, 1], [2, 1, 0, 2], [0, 2, 0, 0], [2, 2, 0, 2]], 2.0),
        ([[4, 4, 3, 2], [4, 2, 1, 5], [1, 1, 3, 2], [3, 5, 1, 1]], 6.0),
        ([[3, 5, 5, 3], [6, 5, 3, 1], [6, 8, 5, 3], [2, 6, 0, 2]], 11.0),
    ];
    for (costs, expected) in cases {
        let cells = (0..16).map(|cell| (cell / 4, cell % 4));
        let cost = |(row, column): (usize, usize)| f64::from(costs[row][column]);
        let edges: Vec<_> = cells.map(|at| (at.0 as u32, at.1 as u32, cost(at))).collect();
        let problem = Problem::from_edges(&edges, 4, 4, vec![f64::INFINITY; 4]).expect("edges");
        assert_eq!(least_by_sets(&problem), expected);
        let mut solver = Solver::default();
        let answer = solver.solve(&problem).expect("columns enough").iter().enumerate();
        let total: f64 = answer.map(|(row, &column)| cost((row, column as usize))).sum();
        assert_eq!(total, expected, "{costs:?}");
    }
}
