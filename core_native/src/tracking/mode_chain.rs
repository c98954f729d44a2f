//! Which motion model holds, as a Markov chain in continuous time.
//!
//! A model holds for an exponential time with its mean sojourn time τ and is then followed by any
//! of the others alike. The probabilities of transition within a time t are exp(Λt), Λ being the
//! generator (Norris 1997, "Markov Chains", theorem 2.1.1), so two short steps are one long one.

use crate::numeric::{exp, max};
use crate::simd::LANES;

/// Most models of a bank.
pub const MAX_MODELS: usize = 4;

/// One number for each model and lane.
pub type ModeLanes = [[f64; LANES]; MAX_MODELS];

type Matrix = [[f64; MAX_MODELS]; MAX_MODELS];

/// The chain, as the sum of the decays that its transition probabilities are made of.
#[derive(Clone, Copy, Debug)]
pub struct ModeChain {
    count: usize,
    /// Rate of each decay \[1/s\], the first 0.
    rates_per_s: [f64; MAX_MODELS],
    /// Weight of each decay in each transition.
    weights: [Matrix; MAX_MODELS],
}

/// Probabilities of the models of eight tracks at a later time.
pub struct Transition {
    /// Of each model.
    pub ahead: ModeLanes,
    /// `of[j][i]`: that model i held before, given that j holds then.
    pub of: [ModeLanes; MAX_MODELS],
}

impl ModeChain {
    /// The chain of one to four models.
    ///
    /// It is reversible with stationary probabilities proportional to τ, so Λ becomes symmetric by
    /// their roots and has real eigenvalues.
    pub fn new(mean_sojourns_s: &[f64]) -> Self {
        let count = mean_sojourns_s.len();
        let mut chain = Self {
            count,
            rates_per_s: [0.0; MAX_MODELS],
            weights: [[[0.0; MAX_MODELS]; MAX_MODELS]; MAX_MODELS],
        };
        let mut symmetric = [[0.0; MAX_MODELS]; MAX_MODELS];
        for i in 0..count {
            for j in 0..count {
                let tau2 = mean_sojourns_s[i] * mean_sojourns_s[j];
                let others = (count as f64 - 1.0).max(1.0);
                symmetric[i][j] = if i == j { -1.0 } else { 1.0 / others } / tau2.sqrt();
            }
        }
        let vectors = diagonalise(&mut symmetric, count);
        let rate = |k: &usize| -symmetric[*k][*k];
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
        for (place, k) in order.into_iter().enumerate() {
            chain.rates_per_s[place] = rate(&k);
            for i in 0..count {
                for j in 0..count {
                    let scale = (mean_sojourns_s[j] / mean_sojourns_s[i]).sqrt();
                    chain.weights[place][i][j] = scale * vectors[i][k] * vectors[j][k];
                }
            }
        }
        // What does not decay is known exactly.
        let sum: f64 = mean_sojourns_s.iter().sum();
        chain.rates_per_s[0] = 0.0;
        (0..count).for_each(|i| {
            (0..count).for_each(|j| chain.weights[0][i][j] = mean_sojourns_s[j] / sum)
        });
        chain
    }

    /// What `known` probabilities are after `until_s`; those before are the same as now, for what the
    /// chain may have been is not asked.
    #[inline(always)]
    pub fn after(&self, known: &ModeLanes, until_s: &[f64; LANES]) -> Transition {
        let mut decay = [[1.0; LANES]; MAX_MODELS];
        for k in 1..self.count {
            for lane in 0..LANES {
                decay[k][lane] = exp(-self.rates_per_s[k] * max(until_s[lane], 0.0));
            }
        }
        let zero = [[0.0; LANES]; MAX_MODELS];
        let mut found = Transition { ahead: zero, of: [zero; MAX_MODELS] };
        for j in 0..self.count {
            for i in 0..self.count {
                let mut chance = [0.0; LANES];
                for k in 0..self.count {
                    for lane in 0..LANES {
                        chance[lane] += self.weights[k][i][j] * decay[k][lane];
                    }
                }
                for lane in 0..LANES {
                    // Rounding may leave less than nothing of a transition in no time.
                    found.of[j][i][lane] = max(chance[lane], 0.0) * known[i][lane];
                    found.ahead[j][lane] += found.of[j][i][lane];
                }
            }
            for i in 0..self.count {
                for lane in 0..LANES {
                    found.of[j][i][lane] /= found.ahead[j][lane];
                }
            }
        }
        found
    }
}

/// Make a symmetric matrix diagonal by Jacobi's rotations and return its eigenvectors as columns
/// (Golub and Van Loan 2013, "Matrix Computations", algorithm 8.5.1 and section 8.5.3).
fn diagonalise(matrix: &mut Matrix, count: usize) -> Matrix {
    let mut vectors = [[0.0; MAX_MODELS]; MAX_MODELS];
    (0..count).for_each(|i| vectors[i][i] = 1.0);
    // It converges quadratically: four sweeps reach rounding, the rest change nothing.
    for _ in 0..12 {
        for p in 0..count {
            for q in p + 1..count {
                if matrix[p][q] == 0.0 {
                    continue;
                }
                let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                let tangent =
                    1.0_f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cos = 1.0 / (tangent * tangent + 1.0).sqrt();
                rotate(matrix, &mut vectors, [p, q], cos, cos * tangent, count);
            }
        }
    }
    vectors
}

