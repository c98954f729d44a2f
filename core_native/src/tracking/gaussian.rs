//! The state of one track, a Gaussian over position and velocity and, for some motion models, what
//! they add; and the motion of position and velocity alone in time.

/// Dimension of the state: x, y, z \[m\], then vx, vy, vz \[m/s\].
pub const STATE: usize = 6;
/// Numbers in the upper triangle of the covariance.
pub const TRIANGLE: usize = STATE * (STATE + 1) / 2;

/// Mean and covariance of `D` numbers: position, velocity, then what the motion model adds. `T` is
/// the number of elements in the covariance's triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian<const D: usize = STATE, const T: usize = TRIANGLE> {
    /// Mean: position \[m\], velocity \[m/s\] and the rest.
    pub mean: [f64; D],
    /// Upper triangle of the covariance, row by row; see [`at_in`].
    pub covariance: [f64; T],
}

/// Place of the element (i, j) in the stored triangle of a symmetric `D` x `D` matrix.
#[inline(always)]
pub const fn at_in<const D: usize>(i: usize, j: usize) -> usize {
    triangle_place(D, i, j)
}

/// The same of a matrix of `size` rows.
#[inline(always)]
pub const fn triangle_place(size: usize, i: usize, j: usize) -> usize {
    let (row, column) = if i <= j { (i, j) } else { (j, i) };
    row * (2 * size - 1 - row) / 2 + column
}

/// Place of the element (i, j) in the stored triangle of a state of position and velocity.
#[inline(always)]
pub const fn at(i: usize, j: usize) -> usize {
    at_in::<STATE>(i, j)
}

impl<const D: usize, const T: usize> Gaussian<D, T> {
    /// Holds where a state of `D` numbers has position and velocity and a triangle of `T`.
    const SHAPE: () = assert!(D >= STATE && T == D * (D + 1) / 2);

    /// Mean zero, covariance zero.
    #[inline(always)]
    pub const fn zero() -> Self {
        const { Self::SHAPE };
        Self { mean: [0.0; D], covariance: [0.0; T] }
    }
}

impl Gaussian {
    /// Mean zero, covariance zero.
    pub const ZERO: Self = Self::zero();

    /// Diagonal of the position covariance \[m²\].
    pub const fn position_variance(&self) -> [f64; 3] {
        [self.covariance[at(0, 0)], self.covariance[at(1, 1)], self.covariance[at(2, 2)]]
    }

    /// Whether any axis tells of another: a covariance between two axes is not a positive zero.
    #[inline(always)]
    pub fn couples_axes(&self) -> bool {
        let mut bits = 0;
        for i in 0..STATE {
            for j in (i + 1..STATE).filter(|j| j % 3 != i % 3) {
                bits |= self.covariance[at(i, j)].to_bits();
            }
        }
        bits != 0
    }
}

/// F P Fᵀ of a covariance P by a linear map F, given by what it makes of a vector.
#[inline(always)]
pub fn transformed<const D: usize, const T: usize>(
    covariance: &[f64; T],
    map: impl Fn(&[f64; D]) -> [f64; D],
) -> [f64; T] {
    let mut rows = [[0.0; D]; D]; // row i is F p, p the i-th column of P
    let mut i = 0;
    while i < D {
        let mut column = [0.0; D];
        let mut j = 0;
        while j < D {
            column[j] = covariance[at_in::<D>(i, j)];
            j += 1;
        }
        rows[i] = map(&column);
        i += 1;
    }
    let mut product = [0.0; T];
    let mut j = 0;
    while j < D {
        let mut column = [0.0; D];
        i = 0;
        while i < D {
            column[i] = rows[i][j];
            i += 1;
        }
        let mapped = map(&column);
        i = 0;
        while i <= j {
            product[at_in::<D>(i, j)] = mapped[i];
            i += 1;
        }
        j += 1;
    }
    product
}

/// The state `dt_s` later: constant velocity driven by continuous white noise acceleration of
/// spectral density `noise_m2_s3` per axis (Bar-Shalom, Li, Kirubarajan 2001, eq. 6.2.2-12).
/// Predicting in two steps or in one gives the same state, so a coasting track keeps the state of
/// its last update. A negative `dt_s` looks back: the noise between enters all the same.
#[inline(always)]
pub fn predict(state: &Gaussian, dt_s: f64, noise_m2_s3: [f64; 3]) -> Gaussian {
    let (m, p) = (&state.mean, &state.covariance);
    let mut next = *state;
    let (dt2, sign) = (dt_s * dt_s, 1.0_f64.copysign(dt_s));
    let mut a = 0;
    while a < 3 {
        next.mean[a] = m[a] + dt_s * m[a + 3];
        let mut b = 0;
        while b < 3 {
            if b >= a {
                next.covariance[at(a, b)] = p[at(a, b)]
                    + dt_s * (p[at(a, b + 3)] + p[at(b, a + 3)])
                    + dt2 * p[at(a + 3, b + 3)];
            }
            next.covariance[at(a, b + 3)] = p[at(a, b + 3)] + dt_s * p[at(a + 3, b + 3)];
            b += 1;
        }
        let noise = noise_m2_s3[a] * sign;
        next.covariance[at(a, a)] += noise * (dt2 * dt_s * (1.0 / 3.0));
        next.covariance[at(a, a + 3)] += noise * (dt2 * 0.5);
        next.covariance[at(a + 3, a + 3)] += noise * dt_s;
        a += 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Gaussian {
        let mut state = Gaussian::ZERO;
        for i in 0..STATE {
            state.mean[i] = 3.0 - i as f64;
            for j in i..STATE {
                state.covariance[at(i, j)] = 1.0 / (1.0 + i as f64 + j as f64);
            }
            state.covariance[at(i, i)] += 2.0;
        }
        state
    }

    #[test]
    fn the_triangle_is_dense() {
        let mut seen = [false; TRIANGLE];
        for i in 0..STATE {
            for j in i..STATE {
                seen[at(i, j)] = true;
                assert_eq!(at(i, j), at(j, i));
            }
        }
        assert!(seen.iter().all(|&cell| cell));
    }

    #[test]
    fn the_variances_of_position_are_those_of_its_axes() {
        // 1 / (1 + 2 i) on the diagonal, and 2.
        assert_eq!(sample().position_variance(), [3.0, 1.0 / 3.0 + 2.0, 0.2 + 2.0]);
    }

    #[test]
    fn one_covariance_between_two_axes_couples_them() {
        for i in 0..STATE {
            for j in i..STATE {
                for value in [1e-300, -3.0, -0.0, f64::NAN] {
                    let mut state = Gaussian::ZERO;
                    assert!(!state.couples_axes());
                    state.covariance[at(i, j)] = value;
                    assert_eq!(state.couples_axes(), i % 3 != j % 3, "{i} {j} {value}");
                }
            }
        }
    }

    #[test]
    fn predicting_zero_time_changes_nothing() {
        assert_eq!(predict(&sample(), 0.0, [1.0, 2.0, 3.0]), sample());
    }

    #[test]
    fn predicting_in_two_steps_is_predicting_in_one() {
        let noise = [0.7, 0.7, 0.1];
        let once = predict(&sample(), 3.5, noise);
        let twice = predict(&predict(&sample(), 1.25, noise), 2.25, noise);
        for (a, b) in once.covariance.iter().zip(&twice.covariance) {
            assert!((a - b).abs() <= 1e-13 * a.abs(), "{a} {b}");
        }
    }
}
