//! Triangular factors of small symmetric matrices, and whether such a matrix is a covariance.

/// L and D of a matrix that is L D Lᵀ with a unit lower triangular L; zeros beyond its own rows.
#[derive(Clone, Copy, Debug)]
pub struct TriangularFactors<const N: usize> {
    /// L below its diagonal of ones.
    pub lower: [[f64; N]; N],
    /// D: what each row leaves unexplained of its variance.
    pub pivots: [f64; N],
}

/// A row whose pivot was not accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadPivot {
    /// The row.
    pub row: usize,
    /// Its pivot.
    pub pivot: f64,
}

impl<const N: usize> TriangularFactors<N> {
    /// Those of the first `n` rows of a symmetric matrix (Golub and Van Loan 2013, "Matrix
    /// Computations", algorithm 4.1.2), of which elements in the lower triangle are asked for.
    ///
    /// # Errors
    /// The first row whose pivot is not one that `accepts`. What depends on nothing, an accepted pivot
    /// of zero, enters no other row.
    #[inline(always)]
    pub fn of(
        n: usize,
        element: impl Fn(usize, usize) -> f64,
        accepts: impl Fn(usize, f64) -> bool,
    ) -> Result<Self, BadPivot> {
        let (mut lower, mut pivots) = ([[0.0; N]; N], [0.0; N]);
        for i in 0..n {
            for j in 0..=i {
                let mut rest: f64 = element(i, j);
                for k in 0..j {
                    rest -= lower[i][k] * pivots[k] * lower[j][k];
                }
                if j == i {
                    pivots[i] = rest;
                } else if pivots[j] != 0.0 {
                    lower[i][j] = rest / pivots[j];
                }
            }
            if !accepts(i, pivots[i]) {
                return Err(BadPivot { row: i, pivot: pivots[i] });
            }
        }
        Ok(Self { lower, pivots })
    }
}

/// Why the first `n` rows of a symmetric matrix are not positive semidefinite, but for rounding: with
/// its variances larger by the share `rounding` it must be positive definite. A variance of zero is that
/// of a number known without error.
#[inline(always)]
pub fn indefinite<const N: usize>(
    n: usize,
    element: impl Fn(usize, usize) -> f64,
    rounding: f64,
) -> Option<BadPivot> {
    let widened = |i: usize, j: usize| match i == j {
        true => element(i, j) * (1.0 + rounding),
        false => element(i, j),
    };
    let known = |row: usize| element(row, row) == 0.0 && (0..n).all(|j| element(row, j) == 0.0);
    let accepts = |row: usize, pivot: f64| pivot > 0.0 && pivot < f64::INFINITY || known(row);
    TriangularFactors::<N>::of(n, widened, accepts).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, uniform};

    /// A Aᵀ of a matrix of `columns` columns, whose rows differ a million times in size.
    fn product(seed: u64, columns: usize) -> [[f64; 6]; 6] {
        let stream = Stream::new(seed, &[0; 16], Purpose::ClutterPlace);
        let number = |i: usize, k: usize| {
            let [word, ..] = stream.words((6 * i + k) as u64, 0);
            (2.0 * uniform(u64::from(word)) - 1.0) * [1e-3, 1e-2, 0.1, 1.0, 50.0, 1e3][i]
        };
        std::array::from_fn(|i| {
            std::array::from_fn(|j| (0..columns).map(|k| number(i, k) * number(j, k)).sum())
        })
    }

    #[test]
    fn the_factors_multiply_to_the_matrix() {
        for seed in 0..100 {
            let a = product(seed, 6);
            let found = TriangularFactors::<6>::of(6, |i, j| a[i][j], |_, pivot| pivot > 0.0);
            let mut factors = found.expect("positive definite");
            (0..6).for_each(|i| factors.lower[i][i] = 1.0);
            for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
                let TriangularFactors { lower, pivots } = &factors;
                let sum: f64 = (0..6).map(|k| lower[i][k] * pivots[k] * lower[j][k]).sum();
                let size = (a[i][i] * a[j][j]).sqrt();
                assert!((sum - a[i][j]).abs() < 1e-14 * size, "{seed} {i} {j}");
            }
        }
    }

    #[test]
    fn a_square_of_any_rank_is_semidefinite() {
        for (seed, columns) in (0..100).flat_map(|seed| (0..6).map(move |columns| (seed, columns)))
        {
            let a = product(seed, columns);
            assert_eq!(indefinite::<6>(6, |i, j| a[i][j], 1e-9), None, "{seed} {columns}");
        }
    }

    /// Equal correlations of n numbers are possible from -1 / (n - 1) on.
    #[test]
    fn the_least_possible_correlation_is_the_border() {
        for n in 2..=6 {
            let least = -1.0 / (n - 1) as f64;
            let bad = |correlation: f64| {
                let std = |i: usize| [1e-3, 2.0, 30.0, 0.5, 1e6, 7.0][i];
                let element =
                    |i: usize, j: usize| std(i) * std(j) * if i == j { 1.0 } else { correlation };
                indefinite::<6>(n, element, 1e-9).map(|bad| bad.row)
            };
            assert_eq!((bad(0.99 * least), bad(least)), (None, None), "{n}");
            assert_eq!(bad(least * (1.0 + 1e-8)), Some(n - 1));
        }
    }

    #[test]
    fn what_is_known_without_error_depends_on_nothing() {
        let bad = |a: [[f64; 2]; 2]| indefinite::<2>(2, |i, j| a[i][j], 1e-9).map(|bad| bad.row);
        assert_eq!(bad([[0.0, 0.0], [0.0, 1.0]]), None);
        assert_eq!(bad([[0.0; 2]; 2]), None);
        for a in [
            [[0.0, 0.1], [0.1, 1.0]],
            [[-1.0, 0.0], [0.0, 1.0]],
            [[f64::NAN, 0.0], [0.0, 1.0]],
            [[f64::INFINITY, 0.0], [0.0, 1.0]],
        ] {
            assert_eq!(bad(a), Some(0), "{a:?}");
        }
        assert_eq!(bad([[1.0, f64::NAN], [f64::NAN, 1.0]]), Some(1));
    }
}