fn rotate(
    matrix: &mut Matrix,
    vectors: &mut Matrix,
    [p, q]: [usize; 2],
    cos: f64,
    sin: f64,
    count: usize,
) {
    let turned = |a: f64, b: f64| (cos * a - sin * b, sin * a + cos * b);
    for row in matrix.iter_mut().take(count) {
        (row[p], row[q]) = turned(row[p], row[q]);
    }
    for k in 0..count {
        (matrix[p][k], matrix[q][k]) = turned(matrix[p][k], matrix[q][k]);
    }
    for row in vectors.iter_mut().take(count) {
        (row[p], row[q]) = turned(row[p], row[q]);
    }
    (matrix[p][q], matrix[q][p]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOJOURNS_S: [f64; 4] = [60.0, 10.0, 3.0, 0.5];

    /// Transition probabilities after a time: row i from a track that is known to be in model i.
    fn transitions(chain: &ModeChain, dt_s: f64) -> Matrix {
        let mut known = [[0.0; LANES]; MAX_MODELS];
        (0..MAX_MODELS).for_each(|i| known[i][i] = 1.0);
        let found = chain.after(&known, &[dt_s; LANES]);
        let mut rows = [[0.0; MAX_MODELS]; MAX_MODELS];
        (0..MAX_MODELS).for_each(|i| (0..MAX_MODELS).for_each(|j| rows[i][j] = found.ahead[j][i]));
        rows
    }

    /// exp(Λt) by its series, the step halved until it converges at once and squared back.
    fn exponential(sojourns_s: &[f64], dt_s: f64) -> Matrix {
        let count = sojourns_s.len();
        let product = |a: &Matrix, b: &Matrix| {
            let mut c = [[0.0; MAX_MODELS]; MAX_MODELS];
            for i in 0..count {
                for j in 0..count {
                    c[i][j] = (0..count).map(|k| a[i][k] * b[k][j]).sum();
                }
            }
            c
        };
        let small_s = dt_s / f64::from(1_u32 << 20);
        let mut generator = [[0.0; MAX_MODELS]; MAX_MODELS];
        for i in 0..count {
            for j in 0..count {
                let share = if i == j { -1.0 } else { 1.0 / (count as f64 - 1.0) };
                generator[i][j] = share * small_s / sojourns_s[i];
            }
        }
        let (mut sum, mut term) = ([[0.0; MAX_MODELS]; MAX_MODELS], generator);
        for order in 2..8 {
            (0..count).for_each(|i| (0..count).for_each(|j| sum[i][j] += term[i][j]));
            term = product(&term, &generator);
            term.iter_mut().flatten().for_each(|number| *number /= f64::from(order));
        }
        // (I + S)² = I + (2S + S²) keeps what I + S would round away.
        for _ in 0..20 {
            let square = product(&sum, &sum);
            (0..count)
                .for_each(|i| (0..count).for_each(|j| sum[i][j] = 2.0 * sum[i][j] + square[i][j]));
        }
        (0..count).for_each(|i| sum[i][i] += 1.0);
        sum
    }

    #[test]
    fn the_transitions_are_the_exponential_of_the_generator() {
        for count in 2..=MAX_MODELS {
            let sojourns_s = &SOJOURNS_S[..count];
            for dt_s in [1e-3, 0.1, 1.0, 7.0, 100.0] {
                let found = transitions(&ModeChain::new(sojourns_s), dt_s);
                let expected = exponential(sojourns_s, dt_s);
                for i in 0..count {
                    for j in 0..count {
                        let error = (found[i][j] - expected[i][j]).abs();
                        assert!(error < 1e-13, "{count} {dt_s} {i} {j}: {error}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_steps_are_one() {
        let chain = ModeChain::new(&SOJOURNS_S);
        let mut known = [[0.0; LANES]; MAX_MODELS];
        for (i, row) in known.iter_mut().enumerate() {
            *row = [[0.4, 0.3, 0.2, 0.1][i]; LANES];
        }
        let first: [f64; LANES] = std::array::from_fn(|lane| 0.25 * lane as f64);
        let second = first.map(|dt_s| 2.0 - dt_s);
        let twice = chain.after(&chain.after(&known, &first).ahead, &second).ahead;
        let once = chain.after(&known, &[2.0; LANES]).ahead;
        for (a, b) in once.iter().flatten().zip(twice.iter().flatten()) {
            assert!((a - b).abs() < 1e-15, "{a} {b}");
        }
    }

    #[test]
    fn in_no_time_nothing_changes_and_in_the_end_the_start_is_forgotten() {
        let chain = ModeChain::new(&SOJOURNS_S);
        let (none, ever) = (transitions(&chain, 0.0), transitions(&chain, 1e5));
        let sum: f64 = SOJOURNS_S.iter().sum();
        for i in 0..MAX_MODELS {
            for j in 0..MAX_MODELS {
                assert!((none[i][j] - f64::from(u8::from(i == j))).abs() < 1e-15);
                assert!((ever[i][j] - SOJOURNS_S[j] / sum).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn a_single_model_always_holds() {
        let known = [[1.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]];
        let found = ModeChain::new(&[5.0]).after(&known, &[3.0; LANES]);
        assert_eq!((found.ahead[0], found.of[0][0]), ([1.0; LANES], [1.0; LANES]));
    }
}
