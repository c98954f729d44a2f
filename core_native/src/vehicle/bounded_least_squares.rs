//! Least squares with bounds: the x that minimises |A x - b|² with 0 ≤ x ≤ u.
//!
//! The active-set method BVLS: P. B. Stark and R. L. Parker, "Bounded-variable least-squares", Comput.
//! Statist. 10 (1995), 129, which is Lawson and Hanson's NNLS with upper bounds. All variables begin at
//! 0; the one whose bound costs most is freed, the free ones are solved for, and what would leave its
//! bounds is bound there. It works on the normal equations, H = AᵀA and g = Aᵀb, by Cholesky's method,
//! so H must be positive definite: the caller's A has a regularisation. Each round lowers the cost, so
//! no set of bound variables comes twice and the method ends; the rounds are limited all the same, and
//! what the answer lacks of the optimum is part of it.

use crate::vehicle::thruster::MAX_THRUSTERS as SIZE;

/// Most rounds; the tests need fewer than two for each variable.
const MAX_ROUNDS: usize = 10 * SIZE;
/// A slope below it, relative to the largest entry of g, is one of rounding.
const TOLERANCE: f64 = 1e-12;

/// A square matrix; the part that is used is that of the variables.
pub type Matrix = [[f64; SIZE]; SIZE];

/// An answer, with the proof of its optimality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution {
    /// The x; never outside its bounds.
    pub x: [f64; SIZE],
    /// Largest violation of the Karush-Kuhn-Tucker conditions: of g - H x = 0 for a variable between
    /// its bounds, ≤ 0 for one at 0, ≥ 0 for one at its upper bound. 0 but for rounding.
    pub kkt_violation: f64,
    /// Rounds that it took.
    pub rounds: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    Low,
    High,
    Free,
}

struct Problem<'a> {
    hessian: &'a Matrix,
    gradient: &'a [f64],
    upper: &'a [f64],
    x: [f64; SIZE],
    at: [At; SIZE],
}

/// Minimise x·H x / 2 - g·x within 0 ≤ x ≤ `upper`, for as many variables as `gradient` and `upper`
/// have; a variable whose upper bound is 0 stays 0.
pub fn minimise(hessian: &Matrix, gradient: &[f64], upper: &[f64]) -> Solution {
    let (x, at) = ([0.0; SIZE], [At::Low; SIZE]);
    let mut problem = Problem { hessian, gradient, upper, x, at };
    let scale = gradient.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
    let mut rounds = 0;
    while let Some(index) = problem.costliest_bound(scale * TOLERANCE) {
        if rounds == MAX_ROUNDS {
            break;
        }
        rounds += 1;
        problem.at[index] = At::Free;
        while problem.move_free() {}
    }
    Solution { x: problem.x, kkt_violation: problem.kkt_violation(), rounds }
}

impl Problem<'_> {
    /// How much the cost falls as x of `index` grows: an entry of g - H x.
    fn slope(&self, index: usize) -> f64 {
        let row = &self.hessian[index];
        let product: f64 = (0..self.gradient.len()).map(|k| row[k] * self.x[k]).sum();
        self.gradient[index] - product
    }

    /// What a variable's bound costs: positive where the cost falls towards the inside.
    fn cost_of_bound(&self, index: usize) -> f64 {
        match self.at[index] {
            At::Free => 0.0,
            At::Low if self.upper[index] <= 0.0 => 0.0,
            At::Low => self.slope(index),
            At::High => -self.slope(index),
        }
    }

    fn costliest_bound(&self, tolerance: f64) -> Option<usize> {
        let mut costliest = (tolerance, None);
        for index in 0..self.gradient.len() {
            let cost = self.cost_of_bound(index);
            if cost > costliest.0 {
                costliest = (cost, Some(index));
            }
        }
        costliest.1
    }

    /// Move the free variables to their optimum, or as far as the first bound on the way, and bind what
    /// has come there. Whether something was bound, so that the others have to be moved again.
    fn move_free(&mut self) -> bool {
        let target = self.free_optimum();
        let mut part = 1.0;
        let mut first = None;
        for index in 0..self.gradient.len() {
            let (from, to) = (self.x[index], target[index]);
            let bound = if to < 0.0 { 0.0 } else { self.upper[index] };
            if self.at[index] == At::Free && !(0.0..=self.upper[index]).contains(&to) {
                let reached = (bound - from) / (to - from);
                if first.is_none() || reached < part {
                    (part, first) = (reached, Some(index));
                }
            }
        }
        for index in 0..self.gradient.len() {
            let moved = self.x[index] + part * (target[index] - self.x[index]);
            self.x[index] = moved.clamp(0.0, self.upper[index]);
        }
        let Some(index) = first else { return false };
        (self.at[index], self.x[index]) =
            if target[index] < 0.0 { (At::Low, 0.0) } else { (At::High, self.upper[index]) };
        true
    }

    /// The x that is optimal where the bound variables stay what they are.
    fn free_optimum(&self) -> [f64; SIZE] {
        let (mut free, mut count) = ([0; SIZE], 0);
        for index in 0..self.gradient.len() {
            if self.at[index] == At::Free {
                free[count] = index;
                count += 1;
            }
        }
        let free = &free[..count];
        let mut factor = [[0.0; SIZE]; SIZE];
        let mut change = [0.0; SIZE];
        for (row, &index) in free.iter().enumerate() {
            for (column, &other) in free.iter().enumerate().take(row + 1) {
                factor[row][column] = self.hessian[index][other];
            }
            change[row] = self.slope(index);
        }
        solve(&mut factor, &mut change, count);
        let mut target = self.x;
        for (row, &index) in free.iter().enumerate() {
            target[index] += change[row];
        }
        target
    }

    fn kkt_violation(&self) -> f64 {
        let violation = |index: usize| match self.at[index] {
            At::Free => self.slope(index).abs(),
            At::Low | At::High => self.cost_of_bound(index).max(0.0),
        };
        (0..self.gradient.len()).map(violation).fold(0.0, f64::max)
    }
}

/// Solve M x = `vector` in place for the lower half of a positive definite M, which is overwritten with
/// its Cholesky factor.
fn solve(factor: &mut Matrix, vector: &mut [f64; SIZE], count: usize) {
    for row in 0..count {
        for column in 0..=row {
            let product: f64 = (0..column).map(|k| factor[row][k] * factor[column][k]).sum();
            let rest = factor[row][column] - product;
            factor[row][column] =
                if row == column { rest.sqrt() } else { rest / factor[column][column] };
        }
        let product: f64 = (0..row).map(|k| factor[row][k] * vector[k]).sum();
        vector[row] = (vector[row] - product) / factor[row][row];
    }
    for row in (0..count).rev() {
        let product: f64 = (row + 1..count).map(|k| factor[k][row] * vector[k]).sum();
        vector[row] = (vector[row] - product) / factor[row][row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in -1 to 1 by a linear congruential generator (D. E. Knuth, MMIX).
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        }
    }

    /// A problem of `count` variables and three rows, so that only the regularisation decides.
    fn random(numbers: &mut Numbers, count: usize) -> (Matrix, Vec<f64>, Vec<f64>) {
        let rows: Vec<Vec<f64>> =
            (0..3).map(|_| (0..count).map(|_| numbers.next()).collect()).collect();
        let wanted: Vec<f64> = (0..3).map(|_| 2.0 * numbers.next()).collect();
        let mut hessian = [[0.0; SIZE]; SIZE];
        for i in 0..count {
            for j in 0..count {
                hessian[i][j] = rows.iter().map(|row| row[i] * row[j]).sum();
            }
            hessian[i][i] += 1e-4;
        }
        let gradient = (0..count).map(|i| (0..3).map(|k| rows[k][i] * wanted[k]).sum()).collect();
        let upper = (0..count).map(|_| (numbers.next() + 0.5).max(0.0)).collect();
        (hessian, gradient, upper)
    }

    fn cost(hessian: &Matrix, gradient: &[f64], x: &[f64]) -> f64 {
        let count = gradient.len();
        let row = |i: usize| (0..count).map(|j| hessian[i][j] * x[j]).sum::<f64>();
        (0..count).map(|i| x[i] * (0.5 * row(i) - gradient[i])).sum()
    }

    /// The least cost over all choices of which variables are at which bound.
    fn least_cost(hessian: &Matrix, gradient: &[f64], upper: &[f64]) -> f64 {
        let count = gradient.len();
        let mut least = f64::INFINITY;
        for choice in 0..3_usize.pow(count as u32) {
            let mut problem =
                Problem { hessian, gradient, upper, x: [0.0; SIZE], at: [At::Low; SIZE] };
            let mut rest = choice;
            for index in 0..count {
                problem.at[index] = [At::Low, At::High, At::Free][rest % 3];
                problem.x[index] = if rest % 3 == 1 { upper[index] } else { 0.0 };
                rest /= 3;
            }
            let x = problem.free_optimum();
            if (0..count).all(|index| (-1e-12..=upper[index] + 1e-12).contains(&x[index])) {
                least = least.min(cost(hessian, gradient, &x));
            }
        }
        least
    }

    #[test]
    fn no_other_choice_of_bounds_costs_less() {
        let mut numbers = Numbers(1);
        for _ in 0..200 {
            let (hessian, gradient, upper) = random(&mut numbers, 6);
            let solution = minimise(&hessian, &gradient, &upper);
            let found = cost(&hessian, &gradient, &solution.x);
            let least = least_cost(&hessian, &gradient, &upper);
            assert!((found - least).abs() <= 1e-10, "{found} {least}");
        }
    }

    #[test]
    fn large_problems_end_early_and_hold_the_conditions() {
        let mut numbers = Numbers(2);
        let mut most = 0;
        for _ in 0..2000 {
            let (hessian, gradient, upper) = random(&mut numbers, SIZE);
            let solution = minimise(&hessian, &gradient, &upper);
            assert!(solution.kkt_violation < 1e-10, "{}", solution.kkt_violation);
            assert!((0..SIZE).all(|k| (0.0..=upper[k]).contains(&solution.x[k])));
            most = most.max(solution.rounds);
        }
        assert!(most < 2 * SIZE, "{most}");
    }

    #[test]
    fn without_room_or_want_all_is_zero() {
        let (hessian, gradient, _) = random(&mut Numbers(3), 8);
        assert_eq!(minimise(&hessian, &gradient, &[0.0; 8]).x, [0.0; SIZE]);
        let solution = minimise(&hessian, &[0.0; 8], &[1.0; 8]);
        assert_eq!((solution.x, solution.rounds), ([0.0; SIZE], 0));
    }
}
